package batch_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// filler is how many mailboxes fill adds to a batch, and from what number on.
const filler, firstFiller = 60, 1000

// fill adds as many mailboxes to each of the first two batches that are not frozen, of which
// each shares with one of the other batch. To bring those together a fresh plan moves so many
// that it is no better place to go on from than the previous one.
func (o *org) fill(previous batch.Previous) *batch.Previous {
	previous.Batches = slices.Clone(previous.Batches)
	first := firstFiller
	for i, b := range previous.Batches {
		if b.Frozen || first > firstFiller+filler {
			continue
		}
		for n := first; n < first+filler; n++ {
			o.mailboxes = append(o.mailboxes, inventory.Mailbox{Address: address(n), Size: inventory.Known(inventory.Size(0))})
			b.Mailboxes = append(slices.Clip(b.Mailboxes), address(n))
			if first > firstFiller {
				o.grant(n, n-filler)
			}
		}
		previous.Batches[i] = b
		first += filler
	}
	return &previous
}

// unfilled is shorthand without what fill added.
func unfilled(p *batch.Packing) string {
	p = clone(p)
	for i := range p.Batches {
		p.Batches[i].Mailboxes = slices.DeleteFunc(p.Batches[i].Mailboxes, func(m *inventory.Mailbox) bool { return m.Address >= address(firstFiller) })
	}
	return shorthand(p)
}

func TestRepackKeepsApart(t *testing.T) {
	const full, as = inventory.FullAccess, inventory.SendAs
	team := func(o *org, n ...int) { // all of whom share with each other
		for i, a := range n {
			for _, b := range n[:i] {
				o.right(a, b, full, as)
			}
		}
	}
	tests := []struct {
		name     string
		build    func(o *org)
		previous batch.Previous
		limit    int
		apart    [][]inventory.Address
		want     string // as shorthand writes it
		moved    int
		reason   string
	}{
		{"a new wish", func(o *org) { o.add(4, 1); o.grant(0, 2) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2), open(s2, 3)}}, 9, [][]inventory.Address{numbers(0, 1)},
			"S1 0 2; S2 1 3", 1, "0 would leave 2"},
		{"of three", func(o *org) { o.add(5, 1); o.grant(0, 3) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3), open(s2, 4)}}, 9, [][]inventory.Address{numbers(0, 1, 2)},
			"S1 0 3; S2 1 4; S3 2", 2, "in two there is no room for three"},
		{"one against three", func(o *org) { o.add(6, 1); o.right(0, 4, inventory.Calendar) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3, 4), open(s2, 5)}}, 9, [][]inventory.Address{numbers(0, 1), numbers(0, 2), numbers(0, 3)},
			"S1 1 2 3 4; S2 0 5", 1, "that one costs 3, each of the three 2"},
		{"with a team", func(o *org) { o.add(8, 1); team(o, 0, 1, 2); team(o, 3, 4, 5, 6); o.right(3, 2, inventory.Calendar) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3, 4, 5, 6), open(s2, 7)}}, 9, [][]inventory.Address{numbers(0, 6)},
			"S1 3 4 5 6; S2 0 1 2 7", 3, "three moves and a calendar are 7; 0 alone would be one move and two grants of 7"},
		{"a new one", func(o *org) { o.add(5, 1) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2)}}, 9, [][]inventory.Address{numbers(0, 3), numbers(2, 4)},
			"S1 0 1 4; S2 2 3", 0, "each where the other of its pair is not"},
		{"a new one, and its partner", func(o *org) { o.add(5, 1); o.grant(3, 0); o.grant(4, 0) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 4), open(s2, 2)}}, 9, [][]inventory.Address{numbers(1, 3)},
			"S1 0 3 4; S2 1 2", 1, "1 makes way for 2; to split 3 and 0 would be 4, and 0 does not leave 4"},
		{"no batch without", func(o *org) { o.add(5, 1) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2, 3)}}, 9, [][]inventory.Address{numbers(0, 2, 4)},
			"S1 0 1; S2 2 3; S3 4", 0, "one of each three to a batch"},
		{"a full batch without", func(o *org) { o.add(6, 1); o.grant(2, 3) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2, 3, 5)}}, 3, [][]inventory.Address{numbers(0, 4)},
			"S1 0 1 5; S2 2 3 4", 1, "to move 5 costs less than a batch for 4"},
		{"of those who have moved", func(o *org) { o.add(5, 1) },
			batch.Previous{Batches: []batch.PreviousBatch{frozen(s1, 0, 1), open(s2, 2, 3)}}, 9, [][]inventory.Address{numbers(0, 1, 2), numbers(0, 4)},
			"S2 2 3 4", 0, "they do not count"},
		{"of those who failed", func(o *org) { o.add(4, 1) },
			batch.Previous{Batches: []batch.PreviousBatch{frozen(s1, 0, 1), open(s2, 2, 3)}, Failed: numbers(0)}, 9, [][]inventory.Address{numbers(0, 1, 2)},
			"S2 2 3; S3 0", 0, "0 has not moved, so that it counts"},
		{"of those who left", func(o *org) { o.add(5, 1); o.without(1, 3) },
			batch.Previous{Batches: []batch.PreviousBatch{frozen(s1, 3), open(s2, 0, 1), open(s3, 2)}}, 9, [][]inventory.Address{numbers(1, 0), numbers(3, 4, 2)},
			"S2 0 4; S3 2", 0, "the plan knows them"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &org{}
			tt.build(o)
			r := repack(t, o.inventory(t), &tt.previous, &batch.Options{Limits: batch.Limits{Mailboxes: tt.limit}, Apart: tt.apart})
			require.Equal(t, tt.want, shorthand(r.Packing), tt.reason)
			require.Len(t, r.Moved, tt.moved, tt.reason)

			full := o.fill(tt.previous)
			r = repack(t, o.inventory(t), full, &batch.Options{Limits: batch.Limits{Mailboxes: tt.limit + filler}, Apart: tt.apart})
			require.Equal(t, tt.want, unfilled(r.Packing), "among many: %s", tt.reason)
			require.Len(t, r.Moved, tt.moved, tt.reason)
		})
	}
}

