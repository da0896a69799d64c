package estimate_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

func TestTransferIsThePublishedMetric(t *testing.T) {
	hour := func(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }
	tests := []struct {
		size                inventory.Size
		early, likely, late time.Duration
		reason              string
	}{
		{14 * inventory.GB, time.Hour, hour(14.0 / 12), hour(1.4), "14 GB at 14, 12 and 10 GB per hour"},
		{840 * inventory.GB, 60 * time.Hour, 70 * time.Hour, 84 * time.Hour, "a number that all three rates divide"},
		{0, 0, 0, 0, "nothing takes no time"},
		{-1, 0, 0, 0, "nor does less than nothing"},
	}
	for _, tt := range tests {
		got := estimate.Model{}.Transfer(tt.size)
		require.InDelta(t, tt.early, got.Early, 1e3, tt.reason) // a microsecond
		require.InDelta(t, tt.likely, got.Likely, 1e3, tt.reason)
		require.InDelta(t, tt.late, got.Late, 1e3, tt.reason)
	}
	huge := estimate.Model{Throughput: estimate.Throughput{Low: 1e-9, High: 1e-9}}.Transfer(math.MaxInt64)
	require.Equal(t, time.Duration(math.MaxInt64), huge.Early, "longer than a Duration can be")
}

func mailboxes(sizes ...inventory.Size) []*inventory.Mailbox {
	var out []*inventory.Mailbox
	for _, s := range sizes {
		m := &inventory.Mailbox{}
		if s >= 0 {
			m.Size = inventory.Known(s)
		}
		out = append(out, m)
	}
	return out
}

func TestMakespan(t *testing.T) {
	// Two lanes at 2 GB per hour together: 1 GB per hour each.
	two := estimate.Model{Throughput: estimate.Throughput{Low: 2, High: 2}, Lanes: 2}
	const gb = inventory.GB
	tests := []struct {
		sizes  []inventory.Size
		want   time.Duration
		reason string
	}{
		{nil, 0, "nothing"},
		{[]inventory.Size{3 * gb}, 3 * time.Hour, "one mailbox has one lane, whatever is free"},
		{[]inventory.Size{3 * gb, 3 * gb}, 3 * time.Hour, "side by side"},
		{[]inventory.Size{1 * gb, 2 * gb, 3 * gb}, 4 * time.Hour, "in order: the third starts after one hour"},
		{[]inventory.Size{3 * gb, 2 * gb, 1 * gb}, 3 * time.Hour, "longest first ends earlier"},
		{[]inventory.Size{-1, 2 * gb}, 2 * time.Hour, "an unknown size counts as empty"},
	}
	for _, tt := range tests {
		got := two.Makespan(mailboxes(tt.sizes...))
		require.InDelta(t, tt.want, got.Likely, 1e3, tt.reason)
		require.Equal(t, got.Early, got.Late)
	}
	// At the published figures a lane has 0.5 to 0.7 GB per hour.
	one := estimate.Model{}.Makespan(mailboxes(7 * gb))
	require.InDelta(t, 10*time.Hour, one.Early, 1e3)
	require.InDelta(t, 14*time.Hour, one.Late, 1e3)
}

// List scheduling never beats max(total/lanes, longest), and never takes more
// than 2-1/lanes times the best possible (Graham, Bell System Technical Journal
// 45, 1966), which that bound is below.
func TestMakespanBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lanes := rapid.IntRange(1, 30).Draw(t, "lanes")
		m := estimate.Model{Lanes: lanes}
		var total, longest inventory.Size
		var sizes []inventory.Size
		for range rapid.IntRange(1, 60).Draw(t, "mailboxes") {
			s := inventory.Size(rapid.Int64Range(0, 50<<30).Draw(t, "size"))
			sizes = append(sizes, s)
			total += s
			longest = max(longest, s)
		}
		got := m.Makespan(mailboxes(sizes...))
		bound := max(m.Transfer(total).Late, m.Transfer(longest*inventory.Size(lanes)).Late)
		if got.Late < bound-time.Second {
			t.Fatalf("%v is below the bound of %v", got.Late, bound)
		}
		sum := m.Transfer(total).Late + m.Transfer(longest*inventory.Size(lanes-1)).Late
		if got.Late > sum+time.Second {
			t.Fatalf("%v is over total/lanes + (1-1/lanes) longest = %v", got.Late, sum)
		}
		if got.Early > got.Likely || got.Likely > got.Late {
			t.Fatalf("%+v is no range", got)
		}
	})
}

