package batch

import (
	"iter"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/batch/internal/partition"
)

// edge joins two different vertices.
type edge struct{ u, v int32 }

// newGraph returns the graph of vertices with the counts and sizes of loads, and of edges with
// weights over 0, which it asks for several times. Edges that join the same two vertices
// become one, which weighs as much as they do together. Neither order nor direction of
// the edges matters.
func newGraph(loads []binpack.Load, edges iter.Seq2[edge, float64]) *partition.Graph {
	n := len(loads)
	g := &partition.Graph{Row: make([]int32, n+1), Count: make([]int64, n), Size: make([]int64, n)}
	for v, l := range loads {
		g.Count[v], g.Size[v] = l.Count, l.Size
	}
	for e := range edges {
		g.Row[e.u+1]++
		g.Row[e.v+1]++
	}
	for v := range n {
		g.Row[v+1] += g.Row[v]
	}
	ends := g.Row[n]
	g.Adj, g.EdgeWeight = make([]int32, ends), make([]int32, ends)
	at := slices.Clone(g.Row) // where the next edge of each row goes
	put := func(u, v, units int32) {
		g.Adj[at[u]], g.EdgeWeight[at[u]] = v, units
		at[u]++
	}
	s := newScale(edges)
	for e, weight := range edges {
		units := s.units(weight)
		put(e.u, e.v, units)
		put(e.v, e.u, units)
	}
	sortRows(g)
	return g
}

// sortRows sorts the rows of a graph by neighbour, and makes one edge of equal ones.
func sortRows(g *partition.Graph) {
	var row []uint64 // neighbour and weight in one number
	to, from := int32(0), int32(0)
	for v := range g.Len() {
		row = row[:0]
		for ; from < g.Row[v+1]; from++ {
			row = append(row, uint64(g.Adj[from])<<32|uint64(g.EdgeWeight[from]))
		}
		slices.Sort(row)
		first := to
		for _, r := range row {
			u, units := int32(r>>32), int32(r&(1<<32-1))
			if to > first && g.Adj[to-1] == u {
				g.EdgeWeight[to-1] += units
				continue
			}
			g.Adj[to], g.EdgeWeight[to] = u, units
			to++
		}
		g.Row[v+1] = to
	}
	g.Adj, g.EdgeWeight = g.Adj[:to], g.EdgeWeight[:to]
}
