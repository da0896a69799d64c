package batch_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// pins pins mailboxes by their numbers.
func pins(to map[int]string) func(*inventory.Mailbox) string {
	by := make(map[inventory.Address]string)
	for i, name := range to {
		by[address(i)] = name
	}
	return func(m *inventory.Mailbox) string { return by[m.Address] }
}

// names are those of the batches, in their order.
func names(p *batch.Packing) (list []string) {
	for _, b := range p.Batches {
		list = append(list, b.Name)
	}
	return list
}

func TestPackPins(t *testing.T) {
	tests := []struct {
		name   string
		build  func(o *org)
		limit  int
		pin    map[int]string
		want   []string
		layout []int
		split  int
		bound  int
		reason string
	}{
		{"one", func(o *org) { o.add(3, 1) }, 10, map[int]string{1: "Board"},
			[]string{"Board"}, []int{3}, 0, 1, "others may be there too"},
		{"two batches", func(o *org) { o.add(4, 1) }, 10, map[int]string{0: "Zoo", 3: "Board"},
			[]string{"Board", "Zoo"}, []int{2, 2}, 0, 2, "in the order of their names, and all others are in them, evenly"},
		{"beside others", func(o *org) { o.add(6, 1) }, 2, map[int]string{0: "Zoo", 1: "Zoo", 4: "Alpha", 5: "Alpha"},
			[]string{"Alpha", "StagedBatch001", "Zoo"}, []int{2, 2, 2}, 0, 3, "each at its place among the names"},
		{"a component", func(o *org) { o.chain(o.add(4, 1), 4); o.add(4, 1) }, 4, map[int]string{2: "Board"},
			[]string{"Board", "StagedBatch001"}, []int{4, 4}, 0, 2, "it follows"},
		{"a component of two batches", func(o *org) {
			o.chain(o.add(4, 1), 4)
			o.right(1, 0, inventory.SendAs)
			o.right(3, 2, inventory.SendAs)
		}, 10,
			map[int]string{0: "Board", 3: "Zoo"}, []string{"Board", "Zoo"}, []int{2, 2}, 1, 2, "it is cut where one grant joins two, not two"},
		{"components that cannot both follow", func(o *org) {
			o.chain(o.add(3, 1), 3)
			o.chain(o.add(2, 1), 2)
			o.right(1, 0, inventory.SendAs)
			o.right(4, 3, inventory.SendAs)
		}, 4,
			map[int]string{0: "Board", 3: "Board"}, []string{"Board", "StagedBatch001"}, []int{1, 4}, 1, 2, "five are too many, and 2 is the one to leave along a single grant"},
		{"all of one", func(o *org) { o.add(3, 1) }, 1, map[int]string{0: "A", 1: "B", 2: "C"},
			[]string{"A", "B", "C"}, []int{1, 1, 1}, 0, 3, "nothing is numbered"},
		{"as persons count", func(o *org) { o.add(4, 1) }, 10, map[int]string{0: "Week10", 1: "Week9", 2: "week011", 3: "Week"},
			[]string{"Week", "Week9", "Week10", "week011"}, []int{1, 1, 1, 1}, 0, 4, "9, 10, 11, whatever the case"},
		{"a number", func(o *org) { o.add(8, 1) }, 2, map[int]string{0: "StagedBatch003", 1: "StagedBatch003"},
			[]string{"StagedBatch001", "StagedBatch002", "StagedBatch003", "StagedBatch004"}, []int{2, 2, 2, 2}, 0, 4, "it is the third batch, and the numbers pass over it"},
		{"a number with fewer digits", func(o *org) { o.add(4, 1) }, 2, map[int]string{0: "stagedbatch1", 1: "stagedbatch1"},
			[]string{"stagedbatch1", "StagedBatch002"}, []int{2, 2}, 0, 2, "it is the number 1"},
		{"no number", func(o *org) { o.add(4, 1) }, 2, map[int]string{0: "StagedBatch1b", 1: "StagedBatch1b"},
			[]string{"StagedBatch001", "StagedBatch1b"}, []int{2, 2}, 0, 2, "001 is free; both have the number 1, and what has nothing behind it comes first"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &org{}
			tt.build(o)
			p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: tt.limit}, Pin: pins(tt.pin)})
			require.Empty(t, cmp.Diff(tt.want, names(p)), tt.reason)
			require.Equal(t, tt.layout, layout(p), tt.reason)
			require.Len(t, p.Split, tt.split, tt.reason)
			require.Equal(t, tt.bound, p.LowerBound, tt.reason)
			in := batches(p)
			for i, name := range tt.pin {
				require.Equal(t, name, in[address(i)])
			}
		})
	}
}

// Pinned batches stand in their waves, and numbers go on over the waves.
func TestPackPinsInWaves(t *testing.T) {
	o := &org{}
	o.add(10, 1)
	p := pack(t, o.inventory(t), &batch.Options{
		Limits: batch.Limits{Mailboxes: 2}, Wave: stages(10), Waves: []string{"pilot", "general", "vip"},
		Pin: pins(map[int]string{2: "Last", 8: "Board", 3: "StagedBatch004"}),
	})
	require.Equal(t, []string{"StagedBatch001", "Last", "StagedBatch002", "StagedBatch004", "Board"}, names(p))
	require.Equal(t, "pilot", p.Batches[0].Wave)
	require.Equal(t, "vip", p.Batches[4].Wave)
}

