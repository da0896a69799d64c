package rules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// PanicError says that a rule panicked. What it would have found is missing from
// the report; all other rules are complete.
type PanicError struct {
	Rule    string
	Subject string // the first mailbox on which it panicked, if it checks those
	Count   int    // how many times it panicked
	Value   any    // what it panicked with the first time
	Stack   []byte // where
}

func (e *PanicError) Error() string {
	at := ""
	if e.Subject != "" {
		at = " on " + e.Subject
	}
	more := ""
	if e.Count > 1 {
		more = fmt.Sprintf(" (and %d times more)", e.Count-1)
	}
	return fmt.Sprintf("rule %s panicked%s%s: %v", e.Rule, at, more, e.Value)
}

// prepared is a rule that is run, with what all of its findings share.
type prepared struct {
	*Rule
	both string // Remedy and Remedy2003
}

func prepare(rules []*Rule) []*prepared {
	out := make([]*prepared, len(rules))
	for i, r := range rules {
		out[i] = &prepared{r, r.Remedy}
		if r.Remedy2003 != "" {
			out[i].both = strings.TrimSpace(r.Remedy + " Exchange 2003: " + r.Remedy2003)
		}
	}
	return out
}

// newPass returns a Pass over the inventory, which may be nil.
func newPass(inv *inventory.Inventory) Pass {
	if inv == nil {
		inv = new(inventory.Inventory)
	}
	org := inv.Organization()
	return Pass{Inventory: inv, has2003: runs2003(org) != inventory.No, all2003: only2003(org)}
}

// Check runs the Organization and Mailbox funcs of the rules over an inventory
// and returns what they found. The mailboxes are passed once, by several
// goroutines; the report is the same whatever their number.
//
// A set that [Validate] refuses is not run. A rule that panics takes nothing
// else down: the report comes with an error that holds a [PanicError] for each
// such rule. If the context is canceled, there is no report and the error is the
// context's cause; funcs that run are waited for, and no other is called.
func Check(ctx context.Context, inv *inventory.Inventory, rules []*Rule) (*Report, error) {
	if inv == nil {
		return nil, errors.New("rules: no inventory")
	}
	if err := Validate(rules); err != nil {
		return nil, err
	}
	run := prepare(rules)
	w := &worker{pass: newPass(inv)}
	w.pass.surveys = new([]*survey)
	whole := make(map[*prepared][]Finding) // what the Organization funcs report
	for _, r := range run {
		if r.Organization != nil && ctx.Err() == nil {
			w.whole(r, cmp.Or(r.Scope, ScopeOrganization), func() { r.Organization(&w.pass) })
			whole[r], w.pass.out = w.pass.out, nil
		}
	}
	results, err := checkMailboxes(ctx, inv, run, *w.pass.surveys)
	if err != nil {
		return nil, err
	}
	for _, s := range *w.pass.surveys {
		if s.asked == inv.Len() {
			w.whole(s.rule, s.scope, func() { s.report(s.n, s.first) })
			whole[s.rule], w.pass.out = append(whole[s.rule], w.pass.out...), nil
		}
	}
	var lists [][]Finding
	for _, r := range run {
		lists = append(lists, whole[r])
	}
	panics := w.panics
	for _, r := range results {
		lists = append(lists, r.findings)
		panics = append(panics, r.panics...)
	}
	return &Report{Findings: slices.Concat(lists...), rules: slices.Clone(rules)}, joinPanics(rules, panics)
}

// CheckPacking runs the Packing funcs of the rules over a packing and returns
// what they found. Otherwise it is as [Check].
func CheckPacking(ctx context.Context, p *batch.Packing, rules []*Rule) (*Report, error) {
	if p == nil || p.Inventory == nil {
		return nil, errors.New("rules: no packing")
	}
	return checkWhole(ctx, p.Inventory, rules, func(r *Rule, pass *Pass) (Scope, func()) {
		if r.Packing == nil {
			return 0, nil
		}
		return ScopePlan, func() { r.Packing(pass, p) }
	})
}

// CheckFile runs the File funcs of the rules over a batch file and returns what they
// found. The inventory is that of the organization; nil leaves all that is asked of it
// unknown. Otherwise it is as [Check].
func CheckFile(ctx context.Context, f *BatchFile, inv *inventory.Inventory, rules []*Rule) (*Report, error) {
	if f == nil {
		return nil, errors.New("rules: no batch file")
	}
	return checkWhole(ctx, inv, rules, func(r *Rule, pass *Pass) (Scope, func()) {
		if r.File == nil {
			return 0, nil
		}
		return ScopeFile, func() { r.File(pass, f) }
	})
}

// CheckStatus runs the Status funcs of the rules over what the service reports and
// returns what they found. The inventory is as with [CheckFile]. Otherwise it is as
// [Check].
func CheckStatus(ctx context.Context, s *inventory.Status, inv *inventory.Inventory, rules []*Rule) (*Report, error) {
	if s == nil {
		return nil, errors.New("rules: no status")
	}
	return checkWhole(ctx, inv, rules, func(r *Rule, pass *Pass) (Scope, func()) {
		if r.Status == nil {
			return 0, nil
		}
		return ScopePlan, func() { r.Status(pass, s) }
	})
}

// checkWhole runs the funcs of rules that look at everything at once: what bind
// returns for a rule, nil if the rule has none, and the scope of its findings.
func checkWhole(ctx context.Context, inv *inventory.Inventory, rules []*Rule, bind func(*Rule, *Pass) (Scope, func())) (*Report, error) {
	if err := Validate(rules); err != nil {
		return nil, err
	}
	w := &worker{pass: newPass(inv)}
	w.pass.late = true
	for _, r := range prepare(rules) {
		if scope, check := bind(r.Rule, &w.pass); check != nil && ctx.Err() == nil {
			w.whole(r, cmp.Or(r.Scope, scope), check)
		}
	}
	if err := ctxCause(ctx); err != nil {
		return nil, err
	}
	return &Report{Findings: w.pass.out, rules: slices.Clone(rules)}, joinPanics(rules, w.panics)
}

// ctxCause returns why the context was canceled, or nil if it was not.
func ctxCause(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return context.Cause(ctx)
}

// worker runs rules one after the other.
type worker struct {
	pass   Pass
	checks []mailboxCheck
	panics []PanicError
}

// whole runs one rule that looks at everything at once.
func (w *worker) whole(r *prepared, scope Scope, check func()) {
	defer func() {
		if v := recover(); v != nil {
			w.caught(r, "", v)
		}
	}()
	w.pass.rule, w.pass.scope, w.pass.mailbox = r, scope, nil
	check()
}

// caught notes that a rule panicked. Only the first time is kept in full.
func (w *worker) caught(r *prepared, subject string, v any) {
	for i := range w.panics {
		if w.panics[i].Rule == r.Name {
			w.panics[i].Count++
			return
		}
	}
	w.panics = append(w.panics, PanicError{Rule: r.Name, Subject: subject, Count: 1, Value: v, Stack: debug.Stack()})
}

// joinPanics returns one error for each rule that panicked, in the order of the
// set, or nil. Panics come in the order of the report.
func joinPanics(rules []*Rule, panics []PanicError) error {
	var errs []error
	for _, r := range rules {
		var first *PanicError
		for i := range panics {
			if panics[i].Rule != r.Name {
				continue
			}
			if first == nil {
				first = &panics[i]
			} else {
				first.Count += panics[i].Count
			}
		}
		if first != nil {
			errs = append(errs, first)
		}
	}
	return errors.Join(errs...)
}
