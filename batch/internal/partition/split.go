package partition

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
)

// Capacity bounds a part: its number of vertices and, unless Size is 0, the sum
// of their sizes.
type Capacity struct {
	Count int64
	Size  int64
}

type load struct{ count, size int64 }

func (l load) plus(m load) load  { return load{l.count + m.count, l.size + m.size} }
func (l load) minus(m load) load { return load{l.count - m.count, l.size - m.size} }

func (c Capacity) holds(l load) bool {
	return l.count <= c.Count && (c.Size == 0 || l.size <= c.Size)
}

// parts returns the number of parts that a load needs by volume.
func (c Capacity) parts(l load) int64 {
	n := (l.count + c.Count - 1) / c.Count
	if c.Size > 0 {
		n = max(n, (l.size+c.Size-1)/c.Size)
	}
	return n
}

// fill returns how full a part with load l is, from 0 to 1.
func (c Capacity) fill(l load) float64 {
	f := float64(l.count) / float64(c.Count)
	if c.Size > 0 {
		f = max(f, float64(l.size)/float64(c.Size))
	}
	return f
}

// Options says how to split. See [Split].
type Options struct {
	// Fill bounds where a part may end: at a fill of at least that much if it is
	// over 0, and otherwise so that the rest needs as few parts as the whole
	// would leave.
	Fill float64

	// Full prefers, of equal cuts, the one that fills a part, so that the last part
	// alone is left small and can be joined with others. Otherwise parts are even.
	Full bool

	// Flat grows parts vertex by vertex, which fills them to the brim. Otherwise
	// they are grown from clusters of vertices, which cuts less.
	Flat bool
}

// Split labels the vertices of g with parts that the capacity holds, along as
// few edges as it finds. Each vertex must fit into a part by itself.
//
// It works on levels. Vertices that hang together are drawn together into
// clusters, clusters into larger ones, until few are left. Of those parts are
// grown one after the other: from a cluster at the rim, always taking the
// neighbour that adds least to the edges that leave the part, and ending the part
// where those are fewest. Then the clusters are opened again, level by level, and
// on each vertices move between parts while that cuts less. The best of several
// starts counts; how many depends on the size of g.
//
// The result depends on g and the other arguments alone. A canceled context
// ends the search, within about the time of a pass over the graph, with its cause.
func Split(ctx context.Context, g *Graph, capacity Capacity, o Options) (labels []int32, err error) {
	// A bound on the work, not on time, so that the result is the same on any
	// machine: eight starts for graphs of up to 50,000 vertices and edges.
	starts := min(max(400_000/(g.Len()+len(g.Adj)/2+1), 1), 8)
	found := make([][]int32, starts)
	cuts := make([]int64, starts)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(starts, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for {
				start := int(next.Add(1)) - 1
				if start >= starts || ctx.Err() != nil {
					return
				}
				rng := rand.New(rand.NewPCG(uint64(start), uint64(g.Len())))
				found[start] = search(ctx, g, capacity, o, rng)
				cuts[start] = g.Cut(found[start])
			}
		})
	}
	workers.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	best := 0
	for start := range starts {
		if cuts[start] < cuts[best] {
			best = start
		}
	}
	return found[best], nil
}

// search makes one start. If the context is canceled, what it returns means
// nothing.
func search(ctx context.Context, g *Graph, capacity Capacity, o Options, rng *rand.Rand) []int32 {
	levels := []level{{graph: g}}
	for !o.Flat && ctx.Err() == nil {
		l, ok := coarsen(levels[len(levels)-1].graph, capacity, rng)
		if !ok {
			break
		}
		levels = append(levels, l)
	}
	top := levels[len(levels)-1].graph
	labels := initial(ctx, top, capacity, o, rng)
	for i := len(levels) - 1; ; i-- {
		labels = refine(ctx, levels[i].graph, labels, capacity)
		if i == 0 {
			return labels
		}
		labels = project(labels, levels[i].cluster)
	}
}

// initial returns the best of several partitions of the graph of the top level,
// as many as such a small graph allows at little cost.
func initial(ctx context.Context, g *Graph, capacity Capacity, o Options, rng *rand.Rand) (best []int32) {
	least := int64(0)
	for range min(max(200_000/(g.Len()+len(g.Adj)+1), 1), 20) {
		labels := newGrower(g, capacity, o, rng).run(ctx)
		if ctx.Err() != nil {
			return make([]int32, g.Len())
		}
		labels = refine(ctx, g, labels, capacity)
		if cut := g.Cut(labels); best == nil || cut < least {
			best, least = labels, cut
		}
	}
	return best
}

// project gives each vertex the label of its cluster.
func project(labels, cluster []int32) []int32 {
	out := make([]int32, len(cluster))
	for v, c := range cluster {
		out[v] = labels[c]
	}
	return out
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
