// Package binpack puts items that have a count, a size and a time into as few bins as it
// can, evenly filled.
package binpack

import (
	"context"
	"math"
	"slices"
)

// Load is what an item weighs or a bin may hold: a number of mailboxes, their size, and
// the time that they take. In a capacity, a Size or a Time of 0 does not matter.
type Load struct{ Count, Size, Time int64 }

// Plus returns the sum of both loads.
func (l Load) Plus(m Load) Load { return Load{l.Count + m.Count, l.Size + m.Size, l.Time + m.Time} }

// Minus returns the difference of both loads.
func (l Load) Minus(m Load) Load { return Load{l.Count - m.Count, l.Size - m.Size, l.Time - m.Time} }

// Fits reports whether l is within the capacity.
func (l Load) Fits(capacity Load) bool { return l.within(capacity, capacity) }

// within reports whether l takes no more than room in all that a capacity limits.
func (l Load) within(room, capacity Load) bool {
	return l.Count <= room.Count && (capacity.Size == 0 || l.Size <= room.Size) && (capacity.Time == 0 || l.Time <= room.Time)
}

// measures returns the measures that a capacity limits.
func measures(capacity Load) []func(Load) int64 {
	all := []func(Load) int64{func(l Load) int64 { return l.Count }}
	if capacity.Size > 0 {
		all = append(all, func(l Load) int64 { return l.Size })
	}
	if capacity.Time > 0 {
		all = append(all, func(l Load) int64 { return l.Time })
	}
	return all
}

// Pack assigns each item a bin, from 0 to bins-1, none of which is empty. Bound
// is a lower bound on the number of bins, from [LowerBound]: Pack tries that many
// first, and if it finds no way searches between it and what first fit needs. Each
// item must have a count of at least one and fit into an empty bin.
//
// The result depends on nothing but the items, the capacity and the bound. Where simple
// ways do not reach the bound, the search for one takes about half a second more at
// most. A canceled context ends it with its cause.
func Pack(ctx context.Context, items []Load, capacity Load, bound int) (bin []int32, bins int, err error) {
	p := newPacker(items, capacity)
	if bin, bins = p.into(ctx, bound); bins == 0 {
		bin, bins = p.firstFit(p.byShare, p.mostUsed())
		for low := bound + 1; low < bins && ctx.Err() == nil; {
			k := (low + bins) / 2
			if fewer, used := p.into(ctx, k); used > 0 {
				bin, bins = fewer, used
			} else {
				low = k + 1
			}
		}
		bin, bins = p.improve(ctx, bin, bins, bound)
	}
	if ctx.Err() != nil {
		return nil, 0, context.Cause(ctx)
	}
	p.even(bin, bins)
	return bin, bins, nil
}

type packer struct {
	items    []Load
	capacity Load
	shares   []float64 // of each item
	apart    [][]int32 // the groups of each item; see PackApart

	byShare                 []int32 // the items, the one with the largest share first
	byCount, bySize, byTime []int32 // the same by another measure, once they are asked for
}

func newPacker(items []Load, capacity Load) *packer {
	if capacity.Size == 0 && capacity.Time > 0 { // so that the second limit is always of size
		capacity.Size, capacity.Time = capacity.Time, 0
		items = slices.Clone(items)
		for i := range items {
			items[i].Size, items[i].Time = items[i].Time, 0
		}
	}
	p := &packer{items: items, capacity: capacity, shares: make([]float64, len(items))}
	var total Load
	for _, it := range items {
		total = total.Plus(it)
	}
	// The share of an item is its part of the whole count plus its parts of the
	// whole size and time. It is what evening out evens.
	for i, it := range items {
		p.shares[i] = float64(it.Count) / float64(total.Count)
		if total.Size > 0 {
			p.shares[i] += float64(it.Size) / float64(total.Size)
		}
		if total.Time > 0 {
			p.shares[i] += float64(it.Time) / float64(total.Time)
		}
	}
	p.byShare = p.order(func(i int) uint64 { return math.Float64bits(p.shares[i]) })
	return p
}

