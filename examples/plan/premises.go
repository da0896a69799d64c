package main

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/estimate"
)

// premises says what durations and dates rest on, without the sources, which plan.json has.
func (s *summary) premises() {
	if len(s.plan.Packing.Batches) == 0 {
		return
	}
	s.head("What the times rest on (plan.json has the sources)")
	const nothing = "Assumed to be none"
	words := map[estimate.Basis]string{estimate.Published: "Published", estimate.Given: "Given", estimate.Assumed: "Assumed"}
	said := make(map[string][]string)
	for _, p := range s.plan.Premises {
		word, text := words[p.Basis], p.Name+" ("+p.Value+")"
		switch {
		case p.Mailboxes > 0:
			text = fmt.Sprintf("%s (%s, for %s)", p.Name, p.Value, s.count(p.Mailboxes, "mailbox", "mailboxes"))
		case p.Basis == estimate.Assumed && p.Value == "none":
			word, text = nothing, p.Name
		}
		said[word] = append(said[word], text)
	}
	for _, word := range []string{words[estimate.Published], words[estimate.Given], words[estimate.Assumed], nothing} {
		if len(said[word]) > 0 {
			s.paragraph("  ", word+": "+strings.Join(said[word], ", "))
		}
	}
	s.line("  Measure with a pilot, and give -rate and -concurrency.")
}
