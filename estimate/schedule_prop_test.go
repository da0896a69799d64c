package estimate_test

import (
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

// problem is a schedule to be made.
type problem struct {
	p    *batch.Packing
	m    estimate.Model
	cal  estimate.Calendar
	opts estimate.ScheduleOptions
}

// around are the days before changes of the clock in 2026, and one without.
var around = []string{"2026-03-07", "2026-03-27", "2026-04-03", "2026-07-01", "2026-10-02", "2026-10-23", "2026-10-30"}

func drawProblem(t *rapid.T) problem {
	var pr problem
	pr.m = model(t)
	pr.p = &batch.Packing{}
	wave := 0
	for i := range rapid.IntRange(1, 8).Draw(t, "batches") {
		wave += rapid.IntRange(0, 1).Draw(t, "next wave")
		pr.p.Batches = append(pr.p.Batches, batch.Batch{Name: fmt.Sprint("B", i), Wave: fmt.Sprint("W", wave), Mailboxes: boxes(t, 12)})
	}
	loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	require.NoError(t, err)
	pr.cal.Location = loc
	if spec := rapid.SampledFrom([]string{"", "Mon-Fri 20:00-06:00; Sat,Sun", "01:30-02:30", "00:00-04:00,12:00-13:00", "Sat 22:00-08:00"}).Draw(t, "windows"); spec != "" {
		pr.cal.Windows, err = estimate.ParseWindows(spec)
		require.NoError(t, err)
	}
	if rapid.Bool().Draw(t, "closed days") {
		for _, d := range around {
			day, _ := time.Parse(time.DateOnly, d)
			pr.cal.Closed = append(pr.cal.Closed, estimate.Date{Year: day.Year(), Month: day.Month(), Day: day.Day() + 1})
		}
	}
	day, err := time.ParseInLocation(time.DateOnly, rapid.SampledFrom(around).Draw(t, "day"), loc)
	require.NoError(t, err)
	pr.opts = estimate.ScheduleOptions{
		Start:      day.Add(time.Duration(rapid.IntRange(0, 48*60).Draw(t, "minutes")) * time.Minute),
		Pause:      rapid.Bool().Draw(t, "pause"),
		QueueAhead: rapid.Bool().Draw(t, "queue ahead"),
		OneByOne:   rapid.Bool().Draw(t, "one by one"),
		WaveByWave: rapid.Bool().Draw(t, "wave by wave"),
		Gap:        rapid.SampledFrom([]time.Duration{0, 0, time.Hour}).Draw(t, "gap"),
	}
	if rapid.Bool().Draw(t, "limit users") {
		pr.opts.Clients = estimate.Clients{PerDay: rapid.IntRange(1, 20).Draw(t, "per day"), PerSite: rapid.IntRange(0, 8).Draw(t, "per site"),
			Site: func(m *inventory.Mailbox) string { return m.Server }}
	}
	return pr
}

// windowsTooFew reports whether ten years have too few windows for all batches one after
// the other, with their gaps and queues.
func windowsTooFew(pr problem) bool {
	var takes time.Duration
	for _, b := range pr.p.Batches {
		takes += pr.m.Makespan(b.Mailboxes).Late + pr.opts.Gap
	}
	return takes > pr.cal.Between(pr.opts.Start, pr.opts.Start.AddDate(9, 11, 0))
}

// The rules of any schedule, checked with nothing but the calendar and the definition.
func TestScheduleProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pr := drawProblem(t)
		got, err := estimate.Schedule(pr.p, pr.m, pr.cal, &pr.opts)
		if err != nil && pr.opts.Pause && windowsTooFew(pr) {
			return
		}
		require.NoError(t, err)
		again, err := estimate.Schedule(pr.p, pr.m, pr.cal, &pr.opts)
		require.NoError(t, err)
		require.Equal(t, got, again)
		checkOrder(t, pr, got)
		checkWindows(t, pr, got)
		checkUsers(t, pr, got)
		checkLanes(t, pr, got)
	})
}

// checkOrder checks that batches, waves and gaps keep their order.
func checkOrder(t *rapid.T, pr problem, got *estimate.Timeline) {
	done := pr.opts.Start // of all so far
	for i, s := range got.Batches {
		if s.Start.Before(pr.opts.Start) || i > 0 && s.Start.Before(got.Batches[i-1].Start) {
			t.Fatalf("%s starts too early", s.Name)
		}
		after := pr.opts.OneByOne || pr.opts.Gap > 0 || pr.opts.WaveByWave && i > 0 && s.Wave != got.Batches[i-1].Wave
		if i > 0 && after && s.Start.Before(done.Add(pr.opts.Gap)) {
			t.Fatalf("%s starts before what it waits for is done at %v", s.Name, done)
		}
		if s.Copy.Sub(s.Start) < pr.m.Queue || s.Finish.Early.Before(s.Copy) || s.Finish.Likely.Before(s.Finish.Early) || s.Finish.Late.Before(s.Finish.Likely) {
			t.Fatalf("%+v is in no order", s)
		}
		if s.Finish.Late.After(done) {
			done = s.Finish.Late
		}
	}
	if !got.Start.Equal(got.Batches[0].Start) || !got.Finish.Late.Equal(done) {
		t.Fatalf("from %v until %v", got.Start, got.Finish)
	}
}

// isOpen reports whether a moment is in a window of the calendar, or is the end of one.
func isOpen(cal estimate.Calendar, at time.Time, orEnd bool) bool {
	for w := range cal.From(at) {
		if w.Start.Equal(at) {
			return true
		}
		break
	}
	if orEnd {
		return cal.Between(at.Add(-time.Second), at) > 0
	}
	return false
}

