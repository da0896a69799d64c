package batch_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

func TestVerifyRepackFindsWhatIsWrong(t *testing.T) {
	// 0 and 1 have moved, 1 failed; of 2-4 one must leave; 8 is gone; 6, 7 and 9 are new, 10
	// held. 2 and 0 share, and 3 and 5.
	o := &org{}
	o.add(11, 1)
	o.grant(2, 0)
	o.grant(3, 5)
	o.without(8)
	inv := o.inventory(t)
	previous := &batch.Previous{
		Batches: []batch.PreviousBatch{frozen(s1, 0, 1), open(s2, 2, 3, 4), open(s3, 5, 8)},
		Failed:  numbers(1),
	}
	opts := &batch.Options{
		Limits: batch.Limits{Mailboxes: 2},
		Hold:   func(m *inventory.Mailbox) bool { return m.Address == address(10) },
	}
	good := repack(t, inv, previous, opts)
	require.Equal(t, "S2 3 4; S3 1 5; S4 2 7; S5 6 9", shorthand(good.Packing))

	at := func(i int) *inventory.Mailbox {
		m, ok := inv.Lookup(address(i))
		require.True(t, ok)
		return m
	}
	tests := []struct {
		name   string
		change func(r *batch.Repacking)
		want   string
	}{
		{"a frozen batch is missing", func(r *batch.Repacking) { r.Frozen = nil }, "0 batches are given as frozen, not 1"},
		{"a frozen batch has another order", func(r *batch.Repacking) { slices.Reverse(r.Frozen[0].Mailboxes) }, "the frozen batch StagedBatch001 is not as it was"},
		{"a frozen batch is not", func(r *batch.Repacking) { r.Frozen[0].Frozen = false }, "not as it was"},
		{"a frozen batch has another name", func(r *batch.Repacking) { r.Frozen[0].Name = "x" }, "not as it was"},
		{"a frozen batch has another wave", func(r *batch.Repacking) { r.Frozen[0].Wave = "x" }, "not as it was"},
		{"one that has moved is planned", func(r *batch.Repacking) { r.Packing.Batches[0].Mailboxes[0] = at(0) }, "m00000@x.com is in a batch again"},
		{"one that failed is not planned", func(r *batch.Repacking) { r.Packing.Batches[1].Mailboxes = r.Packing.Batches[1].Mailboxes[1:] }, "m00001@x.com is in no batch"},
		{"a batch is over the limit", func(r *batch.Repacking) {
			r.Packing.Batches[0].Mailboxes = append(r.Packing.Batches[0].Mailboxes, at(2))
			r.Packing.Batches[2].Mailboxes = r.Packing.Batches[2].Mailboxes[1:]
		}, "StagedBatch002 has 3 mailboxes; 2 is the limit"},
		{"rows out of order", func(r *batch.Repacking) { slices.Reverse(r.Packing.Batches[1].Mailboxes) }, "comes before"},
		{"a batch is empty", func(r *batch.Repacking) { r.Packing.Batches[1].Mailboxes = nil }, "StagedBatch003 is empty"},
		{"a held one is not listed", func(r *batch.Repacking) { r.Packing.Held = nil }, "given as held"},
		{"batches out of order", func(r *batch.Repacking) {
			b := r.Packing.Batches
			b[0], b[1] = b[1], b[0]
		}, "StagedBatch002 comes too late"},
		{"a new batch comes first", func(r *batch.Repacking) {
			b := r.Packing.Batches
			b[0], b[2] = b[2], b[0]
		}, "StagedBatch003 comes too late"},
		{"a new batch with an old number", func(r *batch.Repacking) { r.Packing.Batches[2].Name = "StagedBatch000" }, "nor the new one StagedBatch004"},
		{"new batches out of order", func(r *batch.Repacking) {
			b := r.Packing.Batches
			b[2].Mailboxes, b[3].Mailboxes = b[3].Mailboxes, b[2].Mailboxes
		}, "StagedBatch005 holds m00002@x.com and comes after a new batch that begins with m00006@x.com"},
		{"a new batch without a number", func(r *batch.Repacking) { r.Packing.Batches[2].Name = "StagedBatchABC" }, "is no name of the previous plan"},
		{"a new batch with another prefix", func(r *batch.Repacking) { r.Packing.Batches[2].Name = "Other004" }, "is no name of the previous plan"},
		{"a new batch in another case", func(r *batch.Repacking) { r.Packing.Batches[2].Name = "stagedbatch004" }, "is no name of the previous plan"},
		{"a frozen batch runs again", func(r *batch.Repacking) { r.Packing.Batches[0].Name = s1 }, "a second batch StagedBatch001"},
		{"a name twice", func(r *batch.Repacking) { r.Packing.Batches[1].Name = s2 }, "a second batch StagedBatch002"},
		{"a wave", func(r *batch.Repacking) { r.Packing.Batches[1].Wave = "x" }, `of the wave "x" holds`},
		{"nobody has moved", func(r *batch.Repacking) { r.Moved = nil }, "0 mailboxes are given as moved, not the 1"},
		{"one has moved from elsewhere", func(r *batch.Repacking) { r.Moved[0].From = s3 }, "given as moved"},
		{"nobody was added", func(r *batch.Repacking) { r.Added = r.Added[1:] }, "3 mailboxes are given as added, not the 4"},
		{"nobody is gone", func(r *batch.Repacking) { r.Gone = nil }, "0 addresses are given as gone, not the 1"},
		{"nothing waits", func(r *batch.Repacking) { r.Waiting = nil }, "0 grants are given as waiting, not the 1"},
		{"a split grant is missing", func(r *batch.Repacking) { r.Packing.Split = nil }, "0 grants are given as split, not 1"},
		{"a higher bound", func(r *batch.Repacking) { r.Packing.LowerBound++ }, "the lower bound is given as 5, not 4"},
		{"another inventory", func(r *batch.Repacking) { r.Packing.Inventory = nil }, "another inventory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := *good
			bad.Packing = clone(good.Packing)
			bad.Frozen = append([]batch.PreviousBatch(nil), good.Frozen...)
			bad.Frozen[0].Mailboxes = slices.Clone(good.Frozen[0].Mailboxes)
			bad.Moved = slices.Clone(good.Moved)
			tt.change(&bad)
			require.ErrorContains(t, batch.VerifyRepack(&bad, inv, previous, opts), tt.want)
		})
	}
	require.Error(t, batch.VerifyRepack(nil, inv, previous, opts))
	require.Error(t, batch.VerifyRepack(&batch.Repacking{}, inv, previous, opts))
	require.Error(t, batch.VerifyRepack(good, nil, previous, opts))
	require.Error(t, batch.VerifyRepack(good, inv, nil, opts), "another previous plan promises something else")
	require.Error(t, batch.VerifyRepack(good, inv, previous, nil), "and so do other options")
	group := *opts
	group.Together = [][]inventory.Address{numbers(4, 8, 9)}
	require.ErrorContains(t, batch.VerifyRepack(good, inv, previous, &group), "though they must stay together")
	group.Together = [][]inventory.Address{numbers(4, 77)}
	require.ErrorContains(t, batch.VerifyRepack(good, inv, previous, &group), "which is no mailbox")
}
