package binpack

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkExchanger fails unless each item is in one place, no bin is over the capacity and
// what the bins say of themselves is what they hold.
func checkExchanger(t require.TestingT, x *exchanger) {
	all := slices.Clone(x.out)
	for b, bin := range x.bins {
		var sum Load
		var value int64
		for _, i := range bin.members {
			sum = sum.Plus(x.items[i])
			value += x.value[i]
		}
		require.Equal(t, sum, bin.sum, "bin %d", b)
		require.Equal(t, value, bin.value, "bin %d", b)
		require.True(t, sum.Fits(x.capacity), "bin %d holds %v of %v", b, sum, x.capacity)
		all = append(all, bin.members...)
	}
	slices.Sort(all)
	require.Len(t, all, len(x.items))
	for i, item := range all {
		require.Equal(t, int32(i), item, "each item once")
	}
}

// inBins returns an exchanger with the given items in bins that stay, and the others out.
func inBins(items []Load, capacity Load, bins ...[]int32) *exchanger {
	start := make([]int32, len(items))
	for i := range start {
		start[i] = int32(len(bins)) // a bin too many, of which nothing is left
	}
	x := newExchanger(items, capacity, start, 1, setting{free: 1, tenure: 3}, 1_000_000)
	x.bins, x.out = make([]filled, len(bins)), nil
	for i := range items {
		in := slices.IndexFunc(bins, func(b []int32) bool { return slices.Contains(b, int32(i)) })
		if in < 0 {
			x.out = append(x.out, int32(i))
		} else {
			x.bins[in].add(x, int32(i))
		}
	}
	return x
}

// members returns what each bin holds and what is out, each in order.
func (x *exchanger) members() (bins [][]int32, out []int32) {
	for _, b := range x.bins {
		members := append([]int32{}, b.members...)
		slices.Sort(members)
		bins = append(bins, members)
	}
	out = append([]int32{}, x.out...)
	slices.Sort(out)
	return bins, out
}

func TestExchange(t *testing.T) {
	tests := []struct {
		items     []Load
		capacity  Load
		bins      [][]int32
		gain      int64
		want      [][]int32
		out       []int32
		reason    string
		forbidden []int32 // they moved lately
	}{
		{counts(6, 4, 3), Load{Count: 10}, [][]int32{{0}}, 4, [][]int32{{0, 1}}, []int32{2}, "the larger one fills the room", nil},
		{counts(6, 7, 4, 3), Load{Count: 10}, [][]int32{{0}, {1}}, 4, [][]int32{{0, 2}, {1}}, []int32{3}, "4 beside 6, not 3 beside 7", nil},
		{counts(6, 2, 2, 3), Load{Count: 10}, [][]int32{{0}}, 4, [][]int32{{0, 1, 2}}, []int32{3}, "two of 2 are more than one of 3, and 2+3 too much", nil},
		{counts(5, 3, 4, 5), Load{Count: 10}, [][]int32{{0, 1}}, 2, [][]int32{{0, 3}}, []int32{1, 2}, "5 in place of 3", nil},
		{counts(6, 2, 1, 4), Load{Count: 10}, [][]int32{{0, 1, 2}}, 1, [][]int32{{0, 3}}, []int32{1, 2}, "4 in place of 2+1", nil},
		{counts(6, 3, 2, 2), Load{Count: 10}, [][]int32{{0, 1}}, 1, [][]int32{{0, 2, 3}}, []int32{1}, "2+2 in place of 3", nil},
		{counts(4, 4, 5, 5), Load{Count: 10}, [][]int32{{0, 1}}, 2, [][]int32{{2, 3}}, []int32{0, 1}, "5+5 in place of 4+4", nil},
		{counts(5, 5, 4), Load{Count: 10}, [][]int32{{0, 1}}, -1, nil, nil, "a full bin: 4 in place of 5 is the least loss", nil},
		{counts(6, 4, 3), Load{Count: 10}, [][]int32{{0}}, 3, [][]int32{{0, 2}}, []int32{1}, "4 has to stay out", []int32{1}},
		{counts(5, 3, 4, 5), Load{Count: 10}, [][]int32{{0, 1}}, -1, [][]int32{{1, 2}}, []int32{0, 3}, "3 and the other 5 have to stay", []int32{1, 3}},
		{[]Load{{Count: 5, Size: 20}, {Count: 4, Size: 90}, {Count: 3, Size: 70}}, Load{Count: 10, Size: 100}, [][]int32{{0}}, share(3, 10, 1<<20) + share(70, 100, 1<<20), [][]int32{{0, 2}}, []int32{1}, "4 mailboxes are too large by size", nil},
		{[]Load{{Count: 7, Size: 20}, {Count: 4, Size: 50}, {Count: 3, Size: 10}}, Load{Count: 10, Size: 100}, [][]int32{{0}}, share(3, 10, 1<<20) + share(10, 100, 1<<20), [][]int32{{0, 2}}, []int32{1}, "4 are too many by count", nil},
	}
	for _, tt := range tests {
		x := inBins(tt.items, tt.capacity, tt.bins...)
		for _, i := range tt.forbidden {
			x.until[i] = 100
		}
		before := x.outside()
		gain := x.exchange()
		checkExchanger(t, x)
		require.Equal(t, tt.gain, gain, tt.reason)
		require.Equal(t, before-gain, x.outside(), tt.reason)
		if tt.want != nil {
			bins, out := x.members()
			require.Equal(t, tt.want, bins, tt.reason)
			require.Equal(t, tt.out, out, tt.reason)
		}
	}
}

