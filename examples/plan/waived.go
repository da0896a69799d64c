package main

// waived lists by rule what is known and accepted, and why; nothing if nothing is.
func (s *summary) waived() {
	type reason struct{ rule, text string }
	findings := make(map[reason]int)
	var reasons []reason // in the order of the findings
	for _, f := range s.plan.Report.Findings {
		if f.Waived == "" {
			continue
		}
		r := reason{f.Rule, f.Waived}
		if findings[r]++; findings[r] == 1 {
			reasons = append(reasons, r)
		}
	}
	if len(reasons) == 0 {
		return
	}
	s.head("Waived")
	const most = 20
	for _, r := range reasons[:min(most, len(reasons))] {
		s.line("  %6d  %s", findings[r], r.rule)
		s.paragraph("          ", r.text)
	}
	if n := len(reasons) - most; n > 0 {
		s.line("  and %d more reasons", n)
	}
}
