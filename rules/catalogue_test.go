package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/rulestest"
)

// Most of what the rules do is tested by files; see TestCatalogueFiles. Here is what only
// a program can say.

// named returns the rule of a set that has a name.
func named(t *testing.T, set []*rules.Rule, name string) *rules.Rule {
	t.Helper()
	i := slices.IndexFunc(set, func(r *rules.Rule) bool { return r.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return set[i]
}

// runText runs a rule over cases that are given as a txtar archive.
func runText(t *testing.T, archive string, rule *rules.Rule) {
	t.Helper()
	fsys, err := txtar.FS(txtar.Parse([]byte(archive)))
	require.NoError(t, err)
	rulestest.Run(t, fsys, rule)
}

// findings runs a rule of the catalogue over mailboxes and returns what it found.
func findings(t *testing.T, name string, org inventory.Organization, mailboxes ...inventory.Mailbox) []rules.Finding {
	t.Helper()
	report, err := rules.Check(t.Context(), newInventory(t, org, mailboxes), []*rules.Rule{named(t, rules.Catalogue(), name)})
	require.NoError(t, err)
	return report.Findings
}

// The cached mode of single mailboxes comes before that of the organization.
func TestOSTResyncOfMailboxes(t *testing.T) {
	tests := []struct {
		reason   string
		org, one inventory.Fact
		want     string
	}{
		{"this one is in cached mode", inventory.Unknown, inventory.Yes, "Outlook will download its 1 GB again."},
		{"this one is, though others are not", inventory.No, inventory.Yes, "Outlook will download its 1 GB again."},
		{"all but this one are", inventory.Yes, inventory.No, ""},
		{"this one is not", inventory.Unknown, inventory.No, ""},
	}
	for _, tt := range tests {
		got := findings(t, "mailbox-ost-resync", inventory.Organization{OutlookCachedMode: tt.org}, inventory.Mailbox{
			Address: "a@x.com", Kind: inventory.UserMailbox, OutlookCachedMode: tt.one, Size: inventory.Known(inventory.GB),
		})
		if tt.want == "" {
			require.Empty(t, got, tt.reason)
			continue
		}
		require.Len(t, got, 1, tt.reason)
		require.Equal(t, tt.want, got[0].Message, tt.reason)
		require.Equal(t, rules.Task, got[0].Severity, tt.reason)
	}
}

// A program may know that others have rights on a mailbox and not whose they are.
func TestDelegationsOfNobodyKnowsWhom(t *testing.T) {
	got := findings(t, "mailbox-delegations-lost", inventory.Organization{}, inventory.Mailbox{Address: "a@x.com", Delegated: inventory.Yes})
	require.Len(t, got, 2)
	require.Equal(t, "Not migrated with it: rights that others hold on it.", got[0].Message)
	require.Equal(t, rules.Warning, got[0].Severity)
	require.Equal(t, rules.After, got[1].Phase)
}

// The link of 100 Mbit/s carries 45 GB per hour.
func TestThroughputTakesTheModel(t *testing.T) {
	for _, tt := range []struct {
		reason    string
		low, high float64
		want      string
	}{
		{"both-ends-are-in-reach", 40, 45, ""},
		{"the-upper-end-is-not", 45, 50, `warning "^The uplink of 100 Mbit/s carries about 45\\.0 GB per hour at most, so the upper end of the 45 to 50 GB per hour"`},
		{"neither-is", 46, 50, `warning "less than the 46 to 50 GB per hour"`},
		{"there-is-no-such-rate", 50, 40, `warning? "^How long the migration takes cannot be estimated"`},
	} {
		set := rules.Params{Model: estimate.Model{Throughput: estimate.Throughput{Low: tt.low, High: tt.high}}}.Catalogue()
		runText(t, strings.ReplaceAll(`
-- CASE/org.json --
{"uplinkMbps": 100, "windowHours": 1000}
-- CASE/mailboxes.csv --
PrimarySmtpAddress,want
anna@contoso.com,
-- CASE/statistics.csv --
PrimarySmtpAddress,SizeBytes
anna@contoso.com,1073741824
-- CASE/packing.csv --
EmailAddress,Batch,want
anna@contoso.com,B1,
-- CASE/want.txt --
`, "CASE", tt.reason)+tt.want, named(t, set, "plan-throughput-unrealistic"))
	}
}

// A mailbox of unknown size counts for what the model has, and so may be the one that takes
// too long.
func TestThroughputCountsUnknownSizes(t *testing.T) {
	model := estimate.Model{Throughput: estimate.Throughput{Low: 10, High: 10}, Lanes: 2, UnknownSize: 15 * inventory.GB}
	runText(t, `
-- case/org.json --
{"uplinkMbps": 100, "windowHours": 2}
-- case/mailboxes.csv --
PrimarySmtpAddress,want
anna@contoso.com,
bob@contoso.com,
-- case/statistics.csv --
PrimarySmtpAddress,SizeBytes
anna@contoso.com,1073741824
-- case/packing.csv --
EmailAddress,Batch,want
anna@contoso.com,B1,
bob@contoso.com,B1,
-- case/want.txt --
warning "^There are 2 hours, and the 15 GB of bob@contoso.com alone take up to 3 h on one of 2 lanes"
warning? "^16 GB take up to 2 h at 10 to 10 GB per hour; .*: give the sizes of 1 mailbox"
`, named(t, rules.Params{Model: model}.Catalogue(), "plan-throughput-unrealistic"))
}

func TestPublicName(t *testing.T) {
	reached := func(name string) bool {
		org := inventory.Organization{OutlookAnywhere: inventory.OutlookAnywhere{Enabled: inventory.Yes, ExternalHostName: name}}
		return len(findings(t, "outlook-anywhere-unreachable", org)) == 0
	}
	for _, name := range []string{
		"mail.contoso.com", "MAIL.Contoso.Com.", " mail.contoso.com ", "203.0.113.7", "mail.münchen.de", "xn--mnchen-3ya.de", "1.contoso.com",
		"2001:db9::7", "mail.internal.contoso.com", "mail.mu\u0308nchen.de",
	} {
		require.True(t, reached(name), name)
	}
	for _, name := range []string{
		"exch01", "192.168.1.7", "192.168.1", "10.0.0.256", "172.16.0.1", "100.64.0.1", "127.0.0.1", "fe80::1", "fd00::1", "::1",
		"..", ".contoso.com", "a..com", "-.-", "-a.com", "a-.com", "exch01.contoso.local", "exch01.contoso.corp", "exch01.lan",
		"localhost.localdomain", "exch01.internal", "a.home.arpa", "home.arpa", "https://mail.contoso.com", "mail.contoso.com:443", "mail contoso.com", "mail_1.contoso.com",
	} {
		require.False(t, reached(name), name)
	}
}

// A packing by hand need not have every mailbox: where one is that it neither moves nor
// holds, and whether it is apart from others, nobody knows.
func TestDelegatesOfNoPlace(t *testing.T) {
	inv := newInventory(t, inventory.Organization{}, []inventory.Mailbox{{Address: "a@x.com"}, {Address: "b@x.com"}, {Address: "c@x.com"}},
		inventory.Grant{Mailbox: "a@x.com", Trustee: "b@x.com", Right: inventory.SendAs},
		inventory.Grant{Mailbox: "b@x.com", Trustee: "a@x.com", Right: inventory.SendAs},
		inventory.Grant{Mailbox: "a@x.com", Trustee: "c@x.com", Right: inventory.SendAs},
		inventory.Grant{Mailbox: "c@x.com", Trustee: "a@x.com", Right: inventory.SendAs})
	b, c := inv.At(1), inv.At(2)
	p := &batch.Packing{Inventory: inv, Batches: []batch.Batch{{Name: "B1", Mailboxes: []*inventory.Mailbox{b}}}, Held: []*inventory.Mailbox{c}}
	for _, name := range []string{"batch-splits-delegates", "batch-leaves-delegates"} {
		report, err := rules.CheckPacking(t.Context(), p, []*rules.Rule{named(t, rules.Catalogue(), name)})
		require.NoError(t, err)
		require.Empty(t, report.Findings, name)
	}
}
