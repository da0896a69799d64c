package batch_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// A hub that is new goes to the batch in which its grants weigh most, not to the emptiest;
// one that was planned stays.
func TestRepackSettlesHubs(t *testing.T) {
	o := &org{}
	hub := o.departments(50, 10, 20, 50, 40, 30) // 0; 1-50, 51-100, 101-150, 151-200, 201-250
	previous := &batch.Previous{Batches: []batch.PreviousBatch{
		{Name: s1, Mailboxes: members(1, 50)}, {Name: s2, Mailboxes: members(51, 49)}, {Name: s3, Mailboxes: members(101, 50)},
		{Name: "StagedBatch004", Mailboxes: members(151, 50)}, {Name: "StagedBatch005", Mailboxes: members(201, 50)},
	}}
	tests := []struct {
		limit  int
		apart  [][]inventory.Address
		pin    string
		in     string // where it is in the previous plan
		want   string
		reason string
	}{
		{60, nil, "", "", s3, "50 grants are there; the second is the emptiest"},
		{60, [][]inventory.Address{{address(hub), address(120)}}, "", "", "StagedBatch004", "40 are there, and 120 is in the third"},
		{60, nil, "", s2, s2, "it is not moved for its grants"},
		{60, nil, s1, "", s1, "it is pinned"},
		{51, nil, "", s1, s1, "it fills its batch"},
	}
	for _, tt := range tests {
		p := *previous
		p.Batches = append([]batch.PreviousBatch(nil), previous.Batches...)
		for i := range p.Batches {
			if p.Batches[i].Name == tt.in {
				p.Batches[i].Mailboxes = append([]inventory.Address{address(hub)}, p.Batches[i].Mailboxes...)
			}
		}
		p.Batches[1].Mailboxes = append([]inventory.Address(nil), p.Batches[1].Mailboxes...)
		opts := &batch.Options{Limits: batch.Limits{Mailboxes: tt.limit}, Apart: tt.apart, Pin: pins(map[int]string{hub: tt.pin})}
		r := repack(t, o.inventory(t), &p, opts)
		require.Empty(t, cmp.Diff([]batch.Hub{{Address: address(hub), Grants: 150}}, r.Packing.Hubs))
		require.Equal(t, tt.want, places(r.Packing.Batches)[address(hub)], tt.reason)
		require.Empty(t, r.Moved, tt.reason)
	}
}
