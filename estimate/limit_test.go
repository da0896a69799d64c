package estimate_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

func TestCapacity(t *testing.T) {
	queue := func(d time.Duration) estimate.Model { return estimate.Model{Queue: d} }
	tests := []struct {
		m       estimate.Model
		window  time.Duration
		perHour float64
		want    int
		reason  string
	}{
		{queue(time.Hour), 6 * time.Hour, 100, 500, "performance best practices: (6 h - 1 h) x 100"},
		{estimate.Model{}, 6 * time.Hour, 100, 600, "no queue"},
		{queue(6 * time.Hour), 6 * time.Hour, 100, 0, "all queue"},
		{queue(7 * time.Hour), 6 * time.Hour, 100, 0, "more than all"},
		{queue(time.Hour), 90 * time.Minute, 3, 1, "one and a half are one"},
		{queue(0), time.Hour, -1, 0, "no rate"},
		{queue(0), time.Hour, math.NaN(), 0, "no number"},
		{queue(0), time.Hour, math.Inf(1), math.MaxInt32, "any number"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, tt.m.Capacity(tt.window, tt.perHour), tt.reason)
	}
}

func TestLimitFor(t *testing.T) {
	const gb = inventory.GB
	four := lane1(4)
	tests := []struct {
		m      estimate.Model
		boxes  []*inventory.Mailbox
		want   batch.Limits
		reason string
	}{
		{four, mailboxes(1*gb, 2*gb), batch.Limits{Size: 34 * gb}, "4 lanes for 10 hours, less three quarters of 2 hours on each"},
		{four, mailboxes(9*gb, 1*gb), batch.Limits{Size: 25 * gb}, "with a large one half of 5 lanes, by the order"},
		{four, mailboxes(11*gb, 2*gb), batch.Limits{Size: 34 * gb}, "one that fits no window does not count"},
		{four, nil, batch.Limits{Size: 25 * gb}, "no mailboxes are any"},
		{with(four, func(m *estimate.Model) { m.Queue = 5 * time.Hour }), mailboxes(2 * gb), batch.Limits{Size: 14 * gb}, "five hours, less 1.5"},
		{with(four, func(m *estimate.Model) { m.ServerRate = 4 }), mailboxes(2 * gb), batch.Limits{Size: 34 * gb}, "a server that gives what lanes take"},
		{with(four, func(m *estimate.Model) { m.ServerRate = 2 }), mailboxes(4 * gb), batch.Limits{Size: 28 * gb / 3}, "7 hours for a quarter and a half of an hour per GB"},
		{with(four, func(m *estimate.Model) { m.Overhead = time.Hour }), mailboxes(gb, gb), batch.Limits{Duration: 34 * time.Hour},
			"two hours each: 4 lanes for 10 hours, less three quarters of 2 hours on each"},
		{with(four, func(m *estimate.Model) { m.Overhead = time.Hour }), mailboxes(8*gb, 8*gb), batch.Limits{Duration: 25 * time.Hour},
			"9 hours each: half of 5 lanes, by the order"},
		{with(four, func(m *estimate.Model) { m.Overhead = time.Hour; m.ServerRate = 2 }), mailboxes(4 * gb),
			batch.Limits{Duration: 125 * time.Hour / 13, Size: 100 * gb / 13},
			"6.25 hours, and 5/4 + 2 for each of 5 hours and 4 GB: 25/13 of both"},
		{with(four, func(m *estimate.Model) { m.PerItem = time.Hour }), withItems(3, mailboxes(gb)), batch.Limits{Duration: 28 * time.Hour},
			"4 hours: 4 lanes for 10 hours, less 3 on each"},
		{with(four, func(m *estimate.Model) { m.PerItem = time.Hour }), withItems(8, mailboxes(gb)), batch.Limits{Duration: 25 * time.Hour},
			"9 hours: half of 5 lanes, since the longest comes first"},
		{with(four, func(m *estimate.Model) { m.PerItem = time.Hour }), mailboxes(gb, 2*gb), batch.Limits{Size: 34 * gb}, "an unknown number of items adds nothing"},
		{with(four, func(m *estimate.Model) { m.UnknownSize = 9 * gb }), mailboxes(-1, gb), batch.Limits{Size: 13 * gb, UnknownSize: 9 * gb},
			"those of unknown size come last, so the order does not help: 40 hours less 27"},
	}
	for _, tt := range tests {
		got, err := tt.m.LimitFor(10*time.Hour, tt.boxes)
		require.NoError(t, err, tt.reason)
		require.InDelta(t, float64(tt.want.Size), float64(got.Size), 1e3, tt.reason)
		require.InDelta(t, float64(tt.want.Duration), float64(got.Duration), 1e6, tt.reason)
		got.Size, got.Duration = tt.want.Size, tt.want.Duration
		require.Equal(t, tt.want, got, tt.reason)
	}
	for _, bad := range []struct {
		m      estimate.Model
		window time.Duration
		boxes  []*inventory.Mailbox
		want   string
	}{
		{estimate.Model{Lanes: -1}, time.Hour, nil, "-1 lanes"},
		{estimate.Model{Queue: time.Hour}, time.Hour, nil, "is over when the queue of 1h0m0s is"},
		{estimate.Model{}, time.Hour, mailboxes(gb), "no mailbox fits a window of 1h0m0s"},
	} {
		_, err := bad.m.LimitFor(bad.window, bad.boxes)
		require.ErrorContains(t, err, bad.want)
	}
}

