package rulestest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/rulestest"
)

// recorder is a test that keeps what is reported to it.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// run runs a rule over the cases of an archive and returns the results and what was
// reported.
func run(t *testing.T, archive string, rule *rules.Rule) ([]*rulestest.Result, []string) {
	t.Helper()
	fsys, err := txtar.FS(txtar.Parse([]byte(archive)))
	require.NoError(t, err)
	r := &recorder{TB: t}
	results := rulestest.Run(r, fsys, rule)
	return results, r.errors
}

// hidden reports mailboxes that are hidden, what the organization is called, and
// batches and users that have failed.
var hidden = &rules.Rule{
	Name: "hidden", Doc: "Nobody hides.", Severity: rules.Blocker, Remedy: "Show it.",
	Organization: func(p *rules.Pass) {
		if name := p.Organization().Name; name != "" {
			p.Report(rules.Finding{Severity: rules.Warning, Message: "It is called " + name + "."})
		}
	},
	Mailbox: func(p *rules.Pass, m *inventory.Mailbox) {
		switch m.HiddenFromAddressLists {
		case inventory.Yes:
			p.Reportf("It is hidden (from all).")
			p.Report(rules.Finding{Severity: rules.Task, Phase: rules.After, Message: "Hide it again, once \"all\" have moved."})
		case inventory.Unknown:
			p.Unverifiedf("It may be hidden.")
		}
	},
	Packing: func(p *rules.Pass, packing *batch.Packing) {
		for _, b := range packing.Batches {
			first := b.Mailboxes[0].Address
			p.Report(rules.Finding{Scope: rules.ScopeBatch, Subject: b.Name, Severity: rules.Task, Message: fmt.Sprintf(
				"%d of %d, %d, from %s", len(b.Mailboxes), packing.Limits.Mailboxes, packing.Limits.Size+packing.Limits.UnknownSize, first)})
			p.Report(rules.Finding{Scope: rules.ScopeMailbox, Subject: string(first), Severity: rules.Task, Message: "first"})
		}
		p.Report(rules.Finding{Severity: rules.Task, Message: fmt.Sprintf("%d held, %d split", len(packing.Held), len(packing.Split))})
	},
	File: func(p *rules.Pass, f *rules.BatchFile) {
		p.Report(rules.Finding{Severity: rules.Task, Message: fmt.Sprint(f.Name, " has ", len(f.Rows), " rows, unknown columns: ", f.UnknownColumns)})
		for _, row := range f.Rows {
			if _, ok := p.Inventory.Lookup(inventory.Address(row.Cells[0].Text)); ok {
				p.Report(rules.Finding{Severity: rules.Task, Scope: rules.ScopeMailbox, Subject: row.Cells[0].Text, Message: "listed"})
			}
		}
	},
	Status: func(p *rules.Pass, s *inventory.Status) {
		for _, u := range s.Users {
			if u.State.Is(inventory.Failed) {
				p.Report(rules.Finding{Scope: rules.ScopeMailbox, Severity: rules.Warning, Subject: string(u.Address), Message: "failed"})
			}
		}
	},
}

const header = "PrimarySmtpAddress,HiddenFromAddressListsEnabled,want\n"