// checkWindows checks that work is in windows, and that what is not says so and could
// not be.
func checkWindows(t *rapid.T, pr problem, got *estimate.Timeline) {
	busy := pr.opts.Start
	for i, s := range got.Batches {
		if (!pr.opts.QueueAhead && !isOpen(pr.cal, s.Start, false)) || ((pr.opts.QueueAhead || pr.opts.Pause) && !isOpen(pr.cal, s.Copy, false)) {
			t.Fatalf("%+v is not in a window", s)
		}
		if !pr.opts.QueueAhead && !pr.opts.Pause && (s.Start.Before(s.Window.Start) || !s.Start.Before(s.Window.End)) {
			t.Fatalf("%+v is not in its window", s)
		}
		over := max(0, s.Finish.Late.Sub(s.Window.End))
		if pr.opts.Pause {
			over = 0
			for _, at := range []time.Time{s.Finish.Early, s.Finish.Likely, s.Finish.Late} {
				if !isOpen(pr.cal, at, true) {
					t.Fatalf("%s is done at %v, when work pauses", s.Name, at)
				}
			}
		}
		if s.Over != over {
			t.Fatalf("%s is over by %v, not %v", s.Name, over, s.Over)
		}
		// A window that is long enough takes the batch once all lanes are free.
		since := pr.opts.Start // it waits from then on, or from later
		if i > 0 {
			since = got.Batches[i-1].Start
		}
		long := pr.m.Makespan(pr.p.Batches[i].Mailboxes).Late + time.Second
		if pr.opts.QueueAhead {
			long -= pr.m.Queue
		}
		limited := pr.opts.Clients.PerDay > 0 || pr.opts.Clients.PerSite > 0
		for w := range pr.cal.From(s.Start) {
			if over == 0 || limited || w.Start.After(since.AddDate(0, 0, 6)) {
				break
			}
			if !w.Start.Before(busy) && w.Start.Add(-pr.m.Queue).After(s.Start) && w.End.Sub(w.Start) > long {
				t.Fatalf("%+v would fit %v", s, w)
			}
		}
		if s.Finish.Late.After(busy) {
			busy = s.Finish.Late
		}
	}
}

// checkUsers checks the limits of users.
func checkUsers(t *rapid.T, pr problem, got *estimate.Timeline) {
	type key struct {
		day  estimate.Date
		site string
	}
	counts := make(map[key]int)
	for i, s := range got.Batches {
		if on := s.Finish.Late; (estimate.Date{Year: on.Year(), Month: on.Month(), Day: on.Day()}) != s.ClientDay {
			t.Fatalf("%s is done at %v, and its users are served on %v", s.Name, on, s.ClientDay)
		}
		over := 0
		for _, m := range pr.p.Batches[i].Mailboxes {
			counts[key{s.ClientDay, ""}]++
			counts[key{s.ClientDay, "site " + m.Server}]++
		}
		if c := pr.opts.Clients; c.PerDay > 0 {
			over = max(over, counts[key{s.ClientDay, ""}]-c.PerDay)
		}
		for _, m := range pr.p.Batches[i].Mailboxes {
			if c := pr.opts.Clients; c.PerSite > 0 {
				over = max(over, counts[key{s.ClientDay, "site " + m.Server}]-c.PerSite)
			}
		}
		if over != s.UsersOver {
			t.Fatalf("%s is over by %d users, not %d", s.Name, over, s.UsersOver)
		}
	}
}

// checkLanes serves all mailboxes again, from the starts of the schedule and with one
// list of lanes, and counts how many are copied at a time.
func checkLanes(t *rapid.T, pr problem, got *estimate.Timeline) {
	left := pr.m.Rate().Low
	free := make([]float64, pr.m.Lanes)
	through := make(map[string]float64)
	type event struct {
		at    float64
		delta int
	}
	var events []event
	for i, s := range got.Batches {
		ready := s.Copy.Sub(pr.opts.Start).Hours()
		if pr.opts.Pause {
			ready = pr.cal.Between(pr.opts.Start, s.Copy).Hours()
		}
		finish := ready
		for _, m := range pr.p.Batches[i].Mailboxes {
			lane := 0
			for l := range free {
				if free[l] < free[lane] {
					lane = l
				}
			}
			gb := m.Size.Or(pr.m.UnknownSize).GBytes()
			start := max(free[lane], ready)
			end := start + gb*float64(pr.m.Lanes)/left + pr.m.Overhead.Hours() + float64(m.Items.Or(0))*pr.m.PerItem.Hours()
			if pr.m.ServerRate > 0 && gb > 0 {
				through[m.Server] = max(through[m.Server], start) + gb/pr.m.ServerRate
				end = max(end, through[m.Server])
			}
			free[lane] = end
			finish = max(finish, end)
			events = append(events, event{start, 1}, event{end, -1})
		}
		want := pr.opts.Start.Add(time.Duration(finish * float64(time.Hour)))
		if pr.opts.Pause {
			var ok bool
			if want, ok = pr.cal.Add(pr.opts.Start, time.Duration(finish*float64(time.Hour))); !ok {
				t.Fatal("the calendar ends")
			}
		}
		if off := s.Finish.Late.Sub(want); math.Abs(off.Seconds()) > 2 && pr.cal.Between(want, s.Finish.Late) > 2*time.Second {
			t.Fatalf("%s is done at %v, not at %v", s.Name, want, s.Finish.Late)
		}
	}
	slices.SortFunc(events, func(a, b event) int {
		if a.at != b.at {
			if a.at < b.at {
				return -1
			}
			return 1
		}
		return a.delta - b.delta
	})
	busy := 0
	for _, e := range events {
		if busy += e.delta; busy > pr.m.Lanes {
			t.Fatalf("%d mailboxes on %d lanes", busy, pr.m.Lanes)
		}
	}
}
