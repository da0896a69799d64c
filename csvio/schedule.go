package csvio

import (
	"fmt"
	"io"
	"time"

	"github.com/staged-migration/staged/estimate"
)

type scheduleRow struct {
	Batch        string `csv:"Batch"`
	Wave         string `csv:"Wave"`
	Mailboxes    int    `csv:"Mailboxes"`
	Start        string `csv:"Start"`
	Copy         string `csv:"Copy"`
	FinishEarly  string `csv:"FinishEarly"`
	FinishLikely string `csv:"FinishLikely"`
	FinishLate   string `csv:"FinishLate"`
	WindowEnd    string `csv:"WindowEnd"`
	OverSeconds  int64  `csv:"OverSeconds"`
	ClientDay    string `csv:"ClientDay"`
	Users        int    `csv:"Users"`
}

// WriteSchedule writes a CSV file of when the batches run, in their order: Batch, Wave,
// Mailboxes, Start, Copy, FinishEarly, FinishLikely, FinishLate, WindowEnd, OverSeconds,
// ClientDay, Users, as [estimate.Slot] has them. Times are as RFC 3339 has them, in the time
// zone of the timeline.
func WriteSchedule(w io.Writer, t *estimate.Timeline) error {
	return writeRows(w, func(yield func(scheduleRow) bool) {
		for i := range t.Batches {
			s := &t.Batches[i]
			at := func(t time.Time) string { return t.Format(time.RFC3339) }
			row := scheduleRow{
				Batch: s.Name, Wave: s.Wave, Mailboxes: s.Mailboxes, Start: at(s.Start), Copy: at(s.Copy),
				FinishEarly: at(s.Finish.Early), FinishLikely: at(s.Finish.Likely), FinishLate: at(s.Finish.Late),
				OverSeconds: int64(s.Over / time.Second), ClientDay: fmt.Sprint(s.ClientDay), Users: s.Users,
			}
			if !s.Window.End.IsZero() {
				row.WindowEnd = at(s.Window.End)
			}
			if !yield(row) {
				return
			}
		}
	})
}
