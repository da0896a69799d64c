package estimate

import (
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// Window is a stretch of time in which work may run, from Start until before End.
type Window struct{ Start, End time.Time }

// Date is a day of a calendar.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Moments are a moment that is not known exactly. Early is not after Likely, and that
// is not after Late.
type Moments struct{ Early, Likely, Late time.Time }

// Timeline says when the batches of a packing run. All its times are in the location of
// the calendar.
type Timeline struct {
	Batches []Slot // as Packing.Batches has them, none starting before the one before it

	// Windows are those of the calendar from Start until Finish.Late, in their order, the
	// first and the last cut off there. They do not overlap or touch.
	Windows []Window

	Start  time.Time // of the first batch; without batches the first possible one
	Finish Moments   // of the last to finish

	// UnknownSizes is how many mailboxes counted as Model.UnknownSize.
	UnknownSizes int
	Model        Model // with its defaults filled in

	Premises []Premise // what the times rest on
}

// Slot is when one batch runs, and what of it does not fit.
type Slot struct {
	Name, Wave   string
	Mailboxes    int
	Size         inventory.Size // sum of the known sizes
	UnknownSizes int

	Start  time.Time // when to start the batch
	Copy   time.Time // behind the queue: when its first mailbox is copied at the soonest
	Finish Moments   // when its last mailbox is copied, in whole seconds

	// Window is the one in which the batch is to be done: that of Start, or that of Copy
	// if the queue is ahead of windows or work pauses outside of them. Over is how far
	// Finish.Late is past its end: 0 if the batch fits, and if work pauses.
	Window Window
	Over   time.Duration

	// ClientDay is the day on which Users, those who sign in to its mailboxes, get new
	// profiles. UsersOver is by how many users that day is then over the limit of a day, or
	// a site of theirs over that of a site, whichever is more; 0 if neither is.
	ClientDay Date
	Users     int
	UsersOver int
}

// Starts returns, for [ForecastOptions.Start], when batches start by the timeline, counted from
// a moment: at once where that is past. Batches that the timeline does not have are left out.
//
// With it, a forecast of what is left says what becomes of a schedule whose starts are kept to.
func (t *Timeline) Starts(now time.Time, batches []*batch.Batch) map[string]time.Duration {
	planned := make(map[string]time.Time)
	for i := range t.Batches {
		planned[t.Batches[i].Name] = t.Batches[i].Start
	}
	starts := make(map[string]time.Duration)
	for _, b := range batches {
		if b == nil {
			continue
		}
		if at, ok := planned[b.Name]; ok {
			starts[b.Name] = max(0, at.Sub(now))
		}
	}
	return starts
}
