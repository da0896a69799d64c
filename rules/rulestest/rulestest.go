package rulestest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/staged-migration/staged/rules"
)

// Result is what a rule found in a case.
type Result struct {
	Case   string // the name of its folder
	Report *rules.Report
}

// Run runs a rule over each case of a file system, in the order of their names, and
// reports to t each finding that no expectation wants and each expectation that no
// finding meets, with its file and line. A finding is shown as the expectation that
// would want it, so that it can be copied once it was checked.
//
// A case that cannot be read, a rule that is not valid, one that panics, and a file system
// without cases are errors as well. If t is a [testing.T], each case is a subtest.
//
// It returns the results of the cases that could be run, for tests that ask for more.
func Run(t testing.TB, fsys fs.FS, rule *rules.Rule) []*Result {
	t.Helper()
	if err := rules.Validate([]*rules.Rule{rule}); err != nil {
		t.Errorf("%v", err)
		return nil
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		t.Errorf("%v", err)
		return nil
	}
	var results []*Result
	run := func(t testing.TB, name string) {
		t.Helper()
		report, errs := check(t.Context(), fsys, name, rule)
		for _, err := range errs {
			t.Errorf("%v", err)
		}
		if report != nil {
			results = append(results, &Result{name, report})
		}
	}
	cases := 0
	for _, e := range entries {
		if !e.IsDir() {
			t.Errorf("%s: a file that is in no case; a case is a folder", e.Name())
			continue
		}
		cases++
		if sub, ok := t.(*testing.T); ok {
			sub.Run(e.Name(), func(t *testing.T) { t.Helper(); run(t, e.Name()) })
		} else {
			run(t, e.Name())
		}
	}
	if cases == 0 {
		t.Errorf("there are no cases for %s", rule.Name)
	}
	return results
}

// check runs a rule over a case and returns what it found, nil if it could not be run,
// and what is wrong with that.
func check(ctx context.Context, fsys fs.FS, dir string, rule *rules.Rule) (*rules.Report, []error) {
	c, errs := readCase(ctx, fsys, dir, rule.Attributes)
	if len(errs) > 0 {
		return nil, errs
	}
	report, err := c.run(ctx, rule)
	if err != nil {
		return nil, []error{fmt.Errorf("%s: %w", dir, err)}
	}
	return report, c.compare(report)
}

// run runs all funcs of a rule that the case has something for.
func (c *testCase) run(ctx context.Context, rule *rules.Rule) (*rules.Report, error) {
	set := []*rules.Rule{rule}
	var reports []*rules.Report
	var errs []error
	add := func(report *rules.Report, err error) {
		reports, errs = append(reports, report), append(errs, err)
	}
	var missing []string
	if rule.Organization != nil || rule.Mailbox != nil {
		add(rules.Check(ctx, c.inv, set))
	}
	if rule.Packing != nil {
		if c.packing != nil {
			add(rules.CheckPacking(ctx, c.packing, set))
		} else {
			missing = append(missing, packingFile)
		}
	}
	if rule.File != nil {
		if c.file != nil {
			add(rules.CheckFile(ctx, c.file, c.inv, set))
		} else {
			missing = append(missing, batchFile)
		}
	}
	if rule.Status != nil {
		if c.status != nil {
			add(rules.CheckStatus(ctx, c.status, c.inv, set))
		} else {
			missing = append(missing, statusFile)
		}
	}
	if len(reports) == 0 {
		return nil, fmt.Errorf("there is nothing that the rule checks; it wants %s", strings.Join(missing, " or "))
	}
	return rules.Join(reports...), errors.Join(errs...)
}

// compare returns what findings and expectations have against each other.
func (c *testCase) compare(report *rules.Report) []error {
	var errs []error
	for i := range report.Findings {
		f := &report.Findings[i]
		if !c.expected(f) {
			place, text := c.notation(f)
			errs = append(errs, fmt.Errorf("%s: unexpected finding%s; if it is right, expect it:\n\t%s", place, about(f.Subject), text))
		}
	}
	for i := range c.wants {
		if w := &c.wants[i]; !w.met {
			errs = append(errs, fmt.Errorf("%s: no finding%s that meets the expectation:\n\t%s", w.place, about(w.subject), w.text))
		}
	}
	return errs
}

// expected reports whether an expectation wants a finding, and takes it to be met.
func (c *testCase) expected(f *rules.Finding) bool {
	for i := range c.wants {
		if w := &c.wants[i]; !w.met && w.fits(f) {
			w.met = true
			return true
		}
	}
	return false
}

// notation returns the expectation that wants a finding, as it is to be written where
// it belongs.
func (c *testCase) notation(f *rules.Finding) (place, text string) {
	text = notation(f)
	if place, ok := c.rows[f.Subject]; ok {
		return place, cell(text)
	}
	if f.Subject != "" {
		text = subject(f.Subject) + ": " + text
	}
	return path.Join(c.dir, wantFile), text
}

func about(subject string) string {
	if subject == "" {
		return ""
	}
	return " about " + subject
}