// Everything that can be given and expected, and nothing is reported.
func TestRunPasses(t *testing.T) {
	archive := `
-- everything/org.json --
{"name": "Contoso"}
-- everything/mailboxes.csv --
#TYPE Selected.Mailbox
PrimarySmtpAddress,HiddenFromAddressListsEnabled,want
Anna@contoso.com,True,"blocker ""hidden \\(from"" task/after ""Hide it again""
task ""first"" warning ` + "`^failed$`" + `"
ben@contoso.com,,blocker? ` + "`may be`" + `
cleo@contoso.com,False,task ` + "`listed`" + `
-- everything/grants.csv --
Mailbox,User,AccessRights
anna@contoso.com,ben@contoso.com,SendAs
-- everything/want.txt --
# What is about no mailbox.
warning "called Contoso"

B1: task "1 of 5, 12, from anna@contoso.com"
"B: 2": task "1 of 5, 12, from ben@contoso.com"
task "1 held, 1 split"
task "everything/batch\\.csv has 2 rows, unknown columns: true"
-- everything/packing.csv --
EmailAddress,Batch,want
anna@contoso.com,B1,
ben@contoso.com,B: 2,task ` + "`first`" + `
-- everything/limits.json --
{"mailboxes": 5, "sizeBytes": 10, "unknownSizeBytes": 2}
-- everything/batch.csv --
EmailAddress
cleo@contoso.com
stranger@contoso.com
-- everything/batch.json --
{"unknownColumns": true}
-- everything/status.json --
{"at": "2014-02-03T00:00:00Z", "users": [{"address": "anna@contoso.com", "state": "failed"}, {"address": "ben@contoso.com", "state": "Synced"}]}
-- nothing/org.json --
{}
-- alone/mailboxes.csv --
` + header + `dora@contoso.com,false,
`
	results, errs := run(t, archive, hidden)
	require.Empty(t, errs)
	var got []string
	for _, r := range results {
		n := r.Report.Counts()
		got = append(got, fmt.Sprintln(r.Case, n.Blockers, n.Warnings, n.Tasks, n.Unverified))
	}
	// Anna: a blocker, a task, a failure; Contoso: a warning; two batches with two tasks
	// each and one for the whole; a batch file with one and a row with another.
	require.Equal(t, []string{"alone 0 0 0 0\n", "everything 1 2 8 1\n", "nothing 0 0 0 0\n"}, got, "in the order of the names")
}

// The columns that a rule asks for are kept, and no others.
func TestRunKeepsAttributes(t *testing.T) {
	held := &rules.Rule{
		Name: "held", Doc: "It stays.", Severity: rules.Blocker, Attributes: []string{"CustomAttribute1"},
		Mailbox: func(p *rules.Pass, m *inventory.Mailbox) {
			value, _ := m.Attrs.Get("CustomAttribute1")
			_, other := m.Attrs.Get("Department")
			p.Reportf("%s %v", value, other)
		},
	}
	_, errs := run(t, `
-- a/mailboxes.csv --
PrimarySmtpAddress,CustomAttribute1,Department,want
anna@contoso.com,Legal Hold,R&D,blocker `+"`^Legal Hold false$`"+`
`, held)
	require.Empty(t, errs)
}

