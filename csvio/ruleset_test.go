package csvio_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

func TestReadRules(t *testing.T) {
	const text = "\ufeff" + `{"rules": [
  {"name": "vip", "doc": "Moved by hand.", "severity": "blocker", "phase": "before", "remedy": "Ask Kim.",
   "field": "domain", "operator": "in", "value": ["board.contoso.com", "vip.contoso.com"], "message": "It is in {value}."},
  {"name": "bulky", "doc": "Large shared mailboxes move at the weekend.", "severity": "task", "field": "size", "operator": "moreThan", "value": "10 GB",
   "and": [{"field": "kind", "operator": "equals", "value": "SharedMailbox"}], "message": "Its {value} move at the weekend."}
]}`
	set, err := csvio.ReadRules(strings.NewReader(text), "rules.json")
	require.NoError(t, err)
	inv, err := inventory.New(inventory.Organization{}, []inventory.Mailbox{
		{Address: "chair@board.contoso.com", Size: inventory.Known(20 * inventory.GB), Kind: inventory.UserMailbox},
		{Address: "sales@contoso.com", Size: inventory.Known(20 * inventory.GB), Kind: inventory.SharedMailbox},
		{Address: "small@contoso.com", Size: inventory.Known(10 * inventory.GB), Kind: inventory.SharedMailbox},
		{Address: "z@contoso.com", Kind: inventory.SharedMailbox},
	}, nil)
	require.NoError(t, err)
	report, err := rules.Check(t.Context(), inv, set)
	require.NoError(t, err)
	var got []string
	for _, f := range report.Findings {
		got = append(got, f.Subject+" "+f.Severity.String()+": "+f.Message+" "+f.Remedy)
	}
	require.Equal(t, []string{
		"chair@board.contoso.com blocker: It is in board.contoso.com. Ask Kim.",
		"sales@contoso.com task: Its 20 GB move at the weekend. ",
		"z@contoso.com task: Its size is not known, which this rule asks for. ",
	}, got)
}

// Each error has the place of the value that is wrong and the nearest name.
func TestReadRulesRefuses(t *testing.T) {
	rule := func(keys string) string { return "{\"rules\": [\n{" + keys + "}]}" }
	const good = `"name": "a", "doc": "d", "severity": "task", "message": "m", `
	tests := []struct{ reason, text, want string }{
		{"no object", `[]`, `r.json:1:1: not a value of this column: want an object`},
		{"a key that is not known", `{"rule": []}`, `r.json:1:2: rule: not a usable export: there is no such key; the nearest is "rules"`},
		{"a key of a rule", rule(`"nam": "a"`), `r.json:2:2: rules[0].nam: not a usable export: there is no such key; the nearest is "name"`},
		{"a field", rule(good + `"field": "sizes", "operator": "atLeast", "value": 1`), `r.json:2:72: rules[0].field: invalid declaration of a rule: there is no field "sizes"; the nearest is "size"`},
		{"an attribute without a name", rule(good + `"field": "attributes.", "operator": "equals", "value": "x"`), `r.json:2:72: rules[0].field: invalid declaration of a rule: there is no field "attributes."; the nearest is "attributes.NAME"`},
		{"an operator", rule(good + `"field": "size", "operator": "atleats", "value": 1`), `r.json:2:92: rules[0].operator: invalid declaration of a rule: there is no operator of size "atleats"; the nearest is "atLeast"`},
		{"an operator of another kind", rule(good + `"field": "umEnabled", "operator": "contains", "value": true`), `r.json:2:97: rules[0].operator: invalid declaration of a rule: there is no operator of umEnabled "contains"; the nearest is "equals"`},
		{"a value of another type", rule(good + `"field": "umEnabled", "operator": "equals", "value": "yes"`), `r.json:2:116: rules[0].value: invalid declaration of a rule: umEnabled is true or false, not "yes"`},
		{"a value in a further condition", rule(good + `"field": "items", "operator": "equals", "value": 3, "and": [{"field": "size", "operator": "atMost", "value": "big"}]`),
			`r.json:2:172: rules[0].and[0].value: invalid declaration of a rule: not a size: "big": "big" is no whole number`},
		{"no value", rule(good + `"field": "items", "operator": "equals"`), `r.json:2:1: rules[0].value: invalid declaration of a rule: items is a whole number from 0, not null`},
		{"no severity", rule(`"name": "a", "doc": "d", "message": "m", "field": "items", "operator": "equals", "value": 3`), `r.json:2:1: rules[0].severity: invalid declaration of a rule: invalid rules: a has no severity`},
		{"a severity that there is not", rule(`"severity": "fatal"`), `r.json:2:14: rules[0].severity: rules: "fatal" is none of ["task" "warning" "blocker"]`},
		{"two rules with a name", `{"rules": [{` + good + `"field": "items", "operator": "equals", "value": 3},` + "\n" + `{` + good + `"field": "items", "operator": "equals", "value": 3}]}`,
			`r.json:2:10: rules[1].name: already there: rules[0] has the name "a"`},
		{"cut off", `{"rules": [{`, `r.json:1:13: rules[0]: the file is cut off: the JSON object is not complete`},
		{"something behind", `{"rules": []} {}`, `r.json:1:15: not a usable export: something follows the object`},
	}
	for _, tt := range tests {
		_, err := csvio.ReadRules(strings.NewReader(tt.text), "r.json")
		require.EqualError(t, err, tt.want, tt.reason)
	}
	_, err := csvio.ReadRules(strings.NewReader(rule(`"name": "csv-row-limit", "doc": "d", "severity": "task", "message": "m", "field": "items", "operator": "equals", "value": 3`)),
		"r.json", rules.Catalogue()...)
	require.EqualError(t, err, `r.json:2:10: rules[0].name: already there: another rule has the name "csv-row-limit"`)
	set, err := csvio.ReadRules(strings.NewReader(`{}`), "")
	require.NoError(t, err, "no rules are a set")
	require.Empty(t, set)
}

func FuzzReadRules(f *testing.F) {
	f.Add(`{"rules": [{"name": "a", "doc": "d", "severity": "task", "message": "{value}", "field": "attributes.x", "operator": "matches", "value": "^a"}]}`)
	f.Add(`{"rules": [{"name": "a", "doc": "d", "severity": "task", "message": "m", "field": "version", "operator": "in", "value": ["2007", "8.3.83.6"], "and": [{"field": "items", "operator": "atMost", "value": 1e3}]}]}`)
	inv, err := inventory.New(inventory.Organization{}, []inventory.Mailbox{
		{Address: "a@x.com"}, {Address: "b@x.com", DisplayName: "Ärger \u212a", Size: inventory.Known(inventory.GB), Items: inventory.Known(int64(7)), UMEnabled: inventory.Yes},
	}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := csvio.ReadRules(strings.NewReader(text), "r.json")
		if err != nil {
			row, ok := err.(*csvio.RowError)
			if !ok || row.Line < 1 || row.Line > strings.Count(text, "\n")+1 || row.Column < 1 {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		if _, err := rules.Check(t.Context(), inv, set); err != nil {
			t.Fatal(err)
		}
	})
}
