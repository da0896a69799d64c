package batch_test

import (
	"cmp"
	"slices"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// definition is what a packing of a small organization must keep and what it costs, as
// DESIGN and the options say it: feasible first, then least weight split, then fewest
// batches. It is written for the tests, with code of neither Pack nor Verify, and as
// plainly as nine mailboxes allow.
type definition struct {
	inv     *inventory.Inventory
	opts    *batch.Options
	planned []*inventory.Mailbox // by address
	held    []*inventory.Mailbox
	at      map[inventory.Address]int // of planned mailboxes, in planned
	size    []inventory.Size          // of each planned mailbox, as it counts
	takes   []time.Duration           // each planned mailbox, as it counts
	limits  batch.Limits
	hubs    []batch.Hub
	weight  [][]float64 // of the grants between two planned mailboxes that are not of hubs
	tie     [][]tie     // of two planned mailboxes
}

// tie says what must be of two mailboxes.
type tie int

const (
	free tie = iota
	together
	apart
	both // which cannot be
)

// ties work out what must be of any two mailboxes. Whatever else there is to ask for is one
// more.
var ties = []func(*definition){
	(*definition).keepGroups,
	(*definition).keepPins,
	(*definition).keepGroupsApart,
	(*definition).keepWavesApart,
	(*definition).keepComponents,
}

func define(inv *inventory.Inventory, opts *batch.Options) *definition {
	d := &definition{inv: inv, opts: opts, limits: opts.Limits, at: make(map[inventory.Address]int)}
	if d.limits.Mailboxes == 0 {
		d.limits.Mailboxes = 2000
	}
	for m := range inv.Mailboxes() {
		if opts.Hold != nil && opts.Hold(m) {
			d.held = append(d.held, m)
			continue
		}
		d.at[m.Address] = len(d.planned)
		d.planned = append(d.planned, m)
		d.size = append(d.size, m.Size.Or(opts.Limits.UnknownSize))
		if opts.Limits.Duration > 0 {
			d.takes = append(d.takes, opts.Duration(m))
		}
	}
	for range d.planned {
		d.weight = append(d.weight, make([]float64, len(d.planned)))
		d.tie = append(d.tie, make([]tie, len(d.planned)))
	}
	d.findHubs()
	for _, g := range inv.Grants() {
		i, ok := d.at[g.Mailbox]
		j, also := d.at[g.Trustee]
		if ok && also && !d.hub(g.Trustee) {
			d.weight[i][j] += d.weigh(g)
			d.weight[j][i] += d.weigh(g)
		}
	}
	for _, work := range ties {
		work(d)
	}
	return d
}

func (d *definition) weigh(g inventory.Grant) float64 {
	switch {
	case d.opts.Weight != nil:
		return d.opts.Weight(g)
	case g.Right == inventory.FullAccess:
		return 4
	case g.Right == inventory.SendAs:
		return 3
	case g.Right == inventory.SendOnBehalf:
		return 2
	}
	return 1
}

func (d *definition) wave(m *inventory.Mailbox) string {
	if d.opts.Wave == nil {
		return ""
	}
	return d.opts.Wave(m)
}

// fits reports whether planned mailboxes fit into a batch.
func (d *definition) fits(some []int) bool {
	sum, takes := inventory.Size(0), time.Duration(0)
	for _, i := range some {
		sum += d.size[i]
		if d.takes != nil {
			takes += d.takes[i]
		}
	}
	return len(some) <= d.limits.Mailboxes && (d.limits.Size == 0 || sum <= d.limits.Size) && (d.takes == nil || takes <= d.limits.Duration)
}

// duration is that of a mailbox, as it counts.
func (d *definition) duration(m *inventory.Mailbox) time.Duration {
	if d.takes == nil {
		return 0
	}
	return d.takes[d.at[m.Address]]
}

// set tells that two mailboxes are to be as t says.
func (d *definition) set(i, j int, t tie) {
	if i != j && d.tie[i][j] != free && d.tie[i][j] != t {
		t = both
	}
	d.tie[i][j], d.tie[j][i] = t, t
}

// group returns the planned ones among the mailboxes that addresses name.
func (d *definition) group(names []inventory.Address) (members []int) {
	for _, a := range names {
		if m, ok := d.inv.Lookup(a); ok {
			if i, planned := d.at[m.Address]; planned {
				members = append(members, i)
			}
		}
	}
	return members
}

func (d *definition) keepGroups() {
	for _, names := range d.opts.Together {
		for _, i := range d.group(names) {
			for _, j := range d.group(names) {
				d.set(i, j, together)
			}
		}
	}
}

func (d *definition) pin(m *inventory.Mailbox) string {
	if d.opts.Pin == nil {
		return ""
	}
	return d.opts.Pin(m)
}

// keepPins keeps together what is pinned to one batch, and apart what is to two.
func (d *definition) keepPins() {
	for i, m := range d.planned {
		for j, o := range d.planned {
			switch a, b := d.pin(m), d.pin(o); {
			case a == "" || b == "":
			case a == b:
				d.set(i, j, together)
			default:
				d.set(i, j, apart)
			}
		}
	}
}

func (d *definition) keepGroupsApart() {
	for _, names := range d.opts.Apart {
		for _, i := range d.group(names) {
			for _, j := range d.group(names) {
				if i != j {
					d.set(i, j, apart)
				}
			}
		}
	}
}

func (d *definition) keepWavesApart() {
	for i, m := range d.planned {
		for j, o := range d.planned {
			if d.wave(m) != d.wave(o) {
				d.set(i, j, apart)
			}
		}
	}
}

// keepComponents keeps together what hangs together within a wave and fits.
func (d *definition) keepComponents() {
	joined := func(i, j int) bool {
		return d.wave(d.planned[i]) == d.wave(d.planned[j]) && d.weight[i][j] > 0 || d.tie[i][j] == together
	}
	for i := range d.planned {
		if c := connected(len(d.planned), i, joined); d.fits(c) && d.mayMeet(c) {
			for _, j := range c {
				d.set(i, j, together)
			}
		}
	}
}

// mayMeet reports whether no two of some mailboxes must be apart.
func (d *definition) mayMeet(some []int) bool {
	for _, i := range some {
		for _, j := range some {
			if d.tie[i][j] == apart || d.tie[i][j] == both {
				return false
			}
		}
	}
	return true
}

// connected returns what of 0 to n-1 hangs together with start.
func connected(n, start int, joined func(i, j int) bool) []int {
	in := []int{start}
	for at := 0; at < len(in); at++ {
		for j := range n {
			if joined(in[at], j) && !slices.Contains(in, j) {
				in = append(in, j)
			}
		}
	}
	return in
}

// findHubs goes by the documentation of HubOptions: a trustee that is a mailbox, has
// rights on so many planned mailboxes and is in a component that does not fit.
// Whoever is held is in the component that there would be if nobody was.
func (d *definition) findHubs() {
	names := slices.Clone(d.opts.Hubs.Named)
	for i, a := range names {
		if m, ok := d.inv.Lookup(a); ok {
			names[i] = m.Address
		}
	}
	least := max(float64(cmp.Or(d.opts.Hubs.Mailboxes, 100)), cmp.Or(d.opts.Hubs.Share, 0.02)*float64(len(d.planned)))
	for t := range d.inv.Len() {
		on := make(map[inventory.Address]bool)
		for _, g := range d.inv.Grants() {
			if _, planned := d.at[g.Mailbox]; planned && g.Trustee == d.inv.At(t).Address && d.weigh(g) > 0 {
				on[g.Mailbox] = true
			}
		}
		if float64(len(on)) >= least && !d.fits(d.around(t)) {
			names = append(names, d.inv.At(t).Address)
		}
	}
	slices.Sort(names)
	for _, a := range slices.Compact(names) {
		h := batch.Hub{Address: a}
		for _, g := range d.inv.Grants() {
			if g.Trustee == a {
				h.Grants++
			}
		}
		d.hubs = append(d.hubs, h)
	}
	slices.SortStableFunc(d.hubs, func(a, b batch.Hub) int { return b.Grants - a.Grants })
}

func (d *definition) hub(a inventory.Address) bool {
	return slices.ContainsFunc(d.hubs, func(h batch.Hub) bool { return h.Address == a })
}

// around returns the planned mailboxes that hang together with the mailbox at a position
// of the inventory, over planned ones only if it is planned itself.
func (d *definition) around(t int) (members []int) {
	planned := func(i int) bool { _, ok := d.at[d.inv.At(i).Address]; return ok }
	joined := func(i, j int) bool {
		a, b := d.inv.At(i).Address, d.inv.At(j).Address
		if planned(t) && (!planned(i) || !planned(j)) {
			return false
		}
		return d.grouped(a, b) || d.shared(a, b) || d.shared(b, a)
	}
	for _, i := range connected(d.inv.Len(), t, joined) {
		if planned(i) {
			members = append(members, d.at[d.inv.At(i).Address])
		}
	}
	return members
}

func (d *definition) shared(mailbox, trustee inventory.Address) bool {
	return slices.ContainsFunc(d.inv.Grants(), func(g inventory.Grant) bool {
		return g.Mailbox == mailbox && g.Trustee == trustee && d.weigh(g) > 0
	})
}

// grouped reports whether two planned mailboxes are named by one group, or pinned to one
// batch.
func (d *definition) grouped(a, b inventory.Address) bool {
	i, ok := d.at[a]
	j, also := d.at[b]
	if ok && also && d.pin(d.planned[i]) != "" && d.pin(d.planned[i]) == d.pin(d.planned[j]) {
		return true
	}
	return ok && also && slices.ContainsFunc(d.opts.Together, func(names []inventory.Address) bool {
		return slices.Contains(d.group(names), i) && slices.Contains(d.group(names), j)
	})
}

// plan says in which batch, from 0, each planned mailbox is.
type plan []int

// batches returns how many there are.
func (p plan) batches() int { return slices.Max(append(plan{-1}, p...)) + 1 }

func (p plan) members(b int) (list []int) {
	for i, in := range p {
		if in == b {
			list = append(list, i)
		}
	}
	return list
}

// holds reports whether a plan keeps all that must be kept.
func (d *definition) holds(p plan) bool {
	for i := range p {
		for j := range p[:i] {
			if !d.tieHolds(p, i, j) {
				return false
			}
		}
	}
	for b := range p.batches() {
		if members := p.members(b); len(members) == 0 || len(members) > 1 && !d.fits(members) {
			return false
		}
	}
	return true
}

func (d *definition) tieHolds(p plan, i, j int) bool {
	switch d.tie[i][j] {
	case together:
		return p[i] == p[j]
	case apart:
		return p[i] != p[j]
	}
	return d.tie[i][j] == free
}

// unmeasured reports whether there is a limit of the size and not one size is known, which
// Pack refuses.
func (d *definition) unmeasured() bool {
	known := slices.ContainsFunc(d.planned, func(m *inventory.Mailbox) bool { _, ok := m.Size.Get(); return ok })
	return d.opts.Limits.Size > 0 && d.opts.Limits.UnknownSize == 0 && !known && len(d.planned) > 0
}

// keepFamilies keeps together what hangs together over held mailboxes as well, if those of a
// wave fit.
func (d *definition) keepFamilies() {
	joined := func(i, j int) bool {
		a, b := d.inv.At(i).Address, d.inv.At(j).Address
		return d.grouped(a, b) || d.shared(a, b) && !d.hub(b) || d.shared(b, a) && !d.hub(a)
	}
	for t, m := range d.planned {
		start, _ := d.inv.Index(m.Address)
		var family []int
		for _, i := range connected(d.inv.Len(), start, joined) {
			if n, planned := d.at[d.inv.At(i).Address]; planned && d.wave(d.planned[n]) == d.wave(m) {
				family = append(family, n)
			}
		}
		if d.fits(family) && d.mayMeet(family) {
			for _, i := range family {
				d.set(t, i, together)
			}
		}
	}
}
