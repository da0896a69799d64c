package level

import (
	"cmp"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

// piece is what moves as a whole within a pair: an item, or several that must not part.
type piece struct {
	*Item
	*vector
	right bool // whether it is in the second bin of the pair
}

// pair is two bins that are evened out.
type pair struct {
	l      *leveler
	a, b   int32
	items  []int32 // of both, the longest vector first
	right  []bool  // of each item: whether it is in the second bin
	of     []int32 // of each item its piece; nil if each is one
	pieces []piece // the longest vector first
	gap    *gap    // of the first bin less the second
	loads  [2]binpack.Load
	in     [2]int     // how many pieces, and one if anything stays
	held   [][2]int32 // of each number of apart: how many pieces of it are on each side
	was    []bool     // of each piece: whether it was in the second bin
	along  []float64  // of each piece: the product with the gap
}

func (p *pair) init(l *leveler) { p.l, p.gap, p.held = l, newGap(l.scale), make([][2]int32, l.parted) }

// take takes two bins.
func (p *pair) take(a, b int32) {
	p.a, p.b = a, b
	p.items, p.right = p.items[:0], p.right[:0]
	x, y := p.l.members[a], p.l.members[b]
	for len(x) > 0 || len(y) > 0 {
		if right := len(x) == 0 || len(y) > 0 && y[0] < x[0]; right {
			p.items, y = append(p.items, y[0]), y[1:]
			p.right = append(p.right, true)
		} else {
			p.items, x = append(p.items, x[0]), x[1:]
			p.right = append(p.right, false)
		}
	}
}

// cut makes a piece of each group of items, given by the place of one of them for each, or of
// each item if there are no groups. A group is in one bin.
func (p *pair) cut(group []int32) {
	p.of = group
	p.pieces = p.pieces[:0]
	if group == nil {
		for at, i := range p.items {
			p.pieces = append(p.pieces, piece{&p.l.items[i], &p.l.vectors[i], p.right[at]})
		}
	} else {
		p.join()
	}
	p.was = p.was[:0]
	for i := range p.pieces {
		p.was = append(p.was, p.pieces[i].right)
	}
	p.recount()
}

// join makes the pieces of groups, and numbers the groups as the pieces.
func (p *pair) join() {
	number := make([]int32, len(p.items)) // one more than that of the piece, by place
	for at, i := range p.items {
		n := &number[p.of[at]]
		if *n == 0 {
			p.pieces = append(p.pieces, piece{Item: &Item{}, right: p.right[at]})
			*n = int32(len(p.pieces))
		}
		p.of[at] = *n - 1
		p.pieces[*n-1].add(&p.l.items[i])
	}
	for n := range p.pieces {
		x := &p.pieces[n]
		x.Servers = sumUp(x.Servers)
		v := p.l.vector(x.Load, x.Servers)
		x.vector = &v
	}
	order := make([]int32, len(p.pieces))
	for n := range order {
		order[n] = int32(n)
	}
	slices.SortStableFunc(order, func(x, y int32) int {
		return cmp.Compare(p.pieces[y].square, p.pieces[x].square)
	})
	sorted, place := make([]piece, len(order)), make([]int32, len(order))
	for at, n := range order {
		sorted[at], place[n] = p.pieces[n], int32(at)
	}
	p.pieces = sorted
	for at, n := range p.of {
		p.of[at] = place[n]
	}
}

// sumUp sorts the tallies and adds up those of the same server.
func sumUp(tallies []Tally) []Tally {
	slices.SortFunc(tallies, func(x, y Tally) int { return cmp.Compare(x.Server, y.Server) })
	sum := tallies[:0]
	for _, t := range tallies {
		if n := len(sum); n > 0 && sum[n-1].Server == t.Server {
			sum[n-1].Count += t.Count
		} else {
			sum = append(sum, t)
		}
	}
	return sum
}

func side(right bool) int {
	if right {
		return 1
	}
	return 0
}

// sign is what a piece on a side counts in the gap.
func sign(right bool) float64 {
	if right {
		return -1
	}
	return 1
}

// empty takes all pieces out and leaves what stays.
func (p *pair) empty() {
	p.gap.clear()
	for i := range p.pieces {
		for _, n := range p.pieces[i].apart() {
			p.held[n] = [2]int32{}
		}
	}
	p.loads, p.in = [2]binpack.Load{}, [2]int{}
	for s, b := range [2]int32{p.a, p.b} {
		if base := p.l.base[b]; base != nil {
			p.gap.addGap(&base.gap, sign(s == 1))
			p.loads[s], p.in[s] = base.load, 1
		}
	}
}

// put puts a piece onto its side.
func (p *pair) put(x *piece) {
	s := side(x.right)
	p.loads[s] = p.loads[s].Plus(x.Load)
	p.in[s]++
	for _, n := range x.apart() {
		p.held[n][s]++
	}
	p.gap.add(x.vector, x.Servers, sign(x.right))
}

// move moves a piece to the other side.
func (p *pair) move(x *piece) {
	s := side(x.right)
	p.loads[s] = p.loads[s].Minus(x.Load)
	p.in[s]--
	for _, n := range x.apart() {
		p.held[n][s]--
	}
	p.gap.add(x.vector, x.Servers, -sign(x.right))
	x.right = !x.right
	p.put(x)
}

func (p *pair) recount() {
	p.empty()
	for i := range p.pieces {
		p.put(&p.pieces[i])
	}
}

// improve makes the gap smaller. It returns by how much the unevenness falls, or nought
// if it would not.
func (p *pair) improve() float64 {
	before := p.gap.length2()
	if before < nothing {
		return 0
	}
	if !p.deal() || p.gap.length2() >= before {
		for i := range p.pieces {
			p.pieces[i].right = p.was[i]
		}
		p.recount()
	}
	for range passes {
		if !p.moves() {
			break
		}
	}
	for range exchanges {
		if len(p.pieces) > fewPieces || p.gap.length2() < nothing || !p.exchange() {
			break
		}
	}
	return max((before-p.gap.length2())/2, 0)
}

const (
	nothing   = 1e-9 // the square of a gap that is not worth anything
	passes    = 3    // over all pieces, to move single ones
	exchanges = 4    // of two pieces
	fewPieces = 1000 // more come close enough by being dealt out
	tries     = 2    // how many partners for each piece in an exchange, on each side of the ideal
)

// deal puts each piece, the longest first, onto the side that has less along it, or the
// other if that has no room. It reports whether all found room and no side is empty.
func (p *pair) deal() bool {
	p.empty()
	for i := range p.pieces {
		x := &p.pieces[i]
		if d := p.gap.along(x.vector, x.Servers); d != 0 {
			x.right = d > 0
		}
		if !p.room(x, x.right) {
			x.right = !x.right
			if !p.room(x, x.right) {
				return false
			}
		}
		p.put(x)
	}
	return p.in[0] > 0 && p.in[1] > 0
}

// room reports whether a side can take a piece.
func (p *pair) room(x *piece, right bool) bool {
	return p.loads[side(right)].Plus(x.Load).Fits(p.l.capacity) && p.peace(x, nil, right)
}

// peace reports whether a side has nothing from which a piece must be apart, but for another
// piece that is about to leave it.
func (p *pair) peace(x, leaving *piece, right bool) bool {
	for _, n := range x.apart() {
		if p.held[n][side(right)] > 0 && (leaving == nil || !slices.Contains(leaving.apart(), n)) {
			return false
		}
	}
	return true
}

// moves moves each piece that makes the gap smaller, and reports whether there is any.
func (p *pair) moves() (moved bool) {
	for i := range p.pieces {
		x := &p.pieces[i]
		along := sign(x.right) * p.gap.along(x.vector, x.Servers)
		if x.square < along*(1-1e-9) && p.in[side(x.right)] > 1 && p.room(x, !x.right) {
			p.move(x)
			moved = true
		}
	}
	return moved
}
