package partition

import (
	"cmp"
	"context"
	"slices"
)

// state is one way to cut what hangs below a vertex of a tree: the load that stays
// together with the vertex, and the weight of the edges that are cut.
type state struct {
	load
	cut int64

	from, option int32 // how it came about: from which state before the last item, by which option of it
}

// item is something that hangs from a vertex: a child, or all children of one load that
// have a single state, the heaviest edge first. Of these it is best to keep the first ones,
// however many are kept.
type item struct {
	children []int32
	options  []state // load that is kept and what that cuts beyond base, by rising cut
	base     int64   // what is cut whatever happens
}

// forest splits a forest.
type forest struct {
	g        *Graph
	capacity Capacity
	order    []int32 // each vertex after its parent
	parent   []int32
	weight   []int32   // of the edge to the parent
	states   [][]state // by vertex, by rising cut, each with less load than those before
	limit    []int32   // how many states were kept between the items of each vertex
	work     int
}

// Bounds on the effort for a forest. Within them the cut is the least there is.
const (
	forestWork   = 100_000_000 // states looked at
	forestMemory = 2_000_000   // states at a vertex, over its items
	fewStates    = 32          // what is kept where a bound is exceeded
	sizeStates   = 64          // what is kept where sizes or times are bounded too
)

// splitForest splits g along edges of the least weight if it is a forest, and reports false
// if it is not. If sizes or times are bounded, or the bounds on the effort are exceeded, there may be less.
//
// From the leaves up it keeps for each vertex all ways to cut what hangs below that are not
// worse than another both by what they cut and by what stays with the vertex. A way that
// cuts as much more than the best as the edge to the parent weighs is worse than to cut that
// edge, so that few are left: a single one where all edges weigh one, which is the method
// of Kundu and Misra (SIAM Journal on Computing 6, 1977).
func splitForest(ctx context.Context, g *Graph, capacity Capacity) (labels []int32, ok bool) {
	if len(g.Adj)/2 >= g.Len() {
		return nil, false
	}
	f := newForest(g, capacity)
	if f == nil {
		return nil, false
	}
	for i := len(f.order) - 1; i >= 0; i-- {
		v := f.order[i]
		items := f.items(v)
		f.limit[v] = f.bound(len(items))
		states, _ := f.combine(v, items, false)
		f.states[v] = f.useful(v, states)
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, false
		}
	}
	return f.labels(), true
}

// newForest returns nil if g is not a forest.
func newForest(g *Graph, capacity Capacity) *forest {
	n := g.Len()
	f := &forest{
		g: g, capacity: capacity, order: make([]int32, 0, n), parent: slices.Repeat([]int32{none}, n),
		weight: make([]int32, n), states: make([][]state, n), limit: make([]int32, n),
	}
	seen := make([]bool, n)
	for root := range int32(n) {
		if seen[root] {
			continue
		}
		seen[root] = true
		f.order = append(f.order, root)
		for i := len(f.order) - 1; i < len(f.order); i++ {
			v := f.order[i]
			to, weight := g.Neighbours(v)
			for at, u := range to {
				switch {
				case u == f.parent[v]:
				case seen[u]:
					return nil
				default:
					seen[u], f.parent[u], f.weight[u] = true, v, weight[at]
					f.order = append(f.order, u)
				}
			}
		}
	}
	return f
}

// bound returns how many states may be kept between that many items.
func (f *forest) bound(items int) int32 {
	switch {
	case f.work > forestWork:
		return fewStates
	case !f.capacity.counts():
		return sizeStates
	}
	return int32(max(forestMemory/max(items, 1), fewStates))
}

// items returns what hangs from v.
func (f *forest) items(v int32) []item {
	var items []item
	var single []int32
	to, _ := f.g.Neighbours(v)
	for _, u := range to {
		if u == f.parent[v] {
			continue
		}
		if len(f.states[u]) == 1 {
			single = append(single, u)
			continue
		}
		i := item{children: []int32{u}, base: f.states[u][0].cut}
		for _, s := range f.states[u] {
			i.options = append(i.options, state{load: s.load, cut: s.cut - i.base})
		}
		i.options = append(i.options, state{cut: int64(f.weight[u])})
		items = append(items, i)
	}
	slices.SortFunc(single, func(a, b int32) int {
		x, y := f.states[a][0], f.states[b][0]
		return cmp.Or(cmp.Compare(x.count, y.count), cmp.Compare(x.size, y.size), cmp.Compare(x.time, y.time), cmp.Compare(f.weight[b], f.weight[a]), cmp.Compare(a, b))
	})
	for len(single) > 0 {
		n := 1
		for n < len(single) && f.states[single[n]][0].load == f.states[single[0]][0].load {
			n++
		}
		items = append(items, f.alike(v, single[:n]))
		single = single[n:]
	}
	return items
}

