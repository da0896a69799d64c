package partition

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Looking at all keys is the oracle.
func TestTournament(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.IntRange(0, 9).Draw(t, "parts")
		var tour tournament
		tour.resize(rapid.IntRange(0, 9).Draw(t, "before"))
		tour.resize(parts)
		keys := make([]int64, parts)
		for part := range keys {
			keys[part] = lost
		}
		for range rapid.IntRange(0, 30).Draw(t, "changes") {
			want := none
			for part, key := range keys {
				if key > lost && (want == none || key > keys[want]) {
					want = int32(part)
				}
			}
			require.Equal(t, want, tour.best())
			if parts == 0 {
				return
			}
			part := rapid.Int32Range(0, int32(parts)-1).Draw(t, "part")
			keys[part] = rapid.OneOf(rapid.Int64Range(-2, 2), rapid.Just(int64(lost))).Draw(t, "key")
			tour.set(part, keys[part])
		}
		tour.reset()
		require.Equal(t, none, tour.best())
	})
}