func TestRepackPins(t *testing.T) {
	tests := []struct {
		name     string
		build    func(o *org)
		previous batch.Previous
		limit    int
		pin      map[int]string
		want     string // as shorthand writes it
		moved    int
		empties  bool // a batch, which is another case if it is filled
		reason   string
	}{
		{"elsewhere", func(o *org) { o.add(3, 1) }, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2)}}, 9, map[int]string{0: s2},
			"S1 1; S2 0 2", 1, false, "it moves, and nobody else"},
		{"where it is", func(o *org) { o.add(3, 1) }, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2)}}, 9, map[int]string{0: s1},
			"S1 0 1; S2 2", 0, false, "nothing changes"},
		{"in another case", func(o *org) { o.add(3, 1) }, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2)}}, 9,
			map[int]string{0: "stagedbatch002", 2: "STAGEDBATCH002"}, "S1 1; S2 0 2", 1, false, "it is the same batch, and is called as before"},
		{"a new batch", func(o *org) { o.add(3, 1) }, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2)}}, 9, map[int]string{0: "Board"},
			"S1 1; S2 2; Board 0", 1, false, "behind those of the plan"},
		{"a new one", func(o *org) { o.add(3, 1) }, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0), open(s2, 1)}}, 9, map[int]string{2: s1},
			"S1 0 2; S2 1", 0, false, "it is added there"},
		{"a batch that is empty now", func(o *org) { o.add(2, 1); o.without(1); o.add(0, 0) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0), open(s2, 1)}}, 9, map[int]string{0: s2},
			"S2 0", 1, true, "it is that one, and the other is empty instead"},
		{"what emptied one", func(o *org) { o.add(3, 1) }, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0), open(s2, 1)}}, 1, map[int]string{0: "Board"},
			"S1 2; S2 1; Board 0", 1, true, "2 needs a batch, and there is one of which nobody makes use"},
		{"a team follows", func(o *org) {
			o.add(6, 1)
			for i := range 5 {
				for j := range i {
					o.grant(i, j)
				}
			}
		}, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3, 4), open(s2, 5)}}, 9, map[int]string{2: s2},
			"S2 0 1 2 3 4 5", 5, true, "four moves for 8 keep four grants whole for 16; one after the other each would split three to keep one"},
		{"a team follows from among others", func(o *org) {
			o.add(7, 1)
			for i := range 5 {
				for j := range i {
					o.grant(i, j)
				}
			}
		}, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3, 4, 6), open(s2, 5)}}, 9, map[int]string{2: s2},
			"S1 6; S2 0 1 2 3 4 5", 5, false, "6 is none of it"},
		{"one follows into a full batch", func(o *org) { o.add(4, 1); o.right(1, 0, inventory.FullAccess, inventory.SendAs); o.grant(2, 0) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2, 3)}}, 3, map[int]string{0: s2},
			"S1 3; S2 0 1 2", 3, false, "that it does and that 3 makes room is 4, to split them 7"},
		{"a team as large as there is room", func(o *org) {
			o.add(6, 1)
			for i := range 4 {
				for j := range i {
					o.grant(i, j)
				}
			}
		}, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3), open(s2, 4, 5)}}, 5, map[int]string{2: s2},
			"S1 0 1 3; S2 2 4 5", 1, false, "only two could follow, for 4, and leave the fourth: three grants of 4 are split either way"},
		{"in the way", func(o *org) { o.add(4, 1); o.grant(2, 0) }, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2, 3)}}, 2, map[int]string{0: s2},
			"S1 1 3; S2 0 2", 2, false, "3 makes room, since 2 is tied to 0"},
		{"a batch that is run", func(o *org) { o.add(3, 1) }, batch.Previous{Batches: []batch.PreviousBatch{frozen(s1, 0, 1), open(s2, 2)}}, 9, map[int]string{0: s1, 1: s2},
			"S2 2", 0, false, "0 has moved with it, and 1 elsewhere, which is over"},
		{"too large for any, among others", func(o *org) { o.add(3, 1); o.mailboxes[0].Size = inventory.Known(inventory.TB) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 1, 2), open(s2, 0)}}, 9, map[int]string{0: s1},
			"S1 0; S2 1 2", 3, true, "it has the batch to itself, and they take its place"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &org{}
			tt.build(o)
			opts := &batch.Options{Limits: batch.Limits{Mailboxes: tt.limit, Size: inventory.GB}, Pin: pins(tt.pin)}
			r := repack(t, o.inventory(t), &tt.previous, opts)
			require.Equal(t, tt.want, shorthand(r.Packing), tt.reason)
			require.Len(t, r.Moved, tt.moved, tt.reason)
			if tt.empties {
				return
			}
			full := o.fill(tt.previous)
			opts.Limits.Mailboxes += filler
			r = repack(t, o.inventory(t), full, opts)
			require.Equal(t, tt.want, unfilled(r.Packing), "among many: %s", tt.reason)
			require.Len(t, r.Moved, tt.moved, tt.reason)
		})
	}
}

