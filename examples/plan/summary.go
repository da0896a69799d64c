package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/staged-migration/staged"
	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// summary prints a plan for people.
type summary struct {
	*message.Printer // groups digits
	buf              bytes.Buffer
	plan             *staged.Plan
	input            *csvio.Input
	out              string // where the files are; "" if nowhere
	steps            int    // that next has printed
}

// summarize prints what there is, what is held and why, the batches, the grants
// that will be cut, the estimate, explanations, what is unverified or waived, and what to
// do next.
func summarize(w io.Writer, plan *staged.Plan, input *csvio.Input, explanations []string, out string) error {
	s := &summary{Printer: message.NewPrinter(language.English), plan: plan, input: input, out: out}
	s.whatIsThere()
	s.previous()
	s.held()
	s.batches()
	s.dates()
	s.premises()
	s.splitGrants()
	for _, text := range explanations {
		s.head("%s", strings.TrimSuffix(text, "\n"))
	}
	s.unverified()
	s.waived()
	s.next()
	_, err := s.buf.WriteTo(w)
	return err
}

func (s *summary) line(format string, args ...any) {
	s.Fprintf(&s.buf, format, args...)
	s.buf.WriteByte('\n')
}

func (s *summary) head(format string, args ...any) {
	s.buf.WriteByte('\n')
	s.line(format, args...)
}

// count names a number of things: "1 mailbox", "5,200 mailboxes".
func (s *summary) count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return s.Sprintf("%d %s", n, many)
}

func (s *summary) whatIsThere() {
	inv := s.plan.Inventory
	title := "Staged migration"
	if name := inv.Organization().Name; name != "" {
		title += " of " + name
	}
	s.line("%s", title)
	s.line("%s", strings.Repeat("=", len([]rune(title))))

	s.head("What is there")
	kinds := make(map[inventory.Kind]int)
	var size inventory.Size
	unknown := 0
	for m := range inv.Mailboxes() {
		kinds[m.Kind]++
		if n, ok := m.Size.Get(); ok {
			size += n
		} else {
			unknown++
		}
	}
	s.line("  %s: %s", s.count(inv.Len(), "mailbox", "mailboxes"), s.kinds(kinds))
	sizes := fmt.Sprintf("%s altogether", size)
	if unknown > 0 {
		sizes += fmt.Sprintf(", and %s of unknown size", s.count(unknown, "mailbox", "mailboxes"))
	}
	s.line("  %s", sizes)
	outside := 0
	for _, g := range inv.Grants() {
		_, a := inv.Index(g.Mailbox)
		_, b := inv.Index(g.Trustee)
		if !a || !b {
			outside++
		}
	}
	grants := s.count(len(inv.Grants()), "grant", "grants") + " of one on another"
	if outside > 0 {
		grants += s.Sprintf(", %d of them with an end that is no mailbox here", outside)
	}
	s.line("  %s", grants)
	for _, f := range s.input.Files {
		s.paragraph("  ", s.file(f))
	}
	for _, w := range s.input.Warnings {
		s.paragraph("  ", w.Error())
	}
}

// kinds lists the kinds of mailboxes, the most frequent first.
func (s *summary) kinds(kinds map[inventory.Kind]int) string {
	var names []inventory.Kind
	for k := range kinds {
		names = append(names, k)
	}
	slices.SortFunc(names, func(a, b inventory.Kind) int {
		if kinds[a] != kinds[b] {
			return kinds[b] - kinds[a]
		}
		return strings.Compare(string(a), string(b))
	})
	var list []string
	for _, k := range names {
		name := string(k)
		if k == "" {
			name = "of unknown type"
		}
		list = append(list, s.Sprintf("%d %s", kinds[k], name))
	}
	return strings.Join(list, ", ")
}

// file says what became of the rows of a file.
func (s *summary) file(f csvio.FileReport) string {
	text := s.Sprintf("%s: %d rows, %d used", f.Name, f.Rows, f.Used)
	for _, k := range f.Skipped {
		text += s.Sprintf(", %d skipped (%s)", k.Rows, k.Reason)
	}
	if f.Bad > 0 {
		text += s.Sprintf(", %d could not be read", f.Bad)
	}
	var tells []string
	for _, k := range f.Facts {
		if k.Rows == f.Used {
			tells = append(tells, k.Name)
		} else {
			tells = append(tells, s.Sprintf("%s of %d", k.Name, k.Rows))
		}
	}
	if len(tells) > 0 {
		text += "; it tells " + strings.Join(tells, ", ")
	}
	return text
}

