package batch_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// clone returns a copy of a packing that can be changed.
func clone(p *batch.Packing) *batch.Packing {
	c := *p
	c.Batches = slices.Clone(p.Batches)
	for i := range c.Batches {
		c.Batches[i].Mailboxes = slices.Clone(p.Batches[i].Mailboxes)
	}
	c.Held, c.Split, c.Hubs = slices.Clone(p.Held), slices.Clone(p.Split), slices.Clone(p.Hubs)
	return &c
}

// byAddress finds a batch and a position.
func find(p *batch.Packing, a inventory.Address) (b *batch.Batch, at int) {
	for i := range p.Batches {
		for at, m := range p.Batches[i].Mailboxes {
			if m.Address == a {
				return &p.Batches[i], at
			}
		}
	}
	return nil, -1
}

func TestVerifyFindsWhatIsWrong(t *testing.T) {
	// Limit 4. Held: 0. A component of 3 (1,2,3), a chain of 6 (4-9) that must be
	// split, three alone (10, 11, 12), of descending sizes.
	o := &org{}
	for i := range 13 {
		o.add(1, int64(100-i))
	}
	o.chain(1, 3)
	o.chain(4, 6)
	inv := o.inventory(t)
	opts := &batch.Options{
		Limits: batch.Limits{Mailboxes: 4},
		Hold:   func(m *inventory.Mailbox) bool { return m.Address == address(0) },
	}
	good := pack(t, inv, opts)
	require.Len(t, good.Batches, 3)
	require.Len(t, good.Split, 1)

	move := func(p *batch.Packing, a, to inventory.Address) {
		from, at := find(p, a)
		m := from.Mailboxes[at]
		from.Mailboxes = slices.Delete(from.Mailboxes, at, at+1)
		into, _ := find(p, to)
		into.Mailboxes = append(into.Mailboxes, m)
		slices.SortFunc(into.Mailboxes, func(a, b *inventory.Mailbox) int { return int(b.Size.Or(0) - a.Size.Or(0)) })
	}
	stranger := &inventory.Mailbox{Address: "stranger@x.com"}
	tests := []struct {
		name   string
		change func(p *batch.Packing)
		want   string
	}{
		{"a mailbox is missing", func(p *batch.Packing) {
			b, at := find(p, address(10))
			b.Mailboxes = slices.Delete(b.Mailboxes, at, at+1)
		}, "m00010@x.com is in no batch"},
		{"a mailbox is there twice", func(p *batch.Packing) {
			m, _ := inv.Lookup(address(10))
			for i := range p.Batches {
				if b, _ := find(p, address(10)); b != &p.Batches[i] {
					p.Batches[i].Mailboxes = append(p.Batches[i].Mailboxes, m)
					return
				}
			}
		}, "m00010@x.com is in"},
		{"a stranger", func(p *batch.Packing) { p.Batches[0].Mailboxes = append(p.Batches[0].Mailboxes, stranger) }, "stranger@x.com is not a mailbox of the inventory"},
		{"a copy", func(p *batch.Packing) { m := *p.Batches[0].Mailboxes[0]; p.Batches[0].Mailboxes[0] = &m }, "is not a mailbox of the inventory"},
		{"a nil", func(p *batch.Packing) { p.Batches[0].Mailboxes[0] = nil }, "nil mailbox"},
		{"a held one is planned", func(p *batch.Packing) { p.Batches[2].Mailboxes = append(p.Batches[2].Mailboxes, p.Held[0]) }, "is to be held and is in a batch"},
		{"held is not listed", func(p *batch.Packing) { p.Held = nil }, "given as held"},
		{"a component is split", func(p *batch.Packing) {
			to := address(4)
			if a, _ := find(p, address(1)); a.Name == batches(p)[address(4)] {
				to = address(9)
			}
			move(p, address(1), to)
		}, "though the component of 3 mailboxes"},
		{"over the limit", func(p *batch.Packing) {
			move(p, address(10), address(1))
			move(p, address(11), address(1))
			move(p, address(12), address(1))
		}, "4 is the limit"},
		{"another limit", func(p *batch.Packing) { p.Limits.Mailboxes = 2000 }, "limits are given as"},
		{"an empty batch", func(p *batch.Packing) { p.Batches = append(p.Batches, batch.Batch{Name: "StagedBatch004"}) }, "StagedBatch004 is empty"},
		{"another name", func(p *batch.Packing) { p.Batches[0].Name = "Batch 1" }, `the name of batch 1 is "Batch 1", not StagedBatch001`},
		{"a number is passed over", func(p *batch.Packing) { p.Batches[2].Name = "StagedBatch004" }, `the name of batch 3 is "StagedBatch004", not StagedBatch003`},
		{"more digits than needed", func(p *batch.Packing) { p.Batches[0].Name = "StagedBatch0001" }, `the name of batch 1 is "StagedBatch0001"`},
		{"a weight that is no number", func(p *batch.Packing) { p.SplitWeight = math.NaN() }, "said to weigh NaN, not 4"},
		{"hardly more weight", func(p *batch.Packing) { p.SplitWeight = math.Nextafter(4, 5) }, "said to weigh 4.000000000000001, not 4"},
		{"a name twice", func(p *batch.Packing) { p.Batches[1].Name = p.Batches[0].Name }, "the name of batch 2 is"},
		{"names out of order", func(p *batch.Packing) { p.Batches[0].Name, p.Batches[1].Name = p.Batches[1].Name, p.Batches[0].Name }, "the name of batch 1 is"},
		{"batches out of order", func(p *batch.Packing) {
			p.Batches[0].Mailboxes, p.Batches[1].Mailboxes = p.Batches[1].Mailboxes, p.Batches[0].Mailboxes
		}, "comes after a batch that begins with"},
		{"rows out of order", func(p *batch.Packing) { slices.Reverse(p.Batches[0].Mailboxes) }, "comes before"},
		{"a split grant is missing", func(p *batch.Packing) { p.Split = nil }, "0 grants are given as split, not 1"},
		{"a split grant too many", func(p *batch.Packing) { p.Split = append(p.Split, p.Split[0]) }, "2 grants are given as split, not 1"},
		{"a split grant with another batch", func(p *batch.Packing) { p.Split[0].TrusteeBatch = p.Split[0].MailboxBatch }, "split grant 1 is given as"},
		{"a higher bound", func(p *batch.Packing) { p.LowerBound++ }, "lower bound is given as 4, not 3"},
		{"a lower bound", func(p *batch.Packing) { p.LowerBound-- }, "lower bound is given as 2, not 3"},
		{"a batch is missing", func(p *batch.Packing) { p.Batches = p.Batches[:2] }, "fewer than the lower bound"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := clone(good)
			tt.change(bad)
			require.ErrorContains(t, batch.Verify(bad, inv, opts), tt.want)
		})
	}
	require.Error(t, batch.Verify(nil, inv, opts))
	require.Error(t, batch.Verify(good, nil, opts))
	require.Error(t, batch.Verify(good, inv, nil), "other options promise something else")
	for text, wrong := range map[string]batch.Options{
		"is not from 1 to 2000": {Limits: batch.Limits{Mailboxes: 2001}},
		"make no sense":         {Limits: batch.Limits{Size: -1}},
		"more than letters":     {Prefix: "B-"},
	} {
		wrong.Hold = opts.Hold
		require.ErrorContains(t, batch.Verify(good, inv, &wrong), text, "options that Pack refuses")
	}
	long := &batch.Options{Limits: opts.Limits, Hold: opts.Hold, Prefix: strings.Repeat("x", 62)}
	named := clone(good)
	for i := range named.Batches {
		named.Batches[i].Name = fmt.Sprintf("%s%03d", long.Prefix, i+1)
	}
	require.ErrorContains(t, batch.Verify(named, inv, long), "is not a valid name", "65 characters")
	other := clone(good)
	other.Inventory = nil
	require.ErrorContains(t, batch.Verify(other, inv, opts), "another inventory")
}

