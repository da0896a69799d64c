package rules

import (
	"fmt"

	"github.com/staged-migration/staged/inventory"
)

// Pass is a rule's whole world while it is checked: what it may look at, and the
// verbs to report with. A Pass is valid only during the call it is given to.
type Pass struct {
	// Inventory is what is checked. It must not be modified.
	Inventory *inventory.Inventory

	rule    *prepared
	has2003 bool // whether Exchange 2003 is, or may be, in the organization
	all2003 bool // whether there is nothing else
	scope   Scope
	late    bool               // whether a packing, or what comes of it, is checked
	mailbox *inventory.Mailbox // that is checked, if any
	out     []Finding

	surveys *[]*survey        // where count leaves what it is asked; nil if it shall answer at once
	servers *serverIndex      // of the organization; nil until somebody asks
	memo    map[*prepared]any // what once has derived, by rule
}

// Organization returns the facts about the organization. They must not be
// modified.
func (p *Pass) Organization() *inventory.Organization { return p.Inventory.Organization() }

// once returns what derive returns. It calls that once for each rule of a pass and
// remembers it: it is for what follows from the facts about the organization, and costs
// more than looking it up for each mailbox does. A rule derives one thing.
func once[T any](p *Pass, derive func() T) T {
	if v, ok := p.memo[p.rule].(T); ok {
		return v
	}
	if p.memo == nil {
		p.memo = make(map[*prepared]any)
	}
	v := derive()
	p.memo[p.rule] = v
	return v
}

// Report reports a finding. What f leaves empty is filled in: Severity, Phase
// and, unless it is unverified, Remedy from the rule, with the rule's Commands if the
// Phase is the rule's; Scope, Subject and Source from what is being checked. Rule is
// always the rule's own name.
//
// A Subject that is given belongs with a Scope. In ScopeMailbox it is an address
// of a mailbox, which is named by its primary address in the finding and gives
// the Source. A blocker in ScopeMailbox that can hold no mailbox, because it names
// none or comes too late, from a func other than Organization and Mailbox, gets
// ScopePlan, so that the plan is not ready.
func (p *Pass) Report(f Finding) {
	f.Rule = p.rule.Name
	if f.Severity == 0 {
		f.Severity = p.rule.Severity
	}
	if most := p.rule.most; most != 0 && f.Severity > most {
		f.Severity = most
	}
	if f.Phase == 0 {
		f.Phase = max(p.rule.Phase, Before)
	}
	if f.Scope == 0 {
		f.Scope = p.scope
	}
	var m *inventory.Mailbox
	if f.Scope == ScopeMailbox {
		m = p.reportMailbox(&f)
	}
	if f.Unverified {
		f.Commands = nil
	} else if f.Remedy == "" {
		f.Remedy = p.remedy(m)
		if f.Commands == nil && f.Phase == max(p.rule.Phase, Before) {
			f.Commands = p.rule.Commands
		}
	}
	f.On2003 = len(f.Commands) > 0 && p.on2003(m)
	if f.Waived == "" {
		f.Waived = p.waiver(&f)
	}
	p.out = append(p.out, f)
}

// on2003 reports whether a finding is known to be about what runs on Exchange 2003: the
// mailbox, if that is not nil, or everything.
func (p *Pass) on2003(m *inventory.Mailbox) bool {
	if m == nil {
		return p.all2003
	}
	if m.Version.Known() {
		return m.Version.Year() == 2003
	}
	if server, listed := p.server(m); listed && server.Version.Known() {
		return server.Version.Year() == 2003
	}
	return p.all2003
}

// remedy returns what to do about a finding, which is about the mailbox if that is not
// nil.
func (p *Pass) remedy(m *inventory.Mailbox) string {
	old := p.has2003
	if m != nil && m.Version.Known() {
		old = m.Version.Year() == 2003
	}
	if old {
		return p.rule.both
	}
	return p.rule.Remedy
}

// reportMailbox completes a finding about a mailbox, and returns that if it is known.
func (p *Pass) reportMailbox(f *Finding) *inventory.Mailbox {
	m := p.mailbox
	if f.Subject != "" && (m == nil || string(m.Address) != f.Subject) {
		m, _ = p.Inventory.Lookup(inventory.Address(f.Subject))
	}
	if m != nil {
		f.Subject = string(m.Address)
		if f.Source == (inventory.Source{}) {
			f.Source = m.Source
		}
	}
	if f.Severity == Blocker && (m == nil || p.late) {
		f.Scope = ScopePlan
	}
	return m
}

// Reportf reports a finding about what is being checked, with a message as of
// fmt.Sprintf.
func (p *Pass) Reportf(format string, args ...any) { p.Report(Finding{Message: text(format, args)}) }

// Unverifiedf reports that the rule could not be checked; the message, as of
// fmt.Sprintf, should say which fact is missing and what would supply it.
func (p *Pass) Unverifiedf(format string, args ...any) {
	p.Report(Finding{Message: text(format, args), Unverified: true})
}

// findOut reports that a rule could not be checked, as a task. It is for rules
// that stand in the product documentation and not in the training unit: what is
// known to be wrong blocks, what is not known does not keep a plan from being
// ready.
func (p *Pass) findOut(message string) {
	p.Report(Finding{Severity: Task, Unverified: true, Message: message})
}

func text(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}
