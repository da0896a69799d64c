package leastcut

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

// sized returns vertices of these sizes.
func sized(sizes ...int64) (loads []binpack.Load) {
	for _, s := range sizes {
		loads = append(loads, binpack.Load{Count: 1, Size: s})
	}
	return loads
}

// splits has as much work as there may be.
func splits(loads []binpack.Load, edges []Edge, capacity binpack.Load) [][]int32 {
	ways, _ := Splits(loads, nil, edges, capacity, mostWork)
	return ways
}

func clique(n int32) (edges []Edge) {
	for u := range n {
		for v := range u {
			edges = append(edges, Edge{u, v, 1})
		}
	}
	return edges
}

func TestSplits(t *testing.T) {
	path := func(weights ...float64) (edges []Edge) {
		for i, w := range weights {
			edges = append(edges, Edge{int32(i), int32(i + 1), w})
		}
		return edges
	}
	three := binpack.Load{Count: 3}
	tests := []struct {
		name     string
		loads    []binpack.Load
		edges    []Edge
		capacity binpack.Load
		want     [][]int32
		reason   string
	}{
		{"fits", sized(1, 1, 1), path(1, 1), three, [][]int32{{0, 0, 0}}, "nothing needs to be split"},
		{"no edges", sized(1, 1), nil, three, [][]int32{{0, 1}}, "parts are connected"},
		{"path", sized(1, 1, 1, 1), path(2, 1, 2), three, [][]int32{{0, 0, 1, 1}}, "in the middle"},
		{"equal edges", sized(1, 1, 1, 1), path(1, 1, 1), three, [][]int32{{0, 0, 1, 1}, {0, 0, 0, 1}},
			"2+2 before 3+1; 1+3 weighs the same as that"},
		{"by size", sized(1, 2, 3, 4), path(1, 1, 1), binpack.Load{Count: 3, Size: 7}, [][]int32{{0, 0, 1, 1}, {0, 0, 0, 1}},
			"2 and 3+4 do not fit into 7; squares of 3+7 and 2+2 are 58/49 and 8/9, those of 6+4 and 3+1 are 52/49 and 10/9, which is more"},
		{"several edges of a pair", sized(1, 1, 1), []Edge{{0, 1, 2}, {1, 2, 1.5}, {2, 1, 1.5}}, binpack.Load{Count: 2}, [][]int32{{0, 1, 1}}, "3 is more than 2"},
		{"far apart", sized(1, 1, 1, 1), []Edge{{0, 1, 1e9}, {1, 2, 1e-3}, {2, 3, 2e-3}, {3, 0, 1e9}}, three, [][]int32{{0, 0, 1, 0}},
			"0.003 is less than 1e9, which must not drown the difference"},
		{"fewer parts", sized(1, 1, 1, 1), []Edge{{0, 1, 2}, {0, 2, 1}, {0, 3, 1}}, three, [][]int32{{0, 0, 0, 1}}, "one leaf of weight 1"},
	}
	for _, tt := range tests {
		got := canonical(splits(tt.loads, tt.edges, tt.capacity))
		require.Empty(t, cmp.Diff(tt.want, got), "%s: %s", tt.name, tt.reason)
	}
}

// canonical numbers the parts of each way by their first vertices.
func canonical(ways [][]int32) [][]int32 {
	for i, w := range ways {
		number := make(map[int32]int32)
		for v, l := range w {
			if _, ok := number[l]; !ok {
				number[l] = int32(len(number))
			}
			ways[i][v] = number[l]
		}
	}
	return ways
}

// Sums of tenths are not what they should be: 0.1+0.2 is more than 0.3 in floating point.
func TestSplitsRounds(t *testing.T) {
	tenth := 0.1
	ways := splits(sized(1, 1, 1), []Edge{{0, 1, tenth}, {0, 1, 2 * tenth}, {1, 2, 3 * 0.1}, {1, 2, 0}}, binpack.Load{Count: 2})
	require.Len(t, ways, 1, "two ways of the same loads, of which one is enough")
	ways = splits(sized(1, 2, 3), []Edge{{0, 1, tenth}, {0, 1, 2 * tenth}, {1, 2, 0.3}}, binpack.Load{Count: 2})
	require.Len(t, ways, 2, "both edges weigh 0.3")
}

