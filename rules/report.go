package rules

import (
	"slices"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

// Finding is one thing that a rule found.
//
// In JSON it has the keys of plan.json; severity, phase and scope are words. It
// can be read back, but for the commands.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Phase    Phase    `json:"phase"`
	Scope    Scope    `json:"scope"`

	// Subject is what it is about: the address of a mailbox, the name of a batch
	// or a server, and "" for the organization or the plan as a whole.
	Subject string `json:"subject"`

	Message    string `json:"message"`
	Remedy     string `json:"remedy"`     // what to do; "" for an unverified finding
	Unverified bool   `json:"unverified"` // a fact is missing; the message says which

	// On2003 says that the subject is known to be on Exchange 2003, so that the
	// Commands of the Exchange 2007 shell are not for it. It is set only where there
	// are commands.
	On2003 bool `json:"-"`

	// Waived is why the finding is accepted; "" if it is not. See [Policy].
	Waived string `json:"waived,omitempty"`

	Source inventory.Source `json:"source"` // where the subject was read from, if known
	// Column is where in the line of Source, from 1, in characters; 0 is the whole line.
	Column int `json:"column,omitzero"`

	// Commands do what Remedy says, for the Subject; an unverified finding has none.
	// They are shared with other findings and must not be changed. See
	// [Report.Script].
	Commands []powershell.Command `json:"-"`
}

// Holds reports whether the finding holds a mailbox: a verified blocker about
// one that nobody has waived.
func (f *Finding) Holds() bool {
	return f.Severity == Blocker && f.Scope == ScopeMailbox && !f.Unverified && f.Waived == ""
}

// Report is what [Check] and its like found.
type Report struct {
	// Findings are in this order: those about the organization by rule, in the
	// order of the set; those about mailboxes by address and then by rule. Those
	// about a packing, a batch file or a status are by rule. Findings of one rule
	// about one subject are in the order in which it reported them.
	Findings []Finding

	rules []*Rule
}

// Join returns a report with the findings of all given ones, one report's after
// the other's. A nil report has none.
func Join(reports ...*Report) *Report {
	joined := &Report{}
	lists := make([][]Finding, len(reports))
	for i, r := range reports {
		if r == nil {
			continue
		}
		lists[i] = r.Findings
		for _, rule := range r.rules {
			if !slices.ContainsFunc(joined.rules, func(k *Rule) bool { return k.Name == rule.Name }) {
				joined.rules = append(joined.rules, rule)
			}
		}
	}
	joined.Findings = slices.Concat(lists...)
	return joined
}

// AssumeRemedied returns a report for planning ahead of the work: findings that
// hold a mailbox become tasks to be done before, where they have a remedy and
// their rules are not [Rule.Final].
func (r *Report) AssumeRemedied() *Report {
	final := make(map[string]bool)
	for _, rule := range r.rules {
		final[rule.Name] = rule.Final
	}
	out := &Report{Findings: slices.Clone(r.Findings), rules: r.rules}
	for i := range out.Findings {
		if f := &out.Findings[i]; f.Holds() && f.Remedy != "" && !final[f.Rule] {
			f.Severity, f.Phase = Task, Before
		}
	}
	return out
}

// Ready reports whether nothing stands in the way of starting: no blocker, not
// even an unverified one, about anything but single mailboxes, unless it is waived.
func (r *Report) Ready() bool { return len(r.Obstacles()) == 0 }

// Obstacles returns the findings that keep the plan from being ready, in their
// order.
func (r *Report) Obstacles() []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if f.Severity == Blocker && f.Scope != ScopeMailbox && f.Waived == "" {
			out = append(out, f)
		}
	}
	return out
}

// Held returns the mailboxes that must not be planned, each with the names of
// the rules that hold it, in the order of their findings.
func (r *Report) Held() map[inventory.Address][]string {
	held := make(map[inventory.Address][]string)
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Holds() {
			a := inventory.Address(f.Subject)
			if !slices.Contains(held[a], f.Rule) {
				held[a] = append(held[a], f.Rule)
			}
		}
	}
	return held
}

// Counts says how many findings there are. Each is counted once: one that is waived as
// Waived, any other that is unverified as Unverified, and the rest by their severity.
type Counts struct{ Blockers, Warnings, Tasks, Unverified, Waived int }

func (c *Counts) add(f *Finding) {
	switch {
	case f.Waived != "":
		c.Waived++
	case f.Unverified:
		c.Unverified++
	case f.Severity == Blocker:
		c.Blockers++
	case f.Severity == Warning:
		c.Warnings++
	default:
		c.Tasks++
	}
}

// Counts counts the findings.
func (r *Report) Counts() Counts {
	var c Counts
	for i := range r.Findings {
		c.add(&r.Findings[i])
	}
	return c
}

// RuleCounts is how many findings a rule has.
type RuleCounts struct {
	Rule *Rule
	Counts
}

// ByRule counts the findings of each rule that has any, in the order of the set.
// Findings of rules that are not in the set, as a report made by hand may have,
// come last, each under a Rule that has only its name.
func (r *Report) ByRule() []RuleCounts {
	at := make(map[string]int, len(r.rules))
	all := make([]RuleCounts, len(r.rules))
	for i, rule := range r.rules {
		at[rule.Name] = i
		all[i].Rule = rule
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if _, ok := at[f.Rule]; !ok {
			at[f.Rule] = len(all)
			all = append(all, RuleCounts{Rule: &Rule{Name: f.Rule}})
		}
		all[at[f.Rule]].add(f)
	}
	return slices.DeleteFunc(all, func(c RuleCounts) bool { return c.Counts == Counts{} })
}
