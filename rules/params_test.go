package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// run runs one rule of the catalogue with parameters over an organization and batches,
// whose mailboxes are all that there are.
func run(t *testing.T, params rules.Params, name string, org inventory.Organization, batches ...batch.Batch) []string {
	t.Helper()
	set := []*rules.Rule{named(t, params.Catalogue(), name)}
	var mailboxes []inventory.Mailbox
	for _, b := range batches {
		for _, m := range b.Mailboxes {
			mailboxes = append(mailboxes, *m)
		}
	}
	inv := newInventory(t, org, mailboxes)
	checked, err := rules.Check(t.Context(), inv, set)
	require.NoError(t, err)
	packed, err := rules.CheckPacking(t.Context(), &batch.Packing{Inventory: inv, Batches: batches}, set)
	require.NoError(t, err)
	return texts(rules.Join(checked, packed))
}

// requireTexts fails unless each finding begins with the text wanted, in order.
func requireTexts(t *testing.T, reason string, want, got []string) {
	t.Helper()
	ok := len(want) == len(got)
	for i := 0; ok && i < len(want); i++ {
		ok = strings.HasPrefix(got[i], want[i])
	}
	if !ok {
		t.Errorf("%s\nwant (beginnings):\n  %s\ngot:\n  %s", reason, strings.Join(want, "\n  "), strings.Join(got, "\n  "))
	}
}

// on returns a batch with mailboxes on servers, so many on each.
func on(name string, servers map[string]int) batch.Batch {
	b := batch.Batch{Name: name}
	for server, n := range servers {
		for _, m := range many(n) {
			m.Address = inventory.Address(strings.ToLower(name+server)) + m.Address
			m.Server = server
			b.Mailboxes = append(b.Mailboxes, &m)
		}
	}
	return b
}

// sized returns a batch with one mailbox of so many GB.
func sized(name string, gb inventory.Size) batch.Batch {
	return batch.Batch{Name: name, Mailboxes: []*inventory.Mailbox{{Address: inventory.Address(name + "@x.com"), Size: inventory.Known(gb * inventory.GB)}}}
}

