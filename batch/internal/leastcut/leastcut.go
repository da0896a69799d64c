// Package leastcut splits small graphs along edges of the least weight there is.
package leastcut

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

// Edge joins two different vertices. What several edges of a pair weigh adds up.
type Edge struct {
	U, V   int32
	Weight float64 // over 0
}

// MostVertices bounds the graphs that are tried at all.
const MostVertices = 20

const (
	// mostWork bounds how many times a vertex of a graph is put into a part, to a few
	// hundredths of a second. There are 142,417 ways to put the first one to ten of ten.
	mostWork = 150_000

	// mostWays bounds how many ways to split are returned. It is the number of partitions
	// of nine vertices.
	mostWays = 21_147

	// rounding is by how large a part of both two sums of the same weights may differ.
	rounding = 1e-12
)

// Splits returns the ways to split a graph into connected parts that fit, along edges of the
// least weight. No part has two vertices that are in a group of apart, which has those of each
// vertex; nil if there are none. Each way labels the vertices with their parts, from 0. Of
// ways whose parts weigh the same and are in the same groups it returns one. Those with the fewest parts come first, and of these the most even
// ones.
//
// It tries everything, and returns none if that takes too long: with up to ten vertices it
// never does, unless it is given less work than that may take. It returns how much of that is
// left, so that several graphs can share it: 150,000 are enough for any. If there are more
// than 21,147 ways, some are missing. Each vertex must fit by itself. The result depends on
// the arguments and their order alone.
func Splits(loads []binpack.Load, apart [][]int32, edges []Edge, capacity binpack.Load, work int) (ways [][]int32, left int) {
	if len(loads) > MostVertices {
		return nil, work
	}
	s := newSearcher(loads, edges, capacity, min(work, mostWork))
	for at, v := range s.vertex {
		if apart != nil {
			s.apart[at] = apart[v]
		}
	}
	given := s.work
	done := s.place(0, 0)
	left = work - given + max(s.work, 0)
	if !done {
		return nil, left
	}
	slices.SortStableFunc(s.found, func(a, b way) int {
		return cmp.Or(cmp.Compare(a.parts, b.parts), cmp.Compare(a.uneven, b.uneven))
	})
	for _, w := range s.found {
		ways = append(ways, w.labels)
	}
	return ways, left
}

type way struct {
	labels []int32
	parts  int
	uneven float64
}

// searcher puts one vertex after the other into each of the parts there are, or into a
// new one. Positions are those of the vertices in its order.
type searcher struct {
	capacity binpack.Load
	vertex   []int32 // at each position
	load     []binpack.Load
	apart    [][]int32 // the groups of each position
	before   [][]Edge  // of each position, to those before it, which are their V

	label  []int32 // of each position up to now
	parts  []binpack.Load
	groups [][]int32   // in each part
	toward [][]float64 // of each position: scratch
	work   int

	best  float64 // the least cut up to now; of no meaning if nothing is found
	found []way
	known map[string]bool // the loads of what was found
}

func newSearcher(loads []binpack.Load, edges []Edge, capacity binpack.Load, work int) *searcher {
	n := len(loads)
	s := &searcher{
		capacity: capacity, vertex: order(n, edges), load: make([]binpack.Load, n), apart: make([][]int32, n), before: make([][]Edge, n),
		label: make([]int32, n), toward: make([][]float64, n), work: work, known: make(map[string]bool),
	}
	position := make([]int32, n)
	for at, v := range s.vertex {
		position[v] = int32(at)
		s.load[at] = loads[v]
		s.toward[at] = make([]float64, n+1)
	}
	for _, e := range edges {
		u, v := position[e.U], position[e.V]
		u, v = max(u, v), min(u, v)
		s.before[u] = append(s.before[u], Edge{u, v, e.Weight})
	}
	return s
}

// order returns the vertices so that each is the one that those before it are joined with
// most, whereby cuts show early.
func order(n int, edges []Edge) (vertices []int32) {
	joined := make([]float64, n)
	for _, e := range edges { // the first is the one with the heaviest edges
		joined[e.U] += e.Weight
		joined[e.V] += e.Weight
	}
	for range n {
		next := -1
		for v := range n {
			if !slices.Contains(vertices, int32(v)) && (next < 0 || joined[v] > joined[next]) {
				next = v
			}
		}
		if len(vertices) == 0 {
			clear(joined)
		}
		vertices = append(vertices, int32(next))
		for _, e := range edges {
			if e.U == int32(next) {
				joined[e.V] += e.Weight
			} else if e.V == int32(next) {
				joined[e.U] += e.Weight
			}
		}
	}
	return vertices
}

