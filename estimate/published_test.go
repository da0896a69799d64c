package estimate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// The documents that figures are from, for the tables below.
const (
	practices2018 = "performance best practices, edition of August 2018, "
	practices     = "performance best practices, "
	unit          = "training unit on staged migration, "
)

// equal returns mailboxes of one size.
func equal(n int, each inventory.Size) (out []*inventory.Mailbox) {
	for range n {
		out = append(out, mailboxes(each)...)
	}
	return out
}

// Rates that are published, as models: how much each copies in a time, at its low and at
// its high end. Hours are size over rate, by hand.
func TestPublishedRates(t *testing.T) {
	const gb, mb, tb = inventory.GB, inventory.MB, inventory.TB
	rate := func(low, high float64, lanes int) estimate.Model {
		return estimate.Model{Throughput: estimate.Throughput{Low: low, High: high}, Lanes: lanes}
	}
	lane := func(late, early inventory.Size) [2][]*inventory.Mailbox {
		return [2][]*inventory.Mailbox{mailboxes(late), mailboxes(early)}
	}
	full := func(late, early inventory.Size) [2][]*inventory.Mailbox { // all 20 lanes
		return [2][]*inventory.Mailbox{equal(20, late/20), equal(20, early/20)}
	}
	var published estimate.Model
	tests := []struct {
		what   string
		m      estimate.Model
		copied [2][]*inventory.Mailbox // at the low and the high rate
		hours  float64                 // for either
		source string
	}{
		{"10 to 14 GB per hour", published, full(10*gb, 14*gb), 1, unit + "line 22; " + practices2018 + "lines 54-56"},
		{"that is 0.5 to 0.7 GB per hour on one of 20 lanes", published, lane(gb/2, 7*gb/10), 1, "inferred: over 20"},
		{"or 512 to 717 MB", published, lane(512*mb, 717*mb), 1, "inferred: in MB"},
		{"240 to 336 GB a day", published, full(240*gb, 336*gb), 24, "inferred: times 24"},
		{"hybrid: 10 to 14 GB per hour and server at 20 moves", rate(10, 14, 20), full(10*gb, 14*gb), 1, practices2018 + "line 57"},
		{"hybrid: 0.3 to 1 GB per hour of one mailbox", rate(0.3, 1, 1), lane(3*gb, 10*gb), 10, practices2018 + "line 62"},
		{"third-party MAPI: 4 to 12 GB per hour at 20", rate(4, 12, 20), full(4*gb, 12*gb), 1, practices2018 + "line 58"},
		{"third-party MAPI: 0.1 to 0.5 of one mailbox", rate(0.1, 0.5, 1), lane(gb, 5*gb), 10, practices2018 + "line 64"},
		{"third-party EWS: 5 to 10 GB per hour at 20", rate(5, 10, 20), full(5*gb, 10*gb), 1, practices2018 + "line 59"},
		{"third-party EWS: 4 to 10 by its footnote", rate(4, 10, 20), full(4*gb, 10*gb), 1, practices2018 + "line 66"},
		{"third-party EWS: 0.2 to 0.5 of one mailbox", rate(0.2, 0.5, 1), lane(2*gb, 5*gb), 10, practices2018 + "line 66"},
		{"staged: 5 to 10 GB per hour; a TB in 102 to 205 hours at 20", rate(5, 10, 20), full(tb/2, tb), 102.4, "partner slides, sgmicrosoftoffice365.com"},
		{"PST upload by a client: 0.5 GB per hour", rate(0.5, 0.5, 1), lane(gb, gb), 2, practices2018 + "table of rates"},
		{"PST import: 24 GB a day for one file", rate(1, 1, 1), lane(24*gb, 24*gb), 24, "importing PST files to Office 365"},
	}
	for _, tt := range tests {
		late, early := tt.m.Makespan(tt.copied[0]).Late.Hours(), tt.m.Makespan(tt.copied[1]).Early.Hours()
		require.InEpsilon(t, tt.hours, late, 1e-3, "%s (%s)", tt.what, tt.source)
		require.InEpsilon(t, tt.hours, early, 1e-3, "%s (%s)", tt.what, tt.source)
	}
}