// What the zero Params give is in testdata/catalogue.
func TestParams(t *testing.T) {
	objects := func(n int) inventory.Organization {
		return inventory.Organization{ForestFunctionalLevel: "2", WritableDomainController: inventory.Yes, NetBIOSDomainName: "X",
			DirectoryObjects: inventory.Known(n), SQLExpress: inventory.No, VerifiedDomains: []string{}}
	}
	lanes := func(n int) inventory.Organization {
		return inventory.Organization{
			Endpoint: inventory.Endpoint{MaxConcurrentMigrations: inventory.Known(n), CapacityMeasured: inventory.No},
			SourceConnections: inventory.ConnectionLimits{
				Total: inventory.Known(40), PerAddress: inventory.Known(100),
			},
			MigrationAccount: inventory.MigrationAccount{UnlimitedSessions: inventory.No},
		}
	}
	unset := inventory.Organization{Endpoint: inventory.Endpoint{CapacityMeasured: inventory.No}}
	pilot := func(n int) inventory.Organization {
		return inventory.Organization{Procedure: inventory.Procedure{PilotMailboxes: inventory.Known(n)}}
	}
	tests := []struct {
		reason  string
		params  rules.Params
		rule    string
		org     inventory.Organization
		batches []batch.Batch
		want    []string
	}{
		{"support raised the quota", rules.Params{ObjectQuota: 60000}, "aad-connect-prerequisites", objects(60000), nil, nil},
		{"and not without end", rules.Params{ObjectQuota: 60000}, "aad-connect-prerequisites", objects(60001), nil,
			[]string{"aad-connect-prerequisites blocker before organization : There are 60001 objects to synchronize; the tenant takes 60000."}},
		{"the least quota there is", rules.Params{ObjectQuota: 1}, "aad-connect-prerequisites", objects(2), nil,
			[]string{"aad-connect-prerequisites blocker before organization : There are 2 objects to synchronize; the tenant takes 1."}},
		{"a usual number of one's own", rules.Params{UsualConcurrency: 40}, "endpoint-concurrency-range", lanes(40), nil, nil},
		{"and one more", rules.Params{UsualConcurrency: 40}, "endpoint-concurrency-range", lanes(41), nil,
			[]string{"endpoint-concurrency-range warning before endpoint : The endpoint is set to 41 concurrent migrations; one page allows 40"}},
		{"the page is right and the article is not", rules.Params{MaxConcurrency: 100}, "endpoint-concurrency-range", lanes(101), nil,
			[]string{"endpoint-concurrency-range blocker before endpoint : The endpoint is set to 101 concurrent migrations, not 1 to 100."}},
		{"servers that take more", rules.Params{UnmeasuredConcurrency: 15}, "endpoint-concurrency-overload", lanes(15), nil, nil},
		{"but not any number", rules.Params{UnmeasuredConcurrency: 15}, "endpoint-concurrency-overload", lanes(16), nil,
			[]string{"endpoint-concurrency-overload warning before endpoint : There are 16 concurrent migrations, and nobody has measured whether the source servers can take more than 15."}},
		{"the lanes of the estimate stand for the endpoint's", rules.Params{Model: estimate.Model{Lanes: 40}}, "endpoint-concurrency-overload", unset, nil,
			[]string{"endpoint-concurrency-overload warning before endpoint : There are 40 concurrent migrations"}},
		{"though not where those are known", rules.Params{Model: estimate.Model{Lanes: 40}}, "endpoint-concurrency-overload", lanes(10), nil, nil},
		{"two connections each", rules.Params{SessionsPerMigration: 2}, "source-connection-limits", lanes(21), nil, []string{
			"source-connection-limits warning before endpoint : The source side allows 40 connections, and 21 concurrent migrations need 42.",
			"source-connection-limits warning before endpoint : Exchange allows a user 32 sessions, and the migration account needs 42 for 21",
		}},
		{"19 are not near", rules.Params{NearSessionLimit: 20}, "source-connection-limits", lanes(19), nil, nil},
		{"20 are", rules.Params{NearSessionLimit: 20}, "source-connection-limits", lanes(20), nil,
			[]string{"source-connection-limits warning before endpoint : Exchange allows a user 32 sessions"}},

		{"names for PowerShell only", rules.Params{ShellNames: true}, "batch-name-invalid", inventory.Organization{},
			[]batch.Batch{{Name: "Büro 1 (Köln)"}, {Name: strings.Repeat("ö", 64)}}, nil},
		{"they have a length too", rules.Params{ShellNames: true}, "batch-name-invalid", inventory.Organization{},
			[]batch.Batch{{Name: strings.Repeat("ö", 65)}, {Name: strings.Repeat("🙂", 33)}}, []string{
				"batch-name-invalid blocker before batch " + strings.Repeat("ö", 65) + ": Its name has 65 characters; 64 are allowed.",
				"batch-name-invalid blocker before batch " + strings.Repeat("🙂", 33) + ": Its name has 66 characters",
			}},

		{"half of the batch is a tenth too much", rules.Params{ServerImbalance: 0.09}, "batch-server-imbalance", inventory.Organization{},
			[]batch.Batch{on("B", map[string]int{"A": 15, "C": 10})},
			[]string{"batch-server-imbalance warning before batch B: Of its 25 mailboxes 15 are on server a, 60 %; by spare capacity it would be 50 %"}},
		{"and no more than a ninth", rules.Params{ServerImbalance: 0.11}, "batch-server-imbalance", inventory.Organization{},
			[]batch.Batch{on("B", map[string]int{"A": 15, "C": 10})}, nil},
		{"a server with nine times the capacity", rules.Params{ServerCapacity: map[string]float64{"a.corp.x.com": 9}}, "batch-server-imbalance", inventory.Organization{},
			[]batch.Batch{on("B", map[string]int{"A": 90, "C": 10})}, nil},
		{"must not get its small brother's share", rules.Params{ServerCapacity: map[string]float64{"A": 9}}, "batch-server-imbalance", inventory.Organization{},
			[]batch.Batch{on("B", map[string]int{"A": 24, "c.x.com": 16})},
			[]string{"batch-server-imbalance warning before batch B: Of its 40 mailboxes 16 are on server c, 40 %; by spare capacity it would be 10 % on that one of 2 servers."}},
		{"the mailboxes of one server are few", rules.Params{UnmeasuredConcurrency: 14}, "batch-server-imbalance", inventory.Organization{},
			[]batch.Batch{on("B", map[string]int{"A": 14, "C": 1})}, nil},
		{"a server with twice the capacity", rules.Params{ServerCapacity: map[string]float64{"A": 2}}, "batch-server-imbalance", inventory.Organization{},
			[]batch.Batch{on("B", map[string]int{"A": 39, "C": 1})},
			[]string{"batch-server-imbalance warning before batch B: Of its 40 mailboxes 39 are on server a, 98 %; by spare capacity it would be 67 % on that one of 2 servers."}},
		{"a server with half the capacity", rules.Params{ServerCapacity: map[string]float64{"A": 0.5}}, "batch-server-imbalance", inventory.Organization{},
			[]batch.Batch{on("B", map[string]int{"A": 15, "C": 10})},
			[]string{"batch-server-imbalance warning before batch B: Of its 25 mailboxes 15 are on server a, 60 %; by spare capacity it would be 33 % on that one of 2 servers."}},
		{"a capacity below none is none", rules.Params{ServerCapacity: map[string]float64{"A": -2}}, "batch-server-imbalance", inventory.Organization{},
			[]batch.Batch{on("B", map[string]int{"A": 12, "C": 28})},
			[]string{"batch-server-imbalance warning before batch B: Of its 40 mailboxes 12 are on server a, 30 %; by spare capacity it would be 0 % on that one of 2 servers."}},
		{"no capacity at all says nothing", rules.Params{ServerCapacity: map[string]float64{"A": 0}}, "batch-server-imbalance", inventory.Organization{},
			[]batch.Batch{on("B", map[string]int{"A": 14})}, nil},

		{"two are a test", rules.Params{PilotMailboxes: 2}, "plan-pilot-missing", pilot(2), []batch.Batch{on("B", map[string]int{"A": 3})}, nil},
		{"three are not", rules.Params{PilotMailboxes: 2}, "plan-pilot-missing", pilot(3), []batch.Batch{on("B", map[string]int{"A": 2})},
			[]string{"plan-pilot-missing task before plan : The test batch has 3 mailboxes; begin with 2 at most."}},
	}
	for _, tt := range tests {
		requireTexts(t, tt.reason, tt.want, run(t, tt.params, tt.rule, tt.org, tt.batches...))
	}
}

