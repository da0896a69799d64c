package batch_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// repack repacks and verifies.
func repack(t require.TestingT, inv *inventory.Inventory, previous *batch.Previous, opts *batch.Options) *batch.Repacking {
	r, err := batch.Repack(context.Background(), inv, previous, opts)
	require.NoError(t, err)
	require.NoError(t, batch.VerifyRepack(r, inv, previous, opts))
	return r
}

// numbers returns the addresses of mailboxes by their numbers.
func numbers(n ...int) (addresses []inventory.Address) {
	for _, i := range n {
		addresses = append(addresses, address(i))
	}
	return addresses
}

func open(name string, n ...int) batch.PreviousBatch {
	return batch.PreviousBatch{Name: name, Mailboxes: numbers(n...)}
}

func frozen(name string, n ...int) batch.PreviousBatch {
	return batch.PreviousBatch{Name: name, Mailboxes: numbers(n...), Frozen: true}
}

// shorthand writes a packing in short: "S1 0 1; S2 2" is 0 and 1 in StagedBatch001 and 2 in
// StagedBatch002.
func shorthand(p *batch.Packing) string {
	var parts []string
	for _, b := range p.Batches {
		var members []int
		for _, m := range b.Mailboxes {
			var n int
			fmt.Sscanf(string(m.Address), "m%d", &n)
			members = append(members, n)
		}
		slices.Sort(members)
		name := b.Name
		if number, ok := strings.CutPrefix(name, "StagedBatch"); ok {
			name = "S" + strings.TrimLeft(number, "0")
		}
		if b.Wave != "" {
			name += "/" + b.Wave
		}
		parts = append(parts, strings.Trim(fmt.Sprint(name, " ", members), "[]"))
	}
	return strings.ReplaceAll(strings.Join(parts, "; "), "[", "")
}

// without removes mailboxes and their grants.
func (o *org) without(n ...int) {
	gone := numbers(n...)
	o.mailboxes = slices.DeleteFunc(o.mailboxes, func(m inventory.Mailbox) bool { return slices.Contains(gone, m.Address) })
	o.grants = slices.DeleteFunc(o.grants, func(g inventory.Grant) bool {
		return slices.Contains(gone, g.Mailbox) || slices.Contains(gone, g.Trustee)
	})
}

const s1, s2, s3 = "StagedBatch001", "StagedBatch002", "StagedBatch003"

