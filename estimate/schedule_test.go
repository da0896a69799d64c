package estimate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// packing makes batches A, B and so on of mailboxes of whole GB.
func packing(gbs ...[]int) *batch.Packing {
	p := &batch.Packing{}
	for i, list := range gbs {
		b := batch.Batch{Name: string(rune('A' + i))}
		for _, gb := range list {
			b.Mailboxes = append(b.Mailboxes, &inventory.Mailbox{Size: inventory.Known(inventory.Size(gb) * inventory.GB)})
		}
		p.Batches = append(p.Batches, b)
	}
	return p
}

func inWaves(p *batch.Packing, waves ...string) *batch.Packing {
	for i, w := range waves {
		p.Batches[i].Wave = w
	}
	return p
}

// monday is the start of every schedule of the tables, 5 January 2026 at noon.
var monday = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// line says of a slot when it starts, is done at the latest, and what does not fit.
func line(s *estimate.Slot) string {
	text := fmt.Sprintf("%s %s", s.Name, s.Start.Format("02 15:04"))
	if !s.Copy.Equal(s.Start) {
		text += " copy " + s.Copy.Format("02 15:04")
	}
	text += " - " + s.Finish.Late.Format("02 15:04")
	if s.Over > 0 {
		text += fmt.Sprintf(" over %v", s.Over)
	}
	if s.UsersOver > 0 {
		text += fmt.Sprintf(" users over %d", s.UsersOver)
	}
	return text
}

