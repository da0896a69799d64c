package batch

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// sampler chooses a pilot.
type sampler struct {
	pb     *problem
	n      int // how many mailboxes to choose
	strata []Stratum
	want   []float64 // of each stratum: its part of n
	count  []int     // of each stratum: how many are chosen
	chosen int
	in     []bool    // of each vertex: whether it is chosen
	cost   float64   // of a unit of edge weight that leads outside
	of     [][]int32 // the strata of each position
	at     [][]int32 // the positions of each vertex
	looks  int       // how many kinds to look at in each step
	step   int
}

// A step looks at so many kinds at least, and at so many in all steps together.
const (
	leastLooks = 64
	allLooks   = 4_000_000
)

func newSampler(pb *problem, n int, o *PilotOptions) *sampler {
	s := &sampler{pb: pb, in: make([]bool, len(pb.load)), at: make([][]int32, len(pb.load)), cost: o.splitCost()}
	planned := 0
	for i, v := range pb.vertex {
		if v != none {
			s.at[v] = append(s.at[v], int32(i))
			planned++
		}
	}
	s.n = min(n, planned)
	s.looks = max(leastLooks, allLooks/max(s.n, 1))
	s.of = s.stratify(o.By)
	s.count, s.want = make([]int, len(s.strata)), make([]float64, len(s.strata))
	for i, st := range s.strata {
		s.want[i] = float64(s.n) * float64(st.Planned) / float64(planned)
	}
	if edges := pb.graph.EdgeWeight; len(edges) > 0 {
		sum := int64(0)
		for _, w := range edges {
			sum += int64(w)
		}
		s.cost *= float64(len(edges)) / float64(sum)
	}
	return s
}

// cell is how many of something are in a stratum.
type cell struct{ stratum, count int32 }

// kind is units that are the same to the pilot: of equal size and strata, and whole
// components. A part of a component is a kind of its own.
type kind struct {
	cells []cell
	size  int
	edges int64     // the weight of edges that lead out of it, 0 for a whole component
	units [][]int32 // the vertices of those that can be chosen, the last one first
}

// next returns the unit to choose next.
func (k *kind) next() []int32 { return k.units[len(k.units)-1] }

// smallPilot is up to how many mailboxes a pilot is chosen in a second way as well: one
// component can be most of it, and no step of the first way leads there.
const smallPilot = 100

// choose chooses with no more mailboxes of components than should have grants, and a small
// pilot with any number of them as well; the better way counts, and the first if they are
// as good.
func (s *sampler) choose() {
	units := s.units()
	s.chooseOf(units, false)
	if s.n > smallPilot {
		return
	}
	first, badness := slices.Clone(s.in), s.badness()
	s.reset(nil)
	s.chooseOf(units, true)
	if s.badness() >= badness {
		s.reset(first)
	}
}

// badness returns what is to be small.
func (s *sampler) badness() float64 {
	sum := 0.0
	for i, n := range s.count {
		off := float64(n) - s.want[i]
		sum += float64(off * off)
	}
	outside := int64(0)
	for v, in := range s.in {
		if !in {
			continue
		}
		to, weights := s.pb.graph.Neighbours(int32(v))
		for i, u := range to {
			if !s.in[u] {
				outside += int64(weights[i])
			}
		}
	}
	return sum + float64(s.cost*float64(outside))
}

// reset makes the pilot these vertices, none if in is nil.
func (s *sampler) reset(in []bool) {
	s.chosen, s.step = 0, 0
	clear(s.in)
	clear(s.count)
	for v, chosen := range in {
		if chosen {
			unit := []int32{int32(v)}
			cells, _ := s.cells(unit)
			s.add(cells, unit, 1)
		}
	}
}

// chooseOf chooses components as wholes, then others and parts of those that exceed the
// pilot, and as far as that leaves room, single vertices.
func (s *sampler) chooseOf(units [][]int32, anyComponents bool) {
	kinds := s.kinds(units)
	taken := s.components(kinds, anyComponents)
	s.exchange(kinds, append(taken, s.fill(kinds)...))
	if s.chosen == s.n {
		return
	}
	var rest [][]int32
	for v := range s.in {
		if !s.in[v] {
			rest = append(rest, []int32{int32(v)})
		}
	}
	kinds = s.kinds(rest)
	s.exchange(kinds, s.fill(kinds))
}

