package batch

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/batch/internal/partition"
)

// shedder works out who is to leave a bin that is over the limits, or in which there are
// some who must be apart.
type shedder struct {
	l    *layout
	bin  int32
	in   []int32      // who is in the bin
	need binpack.Load // how much must go
	gone []bool       // of each of them: whether it leaves
	stay []bool       // of each of them: whether it must not
}

// newShedder returns nil if nobody need leave a bin. Those in keep stay, and what is
// pinned to it.
func (l *layout) newShedder(b int32, keep []int32) *shedder {
	if l.load[b].Fits(l.capacity) && !l.quarrelsWithin(b) {
		return nil
	}
	s := &shedder{l: l, bin: b, in: l.in[b]}
	s.gone, s.stay = make([]bool, len(s.in)), make([]bool, len(s.in))
	for _, v := range keep {
		s.stay[l.at[v]] = true
	}
	if v := l.keeps(b); v != none {
		s.stay[l.at[v]] = true
	}
	return s
}

// shed returns vertices whose leaving brings a bin within its limits and leaves none there
// who must be apart, at as little cost as it finds: few mailboxes moved, and what hangs
// together left together. Those in keep stay. It returns nil if nobody need leave, or if
// those who stay are too many by themselves.
func (l *layout) shed(b int32, keep []int32) []int32 {
	s := l.newShedder(b, keep)
	if s == nil {
		return nil
	}
	best, _ := s.best()
	return best
}

// best returns who leaves, and what it costs: without end if that is not enough.
func (s *shedder) best() (out []int32, price float64) {
	defer clear(s.gone)
	out, price = s.part()
	if math.IsInf(price, 1) {
		return nil, price
	}
	s.weigh(out)
	more, p := s.relieve()
	if math.IsInf(p, 1) {
		return nil, p
	}
	return append(out, more...), price + p
}

// weigh fills in how much must go when those in out have gone.
func (s *shedder) weigh(out []int32) {
	over := positive(s.l.load[s.bin].Minus(s.l.pb.group(out).load).Minus(s.l.capacity))
	if s.need = over; s.l.capacity.Size == 0 {
		s.need.Size = 0
	}
	if s.l.capacity.Time == 0 {
		s.need.Time = 0
	}
}

// positive returns a load with 0 for what is less.
func positive(l binpack.Load) binpack.Load {
	return binpack.Load{Count: max(l.Count, 0), Size: max(l.Size, 0), Time: max(l.Time, 0)}
}

// relieve brings the bin within its limits.
func (s *shedder) relieve() (best []int32, price float64) {
	if s.need == (binpack.Load{}) {
		return nil, 0
	}
	best, price = s.whole()
	if out, p := s.single(); p < price {
		best, price = out, p
	}
	if out, p := s.peel(); p < price {
		best, price = out, p
	}
	return best, price
}

// muchOver is the part of the limits from which a bin that is over them by that much is
// split like a component that does not fit.
const muchOver = 0.02

// shedMuch returns what shed does, and looks for ways to split what hangs together in a
// bin if a good part of it must leave, or some must be apart.
func (l *layout) shedMuch(ctx context.Context, b int32) ([]int32, error) {
	s := l.newShedder(b, nil)
	if s == nil {
		return nil, nil
	}
	best, price := s.best()
	s.weigh(nil)
	if l.share(s.need) < muchOver && !l.quarrelsWithin(b) {
		return best, nil
	}
	parts, err := l.pb.splitOnce(ctx, l.groups(s.in), partition.Options{Full: true}, &l.space)
	if err != nil {
		return nil, err
	}
	if out, p := s.keepMost(parts); p < price {
		best = out
	}
	return best, nil
}

// keepMost keeps parts of the bin with as many mailboxes as fit and may be together, and
// what is pinned to it. It returns the others, and what that costs.
func (s *shedder) keepMost(parts []group) (out []int32, price float64) {
	stayed := func(g group) (sum float64) {
		for _, v := range g.vertices {
			if sum += s.l.stayed(v, s.bin); s.l.fixed[v] != none {
				return math.Inf(1)
			}
		}
		return sum
	}
	slices.SortStableFunc(parts, func(a, b group) int { return cmp.Compare(stayed(b), stayed(a)) })
	var kept binpack.Load
	parties := make(map[int32]bool) // of those who are kept
	for _, g := range parts {
		mine := s.l.pb.parties(g.vertices)
		meets := slices.ContainsFunc(mine, func(n int32) bool { return parties[n] })
		if sum := kept.Plus(g.load); sum.Fits(s.l.capacity) && !meets {
			kept = sum
			for _, n := range mine {
				parties[n] = true
			}
			continue
		}
		for _, v := range g.vertices {
			price += s.cost(v)
			s.gone[s.l.at[v]] = true
		}
		out = append(out, g.vertices...)
	}
	for _, v := range out {
		s.gone[s.l.at[v]] = false
	}
	return out, price
}

