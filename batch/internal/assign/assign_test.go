package assign

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestBest(t *testing.T) {
	tests := []struct {
		name       string
		rows, cols int
		pairs      []Pair
		want       []int32
		reason     string
	}{
		{"nothing", 0, 0, nil, []int32{}, "no rows"},
		{"no pairs", 2, 1, nil, []int32{-1, -1}, "a row without pairs has no column"},
		{"each its own", 2, 2, []Pair{{0, 1, 5}, {1, 0, 3}}, []int32{1, 0}, "no conflict"},
		{"the larger wins", 2, 1, []Pair{{0, 0, 3}, {1, 0, 4}}, []int32{-1, 0}, "4 is more than 3"},
		{"the first stays", 2, 1, []Pair{{0, 0, 4}, {1, 0, 3}}, []int32{0, -1}, "4 is more than 3"},
		{"not the largest pair", 2, 2, []Pair{{0, 0, 5}, {0, 1, 4}, {1, 0, 4}}, []int32{1, 0}, "4+4 is more than 5"},
		{"a chain gives way", 3, 3, []Pair{{0, 0, 9}, {0, 1, 8}, {1, 1, 9}, {1, 2, 8}, {2, 0, 9}}, []int32{1, 2, 0}, "8+8+9 is more than 9+9"},
		{"out in the middle", 3, 2, []Pair{{0, 0, 9}, {1, 0, 2}, {1, 1, 3}, {2, 1, 8}}, []int32{0, -1, 1}, "9+8; row 1 adds less"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, Best(tt.rows, tt.cols, tt.pairs), "%s: %s", tt.name, tt.reason)
	}
}

// most tries all assignments of the rows from row on.
func most(weight map[[2]int32]int64, row, rows, cols int32, taken []bool) int64 {
	if row == rows {
		return 0
	}
	best := most(weight, row+1, rows, cols, taken)
	for c := range cols {
		if w := weight[[2]int32{row, c}]; w > 0 && !taken[c] {
			taken[c] = true
			best = max(best, w+most(weight, row+1, rows, cols, taken))
			taken[c] = false
		}
	}
	return best
}

func TestBestAgainstEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.Int32Range(0, 6).Draw(t, "rows"), rapid.Int32Range(1, 6).Draw(t, "cols")
		weight := make(map[[2]int32]int64)
		var pairs []Pair
		for r := range rows {
			for c := range cols {
				if w := rapid.Int64Range(-4, 6).Draw(t, "weight"); w > 0 {
					weight[[2]int32{r, c}] = w
					pairs = append(pairs, Pair{r, c, w})
				}
			}
		}
		sum, taken := int64(0), make(map[int32]bool)
		for r, c := range Best(int(rows), int(cols), pairs) {
			if c < 0 {
				continue
			}
			w, ok := weight[[2]int32{int32(r), c}]
			if !ok || taken[c] {
				t.Fatalf("row %d has column %d, which it has nothing in common with or which is taken", r, c)
			}
			taken[c] = true
			sum += w
		}
		if want := most(weight, 0, rows, cols, make([]bool, cols)); sum != want {
			t.Fatalf("%d in common, and %d can be", sum, want)
		}
	})
}

// Batches of ten of 20,000 mailboxes that were shuffled: hardly anything goes together.
func BenchmarkBestShuffled(b *testing.B) {
	const bins, n = 2000, 20_000
	rng := rand.New(rand.NewPCG(1, 2))
	common := make(map[[2]int32]int64)
	for range n {
		common[[2]int32{rng.Int32N(bins), rng.Int32N(bins)}]++
	}
	var pairs []Pair
	for k, w := range common {
		pairs = append(pairs, Pair{k[0], k[1], w})
	}
	slices.SortFunc(pairs, func(a, b Pair) int { return int(a.Row-b.Row)*bins + int(a.Col-b.Col) })
	for b.Loop() {
		Best(bins, bins, pairs)
	}
}