// Names that cannot be written into testdata/catalogue.
func TestBatchNames(t *testing.T) {
	got := run(t, rules.Params{}, "batch-name-invalid", inventory.Organization{},
		batch.Batch{Name: "B1"}, batch.Batch{}, batch.Batch{Name: "B1"}, batch.Batch{}, batch.Batch{Name: "b1\n"})
	requireTexts(t, "names that are empty, there twice, or have a line feed", []string{
		"batch-name-invalid blocker before batch : Batch 2 of the plan has no name.",
		`batch-name-invalid blocker before batch B1: Its name is that of another batch, "B1".`,
		"batch-name-invalid blocker before batch : Batch 4 of the plan has no name.",
		`batch-name-invalid blocker before batch b1 : Its name, "b1\n", has blanks or special characters`,
	}, got)
}

// The rules on dates and windows take the model, and say what they cannot do without a
// valid one.
func TestProcedureTakesTheModel(t *testing.T) {
	start := time.Date(2026, 3, 6, 18, 0, 0, 0, time.UTC)
	org := inventory.Organization{
		WindowHours: inventory.Known(10.0),
		Procedure: inventory.Procedure{Start: start, MXSwitch: start.Add(10 * time.Hour), AutodiscoverSwitch: start.Add(10 * time.Hour),
			Decommission: start.Add(10 * time.Hour), DirectorySyncStays: inventory.No, QueueHours: inventory.Known(0.0)},
	}
	dated := []string{"plan-mx-switched-early", "plan-autodiscover-switched-early", "plan-decommission-early"}
	// One mailbox of 10 GB on one lane at 1 GB per hour takes the 10 hours.
	model := estimate.Model{Throughput: estimate.Throughput{Low: 1, High: 2}, Lanes: 1}
	for _, name := range dated {
		require.Empty(t, run(t, rules.Params{Model: model}, name, org, sized("b1", 10)), name)
		got := run(t, rules.Params{Model: model}, name, org, sized("b1", 11))
		require.Len(t, got, 1, name)
		require.Contains(t, got[0], "may take until 2026-03-07T05:00:00Z", name)
		got = run(t, rules.Params{Model: estimate.Model{Lanes: -1}}, name, org, sized("b1", 10))
		require.Len(t, got, 1, name)
		require.Regexp(t, `task\? .* is not known: give a valid model \(estimate: -1 lanes`, got[0])
	}
	org.Procedure.QueueHours = inventory.Known(1.0)
	requireTexts(t, "9 hours are left for 9 GB", nil, run(t, rules.Params{Model: model}, "plan-queue-time-ignored", org, sized("b1", 9)))
	requireTexts(t, "and not for 10", []string{"plan-queue-time-ignored warning before plan : Of 10 hours 1 pass in the queue; what is left is too little for 10 GB, which take 5 to 10 h."},
		run(t, rules.Params{Model: model}, "plan-queue-time-ignored", org, sized("b1", 10)))
	org.Procedure.QueueHours = inventory.Opt[float64]{}
	queued := model
	queued.Queue = time.Hour
	requireTexts(t, "the queue of the model counts where none is measured",
		[]string{"plan-queue-time-ignored warning before plan : Of 10 hours 1 pass in the queue; what is left is too little for 10 GB, which take 5 to 10 h."},
		run(t, rules.Params{Model: queued}, "plan-queue-time-ignored", org, sized("b1", 10)))
	org.Procedure.QueueHours = inventory.Known(0.0)
	for _, name := range append(dated, "plan-queue-time-ignored") {
		require.Empty(t, run(t, rules.Params{Model: queued}, name, org, sized("b1", 10)), "a queue that was measured counts instead of the model's")
	}
	requireTexts(t, "lanes below nought", []string{"plan-queue-time-ignored task? before plan : How long the migration takes cannot be estimated: estimate: -1 lanes"},
		run(t, rules.Params{Model: estimate.Model{Lanes: -1}}, "plan-queue-time-ignored", org, sized("b1", 9)))

	// What takes longer than a time.Duration can say takes that long, not less.
	org.Procedure.QueueHours = inventory.Known(1e300)
	for _, name := range dated {
		got := run(t, rules.Params{Model: model}, name, org, sized("b1", 10), sized("b2", 10))
		require.Len(t, got, 1, name)
		require.Contains(t, got[0], "may take until 2318-06-", name)
	}
}

// What a rule says must not depend on how its batches were made: the order of servers.
func TestServerImbalanceIsDeterministic(t *testing.T) {
	params := rules.Params{ServerImbalance: 0.1}
	servers := map[string]int{"E": 20, "D": 20, "C": 1, "B": 1, "A": 1}
	want := run(t, params, "batch-server-imbalance", inventory.Organization{}, on("X", servers))
	require.Len(t, want, 1)
	require.Contains(t, want[0], "are on server d", "the first of equals")
	for range 20 {
		require.Equal(t, want, run(t, params, "batch-server-imbalance", inventory.Organization{}, on("X", servers)))
	}
}
