package rules_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

func newInventory(t testing.TB, org inventory.Organization, mailboxes []inventory.Mailbox, grants ...inventory.Grant) *inventory.Inventory {
	t.Helper()
	inv, err := inventory.New(org, mailboxes, grants)
	require.NoError(t, err)
	return inv
}

func many(n int) []inventory.Mailbox {
	mailboxes := make([]inventory.Mailbox, n)
	for i := range mailboxes {
		mailboxes[i].Address = inventory.Address(fmt.Sprintf("m%05d@x.com", i))
		mailboxes[i].Source = inventory.Source{File: "m.csv", Line: i + 2}
	}
	return mailboxes
}

func version(t *testing.T, text string) inventory.Version {
	t.Helper()
	v, err := inventory.ParseVersion(text)
	require.NoError(t, err)
	return v
}

// texts returns the findings as "rule severity phase scope subject: message", with a
// question mark behind the severity of an unverified one.
func texts(r *rules.Report) []string {
	var out []string
	for _, f := range r.Findings {
		unverified := ""
		if f.Unverified {
			unverified = "?"
		}
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%s %s%s %s %s %s: %s",
			f.Rule, f.Severity, unverified, f.Phase, f.Scope, f.Subject, f.Message)), " "))
	}
	return out
}

// aboutMailbox returns a rule that reports every nth mailbox.
func aboutMailbox(name string, severity rules.Severity, nth int) *rules.Rule {
	return &rules.Rule{
		Name: name, Doc: "Test.", Severity: severity, Remedy: "Do it.",
		Mailbox: func(p *rules.Pass, m *inventory.Mailbox) {
			if m.Source.Line%nth == 0 {
				p.Reportf("line %d", m.Source.Line)
			}
		},
	}
}

func TestCheckOrderIsDefined(t *testing.T) {
	inv := newInventory(t, inventory.Organization{}, many(3000))
	set := []*rules.Rule{
		aboutMailbox("second", rules.Blocker, 2),
		{Name: "first", Doc: "Test.", Severity: rules.Warning, Phase: rules.During, Organization: func(p *rules.Pass) {
			p.Reportf("one")
			p.Unverifiedf("two of %d", 2)
		}},
		aboutMailbox("third", rules.Task, 3),
		{Name: "unused", Doc: "Test.", Severity: rules.Task, Packing: func(*rules.Pass, *batch.Packing) {}},
	}
	var want *rules.Report
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		got, err := rules.Check(t.Context(), inv, set)
		runtime.GOMAXPROCS(old)
		require.NoError(t, err)
		if want == nil {
			want = got
		}
		require.Empty(t, cmp.Diff(want.Findings, got.Findings), "with %d processors", procs)
	}
	at := func(line int) inventory.Source { return inventory.Source{File: "m.csv", Line: line} }
	require.Empty(t, cmp.Diff([]rules.Finding{
		{Rule: "first", Severity: rules.Warning, Phase: rules.During, Scope: rules.ScopeOrganization, Message: "one"},
		{Rule: "first", Severity: rules.Warning, Phase: rules.During, Scope: rules.ScopeOrganization, Message: "two of 2", Unverified: true},
		{Rule: "second", Severity: rules.Blocker, Phase: rules.Before, Scope: rules.ScopeMailbox, Subject: "m00000@x.com", Message: "line 2", Remedy: "Do it.", Source: at(2)},
		{Rule: "third", Severity: rules.Task, Phase: rules.Before, Scope: rules.ScopeMailbox, Subject: "m00001@x.com", Message: "line 3", Remedy: "Do it.", Source: at(3)},
		{Rule: "second", Severity: rules.Blocker, Phase: rules.Before, Scope: rules.ScopeMailbox, Subject: "m00002@x.com", Message: "line 4", Remedy: "Do it.", Source: at(4)},
		{Rule: "second", Severity: rules.Blocker, Phase: rules.Before, Scope: rules.ScopeMailbox, Subject: "m00004@x.com", Message: "line 6", Remedy: "Do it.", Source: at(6)},
		{Rule: "third", Severity: rules.Task, Phase: rules.Before, Scope: rules.ScopeMailbox, Subject: "m00004@x.com", Message: "line 6", Remedy: "Do it.", Source: at(6)},
	}, want.Findings[:7]))
	// Lines 2 to 3001: 1500 even ones, 1000 multiples of three.
	require.Equal(t, rules.Counts{Blockers: 1500, Warnings: 1, Tasks: 1000, Unverified: 1}, want.Counts())
	require.Len(t, want.Held(), 1500)
	require.Equal(t, []string{"second"}, want.Held()["m00004@x.com"])
	require.True(t, want.Ready(), "mailbox blockers and warnings do not keep the plan from being ready")

	byHand := &rules.Report{Findings: []rules.Finding{{Rule: "b", Severity: rules.Task}, {Rule: "a", Unverified: true}, {Rule: "b", Severity: rules.Task}}}
	require.Equal(t, "b", byHand.ByRule()[0].Rule.Name, "a report made by hand counts too")
	require.Equal(t, rules.Counts{Tasks: 2}, byHand.ByRule()[0].Counts)
	require.Equal(t, rules.Counts{Unverified: 1}, byHand.ByRule()[1].Counts)

	var names []string
	for _, c := range want.ByRule() {
		names = append(names, fmt.Sprint(c.Rule.Name, c.Counts))
	}
	require.Equal(t, []string{"second{1500 0 0 0 0}", "first{0 1 0 1 0}", "third{0 0 1000 0 0}"}, names, "in the order of the set")
}

