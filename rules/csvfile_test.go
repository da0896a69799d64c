package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// checkFile returns what the named rule finds in a batch file, as texts does.
func checkFile(t *testing.T, params rules.Params, name, text string) []string {
	t.Helper()
	set := slices.DeleteFunc(params.Catalogue(), func(r *rules.Rule) bool { return r.Name != name })
	f, err := csvio.ReadBatchFile(strings.NewReader(text), nil)
	require.NoError(t, err)
	report, err := rules.CheckFile(t.Context(), f, nil, set)
	require.NoError(t, err)
	return texts(report)
}

// The lengths of a password are parameters; 0 stands for the published ones.
func TestPasswordParams(t *testing.T) {
	const file = "EmailAddress,Password\na@x.com,123456\nb@x.com,12345678\nc@x.com,1234567890123456\nd@x.com,12345678901234567\n"
	const found = "csv-password-policy blocker before row "
	require.Equal(t, []string{found + "a@x.com: The password has 6 characters, fewer than 8.", found + "d@x.com: The password has 17 characters, more than 16."},
		checkFile(t, rules.Params{}, "csv-password-policy", file), "published")
	require.Equal(t, []string{found + "a@x.com: The password has 6 characters, fewer than 9.", found + "b@x.com: The password has 8 characters, fewer than 9."},
		checkFile(t, rules.Params{MinPassword: 9, MaxPassword: 17}, "csv-password-policy", file), "a tenant that asks for more")
	require.Equal(t, []string{found + "d@x.com: The password has 17 characters, more than 16."},
		checkFile(t, rules.Params{MinPassword: 6}, "csv-password-policy", file), "what servers were seen to take")
}

// UTF-16 that lost its byte order mark is UTF-8 with NUL characters for the service.
func TestEncodingWithoutMark(t *testing.T) {
	file := strings.Join(strings.Split("EmailAddress\na@x.com\n", ""), "\x00") + "\x00"
	require.Equal(t, []string{"csv-encoding warning before file : The file has NUL characters: it seems to be UTF-16 without a byte order mark, which the service reads as UTF-8."},
		checkFile(t, rules.Params{}, "csv-encoding", file))
	require.Equal(t, []string{"csv-email-column-missing blocker before file : The header has no column EmailAddress, since the service does not read the text as it was written."},
		checkFile(t, rules.Params{}, "csv-email-column-missing", file))
}

// A packing by hand can have a mailbox twice.
func TestDuplicateInPacking(t *testing.T) {
	inv := newInventory(t, inventory.Organization{}, []inventory.Mailbox{{Address: "a@x.com"}, {Address: "b@x.com"}})
	a, b := inv.At(0), inv.At(1)
	p := &batch.Packing{Inventory: inv, Batches: []batch.Batch{
		{Name: "B1", Mailboxes: []*inventory.Mailbox{a, b}}, {Name: "B2", Mailboxes: []*inventory.Mailbox{a}},
		{Name: "B3", Mailboxes: []*inventory.Mailbox{a}},
	}}
	set := slices.DeleteFunc(rules.Catalogue(), func(r *rules.Rule) bool { return r.Name != "csv-duplicate-mailbox" })
	report, err := rules.CheckPacking(t.Context(), p, set)
	require.NoError(t, err)
	require.Equal(t, []string{
		"csv-duplicate-mailbox blocker before plan a@x.com: It is in a batch twice: in B1 and in B2.",
		"csv-duplicate-mailbox blocker before plan a@x.com: It is in a batch twice: in B1 and in B3.",
	}, texts(report))
}

// Boolean.TryParse takes NUL characters around a value, which no editor shows.
func TestForceChangeWithNUL(t *testing.T) {
	const file = "EmailAddress,ForceChangePassword\na@x.com,True\x00\nb@x.com,T\x00rue\n"
	require.Equal(t, []string{"csv-force-change-value blocker before row b@x.com: What is in ForceChangePassword is neither True nor False."},
		checkFile(t, rules.Params{}, "csv-force-change-value", file))
}

// What is said of several rows together has the place of the first.
func TestForceChangeLine(t *testing.T) {
	inv := newInventory(t, inventory.Organization{FederatedDomains: []string{"x.com"}}, nil)
	f, err := csvio.ReadBatchFile(strings.NewReader("EmailAddress\na@y.com\na@x.com\nb@x.com\n"), nil)
	require.NoError(t, err)
	set := slices.DeleteFunc(rules.Catalogue(), func(r *rules.Rule) bool { return r.Name != "csv-force-change-federated" })
	report, err := rules.CheckFile(t.Context(), f, inv, set)
	require.NoError(t, err)
	require.Len(t, report.Findings, 1)
	require.Equal(t, 3, report.Findings[0].Source.Line)
}

