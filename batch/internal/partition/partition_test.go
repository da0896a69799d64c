package partition

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func ones(n int) []int64 { return slices.Repeat([]int64{1}, n) }

// clique returns the edges that join n vertices from first on with each other.
func clique(first, n int32) []Edge {
	var edges []Edge
	for u := first; u < first+n; u++ {
		for v := u + 1; v < first+n; v++ {
			edges = append(edges, Edge{u, v})
		}
	}
	return edges
}

func TestNewMergesEdges(t *testing.T) {
	g := New(ones(4), []Edge{{2, 0}, {0, 2}, {0, 1}, {2, 0}})
	to, weight := g.Neighbours(0)
	require.Equal(t, []int32{1, 2}, to)
	require.Equal(t, []int32{1, 3}, weight)
	to, weight = g.Neighbours(2)
	require.Equal(t, []int32{0}, to)
	require.Equal(t, []int32{3}, weight)
	to, _ = g.Neighbours(3)
	require.Empty(t, to)
	require.Equal(t, int64(4), g.Cut([]int32{0, 1, 1, 1}))
	require.Equal(t, int64(1), g.Cut([]int32{0, 1, 0, 0}))

	component, count := g.Components(nil)
	require.Equal(t, []int32{0, 0, 0, 1}, component)
	require.Equal(t, 2, count)
	component, count = g.Components([]int32{5, 5, 6, 6})
	require.Equal(t, []int32{0, 0, 1, 2}, component, "edges between labels do not connect")
	require.Equal(t, 3, count)

	sub := g.Sub([]int32{0, 2, 3}, []int32{7, 2, -1, 1, 0})
	to, weight = sub.Neighbours(0)
	require.Equal(t, []int32{1}, to)
	require.Equal(t, []int32{3}, weight)
	require.Equal(t, 3, sub.Len())
}

func split(t require.TestingT, g *Graph, c Capacity, o Options) []int32 {
	labels, err := new(Splitter).Split(context.Background(), g, c, o)
	require.NoError(t, err)
	check(t, g, c, labels)
	return labels
}

// check fails unless every vertex has a label and no part exceeds the capacity.
func check(t require.TestingT, g *Graph, c Capacity, labels []int32) {
	require.Len(t, labels, g.Len())
	loads := make(map[int32]load)
	for v, part := range labels {
		require.GreaterOrEqual(t, part, int32(0))
		l := loads[part]
		loads[part] = l.plus(g.load(int32(v)))
	}
	for part, l := range loads {
		require.True(t, c.holds(l), "part %d holds %+v, over %+v", part, l, c)
	}
}

func TestSplitFindsTheSeam(t *testing.T) {
	tests := []struct {
		name   string
		n      int
		edges  []Edge
		c      Capacity
		cut    int64
		reason string
	}{
		{"two cliques", 20, append(append(clique(0, 10), clique(10, 10)...), Edge{3, 14}), Capacity{Count: 10}, 1, "the one bridge is cut"},
		{"three cliques in a row", 30, append(append(append(clique(0, 10), clique(10, 10)...), clique(20, 10)...), Edge{9, 10}, Edge{19, 20}), Capacity{Count: 10}, 2, "both bridges"},
		{"a doubled bridge", 20, append(append(clique(0, 10), clique(10, 10)...), Edge{3, 14}, Edge{14, 3}), Capacity{Count: 10}, 2, "two grants of a pair count twice"},
		{"a path", 10, []Edge{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 8}, {8, 9}}, Capacity{Count: 5}, 1, "in the middle"},
		{"a ring", 8, []Edge{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 0}}, Capacity{Count: 4}, 2, "twice"},
		{"unequal cliques", 14, append(append(clique(0, 9), clique(9, 5)...), Edge{0, 9}), Capacity{Count: 10}, 1, "9 and 5, not 7 and 7"},
		{"a star", 21, func() (e []Edge) {
			for v := int32(1); v < 21; v++ {
				e = append(e, Edge{0, v})
			}
			return e
		}(), Capacity{Count: 11}, 10, "the hub keeps ten of its twenty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := New(ones(tt.n), tt.edges)
			require.Equal(t, tt.cut, g.Cut(split(t, g, tt.c, Options{})), tt.reason)
		})
	}
}

