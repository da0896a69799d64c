package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Two mailboxes are hidden, one of them on the old server; of the third nothing is wrong.
const (
	threeMailboxes = "PrimarySmtpAddress,HiddenFromAddressListsEnabled,RecipientTypeDetails,ServerName\n" +
		"a@x.com,True,SharedMailbox,OLD1\nb@x.com,False,SharedMailbox,NEW1\nc@x.com,True,SharedMailbox,OLD2\n"
	ownRules = `{"rules": [{"name": "old-server", "doc": "OLD1 goes last.", "severity": "blocker", "field": "server", "operator": "equals",
  "value": "OLD1", "message": "It is on {value}."}]}`
	moreRules = `{"rules": [{"name": "new-server", "doc": "NEW1 is watched.", "severity": "blocker", "field": "server", "operator": "startsWith",
  "value": "new", "message": "It is on {value}, which is watched."}]}`
	policy = `{"off": ["mailbox-no-cloud-mail-user"], "severities": {"new-server": "task"},
  "waivers": [{"rule": "mailbox-hidden-from-address-lists", "subjects": ["A@x.com", "c@x.com"], "reason": "Kim shows it on the day."},
    {"rule": "old-server", "subjects": ["a@x.com"], "reason": "OLD1 is tested with it."}]}`
)

func TestRulesAndPolicy(t *testing.T) {
	dir := write(t, map[string]string{"m.csv": threeMailboxes, "own.json": ownRules, "more.json": moreRules, "policy.json": policy})
	in := func(name string) string { return filepath.Join(dir, name) }
	rulesOf := func(d document) map[string]string {
		found := make(map[string]string) // severity and reason
		for _, f := range d.Findings {
			if f.Scope == "mailbox" && !f.Unverified {
				found[f.Subject+" "+f.Rule] = strings.TrimSpace(f.Severity + " " + f.Waived)
			}
		}
		return found
	}
	code, stdout, stderr := call(t, "-mailboxes", in("m.csv"), "-rules", in("own.json"), "-rules", in("more.json"), "-out", in("without"))
	require.Equal(t, exitPlanned, code, stderr)
	d := readPlan(t, in("without"))
	require.Equal(t, map[string]string{"a@x.com mailbox-hidden-from-address-lists": "blocker", "a@x.com old-server": "blocker", "b@x.com new-server": "blocker",
		"c@x.com mailbox-hidden-from-address-lists": "blocker"}, rulesOf(d))
	require.Equal(t, 3, d.Counts.Held)
	require.Contains(t, stdout, "       1  old-server\n          OLD1 goes last.\n       1  new-server\n", "a rule without a remedy says what it asks")
	require.NotContains(t, stdout, "Waived")
	require.Contains(t, stdout, "mailbox-no-cloud-mail-user")

	code, stdout, stderr = call(t, "-mailboxes", in("m.csv"), "-rules", in("own.json"), "-rules", in("more.json"), "-policy", in("policy.json"), "-out", in("with"))
	require.Equal(t, exitPlanned, code, stderr)
	d = readPlan(t, in("with"))
	require.Equal(t, map[string]string{
		"a@x.com mailbox-hidden-from-address-lists": "blocker Kim shows it on the day.",
		"a@x.com old-server":                        "blocker OLD1 is tested with it.",
		"b@x.com new-server":                        "task",
		"c@x.com mailbox-hidden-from-address-lists": "blocker Kim shows it on the day.",
	}, rulesOf(d))
	require.Zero(t, d.Counts.Held, "what is waived or no blocker any more holds nothing")
	require.Contains(t, stdout, `
Waived
       2  mailbox-hidden-from-address-lists
          Kim shows it on the day.
       1  old-server
          OLD1 is tested with it.

What to do next`)
	require.NotContains(t, stdout, "mailbox-no-cloud-mail-user", "it is off")
}