// Of a batch that is over the limit as well those leave first who must be apart from others.
func TestRepackKeepsApartAndWithinLimits(t *testing.T) {
	o := &org{}
	o.add(7, 1)
	o.grant(0, 2)
	o.grant(3, 4)
	o.right(5, 0, inventory.Calendar)
	r := repack(t, o.inventory(t), &batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3, 4, 5), open(s2, 6)}}, &batch.Options{
		Limits: batch.Limits{Mailboxes: 4}, Apart: [][]inventory.Address{numbers(0, 1)},
	})
	require.Equal(t, "S1 0 2 3 4; S2 1 5 6", shorthand(r.Packing), "1 leaves for 0, and of the five one more, for 3; all others cost 4 or more")
	require.Len(t, r.Moved, 2)
}

// What is pinned to a batch does not make way for what must be apart from it.
func TestRepackKeepsApartFromPins(t *testing.T) {
	o := &org{}
	o.add(5, 1)
	o.right(4, 1, inventory.FullAccess, inventory.SendAs)
	r := repack(t, o.inventory(t), &batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2), open(s2, 3)}}, &batch.Options{
		Limits: batch.Limits{Mailboxes: 3}, Apart: [][]inventory.Address{numbers(0, 4)}, Pin: pins(map[int]string{0: s1}),
	})
	require.Equal(t, "S1 0 2; S2 1 3 4", shorthand(r.Packing), "1 moves to 4 for 2, rather than to split them for 7")
}

