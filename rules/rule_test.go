package rules_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/powershell"
)

func TestValidate(t *testing.T) {
	nothing := func(*rules.Pass) {}
	good := func() *rules.Rule {
		return &rules.Rule{Name: "good-1", Doc: "Says why.", Severity: rules.Task, Organization: nothing}
	}
	require.NoError(t, rules.Validate(nil))
	require.NoError(t, rules.Validate([]*rules.Rule{good()}))

	for want, change := range map[string]func(r *rules.Rule){
		"rule 2 of the set has no name":         func(r *rules.Rule) { r.Name = "" },
		`"Not Good" is not a name`:              func(r *rules.Rule) { r.Name = "Not Good" },
		`"-good" is not a name`:                 func(r *rules.Rule) { r.Name = "-good" },
		"good-1 is there twice":                 func(r *rules.Rule) { r.Name = "good-1" },
		"good-2 has no doc":                     func(r *rules.Rule) { r.Doc = "" },
		"good-2 has no severity":                func(r *rules.Rule) { r.Severity = 0 },
		"good-2 has no severity ":               func(r *rules.Rule) { r.Severity = 9 },
		"good-2 has an unknown phase or scope":  func(r *rules.Rule) { r.Phase = 9 },
		"good-2 has an unknown phase or scope ": func(r *rules.Rule) { r.Scope = 9 },
		"good-2 has no func":                    func(r *rules.Rule) { r.Organization = nil },
		"good-2 has a bad command: powershell: invalid command \"Get-Mailbox\": no shell": func(r *rules.Rule) {
			r.Commands = []powershell.Command{{Cmdlet: "Get-Mailbox"}}
		},
	} {
		bad := good()
		bad.Name = "good-2"
		change(bad)
		err := rules.Validate([]*rules.Rule{good(), bad})
		require.ErrorIs(t, err, rules.ErrRules)
		require.ErrorContains(t, err, strings.TrimSpace(want))
	}
	err := rules.Validate([]*rules.Rule{nil, {}, good(), good()})
	require.ErrorContains(t, err, "rule 1 of the set is nil")
	require.ErrorContains(t, err, "rule 2 of the set has no name", "all of it is reported")
	require.ErrorContains(t, err, "good-1 is there twice")

	inv, err := inventory.New(inventory.Organization{}, nil, nil)
	require.NoError(t, err)
	_, err = rules.Check(t.Context(), inv, []*rules.Rule{{}})
	require.ErrorIs(t, err, rules.ErrRules, "a set is validated before it runs")
	_, err = rules.CheckPacking(t.Context(), &batch.Packing{Inventory: inv}, []*rules.Rule{{}})
	require.ErrorIs(t, err, rules.ErrRules)
}

// The catalogue must say of each rule what a reader needs.
func TestCatalogueIsComplete(t *testing.T) {
	set := rules.Catalogue()
	require.NoError(t, rules.Validate(set))
	sentence := regexp.MustCompile(`^[A-Z].*\.$`)
	for _, r := range set {
		require.Regexp(t, sentence, r.Doc, r.Name)
		require.NotContains(t, r.Doc, "  ", r.Name)
		require.Regexp(t, sentence, r.Why, r.Name)
		require.NotEmpty(t, r.Remedy, r.Name)
		require.NotContains(t, r.Remedy, "  ", r.Name)
		if r.URL == "" {
			require.Contains(t, r.Doubt, "not a published rule", "%s names no source", r.Name)
		} else {
			require.True(t, strings.HasPrefix(r.URL, "https://"), r.Name)
		}
	}
	set[0].Name = "changed"
	require.NotEqual(t, "changed", rules.Catalogue()[0].Name, "each call makes fresh rules")
}

func TestWords(t *testing.T) {
	data, err := json.Marshal(struct {
		A, B, C rules.Severity
		D, E, F rules.Phase
		G       []rules.Scope
	}{rules.Task, rules.Warning, rules.Blocker, rules.Before, rules.During, rules.After, []rules.Scope{
		rules.ScopeOrganization, rules.ScopeEndpoint, rules.ScopeMailbox, rules.ScopeBatch, rules.ScopePlan,
		rules.ScopeFile, rules.ScopeRow,
	}})
	require.NoError(t, err)
	require.JSONEq(t, `{"A":"task","B":"warning","C":"blocker","D":"before","E":"during","F":"after",
		"G":["organization","endpoint","mailbox","batch","plan","file","row"]}`, string(data))
	require.Equal(t, "9", rules.Severity(9).String())

	var back struct {
		A, B, C rules.Severity
		D, E, F rules.Phase
		G       []rules.Scope
	}
	require.NoError(t, json.Unmarshal(data, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))
	for _, bad := range []string{`{"A":"fatal"}`, `{"D":"never"}`, `{"G":["world"]}`} {
		require.ErrorContains(t, json.Unmarshal([]byte(bad), &back), "is none of", bad)
	}
}
