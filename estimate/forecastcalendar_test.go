package estimate_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// pointers returns the batches of a packing.
func pointers(p *batch.Packing) []*batch.Batch {
	var out []*batch.Batch
	for i := range p.Batches {
		out = append(out, &p.Batches[i])
	}
	return out
}

// Two lanes with 1 GB per hour each, from Monday 5 January 2026 at noon on; what is likely,
// to the minute.
func TestForecastInWindows(t *testing.T) {
	nights := estimate.Calendar{Windows: windows(t, "Mon-Fri 20:00-06:00; Sat,Sun")}
	queue := func(h int) estimate.Model {
		return with(lane1(2), func(m *estimate.Model) { m.Queue = time.Duration(h) * time.Hour })
	}
	start := func(batch string, h int) map[string]time.Duration {
		return map[string]time.Duration{batch: time.Duration(h) * time.Hour}
	}
	for _, tt := range []struct {
		reason string
		p      *batch.Packing
		model  estimate.Model // zero is two lanes without a queue
		opts   estimate.ForecastOptions
		want   []string
	}{
		{"what has begun in a window runs on, and the next begins in the window in which a lane is free",
			packing([]int{2, 30}, []int{6}, []int{12}, []int{1}), estimate.Model{}, estimate.ForecastOptions{},
			[]string{"A 07 02:00", "B 06 04:00", "C 06 16:00", "D 06 21:00"}},
		{"a start need not be in a window",
			packing([]int{1, 1}, []int{1}), estimate.Model{}, estimate.ForecastOptions{Start: start("A", 3)},
			[]string{"A 05 16:00", "B 05 21:00"}},
		{"what runs takes no notice of windows, nor do others of its batch",
			packing([]int{1, 1}, []int{1}), estimate.Model{}, estimate.ForecastOptions{Running: []estimate.Observation{running("", 1, 1)}},
			[]string{"A 05 15:00", "B 05 21:00"}},
		{"the queue is in the window", packing([]int{1}), queue(1), estimate.ForecastOptions{}, []string{"A 05 22:00"}},
		{"one that is queued while lanes are busy starts so that it is through when one is free",
			packing([]int{5, 5}, []int{1}), queue(2), estimate.ForecastOptions{}, []string{"A 06 03:00", "B 06 04:00"}},
		{"pauses: 10 hours on Monday night, 2 on Tuesday; B takes the lane that is free after 2 hours",
			packing([]int{12, 2}, []int{9}), estimate.Model{}, estimate.ForecastOptions{Pause: true},
			[]string{"A 06 22:00", "B 06 21:00"}},
		{"pauses: what runs has 3 hours left of work, and the other one starts at once",
			packing([]int{4}), estimate.Model{}, estimate.ForecastOptions{Pause: true, Running: []estimate.Observation{running("", 1, 1)}},
			[]string{"A 06 00:00"}},
		{"pauses: the queue passes in the day too, from 20:00 until 07:00",
			packing([]int{12}), queue(11), estimate.ForecastOptions{Pause: true}, []string{"A 07 22:00"}},
		{"pauses: the queue of a start out of windows too, from 13:00 until 00:00",
			packing([]int{5}), queue(11), estimate.ForecastOptions{Pause: true, Start: start("A", 1)}, []string{"A 06 05:00"}},
		{"pauses: nothing to copy is copied when the window opens, and not when the last one ended",
			packing([]int{0}, []int{}), estimate.Model{}, estimate.ForecastOptions{Pause: true, Start: start("A", 30)}, []string{"A 06 20:00", "B 05 12:00"}},
	} {
		if tt.model == (estimate.Model{}) {
			tt.model = lane1(2)
		}
		tt.opts.Runs, tt.opts.Now, tt.opts.Calendar = 3, monday, nights
		got, err := certainly(t, tt.model).Forecast(t.Context(), pointers(tt.p), &tt.opts)
		require.NoError(t, err, tt.reason)
		var lines []string
		last := monday
		for _, b := range got.Batches {
			lines = append(lines, b.Name+" "+b.Moments.Likely.Round(time.Minute).Format("02 15:04"))
			require.Equal(t, monday.Add(b.Finish.Likely), b.Moments.Likely)
			if b.Moments.Likely.After(last) {
				last = b.Moments.Likely
			}
		}
		if diff := cmp.Diff(tt.want, lines); diff != "" {
			t.Errorf("%s:\n%s", tt.reason, diff)
		}
		require.WithinDuration(t, last, got.Moments.Likely, time.Second, tt.reason)
	}
}