// A tree of 2,500 can be cut once: some subtree has from 500 to 2,000 vertices. So
// can longer chains of cliques, at a bridge.
func TestSplitLargeAndSimple(t *testing.T) {
	for _, arity := range []int32{2, 3, 8, 20} {
		var edges []Edge
		for v := int32(1); v < 2500; v++ {
			edges = append(edges, Edge{v, (v - 1) / arity})
		}
		g := New(ones(2500), edges)
		cut := min(g.Cut(split(t, g, Capacity{Count: 2000}, Options{})), g.Cut(split(t, g, Capacity{Count: 2000}, Options{Fill: 0.5})))
		require.LessOrEqual(t, cut, int64(arity/2), "a tree of arity %d: whole subtrees of the root at most", arity)
	}
	var edges []Edge
	for c := range int32(133) {
		edges = append(edges, clique(30*c, 30)...)
		if c > 0 {
			edges = append(edges, Edge{30*c - 1, 30 * c})
		}
	}
	g := New(ones(3990), edges)
	require.LessOrEqual(t, g.Cut(split(t, g, Capacity{Count: 2000}, Options{})), int64(2))
}

func TestSplitBySize(t *testing.T) {
	// A path whose first vertices are heavy: five and five would exceed the size.
	sizes := []int64{50, 50, 1, 1, 1, 1, 1, 1, 1, 1}
	var edges []Edge
	for v := int32(1); v < 10; v++ {
		edges = append(edges, Edge{v - 1, v})
	}
	g := New(sizes, edges)
	labels := split(t, g, Capacity{Count: 9, Size: 60}, Options{})
	require.Equal(t, int64(1), g.Cut(labels), "only the two heavy ones must part")
	require.NotEqual(t, labels[0], labels[1])
}

func TestSplitLooseEndsWhereItCutsLeast(t *testing.T) {
	// Four cliques of 6 in a ring of single edges. With room for 13 two parts of
	// 12 cut 2 edges; a loose fill may also leave more parts, never more edges.
	var edges []Edge
	for c := range int32(4) {
		edges = append(edges, clique(6*c, 6)...)
		edges = append(edges, Edge{6*c + 5, (6*c + 6) % 24})
	}
	g := New(ones(24), edges)
	require.Equal(t, int64(2), g.Cut(split(t, g, Capacity{Count: 13}, Options{})))
	require.LessOrEqual(t, g.Cut(split(t, g, Capacity{Count: 13}, Options{Fill: 0.9})), int64(2))
}

func TestSplitCanceled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("enough")
	cancel(reason)
	_, err := new(Splitter).Split(ctx, New(ones(3), nil), Capacity{Count: 2}, Options{})
	require.ErrorIs(t, err, reason)
}

func randomGraph(t *rapid.T, most int) *Graph {
	n := rapid.IntRange(1, most).Draw(t, "vertices")
	vertex := rapid.Int32Range(0, int32(n-1))
	var edges []Edge
	for range rapid.IntRange(0, 3*n).Draw(t, "edges") {
		if e := (Edge{vertex.Draw(t, "u"), vertex.Draw(t, "v")}); e.U != e.V {
			edges = append(edges, e)
		}
	}
	sizes := make([]int64, n)
	for v := range sizes {
		sizes[v] = rapid.Int64Range(0, 20).Draw(t, "size")
	}
	g := New(sizes, edges)
	if rapid.Bool().Draw(t, "times") {
		g.Time = make([]int64, n)
		for v := range g.Time {
			g.Time[v] = rapid.Int64Range(0, 20).Draw(t, "time")
		}
	}
	return g
}

func randomCapacity(t *rapid.T) Capacity {
	c := Capacity{Count: rapid.Int64Range(1, 12).Draw(t, "count")}
	if rapid.Bool().Draw(t, "by size") {
		c.Size = rapid.Int64Range(20, 100).Draw(t, "size limit")
	}
	if rapid.Bool().Draw(t, "by time") {
		c.Time = rapid.Int64Range(20, 100).Draw(t, "time limit")
	}
	return c
}

