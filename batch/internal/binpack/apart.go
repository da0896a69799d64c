package binpack

import (
	"context"
	"slices"
)

// PackApart is [Pack] with items that must not share a bin: any two that are in a group
// in common. It takes the groups of each item, of which it may be in none; nil is none for
// all. What it returns keeps them apart in any case. The bound must hold for the
// items and their groups.
//
// Besides the ways of Pack it takes what Pack finds without the groups, and moves
// and swaps items until those of a group are apart.
func PackApart(ctx context.Context, items []Load, apart [][]int32, capacity Load, bound int) (bin []int32, bins int, err error) {
	if apart == nil {
		return Pack(ctx, items, capacity, bound)
	}
	p := newPacker(items, capacity)
	p.apart = apart
	if bin, bins = p.intoApart(ctx, bound); bins == 0 {
		bin, bins = p.firstFit(p.byShare, len(items))
		for low := bound + 1; low < bins && ctx.Err() == nil; {
			k := (low + bins) / 2
			if fewer, used := p.intoApart(ctx, k); used > 0 {
				bin, bins = fewer, used
			} else {
				low = k + 1
			}
		}
		if bin, bins, err = p.fewerApart(ctx, bin, bins, bound); err != nil {
			return nil, 0, err
		}
	}
	if ctx.Err() != nil {
		return nil, 0, context.Cause(ctx)
	}
	p.even(bin, bins)
	return bin, bins, nil
}

// free reports whether item i may be with any other.
func (p *packer) free(i int32) bool { return p.apart == nil || len(p.apart[i]) == 0 }

// intoApart tries to pack all items into at most k bins, in the orders of the packer
// and in those with items that are not free in front.
func (p *packer) intoApart(ctx context.Context, k int) (bin []int32, used int) {
	if bin, used = p.into(ctx, k); used > 0 {
		return bin, used
	}
	first := *p
	first.byCount, first.bySize = p.orderByCount(), p.orderBySize()
	if p.capacity.Time > 0 {
		first.byTime = p.orderByTime()
	}
	for _, order := range []*[]int32{&first.byShare, &first.byCount, &first.bySize, &first.byTime} {
		*order = slices.Clone(*order)
		slices.SortStableFunc(*order, func(a, b int32) int {
			switch {
			case p.free(a) == p.free(b):
				return 0
			case p.free(b):
				return -1
			}
			return 1
		})
	}
	return first.into(ctx, k)
}

// firstFitApart is firstFit where items must be apart.
func (p *packer) firstFitApart(order []int32, most int) (bin []int32, used int) {
	rooms, l := newRooms(most, p.capacity), p.empty(most)
	for _, i := range order {
		b := 0
		if p.free(i) {
			b = rooms.first(p.items[i])
		} else {
			for b < most && !l.room(b, i) {
				b++
			}
		}
		if b < 0 || b == most {
			return nil, 0
		}
		l.put(b, i)
		rooms.take(b, p.items[i])
		used = max(used, b+1)
	}
	return l.bin, used
}

// mostSearched is how many numbers of bins are searched for a packing.
const mostSearched = 4

// fewerApart looks for a packing into fewer bins than the one given, down to a bound.
func (p *packer) fewerApart(ctx context.Context, bin []int32, bins, bound int) ([]int32, int, error) {
	if other, used, err := Pack(ctx, p.items, p.capacity, bound); err != nil {
		return nil, 0, err
	} else if used < bins && p.repair(other, used) {
		bin, bins = other, used
	}
	for k := bound; k < min(bins, bound+mostSearched) && len(p.items) <= mostImproved; k++ {
		if fewer, used, _ := p.search(k); used > 0 {
			return fewer, used, nil
		}
	}
	return bin, bins, nil
}

// repairWork bounds the items and bins that a repair looks at.
const repairWork = 50_000_000

// repair moves items of a packing, and swaps them with others, until it keeps apart what
// must be. It reports false if it cannot.
func (p *packer) repair(bin []int32, bins int) bool {
	r := &repairer{loads: p.empty(bins), members: make([][]int32, bins), work: repairWork}
	var offenders []int32
	for i, b := range bin {
		i := int32(i)
		if !disjoint(p.apart[i], r.in[b]) {
			offenders = append(offenders, i)
		}
		r.put(int(b), i)
		r.members[b] = append(r.members[b], i)
	}
	for _, i := range offenders {
		if !r.move(i) && !r.swap(i) {
			return false
		}
	}
	copy(bin, r.bin)
	return true
}

// repairer is a packing under repair.
type repairer struct {
	*loads
	members [][]int32 // of each bin
	work    int
}

// move moves item i to the bin with the smallest share of those that can take it.
func (r *repairer) move(i int32) bool {
	best := -1
	for b := range r.members {
		if r.room(b, i) && (best < 0 || r.share[b] < r.share[best]) {
			best = b
		}
	}
	r.work -= len(r.members)
	if best >= 0 {
		r.transfer(i, best)
	}
	return best >= 0
}

// swap lets item i change places with one that takes what it leaves.
func (r *repairer) swap(i int32) bool {
	from := int(r.bin[i])
	for to, members := range r.members {
		if to == from {
			continue
		}
		for _, j := range members {
			if r.work--; r.work < 0 {
				return false
			}
			x, y := r.p.items[i], r.p.items[j]
			if !r.sum[to].Minus(y).Plus(x).Fits(r.p.capacity) || !r.sum[from].Minus(x).Plus(y).Fits(r.p.capacity) {
				continue
			}
			r.remove(from, i)
			r.remove(to, j)
			if r.room(to, i) && r.room(from, j) {
				r.put(from, i)
				r.put(to, j)
				r.transfer(i, to)
				r.transfer(j, from)
				return true
			}
			r.put(from, i)
			r.put(to, j)
		}
	}
	return false
}

func (r *repairer) transfer(i int32, to int) {
	from := r.bin[i]
	at := slices.Index(r.members[from], i)
	r.members[from] = slices.Delete(r.members[from], at, at+1)
	r.members[to] = append(r.members[to], i)
	r.remove(int(from), i)
	r.put(to, i)
}

// quarrels reports whether the item at a position must be apart from one in bin b.
func (s *searcher) quarrels(b, at int) bool {
	groups := s.p.apart[s.p.byShare[at]]
	for other, used := range s.used {
		i := s.p.byShare[other]
		if used && s.bin[i] == int32(b) && !disjoint(s.p.apart[i], groups) {
			return true
		}
	}
	s.work -= len(s.used) / 8
	return false
}

// disjoint reports whether two short lists have nothing in common.
func disjoint(a, b []int32) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return false
		}
	}
	return true
}

// without takes some of a list out of it, each once.
func without(list, some []int32) []int32 {
	for _, x := range some {
		at := slices.Index(list, x)
		list = slices.Delete(list, at, at+1)
	}
	return list
}
