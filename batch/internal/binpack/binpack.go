// Package binpack puts items that have a count and a size into as few bins as it
// can, evenly filled.
package binpack

import (
	"cmp"
	"context"
	"slices"
)

// Load is what an item weighs or a bin may hold: a number of mailboxes and their
// size. In a capacity, Size 0 means that size does not matter.
type Load struct{ Count, Size int64 }

// Plus returns the sum of both loads.
func (l Load) Plus(m Load) Load { return Load{l.Count + m.Count, l.Size + m.Size} }

func (l Load) minus(m Load) Load { return Load{l.Count - m.Count, l.Size - m.Size} }

// Fits reports whether l is within the capacity.
func (l Load) Fits(capacity Load) bool {
	return l.Count <= capacity.Count && (capacity.Size == 0 || l.Size <= capacity.Size)
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
		bin, bins = p.firstFit(p.byShare, len(items))
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

	// Orders of the items, the largest first: by share, by count, by size.
	byShare, byCount, bySize []int32
}

func newPacker(items []Load, capacity Load) *packer {
	p := &packer{items: items, capacity: capacity, shares: make([]float64, len(items))}
	var total Load
	for _, it := range items {
		total = total.Plus(it)
	}
	// The share of an item is its part of the whole count plus its part of the
	// whole size. It is what evening out evens.
	for i, it := range items {
		p.shares[i] = float64(it.Count) / float64(total.Count)
		if total.Size > 0 {
			p.shares[i] += float64(it.Size) / float64(total.Size)
		}
	}
	p.byShare = p.order(func(i int32) float64 { return p.shares[i] })
	p.byCount = p.order(func(i int32) float64 { return float64(items[i].Count) })
	p.bySize = p.order(func(i int32) float64 { return float64(items[i].Size) })
	return p
}

func (p *packer) order(key func(i int32) float64) []int32 {
	idx := make([]int32, len(p.items))
	for i := range idx {
		idx[i] = int32(i)
	}
	slices.SortStableFunc(idx, func(a, b int32) int { return cmp.Compare(key(b), key(a)) })
	return idx
}

// into tries to pack all items into at most k bins, first in ways that fill the
// bins evenly, then in ways that fill them up. It returns 0 bins if none works or the
// context is canceled.
func (p *packer) into(ctx context.Context, k int) (bin []int32, used int) {
	for _, fit := range []func([]int32, int) ([]int32, int){p.worstFit, p.firstFit} {
		for _, order := range [][]int32{p.byShare, p.byCount, p.bySize} {
			if ctx.Err() != nil {
				return nil, 0
			}
			if bin, used = fit(order, k); used > 0 {
				return bin, used
			}
		}
	}
	if p.capacity.Size == 0 && p.apart == nil {
		return p.fillUp(k, false)
	}
	return nil, 0
}

// loads is what is in the bins while they are filled.
type loads struct {
	p     *packer
	bin   []int32 // of each item
	sum   []Load
	share []float64
	in    [][]int32 // the groups in each bin; nil if nothing must be apart
}

func (p *packer) empty(bins int) *loads {
	l := &loads{p: p, bin: make([]int32, len(p.items)), sum: make([]Load, bins), share: make([]float64, bins)}
	if p.apart != nil {
		l.in = make([][]int32, bins)
	}
	return l
}

func (l *loads) room(b int, i int32) bool {
	return l.sum[b].Plus(l.p.items[i]).Fits(l.p.capacity) && (l.in == nil || disjoint(l.p.apart[i], l.in[b]))
}

func (l *loads) put(b int, i int32) {
	l.bin[i] = int32(b)
	l.sum[b] = l.sum[b].Plus(l.p.items[i])
	l.share[b] += l.p.shares[i]
	if l.in != nil {
		l.in[b] = append(l.in[b], l.p.apart[i]...)
	}
}

func (l *loads) remove(b int, i int32) {
	l.sum[b] = l.sum[b].minus(l.p.items[i])
	l.share[b] -= l.p.shares[i]
	if l.in != nil {
		l.in[b] = without(l.in[b], l.p.apart[i])
	}
}

// passes bounds how many bins without room worstFit passes over: so many for each
// item, and some more. Beyond that most bins are full in one dimension and empty in
// the other, where evenness is out of reach anyway.
const (
	passesPerItem = 20
	morePasses    = 100_000
)