func TestPassFillsIn(t *testing.T) {
	mailboxes := many(2)
	mailboxes[1].Aliases = []inventory.Address{"alias@x.com"}
	inv := newInventory(t, inventory.Organization{Name: "X"}, mailboxes)
	rule := &rules.Rule{Name: "own", Doc: "Test.", Severity: rules.Task, Phase: rules.After, Scope: rules.ScopeEndpoint, Remedy: "Mend it.",
		Organization: func(p *rules.Pass) {
			p.Report(rules.Finding{Message: p.Organization().Name})
			p.Report(rules.Finding{
				Rule: "somebody's", Severity: rules.Blocker, Phase: rules.During, Scope: rules.ScopeMailbox, Subject: "m00001@x.com", Remedy: "Other.",
			})
			p.Report(rules.Finding{Scope: rules.ScopeMailbox, Subject: "stranger@x.com"})
			p.Report(rules.Finding{Scope: rules.ScopeMailbox, Severity: rules.Blocker, Subject: "stranger@x.com"})
			p.Report(rules.Finding{Scope: rules.ScopeMailbox, Severity: rules.Blocker, Subject: "alias@x.com"})
			p.Report(rules.Finding{Scope: rules.ScopeMailbox, Severity: rules.Blocker})
		}}
	report, err := rules.Check(t.Context(), inv, []*rules.Rule{rule})
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]rules.Finding{
		{Rule: "own", Severity: rules.Task, Phase: rules.After, Scope: rules.ScopeEndpoint, Message: "X", Remedy: "Mend it."},
		{Rule: "own", Severity: rules.Blocker, Phase: rules.During, Scope: rules.ScopeMailbox, Subject: "m00001@x.com", Remedy: "Other.",
			Source: inventory.Source{File: "m.csv", Line: 3}},
		{Rule: "own", Severity: rules.Task, Phase: rules.After, Scope: rules.ScopeMailbox, Subject: "stranger@x.com", Remedy: "Mend it."},
		{Rule: "own", Severity: rules.Blocker, Phase: rules.After, Scope: rules.ScopePlan, Subject: "stranger@x.com", Remedy: "Mend it."},
		{Rule: "own", Severity: rules.Blocker, Phase: rules.After, Scope: rules.ScopeMailbox, Subject: "m00001@x.com", Remedy: "Mend it.",
			Source: inventory.Source{File: "m.csv", Line: 3}},
		{Rule: "own", Severity: rules.Blocker, Phase: rules.After, Scope: rules.ScopePlan, Remedy: "Mend it."},
	}, report.Findings))
	require.True(t, report.Findings[1].Holds(), "also an Organization func can hold a mailbox, by an alias too")
	require.Len(t, report.Held(), 1)
	require.False(t, report.Ready(), "a blocker that can hold no mailbox keeps the plan from being ready")
}

func TestReadyAndObstacles(t *testing.T) {
	finding := func(s rules.Severity, scope rules.Scope, unverified bool) rules.Finding {
		return rules.Finding{Rule: "r", Severity: s, Scope: scope, Unverified: unverified, Subject: "a@x.com"}
	}
	for _, tt := range []struct {
		f            rules.Finding
		ready, holds bool
	}{
		{finding(rules.Blocker, rules.ScopeOrganization, false), false, false},
		{finding(rules.Blocker, rules.ScopeEndpoint, true), false, false},
		{finding(rules.Blocker, rules.ScopeBatch, false), false, false},
		{finding(rules.Blocker, rules.ScopePlan, false), false, false},
		{finding(rules.Blocker, rules.ScopeMailbox, false), true, true},
		{finding(rules.Blocker, rules.ScopeMailbox, true), true, false},
		{finding(rules.Warning, rules.ScopeOrganization, false), true, false},
		{finding(rules.Task, rules.ScopeMailbox, false), true, false},
	} {
		r := &rules.Report{Findings: []rules.Finding{tt.f}}
		require.Equal(t, tt.ready, r.Ready(), "%+v", tt.f)
		require.Equal(t, !tt.ready, len(r.Obstacles()) == 1, "%+v", tt.f)
		require.Equal(t, tt.holds, len(r.Held()) == 1, "%+v", tt.f)
	}
}

