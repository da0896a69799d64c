package batch

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// VerifyRepack checks from the inventory, the options and the previous plan alone that r is
// what [Repack] with the same arguments promises: frozen batches as they were, and nobody
// whom they have moved in another one; every other mailbox once, in a batch or held; no
// limit exceeded; groups together; waves apart and in order; the hubs those that the
// options make them; previous names in their order, and new ones behind with higher
// numbers; mailboxes in migration order; who moved, was added and is gone; the split and
// the waiting grants exactly those that there are, and their weight; both lower bounds
// right. Options that Repack refuses make nothing right. It shares no code with Repack.
//
// It reports all violations as [Verify] does. It does not ask whether a plan exists that
// changes less, nor what a fresh plan would be.
func VerifyRepack(r *Repacking, inv *inventory.Inventory, previous *Previous, opts *Options) error {
	if r == nil || r.Packing == nil || inv == nil {
		return errors.New("batch: nothing to verify")
	}
	if previous == nil {
		previous = &Previous{}
	}
	v := &verifier{
		p: r.Packing, inv: inv, in: make(map[inventory.Address]int), isPlanned: make(map[inventory.Address]bool),
		waves: make(map[inventory.Address]string), previous: lookUp(previous, inv),
	}
	if opts != nil {
		v.opts = *opts
	}
	if r.Packing.Inventory != inv {
		v.fail("the packing is of another inventory")
	}
	if v.opts.Apart != nil || v.opts.Pin != nil {
		v.fail("Repack refuses Options.Apart and Options.Pin")
	}
	v.checkLimits()
	v.checkFrozen(r)
	if v.checkOptions() && v.checkMembership() {
		v.checkContents()
		v.checkNames()
		v.checkWaves()
		v.checkTogether()
		v.checkHubs()
		v.checkComponents()
		v.checkSplit()
		v.checkSplitBound()
		v.checkChanges(r)
		v.checkWaiting(r)
	}
	if v.count > maxViolations {
		v.errs = append(v.errs, fmt.Errorf("batch: and %d more violations", v.count-maxViolations))
	}
	return errors.Join(v.errs...)
}

// lookedUp is a previous plan by who is where in it now. A nil one is of nothing.
type lookedUp struct {
	plan  *Previous
	names map[inventory.Address]bool    // all that it names
	now   map[*inventory.Mailbox]string // the batch that is not frozen
	moved map[*inventory.Mailbox]string // the frozen batch, unless the mailbox failed
	gone  []inventory.Address           // what batches that are not frozen name and no mailbox has
}

func lookUp(p *Previous, inv *inventory.Inventory) *lookedUp {
	l := &lookedUp{plan: p, names: make(map[inventory.Address]bool), now: make(map[*inventory.Mailbox]string), moved: make(map[*inventory.Mailbox]string)}
	// Primary addresses come before aliases, and batches that are not frozen before others.
	for _, want := range []struct{ primary, frozen bool }{{true, false}, {true, true}, {false, false}, {false, true}} {
		for _, b := range p.Batches {
			for _, a := range b.Mailboxes {
				l.names[a] = true
				m, ok := inv.Lookup(a)
				if b.Frozen != want.frozen || ok && (m.Address == a) != want.primary {
					continue
				}
				switch {
				case !ok && want.primary && !b.Frozen:
					l.gone = append(l.gone, a)
				case !ok || l.now[m] != "" || l.moved[m] != "":
				case b.Frozen:
					l.moved[m] = b.Name
				default:
					l.now[m] = b.Name
				}
			}
		}
	}
	for _, a := range p.Failed {
		if m, ok := inv.Lookup(a); ok {
			delete(l.moved, m)
		}
	}
	sort.Slice(l.gone, func(i, j int) bool { return l.gone[i] < l.gone[j] })
	return l
}

func (l *lookedUp) hasMoved(m *inventory.Mailbox) bool { return l != nil && l.moved[m] != "" }

func (l *lookedUp) knows(a inventory.Address) bool { return l != nil && l.names[a] }