func TestSchedule(t *testing.T) {
	nights := estimate.Calendar{Windows: windows(t, "Mon-Fri 20:00-06:00; Sat,Sun")}
	queue := func(h int) func(*estimate.Model) {
		return func(m *estimate.Model) { m.Queue = time.Duration(h) * time.Hour }
	}
	users := func(perDay int) estimate.Clients { return estimate.Clients{PerDay: perDay} }
	tests := []struct {
		reason string
		p      *batch.Packing
		model  estimate.Model // of two lanes with 1 GB per hour each; zero is that
		cal    estimate.Calendar
		opts   estimate.ScheduleOptions
		want   []string
	}{
		{"always: B takes the lane that is free first and is done while A still runs",
			packing([]int{5, 2}, []int{1, 1}), estimate.Model{}, estimate.Calendar{}, estimate.ScheduleOptions{},
			[]string{"A 05 12:00 - 05 17:00", "B 05 14:00 - 05 16:00"}},
		{"one by one: B waits for A",
			packing([]int{5, 2}, []int{1, 1}), estimate.Model{}, estimate.Calendar{}, estimate.ScheduleOptions{OneByOne: true},
			[]string{"A 05 12:00 - 05 17:00", "B 05 17:00 - 05 18:00"}},
		{"a gap after each batch",
			packing([]int{5, 2}, []int{1, 1}), estimate.Model{}, estimate.Calendar{}, estimate.ScheduleOptions{Gap: 3 * time.Hour},
			[]string{"A 05 12:00 - 05 17:00", "B 05 20:00 - 05 21:00"}},
		{"waves: B is of that of A and C is not",
			inWaves(packing([]int{5, 2}, []int{1, 1}, []int{1}), "pilot", "pilot", "rest"), estimate.Model{}, estimate.Calendar{}, estimate.ScheduleOptions{WaveByWave: true},
			[]string{"A 05 12:00 - 05 17:00", "B 05 14:00 - 05 16:00", "C 05 17:00 - 05 18:00"}},
		{"a night: B would not be done by 06:00 and waits for the next",
			packing([]int{8}, []int{1, 9}), estimate.Model{}, nights, estimate.ScheduleOptions{OneByOne: true},
			[]string{"A 05 20:00 - 06 04:00", "B 06 20:00 - 07 05:00"}},
		{"to end with the window is to fit",
			packing([]int{10}, []int{10}), estimate.Model{}, nights, estimate.ScheduleOptions{OneByOne: true},
			[]string{"A 05 20:00 - 06 06:00", "B 06 20:00 - 07 06:00"}},
		{"what fits no night waits for the weekend, and what comes behind waits too",
			packing([]int{11}, []int{1}), estimate.Model{}, nights, estimate.ScheduleOptions{},
			[]string{"A 09 20:00 - 10 07:00", "B 09 20:00 - 09 21:00"}},
		{"what fits no window takes the one that it exceeds the least, of 52 hours",
			packing([]int{60}), estimate.Model{}, nights, estimate.ScheduleOptions{},
			[]string{"A 09 20:00 - 12 08:00 over 8h0m0s"}},
		{"without the time to wait for the weekend it is a night, the first of those that are alike",
			packing([]int{12}), estimate.Model{}, nights, estimate.ScheduleOptions{Wait: 48 * time.Hour},
			[]string{"A 05 20:00 - 06 08:00 over 2h0m0s"}},
		{"a batch that runs on keeps its lanes; the next has to wait for a window",
			packing([]int{12, 12}, []int{1}), estimate.Model{}, nights, estimate.ScheduleOptions{Wait: time.Hour},
			[]string{"A 05 20:00 - 06 08:00 over 2h0m0s", "B 06 20:00 - 06 21:00"}},
		{"the queue is in the window, so that 9 hours are left",
			packing([]int{9}, []int{10}), with(lane1(2), queue(1)), nights, estimate.ScheduleOptions{OneByOne: true},
			[]string{"A 05 20:00 copy 05 21:00 - 06 06:00", "B 09 20:00 copy 09 21:00 - 10 07:00"}},
		{"the queue is ahead of the window",
			packing([]int{9}, []int{10}), with(lane1(2), queue(1)), nights, estimate.ScheduleOptions{OneByOne: true, QueueAhead: true},
			[]string{"A 05 19:00 copy 05 20:00 - 06 05:00", "B 06 19:00 copy 06 20:00 - 07 06:00"}},
		{"the queue passes while the lanes are busy",
			packing([]int{5, 5}, []int{1}), with(lane1(2), queue(1)), estimate.Calendar{}, estimate.ScheduleOptions{},
			[]string{"A 05 12:00 copy 05 13:00 - 05 18:00", "B 05 17:00 copy 05 18:00 - 05 19:00"}},
		{"a queue that is longer than the window fits nowhere",
			packing([]int{1}), with(lane1(2), queue(3)), estimate.Calendar{Windows: windows(t, "20:00-22:00")}, estimate.ScheduleOptions{},
			[]string{"A 05 20:00 copy 05 23:00 - 06 00:00 over 2h0m0s"}},
		{"work pauses in the day: 10 hours on Monday night, 2 on Tuesday; then B",
			packing([]int{12, 12}, []int{1}), estimate.Model{}, nights, estimate.ScheduleOptions{Pause: true},
			[]string{"A 05 20:00 - 06 22:00", "B 06 22:00 - 06 23:00"}},
		{"with pauses the queue passes outside of windows too",
			packing([]int{12}), with(lane1(2), queue(11)), nights, estimate.ScheduleOptions{Pause: true},
			[]string{"A 05 20:00 copy 06 20:00 - 07 22:00"}},
		{"three users a day: B is done at midnight, which is the next day",
			packing([]int{1, 1}, []int{1, 1}), estimate.Model{}, estimate.Calendar{}, estimate.ScheduleOptions{Clients: users(3)},
			[]string{"A 05 12:00 - 05 13:00", "B 05 23:00 - 06 00:00"}},
		{"more users than fit a day take one of their own",
			packing([]int{1}, []int{1, 1, 1}, []int{1}), estimate.Model{}, estimate.Calendar{}, estimate.ScheduleOptions{Clients: users(2)},
			[]string{"A 05 12:00 - 05 13:00", "B 05 22:00 - 06 00:00 users over 1", "C 06 23:00 - 07 00:00"}},
		{"users are served in the next hours of the desk, so both nights' on Tuesday and Wednesday",
			packing([]int{9}, []int{9}), estimate.Model{}, nights,
			estimate.ScheduleOptions{Clients: estimate.Clients{PerDay: 1, Hours: estimate.Calendar{Windows: windows(t, "Mon-Fri 08:00-17:00")}}},
			[]string{"A 05 20:00 - 06 05:00", "B 06 20:00 - 07 05:00"}},
		{"an empty batch takes no time", packing([]int{}, []int{1}), estimate.Model{}, estimate.Calendar{}, estimate.ScheduleOptions{},
			[]string{"A 05 12:00 - 05 12:00", "B 05 12:00 - 05 13:00"}},
	}
	for _, tt := range tests {
		if tt.model == (estimate.Model{}) {
			tt.model = lane1(2)
		}
		tt.opts.Start = monday
		got, err := estimate.Schedule(tt.p, tt.model, tt.cal, &tt.opts)
		require.NoError(t, err, tt.reason)
		var lines []string
		for i := range got.Batches {
			lines = append(lines, line(&got.Batches[i]))
		}
		if diff := cmp.Diff(tt.want, lines); diff != "" {
			t.Errorf("%s:\n%s", tt.reason, diff)
		}
	}
}