// What must fail does, each with its place and what to write instead.
func TestRunFails(t *testing.T) {
	one := func(row string) string { return "-- c/mailboxes.csv --\n" + header + row + "\n" }
	found := func(text string) string {
		return "c/mailboxes.csv:2: unexpected finding about a@x.com; if it is right, expect it:\n\t" + text
	}
	unmet := func(text string) string {
		return "c/mailboxes.csv:2: no finding about a@x.com that meets the expectation:\n\t" + text
	}
	const (
		byHand = "blocker `It is hidden \\(from all\\)\\.`"
		again  = "\"task/after `Hide it again, once \"\"all\"\" have moved\\.`\""
	)
	packing := func(rows ...string) string {
		return one("a@x.com,False,\nb@x.com,False,\nc@x.com,False,\nd@x.com,False,") +
			"-- c/grants.csv --\nMailbox,User,AccessRights\na@x.com,b@x.com,SendAs\na@x.com,c@x.com,SendAs\na@x.com,d@x.com,SendAs\nd@x.com,a@x.com,SendAs\n" +
			"-- c/packing.csv --\nEmailAddress,Batch,want\n" + strings.Join(rows, "\n") + "\n"
	}
	tests := []struct {
		reason  string
		archive string
		want    []string
	}{
		{"a finding that nothing expects", one("a@x.com,True,task/after `again`"), []string{found(byHand)}},
		{"what is shown can be pasted, with comma and quotes", one("a@x.com,True,blocker `hidden`"), []string{found(again)}},
		{"what was pasted passes", one("a@x.com,True,\"blocker `It is hidden \\(from all\\)\\.` " + again[1:]), nil},
		{"an expectation that nothing meets", one("a@x.com,False,blocker `hidden`"), []string{unmet("blocker `hidden`")}},
		{"another severity", one("a@x.com,,task? `may be`"), []string{found("blocker? `It may be hidden\\.`"), unmet("task? `may be`")}},
		{"another phase", one("a@x.com,,blocker?/during `may be`"), []string{found("blocker? `It may be hidden\\.`"), unmet("blocker?/during `may be`")}},
		{"before is the phase without a word", one("a@x.com,,blocker?/before `may be`"), nil},
		{"quotes within a cell that has none around it", one("a@x.com,,blocker? \"may be\""), nil},
		{"the other phase where none is given", one("a@x.com,True,blocker `hidden` task `again`"), []string{found(again), unmet("task `again`")}},
		{"no question mark", one("a@x.com,,blocker `may be`"), []string{found("blocker? `It may be hidden\\.`"), unmet("blocker `may be`")}},
		{"a question mark too many", one("a@x.com,True,blocker? `hidden` task/after `again`"), []string{found(byHand), unmet("blocker? `hidden`")}},
		{"another message", one("a@x.com,,blocker? `^may be`"), []string{found("blocker? `It may be hidden\\.`"), unmet("blocker? `^may be`")}},
		{"one finding meets one expectation", one("a@x.com,,blocker? `may` blocker? `be`"), []string{unmet("blocker? `be`")}},
		{"another mailbox", one("a@x.com,,\nb@x.com,False,blocker? `may be`"), []string{
			found("blocker? `It may be hidden\\.`"),
			"c/mailboxes.csv:3: no finding about b@x.com that meets the expectation:\n\tblocker? `may be`",
		}},
		{"the column may be the first", "-- c/mailboxes.csv --\nwant,PrimarySmtpAddress\ntask `x`,a@x.com\n", []string{
			found("blocker? `It may be hidden\\.`"), unmet("task `x`"),
		}},
		{"a row of no mailbox, with nothing expected", "-- c/mailboxes.csv --\nDN,objectClass,mail,homeMDB,want\n\"CN=A,DC=x\",contact,a@x.com,,\n", nil},
		{"what is about the organization goes to want.txt", "-- c/org.json --\n{\"name\": \"A`B\"}\n", []string{
			"c/want.txt: unexpected finding; if it is right, expect it:\n\twarning \"It is called A`B\\\\.\"",
		}},
		{"and passes there", "-- c/org.json --\n{\"name\": \"A`B\"}\n-- c/want.txt --\nwarning \"It is called A`B\\\\.\"\n", nil},
		{"not met in want.txt", "-- c/want.txt --\n# none\n\nwarning \"called\"\n", []string{"c/want.txt:3: no finding that meets the expectation:\n\twarning \"called\""}},
		{"a subject is part of it", "-- c/org.json --\n{\"name\": \"A\"}\n-- c/want.txt --\nA: warning \"called\"\n", []string{
			"c/want.txt: unexpected finding; if it is right, expect it:\n\twarning `It is called A\\.`",
			"c/want.txt:1: no finding about A that meets the expectation:\n\twarning \"called\"",
		}},
		{"a packing is as it is given: two together, who is split, who stays", packing("a@x.com,B1,task `first`", "b@x.com,B1,", "c@x.com,B2,") +
			"-- c/want.txt --\nB1: task `^2 of`\ntask `^1 held, 1 split`\n", []string{
			"c/want.txt: unexpected finding about B2; if it is right, expect it:\n\tB2: task `1 of 2000, 0, from c@x\\.com`",
			"c/mailboxes.csv:4: unexpected finding about c@x.com; if it is right, expect it:\n\ttask `first`",
		}},
		{"batches are named", one("a@x.com,False,task `first`") + "-- c/packing.csv --\nEmailAddress,Batch,want\na@x.com,B: 1,\n-- c/want.txt --\ntask `held`\n", []string{
			"c/want.txt: unexpected finding about B: 1; if it is right, expect it:\n\t\"B: 1\": task `1 of 2000, 0, from a@x\\.com`",
		}},
	}
	for _, tt := range tests {
		_, errs := run(t, tt.archive, hidden)
		require.Empty(t, cmp.Diff(tt.want, errs), tt.reason)
	}
}

