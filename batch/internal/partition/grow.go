package partition

import (
	"context"
	"math"
	"math/rand/v2"
)

// none labels a vertex that has no part yet.
const none = int32(-1)

// grower carves one part after the other from what is left of a graph.
type grower struct {
	g        *Graph
	capacity Capacity
	fill     float64
	full     bool // whether of equal cuts the fullest part is best, not the one that leaves even ones

	order  []int32 // all vertices, shuffled: where to start; those in front that have a part are gone
	last   []int32 // the vertices of the last part
	labels []int32
	left   load    // what has no part yet
	parts  int64   // how many parts may still come
	open   []int64 // weight of the edges to vertices that had no part when the growing one began
	conn   []int64 // weight of the edges into the growing part
	stamp  []int32 // the part that conn belongs to
	seen   []int32 // the search of rim that saw the vertex last
	search int32
	found  []int32 // scratch of rim
	queue  heap
	turn   int32 // counts down with every entry of the queue

	shuffled []int32 // order, with those that are gone
}

// reset begins to grow parts of a graph. The labels are not those of the last one.
func (gr *grower) reset(g *Graph, capacity Capacity, o Options, rng *rand.Rand) {
	n := g.Len()
	*gr = grower{
		g: g, capacity: capacity, fill: o.Fill, full: o.Full, shuffled: resized(gr.shuffled, n), last: gr.last[:0],
		labels: make([]int32, n), open: resized(gr.open, n), conn: resized(gr.conn, n),
		stamp: resized(gr.stamp, n), seen: zeroed(gr.seen, n), found: gr.found[:0], queue: gr.queue,
	}
	gr.order = gr.shuffled
	for v := range int32(n) {
		gr.order[v] = v
		gr.labels[v], gr.stamp[v] = none, none
		gr.open[v] = g.degree(v)
		gr.left = gr.left.plus(g.load(v))
	}
	gr.parts = capacity.parts(gr.left) + int64(o.Spare)
	rng.Shuffle(n, func(i, j int) { gr.order[i], gr.order[j] = gr.order[j], gr.order[i] })
}

// run labels every vertex. If the context is canceled it stops somewhere.
func (gr *grower) run(ctx context.Context) []int32 {
	for part := int32(0); gr.left.count > 0 && ctx.Err() == nil; part++ {
		gr.last = gr.carve(part)
		for _, v := range gr.last {
			gr.labels[v] = part
			gr.left = gr.left.minus(gr.g.load(v))
			to, weight := gr.g.Neighbours(v)
			for i, u := range to {
				gr.open[u] -= int64(weight[i])
			}
		}
		gr.parts = max(gr.parts-1, gr.capacity.parts(gr.left))
	}
	return gr.labels
}

// carve returns the vertices of the next part. At least one vertex is left.
func (gr *grower) carve(part int32) []int32 {
	var (
		l       load
		cut     int64 // weight of the edges from the members to the rest
		best    int   // how many members to keep
		bestCut int64
		bestOff float64
	)
	taken := func(v int32) bool { return gr.labels[v] != none }
	gr.queue.reset()
	first := gr.rim()
	members := gr.last[:0]
	gr.touch(first, part)
	gr.queue.push(entry{key: gr.delta(first), vertex: first})
	for gr.queue.len() > 0 {
		e := gr.queue.pop()
		v := e.vertex
		with := l.plus(gr.g.load(v))
		if taken(v) || e.key != gr.delta(v) || !gr.capacity.holds(with) {
			continue // is in, has a newer entry, or does not fit
		}
		l, cut = with, cut+gr.delta(v)
		gr.labels[v] = part
		members = append(members, v)
		to, weight := gr.g.Neighbours(v)
		for i, u := range to {
			if !taken(u) {
				gr.touch(u, part)
				gr.conn[u] += int64(weight[i])
				// Of equal ones the smallest comes first where size or time is scarce, so
				// that a part keeps as many as it can; then the newest, so that a
				// branch is taken to its end before another is begun.
				gr.turn--
				gr.queue.push(entry{key: gr.delta(u), size: gr.scarce(u), turn: gr.turn, vertex: u})
			}
		}
		rest := gr.left.minus(l)
		if off := gr.uneven(l); gr.mayEnd(l, rest) && (best == 0 || cut < bestCut || cut == bestCut && off < bestOff) {
			best, bestCut, bestOff = len(members), cut, off
		}
	}
	for _, v := range members {
		gr.labels[v] = none
	}
	if best == 0 || cut == 0 {
		return members
	}
	return members[:best]
}

// scarce returns how much v takes of what is bounded beside the number.
func (gr *grower) scarce(v int32) int64 {
	switch {
	case gr.capacity.Size > 0:
		return gr.g.Size[v]
	case gr.capacity.Time > 0:
		return gr.g.load(v).time
	}
	return 0
}

// mayEnd reports whether a part with load l may end here, where the rest is left.
func (gr *grower) mayEnd(l, rest load) bool {
	if gr.fill > 0 {
		return gr.capacity.fill(l) >= gr.fill
	}
	return gr.capacity.parts(rest) < gr.parts
}

// uneven returns how far a load is from what is best of equal cuts: an even part of
// what is left, or a full one.
func (gr *grower) uneven(l load) float64 {
	if gr.full {
		return 1 - gr.capacity.fill(l)
	}
	return math.Abs(gr.capacity.fill(l) - gr.capacity.fill(gr.left)/float64(gr.parts))
}

// touch makes v's conn that of the growing part.
func (gr *grower) touch(v, part int32) {
	if gr.stamp[v] != part {
		gr.stamp[v], gr.conn[v] = part, 0
	}
}

// delta returns what taking v adds to the weight of the edges that leave the
// growing part. Edges to finished parts are cut already.
func (gr *grower) delta(v int32) int64 { return gr.open[v] - 2*gr.conn[v] }

// rim returns where the next part begins: beside the last one, with the vertex
// that holds least to the rest, so that parts are peeled off one side and leave no
// scraps behind; and where nothing is beside it, with a vertex that is far from a
// random one, the last that a breadth-first search from the last of another
// reaches. A search ends when it has seen some times what a part can hold, so that all
// of them together take time in proportion to the graph, however many parts there are.
func (gr *grower) rim() int32 {
	beside := none
	for _, v := range gr.last {
		to, _ := gr.g.Neighbours(v)
		for _, u := range to {
			if gr.labels[u] == none && (beside == none || gr.open[u] < gr.open[beside]) {
				beside = u
			}
		}
	}
	if beside != none {
		return beside
	}
	for gr.labels[gr.order[0]] != none {
		gr.order = gr.order[1:]
	}
	at := gr.order[0]
	enough := 8*int(gr.capacity.Count) + 200
	for range 2 {
		gr.search++
		gr.found = append(gr.found[:0], at)
		gr.seen[at] = gr.search
		for i := 0; i < len(gr.found) && len(gr.found) < enough; i++ {
			to, _ := gr.g.Neighbours(gr.found[i])
			for _, u := range to {
				if gr.labels[u] == none && gr.seen[u] != gr.search {
					gr.seen[u] = gr.search
					gr.found = append(gr.found, u)
				}
			}
		}
		at = gr.found[len(gr.found)-1]
	}
	return at
}
