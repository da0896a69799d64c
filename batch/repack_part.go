package batch

import (
	"maps"
	"math"
)

// part makes some leave so that no two are left who must be apart, each time the one that
// costs least for how many it is in the way of. It returns who, and what that costs:
// without end if there are such among those who stay.
func (s *shedder) part() (out []int32, price float64) {
	if !s.l.quarrelsWithin(s.bin) {
		return nil, 0
	}
	parties := maps.Clone(s.l.parties[s.bin])
	for {
		next, least, cost := -1, 0.0, 0.0
		for i, v := range s.in {
			others := 0
			for _, n := range s.l.pb.apart[v] {
				others += parties[n] - 1
			}
			if others == 0 || s.gone[i] || s.stay[i] {
				continue
			}
			c := s.cost(v)
			if rate := c / float64(others); next < 0 || rate < least {
				next, least, cost = i, rate, c
			}
		}
		if next < 0 {
			break
		}
		v := s.in[next]
		s.gone[next] = true
		out, price = append(out, v), price+cost
		for _, n := range s.l.pb.apart[v] {
			parties[n]--
		}
	}
	for _, count := range parties {
		if count > 1 {
			return nil, math.Inf(1)
		}
	}
	return out, price
}

// squeezeAll does what placeAll does, and makes room for those that others who must be
// apart from them keep out.
func (l *layout) squeezeAll(vertices []int32) bool {
	if len(l.pb.parties(vertices)) == 0 {
		return l.placeAll(vertices)
	}
	for _, g := range l.groups(vertices) {
		if l.place(g) {
			continue
		}
		for _, v := range g.vertices {
			if !l.place(l.pb.group([]int32{v})) && !l.squeeze(v) {
				return false
			}
		}
	}
	return true
}

// squeeze puts v into the bin where that costs least if those for whom there is no room
// then go elsewhere, and reports whether there is one.
func (l *layout) squeeze(v int32) bool {
	if len(l.pb.parties([]int32{v})) == 0 {
		return false
	}
	into := func(b int32) bool {
		l.put(v, b)
		out := l.shed(b, []int32{v})
		l.putAll(out, none)
		return out != nil && l.placeAll(out)
	}
	best, least := int32(none), 0.0
	for b := range int32(len(l.in)) {
		if l.wave[b] != l.pb.wave[v] || l.work <= 0 {
			continue
		}
		l.attempt(func() bool {
			if into(b) && (best == none || l.cost < least) {
				best, least = b, l.cost
			}
			return false
		})
	}
	return best != none && into(best)
}