func TestRepack(t *testing.T) {
	limit := func(n int) batch.Options { return batch.Options{Limits: batch.Limits{Mailboxes: n}} }
	mb := func(n int64) batch.Options {
		return batch.Options{Limits: batch.Limits{Size: inventory.Size(n) * inventory.MB}}
	}
	tests := []struct {
		name     string
		build    func(o *org)
		previous batch.Previous
		opts     batch.Options
		want     string // as shorthand writes it
		moved    int
		reason   string
	}{
		{"nothing before", func(o *org) { o.chain(o.add(4, 1), 2); o.chain(2, 2) }, batch.Previous{}, limit(2), "S1 0 1; S2 2 3", 0, "what Pack makes of it"},
		{"nothing changed", func(o *org) { o.chain(o.add(4, 1), 4) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 3), open(s2, 1, 2)}}, limit(2), "S1 0 3; S2 1 2", 0,
			"nobody moves for grants that the plan has split, though 0 1; 2 3 would split fewer"},
		{"nothing changed, to mend", func(o *org) {
			o.chain(o.add(4, 1), 4)
			o.chain(0, 2)
			o.right(1, 0, inventory.SendAs, inventory.Calendar)
		},
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 3), open(s2, 1, 2)}, Mend: true, MoveWeight: 1}, limit(2), "S1 2 3; S2 0 1", 2,
			"two moves for a weight of 1 each keep 8 and 4 whole for 4"},
		{"one departed", func(o *org) { o.chain(o.add(6, 1), 6); o.without(2) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2), open(s2, 3, 4, 5)}}, limit(3), "S1 0 1; S2 3 4 5", 0, "there is room now, and nobody moves for it"},
		{"a batch emptied", func(o *org) { o.add(6, 1); o.without(2, 3) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2, 3), open(s3, 4, 5)}}, limit(2), "S1 0 1; S3 4 5", 0, "it disappears, and the others keep their names"},
		{"one new, tied", func(o *org) { o.add(5, 1); o.grant(4, 2) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0), open(s2, 1, 2, 3)}}, limit(4), "S1 0; S2 1 2 3 4", 0, "beside its partner, not in the emptier one"},
		{"one new, untied", func(o *org) { o.add(5, 1) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2), open(s2, 3)}}, limit(4), "S1 0 1 2; S2 3 4", 0, "into the emptier one"},
		{"one new, and a full batch", func(o *org) { o.chain(o.add(5, 1), 2); o.right(4, 1, inventory.FullAccess, inventory.SendAs) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2), open(s2, 3)}}, limit(3), "S1 0 1 4; S2 2 3", 1, "2 costs a move of 2, and 4 apart from 1 would split 7"},
		{"one new, and a full batch that is not worth it", func(o *org) { o.chain(o.add(5, 1), 2); o.right(4, 1, inventory.SendOnBehalf) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2), open(s2, 3)}}, limit(3), "S1 0 1 2; S2 3 4", 0, "a move costs 2, and so does the split"},
		{"one new, with moves at half the price", func(o *org) { o.chain(o.add(5, 1), 2); o.right(4, 1, inventory.SendOnBehalf) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2), open(s2, 3)}, MoveWeight: 1}, limit(3), "S1 0 1 4; S2 2 3", 1, "a move costs 1"},
		{"no room", func(o *org) { o.add(5, 1) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2, 3)}}, limit(2), "S1 0 1; S2 2 3; S3 4", 0, "a new batch with the next number"},
		{"the next number", func(o *org) { o.add(3, 1) },
			batch.Previous{Batches: []batch.PreviousBatch{frozen("StagedBatch007", 0), open("East", 1)}}, limit(1), "East 1; S8 2", 0, "after that of a frozen batch; other names stay"},
		{"a pair, and single places", func(o *org) { o.add(6, 1); o.right(5, 4, inventory.FullAccess, inventory.Calendar); o.grant(3, 2) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2, 3)}}, limit(3), "S1 1 4 5; S2 0 2 3", 1, "2 for a move, 5 for the pair, and 100 for a batch of its own"},
		{"a pair that is not worth a move", func(o *org) { o.add(6, 1); o.right(5, 4, inventory.SendOnBehalf) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2, 3)}}, limit(3), "S1 0 1 4; S2 2 3 5", 0, "2 for a move, and 2 for the pair"},
		{"a pair that is worth a batch", func(o *org) { o.add(6, 1); o.right(5, 4, inventory.FullAccess, inventory.Calendar) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1), open(s2, 2, 3)}, MoveWeight: 9, BatchWeight: 4}, limit(3), "S1 0 1; S2 2 3; S3 4 5", 0, "9 for a move, 5 for the pair, and 4 for a batch"},
		{"over the size", func(o *org) { o.add(3, 100); o.add(1, 300); o.add(1, 100); o.chain(0, 2) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3), open(s2, 4)}}, mb(500), "S1 0 1 3; S2 2 4", 1, "2 alone is enough and tied to nobody"},
		{"over the size, all tied", func(o *org) { o.add(3, 100); o.add(1, 300); o.add(1, 100); o.chain(0, 4) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3), open(s2, 4)}}, mb(500), "S1 1 2 3; S2 0 4", 1, "an end of the chain splits one grant"},
		{"over the size, one for three", func(o *org) {
			for _, mb := range []int64{150, 300, 10, 10, 80, 80, 10} {
				o.add(1, mb)
			}
			o.right(1, 2, inventory.SendOnBehalf)
			o.grant(2, 3)
		}, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3, 4, 5), open(s2, 6)}}, mb(330), "S1 0 2 3 4 5; S2 1 6", 1,
			"300 must leave: 1 costs a move and a split of 2; 0, 4 and 5 three moves"},
		{"fewer batches than the bound", func(o *org) {
			for range 3 {
				o.chain(o.add(2, 1), 2)
			}
		}, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2), open(s2, 3, 4, 5)}}, limit(3), "S1 0 1 2; S2 3 4 5", 0, "no pair could be split in two batches of three, and one is"},
		{"too large for any", func(o *org) { o.add(3, 100); o.mailboxes[1].Size = inventory.Known(900 * inventory.MB) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2)}}, mb(500), "S1 0 2; S2 1", 1, "it gets a batch of its own, and moves rather than the others"},
		{"too large, alone before", func(o *org) { o.add(3, 100); o.mailboxes[1].Size = inventory.Known(900 * inventory.MB) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 1), open(s2, 0)}}, mb(500), "S1 1; S2 0 2", 0, "it keeps its batch, and nobody is added"},
		{"a lower limit", func(o *org) { o.chain(o.add(6, 1), 4); o.chain(4, 2) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3, 4, 5)}}, limit(4), "S1 0 1 2 3; S2 4 5", 2, "two must leave, and those two hang together"},
		{"a much lower limit", func(o *org) { o.chain(o.add(9, 1), 9) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3, 4, 5, 6, 7, 8)}}, limit(3), "S1 6 7 8; S2 0 1 2; S3 3 4 5", 6, "two seams, and three stay"},
		{"a much lower limit, and two stars", func(o *org) {
			o.add(12, 1)
			for i := 2; i < 12; i++ {
				o.grant(i%2, i)
			}
			o.grant(0, 1)
		}, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)}}, limit(6), "S1 0 2 4 6 8 10; S2 1 3 5 7 9 11", 6,
			"one seam; leaf after leaf would be as cheap at first, and leave twos of both"},
		{"a new pair, and a full batch", func(o *org) {
			o.add(7, 1)
			o.right(5, 0, inventory.FullAccess, inventory.SendAs)
			o.right(6, 5, 1, 2, 3)
			o.right(1, 0, 1, 2, 3)
		},
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3), open(s2, 4)}}, limit(4), "S1 0 1 5 6; S2 2 3 4", 2,
			"7 for two moves; 5 alone would leave 6, to which it is tied by 9"},
		{"all crossed, to mend", func(o *org) {
			o.add(16, 1)
			for i := range 16 {
				for j := i + 4; j < 16; j += 4 {
					o.right(i, j, inventory.Calendar)
				}
			}
		}, batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3), open(s2, 4, 5, 6, 7), open(s3, 8, 9, 10, 11), open("S4", 12, 13, 14, 15)}, Mend: true, MoveWeight: 0.9},
			limit(4), "S1 0 4 8 12; S2 3 7 11 15; S3 2 6 10 14; S4 1 5 9 13", 12, "24 for twelve moves, of which no single one is worth it"},
		{"mend, until nothing is left to gain", func(o *org) { o.add(9, 1); o.grant(4, 8); o.grant(0, 2); o.grant(0, 3) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 4), open(s2, 2, 8), open(s3, 5, 6)}, Mend: true, MoveWeight: 4, BatchWeight: 1},
			limit(3), "S1 1 4 8; S2 0 2 3; S3 5 6 7", 2, "3 is new, and 0 has to change places with 8 for it: 8 for two moves keep 12 whole"},
		{"a held one released", func(o *org) { o.add(3, 1); o.grant(2, 0) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0), open(s2, 1)}}, limit(3), "S1 0 2; S2 1", 0, "like a new one"},
		{"tied to a frozen batch", func(o *org) { o.add(5, 1); o.grant(4, 0) },
			batch.Previous{Batches: []batch.PreviousBatch{frozen(s1, 0), open(s2, 1, 2), open(s3, 3)}}, limit(4), "S2 1 2 4; S3 3", 0, "as early as it can, not into the emptier one"},
		{"a group of two batches", func(o *org) { o.add(5, 1) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2), open(s2, 3, 4)}},
			batch.Options{Limits: batch.Limits{Mailboxes: 5}, Together: [][]inventory.Address{numbers(1, 2, 3)}}, "S1 0 1 2 3; S2 4", 1, "to where most of it is"},
		{"mend and do without a batch", func(o *org) { o.add(5, 1) },
			batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2), open(s2, 3), open(s3, 4)}, Mend: true, BatchWeight: 5}, limit(4), "S1 0 1 2; S3 3 4", 1,
			"to do without one is worth 5, and costs a move of 2; after that nowhere is room for two"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &org{}
			tt.build(o)
			r := repack(t, o.inventory(t), &tt.previous, &tt.opts)
			require.Equal(t, tt.want, shorthand(r.Packing), tt.reason)
			require.Len(t, r.Moved, tt.moved, tt.reason)
			next := tt.previous
			next.Batches = r.Previous()
			require.Equal(t, tt.want, shorthand(repack(t, o.inventory(t), &next, &tt.opts).Packing), "a second time nothing changes")
		})
	}
}

