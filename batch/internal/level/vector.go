package level

import "github.com/staged-migration/staged/batch/internal/binpack"

// scale is what turns loads into vectors.
type scale struct {
	perCount, perSize float64   // a count and a size as parts of an average bin
	share             []float64 // of each server
	squares           float64   // the sum of the squares of all shares
	square            float64   // the average square of an item's vector
	sites, parted     int32     // how many there are, and of how many no two items may be in a bin
}

func newScale(items []Item, servers, bins int) *scale {
	s := &scale{share: make([]float64, servers)}
	var total binpack.Load
	for i := range items {
		total = total.Plus(items[i].Load)
		for _, site := range items[i].near() {
			s.sites = max(s.sites, site+1)
		}
		for _, n := range items[i].apart() {
			s.parted = max(s.parted, n+1)
		}
		for _, t := range items[i].Servers {
			s.share[t.Server] += float64(t.Count)
		}
	}
	s.perCount = float64(bins) / float64(total.Count)
	if total.Size > 0 {
		s.perSize = float64(bins) / float64(total.Size)
	}
	for i := range s.share {
		s.share[i] /= float64(total.Count)
		s.squares += float64(s.share[i] * s.share[i])
	}
	for i := range items {
		s.square += s.vector(items[i].Load, items[i].Servers).square / float64(len(items))
	}
	return s
}

// vector is what an item adds to the measures of a bin: count, size, and for each server
// what it has from there beyond the server's share of its count. The latter are not listed,
// since most are the negative share, but follow from the tallies.
//
// Products are converted wherever they are added, so that no machine rounds them
// otherwise than another.
type vector struct {
	count, size float64
	common      float64 // the product of what it has from each server and the server's share
	square      float64 // of its length
}

func (s *scale) vector(load binpack.Load, servers []Tally) vector {
	v := vector{count: float64(load.Count) * s.perCount, size: float64(load.Size) * s.perSize}
	from := 0.0
	for _, t := range servers {
		n := float64(t.Count) * s.perCount
		from += float64(n * n)
		v.common += float64(n * s.share[t.Server])
	}
	v.square = float64(v.count*v.count)*(1+s.squares) + float64(v.size*v.size) + from - 2*float64(v.count*v.common)
	return v
}

// gap is a sum of vectors with signs: the difference of two bins, say.
type gap struct {
	s           *scale
	count, size float64
	from        []float64 // each server
	common      float64   // the sum of from times share
}

func newGap(s *scale) *gap { return &gap{s: s, from: make([]float64, len(s.share))} }

func (g *gap) clear() {
	g.count, g.size, g.common = 0, 0, 0
	clear(g.from)
}

// add adds a vector so many times.
func (g *gap) add(v *vector, servers []Tally, times float64) {
	g.count += float64(times * v.count)
	g.size += float64(times * v.size)
	g.common += float64(times * v.common)
	for _, t := range servers {
		g.from[t.Server] += float64(times * float64(t.Count) * g.s.perCount)
	}
}

// addGap adds another gap so many times.
func (g *gap) addGap(h *gap, times float64) {
	g.count += float64(times * h.count)
	g.size += float64(times * h.size)
	g.common += float64(times * h.common)
	for s, x := range h.from {
		g.from[s] += float64(times * x)
	}
}

// along returns the inner product with a vector.
func (g *gap) along(v *vector, servers []Tally) float64 {
	from := 0.0
	for _, t := range servers {
		from += float64(g.from[t.Server] * float64(t.Count))
	}
	of := float64(v.count*(1+g.s.squares)) - v.common
	return float64(g.count*of) + float64(g.size*v.size) + float64(from*g.s.perCount) - float64(v.count*g.common)
}

// length2 returns the square of its length.
func (g *gap) length2() float64 {
	sum := float64(g.count*g.count) + float64(g.size*g.size)
	for s, x := range g.from {
		x -= float64(g.s.share[s] * g.count)
		sum += float64(x * x)
	}
	return sum
}

// unevenness returns what is to be small.
func (l *leveler) unevenness() float64 {
	g := newGap(l.scale)
	sum := 0.0
	for b, members := range l.members {
		g.clear()
		if l.base[b] != nil {
			g.addGap(&l.base[b].gap, 1)
		}
		for _, i := range members {
			g.add(&l.vectors[i], l.items[i].Servers, 1)
		}
		g.count--
		if l.perSize > 0 {
			g.size--
		}
		for s, share := range l.share {
			g.from[s] -= share
		}
		sum += g.length2()
	}
	return sum
}
