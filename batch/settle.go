package batch

import (
	"cmp"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

// settleHubs moves each hub that nothing else ties to the bin in which its grants weigh
// most within its wave, if there is room, or if it can change places with a vertex that
// nothing ties at all. No limit is exceeded, so that all this costs is a little evenness.
func (pb *problem) settleHubs(bin []int32) {
	if len(pb.hubs) == 0 {
		return
	}
	number := slices.Repeat([]int32{none}, pb.graph.Len()) // of the pulls of each hub's vertex
	var counts []int                                       // of those
	tied := make([]bool, pb.graph.Len())
	for _, l := range pb.links {
		u, v := pb.vertex[l.mailbox], pb.vertex[l.trustee]
		if pb.pulls(l) {
			if number[v] == none {
				number[v] = int32(len(counts))
				counts = append(counts, 0)
			}
			counts[number[v]]++
		}
		for _, x := range [2]int32{u, v} {
			if x != none && (x != v || !l.hub) {
				tied[x] = true
			}
		}
	}
	pulls := make([][]pull, len(counts))
	for n, count := range counts {
		pulls[n] = make([]pull, 0, count)
	}
	for _, l := range pb.links {
		if pb.pulls(l) {
			n := number[pb.vertex[l.trustee]]
			pulls[n] = append(pulls[n], pull{pb.vertex[l.mailbox], l.weight})
		}
	}
	s := &settler{pb: pb, bin: bin, tied: tied, pulls: pulls, number: number}
	s.count()
	for _, h := range pb.hubs {
		if i, ok := pb.inv.Index(h.Address); ok {
			if v := pb.vertex[i]; v != none && !tied[v] && number[v] != none {
				s.settle(v)
			}
		}
	}
}

// pulls reports whether a link draws the vertex of a hub to another one.
func (pb *problem) pulls(l link) bool {
	u, v := pb.vertex[l.mailbox], pb.vertex[l.trustee]
	return l.hub && u != none && v != none && u != v
}

// pull is what ties a hub to a vertex.
type pull struct {
	to     int32
	weight float64
}

type settler struct {
	pb     *problem
	bin    []int32
	tied   []bool // of each vertex: whether a grant ties it, other than those that it holds as a hub
	pulls  [][]pull
	number []int32        // of each vertex: which pulls are its own, or none
	loads  []binpack.Load // of each bin
}

func (s *settler) count() {
	s.loads = make([]binpack.Load, slices.Max(append([]int32{-1}, s.bin...))+1)
	for v, b := range s.bin {
		s.loads[b] = s.loads[b].Plus(s.pb.load[v])
	}
}

// stronger returns the bins that pull more than one, those first that pull most.
func stronger(pull []float64, than int32) (bins []int32) {
	for b := range pull {
		if pull[b] > pull[than] {
			bins = append(bins, int32(b))
		}
	}
	slices.SortStableFunc(bins, func(a, b int32) int { return cmp.Compare(pull[b], pull[a]) })
	return bins
}

// settle moves the hub v to the best bin that can take it.
func (s *settler) settle(v int32) {
	pull := s.pullOf(v)
	for _, b := range stronger(pull, s.bin[v]) {
		if s.move(v, b) {
			return
		}
	}
}

// pullOf returns how much ties v to each bin, in its wave. It adds up what ties it to each
// vertex, in the order of the grants, and then the vertices, in their own: sums of floats
// depend on that.
func (s *settler) pullOf(v int32) []float64 {
	pulls := slices.Clone(s.pulls[s.number[v]])
	slices.SortStableFunc(pulls, func(a, b pull) int { return cmp.Compare(a.to, b.to) })
	sum := make([]float64, len(s.loads))
	for len(pulls) > 0 {
		to, weight := pulls[0].to, 0.0
		for len(pulls) > 0 && pulls[0].to == to {
			weight += pulls[0].weight
			pulls = pulls[1:]
		}
		if s.pb.wave[to] == s.pb.wave[v] {
			sum[s.bin[to]] += weight
		}
	}
	return sum
}

// move moves v to the bin, alone or in exchange, and reports whether it could.
func (s *settler) move(v, to int32) bool {
	from, capacity := s.bin[v], s.pb.capacity()
	if s.pb.clashes(v, to, s.bin) {
		return false
	}
	if s.loads[to].Plus(s.pb.load[v]).Fits(capacity) {
		s.put(v, to)
		return true
	}
	for u := range int32(len(s.bin)) {
		if s.bin[u] != to || s.tied[u] || s.number[u] != none || s.pb.clashes(u, from, s.bin) {
			continue
		}
		s.put(u, from)
		s.put(v, to)
		if s.loads[from].Fits(capacity) && s.loads[to].Fits(capacity) {
			return true
		}
		s.put(v, from)
		s.put(u, to)
	}
	return false
}

func (s *settler) put(v, to int32) {
	l := s.pb.load[v]
	from := s.bin[v]
	s.loads[from] = s.loads[from].Minus(l)
	s.loads[to] = s.loads[to].Plus(l)
	s.bin[v] = to
}
