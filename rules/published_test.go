package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// The documents that the figures below are from.
const (
	practices = "performance best practices, "
	limits    = "Exchange Online limits, edition of October 2019"
	expiry    = "manage migration batches, line 52"
)

// The figures that are published of limits and deadlines, each with what is just within it
// and what is just beyond. How many mailboxes a batch takes, and how many batches the
// service, are too long to write down: see generatedCases.
func TestPublishedLimits(t *testing.T) {
	const (
		org      = "-- <case>/want.txt --\n<want>\n-- <case>/org.json --\n"
		mailbox  = "-- <case>/mailboxes.csv --\nPrimarySmtpAddress,RecipientTypeDetails,LargestItemSize,IsLicensed,want\n"
		user     = mailbox + "a@x.com,UserMailbox,,,<want>\n-- <case>/statistics.csv --\nPrimarySmtpAddress,TotalItemSize,ItemCount\n"
		sized    = user + "a@x.com,<n>B,\n"
		counted  = user + "a@x.com,4 GB,<n>\n"
		item     = mailbox + "a@x.com,UserMailbox,<n>B,,<want>\n"
		licensed = mailbox + "a@x.com,UserMailbox,,False,<want>\n" +
			`-- <case>/status.json --
{"at": "2021-03-31T12:00:00Z", "users": [{"address": "a@x.com", "batch": "B1", "cloudSince": "<n>"}]}`
		status = `-- <case>/want.txt --
<want>
-- <case>/status.json --
{"at": "2021-08-29T12:00:00Z", "batches": [{"name": "B1", "state": "<state>", "touched": "<n>"}]}`
	)
	in := func(state string) string { return strings.ReplaceAll(status, "<state>", state) }
	plan := func(name string) string {
		return sized + `-- <case>/org.json --` + "\n" + `{"subscription": "` + name + `"}`
	}
	largest := func(item, receive inventory.Size) rules.Params {
		return rules.Params{LargestItem: item * inventory.MB, MaxReceiveSize: receive * inventory.MB}
	}
	var none rules.Params
	migrations := org + `{"endpoint": {"maxConcurrentMigrations": <n>, "capacityMeasured": false}, "migrationAccount": {"unlimitedSessions": false},
		"sourceConnections": {"total": 100, "perAddress": 100}}`
	tests := []struct {
		what           string
		source         string
		rule           string
		params         rules.Params
		files          string
		within, beyond [2]string // <n>, and what is wanted then
	}{
		{"100 concurrent migrations", practices + "line 255; New-MigrationEndpoint, line 874", "endpoint-concurrency-range", none, migrations,
			[2]string{"100", ""}, [2]string{"101", "warning `allows 100 at most`"}},
		{"300 for each type of endpoint", "support article 2797784", "endpoint-concurrency-range", none, migrations,
			[2]string{"300", "warning `300`"}, [2]string{"301", "blocker `not 1 to 300`"}},
		{"20 incremental syncs, no more than migrations", "New-MigrationEndpoint, line 856; Set-MigrationEndpoint", "endpoint-concurrency-range", none, migrations,
			[2]string{"20", ""}, [2]string{"19", "blocker `20 concurrent incremental syncs`"}},
		{"begin with 10", practices + "lines 194 and 264", "endpoint-concurrency-overload", none, migrations,
			[2]string{"10", ""}, [2]string{"11", "warning `more than 10`"}},
		{"32 MAPI sessions of a user", "support article 842022", "source-connection-limits", rules.Params{NearSessionLimit: 33}, migrations,
			[2]string{"32", ""}, [2]string{"33", "warning `allows a user 32 sessions`"}},
		{"20 migrations by default", "what to know about a staged migration, line 90; " + practices + "line 255", "source-connection-limits", none,
			org + `{"sourceConnections": {"total": <n>, "perAddress": 100}}`, [2]string{"20", ""}, [2]string{"19", "warning `20 concurrent migrations need 20`"}},
		{"MX records live for an hour", "perform a staged migration, lines 369-379", "plan-mx-ttl-high", none, org + `{"mxTTLSeconds": <n>}`,
			[2]string{"3600", ""}, [2]string{"3601", "task `3600 or less`"}},
		{"30 days without a license", "perform a staged migration, line 136", "mailbox-license-missing", none, licensed,
			[2]string{"2021-03-01T12:00:01Z", "task/after `within 30 days`"}, [2]string{"2021-03-01T12:00:00Z", "task/after `within 30 days` blocker/after `the 30 days`"}},
		{"60 days until a Synced batch is stopped", expiry, "batch-idle-expiry", none, in("Synced"),
			[2]string{"2021-06-30T12:00:01Z", ""}, [2]string{"2021-06-30T12:00:00Z", "B1: warning/during `after 60 days the service stops it`"}},
		{"90 days until a Stopped one is removed", expiry, "batch-idle-expiry", none, in("Stopped"),
			[2]string{"2021-05-31T12:00:01Z", ""}, [2]string{"2021-05-31T12:00:00Z", "B1: warning/during `after 90 days the service removes it`"}},
		{"and a Failed one", expiry, "batch-idle-expiry", none, in("Failed"),
			[2]string{"2021-05-31T12:00:01Z", ""}, [2]string{"2021-05-31T12:00:00Z", "B1: warning/during `after 90 days the service removes it`"}},
		{"60 days until a Completed one is removed", expiry, "batch-idle-expiry", none, in("Completed"),
			[2]string{"2021-06-30T12:00:01Z", ""}, [2]string{"2021-06-30T12:00:00Z", "B1: warning/during `after 60 days the service removes it`"}},
		{"150 MB of an item", limits, "mailbox-large-items", largest(0, 1024), item,
			[2]string{"157286400", ""}, [2]string{"157286401", "warning `more than 150 MB are not migrated`"}},
		{"35 MB in 2015", "Microsoft's blog timmcmic, 2015-01-21", "mailbox-large-items", largest(35, 36), item,
			[2]string{"36700160", ""}, [2]string{"36700161", "warning `more than 35 MB are not migrated`"}},
		{"25 MB in 2014", "perficient.com, 2014", "mailbox-large-items", largest(25, 36), item,
			[2]string{"26214400", ""}, [2]string{"26214401", "warning `more than 25 MB are not migrated`"}},
		{"50 GB with Plan 1", limits, "mailbox-over-plan-quota", none, plan("Plan 1"),
			[2]string{"53687091200", ""}, [2]string{"53687091201", "blocker `more than the 50 GB`"}},
		{"100 GB with Plan 2", limits, "mailbox-over-plan-quota", none, plan("Plan 2"),
			[2]string{"107374182400", ""}, [2]string{"107374182401", "blocker `more than the 100 GB`"}},
		{"2 GB with Kiosk", limits, "mailbox-over-plan-quota", none, plan("Kiosk"),
			[2]string{"2147483648", ""}, [2]string{"2147483649", "blocker `more than the 2 GB`"}},
		{"200 GB with any", practices + "line 92", "mailbox-over-200gb", none, sized,
			[2]string{"214748364800", ""}, [2]string{"214748364801", "blocker `more than the 200 GB`"}},
		{"4 GB in 400 items, and in 100,000", practices + "line 139", "mailbox-dense-items", none, counted,
			[2]string{"400", ""}, [2]string{"100000", "warning `in 100.000 items`"}},
	}
	for _, tt := range tests {
		fill := func(name string, is [2]string) string {
			return strings.NewReplacer("<case>", name, "<n>", is[0], "<want>", is[1]).Replace(tt.files) + "\n"
		}
		t.Run(tt.what+" ("+tt.source+")", func(t *testing.T) {
			runText(t, fill("within", tt.within)+fill("beyond", tt.beyond), named(t, tt.params.Catalogue(), tt.rule))
		})
	}
}