// Early, likely and late are at three rates, all from one start that the late one
// decides.
func TestScheduleRange(t *testing.T) {
	m := estimate.Model{Throughput: estimate.Throughput{Low: 1, High: 3}, Lanes: 1}
	got, err := estimate.Schedule(packing([]int{6}, []int{6}), m, estimate.Calendar{}, &estimate.ScheduleOptions{Start: monday})
	require.NoError(t, err)
	after := func(h int) time.Time { return monday.Add(time.Duration(h) * time.Hour) }
	require.Equal(t, estimate.Moments{Early: after(2), Likely: after(3), Late: after(6)}, got.Batches[0].Finish)
	require.Equal(t, after(6), got.Batches[1].Start)
	require.Equal(t, estimate.Moments{Early: after(8), Likely: after(9), Late: after(12)}, got.Batches[1].Finish)
	require.Equal(t, got.Batches[1].Finish, got.Finish)
	require.Equal(t, monday, got.Start)
	require.Equal(t, []estimate.Window{{Start: monday, End: after(12)}}, got.Windows)
}

func TestScheduleSlot(t *testing.T) {
	p := packing([]int{3, 1})
	p.Batches[0].Wave = "pilot"
	p.Batches[0].Mailboxes = append(p.Batches[0].Mailboxes, &inventory.Mailbox{Kind: inventory.RoomMailbox})
	berlin := location(t, "Europe/Berlin")
	cal := estimate.Calendar{Location: berlin, Windows: windows(t, "Mon-Fri 20:00-06:00")}
	m := with(lane1(2), func(m *estimate.Model) { m.UnknownSize = inventory.GB })
	got, err := estimate.Schedule(p, m, cal, &estimate.ScheduleOptions{Start: monday})
	require.NoError(t, err)
	at := func(day, hour int) time.Time { return time.Date(2026, 1, day, hour, 0, 0, 0, berlin) }
	finish := estimate.Moments{Early: at(5, 23), Likely: at(5, 23), Late: at(5, 23)}
	want := &estimate.Timeline{
		Batches: []estimate.Slot{{Name: "A", Wave: "pilot", Mailboxes: 3, Size: 4 * inventory.GB, UnknownSizes: 1,
			Start: at(5, 20), Copy: at(5, 20), Finish: finish, Window: estimate.Window{Start: at(5, 20), End: at(6, 6)},
			ClientDay: estimate.Date{Year: 2026, Month: 1, Day: 5}, Users: 2}},
		Windows: []estimate.Window{{Start: at(5, 20), End: at(5, 23)}},
		Start:   at(5, 20), Finish: finish, UnknownSizes: 1, Model: m,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(estimate.Timeline{}, "Premises")); diff != "" {
		t.Error(diff)
	}
}

// Users of one site in two batches: the site's limit holds, and others do not matter.
func TestScheduleSites(t *testing.T) {
	p := packing([]int{1, 1}, []int{1}, []int{1})
	site := map[*inventory.Mailbox]string{p.Batches[0].Mailboxes[0]: "Rome", p.Batches[0].Mailboxes[1]: "Oslo",
		p.Batches[1].Mailboxes[0]: "Bonn", p.Batches[2].Mailboxes[0]: "Rome"}
	opts := &estimate.ScheduleOptions{Start: monday, Clients: estimate.Clients{PerSite: 1, Site: func(m *inventory.Mailbox) string { return site[m] }}}
	got, err := estimate.Schedule(p, lane1(2), estimate.Calendar{}, opts)
	require.NoError(t, err)
	require.Equal(t, "A 05 12:00 - 05 13:00", line(&got.Batches[0]))
	require.Equal(t, "B 05 13:00 - 05 14:00", line(&got.Batches[1]))
	require.Equal(t, "C 05 23:00 - 06 00:00", line(&got.Batches[2]), "Rome has had its user")

	opts.Clients.After = 30 * time.Minute
	got, err = estimate.Schedule(p, lane1(2), estimate.Calendar{}, opts)
	require.NoError(t, err)
	require.Equal(t, "C 05 22:30 - 05 23:30", line(&got.Batches[2]), "converted at midnight")
}

