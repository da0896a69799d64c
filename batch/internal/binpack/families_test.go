package binpack

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// family makes instances of a distribution that the literature packs. Where the
// construction shows how many bins are enough, the instance says so.
type family struct {
	name string

	// So many of the first twelve may take more bins than are known to be needed.
	missed int

	make func(rng *rand.Rand, at int) instance
}

// instances makes n instances, always the same.
func (f family) instances(n int) []instance {
	rng := rand.New(rand.NewPCG(20, 10))
	var instances []instance
	for at := range n {
		in := f.make(rng, at)
		rng.Shuffle(len(in.items), func(i, j int) { in.items[i], in.items[j] = in.items[j], in.items[i] })
		instances = append(instances, in)
	}
	return instances
}

// sizes makes an instance of items of one mailbox each, of which a bin holds no more
// than most.
func sizes(capacity, most int64, w ...int64) instance {
	in := instance{capacity: Load{Count: most, Size: capacity}}
	for _, s := range w {
		in.items = append(in.items, Load{Count: 1, Size: s})
	}
	return in
}

// drawn returns n sizes from low to high.
func drawn(rng *rand.Rand, n int, low, high int64) []int64 {
	w := make([]int64, n)
	for i := range w {
		w[i] = low + rng.Int64N(high-low+1)
	}
	return w
}

// randomItems makes up to so many items of all sizes that a bin of random capacity can
// hold, every other time without a limit of size.
func randomItems(rng *rand.Rand, most int) (items []Load, capacity Load) {
	capacity = Load{Count: 1 + rng.Int64N(40), Size: rng.Int64N(2) * (1 + rng.Int64N(1000))}
	least := rng.Int64N(4) // of four parts
	draw := func(of int64) int64 { return of*least/8 + rng.Int64N(of-of*least/8) }
	for range 1 + rng.IntN(most) {
		items = append(items, Load{Count: 1 + draw(capacity.Count), Size: draw(capacity.Size + 1)})
	}
	return items, capacity
}

// cuts cuts a length into n pieces of at least one each.
func cuts(rng *rand.Rand, length int64, n int) []int64 {
	w := make([]int64, n)
	for i := range w {
		w[i] = 1
	}
	for left := length - int64(n); left > 0; {
		piece := 1 + rng.Int64N(max(1, left/2))
		w[rng.IntN(n)] += piece
		left -= piece
	}
	return w
}

func pick[T any](at int, of ...T) T { return of[at%len(of)] }

// families are the classes of Falkenauer (Journal of Heuristics 2, 1996), Scholl, Klein
// and Juergens (Computers & Operations Research 24, 1997), Schwerin and Waescher
// (International Transactions in Operational Research 4, 1997), Waescher and Gau (OR
// Spektrum 18, 1996) and Schoenfield (2002), by their distributions, and bins cut into
// pieces at random, which pack perfectly.
var families = []family{
	{"u", 0, func(rng *rand.Rand, at int) instance {
		return sizes(150, 2000, drawn(rng, pick(at, 120, 250, 500, 1000), 20, 100)...)
	}},
	{"t", 0, func(rng *rand.Rand, at int) instance {
		bins := pick(at, 20, 40, 83, 167)
		var w []int64
		for range bins {
			a := 380 + rng.Int64N(111)
			b := 250 + rng.Int64N((1000-a)/2-250+1)
			w = append(w, a, b, 1000-a-b)
		}
		return perfect(sizes(1000, 2000, w...), bins)
	}},
	{"scholl1", 0, func(rng *rand.Rand, at int) instance {
		return sizes(pick(at/4, int64(100), 120, 150), 2000, drawn(rng, pick(at, 50, 100, 200, 500), pick(at/12, int64(1), 20, 30), 100)...)
	}},
	{"scholl2", 0, func(rng *rand.Rand, at int) instance {
		mean, spread := 1000/pick(at/4, int64(3), 5, 7, 9), pick(at/16, int64(20), 50, 90)
		return sizes(1000, 2000, drawn(rng, pick(at, 50, 100, 200, 500), mean-mean*spread/100, mean+mean*spread/100)...)
	}},
	{"scholl3", 0, func(rng *rand.Rand, _ int) instance {
		return sizes(100_000, 2000, drawn(rng, 200, 20_000, 35_000)...)
	}},
	{"schwerin", 0, func(rng *rand.Rand, at int) instance {
		return sizes(1000, 2000, drawn(rng, pick(at, 100, 120), 150, 200)...)
	}},
	{"waescher", 0, func(rng *rand.Rand, at int) instance {
		var w []int64
		for range 20 + 10*(at%4) {
			size := 1 + rng.Int64N(pick(at/4, int64(2500), 5000, 7500))
			for range 1 + rng.IntN(8) {
				w = append(w, size)
			}
		}
		return sizes(10_000, 2000, w...)
	}},
	{"hard28", 0, hard},
	{"triplets-2500", 4, func(rng *rand.Rand, at int) instance { // as fine as the augmented instances of Delorme et al.
		bins := pick(at, 20, 40, 67)
		var w []int64
		for range bins {
			w = append(w, cuts(rng, 2500, 3)...)
		}
		return perfect(sizes(2500, 2000, w...), bins)
	}},
	{"cut-1000", 0, func(rng *rand.Rand, at int) instance {
		bins := pick(at, 10, 20, 40)
		var w []int64
		for range bins {
			w = append(w, cuts(rng, 1000, 2+rng.IntN(5))...)
		}
		return perfect(sizes(1000, 2000, w...), bins)
	}},
	{"cut-fine", 8, func(rng *rand.Rand, at int) instance { // no two alike
		bins := pick(at, 10, 20, 40)
		var w []int64
		for range bins {
			w = append(w, cuts(rng, 100_000_000, 4+rng.IntN(3))...)
		}
		return perfect(sizes(100_000_000, 2000, w...), bins)
	}},
	{"count-u", 0, func(rng *rand.Rand, at int) instance { // a limit of items that binds beside size
		return sizes(150, pick(at/4, int64(2), 3), drawn(rng, pick(at, 120, 250, 500, 1000), 20, 80)...)
	}},
	{"count-cut", 0, func(rng *rand.Rand, at int) instance { // full in number and in size
		bins, k := pick(at, 10, 20, 40), pick(at/3, 3, 4, 6)
		var w []int64
		for range bins {
			w = append(w, cuts(rng, 1000, k)...)
		}
		return perfect(sizes(1000, int64(k), w...), bins)
	}},
	{"groups-cut", 4, func(rng *rand.Rand, at int) instance { // groups of mailboxes that fill both limits
		bins := pick(at, 5, 10, 20)
		in := instance{capacity: Load{Count: 2000, Size: 1_000_000}, fewest: bins}
		for range bins {
			n := 3 + rng.IntN(6)
			count, size := cuts(rng, 2000, n), cuts(rng, 1_000_000, n)
			for i := range n {
				in.items = append(in.items, Load{Count: count[i], Size: size[i]})
			}
		}
		return perfect(in, bins)
	}},
}

