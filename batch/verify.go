package batch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// maxViolations bounds how many violations Verify reports one by one.
const maxViolations = 100

// Verify checks from the inventory alone that p is a packing as [Pack] with the
// same options promises it: every mailbox once, in a batch or held as Options.Hold says; no
// limit exceeded; groups together or apart, mailboxes in the batches that they are pinned to;
// waves apart and in order; the hubs those that the options make them; no component split
// that need not be; names valid, in order, and numbered from 1 on where nothing is pinned;
// mailboxes in migration order; the split grants exactly those between batches, and their
// weight; both lower bounds right. Options that Pack refuses make no packing right. It shares
// no code with Pack.
//
// It reports all violations, the first hundred one by one, or nil if there are
// none. It does not ask whether a better packing exists.
func Verify(p *Packing, inv *inventory.Inventory, opts *Options) error {
	if p == nil || inv == nil {
		return errors.New("batch: nothing to verify")
	}
	v := &verifier{p: p, inv: inv, in: make(map[inventory.Address]int), isPlanned: make(map[inventory.Address]bool), waves: make(map[inventory.Address]string)}
	if opts != nil {
		v.opts = *opts
	}
	if p.Inventory != inv {
		v.fail("the packing is of another inventory")
	}
	v.checkLimits()
	if v.checkOptions() && v.checkMembership() {
		v.checkPins()
		v.checkBatches()
		v.checkNumbers()
		v.checkWaves()
		v.checkTogether()
		v.checkApart()
		v.checkHubs()
		v.checkComponents()
		v.checkSplit()
		v.checkSplitBound()
	}
	if v.count > maxViolations {
		v.errs = append(v.errs, fmt.Errorf("batch: and %d more violations", v.count-maxViolations))
	}
	return errors.Join(v.errs...)
}

type verifier struct {
	p    *Packing
	inv  *inventory.Inventory
	opts Options

	maxCount     int
	maxSize      inventory.Size
	assumed      inventory.Size // for an unknown size
	maxDuration  time.Duration
	in           map[inventory.Address]int
	planned      []inventory.Address // by address
	isPlanned    map[inventory.Address]bool
	groups       [][]inventory.Address       // of planned mailboxes that must stay together
	apart        [][]inventory.Address       // of planned mailboxes that must be in different batches
	parties      map[inventory.Address][]int // the groups that must be apart, of each mailbox; see mayBeWhole
	pinOf        map[inventory.Address]string
	pinned       map[string][]inventory.Address // the planned mailboxes that are pinned to each batch
	waves        map[inventory.Address]string   // of planned mailboxes, unless all are in ""
	hubs         map[inventory.Address]bool
	between, all map[inventory.Address][]inventory.Address // partners of planned mailboxes, and of all; see fitsWith
	previous     *lookedUp                                 // what VerifyRepack goes by; nil for Verify
	errs         []error
	count        int
}

func (v *verifier) fail(format string, args ...any) {
	if v.count++; v.count <= maxViolations {
		v.errs = append(v.errs, fmt.Errorf("batch: "+format, args...))
	}
}

// held reports whether a mailbox is to be in no batch.
func (v *verifier) held(m *inventory.Mailbox) bool {
	return v.previous.hasMoved(m) || v.opts.Hold != nil && v.opts.Hold(m)
}

// checkLimits works out the limits that hold.
func (v *verifier) checkLimits() {
	want := v.opts.Limits
	v.maxCount = 2000
	if want.Mailboxes != 0 {
		v.maxCount = want.Mailboxes
	}
	if v.maxCount < 1 || v.maxCount > 2000 {
		v.fail("a limit of %d mailboxes is not from 1 to 2000", v.maxCount)
	}
	v.maxSize, v.assumed, v.maxDuration = want.Size, want.UnknownSize, want.Duration
	if v.maxDuration < 0 || v.maxDuration > 0 && v.opts.Duration == nil {
		v.fail("a limit of %v makes no sense, or nothing says how long mailboxes take", v.maxDuration)
		v.maxDuration = 0
	}
	if v.maxSize < 0 || v.assumed < 0 || v.maxSize > 0 && v.assumed > v.maxSize {
		v.fail("limits of %d bytes and %d for an unknown size make no sense", int64(v.maxSize), int64(v.assumed))
	}
	if strings.Trim(v.opts.Prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		v.fail("the prefix %q holds more than letters and digits", v.opts.Prefix)
	}
	if got, want := v.p.Limits, (Limits{v.maxCount, v.maxSize, v.assumed, want.Duration}); got != want {
		v.fail("limits are given as %+v, not %+v", got, want)
	}
}

