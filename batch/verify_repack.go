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
// limit exceeded; groups together or apart, mailboxes in the batches that they are pinned to;
// waves apart and in order; the hubs those that the options make them; previous names in
// their order, and new ones behind, those of pins or with the numbers that come next;
// mailboxes in migration order; who moved, was added and is gone; the split and the waiting
// grants exactly those that there are, and their weight; both lower bounds right. Options
// that Repack refuses make nothing right. It shares no code with Repack.
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
	v.checkLimits()
	v.checkFrozen(r)
	if v.checkOptions() && v.checkMembership() {
		v.checkPins()
		v.checkContents()
		v.checkNames()
		v.checkWaves()
		v.checkTogether()
		v.checkApart()
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

	folded map[string]*PreviousBatch // by name in lower case
}

func lookUp(p *Previous, inv *inventory.Inventory) *lookedUp {
	l := &lookedUp{plan: p, names: make(map[inventory.Address]bool), now: make(map[*inventory.Mailbox]string), moved: make(map[*inventory.Mailbox]string), folded: make(map[string]*PreviousBatch)}
	for i, b := range p.Batches {
		l.folded[strings.ToLower(b.Name)] = &p.Batches[i]
	}
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

// named returns a name as the plan writes it if that has a batch of the name, in whatever
// case, and whether it is frozen.
func (l *lookedUp) named(name string) (as string, frozen bool) {
	if l == nil || l.folded[strings.ToLower(name)] == nil {
		return name, false
	}
	b := l.folded[strings.ToLower(name)]
	return b.Name, b.Frozen
}

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
// then new ones in that of their names: those that mailboxes are pinned to, and others whose
// numbers go on from the highest that it has, without those that a pin has, in the order
// of the waves and of the lowest addresses.
func (v *verifier) checkNames() {
	rank := make(map[string]int) // of a name: its place among those of the plan
	for i, b := range v.previous.plan.Batches {
		if rank[b.Name] = i; b.Frozen {
			rank[b.Name] = -1
		}
	}
	numbered := v.numbered(rank)
	seen := make(map[string]bool)
	before, wave, last := -1, "", ""
	for _, b := range v.p.Batches {
		if b.Wave != wave {
			before, wave, last = -1, b.Wave, ""
		}
		at, old := rank[b.Name]
		if at < 0 || seen[b.Name] {
			v.fail("there is a second batch %s", b.Name)
		}
		seen[b.Name] = true
		switch {
		case old && at <= before, !old && last != "" && !inOrder(last, b.Name):
			v.fail("%s comes too late", b.Name)
		case old:
			before = at
		default:
			before, last = len(v.previous.plan.Batches), b.Name
		}
		if (!old || v.pinned[b.Name] != nil) && !validName.MatchString(b.Name) {
			v.fail("%q is not a valid name", b.Name)
		}
		if old || v.pinned[b.Name] != nil {
			continue
		}
		if b.Name != numbered[0] {
			v.fail("%q is no name of the previous plan, nor the new one %s", b.Name, numbered[0])
		}
		numbered = numbered[1:]
	}
}

// numbered returns the names that new batches should have which nobody is pinned to, in the
// order of the batches. It also checks that this is that of their lowest addresses in each
// wave.
func (v *verifier) numbered(rank map[string]int) (names []string) {
	prefix := v.opts.Prefix
	if prefix == "" {
		prefix = "StagedBatch"
	}
	last, digits := 0, 3
	for _, b := range v.previous.plan.Batches {
		if n, ok := numberOf(b.Name, prefix); ok {
			last, digits = max(last, n), max(digits, len(b.Name)-len(prefix))
		}
	}
	taken := make(map[int]bool)
	for name := range v.pinned {
		if n, ok := numberOf(name, prefix); ok {
			taken[n] = true
		}
	}
	lowest, wave := inventory.Address(""), ""
	var numbers []int
	for _, b := range v.p.Batches {
		if _, old := rank[b.Name]; old || v.pinned[b.Name] != nil {
			continue
		}
		for last++; taken[last]; {
			last++
		}
		numbers = append(numbers, last)
		first := lowestOf(b)
		if b.Wave == wave && first < lowest {
			v.fail("%s holds %s and comes after a new batch that begins with %s", b.Name, first, lowest)
		}
		lowest, wave = first, b.Wave
	}
	digits = max(digits, len(strconv.Itoa(last)))
	for _, n := range numbers {
		names = append(names, fmt.Sprintf("%s%0*d", prefix, digits, n))
	}
	return names
}

// lowestOf returns the lowest address in a batch, "" if it is empty.
func lowestOf(b Batch) (lowest inventory.Address) {
	for _, m := range b.Mailboxes {
		if lowest == "" || m.Address < lowest {
			lowest = m.Address
		}
	}
	return lowest
}

// numberOf returns the number of up to nine digits behind a prefix, in whatever case that
// is, and whether there is one.
func numberOf(name, prefix string) (n int, ok bool) {
	if len(name) <= len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) {
		return 0, false
	}
	n, err := strconv.Atoi(name[len(prefix):])
	return n, err == nil && n >= 0 && n <= 999_999_999 && !strings.ContainsAny(name[len(prefix):], "+-")
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