func withItems(n int64, boxes []*inventory.Mailbox) []*inventory.Mailbox {
	for _, m := range boxes {
		m.Items = inventory.Known(n)
	}
	return boxes
}

func TestLaneTime(t *testing.T) {
	const gb = inventory.GB
	four := lane1(4)
	tests := []struct {
		m      estimate.Model
		box    *inventory.Mailbox
		want   time.Duration
		reason string
	}{
		{four, mailboxes(3 * gb)[0], 3 * time.Hour, "one GB an hour"},
		{estimate.Model{}, mailboxes(5 * gb)[0], 10 * time.Hour, "half a GB an hour, of 10 on 20 lanes"},
		{estimate.Model{Queue: time.Hour, ServerRate: 0.1}, mailboxes(5 * gb)[0], 10 * time.Hour, "neither queue nor servers are in it"},
		{with(four, func(m *estimate.Model) { m.Overhead = time.Hour; m.PerItem = time.Second }), withItems(60, mailboxes(gb))[0], 2*time.Hour + time.Minute, "an hour for it, and a minute for 60 items"},
		{with(four, func(m *estimate.Model) { m.UnknownSize = 2 * gb }), mailboxes(-1)[0], 2 * time.Hour, "as is assumed of unknown sizes"},
		{estimate.Model{Lanes: -1}, mailboxes(gb)[0], 0, "a model that is none"},
		{with(four, func(m *estimate.Model) { m.Throughput = estimate.Throughput{Low: 1e-300, High: 1} }), mailboxes(gb)[0], math.MaxInt64, "for ever"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, tt.m.LaneTime(tt.box), tt.reason)
	}
}

// Batches by the limit of a night fit it, whatever the items are.
func ExampleModel_LimitFor() {
	var mailboxes []inventory.Mailbox
	for i := range 60 {
		mailboxes = append(mailboxes, inventory.Mailbox{
			Address: inventory.Address(fmt.Sprintf("user%02d@example.com", i)),
			Size:    inventory.Known(2 * inventory.GB),
			Items:   inventory.Known(int64(i%10) * 2000),
		})
	}
	inv, err := inventory.New(inventory.Organization{}, mailboxes, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	model := estimate.Model{PerItem: time.Second}
	night := 10 * time.Hour
	limits, err := model.LimitFor(night, slices.Collect(inv.Mailboxes()))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := batch.Pack(context.Background(), inv, &batch.Options{Limits: limits, Duration: model.LaneTime})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range p.Batches {
		late := model.Makespan(b.Mailboxes).Late
		fmt.Printf("%s: %d mailboxes, done after %.1f hours at the latest: %t\n", b.Name, len(b.Mailboxes), late.Hours(), late <= night)
	}
	// Output:
	// StagedBatch001: 15 mailboxes, done after 9.0 hours at the latest: true
	// StagedBatch002: 15 mailboxes, done after 9.0 hours at the latest: true
	// StagedBatch003: 15 mailboxes, done after 9.0 hours at the latest: true
	// StagedBatch004: 15 mailboxes, done after 9.0 hours at the latest: true
}

// Whatever fits the limits fits the window, in the order of a batch: those first that take
// longest if that is limited, else known sizes first, the largest before the others.
func TestLimitForHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := model(t)
		window := m.Queue + time.Duration(rapid.IntRange(1, 100).Draw(t, "window"))*time.Hour
		all := boxes(t, 200)
		limits, err := m.LimitFor(window, all)
		if err != nil {
			require.ErrorContains(t, err, "no mailbox fits")
			return
		}
		all = rapid.Permutation(all).Draw(t, "order")
		for len(all) > 0 {
			n, size, takes := 0, inventory.Size(0), time.Duration(0)
			for n < len(all) && n < batch.MaxMailboxes {
				size += all[n].Size.Or(limits.UnknownSize)
				takes += m.LaneTime(all[n])
				if limits.Size > 0 && size > limits.Size || limits.Duration > 0 && takes > limits.Duration {
					break
				}
				n++
			}
			if n == 0 {
				all = all[1:] // larger than the limit, and so in a batch of its own
				continue
			}
			b := all[:n]
			all = all[n:]
			slices.SortStableFunc(b, func(a, b *inventory.Mailbox) int {
				if limits.Duration > 0 {
					return cmp.Compare(m.LaneTime(b), m.LaneTime(a))
				}
				return cmp.Compare(b.Size.Or(-1), a.Size.Or(-1))
			})
			if slices.ContainsFunc(b, func(mb *inventory.Mailbox) bool { return m.Makespan([]*inventory.Mailbox{mb}).Late > window }) {
				continue
			}
			if got := m.Makespan(b).Late; got > window+time.Millisecond {
				t.Fatalf("%d mailboxes of %v take %v of %v", n, size, got, window)
			}
		}
	})
}

