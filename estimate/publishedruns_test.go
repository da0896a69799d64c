package estimate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// testRun is one of the only published measurements of how long items take: test runs of
// two third-party tools over RPC, and of Outlook. None is of the engine of a staged
// migration.
type testRun struct {
	name  string
	mb    float64
	items int64
	takes time.Duration

	// What is computed of them.
	kbPerItem, mbPerHour, itemsPerHour, secondsPerItem float64
}

func (r *testRun) mailbox() *inventory.Mailbox {
	return &inventory.Mailbox{Size: inventory.Known(inventory.Size(r.mb * float64(inventory.MB))), Items: inventory.Known(r.items)}
}

// testRuns are the runs of lines 395 to 401 of the performance best practices.
func testRuns() []testRun {
	hms := func(h, m, s int) time.Duration {
		return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	}
	return []testRun{
		{"A-1", 376.9, 4_115, hms(4, 24, 33), 94, 85, 933, 3.86},
		{"A-2", 249.3, 12_779, hms(10, 50, 50), 20, 23, 1_178, 3.06},
		{"B-1", 618.1, 4_322, hms(1, 54, 58), 146, 323, 2_256, 1.60},
		{"B-2", 56.7, 2_748, hms(0, 47, 8), 21, 72, 3_498, 1.03},
		{"Outlook", 201.9, 3_297, hms(0, 29, 47), 63, 407, 6_642, 0.54},
	}
}

// itemModel is a lane with a time for each MB and each item.
func itemModel(secondsPerMB, secondsPerItem float64) estimate.Model {
	rate := 3600 / secondsPerMB / 1024 // GB per hour
	return estimate.Model{Throughput: estimate.Throughput{Low: rate, High: rate}, Lanes: 1,
		PerItem: time.Duration(secondsPerItem * float64(time.Second))}
}

// The models that the runs were fitted with give them back, in all that is computed of
// them. A tool has two runs, and so a time for each item and one for each MB; Outlook has one,
// and so either.
func TestPublishedRuns(t *testing.T) {
	runs := testRuns()
	tests := []struct {
		m      estimate.Model
		runs   []testRun
		source string
	}{
		{itemModel(11.1, 2.84), runs[0:2], "tool A: exact fit of two runs"},
		{itemModel(4.6, 0.93), runs[2:4], "tool B: exact fit of two runs"},
		{itemModel(3600.0/407, 0), runs[4:], "Outlook: by its MB per hour"},
		{itemModel(1e-6, 0.542), runs[4:], "Outlook: by its seconds for an item"},
	}
	for _, tt := range tests {
		for _, r := range tt.runs {
			got := tt.m.Makespan([]*inventory.Mailbox{r.mailbox()}).Likely
			// Published times are to the second, and fits to three digits.
			require.InEpsilon(t, r.takes.Seconds(), got.Seconds(), 0.01, "%s (%s)", r.name, tt.source)
			require.InEpsilon(t, r.mbPerHour, r.mb/got.Hours(), 0.02, r.name)
			require.InEpsilon(t, r.itemsPerHour, float64(r.items)/got.Hours(), 0.01, r.name)
			require.InEpsilon(t, r.secondsPerItem, got.Seconds()/float64(r.items), 0.01, r.name)
			require.InEpsilon(t, r.kbPerItem, r.mb*1024/float64(r.items), 0.02, r.name)
		}
	}
}

