package binpack

import "slices"

// fillWork bounds the sums that filling up looks at, and mostSums how many different ones
// there are, which takes memory.
const (
	fillWork = 100_000_000
	mostSums = 1 << 20
)

// fillUp packs by count alone: each bin gets the largest item left and then the
// items that fill it as far as possible, large ones before small ones, found by
// dynamic programming over the distinct counts. With crowd set, it gets the items that
// fill it as far as possible, small ones before large ones: as many as can be. It returns
// 0 bins if that takes more than k, or too long. Time is O(k d c) for d distinct
// counts and capacity c.
func (p *packer) fillUp(k int, crowd bool) (bin []int32, used int) {
	c := p.capacity.Count
	if c > mostSums {
		return nil, 0
	}
	work := int64(fillWork)
	f := &filler{byCount: make([][]int32, c+1), from: make([]int32, c+1), used: make([]int32, c+1)}
	for _, i := range slices.Backward(p.orderByCount()) { // so that the first of equals is taken first
		count := p.items[i].Count
		if len(f.byCount[count]) == 0 {
			f.counts = append(f.counts, count)
		}
		f.byCount[count] = append(f.byCount[count], i)
	}
	if c*int64(len(f.counts)) > 2*fillWork/int64(max(k, 1)) { // fewer and fewer counts are left
		return nil, 0
	}
	bin = make([]int32, len(p.items))
	for left := len(p.items); left > 0; used++ {
		if work -= c * int64(len(f.counts)); used >= k || work < 0 {
			return nil, 0
		}
		for _, i := range f.next(c, crowd) {
			bin[i] = int32(used)
			left--
		}
	}
	return bin, used
}

// filler holds the items that are not packed yet.
type filler struct {
	counts  []int64   // the distinct counts, ascending; some may be used up
	byCount [][]int32 // the items left of each count

	// Scratch of next, by sum: the count that reached it last, and how many of
	// that count were taken; from is 0 where the sum is not reached.
	from, used []int32
}

// next takes the items of one bin of capacity c. At least one item is left.
func (f *filler) next(c int64, crowd bool) []int32 {
	for len(f.byCount[f.counts[len(f.counts)-1]]) == 0 {
		f.counts = f.counts[:len(f.counts)-1]
	}
	var bin []int32
	room := c
	if !crowd {
		largest := f.counts[len(f.counts)-1]
		bin = []int32{f.take(largest)}
		room -= largest
	}
	clear(f.from)
	clear(f.used)
	for at := range f.counts {
		w := f.counts[at]
		if !crowd {
			w = f.counts[len(f.counts)-1-at]
		}
		left := int32(len(f.byCount[w]))
		for sum := w; sum <= room && left > 0; sum++ {
			if f.from[sum] > 0 || sum > w && f.from[sum-w] == 0 {
				continue
			}
			taken := int32(0)
			if sum > w && f.from[sum-w] == int32(w) {
				taken = f.used[sum-w]
			}
			if taken < left {
				f.from[sum], f.used[sum] = int32(w), taken+1
			}
		}
	}
	for room > 0 && f.from[room] == 0 {
		room--
	}
	for room > 0 {
		w := int64(f.from[room])
		bin = append(bin, f.take(w))
		room -= w
	}
	return bin
}

func (f *filler) take(count int64) int32 {
	items := f.byCount[count]
	i := items[len(items)-1]
	f.byCount[count] = items[:len(items)-1]
	return i
}
