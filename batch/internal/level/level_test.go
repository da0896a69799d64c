package level

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

// item returns one of a count and a size that comes from one server and is near to sites.
func item(count, size int64, server int32, sites ...int32) Item {
	return Item{Load: binpack.Load{Count: count, Size: size}, Servers: []Tally{{server, int32(count)}}, Ties: &Ties{Near: sites}}
}

// unevennessOf computes what Even minimizes from its definition.
func unevennessOf(items []Item, servers int, bin []int32, bins int) float64 {
	count, size := make([]float64, bins), make([]float64, bins)
	from := make([][]float64, bins)
	total, volume, all := 0.0, 0.0, make([]float64, servers)
	for b := range from {
		from[b] = make([]float64, servers)
	}
	for i, it := range items {
		count[bin[i]] += float64(it.Load.Count)
		size[bin[i]] += float64(it.Load.Size)
		total += float64(it.Load.Count)
		volume += float64(it.Load.Size)
		for _, t := range it.Servers {
			from[bin[i]][t.Server] += float64(t.Count)
			all[t.Server] += float64(t.Count)
		}
	}
	sum, average := 0.0, total/float64(bins)
	for b := range bins {
		sum += math.Pow(count[b]/average-1, 2)
		if volume > 0 {
			sum += math.Pow(size[b]/(volume/float64(bins))-1, 2)
		}
		for s := range servers {
			sum += math.Pow((from[b][s]-all[s]/total*count[b])/average, 2)
		}
	}
	return sum
}

// clash reports whether two items that must be apart are in a bin.
func clash(items []Item, bin []int32) bool {
	seen := make(map[[2]int32]bool)
	for i, it := range items {
		for _, n := range it.apart() {
			if seen[[2]int32{n, bin[i]}] {
				return true
			}
			seen[[2]int32{n, bin[i]}] = true
		}
	}
	return false
}

// pairsOf counts pairs of sites and bins.
func pairsOf(items []Item, bin []int32) int {
	pairs := make(map[[2]int32]bool)
	for i, it := range items {
		for _, s := range it.near() {
			pairs[[2]int32{s, bin[i]}] = true
		}
	}
	return len(pairs)
}

// evenOut evens out and checks that nothing is broken by it.
func evenOut(t require.TestingT, items []Item, servers int, capacity binpack.Load, bin []int32, bins int) []int32 {
	after := slices.Clone(bin)
	require.NoError(t, Even(context.Background(), items, servers, capacity, after, bins))
	loads := make([]binpack.Load, bins)
	for i, b := range after {
		loads[b] = loads[b].Plus(items[i].Load)
	}
	for b, load := range loads {
		require.Positive(t, load.Count, "bin %d is empty", b)
		require.True(t, load.Fits(capacity), "bin %d holds %+v", b, load)
	}
	require.False(t, clash(items, after), "two that must be apart are in a bin")
	pairs, before := pairsOf(items, after), pairsOf(items, bin)
	require.LessOrEqual(t, pairs, before)
	if pairs == before {
		require.LessOrEqual(t, unevennessOf(items, servers, after, bins), unevennessOf(items, servers, bin, bins)+1e-9)
	}
	return after
}

func TestEven(t *testing.T) {
	one := item(1, 1, 0)
	tests := []struct {
		items    []Item
		capacity binpack.Load
		bin      []int32
		bins     int
		want     float64
		reason   string
	}{
		{slices.Repeat([]Item{one}, 6), binpack.Load{Count: 5}, []int32{0, 0, 0, 0, 0, 1}, 2, 0, "three each"},
		{slices.Repeat([]Item{one}, 9), binpack.Load{Count: 7}, []int32{0, 0, 0, 0, 0, 0, 0, 1, 2}, 3, 0, "three each"},
		{slices.Repeat([]Item{one}, 7), binpack.Load{Count: 5}, []int32{0, 0, 0, 0, 0, 1, 1}, 2, 4 * math.Pow(0.5/3.5, 2), "four and three, by count and by size: half off three and a half"},
		{[]Item{item(1, 0, 0), item(1, 0, 0), item(1, 0, 1), item(1, 0, 1)}, binpack.Load{Count: 2}, []int32{0, 0, 1, 1}, 2, 0,
			"one of each server in each, which an exchange alone can do where bins are full"},
		{[]Item{item(1, 7, 0), item(1, 6, 0), item(1, 1, 0), item(1, 4, 0), item(1, 5, 0), item(1, 1, 0)}, binpack.Load{Count: 3, Size: 14},
			[]int32{0, 0, 0, 1, 1, 1}, 2, 0, "7+4+1 and 6+5+1"},
		{[]Item{item(5, 0, 0), item(1, 0, 0)}, binpack.Load{Count: 6}, []int32{0, 1}, 2, 2 * math.Pow(2.0/3, 2), "five and one are as even as it gets"},
		{[]Item{item(3, 0, 0), item(3, 0, 1), item(1, 0, 0), item(1, 0, 1)}, binpack.Load{Count: 4}, []int32{0, 1, 0, 1}, 2, 2 * (2 * math.Pow(1.0/4, 2)),
			"three on one server and one on the other: one off two for both servers of both bins"},
	}
	for _, tt := range tests {
		bin := evenOut(t, tt.items, 2, tt.capacity, tt.bin, tt.bins)
		require.InDelta(t, tt.want, unevennessOf(tt.items, 2, bin, tt.bins), 1e-9, tt.reason)
	}
}