func (s *summary) held() {
	held := s.plan.Packing.Held
	if len(held) == 0 {
		s.head("Held: no mailbox")
		return
	}
	s.head("Held: %s", s.count(len(held), "mailbox", "mailboxes"))
	byRule := make(map[string]int)
	for i := range s.plan.Report.Findings {
		if f := &s.plan.Report.Findings[i]; f.Holds() {
			byRule[f.Rule]++
		}
	}
	for _, c := range s.plan.Report.ByRule() {
		if n := byRule[c.Rule.Name]; n > 0 {
			s.line("  %6d  %s", n, c.Rule.Name)
			s.paragraph("          ", cmp.Or(c.Rule.Remedy, c.Rule.Doc))
			for _, command := range c.Rule.Commands {
				s.paragraph("          ", command.Shell.String()+": "+command.String())
			}
		}
	}
}

// paragraph prints text in lines of up to 100 characters.
func (s *summary) paragraph(indent, text string) {
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 100 && line != indent {
			s.buf.WriteString(line + "\n")
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	s.buf.WriteString(line + "\n")
}

func (s *summary) batches() {
	p := s.plan.Packing
	how := "no fewer are possible while those who share stay together"
	if !p.Optimal() {
		how = fmt.Sprintf("at least %d are needed", p.LowerBound)
	}
	t := s.plan.Model.Throughput
	s.head("Batches: %d (%s)", len(p.Batches), how)
	s.line("  %-18s %9s %10s %12s   %-16s %s", "Name", "Mailboxes", "Size", "Items",
		fmt.Sprintf("At %g-%g GB/h", t.Low, t.High), fmt.Sprintf("On %d lanes", s.plan.Model.Lanes))
	row := func(name string, mailboxes int, e staged.Estimate, lanes estimate.Range) {
		line := s.Sprintf("  %-18s %9d %10s %12d   %-16s %s", name, mailboxes, e.Size, e.Items, hours(e.Transfer), hours(lanes))
		if e.UnknownSizes == mailboxes && mailboxes > 0 {
			line = s.Sprintf("  %-18s %9d %10s %12s   %-16s %s", name, mailboxes, "unknown", "", "unknown", "unknown")
		}
		s.line("%s", strings.TrimRight(line, " "))
	}
	const most = 40
	planned := 0
	for i, b := range p.Batches {
		if planned += len(b.Mailboxes); i < most {
			row(b.Name, len(b.Mailboxes), s.plan.Batches[i], s.plan.Batches[i].Makespan)
		}
	}
	if n := len(p.Batches) - most; n > 0 {
		s.line("  and %d more", n)
	}
	row("Total", planned, s.plan.Total, estimate.Range{})
	s.pilot()
	if n, l := s.plan.Total.UnknownSizes, p.Limits; n > 0 && l.Size > 0 {
		s.line("  Against the limit of %s per batch %s of unknown size counted as %s each.", l.Size, s.count(n, "mailbox", "mailboxes"), l.UnknownSize)
	}
}

// pilot says how the pilot was chosen; nothing if there is none.
func (s *summary) pilot() {
	if g := s.plan.Pilot; g != nil {
		s.paragraph("  ", s.Sprintf("The first wave, %s, has %s, chosen so that no share by server, type, version, size or items is off by more than %.1f %%; %s between it and the others.",
			staged.PilotWave, s.count(len(g.Mailboxes), "mailbox", "mailboxes"), 100*g.Difference(), s.count(len(g.Split), "grant is split", "grants are split")))
	}
}

// hours prints a range in hours, and in days from two days on; nothing for none.
func hours(r estimate.Range) string {
	if r == (estimate.Range{}) {
		return ""
	}
	unit, name := time.Hour, "h"
	if r.Early >= 48*time.Hour {
		unit, name = 24*time.Hour, "days"
	}
	f := func(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(unit)) }
	return f(r.Early) + " - " + f(r.Late) + " " + name
}

func (s *summary) splitGrants() {
	split := s.plan.Packing.Split
	if len(split) == 0 {
		s.head("Split grants: none; no batch parts people from a mailbox they share")
	} else {
		all := len(s.plan.Inventory.Grants())
		s.head("Split grants: %d of %d (%.2f %%)", len(split), all, 100*float64(len(split))/float64(all))
	}
	ofHub := make(map[inventory.Address]int)
	var ofPeople []*batch.SplitGrant
	for i := range split {
		if g := &split[i]; g.Hub {
			ofHub[g.Trustee]++
		} else {
			ofPeople = append(ofPeople, g)
		}
	}
	for _, h := range s.plan.Packing.Hubs {
		s.paragraph("  ", s.Sprintf("%s holds %s and keeps nobody together; %d of them are split", h.Address, s.count(h.Grants, "grant", "grants"), ofHub[h.Address]))
	}
	const most = 10
	for _, g := range ofPeople[:min(most, len(ofPeople))] {
		s.line("  %s (%s): %s for %s (%s)", g.Mailbox, g.MailboxBatch, g.Right, g.Trustee, g.TrusteeBatch)
	}
	if n := len(ofPeople) - most; n > 0 {
		s.line("  and %d more", n)
	}
	if n := s.grantsOfHeld(); n > 0 {
		s.line("  %s have one end held back; findings tell whose.", s.count(n, "grant", "grants"))
	}
}