// Around the changes of the clock in Berlin: 02:00 becomes 03:00 on 29 March 2026, and 03:00
// becomes 02:00 on 25 October. One lane with 1 GB per hour, from noon of the day before on.
func TestForecastWhenTheClockChanges(t *testing.T) {
	berlin := location(t, "Europe/Berlin")
	for _, tt := range []struct {
		reason  string
		day     time.Time
		windows string
		p       *batch.Packing
		pause   bool
		want    []string
	}{
		{"the night has five hours, so that three of eight are left for the next", time.Date(2026, 3, 28, 12, 0, 0, 0, berlin),
			"00:00-06:00", packing([]int{8}), true, []string{"A 03-30 03:00"}},
		{"the night has seven hours, so that one of eight is left for the next", time.Date(2026, 10, 24, 12, 0, 0, 0, berlin),
			"00:00-06:00", packing([]int{8}), true, []string{"A 10-26 01:00"}},
		{"six hours from midnight on, one of which the clock skips", time.Date(2026, 3, 28, 12, 0, 0, 0, berlin),
			"00:00-06:00", packing([]int{6}, []int{1}), false, []string{"A 03-29 07:00", "B 03-30 01:00"}},
		{"six hours from midnight on, one of which the clock shows twice: B still fits", time.Date(2026, 10, 24, 12, 0, 0, 0, berlin),
			"00:00-06:00", packing([]int{6}, []int{1}), false, []string{"A 10-25 05:00", "B 10-25 06:00"}},
		{"a window of an hour and a half has half an hour where the clock skips one", time.Date(2026, 3, 28, 12, 0, 0, 0, berlin),
			"02:00-03:30", packing([]int{1}), true, []string{"A 03-30 02:30"}},
		{"and two and a half where it shows one twice", time.Date(2026, 10, 24, 12, 0, 0, 0, berlin),
			"02:00-03:30", packing([]int{2}), true, []string{"A 10-25 03:00"}},
	} {
		cal := estimate.Calendar{Location: berlin, Windows: windows(t, tt.windows)}
		got, err := certainly(t, lane1(1)).Forecast(t.Context(), pointers(tt.p),
			&estimate.ForecastOptions{Runs: 3, Now: tt.day, Calendar: cal, Pause: tt.pause})
		require.NoError(t, err, tt.reason)
		var lines []string
		for _, b := range got.Batches {
			lines = append(lines, b.Name+" "+b.Moments.Likely.Round(time.Minute).Format("01-02 15:04"))
		}
		if diff := cmp.Diff(tt.want, lines); diff != "" {
			t.Errorf("%s:\n%s", tt.reason, diff)
		}
	}
}

// With the starts of a schedule and nothing left to chance, a forecast is the schedule,
// whatever that keeps to.
func TestForecastKeepsToASchedule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pr := drawProblem(t)
		pr.m = oneRate(pr.m)
		pr.m.PerItem = 0
		timeline, err := estimate.Schedule(pr.p, pr.m, pr.cal, &pr.opts)
		if err != nil && pr.opts.Pause && windowsTooFew(pr) {
			return
		}
		require.NoError(t, err)
		now := timeline.Start.Add(-time.Duration(rapid.IntRange(0, 50).Draw(t, "hours before")) * time.Hour)
		rest := pointers(pr.p)
		got, err := certainly(t, pr.m).Forecast(t.Context(), rest, &estimate.ForecastOptions{
			Runs: 2, Now: now, Calendar: pr.cal, Pause: pr.opts.Pause, Start: timeline.Starts(now, rest)})
		require.NoError(t, err)
		for i, s := range timeline.Batches {
			near := time.Duration((uncertain(pr.m, s.Finish.Late.Sub(now).Hours()) + 2.0/3600) * float64(time.Hour))
			requireNear(t, pr, s.Finish.Late, got.Batches[i].Moments.Likely, near)
		}
	})
}