// What figures mean for a plan.
func TestPublishedFigures(t *testing.T) {
	// Field report of a staged migration (x500.co.uk, 2018): 2 TB in 300 mailboxes, which
	// at 10 to 14 GB per hour are 146 to 205 hours. 300 of one size are 15 for each lane.
	for _, got := range []estimate.Range{
		estimate.Model{}.Transfer(2 * inventory.TB),
		estimate.Model{}.Makespan(equal(300, 2*inventory.TB/300)),
	} {
		require.InDelta(t, 146, got.Early.Hours(), 0.5)
		require.InDelta(t, 205, got.Late.Hours(), 0.5)
	}

	// Inferred: 10 to 14 GB per hour are 22 to 31 Mbit/s. A link of so much leaves them as
	// they are, one of a Mbit/s less does not.
	require.Less(t, estimate.Model{Link: 22}.Rate().Low, 10.0)
	require.Equal(t, 10.0, estimate.Model{Link: 22.5}.Rate().Low)
	require.Less(t, estimate.Model{Link: 31}.Rate().High, 14.0)
	require.InDelta(t, 14, estimate.Model{Link: 31}.Rate().High, 0.06)
	require.Equal(t, estimate.Throughput{Low: 9, High: 9}, estimate.Model{Link: 20}.Rate(), "0.45 GB per hour for each Mbit/s")

	// Published rates are of lanes, not of the link: one of 20 is slower than the 1 GB per hour
	// that a single mailbox reaches in a hybrid migration (lines 57 and 62).
	require.Greater(t, estimate.Model{}.Makespan(mailboxes(inventory.GB)).Early, time.Hour)

	// 20 to 30 GB per hour take more than 40 servers (performance best practices, line 389):
	// at most 0.75 from each. With half of the servers it takes twice as long.
	m := estimate.Model{Throughput: estimate.Throughput{Low: 30, High: 30}, Lanes: 80, ServerRate: 0.75}
	for servers, hours := range map[int]float64{40: 1, 20: 2} {
		boxes := equal(80, 30*inventory.GB/80)
		for i, b := range boxes {
			b.Server = fmt.Sprint("MBX", i%servers)
		}
		require.InDelta(t, hours, m.Makespan(boxes).Likely.Hours(), 1e-6, "%d servers", servers)
	}

	// One mailbox has 0.3 to 1 GB per hour in a hybrid migration (line 62). Before any is seen,
	// Fit holds that for likely: eight of ten are faster than about 0.3, and not all under 1.
	gb := fit(t, nil, estimate.Model{}).LaneTime(mailboxes(inventory.GB)[0])
	require.InEpsilon(t, 0.3, 1/gb.Late.Hours(), 0.15)
	require.Greater(t, 1/gb.Early.Hours(), 1.0)

	require.Equal(t, estimate.Throughput{Low: 5, High: 7}, estimate.Model{Throttle: 0.5}.Rate())
	require.Zero(t, estimate.Model{Throttle: 1}.Rate(), "no model")
}

// The table of days by mailbox size, of which the last column is that nothing above is
// supported. Each size is in one bin, an edge in that which begins there.
func TestHistoryBySize(t *testing.T) {
	const day = 24 * time.Hour
	const source = practices + "lines 85-92"
	tests := []struct {
		from, to inventory.Size // GB
		p50, p90 time.Duration  // days
	}{
		{0, 1, 1, 7},
		{1, 10, 1, 7},
		{10, 50, 3, 14},
		{50, 100, 3, 30},
		{100, 200, 8, 45},
	}
	bins := func(size inventory.Size) (in []estimate.SizeHistory) {
		for _, h := range estimate.HistoryBySize() {
			if h.From <= size && size < h.To {
				in = append(in, h)
			}
		}
		return in
	}
	for _, tt := range tests {
		want := []estimate.SizeHistory{{From: tt.from * inventory.GB, To: tt.to * inventory.GB, P50: tt.p50 * day, P90: tt.p90 * day}}
		for _, size := range []inventory.Size{tt.from * inventory.GB, tt.to*inventory.GB - 1} {
			if diff := cmp.Diff(want, bins(size)); diff != "" {
				t.Errorf("%d bytes (%s):\n%s", size, source, diff)
			}
		}
	}
	require.Empty(t, bins(200*inventory.GB), "not supported")
	require.Len(t, estimate.HistoryBySize(), len(tests))

	// The tail is waiting, not copying: a mailbox of 1 GB takes two hours, and one in ten a
	// week.
	require.Equal(t, 2*time.Hour, estimate.Model{}.Makespan(mailboxes(inventory.GB)).Late)
	for _, h := range estimate.HistoryBySize() {
		copying := estimate.Model{}.Makespan(mailboxes(h.To)).Late
		require.Less(t, copying, h.P90, "%s", h.To)
	}
}

