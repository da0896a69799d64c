package gantt_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/estimate/gantt"
	"github.com/staged-migration/staged/inventory"
)

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// small is a timeline by hand: two waves, a queue, an overrun, and too many users, over
// the weekend on which clocks are set back in Berlin, 25 October 2026 at 03:00.
func small(t testing.TB) *estimate.Timeline {
	loc := location(t, "Europe/Berlin")
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, loc) }
	night := func(day int) estimate.Window { return estimate.Window{Start: at(day, 20, 0), End: at(day+1, 6, 0)} }
	return &estimate.Timeline{
		Start:   at(23, 20, 0),
		Finish:  estimate.Moments{Early: at(26, 6, 0), Likely: at(26, 7, 0), Late: at(26, 9, 0)},
		Windows: []estimate.Window{night(23), night(24), night(25)},
		Batches: []estimate.Slot{
			{Name: "StagedBatch001", Wave: "Pilot", Window: night(23), Mailboxes: 40, Size: 60 * inventory.GB, Start: at(23, 20, 0), Copy: at(23, 21, 0),
				Finish: estimate.Moments{Early: at(24, 2, 0), Likely: at(24, 3, 0), Late: at(24, 5, 0)}},
			{Name: "StagedBatch002", Wave: "Rest", Window: night(24), Mailboxes: 1200, UnknownSizes: 3, Size: 90 * inventory.GB, Start: at(24, 20, 0), Copy: at(24, 20, 0),
				Finish: estimate.Moments{Early: at(25, 3, 0), Likely: at(25, 4, 0), Late: at(25, 6, 0)}, UsersOver: 7,
				ClientDay: estimate.Date{Year: 2026, Month: 10, Day: 25}},
			{Name: "StagedBatch003", Wave: "Rest", Window: night(25), Mailboxes: 1, Size: 110 * inventory.GB, Start: at(25, 20, 0), Copy: at(25, 20, 0),
				Finish: estimate.Moments{Early: at(26, 6, 0), Likely: at(26, 7, 0), Late: at(26, 9, 0)}, Over: 3 * time.Hour},
		},
	}
}

// scheduled is a timeline of as many batches as asked for, into nights and weekends or
// whenever, in a few waves.
func scheduled(t testing.TB, batches int, zone, spec string, opts estimate.ScheduleOptions) *estimate.Timeline {
	t.Helper()
	r := rand.New(rand.NewPCG(6, 3))
	p := &batch.Packing{}
	for i := range batches {
		b := batch.Batch{Name: fmt.Sprintf("StagedBatch%04d", i+1), Wave: fmt.Sprint("Wave ", 1+i*7/batches)}
		for range 20 + r.IntN(60) {
			size := inventory.Size(math.Exp(r.NormFloat64()) / 4 * float64(inventory.GB))
			b.Mailboxes = append(b.Mailboxes, &inventory.Mailbox{Size: inventory.Known(size)})
		}
		p.Batches = append(p.Batches, b)
	}
	cal := estimate.Calendar{Location: location(t, zone)}
	if spec != "" {
		var err error
		cal.Windows, err = estimate.ParseWindows(spec)
		require.NoError(t, err)
	}
	opts.Start = time.Date(2026, 10, 19, 12, 0, 0, 0, cal.Location)
	tl, err := estimate.Schedule(p, estimate.Model{Queue: 30 * time.Minute}, cal, &opts)
	require.NoError(t, err)
	return tl
}

// various are timelines of all sizes and shapes.
func various(t testing.TB) map[string]*estimate.Timeline {
	oneByOne := estimate.ScheduleOptions{OneByOne: true}
	return map[string]*estimate.Timeline{
		"by hand": small(t),
		"0":       scheduled(t, 0, "Europe/Berlin", "", oneByOne),
		"1":       scheduled(t, 1, "UTC", "", oneByOne),
		"5":       scheduled(t, 5, "Europe/Berlin", "20:00-06:00", oneByOne),
		"40":      scheduled(t, 40, "America/New_York", "Mon-Fri 20:00-06:00; Sat,Sun", oneByOne),
		"over":    scheduled(t, 12, "Asia/Beirut", "20:00-22:00", estimate.ScheduleOptions{OneByOne: true, Clients: estimate.Clients{PerDay: 30}}),
		"250":     scheduled(t, 250, "Australia/Lord_Howe", "Mon-Fri 20:00-06:00; Sat,Sun", oneByOne),
		"1000":    scheduled(t, 1000, "Asia/Kolkata", "Mon-Fri 18:30-08:30", estimate.ScheduleOptions{Pause: true}),
	}
}

// drawn returns what a function writes.
func drawn(t testing.TB, draw func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, draw(&b))
	return b.String()
}

func svg(t testing.TB, tl *estimate.Timeline) string {
	t.Helper()
	return drawn(t, func(w io.Writer) error { return gantt.SVG(w, tl, nil) })
}

// writers are all ways to draw a timeline.
var writers = map[string]func(io.Writer, *estimate.Timeline) error{
	"SVG":     func(w io.Writer, t *estimate.Timeline) error { return gantt.SVG(w, t, nil) },
	"Text":    func(w io.Writer, t *estimate.Timeline) error { return gantt.Text(w, t, nil) },
	"Mermaid": func(w io.Writer, t *estimate.Timeline) error { return gantt.Mermaid(w, t, "") },
	"ICalendar": func(w io.Writer, t *estimate.Timeline) error {
		return gantt.ICalendar(w, t, &gantt.ICalendarOptions{Domain: "contoso.com", Stamp: time.Unix(1_700_000_000, 0)})
	},
}
