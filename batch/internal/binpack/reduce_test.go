package binpack

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestReduce(t *testing.T) {
	tests := []struct {
		sizes  []int64
		c      int64
		bins   int
		rest   []int
		reason string
	}{
		{nil, 10, 0, []int{}, "nothing"},
		{[]int64{9, 2, 2}, 10, 2, []int{}, "9 is alone, and 2 and 2 are together as nothing else is"},
		{[]int64{7, 6, 3}, 10, 2, []int{}, "7+3 is full, and 6 alone"},
		{[]int64{5, 4, 4, 3, 3, 3}, 12, 0, []int{0, 1, 2, 3, 4, 5}, "pairs beside each that are larger than any one that fits: nothing is sure"},
	}
	for _, tt := range tests {
		fixed, rest := reduce(tt.sizes, tt.c)
		require.Len(t, fixed, tt.bins, tt.reason)
		require.Equal(t, tt.rest, rest, tt.reason)
	}
}

// What is fixed and the fewest bins for the rest are the fewest bins for all.
func TestReduceKeepsTheOptimum(t *testing.T) {
	reduced := 0
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.Int64Range(1, 60).Draw(t, "capacity")
		w := rapid.SliceOfN(rapid.Int64Range(max(1, c/6), c), 0, 9).Draw(t, "sizes")
		slices.Sort(w)
		slices.Reverse(w)
		fixed, rest := reduce(w, c)
		left := make([]int64, len(rest))
		for at, i := range rest {
			left[at] = w[i]
		}
		seen := slices.Clone(rest)
		for _, bin := range fixed {
			var sum int64
			for _, i := range bin {
				sum += w[i]
			}
			if sum > c {
				t.Fatalf("%v holds %d", bin, sum)
			}
			seen = append(seen, bin...)
			reduced++
		}
		slices.Sort(seen)
		for i, at := range seen {
			if i != at {
				t.Fatalf("%v and %v are not all", fixed, rest)
			}
		}
		limit := Load{Count: c}
		if got, want := len(fixed)+fewest(counts(left...), limit), fewest(counts(w...), limit); got != want {
			t.Fatalf("%d bins after the reduction, and %d are enough", got, want)
		}
	})
	require.Positive(t, reduced)
}

func TestNewLine(t *testing.T) {
	tests := []struct {
		items    []Load
		capacity Load
		sizes    []int64
		c        int64
		reason   string
	}{
		{[]Load{{Count: 4, Size: 9}, {Count: 6, Size: 1}}, Load{Count: 11}, []int64{3, 2}, 5, "no limit of size: counts, in units of 2"},
		{[]Load{{Count: 1, Size: 40}, {Count: 1, Size: 80}}, Load{Count: 2, Size: 100}, []int64{2, 1}, 2, "all counts together keep the limit"},
		{[]Load{{Count: 5, Size: 90}, {Count: 5, Size: 60}, {Count: 5, Size: 60}}, Load{Count: 10, Size: 100}, []int64{3, 2, 2}, 3, "each takes more of the size"},
		{[]Load{{Count: 9, Size: 10}, {Count: 9, Size: 10}, {Count: 1, Size: 90}}, Load{Count: 10, Size: 100}, nil, 0, "both matter"},
		{[]Load{{1, 10, 30}, {2, 10, 60}, {1, 90, 20}}, Load{4, 200, 100}, []int64{6, 3, 2}, 10, "all together keep two of three limits"},
	}
	for _, tt := range tests {
		l := newLine(tt.items, tt.capacity)
		if tt.sizes == nil {
			require.Nil(t, l, tt.reason)
			continue
		}
		require.Equal(t, tt.sizes, l.sizes, tt.reason)
		require.Equal(t, tt.c, l.capacity, tt.reason)
	}
}