// checkFrozen checks that what is frozen is as it was.
func (v *verifier) checkFrozen(r *Repacking) {
	var want []PreviousBatch
	for _, b := range v.previous.plan.Batches {
		if b.Frozen {
			want = append(want, b)
		}
	}
	if len(want) != len(r.Frozen) {
		v.fail("%d batches are given as frozen, not %d", len(r.Frozen), len(want))
		return
	}
	for i, b := range r.Frozen {
		if b.Name != want[i].Name || b.Wave != want[i].Wave || !b.Frozen || !slices.Equal(b.Mailboxes, want[i].Mailboxes) {
			v.fail("the frozen batch %s is not as it was", want[i].Name)
		}
	}
}

// checkContents checks each batch by itself.
func (v *verifier) checkContents() {
	for _, b := range v.p.Batches {
		if len(b.Mailboxes) == 0 {
			v.fail("%s is empty", b.Name)
			continue
		}
		v.checkBatch(&b, "")
	}
}

// checkNames checks that batches of a wave come in the order of the previous plan, and
// then new ones, whose numbers are higher than any it has.
func (v *verifier) checkNames() {
	prefix := v.opts.Prefix
	if prefix == "" {
		prefix = "StagedBatch"
	}
	rank := make(map[string]int) // of a name: its place among those of the plan, or its number and more
	last := 0
	for i, b := range v.previous.plan.Batches {
		if n := numberOf(b.Name, prefix); n > last {
			last = n
		}
		if rank[b.Name] = i; b.Frozen {
			rank[b.Name] = -1
		}
	}
	seen := make(map[string]bool)
	before, wave := -1, ""
	for _, b := range v.p.Batches {
		at, old := rank[b.Name]
		if !old {
			number := numberOf(b.Name, prefix)
			at = len(rank) + number
			if !strings.HasPrefix(b.Name, prefix) || len(b.Name) < len(prefix)+3 || len(b.Name) > 64 || number <= last {
				v.fail("%q is no name of the previous plan, nor a new one with the prefix %q and a number over %d", b.Name, prefix, last)
			}
		}
		if at < 0 || seen[b.Name] {
			v.fail("there is a second batch %s", b.Name)
		}
		seen[b.Name] = true
		if b.Wave != wave {
			before, wave = -1, b.Wave
		}
		if at <= before {
			v.fail("%s comes too late", b.Name)
		}
		before = at
	}
}

// numberOf returns the number behind a prefix, in whatever case that is, or 0 if it is none
// of up to nine digits.
func numberOf(name, prefix string) int {
	if len(name) <= len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) {
		return 0
	}
	digits := name[len(prefix):]
	if strings.Trim(digits, "0123456789") != "" {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimLeft(digits, "0"))
	if err != nil || n > 999_999_999 {
		return 0
	}
	return n
}

// checkChanges checks who is said to have moved, to be added and to be gone.
func (v *verifier) checkChanges(r *Repacking) {
	var moved []Change
	var added []*inventory.Mailbox
	for _, a := range v.planned {
		m, _ := v.inv.Lookup(a)
		at, planned := v.in[a]
		if !planned {
			continue
		}
		to := v.p.Batches[at].Name
		if from := v.previous.now[m]; from == "" {
			added = append(added, m)
		} else if from != to {
			moved = append(moved, Change{m, from, to})
		}
	}
	if !slices.Equal(moved, r.Moved) {
		v.fail("%d mailboxes are given as moved, not the %d that are", len(r.Moved), len(moved))
	}
	if !slices.Equal(added, r.Added) {
		v.fail("%d mailboxes are given as added, not the %d that are", len(r.Added), len(added))
	}
	if !slices.Equal(v.previous.gone, r.Gone) {
		v.fail("%d addresses are given as gone, not the %d that are", len(r.Gone), len(v.previous.gone))
	}
}

// checkWaiting checks the grants between frozen and other batches.
func (v *verifier) checkWaiting(r *Repacking) {
	var want []SplitGrant
	where := func(a inventory.Address) (name string, frozen bool) {
		if at, ok := v.in[a]; ok {
			return v.p.Batches[at].Name, false
		}
		m, _ := v.inv.Lookup(a)
		return v.previous.moved[m], true
	}
	for _, g := range v.inv.Grants() {
		a, past := where(g.Mailbox)
		b, also := where(g.Trustee)
		if a != "" && b != "" && past != also {
			want = append(want, SplitGrant{g, a, b, v.hubs[g.Trustee]})
		}
	}
	if !slices.Equal(want, r.Waiting) {
		v.fail("%d grants are given as waiting, not the %d that are", len(r.Waiting), len(want))
	}
}
