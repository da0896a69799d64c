package binpack

import (
	"cmp"
	"slices"
)

// priceUnit is what a bin costs in prices: a pattern pays if its items are worth more.
const priceUnit = 1 << 30

const (
	grid         = 4000      // steps of a table, at most, for what a bin holds
	mostLayers   = 8         // of a table, for a limit of no more items than that
	mostCells    = 4_000_000 // of a table
	mostBranch   = 50_000    // branches of a search for the best pattern
	thorough     = 10        // times as many where that many find none
	moreBranch   = 3_000     // branches of a search for one more
	morePatterns = 6         // that may be found beside the best
)

// pricer looks for the patterns whose items are worth most. It fills a table of what could
// be had in so many steps of room, each item rounded down to whole steps, and searches
// for what can be had in truth, guided by that: where a step is the unit of the
// sizes, the first try is the best pattern.
//
// All prices are whole numbers, so that what it says of them holds exactly.
type pricer struct {
	*stock
	work *int // is charged for sets of items looked at

	rows  []row
	by    measure
	steps int     // of a layer of the table
	width int     // of all its layers
	table []int64 // for each row and room: what that row and the ones behind it are worth at most

	kept []bool // by kind: in a pattern already
	left int    // branches
	now  pattern
	best pattern
	most int64 // what the best is worth
}

// row is so many items of a kind: some rows of 1, 2, 4 … make up any number of them.
type row struct {
	part
	load  Load
	cells int // of the table by which they need more room
	worth int64
}

// find returns patterns of what is in demand that are worth more than a bin, the best
// first, and a limit that no pattern is worth more than; it is priceUnit if nothing is
// worth more than a bin.
func (p *pricer) find(price []int64, demand []int32) (found []pattern, limit int64) {
	p.list(price, demand)
	if len(p.rows) == 0 {
		return nil, priceUnit
	}
	p.fillTable()
	limit = max(p.table[p.width-1], priceUnit)
	p.kept = make([]bool, len(p.load))
	if p.search(mostBranch) || p.best == nil && p.search(thorough*mostBranch) {
		limit = p.most
	}
	for p.best != nil && len(found) <= morePatterns {
		found = append(found, p.best)
		for _, x := range p.best { // the next one is of other kinds
			p.kept[x.kind] = true
		}
		p.search(moreBranch)
	}
	return found, limit
}

// search looks for the best pattern of kinds that are not kept. It returns false if it has not
// looked at all of them after so many branches.
func (p *pricer) search(branches int) bool {
	p.most, p.best, p.now, p.left = priceUnit, nil, p.now[:0], branches
	p.branch(0, p.capacity, 0)
	*p.work -= branches - p.left
	return p.left >= 0
}

// list makes the rows of what is worth something, so few that a table can hold them.
func (p *pricer) list(price []int64, demand []int32) {
	p.rows = p.rows[:0]
	for kind, each := range price {
		if each <= 0 {
			continue
		}
		left := p.fit(int32(kind), demand[kind])
		for n := int32(1); left > 0; n *= 2 {
			n = min(n, left)
			p.rows = append(p.rows, row{part: part{int32(kind), n}, load: p.load[kind].times(n), worth: each * int64(n)})
			left -= n
		}
	}
}

// measure is how a table measures room: in steps of so many units of what loads are worth
// in it, and in layers if these are the count.
type measure struct {
	quarters int64 // of the part of the count in a bin, in a mixture with size; or one of the following
	unit     int64
}

const (
	onlyCount = -1
	layered   = -2 // size, in layers of the count
)

// of returns what a load takes in a measure. No set of loads takes more than their sum. A
// limit of time beside one of size is in no measure: it bounds what is searched, and not
// what the table says that could be had.
func (p *pricer) of(l Load, m measure) (room int64, layer int) {
	switch m.quarters {
	case onlyCount:
		return l.Count, 0
	case layered:
		return l.Size, int(l.Count)
	}
	return share(l.Count, p.capacity.Count, mixedUnit/4*m.quarters) + share(l.Size, p.capacity.Size, mixedUnit/4*(4-m.quarters)), 0
}

