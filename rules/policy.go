package rules

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// Policy is what an organization makes of a set of rules: which it does not care for,
// which matter more or less to it, and which it knows to be broken and lives with.
//
// In JSON it is {"off": ["rule"], "severities": {"rule": "warning"}, "waivers": [{"rule":
// "rule", "subjects": ["a@contoso.com"], "reason": "…"}]}.
type Policy struct {
	Off        []string            `json:"off,omitempty"` // names of rules that are not checked
	Severities map[string]Severity `json:"severities,omitempty"`
	Waivers    []Waiver            `json:"waivers,omitempty"`
}

// Waiver says that findings of a rule are known and accepted. They stay in the report,
// with the reason, and hold nothing.
type Waiver struct {
	Rule string `json:"rule"`
	// Subjects are those of the findings: addresses of mailboxes, names of servers or
	// batches, "" for the organization or the plan as a whole. Case does not matter.
	Subjects []string `json:"subjects"`
	Reason   string   `json:"reason"` // who accepted it, and why; it must not be empty
}

// ErrPolicy is the cause of every error of [Policy.Apply].
var ErrPolicy = errors.New("invalid policy")

// Apply returns a set of rules as the policy has it, in the same order: copies of those
// that it changes, and the others as they are. It neither changes the set nor keeps
// what it is given.
//
// A severity replaces that of the rule, and what the rule reports with a higher one is
// lowered to it. A rule that the set does not have, a waiver without a subject or a
// reason, and two reasons for the same are errors, which wrap ErrPolicy; all are
// reported. That no finding has the subject of a waiver is none.
func (p Policy) Apply(set []*Rule) ([]*Rule, error) {
	a := &policyApplier{out: slices.Clone(set), at: make(map[string]int)}
	for i, r := range set {
		if r != nil {
			a.at[r.Name] = i
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Severities)) {
		a.severity(name, p.Severities[name])
	}
	for _, w := range p.Waivers {
		a.waive(w)
	}
	off := make(map[*Rule]bool)
	for _, name := range p.Off {
		if i, ok := a.find(name); ok {
			off[a.out[i]] = true
		}
	}
	if err := errors.Join(a.errs...); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(a.out, func(r *Rule) bool { return off[r] }), nil
}

type policyApplier struct {
	out  []*Rule
	at   map[string]int // the position of each rule by name
	errs []error
}

func (a *policyApplier) fail(format string, args ...any) {
	a.errs = append(a.errs, fmt.Errorf("%w: "+format, append([]any{ErrPolicy}, args...)...))
}

func (a *policyApplier) find(name string) (i int, ok bool) {
	i, ok = a.at[name]
	if !ok {
		a.fail("there is no rule %q in the set", name)
	}
	return i, ok
}

// severity gives a rule another severity.
func (a *policyApplier) severity(name string, s Severity) {
	i, ok := a.find(name)
	switch {
	case !ok:
	case s < Task || s > Blocker:
		a.fail("%s has no severity %d", name, s)
	default:
		r := *a.out[i]
		r.Severity, r.most = s, s
		a.out[i] = &r
	}
}

// waive notes the subjects of a waiver with their rule.
func (a *policyApplier) waive(w Waiver) {
	i, ok := a.find(w.Rule)
	switch {
	case !ok:
		return
	case strings.TrimSpace(w.Reason) == "":
		a.fail("a waiver of %s gives no reason", w.Rule)
		return
	case len(w.Subjects) == 0:
		a.fail("a waiver of %s names no subject", w.Rule)
		return
	}
	r := *a.out[i]
	r.waived = maps.Clone(r.waived)
	if r.waived == nil {
		r.waived = make(map[string]string)
	}
	for _, s := range w.Subjects {
		key := strings.ToLower(strings.TrimSpace(s))
		if was := r.waived[key]; was != "" && was != w.Reason {
			a.fail("%s is waived for %q with two reasons, %q and %q", w.Rule, s, was, w.Reason)
		}
		r.waived[key] = w.Reason
	}
	a.out[i] = &r
}

// waiver returns why the finding is waived, "" if it is not. A mailbox may be named by
// any address that is its alone.
func (p *Pass) waiver(f *Finding) string {
	if len(p.rule.waived) == 0 {
		return ""
	}
	key := strings.ToLower(f.Subject)
	if reason := p.rule.waived[key]; reason != "" {
		return reason
	}
	m, ok := p.Inventory.Lookup(inventory.Address(key))
	if !ok {
		return ""
	}
	reason := ""
	for _, alias := range m.Aliases {
		if owner, ok := p.Inventory.Lookup(alias); ok && owner == m {
			reason = cmp.Or(reason, p.rule.waived[string(alias)])
		}
	}
	return reason
}
