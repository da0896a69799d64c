// Package level evens out bins that are filled already: by number, by size, and by where
// what is in them comes from. It moves items from bin to bin and exchanges them, but
// exceeds no capacity, empties no bin and opens none.
package level

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

// Item is what goes into a bin as a whole.
type Item struct {
	Load    binpack.Load
	Servers []Tally // how much of the count comes from which server, ascending; no server twice
	Ties    *Ties   // nil if there are none
}

// Ties are what an item has to do with others, as numbers from 0, ascending and none twice.
type Ties struct {
	Near  []int32 // the sites of what is in it
	Apart []int32 // what it is in of which no two items may be in a bin
}

func (it *Item) near() []int32 {
	if it.Ties == nil {
		return nil
	}
	return it.Ties.Near
}

func (it *Item) apart() []int32 {
	if it.Ties == nil {
		return nil
	}
	return it.Ties.Apart
}

// Tally says how many of an item come from a server.
type Tally struct{ Server, Count int32 }

// Even evens out the bins, 0 to bins-1, none of which is empty, over the capacity, or has two
// items that must be apart; nor has any then. Two things are to be small, the first before the second:
//
//   - the number of pairs of a site and a bin that holds anything of it;
//   - the unevenness, which is the sum over all bins of
//     (count - 1)² + (size - 1)² + Σ over servers s of (from s - share of s · count)²,
//     where count and from s are in terms of the average count of a bin, size in terms of
//     the average size, and the share is the server's part of all items by count.
//
// Neither ever grows. Servers are numbered from 0 to servers-1, sites likewise.
//
// First the bins are filled anew site by site, which stays if it is fewer pairs. Then bins
// are paired, and what is in a pair is dealt out anew, the largest item first, each to the
// side that comes out closer to the other with it; then single items move and change
// places. The unevenness of a pair is half the square of the difference of both bins, but
// for what no deal can change, so that a difference of nought is as even as it gets. What is
// near to a site that only one of both has moves as one. Bins that differ most along a
// random direction make a pair, in turn with any two, in a dozen rounds or so, which
// spreads what is too much over all bins, as long as rounds pay.
//
// Of a bin with many items a sample moves, and a larger one only if that was not enough and
// bins are not too many. So
// Even takes O(n log n) time for n items, of which what grows faster than n is the less the
// more items are in a bin. With sites all items move, as one for each site that is in one bin.
//
// The result depends on nothing but the arguments. A canceled context ends it with its
// cause.
func Even(ctx context.Context, items []Item, servers int, capacity binpack.Load, bin []int32, bins int) error {
	if bins < 2 {
		return nil
	}
	s := newScale(items, servers, bins)
	if s.sites == 0 {
		return even(ctx, s, items, capacity, bin, bins, max(min(firstSample, firstMoved/bins), leastSample))
	}
	newLeveler(s, items, capacity, bin, bins, len(items)).gather(bin)
	group, joined, in := joinWhole(s, items, bin)
	if err := even(ctx, s, joined, capacity, in, bins, len(joined)); err != nil {
		return err
	}
	for i, g := range group {
		bin[i] = in[g]
	}
	return nil
}

// even makes rounds with so many items of each bin, and with more if that is not enough.
func even(ctx context.Context, s *scale, items []Item, capacity binpack.Load, bin []int32, bins, sample int) error {
	for {
		l := newLeveler(s, items, capacity, bin, bins, sample)
		left, err := l.rounds(ctx)
		if err != nil {
			return err
		}
		l.copyTo(bin)
		if len(l.items) == len(items) || left <= enough*float64(bins)*s.square {
			return nil
		}
		if sample *= moreSample; sample*bins > mostMoved {
			return nil
		}
	}
}

const (
	// firstSample is how many items of a bin move at first, and moreSample by how much
	// that grows, until the unevenness of a bin is no more than that many average items
	// make, or it would be too many.
	firstSample = 250
	moreSample  = 8
	mostMoved   = 250_000 // items in a larger sample of all bins
	firstMoved  = 50_000  // in the first, where bins are many
	leastSample = 50      // but so many of each
	enough      = 4

	// Every so many rounds all bins are mixed: what nothing can be done about is always first
	// or last along a direction, and would keep the others from each other.
	mixed = 3

	// Rounds end when so many in a row each gain no more than these parts of the
	// unevenness that is left, which may be there to stay, and of what all rounds have gained.
	patience = 4
	ofRest   = 0.1
	ofGain   = 0.01
)

// leveler is the state of evening out. It has the items that may move, in an order of its
// own, the longest vector first.
type leveler struct {
	*scale
	items    []Item
	vectors  []vector
	bin      []int32
	given    []int32 // of each item its number among all
	capacity binpack.Load
	members  [][]int32 // of each bin, ascending
	base     []*base   // of each bin, or nil if there is none
	pair     pair      // what is worked on, kept for its memory
	marks    []mark    // of each site
}