// Many items, of which Even moves a sample: a mailbox or two off by number and on each server.
func TestEvenSpreadsSingleItems(t *testing.T) {
	const bins, servers = 12, 5
	rng := rand.New(rand.NewPCG(1, 2))
	tests := []struct {
		each   int
		server func(i int) int32
		start  func(i int) int32
		reason string
	}{
		{100, func(int) int32 { return int32(rng.IntN(servers)) }, func(i int) int32 { return int32(i % bins) }, "all items move"},
		{1500, func(int) int32 { return int32(rng.IntN(servers)) }, func(i int) int32 { return int32(i % bins) }, "a sample is enough"},
		{1500, func(i int) int32 { return int32(i * servers / 1500 / bins) }, func(i int) int32 { return int32(i / 1500) }, "servers in a row: a sample is not enough"},
		{1500, func(i int) int32 { return int32(max(0, i-1500*(bins-servers+1)) / 1500) }, func(i int) int32 { return int32(i / 1500) }, "one server has most"},
	}
	for _, tt := range tests {
		var items []Item
		var bin []int32
		for i := range tt.each * bins {
			items = append(items, item(1, int64(1e9*rng.ExpFloat64()), tt.server(i)))
			bin = append(bin, tt.start(i))
		}
		bin = evenOut(t, items, servers, binpack.Load{Count: int64(tt.each)}, bin, bins)
		in, all := make([][servers]int, bins), [servers]int{}
		for i, b := range bin {
			in[b][items[i].Servers[0].Server]++
			all[items[i].Servers[0].Server]++
		}
		for b := range in {
			for s := range servers {
				require.InDelta(t, float64(all[s])/bins, in[b][s], 3, "%s: bin %d, server %d", tt.reason, b, s)
			}
		}
	}
}

// draw draws items in bins that hold them.
func draw(t *rapid.T, most, bins int) (items []Item, capacity binpack.Load, bin []int32) {
	n := rapid.IntRange(bins, most).Draw(t, "items")
	loads := make([]binpack.Load, bins)
	for i := range n {
		it := item(rapid.Int64Range(1, 9).Draw(t, "count"), rapid.Int64Range(0, 9).Draw(t, "size"), int32(rapid.IntRange(0, 2).Draw(t, "server")))
		if it.Load.Count > 4 {
			it.Servers = []Tally{{0, 2}, {2, int32(it.Load.Count) - 2}}
		}
		it.Load.Time = rapid.Int64Range(0, 9).Draw(t, "time")
		for site := range int32(4) {
			if rapid.IntRange(0, 3).Draw(t, "near") == 0 {
				it.Ties.Near = append(it.Ties.Near, site)
			}
		}
		b := int32(i)
		if i >= bins {
			b = int32(rapid.IntRange(0, bins-1).Draw(t, "bin"))
		}
		items, bin = append(items, it), append(bin, b)
		loads[b] = loads[b].Plus(it.Load)
	}
	if rapid.Bool().Draw(t, "apart") {
		keepApart(items, bin, bins, rapid.IntRange(0, 3).Draw(t, "from"))
	}
	for _, l := range loads {
		capacity.Count = max(capacity.Count, l.Count)
		capacity.Size = max(capacity.Size, l.Size)
		capacity.Time = max(capacity.Time, l.Time)
	}
	if rapid.Bool().Draw(t, "any time") {
		capacity.Time = 0
	}
	if rapid.Bool().Draw(t, "any size") {
		capacity.Size = 0
	}
	return items, capacity, bin
}

