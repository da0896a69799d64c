package binpack

import (
	"cmp"
	"slices"
)

// stock is the problem by kinds: items of the same load are one kind.
type stock struct {
	capacity Load
	load     []Load    // of each kind, the largest share first
	demand   []int32   // how many items of it there are
	items    [][]int32 // which ones

	// For each kind the next one that can be wherever it is, being no larger; -1 if
	// there is none. It is set by link.
	next []int32
}

func (p *packer) stock() *stock {
	st := &stock{capacity: p.capacity}
	order := slices.Clone(p.byShare)
	slices.SortStableFunc(order, func(a, b int32) int {
		x, y := p.items[a], p.items[b]
		return cmp.Or(cmp.Compare(p.shares[b], p.shares[a]), cmp.Compare(y.Count, x.Count), cmp.Compare(y.Size, x.Size), cmp.Compare(y.Time, x.Time))
	})
	for _, i := range order {
		last := len(st.load) - 1
		if last < 0 || p.items[i] != st.load[last] {
			st.load, st.demand, st.items = append(st.load, p.items[i]), append(st.demand, 0), append(st.items, nil)
			last++
		}
		st.demand[last]++
		st.items[last] = append(st.items[last], i)
	}
	return st
}

// link sets next. Time is quadratic in the kinds.
func (st *stock) link() {
	st.next = make([]int32, len(st.load))
	for k, l := range st.load {
		st.next[k] = -1
		for n := k + 1; n < len(st.load) && st.next[k] < 0; n++ {
			if st.load[n].within(l, st.capacity) {
				st.next[k] = int32(n)
			}
		}
	}
}

// part is so many items of a kind.
type part struct{ kind, n int32 }

// pattern is what one bin may hold: parts of different kinds that keep the capacity
// together.
type pattern []part

// add adds an item of a kind.
func (p pattern) add(kind int32) pattern {
	for at := range p {
		if p[at].kind == kind {
			p[at].n++
			return p
		}
	}
	return append(p, part{kind, 1})
}

// len returns how many items there are in the pattern.
func (p pattern) len() (n int) {
	for _, x := range p {
		n += int(x.n)
	}
	return n
}

// patterns returns what is in each bin of a packing.
func (st *stock) patterns(bin []int32, bins int) []pattern {
	ps := make([]pattern, bins)
	for k, items := range st.items {
		for _, i := range items {
			ps[bin[i]] = ps[bin[i]].add(int32(k))
		}
	}
	return ps
}

// lay returns the bin of each item if each bin holds a pattern. All of them together hold
// what there is.
func (st *stock) lay(ps []pattern) (bin []int32, bins int) {
	items := 0
	for _, of := range st.items {
		items += len(of)
	}
	bin = make([]int32, items)
	next := make([]int, len(st.items))
	for b, p := range ps {
		for _, x := range p {
			for range x.n {
				bin[st.items[x.kind][next[x.kind]]] = int32(b)
				next[x.kind]++
			}
		}
	}
	return bin, len(ps)
}

// fit returns how many items of a kind an empty bin holds, up to a number.
func (st *stock) fit(kind, most int32) int32 {
	l := st.load[kind]
	n := min(int64(most), st.capacity.Count/l.Count)
	if st.capacity.Size > 0 && l.Size > 0 {
		n = min(n, st.capacity.Size/l.Size)
	}
	if st.capacity.Time > 0 && l.Time > 0 {
		n = min(n, st.capacity.Time/l.Time)
	}
	return int32(n)
}

func (l Load) times(n int32) Load {
	return Load{l.Count * int64(n), l.Size * int64(n), l.Time * int64(n)}
}