// cost returns what it costs that v leaves as well as those who are gone, to wherever
// they go.
func (s *shedder) cost(v int32) float64 {
	cost := s.l.moveWeight * s.l.stayed(v, s.bin)
	for i := range s.l.tiesOf(v) {
		t := &s.l.tiesOf(v)[i]
		if s.l.bin[t.to] != s.bin {
			continue
		}
		if s.gone[s.l.at[t.to]] {
			cost -= t.weight
		} else {
			cost += t.weight
		}
	}
	s.l.work -= len(s.l.tiesOf(v)) + 1
	return cost
}

func (s *shedder) enough(load binpack.Load) bool {
	return positive(s.need.Minus(load)) == binpack.Load{}
}

// whole returns the cheapest of the groups that hang together and that are enough, and
// what it costs: without end if there is none.
func (s *shedder) whole() (best []int32, price float64) {
	var rest []int32
	for i, v := range s.in {
		if !s.stay[i] && !s.gone[i] {
			rest = append(rest, v)
		}
	}
	price = math.Inf(1)
	for _, g := range s.l.groups(rest) {
		if !s.enough(g.load) {
			continue
		}
		cost := 0.0
		for _, v := range g.vertices {
			cost += s.cost(v)
			s.gone[s.l.at[v]] = true
		}
		for _, v := range g.vertices {
			s.gone[s.l.at[v]] = false
		}
		if cost < price {
			best, price = g.vertices, cost
		}
	}
	return best, price
}

// single returns the cheapest vertex that is enough, and what it costs: without end if
// there is none.
func (s *shedder) single() (best []int32, price float64) {
	price = math.Inf(1)
	for i, v := range s.in {
		if s.stay[i] || s.gone[i] || !s.enough(s.l.pb.load[v]) {
			continue
		}
		if cost := s.cost(v); cost < price {
			best, price = []int32{v}, cost
		}
	}
	return best, price
}

// peel takes one vertex after the other, each time the one that costs least for what it
// relieves, until that is enough. It returns what that costs: without end if it never is
// enough.
func (s *shedder) peel() (out []int32, price float64) {
	costs := make([]float64, len(s.in))
	for i, v := range s.in {
		costs[i] = s.cost(v)
	}
	left, sum := s.need, binpack.Load{}
	for left != (binpack.Load{}) {
		i := s.next(costs, left)
		if i < 0 {
			return nil, math.Inf(1)
		}
		v := s.in[i]
		out, price = append(out, v), price+costs[i]
		s.gone[i] = true
		sum = sum.Plus(s.l.pb.load[v])
		left = positive(s.need.Minus(sum))
		for _, t := range s.l.tiesOf(v) {
			if s.l.bin[t.to] == s.bin {
				costs[s.l.at[t.to]] -= 2 * t.weight
			}
		}
	}
	return out, price
}

// next returns the place of the vertex that costs least for its part of what is left to
// go, or -1 if none is any part of it. What costs nothing comes first.
func (s *shedder) next(costs []float64, left binpack.Load) int {
	best, least := -1, 0.0
	for i, v := range s.in {
		if s.gone[i] || s.stay[i] {
			continue
		}
		part, load := 0.0, s.l.pb.load[v]
		if left.Count > 0 {
			part += min(float64(load.Count)/float64(left.Count), 1)
		}
		if left.Size > 0 {
			part += min(float64(load.Size)/float64(left.Size), 1)
		}
		if left.Time > 0 {
			part += min(float64(load.Time)/float64(left.Time), 1)
		}
		if part == 0 {
			continue
		}
		rate := costs[i]
		if rate > 0 {
			rate /= part
		}
		if best < 0 || rate < least {
			best, least = i, rate
		}
	}
	s.l.work -= len(s.in) / 4
	return best
}
