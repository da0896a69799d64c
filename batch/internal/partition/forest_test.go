package partition

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// randomForest draws a forest whose edges weigh up to 4.
func randomForest(t *rapid.T, most int) *Graph {
	n := rapid.IntRange(1, most).Draw(t, "vertices")
	heaviest := rapid.IntRange(1, 4).Draw(t, "heaviest edge")
	reach := rapid.SampledFrom([]int{1, 3, most}).Draw(t, "reach") // 1 gives paths, all gives bushes
	var edges []Edge
	for v := int32(1); v < int32(n); v++ {
		if rapid.IntRange(0, 19).Draw(t, "new tree") == 0 {
			continue
		}
		u := v - 1 - rapid.Int32Range(0, min(v, int32(reach))-1).Draw(t, "parent")
		for range rapid.IntRange(1, heaviest).Draw(t, "weight") {
			edges = append(edges, Edge{u, v})
		}
	}
	return New(ones(n), edges)
}

// leastForestCut returns the least weight of edges whose removal leaves pieces of at most
// limit vertices: for each vertex and each size that the piece with it can have the least
// that is cut below.
func leastForestCut(g *Graph, limit int) int64 {
	seen := make([]bool, g.Len())
	var below func(v int32) []int64
	below = func(v int32) []int64 {
		seen[v] = true
		least := make([]int64, limit+1)
		for i := range least {
			least[i] = math.MaxInt32
		}
		least[1] = 0
		to, weight := g.Neighbours(v)
		for i, u := range to {
			if seen[u] {
				continue
			}
			child := below(u)
			cut := int64(math.MaxInt32)
			for _, c := range child {
				cut = min(cut, c+int64(weight[i]))
			}
			next := make([]int64, limit+1)
			for size := range next {
				next[size] = least[size] + cut
				for s := range size {
					next[size] = min(next[size], least[size-s]+child[s])
				}
			}
			least = next
		}
		return least
	}
	sum := int64(0)
	for v := range int32(g.Len()) {
		if !seen[v] {
			best := int64(math.MaxInt32)
			for _, c := range below(v) {
				best = min(best, c)
			}
			sum += best
		}
	}
	return sum
}

func TestForestIsCutLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := randomForest(t, 80)
		limit := rapid.IntRange(1, 30).Draw(t, "limit")
		labels := split(t, g, Capacity{Count: int64(limit)}, Options{Fill: 0.5})
		if got, want := g.Cut(labels), leastForestCut(g, limit); got != want {
			t.Fatalf("a cut of %d, and the least is %d", got, want)
		}
	})
}

// The same against every partition of small forests, which also checks the oracle above.
func TestForestAgainstEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := randomForest(t, 9)
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		c := Capacity{Count: int64(limit)}
		want := leastCut(g, c)
		require.Equal(t, want, leastForestCut(g, limit))
		require.Equal(t, want, g.Cut(split(t, g, c, Options{Fill: 0.5})))
	})
}

func TestForestBySize(t *testing.T) {
	var found, least int64
	rapid.Check(t, func(t *rapid.T) {
		g := randomForest(t, 9)
		for v := range g.Size {
			g.Size[v] = rapid.Int64Range(0, 20).Draw(t, "size")
		}
		c := Capacity{Count: rapid.Int64Range(1, 6).Draw(t, "count"), Size: rapid.Int64Range(20, 60).Draw(t, "size limit")}
		found += g.Cut(split(t, g, c, Options{Fill: 0.5}))
		least += leastCut(g, c)
	})
	require.Equal(t, least, found, "so few states are never thinned out")
}

// Trees whose least cut is plain to see.
func TestSplitTrees(t *testing.T) {
	tree := func(n, arity int32) *Graph {
		var edges []Edge
		for v := int32(1); v < n; v++ {
			edges = append(edges, Edge{v, (v - 1) / arity})
		}
		return New(ones(int(n)), edges)
	}
	tests := []struct {
		name   string
		g      *Graph
		limit  int64
		cut    int64
		reason string
	}{
		{"a star of 300,000", tree(300_001, 300_000), 2000, 298_001, "1,999 leaves stay with the hub"},
		{"a path of 300,000", tree(300_000, 1), 2000, 149, "150 pieces"},
		{"three levels of 50", tree(1+50+2500, 50), 2000, 11, "the root with 39 branches of 51 is 1,990, without the other 11"},
		{"three levels of 50, cut low", tree(1+50+2500, 50), 51, 50, "every branch of 51 by itself"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.cut, tt.g.Cut(split(t, tt.g, Capacity{Count: tt.limit}, Options{Fill: 0.5})), tt.reason)
		})
	}
}

// A hub that joins many trees of different loads, with edges of different weights, makes
// the most states. Whatever they are, no part may exceed the limit.
func TestForestOfManyStates(t *testing.T) {
	var edges []Edge
	n := int32(1)
	for branch := range int32(3000) {
		first := n
		for i := range 1 + branch%97 {
			to := int32(0)
			if i > 0 {
				to = first + (i-1)/2
			}
			for range 1 + (branch+i)%5 {
				edges = append(edges, Edge{n, to})
			}
			n++
		}
	}
	split(t, New(ones(int(n)), edges), Capacity{Count: 2000}, Options{Fill: 0.5})
	split(t, New(ones(int(n)), edges), Capacity{Count: 20}, Options{Fill: 0.5})
}