// What is pinned to a batch makes its wave, however many others were there.
func TestRepackPinsMakeWaves(t *testing.T) {
	o := &org{}
	o.add(10, 1) // 0 and 1 are of the pilot, 8 and 9 VIPs
	r := repack(t, o.inventory(t), &batch.Previous{Batches: []batch.PreviousBatch{
		{Name: s1, Wave: "pilot", Mailboxes: numbers(0, 1)}, {Name: s2, Wave: "general", Mailboxes: numbers(2, 3, 4)}, {Name: s3, Wave: "general", Mailboxes: numbers(5, 6, 7)},
	}}, &batch.Options{Wave: stages(10), Waves: []string{"pilot", "general", "vip"}, Pin: pins(map[int]string{1: s2, 8: "Board", 9: "Board"})})
	require.Equal(t, "S1/pilot 0; S2/pilot 1; S3/general 2 3 4 5 6 7; Board/vip 8 9", shorthand(r.Packing))
	require.Len(t, r.Moved, 4)
}

// New batches stand behind those of their wave that there were, in the order of their
// names, and their numbers pass over those that pins have.
func TestRepackNumbersAroundPins(t *testing.T) {
	o := &org{}
	o.add(8, 1)
	wave := func(m *inventory.Mailbox) string {
		if m.Address < address(6) {
			return "a"
		}
		return "b"
	}
	previous := &batch.Previous{Batches: []batch.PreviousBatch{{Name: "StagedBatch003", Wave: "a", Mailboxes: numbers(2)}}}
	r := repack(t, o.inventory(t), previous, &batch.Options{
		Limits: batch.Limits{Mailboxes: 1}, Wave: wave,
		Pin: pins(map[int]string{0: "Zoo", 1: "stagedbatch5", 6: "StagedBatch0006", 3: "StagedBatch001"}),
	})
	require.Equal(t, []string{"StagedBatch003", "StagedBatch001", "StagedBatch004", "stagedbatch5", "StagedBatch007", "Zoo", "StagedBatch0006", "StagedBatch008"}, names(r.Packing),
		"4 and 5 get the numbers 4 and 7, and 7 in the second wave the 8")
}

// A fresh plan has the batches that mailboxes are pinned to as well, and takes over the names
// of others as it does without.
func TestRepackComparesWithFreshPins(t *testing.T) {
	o := &org{}
	o.chain(o.add(3, 1), 3)
	o.chain(o.add(2, 1), 2)
	previous := &batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3, 4)}}
	r := repack(t, o.inventory(t), previous, &batch.Options{Limits: batch.Limits{Mailboxes: 3}, Pin: pins(map[int]string{0: "Board"})})
	require.Equal(t, batch.Fresh{Batches: 2, Moved: 3}, r.Fresh, "0, 1 and 2 are in Board, and 3 and 4 where they were")
}

func TestRepackRefusesWishes(t *testing.T) {
	o := &org{}
	o.add(4, 1)
	inv := o.inventory(t)
	previous := &batch.Previous{Batches: []batch.PreviousBatch{frozen("Run", 0, 1), open("Next", 2, 77), open("By hand")}, Failed: numbers(1)}
	for text, opts := range map[string]batch.Options{
		"m00003@x.com is pinned to the batch Run, which is frozen":                 {Pin: pins(map[int]string{0: "Run", 3: "rUN"})},
		"m00001@x.com is pinned to the batch Run, which is frozen":                 {Pin: pins(map[int]string{1: "Run"})},
		"m00001@x.com is pinned to the batch Board and m00002@x.com to BOARD":      {Pin: pins(map[int]string{1: "Board", 2: "BOARD"})},
		"m00001@x.com and m00002@x.com must stay together, and they are pinned to": {Pin: pins(map[int]string{1: "Board", 2: "next"}), Together: [][]inventory.Address{members(0, 3)}},
		"m00002@x.com and m00003@x.com must be kept apart, and they must be in the batch Next": {
			Pin: pins(map[int]string{2: "Next", 3: "NEXT"}), Apart: [][]inventory.Address{members(0, 4)}},
		`m00002@x.com is pinned to the batch "By hand": batch names hold letters`: {Pin: pins(map[int]string{2: "by HAND"})},
		`group 1 that must be kept apart: there is no mailbox "m00078@x.com"`:     {Apart: [][]inventory.Address{numbers(77, 78)}},
	} {
		_, err := batch.Repack(context.Background(), inv, previous, &opts)
		require.ErrorContains(t, err, text)
	}
}