// components adds components of several mailboxes, for which there is little room later,
// while the pilot has fewer mailboxes with grants than it should, or while there is room.
func (s *sampler) components(kinds []kind, anyNumber bool) (taken []pick) {
	at := slices.IndexFunc(s.strata, func(st Stratum) bool { return st.Trait == grantsTrait && st.Value == someGrants })
	if at < 0 {
		return nil
	}
	for {
		room := s.n - s.chosen
		if !anyNumber {
			room = int(math.Round(s.want[at])) - s.count[at]
		}
		k := s.best(kinds, func(k *kind) bool { return k.edges == 0 && k.size > 1 && k.size <= room })
		if k == nil {
			return taken
		}
		taken = append(taken, s.take(k))
	}
}

// pick is a unit that was chosen, and the kind that it is of.
type pick struct {
	kind *kind
	unit []int32
}

// fill adds units while there is one with room, and returns which.
func (s *sampler) fill(kinds []kind) (taken []pick) {
	for s.chosen < s.n {
		k := s.best(kinds, func(k *kind) bool { return k.size <= s.n-s.chosen })
		if k == nil {
			break
		}
		taken = append(taken, s.take(k))
	}
	return taken
}

// take chooses the next unit of a kind.
func (s *sampler) take(k *kind) pick {
	p := pick{k, k.next()}
	k.units = k.units[:len(k.units)-1]
	s.add(k.cells, p.unit, 1)
	return p
}

// best returns the kind of which one more lowers most, for its size, what is to be small, of
// those that may be. It looks at as many of the most common kinds as of all others, evenly, and
// at other ones the next time.
func (s *sampler) best(kinds []kind, may func(*kind) bool) *kind {
	var best *kind
	lowest := 0.0
	look := func(k *kind) {
		if len(k.units) == 0 || !may(k) {
			return
		}
		if d := s.change(k, k.next()) / float64(k.size); best == nil || d < lowest {
			best, lowest = k, d
		}
	}
	common := min(len(kinds), s.looks/2)
	for i := range common {
		look(&kinds[i])
	}
	rare := kinds[common:]
	stride := max(1, len(rare)/(s.looks-s.looks/2))
	for i := s.step % stride; i < len(rare); i += stride {
		look(&rare[i])
	}
	s.step++
	return best
}

// change returns by how much what is to be small grows if a unit of a kind is added.
func (s *sampler) change(k *kind, unit []int32) float64 {
	sum := 0.0
	for _, c := range k.cells {
		off := float64(s.count[c.stratum]) - s.want[c.stratum]
		sum += float64(float64(c.count) * (float64(c.count) + 2*off))
	}
	if k.edges == 0 {
		return sum
	}
	outside := k.edges
	for _, v := range unit {
		to, weights := s.pb.graph.Neighbours(v)
		for i, u := range to {
			if s.in[u] {
				outside -= 2 * int64(weights[i]) // it leads outside now, and would not then
			}
		}
	}
	return sum + float64(s.cost*float64(outside))
}

// add adds a unit, or takes it out if the sign is -1.
func (s *sampler) add(cells []cell, unit []int32, sign int) {
	for _, c := range cells {
		s.count[c.stratum] += sign * int(c.count)
	}
	for _, v := range unit {
		s.in[v] = sign > 0
		s.chosen += sign * int(s.pb.load[v].Count)
	}
}

// exchanges is how often all units are offered others in exchange at most.
const exchanges = 3

// exchange exchanges units for others of the same size while that is better.
func (s *sampler) exchange(kinds []kind, taken []pick) {
	const worth = 1e-9
	for better, n := true, 0; better && n < exchanges; n++ {
		better = false
		for i, p := range taken {
			s.add(p.kind.cells, p.unit, -1)
			back := s.change(p.kind, p.unit)
			k := s.best(kinds, func(k *kind) bool { return k.size == p.kind.size })
			if k == nil || s.change(k, k.next()) >= back-worth {
				s.add(p.kind.cells, p.unit, 1)
				continue
			}
			taken[i] = s.take(k)
			p.kind.units = append(p.kind.units, p.unit)
			better = true
		}
	}
}

