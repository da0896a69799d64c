package batch

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBetter(t *testing.T) {
	tests := []struct {
		s, t   *solution
		want   bool
		reason string
	}{
		{&solution{cut: 9, bins: 9}, nil, true, "anything is better than nothing"},
		{&solution{cut: 94, bins: 3}, &solution{cut: 100, bins: 2}, true, "clearly fewer split grants come before fewer batches"},
		{&solution{cut: 100, bins: 2}, &solution{cut: 94, bins: 3}, false, "the same the other way round"},
		{&solution{cut: 95, bins: 3}, &solution{cut: 100, bins: 2}, false, "a twentieth is not clearly fewer"},
		{&solution{cut: 100, bins: 2}, &solution{cut: 95, bins: 3}, true, "then fewer batches count"},
		{&solution{cut: 99, bins: 2}, &solution{cut: 100, bins: 2}, true, "then fewer split grants at all"},
		{&solution{cut: 100, bins: 2}, &solution{cut: 100, bins: 2}, false, "of equals the first stays"},
		{&solution{cut: 0, bins: 3}, &solution{cut: 1, bins: 2}, true, "none is clearly fewer than one"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, tt.s.better(tt.t), tt.reason)
	}
}