// requireNear requires that two moments are next to each other. Where work pauses, the end of
// a window and the beginning of the next are one.
func requireNear(t *rapid.T, pr problem, a, b time.Time, near time.Duration) {
	if b.Before(a) {
		a, b = b, a
	}
	if b.Sub(a) > near && (!pr.opts.Pause || pr.cal.Between(a, b) > near) {
		t.Fatalf("%v and %v are not within %v", a, b, near)
	}
}

// While work pauses, a forecast is what an independent simulation makes of the hours that
// are in windows.
func TestForecastInPausesIsWhatEventsMakeOfIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pr := drawProblem(t)
		m := oneRate(pr.m)
		now := pr.opts.Start
		opts := estimate.ForecastOptions{Runs: 2, Now: now, Calendar: pr.cal, Pause: true}
		rest := drawRest(t, &opts)
		opts.Start["B0"] = 0
		got, err := certainly(t, m).Forecast(t.Context(), rest, &opts)
		jobs := jobsOf(m, rest, &opts, func(d time.Duration) float64 { return pr.cal.Between(now, now.Add(d)).Hours() })
		want := servedBy(jobs, m, len(rest))
		if slices.Max(want) > pr.cal.Between(now, now.AddDate(9, 11, 0)).Hours() {
			return // there are too few windows
		}
		require.NoError(t, err)
		pr.opts.Pause = true
		for i, b := range got.Batches {
			at, _ := pr.cal.Add(now, time.Duration(want[i]*float64(time.Hour)))
			requireNear(t, pr, at, b.Moments.Likely, time.Duration(uncertain(m, want[i])*float64(time.Hour)))
		}
	})
}

// Nothing is done outside of windows while work pauses, and no pause makes anything earlier
// unless something fails, which may change who is served first. A calendar that is always open
// changes nothing.
func TestForecastPausesOnlyDelay(t *testing.T) {
	even := fitBy(t, smooth, estimate.Model{Queue: time.Hour})
	uneven := fitBy(t, estimate.Assumptions{Failures: 0.2, Stalls: 0.2}, estimate.Model{Queue: time.Hour, ServerRate: 1})
	rapid.Check(t, func(t *rapid.T) {
		pr := drawProblem(t)
		opts := estimate.ForecastOptions{Runs: 10, Seed: rapid.Uint64().Draw(t, "seed")}
		rest := drawRest(t, &opts)
		opts.Start["B0"] = 0
		forecast := func(f *estimate.Fitted, cal estimate.Calendar, pause bool) *estimate.Forecast {
			opts.Calendar, opts.Pause, opts.Now = cal, pause, pr.opts.Start
			got, err := f.Forecast(t.Context(), rest, &opts)
			require.NoError(t, err)
			got.Premises = nil // which differ
			return got
		}
		requireLater(t, forecast(even, estimate.Calendar{}, false), forecast(even, pr.cal, true))
		for _, b := range forecast(uneven, pr.cal, true).Batches {
			for _, at := range []time.Time{b.Moments.Early, b.Moments.Likely, b.Moments.Late} {
				require.True(t, isOpen(pr.cal, at, true), "%s is done at %v", b.Name, at)
			}
		}
		always := estimate.Calendar{Closed: []estimate.Date{{Year: 1999, Month: 12, Day: 31}}}
		want := forecast(uneven, estimate.Calendar{}, false)
		require.Equal(t, want, forecast(uneven, always, false))
		require.Equal(t, want, forecast(uneven, always, true))
	})
}

// The same on any number of cores.
func TestForecastInWindowsIsDeterministic(t *testing.T) {
	f := fitBy(t, estimate.Assumptions{}, estimate.Model{ServerRate: 2})
	rest := pointers(plan(5, 60))
	opts := &estimate.ForecastOptions{Runs: 50, Now: monday, Calendar: estimate.Calendar{Windows: windows(t, "Mon-Fri 20:00-06:00")}}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, opts.Pause = range []bool{false, true} {
		var want *estimate.Forecast
		for _, n := range []int{1, 2, 7} {
			runtime.GOMAXPROCS(n)
			got, err := f.Forecast(t.Context(), rest, opts)
			require.NoError(t, err)
			if want == nil {
				want = got
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("on %d cores: %s", n, d)
			}
		}
	}
}

