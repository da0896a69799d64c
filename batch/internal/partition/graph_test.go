package partition

import (
	"cmp"
	"slices"
)

// Edge joins two different vertices.
type Edge struct{ U, V int32 }

// New returns the graph of the vertices 0 to len(sizes)-1, each with a count of
// one, and the edges; edges that join the same two vertices become one, whose
// weight is their number. Neither order nor direction of the edges matters.
func New(sizes []int64, edges []Edge) *Graph {
	both := make([]Edge, 0, 2*len(edges))
	for _, e := range edges {
		both = append(both, e, Edge{e.V, e.U})
	}
	slices.SortFunc(both, func(a, b Edge) int { return cmp.Or(cmp.Compare(a.U, b.U), cmp.Compare(a.V, b.V)) })
	g := &Graph{Row: make([]int32, len(sizes)+1), Count: slices.Repeat([]int64{1}, len(sizes)), Size: sizes}
	for i, e := range both {
		if i > 0 && both[i-1] == e {
			g.EdgeWeight[len(g.EdgeWeight)-1]++
			continue
		}
		g.Adj = append(g.Adj, e.V)
		g.EdgeWeight = append(g.EdgeWeight, 1)
		g.Row[e.U+1] = int32(len(g.Adj))
	}
	for v := range sizes { // rows of vertices without neighbours
		g.Row[v+1] = max(g.Row[v+1], g.Row[v])
	}
	return g
}