// checkMembership checks that each mailbox is in its one place. It reports
// whether the batches hold mailboxes at all, so that more can be checked.
func (v *verifier) checkMembership() bool {
	for i, b := range v.p.Batches {
		for _, m := range b.Mailboxes {
			if m == nil {
				v.fail("%s holds a nil mailbox", b.Name)
				return false
			}
			if known, ok := v.inv.Lookup(m.Address); !ok || known != m {
				v.fail("%s: %s is not a mailbox of the inventory", b.Name, m.Address)
				continue
			}
			if other, twice := v.in[m.Address]; twice {
				v.fail("%s is in %s and in %s", m.Address, v.p.Batches[other].Name, b.Name)
			}
			v.in[m.Address] = i
		}
	}
	var held []*inventory.Mailbox
	for m := range v.inv.Mailboxes() {
		_, batched := v.in[m.Address]
		if v.previous.hasMoved(m) {
			if batched {
				v.fail("%s is in a batch again, though a frozen one has moved it", m.Address)
			}
			continue
		}
		hold := v.held(m)
		if hold {
			held = append(held, m)
		} else {
			v.planned = append(v.planned, m.Address)
			v.isPlanned[m.Address] = true
			if v.opts.Wave != nil {
				v.waves[m.Address] = v.opts.Wave(m)
			}
		}
		if hold && batched {
			v.fail("%s is to be held and is in a batch", m.Address)
		} else if !hold && !batched {
			v.fail("%s is in no batch", m.Address)
		}
	}
	if !slices.Equal(held, v.p.Held) {
		v.fail("%d mailboxes are given as held, not the %d that are to be held", len(v.p.Held), len(held))
	}
	return true
}

func (v *verifier) size(m *inventory.Mailbox) inventory.Size {
	if n, ok := m.Size.Get(); ok {
		return n
	}
	return v.assumed
}

// duration returns what a mailbox counts for, which is 0 if nothing is limited.
func (v *verifier) duration(m *inventory.Mailbox) time.Duration {
	if v.maxDuration == 0 {
		return 0
	}
	return v.opts.Duration(m)
}

// alone reports whether a mailbox exceeds a limit by itself.
func (v *verifier) alone(m *inventory.Mailbox) bool {
	return v.maxSize > 0 && v.size(m) > v.maxSize || v.maxDuration > 0 && v.duration(m) > v.maxDuration
}

// checkBatches checks each batch by itself, and their order.
func (v *verifier) checkBatches() {
	lowest, wave := inventory.Address(""), ""
	for _, b := range v.p.Batches {
		if len(b.Mailboxes) == 0 {
			v.fail("%s is empty", b.Name)
			continue
		}
		if b.Wave != wave {
			lowest, wave = "", b.Wave
		}
		lowest = v.checkBatch(&b, lowest)
	}
}

// checkBatch checks one batch, and that it comes in the order of the lowest
// addresses unless mailboxes are pinned to it. It returns the lowest address so far.
func (v *verifier) checkBatch(b *Batch, before inventory.Address) (lowest inventory.Address) {
	total := inventory.Size(0)
	takes := time.Duration(0)
	lowest = b.Mailboxes[0].Address
	for i, m := range b.Mailboxes {
		total += v.size(m)
		takes += v.duration(m)
		lowest = min(lowest, m.Address)
		if i == 0 {
			continue
		}
		prev := b.Mailboxes[i-1]
		x, known := prev.Size.Get()
		y, also := m.Size.Get()
		earlier, later := v.duration(prev), v.duration(m)
		same := earlier == later
		if earlier < later || same && (!known && also || known && also && x < y || known == also && x == y && prev.Address >= m.Address) {
			v.fail("%s: %s comes before %s", b.Name, prev.Address, m.Address)
		}
	}
	if v.pinned[b.Name] != nil {
		lowest = before
	} else if lowest <= before {
		v.fail("%s holds %s and comes after a batch that begins with %s", b.Name, lowest, before)
	}
	if len(b.Mailboxes) > v.maxCount {
		v.fail("%s has %d mailboxes; %d is the limit", b.Name, len(b.Mailboxes), v.maxCount)
	}
	if v.maxSize > 0 && total > v.maxSize && len(b.Mailboxes) > 1 {
		v.fail("%s holds %s; %s is the limit", b.Name, total, v.maxSize)
	}
	if v.maxDuration > 0 && takes > v.maxDuration && len(b.Mailboxes) > 1 {
		v.fail("%s takes %v; %v is the limit", b.Name, takes, v.maxDuration)
	}
	return lowest
}