// A case that is not what it seems is an error and is not run.
func TestRunRefuses(t *testing.T) {
	one := func(want string) string { return "-- c/mailboxes.csv --\n" + header + "a@x.com,False," + want + "\n" }
	packing := func(text string) string { return one("") + "-- c/packing.csv --\n" + text }
	tests := []struct {
		reason  string
		archive string
		want    string // in the only error
	}{
		{"no cases", "", "there are no cases for hidden"},
		{"a file beside the cases", "-- mailboxes.csv --\n" + header + one(""), "mailboxes.csv: a file that is in no case"},
		{"an unknown file", "-- c/mailbox.csv --\n" + header, "c/mailbox.csv: not the name of a file of a case; those are org.json, mailboxes.csv,"},
		{"a folder in a case", "-- c/d/org.json --\n{}\n", "c/d: not the name"},
		{"no severity", one("hidden"), "c/mailboxes.csv:2: want an expectation such as"},
		{"an unknown severity", one("error `x`"), "c/mailboxes.csv:2: want an expectation such as"},
		{"an unknown phase", one("task/later `x`"), "c/mailboxes.csv:2: want an expectation such as"},
		{"the question mark behind the phase", one("task/after? `x`"), "c/mailboxes.csv:2: want an expectation such as"},
		{"no message", one("task"), "c/mailboxes.csv:2: want an expectation such as"},
		{"a message without an end", one("task `x"), "c/mailboxes.csv:2: the message is no Go string"},
		{"a single backslash in quotes", one(`"task ""1\.5"""`), "c/mailboxes.csv:2: the message is no Go string"},
		{"a bad regexp", one("task `a(`"), "c/mailboxes.csv:2: error parsing regexp: missing closing ): `a(`"},
		{"something behind the message", "-- c/want.txt --\ntask `x` y\n", "c/want.txt:1: want an expectation such as"},
		{"a subject without a colon", "-- c/want.txt --\n\n\"B 1\" task `x`\n", "c/want.txt:2: want a colon behind the subject \"B 1\""},
		{"a subject alone", "-- c/want.txt --\nB1\n", "c/want.txt:1: want an expectation such as"},
		{"no column want", "-- c/mailboxes.csv --\nPrimarySmtpAddress,wants\na@x.com,\n", "c/mailboxes.csv:1: there must be one column want"},
		{"two columns want", "-- c/mailboxes.csv --\nPrimarySmtpAddress,want,want\na@x.com,,\n", "c/mailboxes.csv:1:25: want:"},
		{"no column with the address", "-- c/mailboxes.csv --\nName,want\na,\n", "c/mailboxes.csv:1:1:"},
		{"a value that is none", "-- c/mailboxes.csv --\n" + header + "a@x.com,perhaps,\n", "c/mailboxes.csv:2:9: HiddenFromAddressListsEnabled:"},
		{"a row without the last cell", "-- c/mailboxes.csv --\n" + header + "a@x.com,False\n", "c/mailboxes.csv:2:"},
		{"an expectation about what is no mailbox", "-- c/mailboxes.csv --\nDN,objectClass,mail,homeMDB,want\n" +
			"\"CN=A,DC=x\",contact,a@x.com,,task `x`\n", "c/mailboxes.csv:2: an expectation in a row without a mailbox"},
		{"a row too short", "-- c/mailboxes.csv --\n" + header + "a@x.com\n", "c/mailboxes.csv:2:"},
		{"a list that was lost", "-- c/mailboxes.csv --\nPrimarySmtpAddress,EmailAddresses,want\na@x.com,Microsoft.Exchange.Data.ProxyAddressCollection,\n", "the export has lost data"},
		{"a quote that is not closed", "-- c/mailboxes.csv --\n" + header + "\"a@x.com,True,\n", "c/mailboxes.csv:2:"},
		{"a key that is none", "-- c/org.json --\n{\"nam\": \"A\"}\n", "c/org.json:1:2: nam:"},
		{"a key of a status that is none", "-- c/status.json --\n{\"user\": []}\n", "c/status.json: json: unknown field \"user\""},
		{"a status too many", "-- c/status.json --\n{} {}\n", "c/status.json: something follows the object"},
		{"a stranger in a packing", packing("EmailAddress,Batch,want\nb@x.com,B1,\n"), "c/packing.csv:2: mailboxes.csv has no mailbox b@x.com"},
		{"an unknown column in a packing", packing("EmailAddress,Batch,wants,want\na@x.com,B1,,\n"), "c/packing.csv:1: the column \"wants\" is none of EmailAddress, Batch, want"},
		{"a packing without expectations", packing("EmailAddress,Batch\na@x.com,B1\n"), "c/packing.csv:1: there must be one column want"},
		{"a batch without a name", packing("EmailAddress,Batch,want\na@x.com,,\n"), "c/packing.csv:2:9: Batch:"},
		{"limits of nothing", one("") + "-- c/limits.json --\n{}\n", "c/limits.json: limits without packing.csv"},
		{"options of nothing", "-- c/batch.json --\n{}\n", "c/batch.json: options without batch.csv"},
		{"an option that is none", "-- c/batch.csv --\nEmailAddress\n-- c/batch.json --\n{\"password\": true}\n", "c/batch.json: json: unknown field \"password\""},
		{"a limit that is none", packing("EmailAddress,Batch,want\n") + "-- c/limits.json --\n{\"size\": 1}\n", "c/limits.json: json: unknown field \"size\""},
	}
	for _, tt := range tests {
		results, errs := run(t, tt.archive, hidden)
		require.NotEmpty(t, errs, tt.reason)
		require.Contains(t, errs[0], tt.want, tt.reason)
		for _, r := range results {
			require.Contains(t, tt.reason, "beside the cases", "%s is not run", r.Case)
		}
	}
}

