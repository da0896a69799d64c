package partition

import (
	"cmp"
	"context"
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
	clusterGrowth = 4   // a cluster weighs at most so many times the mean vertex, unless it is a community
	shrinks       = 0.9 // it ends when a level has more than that part of the vertices below
	propagations  = 5   // rounds in which communities form
)

// coarsener draws vertices that hang together into clusters.
type coarsener struct {
	capacity Capacity
	rng      *rand.Rand

	// communities lets clusters grow to the largest size at once, and vertices change
	// between them for some rounds. That finds the dense groups of social graphs,
	// between which few edges run. Otherwise clusters stay of about equal size on each
	// level, which suits sparse graphs.
	communities bool
}

// levels returns g and ever coarser graphs of its clusters. Vertices with different
// blocks stay in different clusters; nil blocks are all equal. The blocks are those of
// the vertices of each level.
func (c *coarsener) levels(ctx context.Context, g *Graph, blocks []int32) []level {
	levels := []level{{graph: g}}
	for ctx.Err() == nil && g.Len() > fewVertices {
		l, ok := c.coarsen(g, blocks)
		if !ok {
			break
		}
		if blocks != nil {
			blocks = lift(blocks, l)
		}
		g = l.graph
		levels = append(levels, l)
	}
	return levels
}

// coarsen returns the graph of the clusters of g. It reports false where that would not
// help.
//
// Each vertex, in random order, joins a cluster among its neighbours' that has room:
// label propagation with bounded sizes (Meyerhenke, Sanders and Schulz, 13th Symposium
// on Experimental Algorithms, 2014). Unlike a matching that takes in the whole
// neighbourhood of a hub.
func (c *coarsener) coarsen(g *Graph, blocks []int32) (level, bool) {
	n := g.Len()
	cl := newClustering(g, c.capacity, blocks)
	order := c.permutation(n)
	if c.communities {
		cl.limit = cl.largest
		for range propagations {
			moved := 0
			for _, v := range order {
				if cl.follow(v) {
					moved++
				}
			}
			if moved < n/20 {
				break
			}
		}
	} else {
		for _, v := range order {
			cl.join(v)
		}
	}
	cluster, count := cl.number()
	if float64(count) > shrinks*float64(n) {
		return level{}, false
	}
	return level{graph: contract(g, cluster, count), cluster: cluster}, true
}

