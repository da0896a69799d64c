package batch

import (
	"cmp"
	"slices"

	"github.com/staged-migration/staged/batch/internal/partition"
)

// edge joins two different vertices.
type edge struct {
	u, v   int32
	weight float64 // over 0
	units  int32   // the weight as scale has it
}

// newGraph returns the graph of vertices with these counts and sizes. Edges that join
// the same two vertices become one, which weighs as much as they do together. Neither
// order nor direction of the edges matters.
func newGraph(counts, sizes []int64, edges []edge) *partition.Graph {
	both := make([]edge, 0, 2*len(edges))
	for _, e := range edges {
		both = append(both, e, edge{u: e.v, v: e.u, units: e.units})
	}
	slices.SortFunc(both, func(a, b edge) int { return cmp.Or(cmp.Compare(a.u, b.u), cmp.Compare(a.v, b.v)) })
	g := &partition.Graph{Row: make([]int32, len(sizes)+1), Count: counts, Size: sizes}
	for i, e := range both {
		if i > 0 && both[i-1].u == e.u && both[i-1].v == e.v {
			g.EdgeWeight[len(g.EdgeWeight)-1] += e.units
			continue
		}
		g.Adj = append(g.Adj, e.v)
		g.EdgeWeight = append(g.EdgeWeight, e.units)
		g.Row[e.u+1] = int32(len(g.Adj))
	}
	for v := range sizes { // rows of vertices without neighbours
		g.Row[v+1] = max(g.Row[v+1], g.Row[v])
	}
	return g
}