func TestForecastInWindowsRefuses(t *testing.T) {
	var closed []estimate.Date
	for d := monday; d.Before(monday.AddDate(11, 0, 0)); d = d.AddDate(0, 0, 1) {
		closed = append(closed, estimate.Date{Year: d.Year(), Month: d.Month(), Day: d.Day()})
	}
	nights := estimate.Calendar{Windows: windows(t, "20:00-06:00")}
	for _, tt := range []struct {
		opts estimate.ForecastOptions
		want string
	}{
		{estimate.ForecastOptions{Calendar: nights}, "needs to know what time it is"},
		{estimate.ForecastOptions{Now: monday.AddDate(9000, 0, 0)}, "in the year 11026"},
		{estimate.ForecastOptions{Now: monday, Calendar: estimate.Calendar{Open: []estimate.Date{{Year: 2026, Month: 2, Day: 30}}}}, "2026-02-30 is no date"},
		{estimate.ForecastOptions{Now: monday, Calendar: estimate.Calendar{Closed: closed}}, `batch "A" would not be done within ten years of 2026-01-05T12:00:00Z`},
		{estimate.ForecastOptions{Now: monday, Calendar: estimate.Calendar{Closed: closed}, Pause: true}, `batch "A" would not be done within ten years`},
		{estimate.ForecastOptions{Now: monday, Calendar: estimate.Calendar{Windows: windows(t, "Sun 02:00-02:01")}, Pause: true}, `batch "A" would not be done within ten years`},
	} {
		_, err := certainly(t, lane1(1)).Forecast(t.Context(), pointers(packing([]int{100})), &tt.opts)
		require.ErrorContains(t, err, tt.want)
	}
}

// Starts are counted from now, those that are past are at once, and what is not planned has none.
func TestTimelineStarts(t *testing.T) {
	timeline := &estimate.Timeline{Batches: []estimate.Slot{
		{Name: "A", Start: monday.Add(-time.Hour)}, {Name: "B", Start: monday.Add(time.Hour)}, {Name: "C", Start: monday.Add(2 * time.Hour)}}}
	got := timeline.Starts(monday, []*batch.Batch{{Name: "A"}, {Name: "C"}, {Name: "D"}, nil})
	require.Equal(t, map[string]time.Duration{"A": 0, "C": 2 * time.Hour}, got)
}

// After a pilot that was slower than published, when will the rest be done, in nights and
// weekends between which work pauses?
func ExampleFitted_Forecast_calendar() {
	var pilot []estimate.Observation
	for i := range 40 {
		gb := float64(1+i%7) / 2
		slower := []float64{1.4, 2.9, 1.7, 2.2, 1.8}[i%5]
		pilot = append(pilot, estimate.Observation{Batch: "Pilot", State: inventory.Synced,
			Size: inventory.Known(inventory.Size(gb * float64(inventory.GB))), Active: time.Duration(gb * slower / 0.6 * float64(time.Hour))})
	}
	var rest []*batch.Batch
	for _, name := range []string{"Batch001", "Batch002"} {
		b := &batch.Batch{Name: name}
		for i := range 150 {
			b.Mailboxes = append(b.Mailboxes, &inventory.Mailbox{Size: inventory.Known(inventory.Size(1+i%7) * inventory.GB / 2)})
		}
		rest = append(rest, b)
	}
	fitted, err := estimate.Fit(pilot, estimate.Model{})
	if err != nil {
		panic(err)
	}
	nights, err := estimate.ParseWindows("Mon-Fri 20:00-06:00; Sat,Sun")
	if err != nil {
		panic(err)
	}
	forecast, err := fitted.Forecast(context.Background(), rest, &estimate.ForecastOptions{
		Now: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC), Calendar: estimate.Calendar{Windows: nights}, Pause: true,
	})
	if err != nil {
		panic(err)
	}
	for _, b := range forecast.Batches {
		m := b.Moments
		fmt.Printf("%s %s, %s or %s\n", b.Name, m.Early.Format("Mon 2 Jan 15h"), m.Likely.Format("Mon 2 Jan 15h"), m.Late.Format("Mon 2 Jan 15h"))
	}
	// Output:
	// Batch001 Sat 10 Jan 08h, Sat 10 Jan 12h or Sat 10 Jan 18h
	// Batch002 Tue 13 Jan 03h, Tue 13 Jan 23h or Wed 14 Jan 21h
}