func TestVerifyChecksSizes(t *testing.T) {
	o := &org{}
	o.add(4, 300)
	o.add(1, -1)
	inv := o.inventory(t)
	opts := &batch.Options{Limits: batch.Limits{Size: 900 * inventory.MB, UnknownSize: 300 * inventory.MB}}
	good := pack(t, inv, opts)
	require.Len(t, good.Batches, 2)

	bad := clone(good)
	bad.Batches[0].Mailboxes = append(bad.Batches[0].Mailboxes, bad.Batches[1].Mailboxes...)
	slices.SortFunc(bad.Batches[0].Mailboxes, func(a, b *inventory.Mailbox) int {
		if x, y := b.Size.Or(-1), a.Size.Or(-1); x != y {
			return int(x - y)
		}
		return slices.Compare([]byte(a.Address), []byte(b.Address))
	})
	bad.Batches = bad.Batches[:1]
	require.ErrorContains(t, batch.Verify(bad, inv, opts), "holds 1.465 GB; 900 MB is the limit")
}

func TestVerifyCapsItsErrors(t *testing.T) {
	o := &org{}
	o.add(500, 1)
	inv := o.inventory(t)
	p := clone(pack(t, inv, nil))
	p.Batches[0].Mailboxes = p.Batches[0].Mailboxes[:1]
	require.ErrorContains(t, batch.Verify(p, inv, nil), "and 399 more violations")
}

// What Pack refuses has no right packing, whatever is made up.
func TestVerifyRefusesWhatPackRefuses(t *testing.T) {
	o := &org{}
	o.add(2, -1)
	o.grant(0, 1)
	huge := &org{}
	huge.add(3, 1<<42) // in MB, so that 2 of them are more than there are numbers for
	for text, tt := range map[string]struct {
		org  *org
		opts batch.Options
	}{
		"too much to add up":           {huge, batch.Options{}},
		"not one is known":             {o, batch.Options{Limits: batch.Limits{Size: inventory.GB}}},
		`order of waves has "" twice`:  {o, batch.Options{Waves: []string{"", ""}}},
		"on m00000@x.com weighs 1e+10": {o, batch.Options{Weight: func(inventory.Grant) float64 { return 1e10 }}},
		"on m00000@x.com weighs -1":    {o, batch.Options{Weight: func(inventory.Grant) float64 { return -1 }}},
	} {
		inv := tt.org.inventory(t)
		_, err := batch.Pack(context.Background(), inv, &tt.opts)
		require.Error(t, err, text)
		p := &batch.Packing{Inventory: inv, Limits: tt.opts.Limits, Batches: []batch.Batch{{Name: "StagedBatch001"}}, LowerBound: 1}
		p.Limits.Mailboxes = batch.MaxMailboxes
		for m := range inv.Mailboxes() {
			p.Batches[0].Mailboxes = append(p.Batches[0].Mailboxes, m)
		}
		err = batch.Verify(p, inv, &tt.opts)
		require.ErrorContains(t, err, text)
		require.NotContains(t, err.Error(), "\n", "nothing else is wrong")
	}
}
