package rules_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// policed is a set of three rules: one that holds every mailbox, one that warns of all
// and adds a task, one that blocks the organization.
func policed() []*rules.Rule {
	return []*rules.Rule{
		{Name: "hold", Doc: "d", Severity: rules.Blocker, Mailbox: func(p *rules.Pass, _ *inventory.Mailbox) { p.Reportf("held") }},
		{Name: "warn", Doc: "d", Severity: rules.Warning, Mailbox: func(p *rules.Pass, _ *inventory.Mailbox) {
			p.Reportf("warned")
			p.Report(rules.Finding{Severity: rules.Task, Message: "todo"})
		}},
		{Name: "stop", Doc: "d", Severity: rules.Blocker, Organization: func(p *rules.Pass) { p.Unverifiedf("stopped") }},
	}
}

func TestPolicy(t *testing.T) {
	mailboxes := []inventory.Mailbox{
		{Address: "a@x.com", Aliases: []inventory.Address{"anna@x.com", "both@x.com"}},
		{Address: "b@x.com", Aliases: []inventory.Address{"both@x.com"}},
	}
	inv := newInventory(t, inventory.Organization{}, mailboxes)
	all := []string{
		"stop blocker? before organization : stopped",
		"hold blocker before mailbox a@x.com: held", "warn warning before mailbox a@x.com: warned", "warn task before mailbox a@x.com: todo",
		"hold blocker before mailbox b@x.com: held", "warn warning before mailbox b@x.com: warned", "warn task before mailbox b@x.com: todo",
	}
	without := func(rule string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s[:4] == rule })
	}
	as := func(from, to string) []string {
		out := slices.Clone(all)
		for i := range out {
			if out[i][:len(from)] == from {
				out[i] = to + out[i][len(from):]
			}
		}
		return out
	}
	tests := []struct {
		reason string
		policy string
		want   []string          // findings
		waived map[string]string // rule and subject
		held   map[inventory.Address][]string
		ready  bool
		counts rules.Counts
	}{
		{"no policy", `{}`, all, nil, map[inventory.Address][]string{"a@x.com": {"hold"}, "b@x.com": {"hold"}}, false,
			rules.Counts{Blockers: 2, Warnings: 2, Tasks: 2, Unverified: 1}},
		{"switched off", `{"off": ["hold", "stop"]}`, slices.DeleteFunc(without("hold"), func(s string) bool { return s[:4] == "stop" }), nil,
			map[inventory.Address][]string{}, true, rules.Counts{Warnings: 2, Tasks: 2}},
		{"a blocker that is a warning holds nothing", `{"severities": {"hold": "warning"}}`, as("hold blocker", "hold warning"), nil,
			map[inventory.Address][]string{}, false, rules.Counts{Warnings: 4, Tasks: 2, Unverified: 1}},
		{"a warning that is a blocker holds, and what was less stays", `{"severities": {"warn": "blocker"}}`, as("warn warning", "warn blocker"), nil,
			map[inventory.Address][]string{"a@x.com": {"hold", "warn"}, "b@x.com": {"hold", "warn"}}, false,
			rules.Counts{Blockers: 4, Tasks: 2, Unverified: 1}},
		{"an unverified blocker about the organization that is a task", `{"severities": {"stop": "task"}}`, as("stop blocker", "stop task"), nil,
			map[inventory.Address][]string{"a@x.com": {"hold"}, "b@x.com": {"hold"}}, true,
			rules.Counts{Blockers: 2, Warnings: 2, Tasks: 2, Unverified: 1}},
		{"waived for one mailbox, in another case", `{"waivers": [{"rule": "hold", "subjects": [" A@X.com "], "reason": "moved by hand"}]}`, all,
			map[string]string{"hold a@x.com": "moved by hand"}, map[inventory.Address][]string{"b@x.com": {"hold"}}, false,
			rules.Counts{Blockers: 1, Warnings: 2, Tasks: 2, Unverified: 1, Waived: 1}},
		{"waived by an alias, and not by one of two", `{"waivers": [{"rule": "hold", "subjects": ["anna@x.com"], "reason": "r"},
			{"rule": "warn", "subjects": ["both@x.com", "nobody@x.com"], "reason": "r"}]}`, all,
			map[string]string{"hold a@x.com": "r"}, map[inventory.Address][]string{"b@x.com": {"hold"}}, false,
			rules.Counts{Blockers: 1, Warnings: 2, Tasks: 2, Unverified: 1, Waived: 1}},
		{"waived for the organization", `{"waivers": [{"rule": "stop", "subjects": [""], "reason": "we know"}]}`, all,
			map[string]string{"stop ": "we know"}, map[inventory.Address][]string{"a@x.com": {"hold"}, "b@x.com": {"hold"}}, true,
			rules.Counts{Blockers: 2, Warnings: 2, Tasks: 2, Waived: 1}},
	}
	for _, tt := range tests {
		var p rules.Policy
		require.NoError(t, json.Unmarshal([]byte(tt.policy), &p), tt.reason)
		set := policed()
		applied, err := p.Apply(set)
		require.NoError(t, err, tt.reason)
		report, err := rules.Check(t.Context(), inv, applied)
		require.NoError(t, err, tt.reason)
		waived := map[string]string(nil)
		for _, f := range report.Findings {
			if f.Waived != "" {
				if waived == nil {
					waived = make(map[string]string)
				}
				waived[f.Rule+" "+f.Subject] = f.Waived
			}
		}
		for _, d := range []string{
			cmp.Diff(tt.want, texts(report)), cmp.Diff(tt.waived, waived), cmp.Diff(tt.held, report.Held()), cmp.Diff(tt.counts, report.Counts()), cmp.Diff(tt.ready, report.Ready()),
		} {
			if d != "" {
				t.Errorf("%s:\n%s", tt.reason, d)
			}
		}
		require.Equal(t, rules.Blocker, set[0].Severity, "%s: the set was changed", tt.reason)
	}
}

func TestPolicyErrors(t *testing.T) {
	p := rules.Policy{
		Off:        []string{"no-such"},
		Severities: map[string]rules.Severity{"hold": 9, "other": rules.Task},
		Waivers: []rules.Waiver{
			{Rule: "nothing", Subjects: []string{"a"}, Reason: "r"},
			{Rule: "hold", Subjects: []string{"a"}, Reason: " "},
			{Rule: "hold", Reason: "r"},
			{Rule: "warn", Subjects: []string{"a", "A"}, Reason: "r"},
			{Rule: "warn", Subjects: []string{"a"}, Reason: "s"},
		},
	}
	set, err := p.Apply(policed())
	require.Nil(t, set)
	require.ErrorIs(t, err, rules.ErrPolicy)
	require.EqualError(t, err, `severities.hold: invalid policy: hold has no severity 9
severities.other: invalid policy: there is no rule "other" in the set
waivers[0].rule: invalid policy: there is no rule "nothing" in the set
waivers[1].reason: invalid policy: a waiver of hold gives no reason
waivers[2].subjects: invalid policy: a waiver of hold names no subject
waivers[4].subjects[0]: invalid policy: warn is waived for "a" with two reasons, "r" and "s"
off[0]: invalid policy: there is no rule "no-such" in the set`)
	var wrong *rules.PolicyError
	_, err = rules.Policy{Off: []string{"holt"}}.Apply(policed())
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "holt", wrong.Name)
	require.Equal(t, []string{"hold", "stop", "warn"}, wrong.Known)
	var bad rules.Policy
	require.Error(t, json.Unmarshal([]byte(`{"severities": {"hold": "deadly"}}`), &bad))
}
