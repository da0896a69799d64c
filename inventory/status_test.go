package inventory_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/inventory"
)

func TestStatusJSON(t *testing.T) {
	const text = `{
		"at": "2021-08-25T15:06:09+02:00",
		"batches": [
			{"name": "B1", "state": "SYNCEDWITHERRORS", "touched": "2021-08-01T00:00:00Z", "deleting": false},
			{"name": "B2", "state": "Waiting", "source": {"file": "batches.csv", "line": 3}}
		],
		"users": [
			{"address": "SMTP:A@Contoso.com", "batch": "B1", "state": " synced", "itemsSkipped": 0, "skippedReviewed": true,
			 "consistency": "perfect", "cloudMailbox": true, "cloudSince": "2021-07-01T00:00:00Z", "forwarded": true, "verified": true,
			 "converting": false, "converted": true, "missingAttributes": [], "addressPolicy": false},
			{"address": "b@contoso.com", "itemsSkipped": null, "missingAttributes": null, "consistency": "Fair", "state": null}
		]
	}`
	cest := time.FixedZone("", 2*60*60)
	want := inventory.Status{
		At: time.Date(2021, 8, 25, 15, 6, 9, 0, cest),
		Batches: []inventory.MigrationBatch{
			{Name: "B1", State: inventory.SyncedWithErrors, Touched: time.Date(2021, 8, 1, 0, 0, 0, 0, time.UTC), Deleting: inventory.No},
			{Name: "B2", State: "Waiting", Source: inventory.Source{File: "batches.csv", Line: 3}},
		},
		Users: []inventory.MigrationUser{
			{
				Address: "a@contoso.com", Batch: "B1", State: inventory.Synced, ItemsSkipped: inventory.Known[int64](0), SkippedReviewed: inventory.Yes,
				Consistency: inventory.Perfect, CloudMailbox: inventory.Yes, CloudSince: time.Date(2021, 7, 1, 0, 0, 0, 0, time.UTC),
				Forwarded: inventory.Yes, Verified: inventory.Yes, Converting: inventory.No, Converted: inventory.Yes,
				MissingAttributes: []string{}, AddressPolicy: inventory.No,
			},
			{Address: "b@contoso.com", Consistency: "Fair"},
		},
	}
	compare := cmp.AllowUnexported(inventory.Opt[int64]{})

	var got inventory.Status
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	require.Empty(t, cmp.Diff(want, got, compare))

	again, err := json.Marshal(want)
	require.NoError(t, err)
	got = inventory.Status{}
	require.NoError(t, json.Unmarshal(again, &got))
	require.Empty(t, cmp.Diff(want, got, compare), "what is written reads back")
	require.NotContains(t, string(again), "null", "what is unknown is left out")

	empty, err := json.Marshal(inventory.Status{})
	require.NoError(t, err)
	require.Equal(t, "{}", string(empty))
}

func TestStatusJSONErrors(t *testing.T) {
	for _, text := range []string{
		`{"at": "25.08.2021 15:06:09"}`,
		`{"batches": [{"name": "B1", "deleting": "false"}]}`,
		`{"users": [{"address": "no address"}]}`,
		`{"users": [{"address": "a@contoso.com", "itemsSkipped": "many"}]}`,
	} {
		require.Error(t, json.Unmarshal([]byte(text), new(inventory.Status)), text)
	}
}

// The states of Get-MigrationUser, as its page lists them, and the fact that a staged
// migration ends with Synced. What incremental synchronization and finalization lead to
// is for other kinds of migration.
func TestCopied(t *testing.T) {
	want := map[inventory.MigrationState]inventory.Fact{
		"Completed": inventory.Yes, "CompletedWithWarnings": inventory.Yes, "Completing": inventory.Unknown,
		"CompletionFailed": inventory.Unknown, "CompletionSynced": inventory.Unknown, "Corrupted": inventory.No, "Failed": inventory.No,
		"IncrementalFailed": inventory.Unknown, "IncrementalStopped": inventory.Unknown, "IncrementalSynced": inventory.Unknown,
		"IncrementalSyncing": inventory.Unknown, "Provisioning": inventory.No, "ProvisionUpdating": inventory.Unknown, "Queued": inventory.No,
		"Removing": inventory.No, "Starting": inventory.No, "Stopped": inventory.No, "Stopping": inventory.No, "Synced": inventory.Yes,
		"Syncing": inventory.No, "Validating": inventory.Unknown, "": inventory.Unknown, "synced": inventory.Yes,
		// of a batch, which does not say which users have errors
		"Created": inventory.No, "SyncedwithErrors": inventory.Unknown, "CompletedWithErrors": inventory.Unknown, "Waiting": inventory.Unknown,
	}
	for state, fact := range want {
		require.Equal(t, fact, state.Copied(), "%q", state)
	}
}

func TestParseMigrationState(t *testing.T) {
	for text, want := range map[string]inventory.MigrationState{
		"SyncedWithErrors": inventory.SyncedWithErrors, " FAILED\t": inventory.Failed, "completedwithwarnings": inventory.CompletedWithWarnings,
		"Waiting": "Waiting", " ": "",
	} {
		require.Equal(t, want, inventory.ParseMigrationState(text), text)
	}
	require.True(t, inventory.MigrationState("syncedWITHerrors").Is(inventory.Failed, inventory.SyncedWithErrors))
	require.False(t, inventory.Synced.Is(inventory.Syncing, ""))
	require.False(t, inventory.Synced.Is())
}

func TestParseConsistency(t *testing.T) {
	for text, want := range map[string]inventory.Consistency{
		"POOR": inventory.Poor, " investigate": inventory.Investigate, "good": inventory.Good, "Perfect": inventory.Perfect, "Fair": "Fair", "": "",
	} {
		require.Equal(t, want, inventory.ParseConsistency(text), text)
	}
}
