package partition

import "context"

// refine improves a partition by moving vertices between parts: the method of
// Fiduccia and Mattheyses (19th Design Automation Conference, 1982) for many
// parts. In a pass each vertex moves at most once, always the one whose move
// gains most, even if that is a loss; then everything after the best moment is
// undone. Passes go on while they gain, as long as the work is in proportion to
// the graph and the context is not canceled. No part exceeds the capacity at any
// time.
func refine(ctx context.Context, g *Graph, labels []int32, capacity Capacity) []int32 {
	r := newRefiner(g, labels, capacity)
	for ctx.Err() == nil && r.pass() > 0 {
	}
	return r.labels
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

	work    int     // how many more edges may be looked at
	conn    []int64 // scratch of bestMove, by part
	touched []int32 // the parts in conn
	locked  []bool
	queue   heap
}

func newRefiner(g *Graph, labels []int32, capacity Capacity) *refiner {
	r := &refiner{g: g, capacity: capacity, labels: labels, locked: make([]bool, g.Len()), work: workShare * (len(g.Adj) + g.Len())}
	for v, part := range labels {
		for int(part) >= len(r.loads) {
			r.loads = append(r.loads, load{})
		}
		r.loads[part] = r.loads[part].plus(g.load(int32(v)))
	}
	r.conn = make([]int64, len(r.loads))
	return r
}

// patience is how many moves in a row a pass makes without getting better than
// it was before it gives up.
const patience = 300

// heavy is the degree from which a vertex is looked at again only when its turn
// comes and not whenever a neighbour moved, so that a hub costs no more than its
// degree.
const heavy = 1000

type move struct {
	vertex, from int32
}

// pass makes one pass and returns what it gained, 0 if there is no work left.
func (r *refiner) pass() int64 {
	if r.work <= 0 {
		return 0
	}
	clear(r.locked)
	r.queue.reset()
	for v := range int32(r.g.Len()) {
		if gain, to := r.bestMove(v); to != none {
			r.queue.push(entry{key: -gain, vertex: v})
		}
	}
	var moves []move
	var gained, best int64
	keep := 0
	for r.queue.len() > 0 && len(moves)-keep < patience && r.work > 0 {
		e := r.queue.pop()
		v := e.vertex
		if r.locked[v] {
			continue
		}
		gain, to := r.bestMove(v)
		if to == none {
			continue
		}
		if -gain > e.key { // worse than it was when it was queued
			r.queue.push(entry{key: -gain, vertex: v})
			continue
		}
		moves = append(moves, move{v, r.labels[v]})
		r.relabel(v, to)
		r.locked[v] = true
		if gained += gain; gained > best {
			best, keep = gained, len(moves)
		}
		r.requeueNeighbours(v)
	}
	for i := len(moves) - 1; i >= keep; i-- {
		r.relabel(moves[i].vertex, moves[i].from)
	}
	return best
}

func (r *refiner) requeueNeighbours(v int32) {
	to, _ := r.g.Neighbours(v)
	for _, u := range to {
		if r.locked[u] || r.g.Row[u+1]-r.g.Row[u] >= heavy {
			continue
		}
		if gain, part := r.bestMove(u); part != none {
			r.queue.push(entry{key: -gain, vertex: u})
		}
	}
}

// bestMove returns the part beside its own that v is best moved to, none if it
// touches no other part that has room, and what the move would gain. Of equal
// ones it prefers the emptier part, then the lower.
func (r *refiner) bestMove(v int32) (gain int64, to int32) {
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
	to = none
	for _, part := range r.touched {
		if part == own || !r.capacity.holds(r.loads[part].plus(r.g.load(v))) {
			continue
		}
		better := to == none || r.conn[part] > r.conn[to]
		if !better && r.conn[part] == r.conn[to] {
			a, b := r.loads[part].count, r.loads[to].count
			better = a < b || a == b && part < to
		}
		if better {
			to = part
		}
	}
	if to != none {
		gain = r.conn[to] - r.conn[own]
	}
	for _, part := range r.touched {
		r.conn[part] = 0
	}
	return gain, to
}

func (r *refiner) relabel(v, part int32) {
	from := r.labels[v]
	r.loads[from] = r.loads[from].minus(r.g.load(v))
	r.loads[part] = r.loads[part].plus(r.g.load(v))
	r.labels[v] = part
}