func TestPackPinsHeld(t *testing.T) {
	o := &org{}
	o.add(3, 1)
	p := pack(t, o.inventory(t), &batch.Options{
		Hold: func(m *inventory.Mailbox) bool { return m.Address == address(0) },
		Pin:  pins(map[int]string{0: "Nobody Here"}),
	})
	require.Equal(t, []string{"StagedBatch001"}, names(p), "held mailboxes are not asked for")
}

func TestPackRefusesPins(t *testing.T) {
	o := &org{}
	o.add(10, 400)
	o.add(1, 5000)
	inv := o.inventory(t)
	for text, opts := range map[string]batch.Options{
		`m00003@x.com is pinned to the batch "Board 1": batch names hold letters and digits only, not ' '`: {Pin: pins(map[int]string{3: "Board 1"})},
		`names are at most 64 characters long`: {Pin: pins(map[int]string{3: strings.Repeat("a", 65)})},
		"m00001@x.com is pinned to the batch Board and m00003@x.com to BOARD: names must differ in more than case": {
			Pin: pins(map[int]string{1: "Board", 2: "Board", 3: "BOARD"})},
		"m00001@x.com and m00003@x.com must stay together, and they are pinned to the batches Board and Zoo": {
			Pin: pins(map[int]string{1: "Board", 3: "Zoo"}), Together: [][]inventory.Address{members(1, 3)}},
		"m00001@x.com, m00002@x.com, m00003@x.com must be in the batch Board: 3 mailboxes are over the limit of 2": {
			Pin: pins(map[int]string{1: "Board", 2: "Board", 3: "Board"}), Limits: batch.Limits{Mailboxes: 2}},
		"m00001@x.com, m00002@x.com, m00003@x.com and 1 more must be in the batch Board: 1.563 GB are over the limit of 1 GB": {
			Pin: pins(map[int]string{1: "Board", 4: "Board"}), Together: [][]inventory.Address{members(2, 3)}, Limits: batch.Limits{Size: inventory.GB}},
		"m00001@x.com, m00010@x.com must be in the batch Board: 5.273 GB are over the limit of 1 GB": {
			Pin: pins(map[int]string{1: "Board", 10: "Board"}), Limits: batch.Limits{Size: inventory.GB}},
		`m00001@x.com and m00002@x.com must be in the batch Board: they are of the waves "pilot" and "general", which never mix`: {
			Pin: pins(map[int]string{1: "Board", 2: "Board"}), Wave: stages(10)},
	} {
		_, err := batch.Pack(context.Background(), inv, &opts)
		require.ErrorContains(t, err, text)
	}
	many := &org{}
	many.add(1000, 1)
	prefix := strings.Repeat("a", 61)
	_, err := batch.Pack(context.Background(), many.inventory(t), &batch.Options{
		Prefix: prefix, Limits: batch.Limits{Mailboxes: 1}, Pin: pins(map[int]string{0: prefix + "001"})})
	require.ErrorContains(t, err, "with 4 digits behind it the names are longer", "the last of 999 has the number 1000, since 1 is taken")

	p := pack(t, inv, &batch.Options{Pin: pins(map[int]string{10: "Board"}), Limits: batch.Limits{Size: inventory.GB}})
	require.Equal(t, "Board", batches(p)[address(10)], "one that is too large for any batch may be pinned to its own")
}

func TestVerifyChecksPins(t *testing.T) {
	o := &org{}
	o.chain(o.add(4, 1), 4)
	o.add(8, 1)
	inv := o.inventory(t)
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 4}, Pin: pins(map[int]string{1: "Board", 5: "StagedBatch2"})}
	good := pack(t, inv, opts)
	require.Equal(t, []string{"Board", "StagedBatch001", "StagedBatch2"}, names(good))
	for want, change := range map[string]func(p *batch.Packing){
		"m00001@x.com is in Zoo, though it is pinned to Board":        func(p *batch.Packing) { p.Batches[0].Name = "Zoo" },
		`the name of batch 2 is "StagedBatch002", not StagedBatch001`: func(p *batch.Packing) { p.Batches[1].Name = "StagedBatch002" },
		`the name of batch 1 is "StagedBatch001", not Board`:          func(p *batch.Packing) { p.Batches[0].Name = "StagedBatch001" },
		`StagedBatch001 comes after StagedBatch2`:                     func(p *batch.Packing) { p.Batches[1], p.Batches[2] = p.Batches[2], p.Batches[1] },
		"lower bound is given as 2, not 3":                            func(p *batch.Packing) { p.LowerBound = 2 },
	} {
		bad := clone(good)
		change(bad)
		require.ErrorContains(t, batch.Verify(bad, inv, opts), want)
	}
	for want, pin := range map[string]map[int]string{
		"m00005@x.com is in StagedBatch2, though it is pinned to Board": {1: "Board", 5: "Board"},
		"the pins Board and BOARD differ in case alone":                 {1: "Board", 5: "BOARD"},
		`the name of batch 3 is "StagedBatch2", not StagedBatch002`:     {1: "Board"},
		`"Bo-rd" is not a valid name`:                                   {1: "Bo-rd"},
	} {
		bad := clone(good)
		if pin[1] == "Bo-rd" {
			bad.Batches[0].Name = "Bo-rd"
		}
		require.ErrorContains(t, batch.Verify(bad, inv, &batch.Options{Limits: opts.Limits, Pin: pins(pin)}), want)
	}
	joined := &batch.Options{Limits: batch.Limits{Mailboxes: 9}, Pin: pins(map[int]string{1: "Board", 5: "Board"})}
	require.ErrorContains(t, batch.Verify(good, inv, joined), "though the component of 5 mailboxes", "a pin joins 5 to the chain of four")
}