// keepApart keeps the first item of each bin apart from those of the others, but for some,
// and the second item likewise.
func keepApart(items []Item, bin []int32, bins, without int) {
	in := make([]int32, bins)
	for i, b := range bin {
		if n := in[b]; n < 2 && int(b) >= without {
			items[i].Ties.Apart = []int32{n}
		}
		in[b]++
	}
}

func TestEvenKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bins := rapid.IntRange(1, 6).Draw(t, "bins")
		items, capacity, bin := draw(t, 40, bins)
		after := evenOut(t, items, 3, capacity, bin, bins)
		require.Equal(t, after, evenOut(t, items, 3, capacity, bin, bins), "the same again")
	})
}

// Against everything that is possible: what Even reaches on few items, where chance has
// the least to work with.
func TestEvenAgainstEverything(t *testing.T) {
	cases, morePairs, lessEven := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		bins := rapid.IntRange(2, 3).Draw(t, "bins")
		items, capacity, bin := draw(t, 8, bins)
		after := evenOut(t, items, 3, capacity, bin, bins)
		fewest, least := math.MaxInt, math.Inf(1)
		every(items, capacity, bins, func(b []int32) {
			if p := pairsOf(items, b); p <= fewest && !clash(items, b) {
				if u := unevennessOf(items, 3, b, bins); p < fewest || u < least {
					fewest, least = p, u
				}
			}
		})
		cases++
		if pairsOf(items, after) > fewest {
			morePairs++
		} else if unevennessOf(items, 3, after, bins) > least+1e-9 {
			lessEven++
		}
	})
	t.Logf("%d cases: %d with more pairs than needed, %d with as many and less even", cases, morePairs, lessEven)
	require.LessOrEqual(t, morePairs, cases/4)
	require.LessOrEqual(t, lessEven, cases/4)
}

// every calls f for every way to put the items into all the bins.
func every(items []Item, capacity binpack.Load, bins int, f func([]int32)) {
	bin, loads, in := make([]int32, len(items)), make([]binpack.Load, bins), make([]int, bins)
	var place func(i int)
	place = func(i int) {
		if i == len(items) {
			if !slices.Contains(in, 0) {
				f(bin)
			}
			return
		}
		for b := range bins {
			before := loads[b]
			if loads[b] = before.Plus(items[i].Load); loads[b].Fits(capacity) {
				bin[i] = int32(b)
				in[b]++
				place(i + 1)
				in[b]--
			}
			loads[b] = before
		}
	}
	place(0)
}

func TestEvenKeepsSitesTogether(t *testing.T) {
	tests := []struct {
		sites    []int // how many items are near to each, and how many to none
		alone    int
		capacity int64
		bins     int
		want     int
		reason   string
	}{
		{[]int{4, 4, 4}, 0, 4, 3, 3, "each site fills a bin"},
		{[]int{6, 2}, 0, 6, 2, 2, "a site of six and one of two, though four and four were more even"},
		{[]int{5}, 3, 4, 2, 2, "a site that is too large is in no more bins than it needs"},
		{[]int{3, 3, 2}, 0, 4, 2, 4, "eight in two bins of four: the site of two must part"},
		{[]int{3, 3, 1, 1}, 0, 4, 2, 4, "threes with ones"},
		{[]int{2, 2, 2, 2}, 4, 6, 2, 4, "no site parts, and four of others go anywhere"},
	}
	for _, tt := range tests {
		var items []Item
		var bin []int32
		for site, n := range tt.sites {
			items = append(items, slices.Repeat([]Item{item(1, 1, 0, int32(site))}, n)...)
		}
		items = append(items, slices.Repeat([]Item{item(1, 1, 0)}, tt.alone)...)
		for i := range items {
			bin = append(bin, int32(i%tt.bins))
		}
		bin = evenOut(t, items, 1, binpack.Load{Count: tt.capacity}, bin, tt.bins)
		require.Equal(t, tt.want, pairsOf(items, bin), tt.reason)
	}
}

func TestEvenCanceled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("enough")
	cancel(reason)
	err := Even(ctx, []Item{item(1, 1, 0), item(1, 1, 0), item(1, 1, 0), item(2, 1, 0)}, 1, binpack.Load{Count: 4}, []int32{0, 0, 0, 1}, 2)
	require.ErrorIs(t, err, reason)
}
