package main

// previous says what became of the earlier plan; nothing if there was none.
func (s *summary) previous() {
	r := s.plan.Repacking
	if r == nil {
		return
	}
	s.head("Since the earlier plan")
	moved := 0
	for _, b := range r.Frozen {
		moved += len(b.Mailboxes)
	}
	s.line("  Kept as they were: %s with %s", s.count(len(r.Frozen), "frozen batch", "frozen batches"), s.count(moved, "mailbox", "mailboxes"))
	s.line("  %s to another batch; a plan from scratch would move %d", s.count(len(r.Moved), "mailbox moves", "mailboxes move"), r.Fresh.Moved)
	const most = 10
	for _, c := range r.Moved[:min(most, len(r.Moved))] {
		s.line("    %s: %s, before in %s", c.Mailbox.Address, c.To, c.From)
	}
	if n := len(r.Moved) - most; n > 0 {
		s.line("    and %d more", n)
	}
	s.line("  %s to the batches to come, %d of those in them are gone", s.count(len(r.Added), "mailbox was added", "mailboxes were added"), len(r.Gone))
	if len(r.Waiting) > 0 {
		s.line("  %s between what has moved and what is to come", s.count(len(r.Waiting), "grant waits", "grants wait"))
	}
	if fewer := len(s.plan.Packing.Batches) - r.Fresh.Batches; fewer > 0 {
		s.line("  A plan from scratch would have %d fewer", fewer)
	}
}
