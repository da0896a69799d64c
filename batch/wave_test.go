package batch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// stages puts mailbox 0 and 1 into the pilot, the last two into "vip", the rest into
// "general".
func stages(n int) func(*inventory.Mailbox) string {
	return func(m *inventory.Mailbox) string {
		switch a := m.Address; {
		case a < address(2):
			return "pilot"
		case a >= address(n-2):
			return "vip"
		}
		return "general"
	}
}

func TestPackKeepsWavesApart(t *testing.T) {
	o := &org{}
	o.chain(o.add(10, 1), 4) // 0 and 1 of the pilot, 2 and 3 of the rest
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 4}, Wave: stages(10), Waves: []string{"pilot", "unused", "general", "vip"}}
	p := pack(t, o.inventory(t), opts)
	var got []string
	for _, b := range p.Batches {
		got = append(got, fmt.Sprint(b.Name, " ", b.Wave, " ", len(b.Mailboxes)))
	}
	want := []string{"StagedBatch001 pilot 2", "StagedBatch002 general 3", "StagedBatch003 general 3", "StagedBatch004 vip 2"}
	require.Empty(t, cmp.Diff(want, got), "in the order of the waves")
	require.Equal(t, 4, p.LowerBound, "1 for two, 2 for six, 1 for two; for ten at once it would be 3")
	require.True(t, p.Optimal())
	require.Len(t, p.Split, 1, "the grant between 1 and 2, of two waves")
	require.Equal(t, 4.0, p.SplitWeight)
	in := batches(p)
	require.Equal(t, in[address(2)], in[address(3)])

	opts.Waves = nil
	p = pack(t, o.inventory(t), opts)
	require.Equal(t, "general", p.Batches[0].Wave, "by name")
	require.Equal(t, "vip", p.Batches[3].Wave)

	opts.Waves = []string{"vip", "general", "pilot"}
	p = pack(t, o.inventory(t), opts)
	require.Equal(t, "vip", p.Batches[0].Wave)
	require.Equal(t, "pilot", p.Batches[3].Wave)
}

// What must be split in a wave is split there, and what fits in it is whole, however
// large the component is across waves.
func TestPackSplitsWithinWaves(t *testing.T) {
	o := &org{}
	o.chain(o.add(10, 1), 10)
	p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 3}, Wave: stages(10), Waves: []string{"pilot", "general", "vip"}})
	require.Equal(t, []int{2, 2, 3, 3}, layout(p))
	require.Len(t, p.Split, 3, "two between waves, and one within the six of the general wave")
}

// A hub goes to the best batch of its own wave.
func TestPackSettlesHubsInTheirWaves(t *testing.T) {
	o := &org{}
	hub := o.departments(50, 10, 20, 50, 40, 30) // 0; 1-50, 51-100, 101-150, 151-200, 201-250
	wave := func(m *inventory.Mailbox) string {
		if m.Address > address(100) {
			return "second"
		}
		return "first"
	}
	p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 60}, Wave: wave})
	in := batches(p)
	require.Equal(t, in[address(51)], in[address(hub)], "20 is the most in the first wave")
	require.Len(t, p.Split, 130)
}

func TestPackRefusesWaves(t *testing.T) {
	o := &org{}
	o.add(10, 1)
	inv := o.inventory(t)
	for text, opts := range map[string]batch.Options{
		`m00002@x.com is of the wave "general", which is not in the order of waves ["pilot" "vip"]`: {Wave: stages(10), Waves: []string{"pilot", "vip"}},
		`the order of waves has "vip" twice`: {Wave: stages(10), Waves: []string{"vip", "pilot", "vip"}},
		`m00001@x.com and m00002@x.com must stay together: they are of the waves "pilot" and "general", which never`: {Wave: stages(10), Together: [][]inventory.Address{members(1, 3)}},
		`is of the wave ""`: {Waves: []string{"pilot"}},
	} {
		_, err := batch.Pack(context.Background(), inv, &opts)
		require.ErrorContains(t, err, text)
	}
}

func TestVerifyChecksWaves(t *testing.T) {
	o := &org{}
	o.add(10, 1)
	inv := o.inventory(t)
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 4}, Wave: stages(10), Waves: []string{"pilot", "general", "vip"}}
	good := pack(t, inv, opts)
	for want, change := range map[string]func(p *batch.Packing){
		`of the wave "vip" holds`:          func(p *batch.Packing) { p.Batches[0].Wave = "vip" },
		`comes after the wave "vip"`:       func(p *batch.Packing) { p.Batches[0].Wave, p.Batches[3].Wave = "vip", "pilot" },
		`"vip" holds m00003@x.com`:         func(p *batch.Packing) { p.Batches[3].Mailboxes = p.Batches[2].Mailboxes },
		"order of waves does not name":     func(p *batch.Packing) { p.Batches[1].Wave = "sometime" },
		"lower bound is given as 3, not 4": func(p *batch.Packing) { p.LowerBound = 3 },
	} {
		bad := clone(good)
		change(bad)
		err := batch.Verify(bad, inv, opts)
		require.Error(t, err)
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
