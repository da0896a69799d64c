package binpack

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkApart fails if a bin holds two items of a group.
func checkApart(t require.TestingT, apart [][]int32, bin []int32) {
	type place struct{ bin, group int32 }
	seen := make(map[place]bool)
	for i, groups := range apart {
		for _, group := range groups {
			p := place{bin[i], group}
			require.False(t, seen[p], "bin %d holds two items of group %d", p.bin, p.group)
			seen[p] = true
		}
	}
}

// fewestApart returns the smallest number of bins by trying everything.
func fewestApart(items []Load, apart [][]int32, capacity Load) int {
	best := len(items)
	sums, in := make([]Load, len(items)), make([]map[int32]bool, len(items))
	for b := range in {
		in[b] = make(map[int32]bool)
	}
	var place func(i, used int)
	place = func(i, used int) {
		if used >= best {
			return
		}
		if i == len(items) {
			best = used
			return
		}
	bins:
		for b := range used + 1 {
			if !sums[b].Plus(items[i]).Fits(capacity) {
				continue
			}
			for _, group := range apart[i] {
				if in[b][group] {
					continue bins
				}
			}
			was := sums[b]
			sums[b] = was.Plus(items[i])
			for _, group := range apart[i] {
				in[b][group] = true
			}
			place(i+1, max(used, b+1))
			sums[b] = was
			for _, group := range apart[i] {
				delete(in[b], group)
			}
		}
	}
	place(0, 0)
	return best
}

// randomApart returns up to eight items, each in up to two of three groups.
func randomApart(rng *rand.Rand) (items []Load, apart [][]int32, capacity Load) {
	n := 1 + rng.IntN(8)
	items, apart = make([]Load, n), make([][]int32, n)
	for i := range items {
		items[i] = Load{Count: 1 + rng.Int64N(5), Size: rng.Int64N(6), Time: rng.Int64N(6)}
		for group := range int32(3) {
			if len(apart[i]) < 2 && rng.IntN(4) == 0 {
				apart[i] = append(apart[i], group)
			}
		}
	}
	return items, apart, Load{Count: 5 + rng.Int64N(6), Size: 6 * rng.Int64N(2), Time: 6 * rng.Int64N(2)}
}

func TestPackApartAgainstEverything(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		items, apart, capacity := randomApart(rng)
		bin, bins, err := PackApart(context.Background(), items, apart, capacity, LowerBound(items, Load{}, capacity))
		require.NoError(t, err)
		check(t, items, capacity, bin, bins)
		checkApart(t, apart, bin)
		require.Equal(t, fewestApart(items, apart, capacity), bins, "%v %v in %v", items, apart, capacity)
	}
}

// A search that says that there is no way is right, and one that ends finds a way if there
// is one.
func TestSearchApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 5000 {
		items, apart, capacity := randomApart(rng)
		p := newPacker(items, capacity)
		p.apart = apart
		fewest := fewestApart(items, apart, capacity)
		for _, k := range []int{fewest - 1, fewest} {
			bin, used, none := p.search(k)
			require.Equal(t, k < fewest, none, "%v %v in %d of %v", items, apart, k, capacity)
			if !none {
				check(t, items, capacity, bin, used)
				checkApart(t, apart, bin)
			}
		}
	}
}

// Items that fill their bins, of which those in groups must find other places than
// they would have without: the bound by load is reached all the same.
func TestPackApartReachesTheBound(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const bins, capacity = 40, 2000
	var items []Load
	var apart [][]int32
	for b := range bins {
		left := int64(capacity)
		for left > 0 {
			n := min(1+rng.Int64N(200), left)
			left -= n
			items, apart = append(items, Load{Count: n}), append(apart, nil)
		}
		apart[len(items)-1] = []int32{0} // one to a bin
		apart[len(items)-2] = []int32{1 + int32(b/10)}
	}
	rng.Shuffle(len(items), func(i, j int) {
		items[i], items[j] = items[j], items[i]
		apart[i], apart[j] = apart[j], apart[i]
	})
	bin, used, err := PackApart(context.Background(), items, apart, Load{Count: capacity}, bins)
	require.NoError(t, err)
	check(t, items, Load{Count: capacity}, bin, used)
	checkApart(t, apart, bin)
	require.Equal(t, bins, used)
}
