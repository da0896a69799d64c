package level

import (
	"cmp"
	"slices"
	"sort"
)

// exchange makes the exchange of two pieces that makes the gap smallest, of those that
// come close to closing it: the difference of their products with the gap must be near
// half the square of that. It reports whether any makes it smaller.
func (p *pair) exchange() bool {
	p.along = p.along[:0]
	var sides [2][]int32
	for i := range p.pieces {
		x := &p.pieces[i]
		p.along = append(p.along, p.gap.along(x.vector, x.Servers))
		sides[side(x.right)] = append(sides[side(x.right)], int32(i))
	}
	slices.SortStableFunc(sides[1], func(a, b int32) int { return cmp.Compare(p.along[a], p.along[b]) })
	half := p.gap.length2() / 2
	best, one, other := float64(nothing)*1e-3, int32(-1), int32(-1)
	for _, a := range sides[0] {
		ideal := p.along[a] - half
		at := sort.Search(len(sides[1]), func(i int) bool { return p.along[sides[1][i]] >= ideal })
		for i := max(at-tries, 0); i < min(at+tries, len(sides[1])); i++ {
			b := sides[1][i]
			if gain := p.along[a] - p.along[b] - p.distance(a, b); gain > best && p.swappable(a, b) {
				best, one, other = gain, a, b
			}
		}
	}
	if one < 0 {
		return false
	}
	p.move(&p.pieces[one])
	p.move(&p.pieces[other])
	return true
}

// distance returns the square of the difference of the vectors of two pieces.
func (p *pair) distance(a, b int32) float64 {
	x, y := &p.pieces[a], &p.pieces[b]
	count, size := x.count-y.count, x.size-y.size
	from, common := 0.0, x.common-y.common
	s, t := x.Servers, y.Servers
	for len(s) > 0 || len(t) > 0 {
		var n float64
		switch {
		case len(t) == 0 || len(s) > 0 && s[0].Server < t[0].Server:
			n, s = float64(s[0].Count), s[1:]
		case len(s) == 0 || t[0].Server < s[0].Server:
			n, t = float64(t[0].Count), t[1:]
		default:
			n, s, t = float64(s[0].Count-t[0].Count), s[1:], t[1:]
		}
		n *= p.l.perCount
		from += float64(n * n)
	}
	return float64(count*count)*(1+p.l.squares) + float64(size*size) + from - 2*float64(count*common)
}

// swappable reports whether a piece of the first bin and one of the second can change places.
func (p *pair) swappable(a, b int32) bool {
	x, y := &p.pieces[a], &p.pieces[b]
	return p.loads[0].Plus(y.Load).Minus(x.Load).Fits(p.l.capacity) && p.loads[1].Plus(x.Load).Minus(y.Load).Fits(p.l.capacity) &&
		p.peace(x, y, true) && p.peace(y, x, false)
}
