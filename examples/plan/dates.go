package main

import "fmt"

// dates says when the batches run; nothing if no dates were made.
func (s *summary) dates() {
	t := s.plan.Timeline
	if t == nil || len(t.Batches) == 0 {
		return
	}
	const day = "Mon 2006-01-02 15:04"
	s.head("Dates, in the time zone %s", t.Start.Format("MST"))
	s.line("  %-18s %-20s %-20s %s", "Name", "Start", "Done, likely", "Done, late")
	const most = 40
	over := 0
	for i := range t.Batches {
		b := &t.Batches[i]
		note := ""
		if b.Over > 0 {
			over++
			note = fmt.Sprintf("  %.1f h past its window", b.Over.Hours())
		}
		if i < most {
			s.line("  %-18s %-20s %-20s %s%s", b.Name, b.Start.Format(day), b.Finish.Likely.Format(day), b.Finish.Late.Format(day), note)
		}
	}
	if n := len(t.Batches) - most; n > 0 {
		s.line("  and %d more", n)
	}
	s.line("  All are done on %s, likely; from %s to %s.", t.Finish.Likely.Format(day), t.Finish.Early.Format(day), t.Finish.Late.Format(day))
	if over > 0 {
		s.paragraph("  ", s.Sprintf("%s may run past the end of their window; smaller ones fit, with -fit or -max-size, and so may more lanes or longer windows.",
			s.count(over, "batch", "batches")))
	}
}