// units returns what is best chosen as a whole: components that are no larger than the
// pilot, and of others parts of no more than an eighth of it, whose vertices are joined by
// the edges of most weight.
func (s *sampler) units() [][]int32 {
	component, count := s.pb.graph.Components(nil)
	size := make([]int, count)
	for v, c := range component {
		size[c] += int(s.pb.load[v].Count)
	}
	type joint struct{ u, v, weight int32 }
	var joints []joint
	for u := range int32(len(component)) {
		to, weights := s.pb.graph.Neighbours(u)
		for i, v := range to {
			if u < v {
				joints = append(joints, joint{u, v, weights[i]})
			}
		}
	}
	slices.SortStableFunc(joints, func(a, b joint) int { return cmp.Compare(b.weight, a.weight) })
	sets := newUnion(len(component))
	in := make([]int, len(component)) // of each set, by its root
	for v := range in {
		in[v] = int(s.pb.load[v].Count)
	}
	for _, j := range joints {
		a, b := sets.find(j.u), sets.find(j.v)
		if a != b && (size[component[j.u]] <= s.n || in[a]+in[b] <= s.n/8) {
			sets.join(a, b)
			in[sets.find(a)] = in[a] + in[b]
		}
	}
	number := slices.Repeat([]int32{none}, len(component))
	var units [][]int32
	for v := range int32(len(component)) {
		root := sets.find(v)
		if number[root] == none {
			number[root] = int32(len(units))
			units = append(units, nil)
		}
		units[number[root]] = append(units[number[root]], v)
	}
	return units
}

// kinds sorts units into kinds, the most common first, others in the order of their first units.
func (s *sampler) kinds(units [][]int32) []kind {
	unit := make([]int32, len(s.in)) // of each vertex, from 1
	for n, vertices := range units {
		for _, v := range vertices {
			unit[v] = int32(n) + 1
		}
	}
	var kinds []kind
	number := make(map[string]int)
	var key []byte
	for _, vertices := range units {
		k := kind{edges: s.edgesOut(vertices, unit)}
		k.cells, k.size = s.cells(vertices)
		at := len(kinds)
		if k.edges == 0 {
			key = key[:0]
			for _, c := range k.cells {
				key = binary.LittleEndian.AppendUint32(key, uint32(c.stratum))
				key = binary.LittleEndian.AppendUint32(key, uint32(c.count))
			}
			if n, ok := number[string(key)]; ok {
				at = n
			} else {
				number[string(key)] = at
			}
		}
		if at == len(kinds) {
			kinds = append(kinds, k)
		}
		kinds[at].units = append(kinds[at].units, vertices)
	}
	slices.SortStableFunc(kinds, func(a, b kind) int { return cmp.Compare(len(b.units), len(a.units)) })
	return kinds
}

// edgesOut returns the weight of the edges that lead to other units.
func (s *sampler) edgesOut(vertices, unit []int32) (weight int64) {
	for _, v := range vertices {
		to, weights := s.pb.graph.Neighbours(v)
		for i, u := range to {
			if unit[u] != unit[v] {
				weight += int64(weights[i])
			}
		}
	}
	return weight
}

// cells returns how many mailboxes of a unit are in which strata, and how many there are.
func (s *sampler) cells(unit []int32) (cells []cell, size int) {
	for _, v := range unit {
		for _, at := range s.at[v] {
			size++
			for _, stratum := range s.of[at] {
				cells = append(cells, cell{stratum, 1})
			}
		}
	}
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Compare(a.stratum, b.stratum) })
	sum := cells[:0]
	for _, c := range cells {
		if n := len(sum); n > 0 && sum[n-1].stratum == c.stratum {
			sum[n-1].count += c.count
		} else {
			sum = append(sum, c)
		}
	}
	return sum, size
}
