package partition

import (
	"context"
	"math/rand/v2"
	"runtime"
)

// Capacity bounds a part: its number of vertices and, unless they are 0, the sums
// of their sizes and times.
type Capacity struct{ Count, Size, Time int64 }

type load struct{ count, size, time int64 }

func (l load) plus(m load) load  { return load{l.count + m.count, l.size + m.size, l.time + m.time} }
func (l load) minus(m load) load { return load{l.count - m.count, l.size - m.size, l.time - m.time} }

func (c Capacity) holds(l load) bool {
	return l.count <= c.Count && (c.Size == 0 || l.size <= c.Size) && (c.Time == 0 || l.time <= c.Time)
}

// counts reports whether nothing but the number of vertices is bounded.
func (c Capacity) counts() bool { return c.Size == 0 && c.Time == 0 }

// parts returns the number of parts that a load needs by volume.
func (c Capacity) parts(l load) int64 {
	n := (l.count + c.Count - 1) / c.Count
	if c.Size > 0 {
		n = max(n, (l.size+c.Size-1)/c.Size)
	}
	if c.Time > 0 {
		n = max(n, (l.time+c.Time-1)/c.Time)
	}
	return n
}

// fill returns how full a part with load l is, from 0 to 1.
func (c Capacity) fill(l load) float64 {
	f := float64(l.count) / float64(c.Count)
	if c.Size > 0 {
		f = max(f, float64(l.size)/float64(c.Size))
	}
	if c.Time > 0 {
		f = max(f, float64(l.time)/float64(c.Time))
	}
	return f
}

// Options says how to split. See [Splitter.Split].
type Options struct {
	// Fill bounds where a part may end: at a fill of at least that much if it is
	// over 0, and otherwise so that the rest needs as few parts as the whole
	// would leave.
	Fill float64

	// Spare is how many parts there may be beyond the fewest that can hold all. It
	// does not matter if Fill is over 0.
	Spare int

	// Full prefers, of equal cuts, the one that fills a part, so that the last part
	// alone is left small and can be joined with others. Otherwise parts are even. Since
	// it is not about the cut alone, it makes a few starts only, for forests too.
	Full bool

	// Flat grows parts vertex by vertex, which fills them to the brim. Otherwise
	// they are grown from clusters of vertices, which cuts less.
	Flat bool
}

// Splitter splits graphs, on all processors, in memory that it keeps for the next ones. The
// zero Splitter has none yet. It is for one goroutine.
type Splitter struct{ spaces []workspace }

// Split labels the vertices of g with parts that the capacity holds and that keep
// apart what must be, along as few edges as it finds. Each vertex must fit into a part
// by itself.
//
// A forest is split along the least weight there is, if numbers alone count and no more
// parts than asked for come of that.
//
// Otherwise the search works on levels. Vertices that hang together are drawn together
// into clusters, clusters into larger ones, until few are left. Of those parts are
// grown one after the other: from a cluster at the rim, always taking the
// neighbour that adds least to the edges that leave the part, and ending the part
// where those are fewest. Then the clusters are opened again, level by level, and
// on each vertices move between parts while that cuts less. Several starts are made
// so, and then combined with each other; how many depends on the size of g.
//
// The result depends on g and the other arguments alone. A canceled context
// ends the search, within about the time of a pass over the graph, with its cause.
func (sp *Splitter) Split(ctx context.Context, g *Graph, capacity Capacity, o Options) (labels []int32, err error) {
	if sp.spaces == nil {
		sp.spaces = make([]workspace, runtime.GOMAXPROCS(0))
	}
	s := newSearch(g, capacity, o, sp.spaces)
	if g.Apart != nil {
		return s.splitApart(ctx)
	}
	if !o.Full {
		if labels, ok := splitForest(ctx, g, capacity); ok {
			if least := s.judge(labels, &sp.spaces[0]); least.over == 0 {
				return least.labels, nil
			}
		}
	}
	s.start(ctx)
	if !o.Full {
		s.evolve(ctx)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return s.found[0].labels, nil
}

// initial returns the best of several partitions of the graph of the top level,
// as many as such a small graph allows at little cost.
func initial(ctx context.Context, g *Graph, capacity Capacity, o Options, rng *rand.Rand, space *workspace) (best []int32, work int) {
	least := int64(0)
	for range min(max(200_000/(g.Len()+len(g.Adj)+1), 1), 20) {
		space.grower.reset(g, capacity, o, rng)
		labels := space.grower.run(ctx)
		if ctx.Err() != nil {
			return make([]int32, g.Len()), 0
		}
		labels, w := refine(ctx, g, labels, capacity, space)
		work += w + 2*len(g.Adj)
		if cut := g.Cut(labels); best == nil || cut < least {
			best, least = labels, cut
		}
	}
	return best, work
}

// project gives each vertex the label of its cluster.
func project(labels, cluster, out []int32) {
	for v, c := range cluster {
		out[v] = labels[c]
	}
}

// Cut returns the weight of the edges between different labels.
func (g *Graph) Cut(labels []int32) int64 {
	sum := int64(0)
	for v := range int32(g.Len()) {
		to, weight := g.Neighbours(v)
		for i, u := range to {
			if v < u && labels[v] != labels[u] {
				sum += int64(weight[i])
			}
		}
	}
	return sum
}
