package binpack

import (
	"context"
)

// improveWork bounds how many sets of items a search for fewer bins looks at. That many
// take about a third of a second, and diveWork, which is for patterns, a quarter more.
const (
	improveWork = 30_000_000
	diveWork    = 20_000_000
	workPerItem = 250_000 // less for a few items

	// With more items so much work does not get far.
	mostImproved = 50_000

	// The part of the work after which exchanges make way for another dive.
	exchangePart = 16
)

// improve looks for a packing into fewer bins than the one given, down to a bound. It
// does so without what is dominated: a single limit lets bins be told that some best
// packing has.
func (p *packer) improve(ctx context.Context, bin []int32, bins, bound int) ([]int32, int) {
	if len(p.items) > mostImproved {
		return bin, bins
	}
	if bound = max(bound, tightBound(p.items, p.capacity)); bound >= bins {
		return bin, bins
	}
	l := newLine(p.items, p.capacity)
	if l == nil {
		return p.fewer(ctx, bin, bins, bound)
	}
	fixed, rest := reduce(l.sizes, l.capacity)
	of := make([]int32, len(rest))
	items := make([]Load, len(rest))
	for at, position := range rest {
		of[at] = l.of[position]
		items[at] = Load{Count: l.sizes[position]}
	}
	q := newPacker(items, Load{Count: l.capacity})
	start, used := q.best()
	start, used = q.fewer(ctx, start, used, max(bound-len(fixed), 0))
	if used+len(fixed) >= bins {
		return bin, bins
	}
	better := make([]int32, len(p.items)) // what takes no room stays in the first bin
	for at, b := range start {
		better[of[at]] = b
	}
	for b, positions := range fixed {
		for _, position := range positions {
			better[l.of[position]] = int32(used + b)
		}
	}
	return better, used + len(fixed)
}

// best returns the best packing of those that fill bins up.
func (p *packer) best() (bin []int32, bins int) {
	bin, bins = p.firstFit(p.byShare, p.mostUsed())
	for _, crowd := range []bool{false, true} {
		if other, used := p.fillUp(bins-1, crowd); used > 0 {
			bin, bins = other, used
		}
	}
	return bin, bins
}

// fewer looks for a packing into fewer bins than the one given, into as few as the bound
// first and then one fewer at a time: by trying everything as far as that goes, and then
// by exchanges and by patterns in turn, which may also tell that there is none.
func (p *packer) fewer(ctx context.Context, bin []int32, bins, bound int) ([]int32, int) {
	work := improveWork
	d := p.newDiver(bin, bins, &work)
	if d != nil {
		work += diveWork
	}
	work = min(work, workPerItem*len(p.items))
	part, start, searched := work/exchangePart, bin, 0
	for turn := 0; bins > bound && work > 0 && ctx.Err() == nil; turn++ {
		k := bound
		if turn >= len(settings) {
			k = bins - 1
		}
		if k > searched {
			searched = k
			better, used, none := p.search(k)
			if none {
				bound = k + 1
				continue
			}
			if used > 0 {
				bin, bins = better, used
				continue
			}
		}
		x := newExchanger(p.items, p.capacity, start, k, settings[turn%len(settings)], min(work, part))
		better := x.run(ctx)
		if work -= min(work, part) - x.work; better != nil {
			bin, bins = better, k
		} else if d != nil {
			if bound = max(bound, d.bound(ctx, k)); bound > k {
				continue
			}
			var used int
			if start, used = d.dive(ctx, k, bins-1); used < bins {
				bin, bins = start, used
			}
		}
	}
	return bin, bins
}
