package rules

import (
	"fmt"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// day is 24 hours: the service counts in those.
const day = 24 * time.Hour

func mailboxLicenseMissing(q Params) *Rule {
	graceDays := q.LicenseGraceDays
	missing := fmt.Sprintf("It has no license for Exchange Online, which it needs within %d days.", graceDays)
	return &Rule{
		Name: "mailbox-license-missing",
		Doc: fmt.Sprintf("A user needs a license for Exchange Online within %d days. Shared mailboxes, rooms and equipment need none. "+
			"It is a task as long as there is time, and a blocker when the days are over.", graceDays),
		Why: "The mailbox in the cloud is disabled when the grace period ends, and deleted by one field report.",
		URL: urlPerform,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, lines 136 and 411",
			docs365 + "use-powershell-to-perform-a-staged-migration-to-microsoft-365.md",
			"x500.co.uk, Exchange 2007 to Exchange Online staged migration, 2018-04-24",
		},
		Doubt: "Sources disagree on when the days begin: when synchronization creates the user, or with the initial copy, or without " +
			"saying so. The earliest counts here. They disagree as well on whether the mailbox is then disabled or deleted.",
		Severity: Blocker,
		Phase:    After,
		Remedy: "Set UsageLocation of the user and assign a license before the days are over: right after synchronization has created " +
			"the user is safe by every source.",
		Organization: func(p *Pass) {
			org := p.Organization()
			p.findOutAbout("Whether a license for Exchange Online is assigned", "add a column IsLicensed to the export of mailboxes, or give licensed true for the organization if every user has one",
				func(m *inventory.Mailbox) bool {
					return mayHaveUser(m) && m.Licensed.Or(org.Licensed) == inventory.Unknown
				})
		},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			if mayHaveUser(m) && m.Licensed.Or(p.Organization().Licensed) == inventory.No {
				p.Report(Finding{Severity: Task, Message: missing})
			}
		},
		Status: func(p *Pass, s *inventory.Status) {
			checkGrace(p, s, graceDays)
		},
	}
}

// checkGrace reports the users without a license whose days are over, and how many
// there are of whom that is not known.
func checkGrace(p *Pass, s *inventory.Status, graceDays int) {
	over := func(u *inventory.MigrationUser) inventory.Fact {
		if s.At.IsZero() || u.CloudSince.IsZero() {
			return inventory.Unknown
		}
		return inventory.FactOf(s.At.Sub(u.CloudSince) >= time.Duration(graceDays)*day)
	}
	licensed := func(u *inventory.MigrationUser) inventory.Fact {
		m, ok := p.Inventory.Lookup(u.Address)
		switch {
		case !ok:
			return p.Organization().Licensed
		case !mayHaveUser(m):
			return inventory.Yes // as good as
		}
		return m.Licensed.Or(p.Organization().Licensed)
	}
	for i := range s.Users {
		if u := &s.Users[i]; licensed(u) == inventory.No && over(u) == inventory.Yes {
			p.reportUser(u, Finding{Message: fmt.Sprintf("Its user came into the tenant %s and has no license; the %d days without one are over.",
				daysAgo(s.At, u.CloudSince), graceDays)})
		}
	}
	p.findOutUsers(s, "have no license although the days without one are over", "give cloudSince, the time of the report, and IsLicensed with the mailboxes",
		func(u *inventory.MigrationUser) bool {
			return min(licensed(u), over(u)) == inventory.Unknown && licensed(u) != inventory.Yes && over(u) != inventory.No
		})
}

// daysAgo is how long before at something was, in whole days.
func daysAgo(at, then time.Time) string {
	return counted(at.Sub(then)/day, "day") + " ago"
}