func TestRepackKeepsWavesApart(t *testing.T) {
	o := &org{}
	o.add(8, 1)
	pilot := map[inventory.Address]bool{address(0): true, address(5): true, address(7): true}
	opts := &batch.Options{
		Limits: batch.Limits{Mailboxes: 4},
		Wave: func(m *inventory.Mailbox) string {
			if pilot[m.Address] {
				return "first"
			}
			return "rest"
		},
	}
	previous := &batch.Previous{Batches: []batch.PreviousBatch{
		{Name: s1, Wave: "pilot", Mailboxes: numbers(0)},
		{Name: s2, Wave: "general", Mailboxes: numbers(1, 2, 3)},
		{Name: s3, Wave: "general", Mailboxes: numbers(4, 5, 6)},
	}}
	r := repack(t, o.inventory(t), previous, opts)
	require.Equal(t, "S1/first 0 5 7; S2/rest 1 2 3; S3/rest 4 6", shorthand(r.Packing),
		"waves have other names, which moves nobody; 5 is in the pilot now, and 7 is new in it")
	require.Len(t, r.Moved, 1)

	pilot[address(4)] = true
	previous.Batches[2] = batch.PreviousBatch{Name: s3, Wave: "rest", Mailboxes: numbers(4, 6)}
	r = repack(t, o.inventory(t), previous, opts)
	require.Equal(t, "S1/first 0 4 5 7; S2/rest 1 2 3; S3/rest 6", shorthand(r.Packing), "of two as many as of the other, the one it was of")

	pilot[address(6)], previous.Batches[2].Mailboxes = true, numbers(4, 5, 6)
	r = repack(t, o.inventory(t), previous, opts)
	require.Equal(t, "S1/first 0 7; S3/first 4 5 6; S2/rest 1 2 3", shorthand(r.Packing), "a batch whose mailboxes all change their wave goes with them")
	require.Empty(t, r.Moved)
}