// place puts the vertices from a position on into parts in all ways that cut no more than
// the best, where those before it cut so much. It reports false if that takes too long.
func (s *searcher) place(at int, cut float64) bool {
	if at == len(s.vertex) {
		s.keep(cut)
		return true
	}
	toward := s.toward[at][:len(s.parts)+1]
	clear(toward)
	for _, e := range s.before[at] {
		toward[s.label[e.V]] += e.Weight
	}
	tried := make([]bool, len(toward))
	for range toward { // the part that holds most of its edges first
		p := -1
		for q, w := range toward {
			if !tried[q] && (p < 0 || w > toward[p]) {
				p = q
			}
		}
		tried[p] = true
		more := 0.0
		for q, w := range toward {
			if q != p {
				more += w
			}
		}
		if !s.put(at, p, cut+more) {
			return false
		}
	}
	return true
}

// put puts the vertex at a position into a part, whereby so much is cut, and goes on.
func (s *searcher) put(at, part int, cut float64) bool {
	if s.work--; s.work < 0 {
		return false
	}
	if len(s.found) > 0 && cut > s.best*(1+rounding) {
		return true
	}
	isNew := part == len(s.parts)
	if isNew {
		s.parts, s.groups = append(s.parts, binpack.Load{}), append(s.groups, nil)
	}
	old, groups := s.parts[part], s.groups[part]
	ok := true
	if l := old.Plus(s.load[at]); l.Fits(s.capacity) && !shared(s.apart[at], groups) {
		s.parts[part], s.groups[part], s.label[at] = l, slices.Concat(groups, s.apart[at]), int32(part)
		ok = s.place(at+1, cut)
	}
	s.parts[part], s.groups[part] = old, groups
	if isNew {
		s.parts, s.groups = s.parts[:part], s.groups[:part]
	}
	return ok
}

// shared reports whether two lists have anything in common.
func shared(a, b []int32) bool {
	return slices.ContainsFunc(a, func(x int32) bool { return slices.Contains(b, x) })
}

// keep keeps the way that is made, if its parts are connected: if one is not, its pieces
// cut no more and are kept by themselves.
func (s *searcher) keep(cut float64) {
	if !s.connected() {
		return
	}
	if len(s.found) > 0 && cut < s.best*(1-rounding) {
		s.found = s.found[:0]
		clear(s.known)
	}
	if len(s.found) == 0 || cut < s.best {
		s.best = cut
	}
	sorted := s.sorted()
	if key := fmt.Sprint(sorted); !s.known[key] && len(s.found) < mostWays {
		s.known[key] = true
		w := way{labels: make([]int32, len(s.vertex)), parts: len(s.parts)}
		for at, v := range s.vertex {
			w.labels[v] = s.label[at]
		}
		for _, p := range sorted {
			w.uneven += square(p.load.Count, s.capacity.Count) + square(p.load.Size, s.capacity.Size) + square(p.load.Time, s.capacity.Time)
		}
		s.found = append(s.found, w)
	}
}

// part is what matters of a part when it is packed.
type part struct {
	load   binpack.Load
	groups []int32
}

// sorted returns the parts in an order that does not depend on how they came about.
func (s *searcher) sorted() []part {
	sorted := make([]part, len(s.parts))
	for i, l := range s.parts {
		sorted[i] = part{l, slices.Sorted(slices.Values(s.groups[i]))}
	}
	slices.SortFunc(sorted, func(a, b part) int {
		return cmp.Or(
			cmp.Compare(a.load.Count, b.load.Count), cmp.Compare(a.load.Size, b.load.Size), cmp.Compare(a.load.Time, b.load.Time),
			slices.Compare(a.groups, b.groups),
		)
	})
	return sorted
}

// square returns the square of the part that x is of a capacity, or 0 if that is 0.
func square(x, capacity int64) float64 {
	if capacity == 0 {
		return 0
	}
	share := float64(x) / float64(capacity)
	return share * share
}

// connected reports whether each part hangs together.
func (s *searcher) connected() bool {
	root := make([]int32, len(s.label)) // of what each position hangs together with
	pieces := len(root)
	for at := range root {
		root[at] = int32(at)
		for _, e := range s.before[at] {
			from, to := root[at], root[e.V]
			if s.label[at] != s.label[e.V] || from == to {
				continue
			}
			for i := range root[:at+1] {
				if root[i] == from {
					root[i] = to
				}
			}
			pieces--
		}
	}
	return pieces == len(s.parts)
}
