package batch

import "slices"

// follow lets those who hang together with what is pinned elsewhere than where it was go
// with it, as many as it costs least to move. One by one none of a team might: each of them
// would leave the others.
func (l *layout) follow() {
	for _, p := range l.pb.pins {
		v := l.pb.vertex[p.at]
		seen := map[int32]bool{none: true, l.fixed[v]: true}
		for _, i := range l.members[l.first[v]:l.first[v+1]] {
			if from := l.was(i); !seen[from] {
				seen[from] = true
				l.followFrom(v, from)
			}
		}
	}
}

// followFrom lets others of a bin follow v to where it is: one after the other the one that
// costs least, up to where that has cost least in all.
func (l *layout) followFrom(v, from int32) {
	if l.alone(v) {
		return
	}
	var order []int32
	best := 0
	l.attempt(func() bool {
		f := &following{layout: l, from: from, to: l.bin[v], costs: make(map[int32]float64)}
		f.reach(v)
		for least := -l.least; len(f.order) < maxCluster && l.work > 0 && f.next(); {
			if l.cost < least {
				best, least = len(f.order), l.cost
			}
		}
		order = f.order
		return false
	})
	l.putAll(order[:best], l.bin[v])
}

// following is one vertex after the other leaving a bin for another.
type following struct {
	*layout
	from, to int32
	order    []int32           // who has left
	edge     []int32           // who is tied to any of those, and has not
	costs    map[int32]float64 // what that would cost
}

// reach works out what it costs if those follow that v is tied to. What is pinned to where
// they are must be apart from what is pinned to where they go, so that it does not.
func (f *following) reach(v int32) {
	for _, t := range f.tiesOf(v) {
		u := t.to
		if f.bin[u] != f.from {
			continue
		}
		if _, ok := f.costs[u]; !ok {
			f.edge = append(f.edge, u)
		}
		f.costs[u] = f.price(u, f.to) - f.price(u, f.from)
		f.work -= 2 * len(f.tiesOf(u))
	}
}

// next lets the one follow that costs least of those for whom there is room, and reports
// whether there is one.
func (f *following) next() bool {
	for len(f.edge) > 0 {
		best := 0
		for i, u := range f.edge {
			if f.costs[u] < f.costs[f.edge[best]] {
				best = i
			}
		}
		f.work -= len(f.edge) / 4
		u := f.edge[best]
		f.edge = slices.Delete(f.edge, best, best+1)
		if f.admits(f.to, f.pb.group([]int32{u})) {
			f.put(u, f.to)
			f.order = append(f.order, u)
			f.reach(u)
			return true
		}
	}
	return false
}
