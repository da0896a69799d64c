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

// ErrPolicy is the cause of every [PolicyError].
var ErrPolicy = errors.New("invalid policy")

// PolicyError says which key of a [Policy] is wrong.
type PolicyError struct {
	Path string // of the key, as in "off[0]", "severities.RULE" and "waivers[1].reason"
	Err  error

	// Name is the name of a rule that the set does not have, and Known are those that it
	// has; otherwise they are empty.
	Name  string
	Known []string
}

func (e *PolicyError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *PolicyError) Unwrap() error { return e.Err }

// Apply returns a set of rules as the policy has it, in the same order: copies of those
// that it changes, and the others as they are. It neither changes the set nor keeps
// what it is given.
//
// A severity replaces that of the rule, and what the rule reports with a higher one is
// lowered to it. A rule that the set does not have, a waiver without a subject or a
// reason, and two reasons for the same are errors. All are reported, each as a
// [PolicyError], joined. That no finding has the subject of a waiver is none.
func (p Policy) Apply(set []*Rule) ([]*Rule, error) {
	a := &policyApplier{out: slices.Clone(set), at: make(map[string]int)}
	for i, r := range set {
		if r != nil {
			a.at[r.Name] = i
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Severities)) {
		a.severity("severities."+name, name, p.Severities[name])
	}
	for i, w := range p.Waivers {
		a.waive(fmt.Sprintf("waivers[%d]", i), w)
	}
	off := make(map[*Rule]bool)
	for k, name := range p.Off {
		if i, ok := a.find(fmt.Sprintf("off[%d]", k), name); ok {
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

// fail notes that the value of the key at a path is wrong.
func (a *policyApplier) fail(path, format string, args ...any) {
	a.errs = append(a.errs, &PolicyError{Path: path, Err: fmt.Errorf("%w: "+format, append([]any{ErrPolicy}, args...)...)})
}

// find returns the position of the rule that the key at a path names.
func (a *policyApplier) find(path, name string) (i int, ok bool) {
	i, ok = a.at[name]
	if !ok {
		a.errs = append(a.errs, &PolicyError{Path: path, Err: fmt.Errorf("%w: there is no rule %q in the set", ErrPolicy, name),
			Name: name, Known: slices.Sorted(maps.Keys(a.at))})
	}
	return i, ok
}

// severity gives a rule another severity.
func (a *policyApplier) severity(path, name string, s Severity) {
	i, ok := a.find(path, name)
	switch {
	case !ok:
	case s < Task || s > Blocker:
		a.fail(path, "%s has no severity %d", name, s)
	default:
		r := *a.out[i]
		r.Severity, r.most = s, s
		a.out[i] = &r
	}
}

// waive notes the subjects of a waiver with their rule.
func (a *policyApplier) waive(path string, w Waiver) {
	i, ok := a.find(path+".rule", w.Rule)
	switch {
	case !ok:
		return
	case strings.TrimSpace(w.Reason) == "":
		a.fail(path+".reason", "a waiver of %s gives no reason", w.Rule)
		return
	case len(w.Subjects) == 0:
		a.fail(path+".subjects", "a waiver of %s names no subject", w.Rule)
		return
	}
	r := *a.out[i]
	r.waived = maps.Clone(r.waived)
	if r.waived == nil {
		r.waived = make(map[string]string)
	}
	for k, s := range w.Subjects {
		key := strings.ToLower(strings.TrimSpace(s))
		if was := r.waived[key]; was != "" && was != w.Reason {
			a.fail(fmt.Sprintf("%s.subjects[%d]", path, k), "%s is waived for %q with two reasons, %q and %q", w.Rule, s, was, w.Reason)
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
