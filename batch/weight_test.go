package batch

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

func TestScale(t *testing.T) {
	tests := []struct {
		weights []float64
		want    []int32
		reason  string
	}{
		{nil, nil, "no grants"},
		{[]float64{4, 3, 2, 1}, []int32{512, 384, 256, 128}, "the largest takes ten bits, and the factor of 128 rounds nothing"},
		{[]float64{4e6, 3e6, 2e6, 1e6}, []int32{977, 732, 488, 244}, "only proportions count, but for rounding: 4e6 is 976.6 times 2^12"},
		{[]float64{1, 1e-9}, []int32{512, 1}, "what is far below the largest still counts"},
		{[]float64{5e-324, 5e-324}, []int32{512, 512}, "the smallest number there is"},
		{[]float64{1e9, 1e-300}, []int32{954, 1}, "1e9 is 953.7 times 2^20"},
	}
	for _, tt := range tests {
		scale := newScale(slices.All(tt.weights))
		var got []int32
		for _, w := range tt.weights {
			got = append(got, scale.units(w))
		}
		require.Empty(t, cmp.Diff(tt.want, got), tt.reason)
	}
	many := slices.Repeat([]float64{1}, 3<<20)
	require.EqualValues(t, 256, newScale(slices.All(many)).units(1), "three million of 512 would exceed 2^30")
}

func TestGraphAddsUpWeights(t *testing.T) {
	edges := func(yield func(edge, float64) bool) {
		_ = yield(edge{2, 0}, 5) && yield(edge{0, 2}, 7) && yield(edge{3, 2}, 1)
	}
	g := newGraph([]binpack.Load{{Count: 1}, {Count: 1, Size: 7}, {Count: 1}, {Count: 2}}, edges)
	require.Equal(t, []int64{1, 1, 1, 2}, g.Count)
	require.Equal(t, []int64{0, 7, 0, 0}, g.Size)
	require.Equal(t, []int32{0, 1, 1, 3, 4}, g.Row, "vertex 1 has no neighbours")
	require.Equal(t, []int32{2, 0, 3, 2}, g.Adj)
	require.Equal(t, []int32{12 * 128, 12 * 128, 128, 128}, g.EdgeWeight, "two grants of a pair are one edge; the largest weight, 7, takes ten bits with a factor of 128")
}
