package partition

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// Bounds on the effort to separate what must be apart.
const (
	compared      = 12      // terminals of which the one with the least cut leaves first
	separateShare = 30      // how often a separation may look at each edge, on average
	separateLeast = 100_000 // how many edges it may look at in any case
)

// separator divides parts of a graph that hold several vertices of a group, which are
// its terminals.
type separator struct {
	g         *Graph
	labels    []int32
	members   [][]int32 // of each part
	terminals [][]int32 // the members of each part that are in any group
	flow      *flow
	rng       *rand.Rand
	most      int
}

// separate divides parts until none holds two vertices of a group. Each time one terminal
// leaves, with all that is on its side of a least cut between it and those that it must
// be apart from: the terminal for which that cuts least, as in the method of isolating cuts
// (Dahlhaus and others, SIAM Journal on Computing 23, 1994), or a random one if rng is not
// nil. Where that takes too much work those that cannot stay leave all at once.
func separate(g *Graph, labels []int32, rng *rand.Rand) (divided []int32, work int) {
	s := &separator{g: g, labels: slices.Clone(labels), members: members(labels), rng: rng}
	s.flow = newFlow(g, s.labels)
	s.most = separateShare*(len(g.Adj)+g.Len()) + separateLeast
	s.terminals = make([][]int32, len(s.members))
	for v, groups := range g.Apart {
		if len(groups) > 0 {
			s.terminals[labels[v]] = append(s.terminals[labels[v]], int32(v))
		}
	}
	var stack []int32
	for part := range s.members {
		stack = append(stack, int32(part))
	}
	for len(stack) > 0 {
		part := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if rivals := s.rivals(part); len(rivals) > 0 {
			stack = append(stack, part, s.divide(part, s.leaving(part, rivals)))
		}
	}
	return s.labels, s.flow.work
}

// rivals returns the terminals of a part that must be apart from another of them.
func (s *separator) rivals(part int32) (rivals []int32) {
	count := make(map[int32]int)
	for _, v := range s.terminals[part] {
		for _, group := range s.g.Apart[v] {
			count[group]++
		}
	}
	for _, v := range s.terminals[part] {
		if slices.ContainsFunc(s.g.Apart[v], func(group int32) bool { return count[group] > 1 }) {
			rivals = append(rivals, v)
		}
	}
	return rivals
}

// leaving returns what leaves a part: a terminal and what goes with it.
func (s *separator) leaving(part int32, rivals []int32) (side []int32) {
	candidates := rivals
	if s.rng != nil {
		candidates = []int32{rivals[s.rng.IntN(len(rivals))]}
	} else if len(rivals) > compared {
		candidates = slices.Clone(rivals)
		slices.SortStableFunc(candidates, func(a, b int32) int { return cmp.Compare(s.g.degree(a), s.g.degree(b)) })
		candidates = candidates[:compared]
	}
	least := int64(0)
	for _, t := range candidates {
		var sinks []int32
		for _, v := range rivals {
			if v != t && !disjoint(s.g.Apart[v], s.g.Apart[t]) {
				sinks = append(sinks, v)
			}
		}
		cut, ok := s.flow.run(t, sinks, s.most-s.flow.work)
		if !ok {
			break
		}
		if side == nil || cut < least {
			least = cut
			if side = s.flow.near(); s.rng != nil && s.rng.IntN(2) == 0 {
				side = s.flow.far(s.members[part], sinks)
			}
		}
	}
	if side == nil {
		return s.others(rivals)
	}
	return side
}

// others returns the rivals that cannot stay if others do, the first ones first.
func (s *separator) others(rivals []int32) (side []int32) {
	stay := make(map[int32]bool)
	for _, v := range rivals {
		if slices.ContainsFunc(s.g.Apart[v], func(group int32) bool { return stay[group] }) {
			side = append(side, v)
			continue
		}
		for _, group := range s.g.Apart[v] {
			stay[group] = true
		}
	}
	return side
}

// divide makes a part of what leaves another, and returns it.
func (s *separator) divide(part int32, side []int32) (other int32) {
	other = int32(len(s.members))
	for _, v := range side {
		s.labels[v] = other
	}
	s.members = s.moved(s.members, part)
	s.terminals = s.moved(s.terminals, part)
	s.flow.work += len(side)
	return other
}

// moved puts those in the list of a part that are no longer in it into a new list.
func (s *separator) moved(lists [][]int32, part int32) [][]int32 {
	var stay, gone []int32
	for _, v := range lists[part] {
		if s.labels[v] == part {
			stay = append(stay, v)
		} else {
			gone = append(gone, v)
		}
	}
	lists[part] = stay
	return append(lists, gone)
}
