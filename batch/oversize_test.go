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
