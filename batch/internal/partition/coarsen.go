package partition

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// level is a graph and, unless it is the lowest, how it came from the level
// below: the cluster, which is a vertex here, of each vertex there.
type level struct {
	graph   *Graph
	cluster []int32
}

// Bounds on drawing together.
const (
	fewVertices   = 200 // with so few it ends
	clustersOfCap = 8   // a part has room for at least so many clusters
	clusterGrowth = 4   // a cluster weighs at most so many times the mean vertex
	shrinks       = 0.9 // it ends when a level has more than that part of the vertices below
)

// coarsen draws vertices that hang together into clusters, and returns the graph
// of those. It reports false where that would not help.
//
// Each vertex, in random order, joins the cluster among its neighbours' to which
// its edges weigh most, relative to what the cluster weighs, if it has room: one
// round of label propagation with bounded sizes (Meyerhenke, Sanders and Schulz,
// 13th Symposium on Experimental Algorithms, 2014). Unlike a matching that takes
// in the whole neighbourhood of a hub.
func coarsen(g *Graph, capacity Capacity, rng *rand.Rand) (level, bool) {
	n := g.Len()
	if n <= fewVertices {
		return level{}, false
	}
	c := newClustering(g, capacity)
	for _, v := range rng.Perm(n) {
		c.join(int32(v))
	}
	cluster, count := c.number()
	if float64(count) > shrinks*float64(n) {
		return level{}, false
	}
	return level{graph: contract(g, cluster, count), cluster: cluster}, true
}

type clustering struct {
	g     *Graph
	limit Capacity
	label []int32 // a vertex of the cluster that each vertex is in
	loads []load  // of the clusters, by label
	alone []bool  // whether a vertex is a cluster by itself

	conn    []int64 // scratch of join, by label
	touched []int32
}

func newClustering(g *Graph, capacity Capacity) *clustering {
	n := g.Len()
	c := &clustering{
		g: g, label: make([]int32, n), loads: make([]load, n), alone: make([]bool, n), conn: make([]int64, n),
	}
	var total load
	for v := range int32(n) {
		c.label[v], c.loads[v], c.alone[v] = v, g.load(v), true
		total = total.plus(c.loads[v])
	}
	mean := func(sum int64) int64 { return (sum + int64(n) - 1) / int64(n) }
	c.limit.Count = max(min(capacity.Count/clustersOfCap, clusterGrowth*mean(total.count)), 1)
	if capacity.Size > 0 {
		c.limit.Size = max(min(capacity.Size/clustersOfCap, clusterGrowth*mean(total.size)), 1)
	}
	return c
}

// join puts a vertex that is alone into the best cluster of its neighbours.
func (c *clustering) join(v int32) {
	if !c.alone[v] {
		return
	}
	to, weight := c.g.Neighbours(v)
	c.touched = c.touched[:0]
	for i, u := range to {
		l := c.label[u]
		if c.conn[l] == 0 {
			c.touched = append(c.touched, l)
		}
		c.conn[l] += int64(weight[i])
	}
	best, rating := none, 0.0
	for _, l := range c.touched {
		if r := float64(c.conn[l]) / float64(c.loads[l].count); c.limit.holds(c.loads[l].plus(c.g.load(v))) && (r > rating || r == rating && l < best) {
			best, rating = l, r
		}
		c.conn[l] = 0
	}
	if best != none {
		c.loads[best] = c.loads[best].plus(c.g.load(v))
		c.label[v] = best
		c.alone[v], c.alone[best] = false, false
	}
}

// number numbers the clusters in the order of their lowest vertices.
func (c *clustering) number() (cluster []int32, count int32) {
	cluster = make([]int32, len(c.label))
	numbers := slices.Repeat([]int32{none}, len(c.label))
	for v, l := range c.label {
		if numbers[l] == none {
			numbers[l] = count
			count++
		}
		cluster[v] = numbers[l]
	}
	return cluster, count
}

// contract returns the graph whose vertices are the clusters. Edges within one
// vanish, those between the same two add up.
func contract(g *Graph, cluster []int32, count int32) *Graph {
	c := &Graph{Row: make([]int32, 1, count+1), Count: make([]int64, count), Size: make([]int64, count)}
	members := make([][]int32, count)
	for v, l := range cluster {
		members[l] = append(members[l], int32(v))
		c.Count[l] += g.Count[v]
		c.Size[l] += g.Size[v]
	}
	type edge struct{ to, weight int32 }
	var row []edge
	at := slices.Repeat([]int32{none}, int(count)) // the place of a neighbour in row
	for l, vertices := range members {
		row = row[:0]
		for _, v := range vertices {
			to, weight := g.Neighbours(v)
			for i, u := range to {
				switch k := cluster[u]; {
				case int(k) == l:
				case at[k] == none:
					at[k] = int32(len(row))
					row = append(row, edge{k, weight[i]})
				default:
					row[at[k]].weight += weight[i]
				}
			}
		}
		slices.SortFunc(row, func(a, b edge) int { return cmp.Compare(a.to, b.to) })
		for _, e := range row {
			at[e.to] = none
			c.Adj = append(c.Adj, e.to)
			c.EdgeWeight = append(c.EdgeWeight, e.weight)
		}
		c.Row = append(c.Row, int32(len(c.Adj)))
	}
	return c
}