func TestRepackFrozen(t *testing.T) {
	o := &org{}
	o.add(9, 1)
	o.grant(3, 0) // of one that is still to run on one that has moved
	o.grant(1, 4) // the other way round
	o.grant(0, 2) // both have moved
	o.mailboxes[5].Aliases = []inventory.Address{"old@x.com"}
	o.without(1)
	o.add(0, 0)
	inv := o.inventory(t)
	previous := &batch.Previous{
		Batches: []batch.PreviousBatch{
			{Name: "Run", Wave: "pilot", Mailboxes: []inventory.Address{address(2), address(0), address(1), "old@x.com", address(2)}, Frozen: true},
			open(s2, 3, 4),
			frozen("Retry", 6, 3),
		},
		Failed: numbers(2, 1),
	}
	before := fmt.Sprintf("%+v", previous)
	opts := &batch.Options{
		Limits:   batch.Limits{Mailboxes: 5},
		Hold:     func(m *inventory.Mailbox) bool { return m.Address == address(0) || m.Address == address(7) },
		Together: [][]inventory.Address{numbers(0, 1, 8, 4)},
	}
	r := repack(t, inv, previous, opts)
	require.Equal(t, "S2 2 3 4 8", shorthand(r.Packing),
		"2 failed; 3 is in a batch that is not frozen as well; 5 has moved under another address; 6 and 0 have moved; 7 is held; 8 is new")
	require.Empty(t, cmp.Diff([]batch.PreviousBatch{previous.Batches[0], previous.Batches[2]}, r.Frozen))
	require.Equal(t, before, fmt.Sprintf("%+v", previous), "what the caller has is not changed")
	require.Len(t, r.Packing.Held, 1, "0 has moved, so that nobody holds it")
	require.Equal(t, address(7), r.Packing.Held[0].Address)
	require.Empty(t, r.Moved)
	require.Empty(t, r.Gone, "1 was in a frozen batch")
	var added []inventory.Address
	for _, m := range r.Added {
		added = append(added, m.Address)
	}
	require.Equal(t, numbers(2, 8), added)
	require.Len(t, r.Waiting, 2)
	require.Equal(t, batch.SplitGrant{Grant: inventory.Grant{Mailbox: address(0), Trustee: address(2), Right: inventory.FullAccess}, MailboxBatch: "Run", TrusteeBatch: s2}, r.Waiting[0])
	require.Equal(t, s2, r.Waiting[1].MailboxBatch)
	require.Equal(t, "Run", r.Waiting[1].TrusteeBatch)

	r.Frozen[0].Mailboxes[0] = "changed@x.com"
	require.Equal(t, before, fmt.Sprintf("%+v", previous), "the frozen batches are copies")
	next := r.Previous()
	require.Equal(t, []string{"Run", "Retry", s2}, []string{next[0].Name, next[1].Name, next[2].Name})
}

