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

// checkLanes runs the batches from the starts of the schedule in another way than it
// does, from event to event.
func checkLanes(t *rapid.T, pr problem, got *estimate.Timeline) {
	var jobs []*job
	perHour := pr.m.Rate().Low / float64(pr.m.Lanes)
	for i, s := range got.Batches {
		ready := s.Copy.Sub(pr.opts.Start).Hours()
		if pr.opts.Pause {
			ready = pr.cal.Between(pr.opts.Start, s.Copy).Hours()
		}
		for _, m := range pr.p.Batches[i].Mailboxes {
			jobs = append(jobs, &job{batch: i, ready: ready, server: m.Server, own: 1, copying: m.Size.Or(pr.m.UnknownSize).GBytes() / perHour,
				beside: pr.m.Overhead.Hours() + float64(m.Items.Or(0))*pr.m.PerItem.Hours()})
		}
	}
	gives := math.Inf(1)
	if pr.m.ServerRate > 0 {
		gives = pr.m.ServerRate / perHour
	}
	finish := make([]float64, len(got.Batches))
	simulate(jobs, pr.m.Lanes, gives, finish)
	for i, s := range got.Batches {
		after := time.Duration(finish[i] * float64(time.Hour))
		want := pr.opts.Start.Add(after)
		if pr.opts.Pause {
			var ok bool
			if want, ok = pr.cal.Add(pr.opts.Start, after); !ok {
				t.Fatal("the calendar ends")
			}
		}
		// Where work pauses, the end of a window and the beginning of the next are one.
		first, last := want, s.Finish.Late
		if last.Before(first) {
			first, last = last, first
		}
		if last.Sub(first) > 2*time.Second && (!pr.opts.Pause || pr.cal.Between(first, last) > 2*time.Second) {
			t.Fatalf("%s is done at %v, not at %v", s.Name, s.Finish.Late, want)
		}
	}
}

// job is a mailbox with what is left to do for it, in hours of a lane; one of another pace has
// a rate of its own.
type job struct {
	batch                  int
	ready, copying, beside float64
	server                 string
	own, rate              float64
}

// simulate has lanes take jobs in their order, each server give lanes to those that came
// first, and finish hold when the last job of each batch is done.
func simulate(jobs []*job, lanes int, gives float64, finish []float64) {
	var active []*job
	now := 0.0
	for len(jobs)+len(active) > 0 {
		for len(jobs) > 0 && len(active) < lanes && jobs[0].ready <= now {
			active, jobs = append(active, jobs[0]), jobs[1:]
		}
		left := make(map[string]float64) // of what each server gives
		next := math.Inf(1)
		if len(jobs) > 0 && len(active) < lanes {
			next = jobs[0].ready
		}
		for _, j := range active {
			if _, ok := left[j.server]; !ok {
				left[j.server] = gives
			}
			switch {
			case j.copying > 0:
				j.rate = min(j.own, left[j.server])
				left[j.server] -= j.rate
				if j.rate > 0 {
					next = min(next, now+j.copying/j.rate)
				}
			default:
				next = min(next, now+j.beside)
			}
		}
		for _, j := range active {
			rest, speed := &j.copying, j.rate
			if j.copying == 0 {
				rest, speed = &j.beside, 1
			}
			if speed > 0 && now+*rest/speed <= next {
				*rest = 0
			} else {
				*rest -= speed * (next - now)
			}
		}
		now = next
		active = slices.DeleteFunc(active, func(j *job) bool {
			done := j.copying == 0 && j.beside == 0
			if done {
				finish[j.batch] = max(finish[j.batch], now)
			}
			return done
		})
	}
}