// choose chooses how to measure.
func (p *pricer) choose() {
	steps := int64(min(grid, mostCells/len(p.rows)))
	layers := 1
	switch {
	case p.capacity.Size == 0:
		p.by = measure{onlyCount, 1 + p.capacity.Count/steps}
	case p.capacity.Count <= mostLayers:
		layers += int(p.capacity.Count)
		p.by = measure{layered, 1 + p.capacity.Size/(steps/int64(layers))}
	default:
		p.by = measure{p.mixture(), 1 + mixedUnit/steps}
	}
	full, _ := p.of(p.capacity, p.by)
	p.steps = int(full/p.by.unit) + 1
	p.width = p.steps * layers
}

// mixture returns the mixture of both limits, of five, with the least bound on what a
// bin is worth: what the rows are that are worth most for the room they take, the
// last of them in part.
func (p *pricer) mixture() (best int64) {
	type rated struct {
		room, worth int64
		ratio       float64
	}
	order := make([]rated, len(p.rows))
	least := int64(-1)
	for quarters := range int64(5) {
		for at, r := range p.rows {
			room, _ := p.of(r.load, measure{quarters: quarters})
			order[at] = rated{room, r.worth, float64(r.worth) / float64(max(room, 1))}
		}
		slices.SortStableFunc(order, func(a, b rated) int { return cmp.Compare(b.ratio, a.ratio) })
		var worth int64
		left := int64(mixedUnit)
		for _, r := range order {
			if r.room > left {
				worth += int64(float64(left) * r.ratio)
				break
			}
			worth += r.worth
			left -= r.room
		}
		if least < 0 || worth < least {
			least, best = worth, quarters
		}
	}
	*p.work -= 40 * len(p.rows)
	return best
}

// cell returns where the table has a room.
func (p *pricer) cell(room Load) int {
	steps, layer := p.of(room, p.by)
	return layer*p.steps + int(steps/p.by.unit)
}

func (p *pricer) fillTable() {
	p.choose()
	cells := p.width * (len(p.rows) + 1)
	p.table = slices.Grow(p.table[:0], cells)[:cells]
	clear(p.table[cells-p.width:])
	for at := len(p.rows) - 1; at >= 0; at-- {
		r := &p.rows[at]
		r.cells = p.cell(r.load)
		here, next := p.table[at*p.width:(at+1)*p.width], p.table[(at+1)*p.width:(at+2)*p.width]
		copy(here, next)
		short := r.cells % p.steps // in each layer: too little room
		for layer := r.cells - short; layer < p.width; layer += p.steps {
			to := here[layer+short : layer+p.steps]
			for s, worth := range next[layer+short-r.cells:][:len(to)] {
				to[s] = max(to[s], worth+r.worth)
			}
		}
	}
	*p.work -= cells / 8
}

// branch tries to add the rows from one on to what is there, beside which there is
// so much room.
func (p *pricer) branch(from int, room Load, worth int64) {
	cell := p.cell(room)
	for at := from; at < len(p.rows); at++ {
		if p.left--; p.left < 0 || worth+p.table[at*p.width+cell] <= p.most {
			return
		}
		r := &p.rows[at]
		if p.kept[r.kind] || !r.load.within(room, p.capacity) {
			continue
		}
		with := worth + r.worth
		if with+p.table[(at+1)*p.width+cell-r.cells] <= p.most {
			continue
		}
		p.now = append(p.now, r.part)
		if with > p.most {
			p.most, p.best = with, nil
			for _, x := range p.now {
				for range x.n {
					p.best = p.best.add(x.kind)
				}
			}
		}
		p.branch(at+1, room.Minus(r.load), with)
		p.now = p.now[:len(p.now)-1]
	}
}
