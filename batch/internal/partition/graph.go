// Package partition splits graphs into parts of bounded weight along few edges.
package partition

// Graph is an undirected graph with weighted vertices and edges, in compressed
// rows: the neighbours of vertex v are Adj[Row[v]:Row[v+1]], in ascending order,
// and EdgeWeight runs beside Adj. Each edge stands in both rows. A vertex weighs
// Count, Size and Time; a nil Time is 0 for all.
type Graph struct {
	Row        []int32
	Adj        []int32
	EdgeWeight []int32
	Count      []int64
	Size       []int64
	Time       []int64

	// Apart are the groups that each vertex is in, ascending; nil if there are none.
	// No part may hold two vertices of a group.
	Apart [][]int32
}

// Len returns the number of vertices.
func (g *Graph) Len() int { return len(g.Size) }

// Neighbours returns the neighbours of v and the weights of the edges to them.
func (g *Graph) Neighbours(v int32) (to, weight []int32) {
	lo, hi := g.Row[v], g.Row[v+1]
	return g.Adj[lo:hi], g.EdgeWeight[lo:hi]
}

// load returns what v weighs.
func (g *Graph) load(v int32) load {
	if g.Time == nil {
		return load{count: g.Count[v], size: g.Size[v]}
	}
	return load{g.Count[v], g.Size[v], g.Time[v]}
}

// degree returns the weight of all edges of v.
func (g *Graph) degree(v int32) int64 {
	sum := int64(0)
	_, weights := g.Neighbours(v)
	for _, w := range weights {
		sum += int64(w)
	}
	return sum
}

// Components numbers the connected components of the subgraph that edges within
// equal labels make; nil labels are all equal. It returns the component of each
// vertex, from 0 in the order of their lowest vertices, and their number.
func (g *Graph) Components(labels []int32) (component []int32, count int) {
	component = make([]int32, g.Len())
	for v := range component {
		component[v] = -1
	}
	var stack []int32
	for start := range component {
		if component[start] >= 0 {
			continue
		}
		component[start] = int32(count)
		stack = append(stack[:0], int32(start))
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			to, _ := g.Neighbours(v)
			for _, u := range to {
				if component[u] < 0 && (labels == nil || labels[u] == labels[v]) {
					component[u] = int32(count)
					stack = append(stack, u)
				}
			}
		}
		count++
	}
	return component, count
}

// Sub returns the subgraph of the given vertices, in ascending order. They get the numbers
// of their positions. Scratch has a place for each vertex of g; what is in it does not matter.
func (g *Graph) Sub(vertices, scratch []int32) *Graph {
	edges := 0
	for i, v := range vertices {
		scratch[v] = int32(i)
		edges += int(g.Row[v+1] - g.Row[v])
	}
	n := len(vertices)
	s := &Graph{
		Row: make([]int32, 1, n+1), Count: make([]int64, n), Size: make([]int64, n),
		Adj: make([]int32, 0, edges), EdgeWeight: make([]int32, 0, edges),
	}
	if g.Time != nil {
		s.Time = make([]int64, n)
	}
	for i, v := range vertices {
		s.Count[i], s.Size[i] = g.Count[v], g.Size[v]
		if g.Time != nil {
			s.Time[i] = g.Time[v]
		}
		to, weight := g.Neighbours(v)
		for at, u := range to {
			if n := scratch[u]; 0 <= n && int(n) < len(vertices) && vertices[n] == u {
				s.Adj = append(s.Adj, n)
				s.EdgeWeight = append(s.EdgeWeight, weight[at])
			}
		}
		s.Row = append(s.Row, int32(len(s.Adj)))
	}
	s.Apart = g.shared(vertices)
	return s
}