// Columns that rules ask for are read, from whichever file has them.
func TestRulesOnAttributes(t *testing.T) {
	dir := write(t, map[string]string{
		"m.csv":         "PrimarySmtpAddress,Custom Attribute 1,Department\na@x.com,Legal Hold,R&D\nb@x.com,,Board\n",
		"directory.csv": "DN,mail,homeMDB,extensionAttribute1,department\n\"CN=C,DC=x\",c@x.com,\"CN=DB1,DC=x\",legal hold,R&D\n",
		"hold.json": `{"rules": [{"name": "hold", "doc": "Held.", "severity": "blocker", "field": "attributes.CustomAttribute1",
  "operator": "equals", "value": "Legal Hold", "message": "m"}]}`,
		"board.json": `{"rules": [{"name": "board", "doc": "The board.", "severity": "blocker", "field": "domain",
  "operator": "equals", "value": "x.com", "message": "m", "and": [{"field": "attributes.department", "operator": "equals", "value": "board"}]}]}`,
	})
	in := func(name string) string { return filepath.Join(dir, name) }
	code, _, stderr := call(t, "-mailboxes", in("m.csv"), "-mailboxes", in("directory.csv"), "-rules", in("hold.json"), "-rules", in("board.json"), "-out", in("out"))
	require.Equal(t, exitPlanned, code, stderr)
	held, _ := table(t, filepath.Join(dir, "out", "held.csv"))
	got := make(map[string]string)
	for _, row := range held {
		got[row["EmailAddress"]] += row["Rule"]
	}
	require.Equal(t, map[string]string{"a@x.com": "hold", "b@x.com": "board", "c@x.com": "hold"}, got)
}

// The rules and the policy that the README shows can be used.
func TestReadmeRules(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(readme), "\nRules of your own, ")
	var shown []string
	for _, block := range strings.Split(section, "```json\n")[1:] {
		text, _, _ := strings.Cut(block, "```\n")
		shown = append(shown, text)
	}
	require.Len(t, shown, 2)
	dir := write(t, map[string]string{"rules.json": shown[0], "policy.json": shown[1]})
	code, _, stderr := call(t, "-rules", filepath.Join(dir, "rules.json"), "-policy", filepath.Join(dir, "policy.json"))
	require.Equal(t, exitPlanned, code, stderr)
}

// What is wrong with the rules is said before any export is read.
func TestRulesAndPolicyErrors(t *testing.T) {
	tests := []struct {
		reason string
		files  map[string]string // in place of the good ones
		stderr string
	}{
		{"a rule of the catalogue", map[string]string{"own.json": strings.Replace(ownRules, "old-server", "csv-row-limit", 1)},
			`own.json:1:21: rules[0].name: already there: another rule has the name "csv-row-limit"`},
		{"the same rule in two files", map[string]string{"more.json": ownRules}, `more.json:1:21: rules[0].name: already there: another rule has the name "old-server"`},
		{"a misspelt field", map[string]string{"own.json": strings.Replace(ownRules, `"server"`, `"sever"`, 1)}, `own.json:1:93: rules[0].field: invalid declaration of a rule: there is no field "sever"; the nearest is "server"`},
		{"a misspelt rule", map[string]string{"policy.json": strings.Replace(policy, `"old-server"`, `"old-sever"`, 1)},
			`policy.json:3:14: waivers[1].rule: invalid policy: there is no rule "old-sever" in the set; the nearest is "old-server"`},
		{"a waiver without a reason", map[string]string{"policy.json": strings.Replace(policy, "Kim shows it on the day.", "", 1)},
			`policy.json:2:107: waivers[0].reason: invalid policy: a waiver of mailbox-hidden-from-address-lists gives no reason`},
		{"no files", map[string]string{"policy.json": "\x00missing", "more.json": "\x00missing"},
			"more.json:1:1: cannot open it: no such file or directory\nDIR/policy.json:1:1: cannot open it: no such file or directory"},
	}
	for _, tt := range tests {
		files := map[string]string{"own.json": ownRules, "more.json": moreRules, "policy.json": policy}
		for name, text := range tt.files {
			if files[name] = text; text == "\x00missing" {
				delete(files, name)
			}
		}
		dir := write(t, files)
		code, stdout, stderr := call(t, "-rules", filepath.Join(dir, "own.json"), "-rules", filepath.Join(dir, "more.json"),
			"-policy", filepath.Join(dir, "policy.json"), "-out", filepath.Join(dir, "out"))
		require.Equal(t, exitFailed, code, tt.reason)
		require.Empty(t, stdout, tt.reason)
		require.Equal(t, "DIR/"+tt.stderr+"\n", strings.ReplaceAll(stderr, dir, "DIR"), tt.reason)
		requireNothingLeft(t, dir, len(files))
	}
}
