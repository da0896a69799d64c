package batch_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

func (o *org) right(mailbox, trustee int, rights ...inventory.Right) {
	for _, r := range rights {
		o.grants = append(o.grants, inventory.Grant{Mailbox: address(mailbox), Trustee: address(trustee), Right: r})
	}
}

// Three in a row and room for two: whoever is joined by less is alone.
func TestPackSplitsWhatWeighsLeast(t *testing.T) {
	const full, as, behalf, calendar = inventory.FullAccess, inventory.SendAs, inventory.SendOnBehalf, inventory.Calendar
	byOwner := func(g inventory.Grant) float64 {
		if g.Mailbox == address(1) {
			return 0.25
		}
		return 0.5
	}
	tests := []struct {
		left, right []inventory.Right // of 0 on 1, and of 1 on 2
		weight      func(inventory.Grant) float64
		alone       int
		split       int
		cut         float64
		reason      string
	}{
		{[]inventory.Right{full}, []inventory.Right{as}, nil, 2, 1, 3, "4 and 3"},
		{[]inventory.Right{as}, []inventory.Right{behalf}, nil, 2, 1, 2, "3 and 2"},
		{[]inventory.Right{calendar}, []inventory.Right{behalf}, nil, 0, 1, 1, "1 and 2"},
		{[]inventory.Right{full}, []inventory.Right{as, behalf}, nil, 0, 1, 4, "4 and 3+2: grants of a pair add up"},
		{[]inventory.Right{as}, []inventory.Right{behalf, calendar, full}, nil, 0, 1, 3, "3 and 2+1+4"},
		{[]inventory.Right{full}, []inventory.Right{behalf, calendar}, nil, 2, 2, 3, "4 and 2+1: two grants that weigh less than one"},
		{[]inventory.Right{full}, []inventory.Right{calendar}, byOwner, 0, 1, 0.25, "the caller's weights, which need not be whole"},
	}
	for _, tt := range tests {
		o := &org{}
		o.add(3, 1)
		o.right(1, 0, tt.left...)
		o.right(2, 1, tt.right...)
		p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 2}, Weight: tt.weight})
		b, _ := find(p, address(tt.alone))
		require.Len(t, b.Mailboxes, 1, tt.reason)
		require.Len(t, p.Split, tt.split, tt.reason)
		require.Equal(t, tt.cut, p.SplitWeight, tt.reason)
	}
}

func TestPackIgnoresWhatWeighsNothing(t *testing.T) {
	o := &org{}
	for range 3 {
		o.chain(o.add(2, 1), 2)
	}
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 3}}
	require.Len(t, pack(t, o.inventory(t), opts).Batches, 3, "no two pairs fit into a batch of three")
	opts.Weight = func(inventory.Grant) float64 { return 0 }
	p := pack(t, o.inventory(t), opts)
	require.Equal(t, []int{3, 3}, layout(p), "grants of no weight join nobody")
	require.NotEmpty(t, p.Split, "they are split grants all the same")
	require.Zero(t, p.SplitWeight)
}

func TestPackRefusesWeights(t *testing.T) {
	o := &org{}
	o.add(2, 1)
	o.grant(0, 1)
	for _, w := range []float64{-1, math.NaN(), math.Inf(1), 1.1e9} {
		_, err := batch.Pack(context.Background(), o.inventory(t), &batch.Options{Weight: func(inventory.Grant) float64 { return w }})
		require.ErrorContains(t, err, "for FullAccess of m00001@x.com on m00000@x.com: it must be from 0 to 1e+09", "%v", w)
	}
}

func TestVerifyChecksWeights(t *testing.T) {
	o := &org{}
	o.chain(o.add(3, 1), 3)
	inv := o.inventory(t)
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 2}}
	good := pack(t, inv, opts)
	for _, w := range []float64{0, 3.999, 8, math.NaN()} {
		bad := clone(good)
		bad.SplitWeight = w
		require.ErrorContains(t, batch.Verify(bad, inv, opts), "not 4", "one FullAccess is split")
	}
	nothing := *opts
	nothing.Weight = func(inventory.Grant) float64 { return math.NaN() }
	require.ErrorContains(t, batch.Verify(good, inv, &nothing), "weighs NaN")
}
