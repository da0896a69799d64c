package batch_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// company makes up an organization of teams that share mailboxes, most of them with others
// nearby and some with any, so that half of all mailboxes are one component.
func company(n int, rng *rand.Rand) *org {
	o := &org{}
	for len(o.mailboxes) < n {
		team := 3 + rng.IntN(18)
		first := o.add(team, 0)
		for i := first; i < first+team; i++ {
			o.mailboxes[i].Size = inventory.Known(inventory.Size(math.Exp(rng.NormFloat64()) * float64(inventory.GB)))
			if i > first && rng.IntN(2) == 0 {
				o.right(first, i, inventory.FullAccess, inventory.SendAs)
			}
			if i > first && rng.IntN(4) == 0 {
				o.right(i, first+rng.IntN(team), inventory.Calendar)
			}
		}
		for range 2 {
			switch k := rng.IntN(10); {
			case first == 0:
			case k < 7:
				o.right(first, max(first-1-rng.IntN(400), 0), inventory.FullAccess)
			case k < 8:
				o.right(first, rng.IntN(first), inventory.SendOnBehalf)
			}
		}
	}
	return o
}

// weeks changes an organization as some weeks do: of a hundred mailboxes two are gone, two
// new, and five have grown.
func (o *org) weeks(rng *rand.Rand) {
	n := len(o.mailboxes)
	first := o.add(n/50, 500)
	for i := first; i < len(o.mailboxes); i++ {
		o.right(rng.IntN(n), i, inventory.FullAccess)
		if rng.IntN(3) == 0 {
			o.right(i, rng.IntN(n), inventory.Calendar)
		}
	}
	gone := make(map[inventory.Address]bool)
	for range n / 50 {
		gone[o.mailboxes[rng.IntN(n)].Address] = true
	}
	for range n / 20 {
		m := &o.mailboxes[rng.IntN(n)]
		m.Size = inventory.Known(m.Size.Or(0) * 3 / 2)
	}
	kept := o.mailboxes[:0:0]
	for _, m := range o.mailboxes {
		if !gone[m.Address] {
			kept = append(kept, m)
		}
	}
	o.mailboxes = kept // grants that name nobody stay, as in exports of another day
}

// wish adds new wishes to options.
func (o *org) wish(inv *inventory.Inventory, previous *batch.Previous, opts *batch.Options, rng *rand.Rand) {
	for range 40 {
		var group []inventory.Address
		for range 10 {
			group = append(group, o.mailboxes[rng.IntN(len(o.mailboxes))].Address)
		}
		opts.Apart = append(opts.Apart, group)
	}
	moved := make(map[inventory.Address]bool)
	for _, b := range previous.Batches {
		for _, a := range b.Mailboxes {
			moved[a] = b.Frozen
		}
	}
	to := make(map[inventory.Address]string)
	for i := range 100 {
		if a := inv.At(rng.IntN(inv.Len())).Address; !moved[a] && !slices.ContainsFunc(opts.Apart, func(g []inventory.Address) bool { return slices.Contains(g, a) }) {
			to[a] = []string{"Board", "Works", previous.Batches[10].Name, previous.Batches[11].Name, previous.Batches[12].Name}[i%5]
		}
	}
	opts.Pin = func(m *inventory.Mailbox) string { return to[m.Address] }
}

// What some weeks change in a plan of 50,000 mailboxes, of which a fifth has run: who moves,
// beside a fresh plan. Of those who have run one in a hundred failed. Then all that, and new
// wishes: forty groups of up to ten each to keep apart, and a hundred mailboxes pinned to five batches.
// Then to mend what the plan has as well.
func BenchmarkRepack(b *testing.B) {
	for _, bench := range []struct {
		name   string
		limits batch.Limits
		wishes bool
		mend   bool
	}{
		{"count", batch.Limits{}, false, false},
		{"size", batch.Limits{Size: 3200 * inventory.GB}, false, false},
		{"wishes", batch.Limits{}, true, false},
		{"mend", batch.Limits{}, false, true},
		{"mend-size", batch.Limits{Size: 3200 * inventory.GB}, false, true},
	} {
		b.Run(bench.name, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(11, 12))
			o := company(50_000, rng)
			opts := &batch.Options{Limits: bench.limits}
			p, err := batch.Pack(context.Background(), o.inventory(b), opts)
			require.NoError(b, err)
			previous := &batch.Previous{Batches: p.Previous(), Mend: bench.mend}
			for i := range len(previous.Batches) / 5 {
				previous.Batches[i].Frozen = true
				for k, a := range previous.Batches[i].Mailboxes {
					if k%100 == 0 {
						previous.Failed = append(previous.Failed, a)
					}
				}
			}
			o.weeks(rng)
			inv := o.inventory(b)
			if bench.wishes {
				o.wish(inv, previous, opts, rng)
			}
			var r *batch.Repacking
			for b.Loop() {
				r, err = batch.Repack(context.Background(), inv, previous, opts)
				require.NoError(b, err)
			}
			require.NoError(b, batch.VerifyRepack(r, inv, previous, opts))
			b.ReportMetric(float64(len(r.Added)), "added")
			b.ReportMetric(float64(len(r.Moved)), "moved")
			b.ReportMetric(float64(r.Fresh.Moved), "fresh-moved")
			b.ReportMetric(float64(len(r.Packing.Batches)), "batches")
			b.ReportMetric(float64(r.Fresh.Batches), "fresh-batches")
			b.ReportMetric(r.Packing.SplitWeight, "split-weight")
			b.ReportMetric(r.Fresh.SplitWeight, "fresh-split-weight")
		})
	}
}