func TestSplitsEndsInTime(t *testing.T) {
	ten := sized(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	require.NotEmpty(t, splits(ten, clique(10), binpack.Load{Count: 9}), "whatever joins ten")
	loads := make([]binpack.Load, MostVertices)
	for i := range loads {
		loads[i] = binpack.Load{Count: 1, Size: int64(i)}
	}
	require.Empty(t, splits(loads, clique(MostVertices), binpack.Load{Count: 6}), "billions of ways")
	require.Empty(t, splits(append(loads, binpack.Load{Count: 1}), nil, binpack.Load{Count: 9}), "too many vertices")

	pair, edge := sized(1, 1), []Edge{{0, 1, 1}}
	ways, left := Splits(pair, nil, edge, binpack.Load{Count: 1}, 100)
	require.Len(t, ways, 1)
	require.Equal(t, 97, left, "the first into a part of its own, the second beside it, which does not fit, and alone")
	ways, left = Splits(pair, nil, edge, binpack.Load{Count: 1}, 2)
	require.Empty(t, ways)
	require.Zero(t, left)
	_, left = Splits(loads, nil, clique(MostVertices), binpack.Load{Count: 6}, 1_000_000)
	require.Equal(t, 1_000_000-mostWork, left, "one graph alone gets no more than that")
}

// Against all ways there are.
func TestSplitsAgainstEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(t, "vertices")
		loads := make([]binpack.Load, n)
		for v := range loads {
			loads[v] = binpack.Load{Count: rapid.Int64Range(1, 2).Draw(t, "count"), Size: rapid.Int64Range(0, 3).Draw(t, "size")}
		}
		var edges []Edge
		for u := range int32(n) {
			for v := range u {
				if w := rapid.IntRange(0, 3).Draw(t, "weight"); w > 0 {
					edges = append(edges, Edge{u, v, float64(w)})
				}
			}
		}
		capacity := binpack.Load{Count: rapid.Int64Range(2, 7).Draw(t, "limit")}
		if rapid.Bool().Draw(t, "by size") {
			capacity.Size = rapid.Int64Range(3, 9).Draw(t, "size limit")
		}
		got := make(map[string]bool)
		for _, w := range splits(loads, edges, capacity) {
			key := key(w, loads)
			require.False(t, got[key], "%s twice", key)
			got[key] = true
			require.Equal(t, pieces(w, edges), int(slices.Max(w))+1, "parts are connected")
		}
		require.Empty(t, cmp.Diff(everything(loads, edges, capacity), got))
	})
}

// everything returns the loads of all ways to split whose parts are connected and
// which cut least.
func everything(loads []binpack.Load, edges []Edge, capacity binpack.Load) map[string]bool {
	n := len(loads)
	found, least := make(map[string]bool), math.Inf(1)
	labels := make([]int32, n)
	var try func(v int, parts int32)
	try = func(v int, parts int32) {
		if v < n {
			for l := range parts + 1 {
				labels[v] = l
				try(v+1, max(parts, l+1))
			}
			return
		}
		cut := 0.0
		for _, e := range edges {
			if labels[e.U] != labels[e.V] {
				cut += e.Weight
			}
		}
		sums := make([]binpack.Load, parts)
		for v, l := range labels {
			sums[l] = sums[l].Plus(loads[v])
		}
		fits := !slices.ContainsFunc(sums, func(l binpack.Load) bool { return !l.Fits(capacity) })
		if !fits || cut > least || pieces(labels, edges) != int(parts) {
			return
		}
		if cut < least {
			clear(found)
			least = cut
		}
		found[key(labels, loads)] = true
	}
	try(0, 0)
	return found
}

// key tells ways apart by what their parts weigh.
func key(labels []int32, loads []binpack.Load) string {
	sums := make(map[int32]binpack.Load)
	for v, l := range labels {
		sums[l] = sums[l].Plus(loads[v])
	}
	var text []string
	for _, l := range sums {
		text = append(text, fmt.Sprint(l))
	}
	slices.Sort(text)
	return fmt.Sprint(text)
}

// pieces returns how many pieces edges within equal labels leave.
func pieces(labels []int32, edges []Edge) int {
	piece := make([]int, len(labels))
	for v := range piece {
		piece[v] = v
	}
	for _, e := range edges {
		if a, b := piece[e.U], piece[e.V]; labels[e.U] == labels[e.V] {
			for v := range piece {
				if piece[v] == b {
					piece[v] = a
				}
			}
		}
	}
	slices.Sort(piece)
	return len(slices.Compact(piece))
}

func BenchmarkSplitsNine(b *testing.B) {
	loads := sized(1, 2, 4, 8, 16, 32, 64, 128, 256)
	for b.Loop() {
		splits(loads, clique(9), binpack.Load{Count: 2})
	}
}