// grantsOfHeld counts the grants one end of which is planned and the other held.
func (s *summary) grantsOfHeld() int {
	held := make(map[inventory.Address]bool)
	for _, m := range s.plan.Packing.Held {
		held[m.Address] = true
	}
	n := 0
	for _, g := range s.plan.Inventory.Grants() {
		_, a := s.plan.Inventory.Lookup(g.Mailbox)
		_, b := s.plan.Inventory.Lookup(g.Trustee)
		if a && b && held[g.Mailbox] != held[g.Trustee] {
			n++
		}
	}
	return n
}

func (s *summary) unverified() {
	counts := s.plan.Report.ByRule()
	counts = slices.DeleteFunc(counts, func(c rules.RuleCounts) bool { return c.Unverified == 0 })
	if len(counts) == 0 {
		s.head("Unverified: nothing")
		return
	}
	s.head("Unverified")
	example := make(map[string]string)
	for _, f := range s.plan.Report.Findings {
		if _, ok := example[f.Rule]; f.Unverified && !ok {
			example[f.Rule] = f.Message
		}
	}
	for _, c := range counts {
		s.line("  %6d  %s", c.Unverified, c.Rule.Name)
		s.paragraph("          ", example[c.Rule.Name])
	}
}

func (s *summary) next() {
	switch {
	case s.plan.Ready():
		s.head("What to do next: the first batch can start")
	case len(s.plan.Packing.Batches) == 0:
		s.head("What to do next: there is no mailbox that can move yet")
	default:
		s.head("What to do next: not ready to start")
	}
	for _, f := range s.plan.Report.Obstacles() {
		if f.Unverified {
			s.step("Find out: %s (%s)", f.Message, f.Rule)
		} else {
			s.step("%s %s (%s)", f.Message, f.Instructions(), f.Rule)
		}
	}
	if s.input.BadCount > 0 {
		s.step("Correct the %s that could not be read, and plan again.", s.count(s.input.BadCount, "row", "rows"))
	}
	if held := len(s.plan.Packing.Held); held > 0 {
		s.step("Remedy what holds %s, and plan again; -assume-remedied plans ahead.", s.count(held, "mailbox", "mailboxes"))
	}
	for _, c := range s.plan.Report.ByRule() {
		if c.Warnings > 0 {
			s.step("Mind %s of %s: %s", s.count(c.Warnings, "warning", "warnings"), c.Rule.Name, firstSentence(c.Rule.Doc))
		}
	}
	if s.out == "" {
		s.step("Run it again with -out DIR for the files of the batches and all findings.")
		return
	}
	s.step("All findings, with the tasks for each mailbox, are in %s.", filepath.Join(s.out, "findings.csv"))
	if len(s.plan.Packing.Batches) > 0 {
		s.step("Create the batches in Exchange Online, where ENDPOINT is the name of the endpoint:")
		s.line("      Get-ChildItem %s -Filter *.csv | ForEach-Object { New-MigrationBatch -Name $_.BaseName -SourceEndpoint ENDPOINT"+
			" -CSVData ([System.IO.File]::ReadAllBytes($_.FullName)) }", powerShellQuoted(filepath.Join(s.out, "batches")))
	}
}

// step prints the next thing to do.
func (s *summary) step(format string, args ...any) {
	s.steps++
	number := fmt.Sprintf("%4d. ", s.steps)
	at := s.buf.Len()
	s.paragraph(strings.Repeat(" ", len(number)), s.Sprintf(format, args...))
	copy(s.buf.Bytes()[at:], number)
}

// powerShellQuoted returns text in the single quotes of PowerShell, which takes
// typographic ones for them too.
func powerShellQuoted(text string) string {
	quoted := []byte{'\''}
	for _, r := range text {
		if strings.ContainsRune("'\u2018\u2019\u201A\u201B", r) {
			quoted = utf8.AppendRune(quoted, r)
		}
		quoted = utf8.AppendRune(quoted, r)
	}
	return string(append(quoted, '\''))
}

func firstSentence(text string) string {
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}
