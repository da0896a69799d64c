package batch_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

func TestOversize(t *testing.T) {
	o := &org{}
	o.add(2, 5000)
	o.add(3, 400)
	o.add(1, -1)
	o.add(1, 1024)
	inv := o.inventory(t)
	var got []inventory.Address
	for _, m := range pack(t, inv, &batch.Options{Limits: batch.Limits{Size: inventory.GB}}).Oversize() {
		got = append(got, m.Address)
	}
	require.Empty(t, cmp.Diff(members(0, 2), got), "1 GB fits into 1 GB")
	require.Empty(t, pack(t, inv, nil).Oversize(), "without a limit")
}

// Two that only a mailbox joins that needs a batch of its own stay together if that costs
// no batch, as here: two of the four fit into one, and none beside half of a chain that must
// be split, which is too long to try every way.
func TestPackKeepsTogetherWhatTheOversizeJoins(t *testing.T) {
	o := &org{}
	four := o.add(4, 4<<10)
	oversize := o.add(1, 20<<10)
	o.grant(oversize, four)
	o.grant(oversize, four+1)
	o.chain(o.add(200, 92), 200)
	p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Size: 10 * inventory.GB}})
	require.Len(t, p.Batches, 5)
	in := batches(p)
	require.Equal(t, in[address(four)], in[address(four+1)])
}