// The table of days for 90 % of moves by the size of the tenant.
func TestHistoryByTenant(t *testing.T) {
	const day = 24 * time.Hour
	const source = practices + "lines 111-120"
	tests := []struct {
		first, last int           // mailboxes
		least, most time.Duration // days
	}{
		{0, 999, 5, 14},
		{1_000, 4_999, 10, 30},
		{5_000, 9_999, 20, 45},
		{10_000, 49_999, 30, 60},
		{50_000, 99_999, 45, 90},
		{100_000, 1_000_000_000, 60, 180},
	}
	for i, tt := range tests {
		for _, n := range []int{tt.first, tt.last} {
			var in []int
			for j, h := range estimate.HistoryByTenant() {
				if h.From <= n && n < h.To {
					in = append(in, j)
					require.Equal(t, [2]time.Duration{tt.least * day, tt.most * day}, [2]time.Duration{h.Least, h.Most}, "%d mailboxes (%s)", n, source)
				}
			}
			require.Equal(t, []int{i}, in, "%d mailboxes (%s)", n, source)
		}
	}
	require.Len(t, estimate.HistoryByTenant(), len(tests))
}

// How many mailboxes may be copied at a time: the defaults and limits that sources give.
func TestPublishedLanes(t *testing.T) {
	tests := []struct {
		lanes, want int // 0 if refused
		source      string
	}{
		{0, 20, "what to know about a staged migration, line 90; " + practices + "line 255: the default"},
		{10, 10, practices + "lines 194 and 264: a default of another paragraph, and where to begin"},
		{100, 100, practices + "line 255: the most; New-MigrationEndpoint, line 874: the default of the cmdlet"},
		{300, 300, "support article 2797784: the most for each type of endpoint"},
		{301, 0, "support article 2797784"},
	}
	for _, tt := range tests {
		m, err := estimate.Model{Lanes: tt.lanes}.Resolve()
		require.Equal(t, tt.want == 0, err != nil, tt.source)
		if err != nil {
			continue
		}
		require.Equal(t, tt.want, m.Lanes, tt.source)
		// As many as lanes are done when the first is, and one more takes twice as long.
		n := tt.want
		one := m.Makespan(equal(1, inventory.GB)).Likely
		require.InEpsilon(t, one.Hours(), m.Makespan(equal(n, inventory.GB)).Likely.Hours(), 1e-9, tt.source)
		require.InEpsilon(t, 2*one.Hours(), m.Makespan(equal(n+1, inventory.GB)).Likely.Hours(), 1e-9, tt.source)
	}
}

// Waits and queues.
func TestPublishedWaits(t *testing.T) {
	// Six hours less an average queue of one, at 100 mailboxes per hour: 500. Source:
	// performance best practices, lines 316-322. At 100 an hour, 500 take the five hours that
	// are left, and 501 do not fit.
	m := estimate.Model{Throughput: estimate.Throughput{Low: 100, High: 100}, Lanes: 100, Queue: time.Hour}
	require.Equal(t, 500, m.Capacity(6*time.Hour, 100))
	require.Equal(t, 6*time.Hour, m.Makespan(equal(500, inventory.GB)).Late)
	require.Greater(t, m.Makespan(equal(501, inventory.GB)).Late, 6*time.Hour)

	// Directory synchronization runs every 30 minutes: the soonest that users can be served
	// after the conversion of their mailboxes. Source: perform a staged migration. What is done
	// at 23:45 is for tomorrow then.
	for after, day := range map[time.Duration]int{0: 5, 14 * time.Minute: 5, 30 * time.Minute: 6} {
		start := time.Date(2026, 1, 5, 22, 45, 0, 0, time.UTC)
		got, err := estimate.Schedule(packing([]int{1}), lane1(1), estimate.Calendar{},
			&estimate.ScheduleOptions{Start: start, Clients: estimate.Clients{After: after}})
		require.NoError(t, err)
		require.Equal(t, january(day), got.Batches[0].ClientDay, "%v", after)
	}

	// The pause in the sample log of a stall is 30 minutes. Source: performance best practices,
	// line 209. As long as no stall is seen, all of a future are of one length, which is
	// exponential with that mean: if nine of ten of 400 mailboxes stall, that adds 360 of them,
	// 180 hours on average, and so 180*ln 2 = 125 at the median and 180*ln 10 = 414 at the 90th
	// percentile.
	a := certain
	a.Stalls, a.Stall = 0.9, 0
	f, err := a.Fit(nil, lane1(1))
	require.NoError(t, err)
	got, err := f.Forecast(t.Context(), []*batch.Batch{{Name: "A", Mailboxes: equal(400, inventory.GB)}}, nil)
	require.NoError(t, err)
	require.InDelta(t, 400+125, got.Finish.Likely.Hours(), 15)
	require.InDelta(t, 400+414, got.Finish.Late.Hours(), 40)
}