func (p *packer) orderByCount() []int32 {
	if p.byCount == nil {
		p.byCount = p.order(func(i int) uint64 { return uint64(p.items[i].Count) })
	}
	return p.byCount
}

func (p *packer) orderBySize() []int32 {
	if p.bySize == nil {
		p.bySize = p.order(func(i int) uint64 { return uint64(p.items[i].Size) })
	}
	return p.bySize
}

func (p *packer) orderByTime() []int32 {
	if p.byTime == nil {
		p.byTime = p.order(func(i int) uint64 { return uint64(p.items[i].Time) })
	}
	return p.byTime
}

// order returns the items, those with the largest keys first and equal ones as they are.
func (p *packer) order(key func(i int) uint64) []int32 {
	keys := make([]uint64, len(p.items))
	for i := range keys {
		keys[i] = ^key(i)
	}
	return sortByKey(keys)
}

// into tries to pack all items into at most k bins, first in ways that fill the
// bins evenly, then in ways that fill them up. It returns 0 bins if none works or the
// context is canceled.
func (p *packer) into(ctx context.Context, k int) (bin []int32, used int) {
	orders := []func() []int32{func() []int32 { return p.byShare }, p.orderByCount, p.orderBySize}
	if p.capacity.Time > 0 {
		orders = append(orders, p.orderByTime)
	}
	for _, fit := range []func([]int32, int) ([]int32, int){p.worstFit, p.firstFit} {
		for _, order := range orders {
			if ctx.Err() != nil {
				return nil, 0
			}
			if bin, used = fit(order(), k); used > 0 {
				return bin, used
			}
		}
	}
	switch {
	case p.capacity.Size > 0:
		bin, used = p.level(k, p.orderBySize(), func(l Load) int64 { return l.Size })
		if used == 0 && p.capacity.Time > 0 {
			bin, used = p.level(k, p.orderByTime(), func(l Load) int64 { return l.Time })
		}
		return bin, used
	case p.apart == nil:
		return p.fillUp(k, false)
	}
	return nil, 0
}

// even moves items from the fullest bin to the emptiest while that brings their
// shares closer together, up to a number of moves that keeps the work, of which
// each looks at all bins, in bounds. It empties no bin.
func (p *packer) even(bin []int32, bins int) {
	l := p.empty(bins)
	counts := make([]int32, bins)
	for i, b := range bin {
		l.put(int(b), int32(i))
		counts[b]++
	}
	all, members := make([]int32, len(bin)), make([][]int32, bins)
	for b, n := range counts {
		members[b], all = all[:0:n], all[n:]
	}
	for i, b := range bin {
		members[b] = append(members[b], int32(i))
	}
	const work = 20_000_000
	for range min(20*bins, work/max(bins, 1)) {
		hi, lo := 0, 0
		for b := range l.share {
			if l.share[b] > l.share[hi] {
				hi = b
			}
			if l.share[b] < l.share[lo] {
				lo = b
			}
		}
		at := l.bestMove(members[hi], hi, lo)
		if at < 0 {
			break
		}
		i := members[hi][at]
		members[hi] = slices.Delete(members[hi], at, at+1)
		members[lo] = append(members[lo], i)
		l.remove(hi, i)
		l.put(lo, i)
	}
	copy(bin, l.bin)
}

// bestMove returns the position of the member of bin hi whose move to bin lo
// leaves their shares closest together, or -1 if none brings them closer.
func (l *loads) bestMove(members []int32, hi, lo int) int {
	best, least := -1, (l.share[hi]-l.share[lo])*(1-1e-9)
	for at, i := range members {
		gap := l.share[hi] - l.share[lo] - 2*l.p.shares[i]
		if gap = max(gap, -gap); gap < least && l.room(lo, i) {
			best, least = at, gap
		}
	}
	return best
}