// worstFit puts each item into the bin with the smallest share that has room. It
// returns 0 bins if an item finds none, or if it takes too long to find.
func (p *packer) worstFit(order []int32, k int) (bin []int32, used int) {
	l := p.empty(k)
	heap := make([]int, k) // bins, the one with the smallest share first
	for b := range heap {
		heap[b] = b
	}
	var full []int // bins without room for the item
	left := passesPerItem*len(order) + morePasses
	for _, i := range order {
		full = full[:0]
		for len(heap) > 0 && !l.room(heap[0], i) {
			if left--; left < 0 {
				return nil, 0
			}
			full = append(full, heap[0])
			heap[0] = heap[len(heap)-1]
			heap = heap[:len(heap)-1]
			l.sink(heap)
		}
		if len(heap) == 0 {
			return nil, 0
		}
		l.put(heap[0], i)
		l.sink(heap)
		for _, b := range full {
			heap = append(heap, b)
			l.rise(heap)
		}
	}
	return l.bin, k
}

// before orders bins by share, and equal ones by number.
func (l *loads) before(a, b int) bool {
	return l.share[a] < l.share[b] || l.share[a] == l.share[b] && a < b
}

// sink restores the order of a heap of bins whose first may be too large.
func (l *loads) sink(heap []int) {
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(heap); child++ {
			if l.before(heap[child], heap[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}

// rise restores the order of a heap of bins whose last may be too small.
func (l *loads) rise(heap []int) {
	for i := len(heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !l.before(heap[i], heap[parent]) {
			return
		}
		heap[i], heap[parent] = heap[parent], heap[i]
		i = parent
	}
}

// firstFit puts each item into the first bin that has room, and opens one where
// none has. It returns 0 bins if that takes more than most.
func (p *packer) firstFit(order []int32, most int) (bin []int32, used int) {
	if most == 0 {
		return nil, 0
	}
	if p.apart != nil {
		return p.firstFitApart(order, most)
	}
	rooms := newRooms(most, p.capacity)
	bin = make([]int32, len(p.items))
	for _, i := range order {
		b := rooms.first(p.items[i])
		if b < 0 {
			return nil, 0
		}
		bin[i] = int32(b)
		rooms.take(b, p.items[i])
		used = max(used, b+1)
	}
	return bin, used
}

// rooms is a tree over bins that knows the largest room, in each dimension by
// itself, among those below a node.
type rooms struct {
	leaves int // a power of two
	room   []Load
	sized  bool // whether size matters
}

func newRooms(bins int, capacity Load) *rooms {
	r := &rooms{leaves: 1, sized: capacity.Size > 0}
	for r.leaves < bins {
		r.leaves *= 2
	}
	r.room = make([]Load, 2*r.leaves)
	for b := range r.leaves {
		r.room[r.leaves+b] = Load{Count: -1, Size: -1} // beyond the bins there is no room
		if b < bins {
			r.room[r.leaves+b] = capacity
		}
	}
	for node := r.leaves - 1; node > 0; node-- {
		r.update(node)
	}
	return r
}

func (r *rooms) update(node int) {
	a, b := r.room[2*node], r.room[2*node+1]
	r.room[node] = Load{max(a.Count, b.Count), max(a.Size, b.Size)}
}

func (r *rooms) has(node int, item Load) bool {
	return item.Count <= r.room[node].Count && (!r.sized || item.Size <= r.room[node].Size)
}

// first returns the first bin with room for the item, or -1.
func (r *rooms) first(item Load) int {
	node := 1
	for {
		switch {
		case r.has(node, item) && node >= r.leaves:
			return node - r.leaves
		case r.has(node, item):
			node *= 2
			continue
		}
		for node%2 == 1 { // a right child: nothing is left below its parent
			node /= 2
		}
		if node == 0 {
			return -1
		}
		node++
	}
}

func (r *rooms) take(bin int, item Load) {
	node := r.leaves + bin
	r.room[node] = r.room[node].minus(item)
	for node /= 2; node > 0; node /= 2 {
		r.update(node)
	}
}

// even moves items from the fullest bin to the emptiest while that brings their
// shares closer together, up to a number of moves that keeps the work, of which
// each looks at all bins, in bounds. It empties no bin.
func (p *packer) even(bin []int32, bins int) {
	l := p.empty(bins)
	members := make([][]int32, bins)
	for i, b := range bin {
		l.put(int(b), int32(i))
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