func TestVerifyRepackChecksWishes(t *testing.T) {
	o := &org{}
	o.add(8, 1)
	inv := o.inventory(t)
	previous := &batch.Previous{Batches: []batch.PreviousBatch{frozen("Run", 0), open("Next", 1, 2, 3), open("By hand")}}
	opts := &batch.Options{
		Limits: batch.Limits{Mailboxes: 3}, Apart: [][]inventory.Address{numbers(0, 1, 4)},
		Pin: pins(map[int]string{0: "Run", 1: "NEXT", 5: "StagedBatch1"}),
	}
	good := repack(t, inv, previous, opts)
	require.Equal(t, []string{"Next", "StagedBatch1", "StagedBatch002"}, names(good.Packing))
	for want, change := range map[string]func(p *batch.Packing){
		`"StagedBatch001" is no name of the previous plan, nor the new one StagedBatch002`: func(p *batch.Packing) { p.Batches[2].Name = "StagedBatch001" },
		`"StagedBatch003" is no name of the previous plan, nor the new one StagedBatch002`: func(p *batch.Packing) { p.Batches[2].Name = "StagedBatch003" },
		"StagedBatch1 comes too late":                         func(p *batch.Packing) { p.Batches[1], p.Batches[2] = p.Batches[2], p.Batches[1] },
		"Next comes too late":                                 func(p *batch.Packing) { p.Batches[0], p.Batches[1] = p.Batches[1], p.Batches[0] },
		"m00005@x.com is in Zoo, though it is pinned to Stag": func(p *batch.Packing) { p.Batches[1].Name = "Zoo" },
		"m00001@x.com is in NEXT, though it is pinned to Nex": func(p *batch.Packing) { p.Batches[0].Name = "NEXT" },
		"lower bound is given as 2, not 3":                    func(p *batch.Packing) { p.LowerBound = 2 },
	} {
		bad := *good
		bad.Packing = clone(good.Packing)
		change(bad.Packing)
		require.ErrorContains(t, batch.VerifyRepack(&bad, inv, previous, opts), want)
	}
	for want, wish := range map[string]batch.Options{
		"m00001@x.com and m00002@x.com are both in Next, though they must be kept apart": {Apart: [][]inventory.Address{numbers(1, 2)}},
		`group 1 that must be kept apart names "m00099@x.com"`:                           {Apart: [][]inventory.Address{numbers(99)}},
		"m00004@x.com is pinned to Run, which is frozen":                                 {Pin: pins(map[int]string{4: "run"})},
		"the pins Board and BOARD differ in case alone":                                  {Pin: pins(map[int]string{4: "Board", 5: "BOARD"})},
		`"Bo rd" is not a valid name`:                                                    {Pin: pins(map[int]string{5: "Bo rd"})},
		`"By hand" is not a valid name`:                                                  {Pin: pins(map[int]string{5: "By hand"})},
	} {
		wish.Limits = opts.Limits
		bad := *good
		bad.Packing = clone(good.Packing)
		if wish.Pin != nil {
			bad.Packing.Batches[1].Name = wish.Pin(bad.Packing.Batches[1].Mailboxes[0])
		}
		require.ErrorContains(t, batch.VerifyRepack(&bad, inv, previous, &wish), want)
	}
}