// An item that went in stays for at least as many exchanges as the setting says, and one
// that came out for half as many.
func TestExchangeTenure(t *testing.T) {
	x := inBins(counts(5, 3, 5), Load{Count: 10}, []int32{0, 1})
	x.now = 10
	x.exchange() // 5 in place of 3
	require.Equal(t, []int32{1}, x.out)
	require.Contains(t, []int32{13, 14, 15}, x.until[2], "in: 3 to 5 exchanges")
	require.Contains(t, []int32{11, 12, 13}, x.until[1], "out: 1 to 3")
	require.Zero(t, x.until[0], "it did not move")
}

func TestExchangerFinish(t *testing.T) {
	tests := []struct {
		items    []Load
		capacity Load
		free     int
		want     bool
		reason   string
	}{
		{nil, Load{Count: 10}, 1, true, "nothing is out"},
		{counts(6, 4), Load{Count: 10}, 1, true, "it is full"},
		{counts(6, 5), Load{Count: 10}, 1, false, "one too much"},
		{counts(6, 6, 6), Load{Count: 10}, 2, false, "by volume they would fit, but a bin holds one"},
		{counts(6, 5, 4, 3, 3, 3), Load{Count: 12}, 2, true, "6+3+3 and 5+4+3, where 6+5 leads nowhere"},
		{[]Load{{Count: 1, Size: 60}, {Count: 1, Size: 60}, {Count: 1, Size: 40}, {Count: 1, Size: 40}}, Load{Count: 2, Size: 100}, 2, true, "60+40 twice"},
		{[]Load{{Count: 2, Size: 10}, {Count: 2, Size: 10}}, Load{Count: 3, Size: 100}, 1, false, "by size they would fit"},
		{[]Load{{Count: 1, Size: 60}, {Count: 1, Size: 60}}, Load{Count: 3, Size: 100}, 1, false, "by count they would fit"},
	}
	for _, tt := range tests {
		x := &exchanger{setting: setting{free: tt.free}, items: tt.items, capacity: tt.capacity}
		for i, it := range tt.items {
			x.value, x.out = append(x.value, x.worth(it)), append(x.out, int32(i))
		}
		require.Equal(t, tt.want, x.finish(), tt.reason)
		if !tt.want {
			require.Empty(t, x.last, tt.reason)
			continue
		}
		require.Len(t, x.last, tt.free)
		var all []int32
		for _, members := range x.last {
			var sum Load
			for _, i := range members {
				sum = sum.Plus(tt.items[i])
			}
			require.True(t, sum.Fits(tt.capacity), tt.reason)
			all = append(all, members...)
		}
		slices.Sort(all)
		require.Len(t, all, len(tt.items))
		require.Len(t, slices.Compact(all), len(tt.items), "each once")
	}
}

// sumOfSquares grows where a fuller bin gets fuller at the cost of an emptier one.
func (x *exchanger) sumOfSquares() (sum float64) {
	for _, b := range x.bins {
		sum += float64(b.value) * float64(b.value)
	}
	return sum
}

// Whatever is done to the bins, they stay what they say they are, and shakes make no bins
// more alike.
func TestExchangerKeepsItsBooks(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	shaken := 0
	for at := range 500 {
		items, capacity := randomItems(rng, 60)
		p := newPacker(items, capacity)
		bin, bins := p.firstFit(p.byShare, len(items))
		k, how := 1+rng.IntN(bins), settings[at%len(settings)]
		x := newExchanger(items, capacity, bin, k, how, 1_000_000)
		require.Len(t, x.bins, k-min(how.free, k))
		checkExchanger(t, x)
		for range 20 {
			before := x.outside()
			gain := x.exchange()
			checkExchanger(t, x)
			require.Equal(t, before-gain, x.outside())
			x.now++
		}
		squares := x.sumOfSquares()
		x.shake()
		checkExchanger(t, x)
		require.GreaterOrEqual(t, x.sumOfSquares(), squares)
		if x.sumOfSquares() > squares {
			shaken++
		}
	}
	require.Positive(t, shaken)
}

// From a packing into more bins exchanges come to one into as few as the items were cut from.
func TestExchangerRun(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	const bins = 10
	for at := range 20 {
		capacity := Load{Count: 1000}
		var items []Load
		for range bins {
			pieces := cuts(rng, 1000, 3+at%3)
			for _, c := range pieces {
				items = append(items, Load{Count: c})
			}
		}
		start := make([]int32, len(items)) // one item a bin
		for i := range start {
			start[i] = int32(i)
		}
		var bin []int32
		for _, how := range settings {
			if bin = newExchanger(items, capacity, start, bins, how, 10_000_000).run(context.Background()); bin != nil {
				break
			}
		}
		require.NotNil(t, bin, "instance %d", at)
		check(t, items, capacity, bin, bins)
	}
}

func TestExchangerGivesUp(t *testing.T) {
	items := counts(6, 6, 6) // not into two of 10
	start := []int32{0, 1, 2}
	x := newExchanger(items, Load{Count: 10}, start, 2, settings[1], 1000)
	require.Nil(t, x.run(context.Background()))
	require.Negative(t, x.work)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	x = newExchanger(items, Load{Count: 10}, start, 2, settings[1], 1_000_000_000)
	require.Nil(t, x.run(ctx), "at once")
}