// A server with half of the capacity is to have half of the users of each batch. Source:
// performance best practices, line 232, which gives no tolerance.
func TestPublishedServerShare(t *testing.T) {
	params := rules.Params{ServerImbalance: 0.01}
	even := on("B", map[string]int{"A": 20, "C": 20})
	requireTexts(t, "half of them", nil, run(t, params, "batch-server-imbalance", inventory.Organization{}, even))
	requireTexts(t, "two more", []string{"batch-server-imbalance warning before batch B: Of its 40 mailboxes 22 are on server a, 55 %; by spare capacity it would be 50 %"},
		run(t, params, "batch-server-imbalance", inventory.Organization{}, on("B", map[string]int{"A": 22, "C": 18})))
}

// How long to wait is told to whoever has to: it is no limit that a rule could check.
func TestPublishedWaits(t *testing.T) {
	start := time.Date(2026, 3, 6, 18, 0, 0, 0, time.UTC)
	org := inventory.Organization{
		VerifiedDomains: []string{}, WindowHours: inventory.Known(1.0),
		Procedure: inventory.Procedure{Start: start, MXSwitch: start, QueueHours: inventory.Known(1.0)},
	}
	tests := []struct{ rule, wait, source string }{
		{"domain-unverified", "about 15 minutes", "perform a staged migration, lines 99-128: until a TXT record can be verified"},
		{"manual-coexistence", "every 30 minutes by default", "perform a staged migration, lines 130-140: directory synchronization"},
		{"plan-mx-switched-early", "72 hours or more", "perform a staged migration, lines 381-387: after the MX records were switched"},
		{"plan-queue-time-ignored", "some hours before the window, 4 in the example", practices + "lines 326-330: when the queue is measured"},
	}
	for _, tt := range tests {
		packed, err := rules.CheckPacking(t.Context(), &batch.Packing{
			Inventory: newInventory(t, org, []inventory.Mailbox{*sized("b1", 1).Mailboxes[0], *sized("b2", 1).Mailboxes[0]}),
			Batches:   []batch.Batch{sized("b1", 1), sized("b2", 1)},
		}, []*rules.Rule{named(t, rules.Catalogue(), tt.rule)})
		require.NoError(t, err)
		require.NotEmpty(t, packed.Findings, tt.rule)
		require.Contains(t, packed.Findings[0].Instructions(), tt.wait, "%s (%s)", tt.rule, tt.source)
	}
}