// Findings about a batch file have the place of what is wrong, and the line 0 if that is
// the whole file.
func TestPlacesInFiles(t *testing.T) {
	org := inventory.Organization{FederatedDomains: []string{"x.com"}}
	known := newInventory(t, org, []inventory.Mailbox{{Address: "a@x.com"}, {Address: "b@x.com", WindowsEmailAddress: "b2@x.com"}})
	unknown := newInventory(t, inventory.Organization{}, nil)
	for _, tt := range []struct {
		reason, rule, file string
		inv                *inventory.Inventory
		want               []string
	}{
		{"an empty file has a first line", "csv-empty", "", unknown, []string{"file 1:0"}},
		{"below the header nothing follows", "csv-empty", "\n\nEmailAddress\n", unknown, []string{"file 3:0"}},
		{"the header has the wrong separators", "csv-delimiter", "\nEmailAddress;Password\na@x.com;\n", unknown, []string{"file 2:1"}},
		{"the header has no addresses", "csv-email-column-missing", "\nPassword\nx\n", unknown, []string{"file 2:1"}},
		{"the columns that are not known", "csv-unknown-column", "EmailAddress,Phone\na@x.com,1\n", unknown, []string{"file 1:14"}},
		{"the second of two columns", "csv-unknown-column", "EmailAddress,Password,EmailAddress\na@x.com,,\n", unknown, []string{"file 1:23"}},
		{"Username", "csv-unknown-column", "EmailAddress,Username\na@x.com,\n", unknown, []string{"file 1:14"}},
		{"Username where addresses are", "csv-unknown-column", "Username,EmailAddress\n,a@x.com\n", unknown, []string{"file 1:1"}},
		{"a row of one cell", "csv-ragged-row", "EmailAddress,Password\na@x.com,\nb@x.com\n", unknown, []string{"file 3:0"}},
		{"a cell with a quote", "csv-ragged-row", "EmailAddress,Password\na@x.com,\"abc\"d\n", unknown, []string{"row 2:9"}},
		{"bytes of Latin-1", "csv-encoding", "EmailAddress\na@x.com\nb\xfc@x.com\n", unknown, []string{"file 3:2"}},
		{"the password", "csv-password-policy", "EmailAddress,Password\na@x.com,123\n", unknown, []string{"row 2:9"}},
		{"the value", "csv-force-change-value", "EmailAddress,ForceChangePassword\na@x.com,yes\n", unknown, []string{"row 2:9"}},
		{"the value that is True", "csv-force-change-federated", "EmailAddress,ForceChangePassword\na@x.com,True\n", known, []string{"row 2:9"}},
		{"the first row without a value", "csv-force-change-federated", "EmailAddress,ForceChangePassword\na@y.com,\na@x.com,\nb@x.com,\n", known,
			[]string{"file 3:0"}},
		{"of one row it is not known", "csv-force-change-federated", "EmailAddress,ForceChangePassword\na@x.com,\n", unknown, []string{"file 0:0"}},
		{"the address is none", "csv-address-not-source-primary", "EmailAddress\nanna\n", known, []string{"row 2:1"}},
		{"nobody has the address", "csv-address-not-source-primary", "Password,EmailAddress\n,c@x.com\n", known, []string{"row 2:2"}},
		{"it is Username that nobody has", "csv-address-not-source-primary", "EmailAddress,Username\na@x.com,c@x.com\n", known, []string{"row 2:9"}},
		{"of one address it is not known", "csv-address-not-source-primary", "EmailAddress\na@x.com\n", unknown, []string{"file 0:0"}},
		{"the first row that is too many", "csv-row-limit", string(batchFile(2001, 0)), unknown, []string{"file 2002:0"}},
		{"the size is that of the file", "csv-row-limit", string(batchFile(1, 10<<20+1)), unknown, []string{"file 0:0"}},
		{"the second row", "csv-duplicate-mailbox", "EmailAddress\na@x.com\na@x.com\n", unknown, []string{"row 3:1"}},
		{"of one mailbox it is not known", "csv-scope-bypass", "EmailAddress\na@x.com\n", unknown, []string{"file 0:0"}},
	} {
		f, err := csvio.ReadBatchFile(strings.NewReader(tt.file), nil)
		require.NoError(t, err, tt.reason)
		report, err := rules.CheckFile(t.Context(), f, tt.inv, []*rules.Rule{named(t, rules.Catalogue(), tt.rule)})
		require.NoError(t, err, tt.reason)
		var got []string
		for _, f := range report.Findings {
			got = append(got, fmt.Sprintf("%v %d:%d", f.Scope, f.Source.Line, f.Column))
		}
		require.Equal(t, tt.want, got, tt.reason)
	}
}

// Of a file that was read in part the row that is too many may be missing.
func TestRowLimitOfPart(t *testing.T) {
	set := []*rules.Rule{named(t, rules.Catalogue(), "csv-row-limit")}
	report, err := rules.CheckFile(t.Context(), &rules.BatchFile{Name: "b.csv", RowCount: 9999, Rows: make([]rules.FileRow, 2000)}, nil, set)
	require.NoError(t, err)
	require.Len(t, report.Findings, 1)
	require.Equal(t, inventory.Source{File: "b.csv"}, report.Findings[0].Source)
}

// Some findings have a remedy that is not the rule's: no row of the file has to go, and a
// column may be meant as it is.
func TestRemediesInFiles(t *testing.T) {
	for _, tt := range []struct {
		reason, rule, file string
		allowed            bool
		want               string
	}{
		{"the shell takes larger files", "csv-row-limit", string(batchFile(1, 10<<20+1)), false, "Create the batch with New-MigrationBatch, or split it."},
		{"others are allowed", "csv-unknown-column", "EmailAddress,Pasword\na@x.com,\n", true, "See that none of them is an optional column whose name is misspelt."},
		{"the service knows it", "csv-unknown-column", "EmailAddress,Username\na@x.com,\n", false, "Take the column out, unless it is meant so."},
	} {
		f, err := csvio.ReadBatchFile(strings.NewReader(tt.file), nil)
		require.NoError(t, err)
		f.UnknownColumns = tt.allowed
		report, err := rules.CheckFile(t.Context(), f, nil, []*rules.Rule{named(t, rules.Catalogue(), tt.rule)})
		require.NoError(t, err)
		require.Len(t, report.Findings, 1, tt.reason)
		require.Equal(t, tt.want, report.Findings[0].Remedy, tt.reason)
	}
}
