package partition

import (
	"cmp"
	"context"
	"math"
)

// refine improves a partition by moving vertices between parts: the method of
// Fiduccia and Mattheyses (19th Design Automation Conference, 1982) for many
// parts. In a pass each vertex moves at most once, always the one whose move
// gains most, even if that is a loss; then everything after the best moment is
// undone. A vertex that gains by moving to a full part waits until one leaves that, and
// what it gains counts for those that could leave. Passes go on while they gain, as long as the work is in proportion to
// the graph and the context is not canceled. No part exceeds the capacity at any
// time.
func refine(ctx context.Context, g *Graph, labels []int32, capacity Capacity, space *workspace) (refined []int32, work int) {
	r := &space.refiner
	r.reset(g, labels, capacity)
	allowed := r.work
	for ctx.Err() == nil && r.pass() > 0 {
	}
	return r.labels, allowed - r.work
}

// workShare is how often a refinement may look at each edge, on average. Graphs
// with a structure need a few passes; on those without, gains go on for long and
// are small.
const workShare = 30

type refiner struct {
	g        *Graph
	capacity Capacity
	labels   []int32
	loads    []load // of each part
	crowds   crowds // in each part

	work    int     // how many more edges may be looked at
	conn    []int64 // scratch of look, by part
	touched []int32 // the parts in conn
	locked  []bool

	leaving []heap  // the moves out of each part
	waiting []heap  // the vertices that gain by moving to each part, but it is full
	leave   []int64 // the key of the entry in leaving that counts, by vertex
	wait    []int64 // that in waiting

	// gains has of each part what its first entries promise to gain: no less than those do
	// that count.
	gains tournament
}

// reset begins the refinement of a partition.
func (r *refiner) reset(g *Graph, labels []int32, capacity Capacity) {
	n := g.Len()
	*r = refiner{
		g: g, capacity: capacity, labels: labels, loads: r.loads[:0], work: workShare * (len(g.Adj) + n),
		conn: r.conn, touched: r.touched[:0], locked: resized(r.locked, n), leaving: r.leaving, waiting: r.waiting,
		leave: resized(r.leave, n), wait: resized(r.wait, n), gains: r.gains,
	}
	for v, part := range labels {
		for int(part) >= len(r.loads) {
			r.loads = append(r.loads, load{})
		}
		r.loads[part] = r.loads[part].plus(g.load(int32(v)))
	}
	r.crowds = newCrowds(g, labels)
	parts := len(r.loads)
	r.conn = zeroed(r.conn, parts)
	for len(r.leaving) < parts {
		r.leaving, r.waiting = append(r.leaving, heap{}), append(r.waiting, heap{})
	}
	r.gains.resize(parts)
}

// patience is how many moves in a row a pass makes without getting better than
// it was before it gives up.
const patience = 300

// heavy is the degree from which a vertex is looked at again only when its turn
// comes and not whenever a neighbour moved, so that a hub costs no more than its
// degree.
const heavy = 1000

// unqueued is the key of no entry.
const unqueued = math.MaxInt64

type move struct {
	vertex, from int32
}

// pass makes one pass and returns what it gained, 0 if there is no work left.
func (r *refiner) pass() int64 {
	if r.work <= 0 {
		return 0
	}
	clear(r.locked)
	for part := range r.loads {
		r.leaving[part].reset()
		r.waiting[part].reset()
	}
	r.gains.reset()
	for v := range int32(r.g.Len()) {
		r.enqueue(v)
	}
	var moves []move
	var gained, best int64
	keep := 0
	for len(moves)-keep < patience && r.work > 0 {
		v, gain, to := r.next()
		if v == none {
			break
		}
		from := r.labels[v]
		moves = append(moves, move{v, from})
		r.relabel(v, to)
		r.locked[v] = true
		if gained += gain; gained > best {
			best, keep = gained, len(moves)
		}
		r.requeueNeighbours(v)
		r.admit(from)
	}
	for i := len(moves) - 1; i >= keep; i-- {
		r.relabel(moves[i].vertex, moves[i].from)
	}
	return best
}