func TestAssumeRemedied(t *testing.T) {
	nothing := func(*rules.Pass, *inventory.Mailbox) {}
	rule := func(name, remedy string, final bool) *rules.Rule {
		return &rules.Rule{Name: name, Doc: "Test.", Severity: rules.Blocker, Phase: rules.After, Remedy: remedy, Final: final, Mailbox: nothing}
	}
	curable := rule("curable", "Mend it.", false)
	curable.Mailbox = func(p *rules.Pass, m *inventory.Mailbox) {
		p.Reportf("holds")
		p.Unverifiedf("perhaps")
	}
	curable.Organization = func(p *rules.Pass) { p.Reportf("blocks") }
	final := rule("final", "Move it otherwise.", true)
	final.Mailbox = func(p *rules.Pass, m *inventory.Mailbox) { p.Reportf("holds") }
	helpless := rule("helpless", "", false)
	helpless.Mailbox = func(p *rules.Pass, m *inventory.Mailbox) { p.Reportf("holds") }

	before, err := rules.Check(t.Context(), newInventory(t, inventory.Organization{}, many(1)), []*rules.Rule{curable, final, helpless})
	require.NoError(t, err)
	describe := func(r *rules.Report) (out []string) {
		for _, f := range r.Findings {
			out = append(out, fmt.Sprint(f.Rule, " ", f.Severity, " ", f.Phase, " ", f.Message, " ", f.Holds()))
		}
		return out
	}
	was := describe(before)
	after := before.AssumeRemedied()
	require.Equal(t, []string{
		"curable blocker after blocks false", // about the organization: no assumption mends that
		"curable task before holds false",
		"curable blocker after perhaps false",
		"final blocker after holds true",
		"helpless blocker after holds true",
	}, describe(after))
	require.Equal(t, was, describe(before), "the given report stays as it is")
	require.Len(t, after.ByRule(), 3)
}

func TestPanicsStayWithTheirRule(t *testing.T) {
	inv := newInventory(t, inventory.Organization{}, many(1500))
	set := []*rules.Rule{
		aboutMailbox("before", rules.Task, 1),
		{Name: "panics", Doc: "Test.", Severity: rules.Task,
			Organization: func(*rules.Pass) { panic("at once") },
			Mailbox: func(p *rules.Pass, m *inventory.Mailbox) {
				p.Reportf("seen")
				if m.Source.Line%10 == 3 {
					panic(errors.New("line ends in 3"))
				}
			}},
		aboutMailbox("after", rules.Task, 1),
	}
	report, err := rules.Check(t.Context(), inv, set)
	var panicked *rules.PanicError
	require.ErrorAs(t, err, &panicked)
	require.Equal(t, "panics", panicked.Rule)
	require.Equal(t, "at once", panicked.Value)
	require.Equal(t, 1+150, panicked.Count)
	require.NotEmpty(t, panicked.Stack)
	require.ErrorContains(t, err, "rule panics panicked (and 150 times more): at once")
	require.NotNil(t, report, "the other rules are complete")
	counts := make(map[string]int)
	for _, f := range report.Findings {
		counts[f.Rule]++
	}
	require.Equal(t, map[string]int{"before": 1500, "panics": 1500, "after": 1500}, counts)

	set[1].Organization = nil
	_, err = rules.Check(t.Context(), inv, set)
	require.ErrorContains(t, err, "rule panics panicked on m00001@x.com (and 149 times more): line ends in 3", "the first mailbox by address")

	p, err := batch.Pack(t.Context(), inv, nil)
	require.NoError(t, err)
	packing := &rules.Rule{Name: "packing", Doc: "Test.", Severity: rules.Task, Packing: func(*rules.Pass, *batch.Packing) { panic(1) }}
	report, err = rules.CheckPacking(t.Context(), p, []*rules.Rule{packing})
	require.ErrorAs(t, err, &panicked)
	require.NotNil(t, report)
}

