package batch

import (
	"math"
	"slices"
)

// trees is a forest with roots.
type trees struct {
	order  []int32 // the vertices of edges, each after its parent
	parent []int32 // of each of them; none of a root
	weight []int64 // of the edge to the parent
	row    []int32 // while root runs, where the edges of each vertex begin in at
	seen   []bool
	kept   [][]way // of each vertex, while cuts runs
	least  []int64 // by load: the least that is cut, while attach runs
	out    []way   // scratch of attach
}

// newTrees returns an empty forest of n vertices.
func newTrees(n int) *trees {
	return &trees{
		parent: make([]int32, n), weight: make([]int64, n), row: make([]int32, n+1), seen: make([]bool, n), kept: make([][]way, n),
	}
}

// root roots the trees that the edges make, in the place of those that were there.
func (t *trees) root(edges []steps) {
	row := t.row
	clear(row)
	for _, e := range edges {
		row[e.u]++
		row[e.v]++
	}
	for v := 1; v < len(row); v++ {
		row[v] += row[v-1]
	}
	at := make([]int32, 2*len(edges)) // the edges of each vertex
	for i, e := range edges {
		for _, v := range [2]int32{e.u, e.v} {
			row[v]--
			at[row[v]] = int32(i)
		}
	}
	clear(t.seen)
	t.order = t.order[:0]
	reach := func(v, parent int32, weight int64) {
		if !t.seen[v] {
			t.seen[v], t.parent[v], t.weight[v] = true, parent, weight
			t.order = append(t.order, v)
		}
	}
	for _, e := range edges {
		next := len(t.order)
		reach(e.u, none, 0)
		for ; next < len(t.order); next++ {
			v := t.order[next]
			for _, i := range at[row[v]:row[v+1]] {
				reach(edges[i].u+edges[i].v-v, v, edges[i].weight)
			}
		}
	}
}

// way is a way to cut what hangs below a vertex: the load that stays with the vertex, and
// the weight that is cut.
type way struct{ load, cut int64 }

// cuts returns for each tree the least weight of edges without which what is left of it
// is within the limit. Each vertex must be so by itself.
//
// From the leaves up it keeps for each vertex the ways that are not worse than another
// both by what they cut and by what stays. For n vertices with loads of 1 or more each
// that takes O(n limit) time if these add up to O(n), as numbers do, and O(n limit²) at
// worst; where weights are alike few ways are kept, and it is much less.
func (t *trees) cuts(load func(int32) int64, limit int64) (sums []int64) {
	t.least = slices.Repeat([]int64{math.MaxInt64}, int(limit)+1)
	first := make([]way, len(t.order))
	for i, v := range t.order {
		first[i].load = load(v)
		t.kept[v] = first[i : i+1 : i+1]
	}
	for _, v := range slices.Backward(t.order) {
		if p := t.parent[v]; p != none {
			t.kept[p] = t.attach(t.kept[p], t.kept[v], t.weight[v])
		} else {
			sums = append(sums, t.kept[v][len(t.kept[v])-1].cut)
		}
		t.kept[v] = nil
	}
	return sums
}

// attach returns the ways of a vertex with a child more, in the memory of those without it. Ways are in the order of their
// loads, and so each cuts less than those before.
func (t *trees) attach(ways, child []way, weight int64) []way {
	off := child[len(child)-1].cut + weight // what it costs to cut the child off
	for len(child) > 0 && child[0].cut >= off {
		child = child[1:]
	}
	low, high := ways[0].load, int64(0)
	note := func(w way) {
		t.least[w.load] = min(t.least[w.load], w.cut)
		high = max(high, w.load)
	}
	for _, w := range ways {
		note(way{w.load, w.cut + off})
		for _, c := range child {
			if w.load+c.load >= int64(len(t.least)) {
				break
			}
			note(way{w.load + c.load, w.cut + c.cut})
		}
	}
	out := t.out[:0]
	for load := low; load <= high; load++ {
		if cut := t.least[load]; cut < math.MaxInt64 && (len(out) == 0 || cut < out[len(out)-1].cut) {
			out = append(out, way{load, cut})
		}
		t.least[load] = math.MaxInt64
	}
	t.out = out
	return append(ways[:0], out...)
}
