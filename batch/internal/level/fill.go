package level

import (
	"cmp"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

// filler fills empty bins.
type filler struct {
	l     *leveler
	bin   []int32 // of each item
	loads []binpack.Load
	full  []float64 // how full each bin is, as a part of the capacity
	heap  []int32   // bins, the emptiest first
	work  int       // how many bins may still be looked at
	small []int32   // items that wait
	held  map[place]bool
}

// place is a bin and a number of what no two items may be in a bin of.
type place struct{ bin, number int32 }

// searched bounds how many bins that are not the emptiest are looked at in all for each item.
const searched = 50

func newFiller(l *leveler) *filler {
	bins := len(l.members)
	f := &filler{l: l, bin: make([]int32, len(l.items)), loads: make([]binpack.Load, bins), full: make([]float64, bins), work: searched * len(l.items), held: make(map[place]bool)}
	for b := range l.members {
		f.heap = append(f.heap, int32(b))
	}
	return f
}

// pour fills the bins anew: each cluster as a whole into the emptiest bin that it fits into,
// the largest first. Of one that fits into none as much as can goes into the emptiest, then
// into what is the emptiest then, and so on. If that leaves no room for a large item, the
// clusters with the largest items go first, those that fit into none item by item, and single
// ones wait until the end. It returns nil if not all finds room either way, or if a bin
// stays empty.
func (l *leveler) pour() []int32 {
	clusters := l.clusters()
	f := newFiller(l)
	done := f.fill(clusters, f.pour)
	if !done {
		f = newFiller(l)
		largest := func(c []int32) int32 { return slices.Min(c) } // as items are numbered
		slices.SortStableFunc(clusters, func(a, b []int32) int { return cmp.Compare(largest(a), largest(b)) })
		done = f.fill(clusters, f.pourLarge) && f.each(f.small)
	}
	if !done || f.loads[f.heap[0]].Count == 0 {
		return nil
	}
	return f.bin
}

// fill puts each cluster into a bin as a whole, or else as part does, and reports whether
// all find room.
func (f *filler) fill(clusters [][]int32, part func(cluster []int32) bool) bool {
	for _, cluster := range clusters {
		if at := f.emptiest(cluster); at >= 0 {
			f.put(at, cluster)
		} else if !part(cluster) {
			return false
		}
	}
	return true
}

// pourLarge puts the items of more than one mailbox into bins, the largest first, and keeps
// the others for later. It reports whether all find room.
func (f *filler) pourLarge(cluster []int32) bool {
	slices.Sort(cluster)
	var large []int32
	for _, i := range cluster {
		if f.l.items[i].Load.Count > 1 {
			large = append(large, i)
		} else {
			f.small = append(f.small, i)
		}
	}
	return f.each(large)
}

// each puts each item into the bin that another of its site went to, or else into the
// emptiest, and reports whether all find room.
func (f *filler) each(items []int32) bool {
	last := slices.Repeat([]int32{-1}, int(f.l.sites)) // where each site went to
	for at := range items {
		one := items[at : at+1]
		it := &f.l.items[one[0]]
		b := int32(-1)
		for _, site := range it.near() {
			if was := last[site]; was >= 0 && f.room(was, it.Load, one) {
				b = was
				break
			}
		}
		place := -1
		if b >= 0 {
			place = slices.Index(f.heap, b)
		} else if place = f.emptiest(one); place < 0 {
			return false
		}
		for _, site := range it.near() {
			last[site] = f.heap[place]
		}
		f.put(place, one)
	}
	return true
}

// pour puts as many items as fit into the emptiest bin that has room for the first, what is
// left into the emptiest then, and so on. It reports whether all find room.
func (f *filler) pour(items []int32) bool {
	for len(items) > 0 {
		at := f.emptiest(items[:1])
		if at < 0 {
			return false
		}
		var rest []int32
		b := f.heap[at]
		for i := range items {
			if one := items[i : i+1]; f.room(b, f.l.items[one[0]].Load, one) {
				f.add(b, one)
			} else {
				rest = append(rest, one[0])
			}
		}
		f.sink(at)
		items = rest
	}
	return true
}

// room reports whether a bin has room for items of a load, and nothing from which one of
// them must be apart.
func (f *filler) room(b int32, load binpack.Load, items []int32) bool {
	if !f.loads[b].Plus(load).Fits(f.l.capacity) {
		return false
	}
	if f.l.parted > 0 {
		for _, i := range items {
			for _, n := range f.l.items[i].apart() {
				if f.held[place{b, n}] {
					return false
				}
			}
		}
	}
	return true
}

// emptiest returns the place in the heap of the emptiest bin with room for all items, or -1.
func (f *filler) emptiest(items []int32) int {
	var load binpack.Load
	for _, i := range items {
		load = load.Plus(f.l.items[i].Load)
	}
	if f.room(f.heap[0], load, items) {
		return 0
	}
	if c := f.l.capacity; c.Size == 0 && c.Time == 0 && f.l.parted == 0 {
		return -1
	}
	best := -1
	if f.work -= len(f.heap); f.work < 0 {
		return -1
	}
	for at, b := range f.heap {
		if (best < 0 || f.before(at, best)) && f.room(b, load, items) {
			best = at
		}
	}
	return best
}

// put puts items into the bin at a place in the heap.
func (f *filler) put(at int, items []int32) {
	f.add(f.heap[at], items)
	f.sink(at)
}

// add puts items into a bin whose place in the heap is then to be restored.
func (f *filler) add(b int32, items []int32) {
	for _, i := range items {
		f.bin[i] = b
		f.loads[b] = f.loads[b].Plus(f.l.items[i].Load)
		for _, n := range f.l.items[i].apart() {
			f.held[place{b, n}] = true
		}
	}
	f.full[b] = float64(f.loads[b].Count) / float64(f.l.capacity.Count)
	if f.l.capacity.Size > 0 {
		f.full[b] = max(f.full[b], float64(f.loads[b].Size)/float64(f.l.capacity.Size))
	}
	if f.l.capacity.Time > 0 {
		f.full[b] = max(f.full[b], float64(f.loads[b].Time)/float64(f.l.capacity.Time))
	}
}

// before orders the heap: the emptiest first, equal bins by number.
func (f *filler) before(at, other int) bool {
	a, b := f.heap[at], f.heap[other]
	return f.full[a] < f.full[b] || f.full[a] == f.full[b] && a < b
}

// sink restores the heap below a place whose bin has become fuller.
func (f *filler) sink(at int) {
	for {
		least := at
		for child := 2*at + 1; child <= 2*at+2 && child < len(f.heap); child++ {
			if f.before(child, least) {
				least = child
			}
		}
		if least == at {
			return
		}
		f.heap[at], f.heap[least] = f.heap[least], f.heap[at]
		at = least
	}
}