func perfect(in instance, bins int) instance {
	in.fewest = bins
	return in
}

// hard draws items up to 800 of 1,000 until simple ways leave a gap.
func hard(rng *rand.Rand, at int) instance {
	for {
		in := sizes(1000, 2000, drawn(rng, pick(at, 160, 180, 200), 1, 800)...)
		p := newPacker(in.items, in.capacity)
		if _, bins := p.firstFit(p.orderBySize(), len(in.items)); bins > tightBound(in.items, in.capacity) {
			return in
		}
	}
}

// known returns the fewest bins that are known to be needed: the optimum, or the best bound on
// it there is, for which the linear program has ten times the work that it has in Pack.
func (in instance) known(t require.TestingT) int {
	if in.fewest > 0 {
		return in.fewest
	}
	items, capacity := in.items, in.capacity
	if l := newLine(items, capacity); l != nil {
		items, capacity = counts(l.sizes...), Load{Count: l.capacity}
	}
	bound := tightBound(items, capacity)
	p := newPacker(items, capacity)
	bin, bins := p.firstFit(p.byShare, len(items))
	work := 10 * (improveWork + diveWork)
	if d := p.newDiver(bin, bins, &work); d != nil {
		bound = max(bound, d.bound(context.Background(), bins))
		require.Positive(t, work, "the bound is not done")
	}
	return bound
}

// greedy returns how many bins first and best fit need for the items by size, the largest
// first.
func (in instance) greedy() (first, best int) {
	p := newPacker(in.items, in.capacity)
	_, first = p.firstFit(p.orderBySize(), len(in.items))
	var bins []Load
	for _, i := range p.orderBySize() {
		at := -1
		for b, l := range bins {
			if l.Plus(in.items[i]).Fits(in.capacity) && (at < 0 || l.Size > bins[at].Size) {
				at = b
			}
		}
		if at < 0 {
			at, bins = len(bins), append(bins, Load{})
		}
		bins[at] = bins[at].Plus(in.items[i])
	}
	return first, len(bins)
}

// Fresh instances are packed into as few bins as a bound says that they need, or as they
// were cut from, but for some of which the cuts leave no room at all; and never into
// more than greedy ways need.
func TestMadeInstances(t *testing.T) {
	n := 12
	if testing.Short() {
		n = 2
	}
	for _, f := range families {
		t.Run(f.name, func(t *testing.T) {
			missed := 0
			for at, in := range f.instances(n) {
				known := in.known(t)
				require.LessOrEqual(t, tightBound(in.items, in.capacity), known, "instance %d", at)
				bin, bins := mustPack(t, in.items, in.capacity, LowerBound(in.items, Load{}, in.capacity))
				check(t, in.items, in.capacity, bin, bins)
				first, best := in.greedy()
				require.LessOrEqual(t, bins, min(first, best), "instance %d", at)
				require.LessOrEqual(t, bins, known+1, "instance %d", at)
				if bins > known {
					missed++
				}
			}
			require.LessOrEqual(t, missed, f.missed)
		})
	}
}
