package binpack

import (
	"context"
	"math/rand/v2"
	"slices"
)

// Bounds of what a diver is made for: the time of a step goes with the square of the
// kinds, and where a bin holds many items there are too many patterns, of which
// exchanges find good ones sooner.
const (
	mostKinds = 500
	mostInBin = 12 // items, on average
)

// diver packs by patterns. A linear program says how often each would be used if that
// could be a fraction, which bounds the bins from below, and a dive rounds that: it
// fixes a pattern or some, solves the program for what is left, and so on until all is
// packed or more bins would be needed than are wanted. The first dive goes by the
// largest fractions, and others choose among the large ones at random.
//
// It follows the diving heuristics of Sadykov, Vanderbeck, Pessoa, Tahiri and Uchoa
// (INFORMS Journal on Computing 31, 2019).
type diver struct {
	*packer
	st     *stock
	root   *master
	pool   []pattern
	pricer pricer
	rng    *rand.Rand
	dives  int
	work   *int // is charged for sets of items looked at
}

// newDiver returns nil if patterns are no way to go about it. It starts from the patterns of a
// packing.
func (p *packer) newDiver(bin []int32, bins int, work *int) *diver {
	if len(p.items) > mostInBin*bins {
		return nil
	}
	st := p.stock()
	if len(st.load) > mostKinds {
		return nil
	}
	st.link()
	return &diver{
		packer: p, st: st, root: newMaster(st, work), pool: st.patterns(bin, bins),
		pricer: pricer{stock: st, work: work}, rng: rand.New(rand.NewPCG(uint64(bins), 1)), work: work,
	}
}

// bound returns a number of bins below which the items do not fit, which may be too low
// where it is at most k.
func (d *diver) bound(ctx context.Context, k int) int {
	least, _ := d.generate(ctx, d.root, d.st.demand, k)
	return least
}

// generate adds patterns to the pool until none pays for the demand, or more than k bins
// are known to be needed. It returns a bound on the bins, and false if it has not come to an
// end.
//
// Prices are taken from between those of the program and those that gave the best bound
// (Wentges, International Transactions in Operational Research 4, 1997).
func (d *diver) generate(ctx context.Context, l *master, demand []int32, k int) (least int, ok bool) {
	var center []int64
	price := make([]int64, len(l.y))
	for ctx.Err() == nil && *d.work > 0 && l.improve(d.pool) {
		if float64(least) >= l.bins(demand)-1e-4 {
			return least, true
		}
		for kind, y := range l.y {
			price[kind] = max(0, int64(float64(y*priceUnit)))
			if demand[kind] == 0 {
				price[kind] = 0
			}
		}
		added := 0
		for _, prices := range [][]int64{between(center, price), price} {
			if prices == nil || added > 0 {
				continue
			}
			found, limit := d.pricer.find(prices, demand)
			if b := int(ceilDiv(worth(prices, demand), limit)); b >= least {
				least, center = b, slices.Clone(prices)
			}
			if least > k {
				return least, true
			}
			for _, p := range found {
				if l.gain(column{parts: p}) > gainful {
					d.pool = append(d.pool, p)
					added++
				}
			}
		}
		if added == 0 {
			return least, true
		}
	}
	return least, false
}

// between returns prices between two, nearer to the first, or nil if there is none.
func between(a, b []int64) []int64 {
	if a == nil {
		return nil
	}
	mean := make([]int64, len(a))
	for k := range a {
		mean[k] = (3*a[k] + 2*b[k]) / 5
	}
	return mean
}

func worth(price []int64, demand []int32) (sum int64) {
	for k, n := range demand {
		sum += price[k] * int64(n)
	}
	return sum
}

// dive returns a packing into k bins or, where it misses that, into more, for which it
// goes on up to a number of them.
func (d *diver) dive(ctx context.Context, k, most int) (bin []int32, bins int) {
	l, demand, left := d.root.clone(), slices.Clone(d.st.demand), len(d.items)
	var fixed []pattern
	d.dives++
	for left > 0 && k <= most {
		some := d.round(l, demand)
		if len(some) == 0 {
			break
		}
		for _, p := range some {
			left -= p.len()
		}
		fixed = append(fixed, some...)
		if rest := d.finish(demand, k-len(fixed)); rest != nil {
			return d.st.lay(append(fixed, rest...))
		}
		l.want(demand)
		least, ok := d.generate(ctx, l, demand, k-len(fixed))
		for ok && len(fixed)+least > k && k <= most {
			k = len(fixed) + least
			least, ok = d.generate(ctx, l, demand, k-len(fixed))
		}
		if !ok {
			break
		}
	}
	return d.st.lay(append(fixed, d.finish(demand, left)...))
}

// almost is what is rounded up at once.
const almost = 0.999

// round fixes the patterns that are used once or more, or the one that is used most, and
// takes them out of the demand.
func (d *diver) round(l *master, demand []int32) (fixed []pattern) {
	var most pattern
	var use float64
	for r, c := range l.basis {
		if c.swap || c.undo {
			continue
		}
		x := l.x[r]
		for ; x > almost; x-- {
			if p := d.fix(c.parts, demand); p != nil {
				fixed = append(fixed, p)
			}
		}
		if d.dives > 1 {
			x *= 1 + d.rng.Float64()
		}
		if x > use {
			most, use = c.parts, x
		}
	}
	if fixed == nil {
		if p := d.fix(most, demand); p != nil {
			fixed = append(fixed, p)
		}
	}
	return fixed
}

// fix takes a pattern out of the demand, with the next kinds in place of those that are
// in demand no more. It returns what that is, or nil if nothing.
func (d *diver) fix(p pattern, demand []int32) (fixed pattern) {
	for _, x := range p {
		for range x.n {
			k := x.kind
			for k >= 0 && demand[k] == 0 {
				k = d.st.next[k]
			}
			if k >= 0 {
				demand[k]--
				fixed = fixed.add(k)
			}
		}
	}
	return fixed
}

// What is left over is packed by trying if it goes into a few bins.
const (
	fewBins    = 24
	finishWork = 500_000 // looks at an item
	perSorted  = 30      // looks that sorting an item is worth
)

// finish packs what is in demand into at most k bins by simple ways, or returns nil.
func (d *diver) finish(demand []int32, k int) []pattern {
	var items []Load
	var kinds []int32
	for kind, n := range demand {
		for range n {
			items = append(items, d.st.load[kind])
			kinds = append(kinds, int32(kind))
		}
	}
	q := newPacker(items, d.capacity)
	*d.work -= perSorted * len(items)
	bin, used := q.firstFit(q.byShare, k)
	if used == 0 && k <= fewBins {
		left := finishWork
		bin, used, _ = q.searchWithin(k, &left)
		*d.work -= (finishWork - left) / 8
	}
	if used == 0 {
		return nil
	}
	ps := make([]pattern, used)
	for i, b := range bin {
		ps[b] = ps[b].add(kinds[i])
	}
	return ps
}