func TestRunRefusesRules(t *testing.T) {
	_, errs := run(t, "-- c/org.json --\n{}\n", &rules.Rule{Name: "x"})
	require.Len(t, errs, 1)
	require.Contains(t, errs[0], "x has no doc")

	only := &rules.Rule{Name: "x", Doc: "Test.", Severity: rules.Task, Packing: hidden.Packing, File: hidden.File, Status: hidden.Status}
	results, errs := run(t, "-- c/org.json --\n{}\n", only)
	require.Equal(t, []string{"c: there is nothing that the rule checks; it wants packing.csv or batch.csv or status.json"}, errs)
	require.Empty(t, results)
	_, errs = run(t, "-- c/status.json --\n{}\n", only)
	require.Empty(t, errs)

	panics := &rules.Rule{Name: "x", Doc: "Test.", Severity: rules.Task, Organization: func(*rules.Pass) { panic("no") }}
	_, errs = run(t, "-- c/org.json --\n{}\n", panics)
	require.Equal(t, []string{"c: rule x panicked: no"}, errs)
}

// canceled is a test whose context has ended.
type canceled struct{ recorder }

func (*canceled) Context() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestRunTakesTheContextOfTheTest(t *testing.T) {
	fsys, err := txtar.FS(txtar.Parse([]byte("-- c/org.json --\n{}\n")))
	require.NoError(t, err)
	r := &canceled{recorder{TB: t}}
	require.Empty(t, rulestest.Run(r, fsys, hidden))
	require.Equal(t, []string{"context canceled"}, r.errors)
}

// Each case is a subtest where there are any.
func TestRunSubtests(t *testing.T) {
	fsys, err := txtar.FS(txtar.Parse([]byte("-- b/org.json --\n{}\n-- a/org.json --\n{}\n")))
	require.NoError(t, err)
	var names []string
	named := &rules.Rule{Name: "x", Doc: "Test.", Severity: rules.Task, Organization: func(*rules.Pass) {}}
	for _, r := range rulestest.Run(t, fsys, named) {
		names = append(names, r.Case)
	}
	require.Equal(t, []string{"a", "b"}, names)
}
