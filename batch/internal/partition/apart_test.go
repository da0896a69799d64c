package partition

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// apart puts lists of vertices into a graph as groups.
func apart(g *Graph, groups ...[]int32) *Graph {
	g.Apart = make([][]int32, g.Len())
	for i, group := range groups {
		for _, v := range group {
			g.Apart[v] = append(g.Apart[v], int32(i))
		}
	}
	return g
}

// checkApart fails if two vertices of a group have the same label.
func checkApart(t require.TestingT, g *Graph, labels []int32) {
	for u := range labels {
		for v := range u {
			if labels[u] == labels[v] {
				for _, group := range g.Apart[u] {
					require.NotContains(t, g.Apart[v], group, "%d and %d of group %d are in one part", u, v, group)
				}
			}
		}
	}
}

// leastApart tries every partition.
func leastApart(g *Graph, c Capacity) int64 {
	labels := slices.Repeat([]int32{-1}, g.Len())
	best := int64(1 << 40)
	var place func(v int, parts int32, cut int64)
	place = func(v int, parts int32, cut int64) {
		if cut >= best {
			return
		}
		if v == g.Len() {
			best = cut
			return
		}
		to, weight := g.Neighbours(int32(v))
		for part := range parts + 1 {
			l, with := g.load(int32(v)), cut
			for i, u := range to {
				if int(u) < v && labels[u] != part {
					with += int64(weight[i])
				}
			}
			free := true
			for u := range v {
				if labels[u] == part {
					l = l.plus(g.load(int32(u)))
					for _, group := range g.Apart[u] {
						free = free && !slices.Contains(g.Apart[v], group)
					}
				}
			}
			if free && c.holds(l) {
				labels[v] = part
				place(v+1, max(parts, part+1), with)
				labels[v] = -1
			}
		}
	}
	place(0, 0, 0)
	return best
}

func all(n int) (vertices []int32) {
	for v := range int32(n) {
		vertices = append(vertices, v)
	}
	return vertices
}

func TestSplitApartAgainstEverything(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	cases, more := 600, 0
	for range cases {
		n := 2 + rng.IntN(7)
		var edges []Edge
		for v := 1; v < n; v++ {
			edges = append(edges, Edge{int32(v), rng.Int32N(int32(v))})
		}
		for range rng.IntN(2 * n) {
			if u, v := rng.Int32N(int32(n)), rng.Int32N(int32(n)); u != v {
				for range 1 + rng.IntN(4) {
					edges = append(edges, Edge{u, v})
				}
			}
		}
		g := New(ones(n), edges)
		var groups [][]int32
		for range 1 + rng.IntN(3) {
			var group []int32
			for v := range int32(n) {
				if rng.IntN(3) == 0 {
					group = append(group, v)
				}
			}
			groups = append(groups, group)
		}
		apart(g, groups...)
		if g.Apart = g.shared(all(n)); g.Apart == nil {
			continue
		}
		c := Capacity{Count: int64(2 + rng.IntN(n))}
		best := int64(1 << 40)
		for _, o := range []Options{{}, {Spare: 1}, {Fill: 0.25}, {Full: true}} {
			labels := split(t, g, c, o)
			checkApart(t, g, labels)
			best = min(best, g.Cut(labels))
		}
		want := leastApart(g, c)
		require.LessOrEqual(t, want, best)
		if best > want {
			more++
		}
	}
	t.Logf("%d of %d cut more than needed", more, cases)
	require.LessOrEqual(t, more, cases/100)
}

// leastBetween returns the least weight of edges that separate two vertices, by letting
// one path after the other carry what it can, in a matrix (Ford and Fulkerson).
func leastBetween(g *Graph, s, t int) (value int64) {
	n := g.Len()
	room := make([][]int64, n)
	for v := range room {
		room[v] = make([]int64, n)
		to, weight := g.Neighbours(int32(v))
		for i, u := range to {
			room[v][u] = int64(weight[i])
		}
	}
	for {
		from := slices.Repeat([]int{-1}, n)
		from[s] = s
		for queue := []int{s}; len(queue) > 0; queue = queue[1:] {
			for u, r := range room[queue[0]] {
				if r > 0 && from[u] < 0 {
					from[u] = queue[0]
					queue = append(queue, u)
				}
			}
		}
		if from[t] < 0 {
			return value
		}
		least := int64(1 << 40)
		for v := t; v != s; v = from[v] {
			least = min(least, room[from[v]][v])
		}
		for v := t; v != s; v = from[v] {
			room[from[v]][v] -= least
			room[v][from[v]] += least
		}
		value += least
	}
}

// Two vertices that must be apart, in a graph that fits into a part otherwise, are
// separated along a least cut.
func TestSplitApartTwo(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	deep := 0
	for range 200 {
		n := 10 + rng.IntN(60)
		var edges []Edge
		for v := 1; v < n; v++ { // blocks of ten, and few edges between them
			edges = append(edges, Edge{int32(v), rng.Int32N(int32(v))})
			for range rng.IntN(6) {
				if u := v/10*10 + rng.IntN(10); u < n && u != v {
					edges = append(edges, Edge{int32(v), int32(u)})
				}
			}
		}
		a, b := rng.IntN(n), rng.IntN(n)
		if a == b {
			continue
		}
		g := apart(New(ones(n), edges), []int32{int32(a), int32(b)})
		labels := split(t, g, Capacity{Count: int64(n)}, Options{})
		checkApart(t, g, labels)
		least := leastBetween(g, a, b)
		require.Equal(t, least, g.Cut(labels))
		if least < min(g.degree(int32(a)), g.degree(int32(b))) {
			deep++
		}
	}
	require.Greater(t, deep, 10, "in some cases no more than one of them alone is separated")
}

// randomApart returns a graph of n vertices with that many pairs that must be apart, and a
// group of 20.
func randomApart(n, pairs int32) *Graph {
	rng := rand.New(rand.NewPCG(6, 6))
	var edges []Edge
	for v := int32(1); v < n; v++ {
		edges = append(edges, Edge{v, rng.Int32N(v)}, Edge{v, (v + rng.Int32N(50) + 1) % n})
	}
	var groups [][]int32
	for i := range pairs {
		groups = append(groups, []int32{i, i + n/3})
	}
	groups = append(groups, nil)
	for i := range int32(20) {
		groups[pairs] = append(groups[pairs], i*n/20+1)
	}
	return apart(New(ones(int(n)), edges), groups...)
}

// Where more must be apart than the effort allows to cut one by one, all are apart all
// the same.
func TestSplitApartMany(t *testing.T) {
	const n = 3000
	g := randomApart(n, n/3)
	for _, c := range []int64{n / 3, n} {
		checkApart(t, g, split(t, g, Capacity{Count: c}, Options{Full: true}))
	}
}

// Combinations keep apart what must be, on all levels.
func TestCombineKeepsApart(t *testing.T) {
	g := randomApart(1000, 30)
	s := newSearch(g, Capacity{Count: 333}, Options{}, make([]workspace, 1))
	s.start(t.Context())
	for i, other := range s.found {
		checkApart(t, g, other.labels)
		checkApart(t, g, s.combine(t.Context(), s.found[0], other, uint64(i), &s.spaces[0]).labels)
	}
}
