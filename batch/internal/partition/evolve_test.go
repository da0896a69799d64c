package partition

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// recount returns the weight of the edges between different labels, edge by edge from
// both ends.
func recount(g *Graph, labels []int32) int64 {
	twice := int64(0)
	for v := range int32(g.Len()) {
		for i := g.Row[v]; i < g.Row[v+1]; i++ {
			if labels[v] != labels[g.Adj[i]] {
				twice += int64(g.EdgeWeight[i])
			}
		}
	}
	return twice / 2
}

func TestCombineIsNoWorseThanEither(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := randomGraph(t, 400) // over fewVertices too, so that there are levels
		c := Capacity{Count: rapid.Int64Range(5, 150).Draw(t, "count")}
		s := newSearch(g, c, Options{Spare: rapid.IntRange(0, 1).Draw(t, "spare")}, make([]workspace, 1))
		seed := rapid.Uint64Range(0, 99).Draw(t, "seed")
		a, b := s.fresh(t.Context(), seed, &s.spaces[0]), s.fresh(t.Context(), seed+1, &s.spaces[0])
		before := slices.Clone(a.labels)
		child := s.combine(t.Context(), a, b, seed+2, &s.spaces[0])
		require.Equal(t, before, a.labels, "parents stay as they are")
		for _, i := range []individual{a, b, child} {
			check(t, g, c, i.labels)
			require.Equal(t, recount(g, i.labels), i.cut)
		}
		require.LessOrEqual(t, child.compare(a), 0)
		require.LessOrEqual(t, child.compare(b), 0)
	})
}

func TestMergeJoinsWhatFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, c := randomGraph(t, 40), randomCapacity(t)
		alone := make([]int32, g.Len())
		for v := range alone {
			alone[v] = int32(v)
		}
		merged, parts := merge(g, alone, c, new(workspace))
		check(t, g, c, merged)
		loads := make([]load, parts)
		for v, part := range merged {
			require.Less(t, part, parts)
			loads[part] = loads[part].plus(g.load(int32(v)))
		}
		for i, a := range loads {
			for _, b := range loads[:i] {
				require.False(t, c.holds(a.plus(b)), "%+v and %+v fit into one part", a, b)
			}
		}
	})
}

// Vertex 16 wants to the part of 0 to 9, which is full, with three edges against one; 9
// loses one edge by making room. Neither move is a gain without the other.
func TestRefineSwaps(t *testing.T) {
	edges := slices.Concat(clique(0, 9), []Edge{{7, 9}, {8, 9}, {9, 11}}, clique(10, 6), []Edge{{16, 0}, {16, 1}, {16, 2}, {16, 10}})
	g := New(ones(17), edges)
	labels := append(make([]int32, 10), slices.Repeat([]int32{1}, 7)...)
	require.Equal(t, int64(4), g.Cut(labels))
	refined, _ := refine(t.Context(), g, labels, Capacity{Count: 10}, new(workspace))
	check(t, g, Capacity{Count: 10}, refined)
	require.Equal(t, int64(3), g.Cut(refined))
}