// permutation returns 0 to n-1 in random order.
func (c *coarsener) permutation(n int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	c.rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

// lift gives each cluster the label that all its members have.
func lift(labels []int32, l level) []int32 {
	out := make([]int32, l.graph.Len())
	for v, c := range l.cluster {
		out[c] = labels[v]
	}
	return out
}

type clustering struct {
	g       *Graph
	blocks  []int32
	limit   Capacity // of a cluster
	largest Capacity // that any limit may have
	label   []int32  // a vertex of the cluster that each vertex is in
	loads   []load   // of the clusters, by label
	members []int32  // number of vertices in the cluster, by label

	conn    []int64 // scratch of look, by label
	touched []int32
}

func newClustering(g *Graph, capacity Capacity, blocks []int32) *clustering {
	n := g.Len()
	c := &clustering{
		g: g, blocks: blocks, label: make([]int32, n), loads: make([]load, n), members: make([]int32, n), conn: make([]int64, n),
	}
	var total load
	for v := range int32(n) {
		c.label[v], c.loads[v], c.members[v] = v, g.load(v), 1
		total = total.plus(c.loads[v])
	}
	mean := func(sum int64) int64 { return (sum + int64(n) - 1) / int64(n) }
	c.largest.Count = max(capacity.Count/clustersOfCap, 1)
	c.limit.Count = max(min(c.largest.Count, clusterGrowth*mean(total.count)), 1)
	if capacity.Size > 0 {
		c.largest.Size = max(capacity.Size/clustersOfCap, 1)
		c.limit.Size = max(min(c.largest.Size, clusterGrowth*mean(total.size)), 1)
	}
	return c
}

// look sums up the edges from v to each cluster of its block, in conn for the clusters in
// touched. Its caller clears conn again.
func (c *clustering) look(v int32) {
	to, weight := c.g.Neighbours(v)
	c.touched = c.touched[:0]
	for i, u := range to {
		if c.blocks != nil && c.blocks[u] != c.blocks[v] {
			continue
		}
		l := c.label[u]
		if c.conn[l] == 0 {
			c.touched = append(c.touched, l)
		}
		c.conn[l] += int64(weight[i])
	}
}

// join puts a vertex that is alone into the cluster of its neighbours to which its edges
// weigh most, relative to what the cluster weighs.
func (c *clustering) join(v int32) {
	if c.members[c.label[v]] > 1 {
		return
	}
	c.look(v)
	best, rating := none, 0.0
	for _, l := range c.touched {
		if r := float64(c.conn[l]) / float64(c.loads[l].count); c.limit.holds(c.loads[l].plus(c.g.load(v))) && (r > rating || r == rating && l < best) {
			best, rating = l, r
		}
		c.conn[l] = 0
	}
	if best != none {
		c.move(v, best)
	}
}

// follow puts v into the cluster to which most of its edges go, and reports whether that
// is another than before.
func (c *clustering) follow(v int32) bool {
	c.look(v)
	own := c.label[v]
	best, most := own, c.conn[own]
	for _, l := range c.touched {
		if w := c.conn[l]; l != own && (w > most || w == most && best != own && l < best) && c.limit.holds(c.loads[l].plus(c.g.load(v))) {
			best, most = l, w
		}
	}
	for _, l := range c.touched {
		c.conn[l] = 0
	}
	if best == own {
		return false
	}
	c.move(v, best)
	return true
}

func (c *clustering) move(v, to int32) {
	from := c.label[v]
	c.loads[from] = c.loads[from].minus(c.g.load(v))
	c.loads[to] = c.loads[to].plus(c.g.load(v))
	c.members[from]--
	c.members[to]++
	c.label[v] = to
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
	c := &Graph{Row: make([]int32, count+1), Count: make([]int64, count), Size: make([]int64, count)}
	end := make([]int32, count+1) // in members, of each cluster
	between := 0                  // ends of edges
	for v, l := range cluster {
		end[l+1]++
		c.Count[l] += g.Count[v]
		c.Size[l] += g.Size[v]
		to, _ := g.Neighbours(int32(v))
		for _, u := range to {
			if cluster[u] != l {
				between++
			}
		}
	}
	for l := range count {
		end[l+1] += end[l]
	}
	members := make([]int32, len(cluster))
	for v, l := range cluster {
		members[end[l]] = int32(v)
		end[l]++
	}
	c.Adj, c.EdgeWeight = make([]int32, 0, between), make([]int32, 0, between)
	r := rows{g: g, cluster: cluster, at: slices.Repeat([]int32{none}, int(count))}
	first := int32(0)
	for l := range count {
		for _, e := range r.row(l, members[first:end[l]]) {
			c.Adj = append(c.Adj, e.to)
			c.EdgeWeight = append(c.EdgeWeight, e.weight)
		}
		first = end[l]
		c.Row[l+1] = int32(len(c.Adj))
	}
	c.Apart = g.together(cluster, count)
	return c
}

// rows makes the rows of a graph of clusters.
type rows struct {
	g       *Graph
	cluster []int32
	edges   []rowEdge
	at      []int32 // the place of each cluster in edges, or none
}

type rowEdge struct{ to, weight int32 }

// row returns the edges of a cluster with these members, in memory that the next row takes.
func (r *rows) row(l int32, members []int32) []rowEdge {
	r.edges = r.edges[:0]
	for _, v := range members {
		to, weight := r.g.Neighbours(v)
		for i, u := range to {
			switch k := r.cluster[u]; {
			case k == l:
			case r.at[k] == none:
				r.at[k] = int32(len(r.edges))
				r.edges = append(r.edges, rowEdge{k, weight[i]})
			default:
				r.edges[r.at[k]].weight += weight[i]
			}
		}
	}
	slices.SortFunc(r.edges, func(a, b rowEdge) int { return cmp.Compare(a.to, b.to) })
	for _, e := range r.edges {
		r.at[e.to] = none
	}
	return r.edges
}