// checkComponents checks that components that fit are whole, and the bound.
func (v *verifier) checkComponents() {
	partners := v.partners(func(g inventory.Grant) bool {
		return v.isPlanned[g.Mailbox] && v.isPlanned[g.Trustee] && !v.hubs[g.Trustee] && v.waves[g.Mailbox] == v.waves[g.Trustee]
	})
	waves := make(map[string]*parts)
	seen := make(map[inventory.Address]bool)
	for _, start := range v.planned {
		if seen[start] {
			continue
		}
		members := reached(start, partners)
		for _, a := range members {
			seen[a] = true
		}
		w := v.waves[start]
		if waves[w] == nil {
			waves[w] = &parts{}
		}
		c, alone := v.weigh(members)
		if v.fits(members) && v.mayBeWhole(members) {
			waves[w].fitting = append(waves[w].fitting, c)
			if v.previous == nil {
				v.checkWhole(members)
			}
			continue
		}
		waves[w].single += alone.count
		waves[w].rest.count += c.count - alone.count
		waves[w].rest.size += c.size - alone.size
		waves[w].rest.duration += c.duration - alone.duration
	}
	bound := 0
	for w, p := range waves {
		bound += max(
			v.crowd(w),
			v.bound(p.fitting, func(c weight) int64 { return int64(c.count) }, int64(p.rest.count), int64(v.maxCount)),
			v.bound(p.fitting, func(c weight) int64 { return int64(c.size) }, int64(p.rest.size), int64(v.maxSize)),
			v.bound(p.fitting, func(c weight) int64 { return int64(c.duration) }, int64(p.rest.duration), int64(v.maxDuration)),
		) + p.single
	}
	if v.p.LowerBound != bound {
		v.fail("the lower bound is given as %d, not %d", v.p.LowerBound, bound)
	}
	if len(v.p.Batches) < bound && v.previous == nil {
		v.fail("%d batches are fewer than the lower bound of %d", len(v.p.Batches), bound)
	}
}

// parts is what the bound of a wave depends on.
type parts struct {
	fitting []weight
	rest    weight
	single  int // mailboxes that exceed a limit alone
}

// weight is what a component weighs.
type weight struct {
	count    int
	size     inventory.Size
	duration time.Duration
}

func (w *weight) add(other weight) {
	w.count += other.count
	w.size += other.size
	w.duration += other.duration
}

// weigh returns what the members weigh together, and what those do that exceed a limit
// alone.
func (v *verifier) weigh(members []inventory.Address) (c, alone weight) {
	for _, a := range members {
		m, _ := v.inv.Lookup(a)
		one := weight{1, v.size(m), v.duration(m)}
		c.add(one)
		if v.alone(m) {
			alone.add(one)
		}
	}
	return c, alone
}

// holds reports whether a batch can hold a weight.
func (v *verifier) holds(w weight) bool {
	return w.count <= v.maxCount && (v.maxSize == 0 || w.size <= v.maxSize) && (v.maxDuration == 0 || w.duration <= v.maxDuration)
}

func (v *verifier) checkWhole(members []inventory.Address) {
	first, planned := v.in[members[0]]
	for _, a := range members[1:] {
		if b, too := v.in[a]; planned && too && b != first {
			v.fail("%s and %s are in different batches, though the component of %d mailboxes that joins them fits into one",
				members[0], a, len(members))
			return
		}
	}
}

// defaultWeights are those of grants if the options have none.
var defaultWeights = map[inventory.Right]float64{inventory.FullAccess: 4, inventory.SendAs: 3, inventory.SendOnBehalf: 2, inventory.Calendar: 1}

func (v *verifier) grantWeight(g inventory.Grant) float64 {
	if v.opts.Weight != nil {
		return v.opts.Weight(g)
	}
	return defaultWeights[g.Right]
}

// checkSplit checks the list of split grants and their weight.
func (v *verifier) checkSplit() {
	var want []SplitGrant
	for _, g := range v.inv.Grants() {
		a, ok := v.in[g.Mailbox]
		b, also := v.in[g.Trustee]
		if ok && also && a != b {
			want = append(want, SplitGrant{g, v.p.Batches[a].Name, v.p.Batches[b].Name, v.hubs[g.Trustee]})
		}
	}
	total := 0.0
	for _, s := range want {
		if !s.Hub {
			total += v.grantWeight(s.Grant)
		}
	}
	if v.p.SplitWeight != total { // also if it is not a number
		v.fail("the split grants are said to weigh %g, not %g", v.p.SplitWeight, total)
	}
	if len(want) != len(v.p.Split) {
		v.fail("%d grants are given as split, not %d", len(v.p.Split), len(want))
		return
	}
	for i, s := range v.p.Split {
		if s != want[i] {
			v.fail("split grant %d is given as %+v, not %+v", i+1, s, want[i])
		}
	}
}
