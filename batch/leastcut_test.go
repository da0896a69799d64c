package batch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// Small weights count beside large ones where a component is small.
func TestPackComparesWeightsAsTheyAre(t *testing.T) {
	weights := []float64{1e9, 9, 7, 8, 1e9, 7.5}
	for limit, want := range map[int]float64{6: 7, 5: 7 + 7.5, 4: 7 + 7.5 + 8, 3: 7 + 7.5 + 8 + 9, 2: 7 + 7.5 + 8 + 9 + 1e9} {
		o := &org{}
		o.add(1+len(weights), 1)
		for i := range weights { // all of them on what 0 has
			o.grant(i+1, 0)
		}
		p := pack(t, o.inventory(t), &batch.Options{
			Limits: batch.Limits{Mailboxes: limit},
			Weight: func(g inventory.Grant) float64 { n, _ := number(g.Mailbox); return weights[n-1] },
		})
		require.Equal(t, want, p.SplitWeight, "%d stay with the mailbox that has rights on all", limit-1)
	}
}
