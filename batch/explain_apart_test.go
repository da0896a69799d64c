package batch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// A chain of four, of which the ends must be apart: one of its three grants is split.
func TestExplainApart(t *testing.T) {
	o := &org{}
	o.chain(o.add(4, 1), 4)
	o.right(1, 0, inventory.SendAs)
	o.right(3, 2, inventory.SendAs)
	inv := o.inventory(t)
	for name, opts := range map[string]*batch.Options{
		"groups": {Apart: [][]inventory.Address{{address(0), address(3)}}},
		"pins":   {Pin: pins(map[int]string{0: "Board", 3: "Zoo"})},
	} {
		t.Run(name, func(t *testing.T) {
			p := pack(t, inv, opts)
			e := explainer(t, p, opts)
			require.Len(t, p.Split, 1)
			x, err := e.Split(p.Split[0].Grant)
			require.NoError(t, err)
			require.Equal(t, batch.BecauseOthersApart, x.Reason)
			require.Contains(t, x.String(), "since others of their component must be apart")
			require.Equal(t, 4, x.Component.Mailboxes)
			require.Len(t, x.Remedies, 1)
			require.Equal(t, batch.KeepTogether, x.Remedies[0].Kind)
			require.Len(t, x.Moves, 2, "1 to 2 or 2 to 1, neither of which is an end")
			in := batches(pack(t, inv, x.Remedies[0].Options))
			require.Equal(t, in[address(1)], in[address(2)])
		})
	}
}

// Two that must be apart themselves, by name or because of whom they must stay with, have no
// remedy, and neither can move to the other.
func TestExplainApartPair(t *testing.T) {
	o := &org{}
	o.add(4, 1)
	o.grant(1, 2)
	inv := o.inventory(t)
	for name, opts := range map[string]*batch.Options{
		"by name":   {Apart: [][]inventory.Address{{address(1), address(2)}}},
		"by groups": {Apart: [][]inventory.Address{{address(0), address(3)}}, Together: [][]inventory.Address{members(0, 2), members(2, 2)}},
		"by pins":   {Pin: pins(map[int]string{1: "Board", 2: "Zoo"})},
	} {
		t.Run(name, func(t *testing.T) {
			p := pack(t, inv, opts)
			x, err := explainer(t, p, opts).Split(p.Split[0].Grant)
			require.NoError(t, err)
			require.Equal(t, batch.BecauseApart, x.Reason)
			require.Empty(t, x.Remedies)
			require.Empty(t, x.Moves)
			require.Equal(t, 4.0, p.SplitWeightBound, "it must be split")
		})
	}
}

// A pinned mailbox cannot move, nor one to where it must not be.
func TestExplainMovesOfPinned(t *testing.T) {
	o := &org{}
	o.chain(o.add(3, 1), 3)
	o.right(1, 0, inventory.SendAs)
	opts := &batch.Options{Pin: pins(map[int]string{0: "Board", 2: "Zoo"})}
	p := pack(t, o.inventory(t), opts)
	x, err := explainer(t, p, opts).Split(p.Split[0].Grant)
	require.NoError(t, err)
	require.Equal(t, batch.BecauseOthersApart, x.Reason)
	require.Len(t, x.Moves, 1)
	require.Equal(t, []inventory.Address{address(1)}, x.Moves[0].Mailboxes)
}

func TestExplainRefusesOtherPins(t *testing.T) {
	o := &org{}
	o.add(4, 1)
	inv := o.inventory(t)
	p := pack(t, inv, &batch.Options{Pin: pins(map[int]string{0: "Board"})})
	for text, opts := range map[string]*batch.Options{
		"m00000@x.com is in Board and pinned to Zoo":                              {Pin: pins(map[int]string{0: "Zoo"})},
		"m00001@x.com is in Board with one from whom it must be apart":            {Apart: [][]inventory.Address{members(0, 2)}},
		"m00002@x.com and m00003@x.com must be kept apart, and they must stay to": {Apart: [][]inventory.Address{members(2, 2)}, Together: [][]inventory.Address{members(2, 2)}},
	} {
		_, err := batch.Explain(p, opts)
		require.ErrorContains(t, err, text)
	}
}
