package binpack

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
)

// setting is how an exchange goes about it.
type setting struct {
	free   int   // bins that what is out has to fit into
	tenure int32 // for so many exchanges, or up to twice as many, an item stays where it went
}

// settings take turns: what one misses, another finds. Two bins and a short tenure do
// well where few items fill a bin exactly, one bin and a long one where bins hold more.
var settings = []setting{{2, 3}, {1, 5}, {3, 5}, {1, 10}}

const (
	patience = 100 // exchanges without a gain before a shake
	shakes   = 20  // swaps that a shake tries, for each bin
	mostOut  = 24  // items out that an exchange looks at
	mostIn   = 32  // items of a bin that it looks at
)

// exchanger looks for a packing into k bins, given one into more. It takes all items out
// of some bins, so that all but a few of the k are left, and then moves items between
// the bins and what is out: up to two for up to two, always the exchange that leaves
// least outside, be it more than before. Items that moved stay a while. Where that
// leads nowhere, it swaps items between bins, the fuller of which grows. It is done when
// the remaining bins hold what is out.
//
// It follows the consistent neighborhood search of Buljubasic and Vasquez (Computers &
// Operations Research 76, 2016).
type exchanger struct {
	setting
	items    []Load
	capacity Load
	value    []int64 // of each item: the sum of what it takes of each limit
	full     int64   // the most that a bin holds of value
	until    []int32 // by item: before this exchange it stays where it is
	now      int32
	rng      *rand.Rand
	work     int // what is left of it, in sets of items looked at

	bins []filled
	out  []int32
	last [][]int32 // the bins that hold what was out, once it is done
	sets []set     // what an exchange could bring in, the most valuable first

	values []int64 // of the sets, by themselves for speed
}

// filled is a bin of an exchange.
type filled struct {
	members []int32
	sum     Load
	value   int64
}

// set is up to two positions in out or in a bin, and what is there.
type set struct {
	at    [2]int32
	n     int
	load  Load
	value int64
}

func newExchanger(items []Load, capacity Load, start []int32, k int, how setting, work int) *exchanger {
	x := &exchanger{
		setting: how, items: items, capacity: capacity, work: work,
		value: make([]int64, len(items)), until: make([]int32, len(items)),
		rng: rand.New(rand.NewPCG(uint64(k), uint64(work))),
	}
	x.free = min(x.free, k)
	x.full = x.worth(capacity)
	bins := make([]filled, slices.Max(start)+1)
	for i, it := range items {
		x.value[i] = x.worth(it)
		bins[start[i]].add(x, int32(i))
	}
	slices.SortStableFunc(bins, func(a, b filled) int { return cmp.Compare(b.value, a.value) })
	keep := min(k-x.free, len(bins))
	x.bins = bins[:keep]
	for _, b := range bins[keep:] {
		x.out = append(x.out, b.members...)
	}
	return x
}

// worth is what a load takes of a single limit, or of all in parts of each.
func (x *exchanger) worth(l Load) int64 {
	if x.capacity.Size == 0 {
		return l.Count
	}
	const parts = 1 << 20
	worth := share(l.Count, x.capacity.Count, parts) + share(l.Size, x.capacity.Size, parts)
	if x.capacity.Time > 0 {
		worth += share(l.Time, x.capacity.Time, parts)
	}
	return worth
}

func (b *filled) add(x *exchanger, i int32) {
	b.members = append(b.members, i)
	b.sum = b.sum.Plus(x.items[i])
	b.value += x.value[i]
}

// run returns the bin of each item, or nil if the work it may do is not enough or the
// context is canceled.
func (x *exchanger) run(ctx context.Context) []int32 {
	left := x.outside()
	for least, idle := left, 0; !x.finish(); x.now++ {
		if x.work < 0 || x.now%64 == 0 && ctx.Err() != nil {
			return nil
		}
		left -= x.exchange()
		if idle++; left < least {
			least, idle = left, 0
		}
		if idle > patience {
			x.shake()
			least, idle = left, 0
		}
	}
	bin := make([]int32, len(x.items))
	for b := range x.bins {
		x.last = append(x.last, x.bins[b].members)
	}
	for b, members := range x.last {
		for _, i := range members {
			bin[i] = int32(b)
		}
	}
	return bin
}

func (x *exchanger) outside() (value int64) {
	for _, i := range x.out {
		value += x.value[i]
	}
	return value
}

// exchange makes the best exchange and returns by how much it leaves less outside.
func (x *exchanger) exchange() (gain int64) {
	x.gather()
	var bin int
	var in, out set
	found, ties := false, uint64(0)
	try := func(b int, o set) {
		room := x.capacity.Minus(x.bins[b].sum).Plus(o.load)
		at := x.firstUpTo(x.full - x.bins[b].value + o.value)
		for x.work--; at < len(x.sets); at++ {
			s := x.sets[at]
			if o.n+s.n == 0 || found && s.value-o.value < gain {
				break
			}
			if x.work--; !s.load.within(room, x.capacity) {
				continue
			}
			if !found || s.value-o.value > gain {
				ties = 0
			}
			if ties++; x.rng.Uint64N(ties) == 0 { // each of the equally good is as likely
				bin, in, out, gain, found = b, s, o, s.value-o.value, true
			}
		}
	}
	for b := range x.bins {
		if found && x.full-x.bins[b].value < gain {
			continue
		}
		members := x.bins[b].members
		if len(members) > mostIn {
			x.mix(members, mostIn)
			members = members[:mostIn]
		}
		try(b, set{})
		x.each(members, func(s set) { try(b, s) })
	}
	if found {
		x.apply(&x.bins[bin], in, out)
	}
	return gain
}