// alike returns the item of children of v that have a single state each, with equal loads.
func (f *forest) alike(v int32, children []int32) item {
	i := item{children: children}
	one := f.states[children[0]][0].load
	kept := state{load: f.own(v)}
	for _, u := range children {
		i.base += f.states[u][0].cut
		kept.cut += int64(f.weight[u])
	}
	kept.load = load{}
	own := f.own(v)
	for n := 0; ; n++ {
		i.options = append(i.options, kept)
		if n == len(children) || !f.capacity.holds(own.plus(kept.load).plus(one)) {
			break
		}
		kept.load = kept.load.plus(one)
		kept.cut -= int64(f.weight[children[n]])
	}
	slices.Reverse(i.options)
	return i
}

// own returns the load of v, with the size and the time only if they are bounded.
func (f *forest) own(v int32) load {
	l := f.g.load(v)
	if f.capacity.Size == 0 {
		l.size = 0
	}
	if f.capacity.Time == 0 {
		l.time = 0
	}
	return l
}

// combine returns the states of v over all its items, and with history also those
// before the last, before the one before, and so on, the first ones first.
func (f *forest) combine(v int32, items []item, history bool) (states []state, before [][]state) {
	states = []state{{load: f.own(v)}}
	for _, i := range items {
		if history {
			before = append(before, states)
		}
		var all []state
		for o, option := range i.options {
			with := make([]state, 0, len(states))
			for at, s := range states {
				if l := s.plus(option.load); f.capacity.holds(l) {
					with = append(with, state{load: l, cut: s.cut + option.cut + i.base, from: int32(at), option: int32(o)})
				}
			}
			f.work += len(states) + len(all)
			all = f.undominated(all, with)
		}
		states = thin(all, int(f.limit[v]))
	}
	return states, before
}

// undominated merges two lists of states, leaving out those that cut and weigh no less than
// another.
func (f *forest) undominated(a, b []state) []state {
	out := make([]state, 0, len(a)+len(b))
	for len(a)+len(b) > 0 {
		var s state
		if len(b) == 0 || len(a) > 0 && before(a[0], b[0]) {
			s, a = a[0], a[1:]
		} else {
			s, b = b[0], b[1:]
		}
		if !f.dominated(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func before(a, b state) bool {
	return cmp.Or(cmp.Compare(a.cut, b.cut), cmp.Compare(a.count, b.count), cmp.Compare(a.size, b.size), cmp.Compare(a.time, b.time)) <= 0
}

// dominated reports whether one of the states, which cut no more than s, weighs no more.
func (f *forest) dominated(states []state, s state) bool {
	if n := len(states); f.capacity.counts() {
		return n > 0 && states[n-1].count <= s.count
	}
	return slices.ContainsFunc(states, func(t state) bool { return t.count <= s.count && t.size <= s.size && t.time <= s.time })
}

// thin returns at most that many of the states, evenly spread, with the first and the last.
func thin(states []state, limit int) []state {
	if len(states) <= limit {
		return states
	}
	out := make([]state, limit)
	for i := range out {
		out[i] = states[i*(len(states)-1)/(limit-1)]
	}
	return out
}

// useful returns the states of v that are better than to take the first and cut the edge to
// the parent.
func (f *forest) useful(v int32, states []state) []state {
	n := 1
	for n < len(states) && states[n].cut < states[0].cut+int64(f.weight[v]) {
		n++
	}
	return slices.Clone(states[:n])
}

// labels goes back from the best states of the roots to what they are made of.
func (f *forest) labels() []int32 {
	labels := make([]int32, f.g.Len())
	chosen := make([]int32, f.g.Len()) // the state of each vertex
	cut := make([]bool, f.g.Len())     // whether the edge to the parent is cut
	parts := int32(0)
	for _, v := range f.order {
		if f.parent[v] == none || cut[v] {
			labels[v] = parts
			parts++
		} else {
			labels[v] = labels[f.parent[v]]
		}
		items := f.items(v)
		states, before := f.combine(v, items, true)
		s := states[chosen[v]]
		for i := len(items) - 1; i >= 0; i-- {
			items[i].choose(int(s.option), chosen, cut)
			s = before[i][s.from]
		}
	}
	return labels
}

// choose notes for the children of the item what an option does with them. Those that are
// cut off are in their first state.
func (i *item) choose(option int, chosen []int32, cut []bool) {
	last := len(i.options) - 1 // keeps none
	if len(i.children) == 1 {
		u := i.children[0]
		if cut[u] = option == last; !cut[u] {
			chosen[u] = int32(option)
		}
		return
	}
	for at, u := range i.children {
		cut[u] = at >= last-option
	}
}
