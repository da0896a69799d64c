package batch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// A hub that is new goes to the batch in which its grants weigh most, not to the emptiest;
// one that was planned stays.
func TestRepackSettlesHubs(t *testing.T) {
	const hub = 0 // departments 1-50, 51-100, 101-150, 151-200 and 201-250
	tests := []struct {
		name   string
		build  func(o *org)
		limit  int
		apart  [][]inventory.Address
		pin    string
		in     string // where it is in the previous plan
		want   string
		reason string
	}{
		{"where its grants weigh most", nil, 60, nil, "", "", s3, "50 grants are there; the second is the emptiest"},
		{"apart", nil, 60, [][]inventory.Address{{address(hub), address(120)}}, "", "", "StagedBatch004", "40 are there, and 120 is in the third"},
		{"planned", nil, 60, nil, "", s2, s2, "it is not moved for its grants"},
		{"pinned", nil, 60, nil, s1, "", s1, "it is pinned"},
		{"tied to one that is to run", func(o *org) { o.grant(hub, 60) }, 60, nil, "", "", s2, "60, who has a right on it, is there"},
		{"tied to one that has moved", func(o *org) { o.grant(hub, 251) }, 60, nil, "", "", s1, "it is to follow as soon as it can"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &org{}
			o.departments(50, 10, 20, 50, 40, 30)
			o.add(1, 1)
			if tt.build != nil {
				tt.build(o)
			}
			p := batch.Previous{Batches: []batch.PreviousBatch{frozen("Run", 251)}}
			for i, name := range []string{s1, s2, s3, "StagedBatch004", "StagedBatch005"} {
				b := batch.PreviousBatch{Name: name, Mailboxes: members(1+50*i, 50)}
				if name == s2 {
					b.Mailboxes = b.Mailboxes[1:] // the emptiest
				}
				if name == tt.in {
					b.Mailboxes = append(b.Mailboxes, address(hub))
				}
				p.Batches = append(p.Batches, b)
			}
			o.without(51)
			opts := &batch.Options{Limits: batch.Limits{Mailboxes: tt.limit}, Apart: tt.apart, Pin: pins(map[int]string{hub: tt.pin})}
			r := repack(t, o.inventory(t), &p, opts)
			require.Len(t, r.Packing.Hubs, 1)
			require.Equal(t, tt.want, places(r.Packing.Batches)[address(hub)], tt.reason)
			require.Empty(t, r.Moved, tt.reason)
		})
	}
}
