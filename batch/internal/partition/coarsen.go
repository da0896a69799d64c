package partition

import (
	"context"
	"math/rand/v2"
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
	space    *workspace

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
		l, ok := c.coarsen(g, blocks, c.space.level(len(levels)-1))
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

// coarsen returns the graph of the clusters of g, in the memory of a level. It reports
// false where that would not help.
//
// Each vertex, in random order, joins a cluster among its neighbours' that has room:
// label propagation with bounded sizes (Meyerhenke, Sanders and Schulz, 13th Symposium
// on Experimental Algorithms, 2014). Unlike a matching that takes in the whole
// neighbourhood of a hub.
func (c *coarsener) coarsen(g *Graph, blocks []int32, into *level) (level, bool) {
	n := g.Len()
	cl := &c.space.clustering
	cl.reset(g, c.capacity, blocks)
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
	count := cl.number(into, c.space)
	if float64(count) > shrinks*float64(n) {
		return level{}, false
	}
	c.space.contractor.contract(g, into.cluster, count, into.graph)
	return *into, true
}

// permutation returns 0 to n-1 in random order.
func (c *coarsener) permutation(n int) []int32 {
	order := resized(c.space.order, n)
	c.space.order = order
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

func (c *clustering) reset(g *Graph, capacity Capacity, blocks []int32) {
	n := g.Len()
	*c = clustering{
		g: g, blocks: blocks, label: resized(c.label, n), loads: resized(c.loads, n), members: resized(c.members, n),
		conn: zeroed(c.conn, n), touched: c.touched[:0],
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
	if capacity.Time > 0 {
		c.largest.Time = max(capacity.Time/clustersOfCap, 1)
		c.limit.Time = max(min(c.largest.Time, clusterGrowth*mean(total.time)), 1)
	}
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

// number numbers the clusters in the order of their lowest vertices, in a level, and returns
// how many there are.
func (c *clustering) number(into *level, space *workspace) (count int32) {
	into.cluster = resized(into.cluster, len(c.label))
	numbers := resized(space.numbers, len(c.label))
	space.numbers = numbers
	for v := range numbers {
		numbers[v] = none
	}
	for v, l := range c.label {
		if numbers[l] == none {
			numbers[l] = count
			count++
		}
		into.cluster[v] = numbers[l]
	}
	return count
}
