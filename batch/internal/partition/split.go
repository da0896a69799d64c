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

// Split labels the vertices of g with parts that the capacity holds, along as
// few edges as it finds. Each vertex must fit into a part by itself.
//
// Parts are grown one after the other: from a vertex at the rim, always taking
// the neighbour that adds least to the edges that leave the part, and ending the
// part where those are fewest. What is grown is then refined. Fill bounds where
// a part may end: at a fill of at least that much if it is over 0, and otherwise
// so that the rest needs as few parts as the whole would leave. The best of
// several starts counts; how many depends on the size of g.
//
// The result depends on g and the other arguments alone. A canceled context
// ends the search early with its error.
func Split(ctx context.Context, g *Graph, capacity Capacity, fill float64) (labels []int32, err error) {
	// A bound on the work, not on time, so that the result is the same on any
	// machine: eight starts for graphs of up to 100,000 vertices and edges.
	starts := min(max(800_000/(g.Len()+len(g.Adj)/2+1), 1), 8)
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
				found[start] = refine(g, newGrower(g, capacity, fill, rng).run(), capacity)
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
