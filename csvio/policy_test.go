package csvio_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/rules"
)

func TestReadPolicy(t *testing.T) {
	const text = "\ufeff" + `{"off": ["mailbox-ost-resync", "mailbox-um-enabled"],
  "severities": {"mailbox-delegations-lost": "task"},
  "waivers": [{"rule": "mailbox-hidden-from-address-lists", "subjects": ["a@x.com", ""], "reason": "Kim shows it on the day."}]}`
	got, err := csvio.ReadPolicy(strings.NewReader(text), "policy.json", rules.Catalogue())
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(rules.Policy{
		Off:        []string{"mailbox-ost-resync", "mailbox-um-enabled"},
		Severities: map[string]rules.Severity{"mailbox-delegations-lost": rules.Task},
		Waivers:    []rules.Waiver{{Rule: "mailbox-hidden-from-address-lists", Subjects: []string{"a@x.com", ""}, Reason: "Kim shows it on the day."}},
	}, got))
	got, err = csvio.ReadPolicy(strings.NewReader(`{"severities": null, "off": null, "waivers": null}`), "", nil)
	require.NoError(t, err, "a policy may say nothing")
	require.Empty(t, got.Severities)
}

// Each error has the place of what is wrong, and all that are wrong in the set are there.
func TestReadPolicyRefuses(t *testing.T) {
	tests := []struct{ reason, text, want string }{
		{"no object", `[]`, `p.json:1:1: not a value of this column: want an object`},
		{"a key that is not known", `{"of": []}`, `p.json:1:2: of: not a usable export: there is no such key; the nearest is "off"`},
		{"a name for a list", `{"off": "mailbox-ost-resync"}`, `p.json:1:9: off: not a value of this column: want a list, not a string`},
		{"an object for a list", `{"off": {}}`, `p.json:1:9: off: not a value of this column: want a list, not an object`},
		{"a number for a severity", `{"severities": {"mailbox-ost-resync": 2}}`, `p.json:1:39: severities.mailbox-ost-resync: not a value of this column: want a string, not a number`},
		{"a number for a name", `{"off": ["mailbox-ost-resync",` + "\n" + `7]}`, `p.json:2:1: off[1]: not a value of this column: want a string, not a number`},
		{"a severity that there is not", `{"severities": {"mailbox-ost-resync": "deadly"}}`,
			`p.json:1:39: severities.mailbox-ost-resync: rules: "deadly" is none of ["task" "warning" "blocker"]`},
		{"a list for the severities", `{"severities": []}`, `p.json:1:16: severities: not a value of this column: want an object`},
		{"two severities of a rule", `{"severities": {"mailbox-ost-resync": "task", "mailbox-ost-resync": "task"}}`,
			`p.json:1:47: severities.mailbox-ost-resync: already there: the key is there twice`},
		{"names that the set does not have, in the order of the file", "{\"off\": [\"mailbox-ost-resync\",\n \"mailbox-ost\"],\n\"waivers\": [{\"rule\": \"hidden\", \"subjects\": [\"\"], \"reason\": \"r\"}],\n\"severities\":\n {\"csv-rows-limit\": \"task\"}}",
			`p.json:2:2: off[1]: invalid policy: there is no rule "mailbox-ost" in the set; the nearest is "mailbox-hidden"` + "\n" +
				`p.json:3:22: waivers[0].rule: invalid policy: there is no rule "hidden" in the set; the nearest is "mailbox-hidden"` + "\n" +
				`p.json:5:3: severities.csv-rows-limit: invalid policy: there is no rule "csv-rows-limit" in the set; the nearest is "csv-row-limit"`},
		{"a waiver without a reason, which the file has nowhere", "{\"waivers\": [\n{\"rule\": \"csv-row-limit\", \"subjects\": [\"\"]}]}",
			`p.json:2:1: waivers[0].reason: invalid policy: a waiver of csv-row-limit gives no reason`},
		{"a waiver with a blank reason", "{\"waivers\": [\n{\"reason\": \" \", \"rule\": \"csv-row-limit\", \"subjects\": [\"\"]}]}",
			`p.json:2:12: waivers[0].reason: invalid policy: a waiver of csv-row-limit gives no reason`},
		{"a waiver of nothing", "{\"waivers\": [\n{\"reason\": \"r\", \"rule\": \"csv-row-limit\", \"subjects\": []}]}",
			`p.json:2:54: waivers[0].subjects: invalid policy: a waiver of csv-row-limit names no subject`},
		{"two reasons", "{\"waivers\": [{\"reason\": \"r\", \"rule\": \"csv-row-limit\", \"subjects\": [\"a\"]},\n{\"reason\": \"s\", \"rule\": \"csv-row-limit\", \"subjects\": [\"b\", \"A\"]}]}",
			`p.json:2:60: waivers[1].subjects[1]: invalid policy: csv-row-limit is waived for "A" with two reasons, "r" and "s"`},
		{"cut off", `{"off": ["mailbox-ost`, `p.json:1:22: off[0]: the file is cut off: the JSON object is not complete`},
		{"something behind", `{"off": []} 1`, `p.json:1:13: not a usable export: something follows the object`},
	}
	var set []*rules.Rule
	for _, name := range []string{"mailbox-ost-resync", "csv-row-limit", "mailbox-hidden"} {
		set = append(set, &rules.Rule{Name: name})
	}
	for _, tt := range tests {
		_, err := csvio.ReadPolicy(strings.NewReader(tt.text), "p.json", set)
		require.EqualError(t, err, tt.want, tt.reason)
	}
}

func FuzzReadPolicy(f *testing.F) {
	f.Add(`{"off": ["a"], "severities": {"b": "task"}, "waivers": [{"rule": "a", "subjects": ["", "x"], "reason": "r"}]}`)
	f.Add(`{"severities": {"": null, "severities.b": 1}, "waivers": [null, {}], "off": [null]}`)
	set := []*rules.Rule{{Name: "a"}, {Name: "b"}, nil}
	f.Fuzz(func(t *testing.T, text string) {
		policy, err := csvio.ReadPolicy(strings.NewReader(text), "p.json", set)
		if err != nil {
			require.Contains(t, err.Error(), "p.json:")
			return
		}
		_, err = policy.Apply(set)
		require.NoError(t, err)
	})
}
