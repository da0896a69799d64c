package rules_test

import (
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
	}}
	set := slices.DeleteFunc(rules.Catalogue(), func(r *rules.Rule) bool { return r.Name != "csv-duplicate-mailbox" })
	report, err := rules.CheckPacking(t.Context(), p, set)
	require.NoError(t, err)
	require.Equal(t, []string{"csv-duplicate-mailbox blocker before plan a@x.com: It is in a batch twice: in B1 and in B2."}, texts(report))
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