// base is what stays in a bin.
type base struct {
	gap
	load binpack.Load
}

// newLeveler returns a leveler of so many items of each bin, evenly out of all that are in it.
func newLeveler(s *scale, items []Item, capacity binpack.Load, bin []int32, bins, sample int) *leveler {
	l := &leveler{scale: s, capacity: capacity, base: make([]*base, bins), marks: make([]mark, s.sites)}
	total, seen := make([]int, bins), make([]int, bins)
	for _, b := range bin {
		total[b]++
	}
	var keys []key
	for i, b := range bin {
		v := s.vector(items[i].Load, items[i].Servers)
		n, all := seen[b], total[b]
		seen[b]++
		if all <= sample || items[i].apart() != nil || (n+1)*sample/all > n*sample/all {
			keys = append(keys, key{v.square, int32(i)})
			continue
		}
		if l.base[b] == nil {
			l.base[b] = &base{gap: *newGap(s)}
		}
		l.base[b].add(&v, items[i].Servers, 1)
		l.base[b].load = l.base[b].load.Plus(items[i].Load)
	}
	l.take(items, keys)
	own := make([]int32, len(l.items))
	for i, g := range l.given {
		own[i] = bin[g]
	}
	l.place(own, bins)
	l.pair.init(l)
	return l
}

// key is what items are sorted by.
type key struct {
	square float64
	item   int32
}

// take takes over the items of keys in their order.
func (l *leveler) take(items []Item, keys []key) {
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(b.square, a.square), cmp.Compare(a.item, b.item)) })
	l.items, l.vectors, l.given = make([]Item, len(keys)), make([]vector, len(keys)), make([]int32, len(keys))
	for i, k := range keys {
		it := items[k.item]
		l.items[i], l.vectors[i], l.given[i] = it, l.vector(it.Load, it.Servers), k.item
	}
}

// place puts the items into bins.
func (l *leveler) place(bin []int32, bins int) {
	l.bin, l.members = bin, make([][]int32, bins)
	for i, b := range bin {
		l.members[b] = append(l.members[b], int32(i))
	}
}

func (l *leveler) copyTo(bin []int32) {
	for i, g := range l.given {
		bin[g] = l.bin[i]
	}
}

// rounds makes rounds as long as they pay, and returns the unevenness that is left.
func (l *leveler) rounds(ctx context.Context) (left float64, err error) {
	rng := rand.New(rand.NewPCG(uint64(len(l.members)), uint64(len(l.items))))
	gained := 0.0
	left = l.unevenness()
	for n, poor := 0, 0; poor < patience && left > 0; n++ {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		order := l.line(rng)
		if n%mixed == mixed-1 {
			rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		gain := l.round(order)
		left, gained = left-gain, gained+gain
		if poor++; gain > ofRest*left || gain > ofGain*gained {
			poor = 0
		}
	}
	return left, nil
}

// round pairs the first bin of the order with the last and so on, and evens out each pair.
// It returns by how much the unevenness falls.
func (l *leveler) round(order []int32) (gain float64) {
	for i, j := 0, len(order)-1; i < j; i, j = i+1, j-1 {
		p := &l.pair
		p.take(order[i], order[j])
		p.cut(l.exclusive())
		if g := p.improve(); g > 0 {
			gain += g
			l.store()
		}
	}
	return gain
}

// line returns the bins in their order along a random direction.
func (l *leveler) line(rng *rand.Rand) []int32 {
	sign := func() float64 { return float64(2*rng.IntN(2) - 1) }
	d := newGap(l.scale)
	d.count, d.size = sign(), sign()
	for s := range d.from {
		d.from[s] = sign()
		d.count -= float64(d.from[s] * l.share[s])
	}
	along := make([]float64, len(l.members))
	order := make([]int32, len(l.members))
	for b, members := range l.members {
		order[b] = int32(b)
		if base := l.base[b]; base != nil {
			along[b] = float64(d.count*base.count) + float64(d.size*base.size)
			for s, x := range base.from {
				along[b] += float64(d.from[s] * x)
			}
		}
		for _, i := range members {
			v := &l.vectors[i]
			along[b] += float64(d.count*v.count) + float64(d.size*v.size)
			for _, t := range l.items[i].Servers {
				along[b] += float64(d.from[t.Server] * float64(t.Count) * l.perCount)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(along[a], along[b]) })
	return order
}

// store takes over what has become of a pair.
func (l *leveler) store() {
	p := &l.pair
	l.members[p.a], l.members[p.b] = l.members[p.a][:0], l.members[p.b][:0]
	for at, i := range p.items {
		n := at
		if p.of != nil {
			n = int(p.of[at])
		}
		l.bin[i] = p.a
		if p.pieces[n].right {
			l.bin[i] = p.b
		}
		l.members[l.bin[i]] = append(l.members[l.bin[i]], i)
	}
}