// A tree of 200 in a batch that may hold half of it: there is a way to split it in few
// places, which leaf after leaf does not find.
func TestRepackSplitsWhatIsMuchOver(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	o := &org{}
	o.add(200, 1)
	order := rng.Perm(200)
	for i := 1; i < 200; i++ {
		o.grant(order[i], order[(i-1)/2])
	}
	previous := &batch.Previous{Batches: []batch.PreviousBatch{open(s1, order...)}}
	r := repack(t, o.inventory(t), previous, &batch.Options{Limits: batch.Limits{Mailboxes: 101}})
	require.Len(t, r.Packing.Batches, 2)
	require.LessOrEqual(t, len(r.Packing.Split), 5, "a subtree of 72 and one of 15, with the twigs that make up what 99 lack")
	require.LessOrEqual(t, len(r.Moved), 104, "99 must leave, and no more than a few with them")
}

// With moves that cost next to nothing a fresh plan is as good as any.
func TestRepackGoesOnFromAFreshPlan(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	o := &org{}
	o.add(160, 1)
	for range 240 {
		o.grant(rng.IntN(160), rng.IntN(160))
	}
	previous := &batch.Previous{Mend: true, MoveWeight: 1e-6, Batches: []batch.PreviousBatch{open(s1), open(s2), open(s3), open("StagedBatch004")}}
	for i, n := range rng.Perm(160) {
		b := &previous.Batches[i%4]
		b.Mailboxes = append(b.Mailboxes, address(n))
	}
	r := repack(t, o.inventory(t), previous, &batch.Options{Limits: batch.Limits{Mailboxes: 45}})
	require.LessOrEqual(t, r.Packing.SplitWeight, r.Fresh.SplitWeight)
}

func TestRepackNumbersOn(t *testing.T) {
	o := &org{}
	o.add(4, 1)
	names := func(prefix string, batches ...batch.PreviousBatch) (names []string) {
		r := repack(t, o.inventory(t), &batch.Previous{Batches: batches}, &batch.Options{Prefix: prefix, Limits: batch.Limits{Mailboxes: 1}})
		for _, b := range r.Packing.Batches {
			names = append(names, b.Name)
		}
		return names
	}
	require.Equal(t, []string{"B0007", "B0010", "B0011", "B0012"}, names("B", open("B0007", 2), frozen("b9")), "with as many digits as there are, in whatever case")
	require.Equal(t, []string{"B999", "B1000", "B1001", "B1002"}, names("B", open("B999", 2)), "or more")
	require.Equal(t, []string{"B0x99", "B001", "B002", "B003"}, names("B", open("B0x99", 2)), "99 is no number behind the prefix")
	require.Equal(t, []string{"B12345678901", "B001", "B002", "B003"}, names("B", open("B12345678901", 2)), "nor is one that long")
	require.Equal(t, []string{"B003", "B005", "B006", "B007"}, names("B", open("B003", 2), open("B004", 77)), "not that of a batch that is empty now")
	require.Equal(t, []string{"B1", "New001", "New002", "New003"}, names("New", open("B1", 2)), "another prefix begins at 1")
}