func TestCheckPacking(t *testing.T) {
	inv := newInventory(t, inventory.Organization{}, many(2))
	p, err := batch.Pack(t.Context(), inv, nil)
	require.NoError(t, err)
	rule := &rules.Rule{Name: "late", Doc: "Test.", Severity: rules.Blocker, Packing: func(pass *rules.Pass, p *batch.Packing) {
		pass.Reportf("%d batches", len(p.Batches))
		pass.Report(rules.Finding{Scope: rules.ScopeMailbox, Subject: "m00001@x.com"})
		pass.Report(rules.Finding{Scope: rules.ScopeMailbox, Subject: "m00001@x.com", Severity: rules.Warning})
	}}
	report, err := rules.CheckPacking(t.Context(), p, []*rules.Rule{aboutMailbox("unused", rules.Task, 1), rule})
	require.NoError(t, err)
	source := inventory.Source{File: "m.csv", Line: 3}
	require.Empty(t, cmp.Diff([]rules.Finding{
		{Rule: "late", Severity: rules.Blocker, Phase: rules.Before, Scope: rules.ScopePlan, Message: "1 batches"},
		{Rule: "late", Severity: rules.Blocker, Phase: rules.Before, Scope: rules.ScopePlan, Subject: "m00001@x.com", Source: source},
		{Rule: "late", Severity: rules.Warning, Phase: rules.Before, Scope: rules.ScopeMailbox, Subject: "m00001@x.com", Source: source},
	}, report.Findings))
	require.Empty(t, report.Held(), "it is too late to hold a mailbox")
	require.Len(t, report.Obstacles(), 2)

	checked, err := rules.Check(t.Context(), inv, []*rules.Rule{aboutMailbox("unused", rules.Task, 1), rule})
	require.NoError(t, err)
	joined := rules.Join(checked, report)
	require.Len(t, joined.Findings, 5)
	require.Len(t, joined.ByRule(), 2, "each rule is counted once over both reports")
	require.Equal(t, 2, joined.ByRule()[1].Blockers)
}

func TestCheckCanceled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("enough")
	cancel(reason)
	inv := newInventory(t, inventory.Organization{}, many(10))
	report, err := rules.Check(ctx, inv, rules.Catalogue())
	require.ErrorIs(t, err, reason)
	require.Nil(t, report)
	_, err = rules.CheckPacking(ctx, &batch.Packing{Inventory: inv}, rules.Catalogue())
	require.ErrorIs(t, err, reason)

	_, err = rules.Check(ctx, inv, nil)
	require.ErrorIs(t, err, reason, "also where there is nothing to do")
	_, err = rules.CheckPacking(ctx, &batch.Packing{Inventory: inv}, nil)
	require.ErrorIs(t, err, reason)

	_, err = rules.Check(t.Context(), nil, nil)
	require.Error(t, err)
	_, err = rules.CheckPacking(t.Context(), nil, nil)
	require.Error(t, err)
}

// A rule that uses a test's require as if it were in a test ends its goroutine when
// that fails; the mailboxes behind it would be missing without a word.
func TestRuleThatEndsItsGoroutine(t *testing.T) {
	inv := newInventory(t, inventory.Organization{}, many(2000))
	rule := &rules.Rule{Name: "r", Doc: "Ends.", Severity: rules.Task, Mailbox: func(_ *rules.Pass, m *inventory.Mailbox) {
		if m.Address == "m00700@x.com" {
			runtime.Goexit()
		}
	}}
	_, err := rules.Check(t.Context(), inv, []*rules.Rule{rule})
	require.ErrorContains(t, err, "ended its goroutine")
}

// A remedy that a finding brings along counts like one of the rule.
func TestAssumeRemedyOfFinding(t *testing.T) {
	inv := newInventory(t, inventory.Organization{}, many(1))
	rule := &rules.Rule{Name: "r", Doc: "Holds.", Severity: rules.Blocker, Mailbox: func(p *rules.Pass, m *inventory.Mailbox) {
		p.Report(rules.Finding{Message: "No.", Remedy: "Do something."})
		p.Report(rules.Finding{Message: "No again.", Remedy: "Do more."})
	}}
	report, err := rules.Check(t.Context(), inv, []*rules.Rule{rule})
	require.NoError(t, err)
	require.Equal(t, map[inventory.Address][]string{"m00000@x.com": {"r"}}, report.Held(), "a rule is named once")
	require.Empty(t, report.AssumeRemedied().Held())
	require.Equal(t, report.Findings, rules.Join(nil, report).Findings)
}

// A mailbox that breaks no rule costs no allocation, with the whole catalogue.
func TestCleanMailboxesAllocateNothing(t *testing.T) {
	set := rules.Catalogue()
	clean := nothingIsWrong(t)
	allocs := func(n int) float64 {
		mailboxes := many(n)
		for i := range mailboxes {
			address := mailboxes[i].Address
			mailboxes[i] = *clean.At(0)
			mailboxes[i].Address, mailboxes[i].WindowsEmailAddress = address, address
		}
		inv := newInventory(t, *clean.Organization(), mailboxes)
		return testing.AllocsPerRun(5, func() {
			if _, err := rules.Check(context.Background(), inv, set); err != nil {
				t.Fatal(err)
			}
		})
	}
	small, large := allocs(512), allocs(512*20)
	require.Less(t, large-small, 20.0, "9,728 more mailboxes cost no more than what is kept for their chunks")
}