// next takes the vertex to move next out of the queues: the one whose move gains most,
// counted together with that of the vertex that waits for its place, if there is one. It
// returns none if nothing can move.
func (r *refiner) next() (v int32, gain int64, to int32) {
	for {
		part := r.gains.best()
		if part == none {
			return none, 0, none
		}
		promised := r.gains.keys[part]
		q := &r.leaving[part]
		r.settle(q, r.leave)
		r.settle(&r.waiting[part], r.wait)
		if r.promise(part); r.gains.keys[part] != promised {
			continue
		}
		e := q.pop()
		r.promise(part)
		gain, to, _, _ = r.look(e.vertex)
		if to != none && -gain <= e.key {
			return e.vertex, gain, to
		}
		r.enqueue(e.vertex) // what it gained when it was queued it gains no more
	}
}

// promise notes what the first entries of a part promise to gain.
func (r *refiner) promise(part int32) {
	q, w := &r.leaving[part], &r.waiting[part]
	sum := int64(lost)
	if q.len() > 0 {
		sum = -q.entries[0].key
		if w.len() > 0 {
			sum -= w.entries[0].key
		}
	}
	r.gains.set(part, sum)
}

// settle drops what does not count from the top of a queue, and reports whether anything
// is left.
func (r *refiner) settle(q *heap, keys []int64) bool {
	for q.len() > 0 {
		if e := q.entries[0]; !r.locked[e.vertex] && keys[e.vertex] == e.key {
			return true
		}
		q.pop()
	}
	return false
}

// enqueue puts the moves of v into the queues.
func (r *refiner) enqueue(v int32) {
	gain, to, wish, full := r.look(v)
	r.leave[v], r.wait[v] = unqueued, unqueued
	if to != none {
		r.leave[v] = -gain
		r.leaving[r.labels[v]].push(entry{key: -gain, vertex: v})
		r.promise(r.labels[v])
	}
	if full != none && wish > 0 && (to == none || wish > gain) {
		r.wait[v] = -wish
		r.waiting[full].push(entry{key: -wish, vertex: v})
		r.promise(full)
	}
}

// admit queues the vertex that gains most by moving to a part that something has left.
func (r *refiner) admit(part int32) {
	if w := &r.waiting[part]; r.settle(w, r.wait) {
		if v := w.entries[0].vertex; r.capacity.holds(r.loads[part].plus(r.g.load(v))) {
			w.pop()
			r.promise(part)
			r.enqueue(v)
		}
	}
}

func (r *refiner) requeueNeighbours(v int32) {
	to, _ := r.g.Neighbours(v)
	for _, u := range to {
		if !r.locked[u] && r.g.Row[u+1]-r.g.Row[u] < heavy {
			r.enqueue(u)
		}
	}
}

// look returns the part beside its own that v is best moved to, none if it
// touches no other part that has room, and what the move would gain. Of equal
// ones it prefers the emptier part, then the lower. It returns the same for the
// parts that are full.
func (r *refiner) look(v int32) (gain int64, to int32, wish int64, full int32) {
	own := r.labels[v]
	neighbours, weight := r.g.Neighbours(v)
	r.work -= len(neighbours) + 1
	r.touched = r.touched[:0]
	for i, u := range neighbours {
		part := r.labels[u]
		if r.conn[part] == 0 {
			r.touched = append(r.touched, part)
		}
		r.conn[part] += int64(weight[i])
	}
	to, full = none, none
	for _, part := range r.touched {
		switch {
		case part == own || !r.crowds.admit(part, v):
		case !r.capacity.holds(r.loads[part].plus(r.g.load(v))):
			if full == none || r.conn[part] > r.conn[full] || r.conn[part] == r.conn[full] && part < full {
				full = part
			}
		case to == none || r.preferred(part, to):
			to = part
		}
	}
	if to != none {
		gain = r.conn[to] - r.conn[own]
	}
	if full != none {
		wish = r.conn[full] - r.conn[own]
	}
	for _, part := range r.touched {
		r.conn[part] = 0
	}
	return gain, to, wish, full
}

// preferred reports whether the vertex that is looked at is better moved to part a than b.
func (r *refiner) preferred(a, b int32) bool {
	return cmp.Or(
		cmp.Compare(r.conn[b], r.conn[a]),
		cmp.Compare(r.loads[a].count, r.loads[b].count),
		cmp.Compare(a, b),
	) < 0
}

func (r *refiner) relabel(v, part int32) {
	from := r.labels[v]
	r.loads[from] = r.loads[from].minus(r.g.load(v))
	r.loads[part] = r.loads[part].plus(r.g.load(v))
	r.crowds.leave(from, v)
	r.crowds.enter(part, v)
	r.labels[v] = part
}
