package rules

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// reportUser reports a finding about the mailbox of a user of a batch.
func (p *Pass) reportUser(u *inventory.MigrationUser, f Finding) {
	f.Scope, f.Subject, f.Source = ScopeMailbox, string(u.Address), u.Source
	p.Report(f)
}

// batchUsers are the users of a batch for whom something holds. One finding for them
// all says as much as one for each: there may be 50,000.
type batchUsers struct {
	batch string // "" if unknown
	first inventory.Address
	count int64
}

// String counts the users and names the first, as in "3 users, such as a@x.com".
func (b *batchUsers) String() string {
	if b.count == 1 {
		return "1 user, " + string(b.first)
	}
	return fmt.Sprintf("%s users, such as %s", grouped(b.count), b.first)
}

// usersByBatch groups the users for whom something holds by their batches, whose names
// differ without regard to case, in the order of the first of each.
func usersByBatch(s *inventory.Status, holds func(*inventory.MigrationUser) bool) []batchUsers {
	var groups []batchUsers
	at := make(map[string]int)
	for i := range s.Users {
		u := &s.Users[i]
		if !holds(u) {
			continue
		}
		key := strings.ToLower(u.Batch)
		g, ok := at[key]
		if !ok {
			g = len(groups)
			at[key] = g
			groups = append(groups, batchUsers{batch: u.Batch, first: u.Address})
		}
		groups[g].count++
	}
	return groups
}

// reportBatch reports a finding about a batch; about the plan if its name is unknown.
func (p *Pass) reportBatch(name string, f Finding) {
	f.Scope, f.Subject = ScopeBatch, name
	if name == "" {
		f.Scope = ScopePlan
	}
	p.Report(f)
}

// findOutUsers reports, as findOut does, that of some users of a batch nobody knows
// whether they are or have something: one task for each batch.
func (p *Pass) findOutUsers(s *inventory.Status, question, settle string, unknown func(*inventory.MigrationUser) bool) {
	for _, g := range usersByBatch(s, unknown) {
		p.reportBatch(g.batch, Finding{Severity: Task, Unverified: true,
			Message: fmt.Sprintf("Whether some of its users %s is not known for %s; %s.", question, &g, settle)})
	}
}

// inCloud says whether the tenant has the mailbox of a user: by the status, or else by
// the inventory.
func inCloud(p *Pass, u *inventory.MigrationUser) inventory.Fact {
	if u.CloudMailbox != inventory.Unknown {
		return u.CloudMailbox
	}
	if m, ok := p.Inventory.Lookup(u.Address); ok && m.Cloud != inventory.CloudUnknown {
		return inventory.FactOf(m.Cloud == inventory.CloudMailbox)
	}
	return inventory.Unknown
}
