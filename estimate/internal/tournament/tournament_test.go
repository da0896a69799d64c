package tournament_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/staged-migration/staged/estimate/internal/tournament"
)

// A queue is a slice in which the least is looked for.
func TestTreeIsASetOfTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, tournament.Max).Draw(t, "lanes")
		var q tournament.Tree
		for range 2 { // a queue may be used again
			q.Reset(n)
			times := make([]float64, n)
			for _, d := range rapid.SliceOfN(rapid.Float64Range(0, 20), 0, 3*n).Draw(t, "durations") {
				least := slices.Min(times)
				if got := q.First(); math.Abs(got-least) > 1e-12*least {
					t.Fatalf("free at %v, and the least of %v is %v", got, times, least)
				}
				times[slices.Index(times, least)] = least + d
				q.Take(least + d)
			}
		}
	})
}

func BenchmarkTree20(b *testing.B) {
	var q tournament.Tree
	q.Reset(20)
	x := uint64(1)
	for b.Loop() {
		x = x*6364136223846793005 + 1442695040888963407
		q.Take(q.First() + float64(x>>54))
	}
}