func TestScheduleErrors(t *testing.T) {
	ok := estimate.ScheduleOptions{Start: monday}
	p := packing([]int{1})
	bad := estimate.Calendar{Closed: []estimate.Date{{Year: 2026, Month: 13, Day: 1}}}
	var closed []estimate.Date
	for d := monday; d.Before(monday.AddDate(11, 0, 0)); d = d.AddDate(0, 0, 1) {
		closed = append(closed, estimate.Date{Year: d.Year(), Month: d.Month(), Day: d.Day()})
	}
	slow := estimate.Model{Throughput: estimate.Throughput{Low: 1e-300, High: 1}}
	tests := []struct {
		p    *batch.Packing
		m    estimate.Model
		cal  estimate.Calendar
		opts *estimate.ScheduleOptions
		want string
	}{
		{nil, estimate.Model{}, estimate.Calendar{}, &ok, "no packing"},
		{p, estimate.Model{}, estimate.Calendar{}, nil, "needs a start"},
		{p, estimate.Model{}, estimate.Calendar{}, &estimate.ScheduleOptions{}, "needs a start"},
		{p, estimate.Model{}, estimate.Calendar{}, &estimate.ScheduleOptions{Start: monday.AddDate(9000, 0, 0)}, "the year 11026"},
		{p, estimate.Model{}, estimate.Calendar{}, &estimate.ScheduleOptions{Start: monday, Wait: -1}, "negative"},
		{p, estimate.Model{}, estimate.Calendar{}, &estimate.ScheduleOptions{Start: monday, Gap: -1}, "negative"},
		{p, estimate.Model{}, estimate.Calendar{}, &estimate.ScheduleOptions{Start: monday, Clients: estimate.Clients{PerSite: -1}}, "negative"},
		{p, estimate.Model{}, estimate.Calendar{}, &estimate.ScheduleOptions{Start: monday, Clients: estimate.Clients{Hours: bad}}, "2026-13-01 is no date"},
		{p, estimate.Model{}, bad, &ok, "2026-13-01 is no date"},
		{p, estimate.Model{Lanes: -1}, estimate.Calendar{}, &ok, "-1 lanes"},
		{p, estimate.Model{}, estimate.Calendar{Closed: closed}, &ok, "no window for batch A"},
		{p, estimate.Model{}, estimate.Calendar{}, &estimate.ScheduleOptions{Start: monday, Clients: estimate.Clients{Hours: estimate.Calendar{Closed: closed}}}, "no hour in which the users of batch A"},
		{p, slow, estimate.Calendar{}, &ok, "batch A would not be done within ten years"},
		{p, slow, estimate.Calendar{Windows: windows(t, "Sun 02:00-02:01")}, &estimate.ScheduleOptions{Start: monday, Pause: true}, "batch A would not be done within ten years"},
		{p, estimate.Model{Queue: 1<<63 - 1}, estimate.Calendar{}, &ok, "batch A would not be done within ten years"},
		{p, estimate.Model{Queue: 1<<63 - 1}, estimate.Calendar{}, &estimate.ScheduleOptions{Start: monday, QueueAhead: true}, "batch A"},
		{p, estimate.Model{}, estimate.Calendar{}, &estimate.ScheduleOptions{Start: monday, Clients: estimate.Clients{After: 1<<63 - 1}}, "batch A"},
		{packing([]int{1}, []int{1}), estimate.Model{}, estimate.Calendar{}, &estimate.ScheduleOptions{Start: monday, Gap: 1<<63 - 1}, "batch B"},
	}
	for _, tt := range tests {
		_, err := estimate.Schedule(tt.p, tt.m, tt.cal, tt.opts)
		require.ErrorContains(t, err, tt.want)
	}
	got, err := estimate.Schedule(&batch.Packing{}, estimate.Model{}, estimate.Calendar{}, &ok)
	require.NoError(t, err)
	require.Equal(t, estimate.Moments{Early: monday, Likely: monday, Late: monday}, got.Finish, "nothing is done at once")
}