// Fit finds the same from the runs, if it is told that it knows nothing: what a tool takes
// for each item and each MB, neither of which the prior says.
func TestFitFindsPublishedRuns(t *testing.T) {
	know := estimate.Assumptions{Between: 3, Spread: 0.01, ItemShare: 10, MailboxShare: 1e-6}
	runs := testRuns()
	tests := []struct {
		runs                         []testRun
		secondsPerItem, secondsPerMB float64
		source                       string
	}{
		{runs[0:2], 2.84, 11.1, "tool A: exact fit of two runs"},
		{runs[2:4], 0.93, 4.6, "tool B: exact fit of two runs"},
	}
	for _, tt := range tests {
		var obs []estimate.Observation
		for _, r := range tt.runs {
			m := r.mailbox()
			obs = append(obs, estimate.Observation{State: inventory.Synced, Size: m.Size, Items: m.Items, Active: r.takes})
		}
		f, err := know.Fit(obs, estimate.Model{Lanes: 1, Throughput: estimate.Throughput{Low: 0.1, High: 1}})
		require.NoError(t, err)
		require.InEpsilon(t, tt.secondsPerItem, f.Model.PerItem.Seconds(), 0.01, tt.source)
		rate := (f.Model.Throughput.Low + f.Model.Throughput.High) / 2
		require.InEpsilon(t, tt.secondsPerMB, 3600/rate/1024, 0.01, tt.source)
	}
}

// Time follows items more than bytes. Source: performance best practices, lines 139 and
// 395-405.
func TestTimeFollowsItems(t *testing.T) {
	// Within a tool, MB per hour differ by factors of 3.7 and 4.5, items per hour by 1.3
	// and 1.6, and so the makespans of its model.
	runs := testRuns()
	for i, m := range []estimate.Model{itemModel(11.1, 2.84), itemModel(4.6, 0.93)} {
		one, two := runs[2*i], runs[2*i+1]
		first, second := m.Makespan([]*inventory.Mailbox{one.mailbox()}).Likely, m.Makespan([]*inventory.Mailbox{two.mailbox()}).Likely
		byMB := (one.mb / first.Hours()) / (two.mb / second.Hours())
		byItem := (float64(two.items) / second.Hours()) / (float64(one.items) / first.Hours())
		require.InDelta(t, []float64{3.7, 4.5}[i], byMB, 0.1, one.name)
		require.InDelta(t, []float64{1.3, 1.6}[i], byItem, 0.06, one.name)
	}

	// 4 GB in 400 items of 10 MB are copied faster than in 100,000, with whatever time for
	// an item; the published rate alone does not see the difference.
	few := &inventory.Mailbox{Size: inventory.Known(400 * 10 * inventory.MB), Items: inventory.Known[int64](400)}
	many := &inventory.Mailbox{Size: few.Size, Items: inventory.Known[int64](100_000)}
	for _, perItem := range []time.Duration{time.Microsecond, 930 * time.Millisecond, 2840 * time.Millisecond} {
		m := estimate.Model{PerItem: perItem}
		require.Less(t, m.Makespan([]*inventory.Mailbox{few}).Early, m.Makespan([]*inventory.Mailbox{many}).Early, "%v", perItem)
	}
	require.Equal(t, estimate.Model{}.Makespan([]*inventory.Mailbox{few}), estimate.Model{}.Makespan([]*inventory.Mailbox{many}))
	tools := estimate.Model{PerItem: 930 * time.Millisecond}
	require.Greater(t, tools.Makespan([]*inventory.Mailbox{many}).Early, 24*time.Hour, "25.8 hours for items alone, at the faster tool's time")
	require.Less(t, tools.Makespan([]*inventory.Mailbox{few}).Late, 8*time.Hour)
}

// Where nobody has counted items, they have the mean size of all runs together: 1,502.9 MB
// in 27,261 items, 56 KB.
func TestItemsOfUnknownNumber(t *testing.T) {
	var mb float64
	var items int64
	for _, r := range testRuns() {
		mb += r.mb
		items += r.items
	}
	mean := mb * 1024 / float64(items)
	require.InDelta(t, 56, mean, 0.5)
	f := certainly(t, itemModel(4.6, 0.93))
	size := inventory.Known(inventory.Size(mb * float64(inventory.MB)))
	uncounted, counted := f.LaneTime(&inventory.Mailbox{Size: size}), f.LaneTime(&inventory.Mailbox{Size: size, Items: inventory.Known(items)})
	require.InEpsilon(t, counted.Likely.Hours(), uncounted.Likely.Hours(), 0.01)
	require.InEpsilon(t, (4.6*mb+0.93*float64(items))/3600, uncounted.Likely.Hours(), 0.01)
}
