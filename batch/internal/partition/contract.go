package partition

import (
	"cmp"
	"slices"
)

// contractor makes graphs of clusters, in memory that it uses again.
type contractor struct {
	g       *Graph
	cluster []int32
	end     []int32 // in members, of each cluster
	members []int32
	edges   []rowEdge // of a cluster
	at      []int32   // the place of each cluster in edges, or none
}

type rowEdge struct{ to, weight int32 }

// contract makes the graph whose vertices are the clusters, in the memory of another one.
// Edges within a cluster vanish, those between the same two add up.
func (c *contractor) contract(g *Graph, cluster []int32, count int32, into *Graph) {
	c.g, c.cluster = g, cluster
	c.end = zeroed(c.end, int(count)+1)
	into.Row = resized(into.Row, int(count)+1)
	into.Count, into.Size = zeroed(into.Count, int(count)), zeroed(into.Size, int(count))
	if g.Time == nil {
		into.Time = nil
	} else {
		into.Time = zeroed(into.Time, int(count))
	}
	between := 0 // ends of edges
	for v, l := range cluster {
		c.end[l+1]++
		into.Count[l] += g.Count[v]
		into.Size[l] += g.Size[v]
		if g.Time != nil {
			into.Time[l] += g.Time[v]
		}
		to, _ := g.Neighbours(int32(v))
		for _, u := range to {
			if cluster[u] != l {
				between++
			}
		}
	}
	for l := range count {
		c.end[l+1] += c.end[l]
	}
	c.members = resized(c.members, len(cluster))
	for v, l := range cluster {
		c.members[c.end[l]] = int32(v)
		c.end[l]++
	}
	c.at = resized(c.at, int(count))
	for l := range c.at {
		c.at[l] = none
	}
	into.Adj, into.EdgeWeight = resized(into.Adj, between)[:0], resized(into.EdgeWeight, between)[:0]
	first := int32(0)
	into.Row[0] = 0
	for l := range count {
		for _, e := range c.row(l, c.members[first:c.end[l]]) {
			into.Adj = append(into.Adj, e.to)
			into.EdgeWeight = append(into.EdgeWeight, e.weight)
		}
		first = c.end[l]
		into.Row[l+1] = int32(len(into.Adj))
	}
	into.Apart = g.together(cluster, count)
}

// row returns the edges of a cluster with these members, until the next row is asked for.
func (c *contractor) row(l int32, members []int32) []rowEdge {
	c.edges = c.edges[:0]
	for _, v := range members {
		to, weight := c.g.Neighbours(v)
		for i, u := range to {
			switch k := c.cluster[u]; {
			case k == l:
			case c.at[k] == none:
				c.at[k] = int32(len(c.edges))
				c.edges = append(c.edges, rowEdge{k, weight[i]})
			default:
				c.edges[c.at[k]].weight += weight[i]
			}
		}
	}
	slices.SortFunc(c.edges, func(a, b rowEdge) int { return cmp.Compare(a.to, b.to) })
	for _, e := range c.edges {
		c.at[e.to] = none
	}
	return c.edges
}