// gather collects what could go into a bin: nothing, an item, or two.
func (x *exchanger) gather() {
	out := x.out
	if len(out) > mostOut {
		x.mix(out, mostOut)
		out = out[:mostOut]
	}
	x.sets = append(x.sets[:0], set{})
	x.each(out, func(s set) {
		if s.load.Fits(x.capacity) {
			x.sets = append(x.sets, s)
		}
	})
	x.work -= 8 * len(x.sets) // sorting takes longer than looking
	slices.SortStableFunc(x.sets, func(a, b set) int { return cmp.Compare(b.value, a.value) })
	x.values = x.values[:0]
	for _, s := range x.sets {
		x.values = append(x.values, s.value)
	}
}

// firstUpTo returns the position of the first set that is worth no more than most.
func (x *exchanger) firstUpTo(most int64) int {
	low, high := 0, len(x.values)
	for low < high {
		if middle := int(uint(low+high) / 2); x.values[middle] > most {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// mix puts n random items first.
func (x *exchanger) mix(items []int32, n int) {
	for at := range n {
		other := at + x.rng.IntN(len(items)-at)
		items[at], items[other] = items[other], items[at]
	}
	x.work -= n
}

// each calls f with each single item that may move and each two of them.
func (x *exchanger) each(items []int32, f func(set)) {
	for a, i := range items {
		if x.until[i] > x.now {
			continue
		}
		f(set{at: [2]int32{int32(a)}, n: 1, load: x.items[i], value: x.value[i]})
		for b := a + 1; b < len(items); b++ {
			if j := items[b]; x.until[j] <= x.now {
				f(set{[2]int32{int32(a), int32(b)}, 2, x.items[i].Plus(x.items[j]), x.value[i] + x.value[j]})
			}
		}
	}
}

// apply brings a set into a bin and takes another out.
func (x *exchanger) apply(b *filled, in, out set) {
	for at := in.n - 1; at >= 0; at-- { // the later position first
		i := x.out[in.at[at]]
		x.out = slices.Delete(x.out, int(in.at[at]), int(in.at[at])+1)
		defer b.add(x, i) // behind those that the other positions mean
		x.until[i] = x.now + x.tenure + x.rng.Int32N(x.tenure)
	}
	for at := out.n - 1; at >= 0; at-- {
		i := b.members[out.at[at]]
		b.members = slices.Delete(b.members, int(out.at[at]), int(out.at[at])+1)
		x.out = append(x.out, i)
		x.until[i] = x.now + x.tenure/2 + x.rng.Int32N(x.tenure)
	}
	b.sum = b.sum.Minus(out.load)
	b.value -= out.value
}

// shake swaps items between bins at random, where they fit and the fuller bin does not
// lose.
func (x *exchanger) shake() {
	if len(x.bins) < 2 {
		return
	}
	for range shakes * len(x.bins) {
		x.work--
		a, b := &x.bins[x.rng.IntN(len(x.bins))], &x.bins[x.rng.IntN(len(x.bins))]
		if a == b || len(a.members) == 0 || len(b.members) == 0 {
			continue
		}
		atA, atB := x.rng.IntN(len(a.members)), x.rng.IntN(len(b.members))
		i, j := a.members[atA], b.members[atB]
		moved := x.value[j] - x.value[i]
		sumA, sumB := a.sum.Minus(x.items[i]).Plus(x.items[j]), b.sum.Minus(x.items[j]).Plus(x.items[i])
		if !sumA.Fits(x.capacity) || !sumB.Fits(x.capacity) || max(a.value+moved, b.value-moved) < max(a.value, b.value) {
			continue
		}
		a.members[atA], b.members[atB] = j, i
		a.sum, b.sum = sumA, sumB
		a.value, b.value = a.value+moved, b.value-moved
	}
}

// placeWork bounds the items that finish puts into bins before it gives up.
const placeWork = 2000

// finish tries to pack what is out into the bins kept free for it.
func (x *exchanger) finish() bool {
	var total Load
	for _, i := range x.out {
		total = total.Plus(x.items[i])
	}
	free := int64(x.free)
	for _, of := range measures(x.capacity) {
		if of(total) > free*of(x.capacity) {
			return false
		}
	}
	order := slices.Clone(x.out)
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(x.value[b], x.value[a]), cmp.Compare(a, b)) })
	bins, left := make([]filled, x.free), placeWork
	var place func(at int) bool
	place = func(at int) bool {
		if at == len(order) {
			return true
		}
		i := order[at]
		for b := range bins {
			if left--; left < 0 {
				return false
			}
			was := bins[b]
			if was.sum.Plus(x.items[i]).Fits(x.capacity) {
				if bins[b].add(x, i); place(at + 1) {
					return true
				}
				bins[b] = was
			}
			if len(was.members) == 0 {
				break // the other empty bins are no different
			}
		}
		return false
	}
	done := place(0)
	x.work -= 4 * (placeWork - left)
	if done {
		for _, b := range bins {
			x.last = append(x.last, b.members)
		}
	}
	return done
}
