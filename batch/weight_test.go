package batch

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
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
		var edges []edge
		for _, w := range tt.weights {
			edges = append(edges, edge{weight: w})
		}
		scale(edges)
		var got []int32
		for _, e := range edges {
			got = append(got, e.units)
		}
		require.Empty(t, cmp.Diff(tt.want, got), tt.reason)
	}
	many := make([]edge, 3<<20)
	for i := range many {
		many[i].weight = 1
	}
	scale(many)
	require.EqualValues(t, 256, many[0].units, "three million of 512 would exceed 2^30")
}

func TestGraphAddsUpWeights(t *testing.T) {
	g := newGraph([]int64{1, 1, 1, 1}, make([]int64, 4), []edge{{u: 2, v: 0, units: 5}, {u: 0, v: 2, units: 7}, {u: 3, v: 2, units: 1}})
	require.Equal(t, []int32{0, 1, 1, 3, 4}, g.Row, "vertex 1 has no neighbours")
	require.Equal(t, []int32{2, 0, 3, 2}, g.Adj)
	require.Equal(t, []int32{12, 12, 1, 1}, g.EdgeWeight, "two grants of a pair are one edge")
}