func TestSplitRespectsTheCapacity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, c := randomGraph(t, 60), randomCapacity(t)
		fill := rapid.SampledFrom([]float64{0, 0.3, 0.5, 1}).Draw(t, "fill")
		split(t, g, c, Options{Fill: fill, Flat: rapid.Bool().Draw(t, "flat"), Full: rapid.Bool().Draw(t, "full")})
	})
}

func TestRefineNeverCutsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, c := randomGraph(t, 40), randomCapacity(t)
		var space workspace
		space.grower.reset(g, c, Options{}, rand.New(rand.NewPCG(1, 2)))
		grown := space.grower.run(t.Context())
		check(t, g, c, grown)
		before := g.Cut(grown)
		refined, _ := refine(t.Context(), g, grown, c, &space)
		check(t, g, c, refined)
		if after := g.Cut(refined); after > before {
			t.Fatalf("%d edges are cut, and %d were", after, before)
		}
	})
}

// leastCut returns the least cut of any split into parts within the capacity.
func leastCut(g *Graph, c Capacity) int64 {
	best := int64(math.MaxInt64)
	labels := make([]int32, g.Len())
	loads := make([]load, g.Len())
	var place func(v int, parts int32, cut int64)
	place = func(v int, parts int32, cut int64) {
		if cut >= best {
			return
		}
		if v == g.Len() {
			best = cut
			return
		}
		for part := range parts + 1 {
			with := loads[part].plus(g.load(int32(v)))
			if !c.holds(with) {
				continue
			}
			more := int64(0)
			to, weight := g.Neighbours(int32(v))
			for i, u := range to {
				if int(u) < v && labels[u] != part {
					more += int64(weight[i])
				}
			}
			old := loads[part]
			loads[part], labels[v] = with, part
			place(v+1, max(parts, part+1), cut+more)
			loads[part] = old
		}
	}
	place(0, 0, 0)
	return best
}

func TestSplitAgainstEverything(t *testing.T) {
	var found, least int64
	rapid.Check(t, func(t *rapid.T) {
		g := randomGraph(t, 9)
		c := Capacity{Count: rapid.Int64Range(1, 6).Draw(t, "count")}
		if rapid.Bool().Draw(t, "by time") {
			c.Time = rapid.Int64Range(20, 60).Draw(t, "time limit")
		}
		want := leastCut(g, c)
		got := min(g.Cut(split(t, g, c, Options{})), g.Cut(split(t, g, c, Options{Fill: 0.5})))
		if got < want {
			t.Fatalf("a cut of %d is below the least of %d: the oracle is wrong", got, want)
		}
		found += got
		least += want
	})
	require.LessOrEqual(t, float64(found), 1.1*float64(least), "the cuts of all cases together are close to the least")
}

func TestSplitIsDeterministic(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var edges []Edge
	for range 3000 {
		if u, v := rng.Int32N(1000), rng.Int32N(1000); u != v {
			edges = append(edges, Edge{u, v})
		}
	}
	g := New(ones(1000), edges)
	want := split(t, g, Capacity{Count: 100}, Options{})
	rng.Shuffle(len(edges), func(i, j int) { edges[i], edges[j] = Edge{edges[j].V, edges[j].U}, edges[i] })
	same := New(ones(1000), edges)
	for _, procs := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(procs)
		got := split(t, same, Capacity{Count: 100}, Options{})
		runtime.GOMAXPROCS(old)
		require.Equal(t, want, got, "with %d processors", procs)
	}
}

func TestHeapOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h heap
		var want []entry
		for range rapid.IntRange(0, 50).Draw(t, "entries") {
			e := entry{rapid.Int64Range(-3, 3).Draw(t, "key"), rapid.Int64Range(0, 2).Draw(t, "size"), rapid.Int32Range(0, 2).Draw(t, "turn"), rapid.Int32Range(0, 9).Draw(t, "vertex")}
			h.push(e)
			want = append(want, e)
		}
		slices.SortFunc(want, func(a, b entry) int {
			if a.before(b) {
				return -1
			}
			if b.before(a) {
				return 1
			}
			return 0
		})
		for _, w := range want {
			if got := h.pop(); got != w {
				t.Fatalf("%v comes before %v", got, w)
			}
		}
	})
}