// Longest first takes at most 4/3 - 1/(3 lanes) times the best possible (Graham,
// SIAM Journal on Applied Mathematics 17, 1969). The best is found by trying
// everything.
func TestMakespanLongestFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lanes := rapid.IntRange(1, 4).Draw(t, "lanes")
		m := estimate.Model{Throughput: estimate.Throughput{Low: float64(lanes), High: float64(lanes)}, Lanes: lanes}
		hours := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 8).Draw(t, "hours")
		slices.SortFunc(hours, func(a, b int) int { return cmp.Compare(b, a) })
		var sizes []inventory.Size
		for _, h := range hours {
			sizes = append(sizes, inventory.Size(h)*inventory.GB) // at 1 GB per hour a lane
		}
		least := leastHours(hours, make([]int, lanes))
		got := m.Makespan(mailboxes(sizes...)).Likely.Hours()
		if got < float64(least)-1e-6 || got > float64(least)*(4.0/3-1/(3*float64(lanes)))+1e-6 {
			t.Fatalf("%v hours, and %d are possible", got, least)
		}
	})
}

// leastHours returns the least time in which lanes that have some hours behind
// them do the rest.
func leastHours(rest, lanes []int) int {
	if len(rest) == 0 {
		return slices.Max(lanes)
	}
	best := math.MaxInt
	for i := range lanes {
		lanes[i] += rest[0]
		best = min(best, leastHours(rest[1:], lanes))
		lanes[i] -= rest[0]
	}
	return best
}

func TestResolve(t *testing.T) {
	m, err := estimate.Model{}.Resolve()
	require.NoError(t, err)
	require.Equal(t, estimate.Model{Throughput: estimate.Throughput{Low: 10, High: 14}, Lanes: 20}, m, "the published figures")

	for _, bad := range []estimate.Model{
		{Throughput: estimate.Throughput{Low: 14, High: 10}},
		{Throughput: estimate.Throughput{Low: 0, High: 10}},
		{Throughput: estimate.Throughput{Low: -1, High: 10}},
		{Throughput: estimate.Throughput{Low: 1, High: math.Inf(1)}},
		{Throughput: estimate.Throughput{Low: math.NaN(), High: 1}},
		{Throughput: estimate.Throughput{Low: 1, High: math.NaN()}},
		{Lanes: -1},
		{Lanes: 301},
	} {
		_, err := bad.Resolve()
		require.Error(t, err, "%+v", bad)
		require.Zero(t, bad.Transfer(inventory.GB))
		require.Zero(t, bad.Makespan(mailboxes(inventory.GB)))
	}
}

func ExampleModel_Transfer() {
	r := estimate.Model{}.Transfer(840 * inventory.GB)
	fmt.Println(r.Early, r.Likely, r.Late)
	// Output: 60h0m0s 70h0m0s 84h0m0s
}

// One large mailbox among many small ones: all lanes together would be done in
// hours, the lane with the large one is not.
func ExampleModel_Makespan() {
	mailboxes := []*inventory.Mailbox{{Size: inventory.Known(35 * inventory.GB)}}
	for range 70 {
		mailboxes = append(mailboxes, &inventory.Mailbox{Size: inventory.Known(1 * inventory.GB)})
	}
	var m estimate.Model
	fmt.Println(m.Transfer(105*inventory.GB).Late, m.Makespan(mailboxes).Late)
	// Output: 10h30m0s 70h0m0s
}
