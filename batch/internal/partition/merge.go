package partition

import (
	"cmp"
	"slices"
)

// merge joins parts that fit into one: those first between which most edges run, then any,
// the largest first. It numbers the parts from 0 and returns how many are left. The cut does
// not grow.
func merge(g *Graph, labels []int32, capacity Capacity, space *workspace) (merged []int32, count int32) {
	parts := int32(0)
	for _, l := range labels {
		parts = max(parts, l+1)
	}
	m := merger{capacity: capacity, into: make([]int32, parts), loads: make([]load, parts)}
	for v, l := range labels {
		m.loads[l] = m.loads[l].plus(g.load(int32(v)))
	}
	for l := range m.into {
		m.into[l] = int32(l)
	}
	m.crowds = newCrowds(g, labels)
	var quotient Graph
	space.contractor.contract(g, labels, parts, &quotient)
	m.neighbours(&quotient)
	m.strangers()
	number := slices.Repeat([]int32{none}, int(parts))
	merged = make([]int32, len(labels))
	for v, l := range labels {
		l = m.find(l)
		if number[l] == none {
			number[l] = count
			count++
		}
		merged[v] = number[l]
	}
	return merged, count
}

type merger struct {
	capacity Capacity
	into     []int32 // the part that a part was joined to, itself if none
	loads    []load
	crowds   crowds
}

func (m *merger) find(l int32) int32 {
	for m.into[l] != l {
		m.into[l] = m.into[m.into[l]]
		l = m.into[l]
	}
	return l
}

func (m *merger) join(a, b int32) {
	a, b = m.find(a), m.find(b)
	if a != b && m.capacity.holds(m.loads[a].plus(m.loads[b])) && m.crowds.mix(a, b) {
		m.into[b] = a
		m.crowds.pour(b, a)
		m.loads[a] = m.loads[a].plus(m.loads[b])
	}
}

// neighbours joins parts that edges join; q is the graph of the parts.
func (m *merger) neighbours(q *Graph) {
	type pair struct{ a, b, weight int32 }
	var pairs []pair
	for a := range int32(q.Len()) {
		to, weight := q.Neighbours(a)
		for i, b := range to {
			if a < b {
				pairs = append(pairs, pair{a, b, weight[i]})
			}
		}
	}
	slices.SortStableFunc(pairs, func(p, q pair) int { return cmp.Compare(q.weight, p.weight) })
	for _, p := range pairs {
		m.join(p.a, p.b)
	}
}

// fewStrangers bounds the parts that are compared with each other.
const fewStrangers = 300

// strangers joins parts that no edge joins, where they are few.
func (m *merger) strangers() {
	var parts []int32
	for l := range m.into {
		if m.into[l] == int32(l) {
			parts = append(parts, int32(l))
		}
	}
	if len(parts) > fewStrangers {
		return
	}
	slices.SortStableFunc(parts, func(a, b int32) int { return cmp.Compare(m.loads[b].count, m.loads[a].count) })
	for i, b := range parts {
		for _, a := range parts[:i] {
			m.join(a, b)
		}
	}
}