// A mailbox is where its primary address was; if the plan does not have that, where an
// alias was, of those the first in a batch that is not frozen.
func TestRepackFindsAliases(t *testing.T) {
	tests := []struct {
		batches []batch.PreviousBatch
		want    string
		moved   int
		reason  string
	}{
		{[]batch.PreviousBatch{open(s1, 8), open(s2, 1)}, "S1 0; S2 1", 0, "an alias is as good as an address"},
		{[]batch.PreviousBatch{open(s1, 8), open(s2, 1, 0)}, "S2 0 1", 0, "0 is in the second by its own address"},
		{[]batch.PreviousBatch{open(s1, 9), open(s2, 8, 1)}, "S1 0; S2 1", 0, "of two aliases the first"},
		{[]batch.PreviousBatch{frozen(s1, 9), open(s2, 8, 1)}, "S2 0 1", 0, "it waits for another try"},
		{[]batch.PreviousBatch{frozen(s1, 0), open(s2, 8, 1)}, "S2 1", 0, "it has moved by its own address, and took over another mailbox since"},
		{[]batch.PreviousBatch{frozen(s1, 8), open(s2, 1)}, "S2 1", 0, "it has moved by an older address"},
	}
	for _, tt := range tests {
		o := &org{}
		o.add(2, 1)
		o.mailboxes[0].Aliases = numbers(8, 9)
		r := repack(t, o.inventory(t), &batch.Previous{Batches: tt.batches}, nil)
		require.Equal(t, tt.want, shorthand(r.Packing), tt.reason)
		require.Len(t, r.Moved, tt.moved, tt.reason)
		require.Empty(t, r.Gone, tt.reason)
	}
}

func TestRepackRefuses(t *testing.T) {
	o := &org{}
	o.add(3, 1)
	inv := o.inventory(t)
	for text, previous := range map[string]batch.Previous{
		`two previous batches "stagedbatch001"`:         {Batches: []batch.PreviousBatch{open(s1, 0), frozen("stagedbatch001", 1)}},
		"of 1 mailboxes has no name":                    {Batches: []batch.PreviousBatch{open("", 0)}},
		"m00001@x.com is in StagedBatch001 and in East": {Batches: []batch.PreviousBatch{open(s1, 0, 1), open("East", 1)}},
		"m00009@x.com is in StagedBatch001 and in East": {Batches: []batch.PreviousBatch{open(s1, 9), open("East", 9)}},
		"m00001@x.com is in East and in East":           {Batches: []batch.PreviousBatch{open("East", 1, 1)}},
		"not in its normal form":                        {Batches: []batch.PreviousBatch{{Name: s1, Mailboxes: []inventory.Address{"M00001@x.com"}}}},
		"neither the previous plan nor the inventory":   {Failed: numbers(7)},
		"a move weight of -1":                           {MoveWeight: -1},
		"a batch weight of 1e+10":                       {BatchWeight: 1e10},
		"numbers up to 999999999 are not enough":        {Batches: []batch.PreviousBatch{open("StagedBatch999999999", 0, 1), open(strings.Repeat("9", 80), 2)}},
	} {
		_, err := batch.Repack(context.Background(), inv, &previous, &batch.Options{Limits: batch.Limits{Mailboxes: 1}})
		require.ErrorContains(t, err, text)
	}
	_, err := batch.Repack(context.Background(), nil, nil, nil)
	require.Error(t, err)
	_, err = batch.Repack(context.Background(), inv, nil, &batch.Options{Prefix: "-"})
	require.ErrorContains(t, err, "letters and digits")
	_, err = batch.Repack(context.Background(), inv, nil, &batch.Options{Together: [][]inventory.Address{numbers(7)}})
	require.ErrorContains(t, err, `there is no mailbox "m00007@x.com"`, "the plan does not know it either")
	reason := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(reason)
	_, err = batch.Repack(ctx, inv, nil, nil)
	require.ErrorIs(t, err, reason)
}

// A fresh plan takes over names so that as many as possible stay, which is not always to
// give each batch the name that most of it had.
func TestRepackComparesWithFresh(t *testing.T) {
	o := &org{}
	o.chain(o.add(12, 1), 6)
	o.chain(6, 6)
	// A fresh plan is 0-5 and 6-11. Of 0-5 four were in S1 and two in S2; of 6-11 five in
	// S1 and one in S3: 6-11 as S1 and 0-5 as S2 leaves 5+2, 0-5 as S1 and 6-11 as S3 4+1.
	previous := &batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2, 3, 6, 7, 8, 9, 10), open(s2, 4, 5), open(s3, 11)}}
	r := repack(t, o.inventory(t), previous, &batch.Options{Limits: batch.Limits{Mailboxes: 9}})
	require.Empty(t, r.Moved)
	require.Equal(t, batch.Fresh{Batches: 2, SplitWeight: 0, Moved: 5}, r.Fresh)
	require.Equal(t, 8.0, r.Packing.SplitWeight, "3-4 and 10-11")
}