func TestScheduleBefore(t *testing.T) {
	nights := estimate.Calendar{Windows: windows(t, "Mon-Fri 20:00-06:00; Sat,Sun")}
	at := func(day, hour int) time.Time { return time.Date(2026, 1, day, hour, 0, 0, 0, time.UTC) }
	opts := &estimate.ScheduleOptions{Start: monday, OneByOne: true}
	tests := []struct {
		cal          estimate.Calendar
		deadline     time.Time
		start, until time.Time
		reason       string
	}{
		{estimate.Calendar{}, at(9, 12), at(8, 19), at(9, 12), "17 hours before"},
		{nights, at(9, 12), at(7, 22), at(9, 5), "9 hours on the last night, and so 8 on the one before"},
		{nights, at(7, 5), at(5, 22), at(7, 5), "to the minute"},
	}
	for _, tt := range tests {
		got, err := estimate.ScheduleBefore(packing([]int{8}, []int{9}), lane1(2), tt.cal, opts, tt.deadline)
		require.NoError(t, err, tt.reason)
		require.Equal(t, tt.start, got.Start, tt.reason)
		require.Equal(t, tt.until, got.Finish.Late, tt.reason)
	}
	_, err := estimate.ScheduleBefore(packing([]int{8}, []int{9}), lane1(2), nights, opts, at(7, 4))
	require.ErrorContains(t, err, "start at 2026-01-05T20:00:00Z the last batch may be done only at 2026-01-07T05:00:00Z, after 2026-01-07T04:00:00Z")
	_, err = estimate.ScheduleBefore(nil, lane1(2), nights, opts, at(7, 4))
	require.ErrorContains(t, err, "no packing")
}

// What if there were more lanes, or a faster link? The published rate holds for 20 lanes,
// and a lane has its part of it whatever their number: so more of them are faster
// only as long as the link carries what they take, which is an assumption to test.
func ExampleModel_whatIf() {
	p := samplePlan()
	var all []*inventory.Mailbox
	for _, b := range p.Batches {
		all = append(all, b.Mailboxes...)
	}
	fmt.Println("lanes   20 Mbit/s   50 Mbit/s   200 Mbit/s")
	for _, lanes := range []int{10, 20, 40, 100} {
		fmt.Printf("%5d", lanes)
		for _, link := range []float64{20, 50, 200} {
			part := float64(lanes) / estimate.PublishedLanes
			m := estimate.Model{
				Throughput: estimate.Throughput{Low: estimate.PublishedLow * part, High: estimate.PublishedHigh * part},
				Lanes:      lanes, Link: link,
			}
			fmt.Printf("%10.0f h", m.Makespan(all).Late.Hours())
		}
		fmt.Println()
	}
	// Output:
	// lanes   20 Mbit/s   50 Mbit/s   200 Mbit/s
	//    10       192 h       192 h       192 h
	//    20       107 h        96 h        96 h
	//    40       107 h        48 h        48 h
	//   100       111 h        44 h        20 h
}

// samplePlan has six batches of 80 mailboxes of 2 GB each.
func samplePlan() *batch.Packing {
	p := &batch.Packing{}
	for i := range 6 {
		b := batch.Batch{Name: fmt.Sprint("Batch", i+1)}
		for range 80 {
			b.Mailboxes = append(b.Mailboxes, &inventory.Mailbox{Size: inventory.Known(2 * inventory.GB)})
		}
		p.Batches = append(p.Batches, b)
	}
	return p
}

// When must a migration start that is to be done when the licences of the old system end?
func ExampleScheduleBefore() {
	windows, err := estimate.ParseWindows("Mon-Fri 20:00-06:00; Sat,Sun")
	if err != nil {
		fmt.Println(err)
		return
	}
	deadline := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	opts := &estimate.ScheduleOptions{Start: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
	timeline, err := estimate.ScheduleBefore(samplePlan(), estimate.Model{Lanes: 40, Throughput: estimate.Throughput{Low: 20, High: 28}},
		estimate.Calendar{Windows: windows}, opts, deadline)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("start at the latest:", timeline.Start.Format("Mon 2 Jan 15:04"))
	for _, s := range timeline.Batches {
		fmt.Println(s.Name, s.Start.Format("Mon 2 Jan 15:04"), "until", s.Finish.Late.Format("Mon 2 Jan 15:04"))
	}
	// Output:
	// start at the latest: Sat 27 Jun 08:00
	// Batch1 Sat 27 Jun 08:00 until Sat 27 Jun 16:00
	// Batch2 Sat 27 Jun 16:00 until Sun 28 Jun 00:00
	// Batch3 Sun 28 Jun 00:00 until Sun 28 Jun 08:00
	// Batch4 Sun 28 Jun 08:00 until Sun 28 Jun 16:00
	// Batch5 Sun 28 Jun 16:00 until Mon 29 Jun 00:00
	// Batch6 Mon 29 Jun 20:00 until Tue 30 Jun 04:00
}