// An estimate that is longer than the published history of mailboxes of that size is
// reported, up to the 90th percentile it is not. An edge is in the bin that begins there.
// Source: performance best practices, lines 85-92.
func TestHistoryBins(t *testing.T) {
	org := inventory.Organization{UplinkMbps: inventory.Known(1e6), WindowHours: inventory.Known(1e6)}
	tests := []struct {
		size inventory.Size
		days float64
	}{
		{inventory.GB - 1, 7}, {inventory.GB, 7}, {10*inventory.GB - 1, 7}, {10 * inventory.GB, 14}, {50*inventory.GB - 1, 14}, {50 * inventory.GB, 30},
		{100*inventory.GB - 1, 30}, {100 * inventory.GB, 45}, {200*inventory.GB - 1, 45},
	}
	for _, tt := range tests {
		for _, longer := range []bool{false, true} {
			hours := 24 * tt.days
			if longer {
				hours++
			}
			rate := tt.size.GBytes() / hours * (1 + 1e-9)
			b := batch.Batch{Name: "B", Mailboxes: []*inventory.Mailbox{{Address: "a@x.com", Size: inventory.Known(tt.size)}}}
			got := run(t, rules.Params{Model: estimate.Model{Throughput: estimate.Throughput{Low: rate, High: rate}, Lanes: 1}}, "plan-throughput-unrealistic", org, b)
			said := strings.Contains(strings.Join(got, "\n"), fmt.Sprintf("longer than the %g days up to which nine of ten mailboxes of that size", tt.days))
			require.Equal(t, longer, said, "%d bytes in %g hours: %q", tt.size, hours, got)
		}
	}
}

// As many mailboxes as are at either end of a bin, and what nine of ten moves in such a tenant
// have taken. Source: performance best practices, lines 111-120.
func TestHistoryTenantBins(t *testing.T) {
	org := inventory.Organization{UplinkMbps: inventory.Known(1e6), WindowHours: inventory.Known(1e6)}
	tests := []struct {
		mailboxes   int
		least, most float64 // days; no least for fewer than 1,000
	}{
		{999, 0, 14}, {1_000, 10, 30}, {4_999, 10, 30}, {5_000, 20, 45}, {9_999, 20, 45}, {10_000, 30, 60}, {49_999, 30, 60}, {50_000, 45, 90},
		{99_999, 45, 90}, {100_000, 60, 180},
	}
	for _, tt := range tests {
		if testing.Short() && tt.mailboxes > 10_000 {
			continue
		}
		b := batch.Batch{Name: "B"}
		for i := range tt.mailboxes {
			b.Mailboxes = append(b.Mailboxes, &inventory.Mailbox{Address: inventory.Address(fmt.Sprintf("m%d@x.com", i)), Size: inventory.Known(inventory.GB)})
		}
		inv := newInventory(t, org, []inventory.Mailbox{*b.Mailboxes[0]})
		for days, want := range map[float64]string{tt.least * 0.99: "shorter", tt.least * 1.01: "", tt.most * 0.99: "", tt.most * 1.01: "longer"} {
			if days == 0 {
				continue
			}
			rate := float64(tt.mailboxes) / days / 24
			set := rules.Params{Model: estimate.Model{Throughput: estimate.Throughput{Low: rate, High: rate}, Lanes: 1}}.Catalogue()
			got, err := rules.CheckPacking(t.Context(), &batch.Packing{Inventory: inv, Batches: []batch.Batch{b}}, []*rules.Rule{named(t, set, "plan-throughput-unrealistic")})
			require.NoError(t, err)
			if want == "" {
				require.Empty(t, got.Findings, "%d mailboxes in %g days", tt.mailboxes, days)
				continue
			}
			require.Len(t, got.Findings, 1)
			require.Contains(t, got.Findings[0].Message, want, "%d mailboxes in %g days", tt.mailboxes, days)
			require.Contains(t, got.Findings[0].Message, fmt.Sprintf("to %g days that nine of ten moves", tt.most))
		}
	}
}
