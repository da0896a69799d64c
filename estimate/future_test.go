package estimate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// What fails is tried again on lanes that nobody needs, so that a batch which starts long
// after does not matter.
func TestForecastTriesAgainBeforeALaterBatch(t *testing.T) {
	a := certain
	a.Failures = 0.9
	f, err := a.Fit(nil, lane1(5))
	require.NoError(t, err)
	one := &batch.Batch{Name: "A", Mailboxes: []*inventory.Mailbox{known(1), known(1), known(1), known(1), known(1)}}
	alone, err := f.Forecast(t.Context(), []*batch.Batch{one}, nil)
	require.NoError(t, err)
	got, err := f.Forecast(t.Context(), []*batch.Batch{one, {Name: "B", Mailboxes: one.Mailboxes}},
		&estimate.ForecastOptions{Start: map[string]time.Duration{"B": 1000 * time.Hour}})
	require.NoError(t, err)
	require.Equal(t, alone.Batches[0], got.Batches[0])
	require.Less(t, got.Batches[0].Finish.Late, 3*time.Hour, "an hour, and another for what failed after a part of one")
}

// No lane waits for a batch while another could have it.
func TestForecastServesByStart(t *testing.T) {
	runs := copied(2, 1)
	runs.State, runs.Batch, runs.Copied = inventory.Syncing, "C", inventory.Known(inventory.GB)
	a := &batch.Batch{Name: "A", Mailboxes: []*inventory.Mailbox{known(3), known(1)}}
	b := &batch.Batch{Name: "B", Mailboxes: []*inventory.Mailbox{known(2), known(2)}}
	c := &batch.Batch{Name: "C", Mailboxes: []*inventory.Mailbox{known(4)}}
	got, err := certainly(t, lane1(2)).Forecast(t.Context(), []*batch.Batch{a, b, c}, &estimate.ForecastOptions{
		Runs: 3, Running: []estimate.Observation{runs}, Start: map[string]time.Duration{"A": 9 * time.Hour}})
	require.NoError(t, err)
	for i, want := range []float64{12, 5, 4} {
		// C runs for an hour on one lane and for four on the other; B has the first from 1 to 3
		// and from 3 to 5; A both from 9 on.
		require.InDelta(t, want, got.Batches[i].Finish.Likely.Hours(), 1e-3, got.Batches[i].Name)
	}
}

// A mailbox that runs for much longer than was held for possible is done at some time all the
// same; without a spread that is soon.
func TestForecastOfWhatRunsForTooLong(t *testing.T) {
	late := copied(1, 10)
	late.State, late.Batch = inventory.Syncing, "A"
	got, err := certainly(t, lane1(1)).Forecast(t.Context(), nil, &estimate.ForecastOptions{Running: []estimate.Observation{late}})
	require.NoError(t, err)
	require.Less(t, got.Finish.Late, time.Minute, "ten hours for one, without a spread")
}
