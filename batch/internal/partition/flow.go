package partition

import (
	"math"
	"slices"
)

// flow finds the edges of least weight that separate a vertex from others of its part,
// by the method of Dinic (Soviet Mathematics Doklady 11, 1970). It looks at no more of the
// part than it must, and can be used for one vertex after the other.
type flow struct {
	g       *Graph
	labels  []int32 // of the parts, which its owner may change between two runs
	room    []int32 // what each edge of a row can still carry away from its vertex
	reverse []int32 // the same edge in the other row
	used    []int32 // the edges that carry anything

	sink  []int32 // by vertex: the run in which it is one
	seen  []int32 // by vertex: the round that set its level
	level []int32 // how many edges with room lead from the source to it
	next  []int32 // the edge of each vertex to try next
	queue []int32 // the vertices that were seen
	now   int32   // the run
	round int32
	work  int
}

func newFlow(g *Graph, labels []int32) *flow {
	n := g.Len()
	f := &flow{
		g: g, labels: labels, room: make([]int32, len(g.Adj)), reverse: make([]int32, len(g.Adj)),
		sink: make([]int32, n), seen: make([]int32, n), level: make([]int32, n), next: make([]int32, n),
	}
	copy(f.room, g.EdgeWeight)
	copy(f.next, g.Row)
	for at, u := range g.Adj { // the edges into u come in the order of its own row
		f.reverse[at] = f.next[u]
		f.next[u]++
	}
	return f
}

// run lets as much flow as there is from the source to the sinks, and returns how much that
// is: the weight of the least cut. It reports false if that took more work than there
// was.
func (f *flow) run(source int32, sinks []int32, work int) (value int64, ok bool) {
	for _, at := range f.used {
		f.room[at], f.room[f.reverse[at]] = f.g.EdgeWeight[at], f.g.EdgeWeight[at]
	}
	f.used = f.used[:0]
	f.now++
	for _, v := range sinks {
		f.sink[v] = f.now
	}
	for most := f.work + work; f.layer(source); {
		value += f.push(source)
		if f.work > most {
			return value, false
		}
	}
	return value, true
}

// layer sets the levels, up to that of the nearest sink, and reports whether there is
// one.
func (f *flow) layer(source int32) (reached bool) {
	f.round++
	last := int32(math.MaxInt32)
	see := func(v, level int32) {
		f.seen[v], f.level[v], f.next[v] = f.round, level, f.g.Row[v]
		f.queue = append(f.queue, v)
		if f.sink[v] == f.now {
			reached, last = true, min(last, level)
		}
	}
	f.queue = f.queue[:0]
	see(source, 0)
	for i := 0; i < len(f.queue) && f.level[f.queue[i]] < last; i++ {
		v := f.queue[i]
		f.work += int(f.g.Row[v+1]-f.g.Row[v]) + 1
		for at := f.g.Row[v]; at < f.g.Row[v+1]; at++ {
			if u := f.g.Adj[at]; f.room[at] > 0 && f.seen[u] != f.round && f.labels[u] == f.labels[source] {
				see(u, f.level[v]+1)
			}
		}
	}
	return reached
}

// push lets flow along edges that lead from level to level until none does any more.
func (f *flow) push(source int32) (value int64) {
	var path []int32 // edges
	for v := source; ; {
		if f.sink[v] == f.now {
			value += f.augment(path)
			path, v = path[:0], source
		}
		at := f.next[v]
		switch {
		case at < f.g.Row[v+1]:
			f.work++
			if u := f.g.Adj[at]; f.room[at] > 0 && f.seen[u] == f.round && f.level[u] == f.level[v]+1 {
				path = append(path, at)
				v = u
			} else {
				f.next[v]++
			}
		case v == source:
			return value
		default: // a dead end
			at := path[len(path)-1]
			path = path[:len(path)-1]
			v = f.g.Adj[f.reverse[at]]
			f.next[v]++
		}
	}
}

// augment fills a path.
func (f *flow) augment(path []int32) int64 {
	least := f.room[path[0]]
	for _, at := range path {
		least = min(least, f.room[at])
	}
	for _, at := range path {
		f.room[at] -= least
		f.room[f.reverse[at]] += least
		f.used = append(f.used, at)
	}
	f.work += 2 * len(path)
	return int64(least)
}

// near returns the vertices on the side of the source, as few as can be. They are what run
// saw in its last round.
func (f *flow) near() []int32 { return slices.Clone(f.queue) }

// far returns the vertices of a part on the side of the source, as many as can be: all but
// those that edges with room lead from to a sink.
func (f *flow) far(part, sinks []int32) []int32 {
	f.round++
	f.queue = append(f.queue[:0], sinks...)
	for _, v := range sinks {
		f.seen[v] = f.round
	}
	for i := 0; i < len(f.queue); i++ {
		v := f.queue[i]
		f.work += int(f.g.Row[v+1]-f.g.Row[v]) + 1
		for at := f.g.Row[v]; at < f.g.Row[v+1]; at++ {
			if u := f.g.Adj[at]; f.seen[u] != f.round && f.labels[u] == f.labels[v] && f.room[f.reverse[at]] > 0 {
				f.seen[u] = f.round
				f.queue = append(f.queue, u)
			}
		}
	}
	var side []int32
	for _, v := range part {
		if f.seen[v] != f.round {
			side = append(side, v)
		}
	}
	f.work += len(part)
	return side
}
