package batch

import (
	"fmt"
	"slices"
)

// kept reports whether all that is pinned is in its batch, and what must be apart is.
func (e *Explainer) kept() error {
	for _, p := range e.pb.pins {
		if e.name(p.at) != p.name {
			return fmt.Errorf("%s is in %s and pinned to %s", e.p.Inventory.At(int(p.at)).Address, e.name(p.at), p.name)
		}
	}
	if e.pb.apart == nil {
		return nil
	}
	type seat struct{ batch, number int32 }
	taken := make(map[seat]int32) // by the vertex
	for i, v := range e.pb.vertex {
		if v == none {
			continue
		}
		for _, n := range e.pb.apart[v] {
			s := seat{e.batch[i], n}
			if u, ok := taken[s]; ok && u != v {
				return fmt.Errorf("%s is in %s with one from whom it must be apart", e.p.Inventory.At(i).Address, e.name(int32(i)))
			}
			taken[s] = v
		}
	}
	return nil
}

// measureApart notes who must be apart in each component.
func (e *Explainer) measureApart() {
	if e.pb.apart == nil {
		return
	}
	e.apart = make([][]int32, len(e.totals))
	for v, c := range e.component {
		e.apart[c] = append(e.apart[c], e.pb.apart[v]...)
	}
}

// quarrel reports whether the components of some vertices, and others, hold any two that
// must be apart.
func (e *Explainer) quarrel(vertices []int32, others ...int32) bool {
	if e.apart == nil {
		return false
	}
	var components, numbers []int32
	for _, v := range vertices {
		if c := e.component[v]; !slices.Contains(components, c) {
			components = append(components, c)
			numbers = append(numbers, e.apart[c]...)
		}
	}
	for _, v := range others {
		numbers = append(numbers, e.pb.apart[v]...)
	}
	slices.Sort(numbers)
	return len(slices.Compact(slices.Clone(numbers))) < len(numbers)
}

// mayMove reports whether the vertex can move to a batch, if there is room.
func (e *Explainer) mayMove(v, to int32) bool {
	if slices.ContainsFunc(e.pb.pins, func(p pin) bool { return e.pb.vertex[p.at] == v }) {
		return false
	}
	for _, m := range e.p.Batches[to].Mailboxes {
		if i, _ := e.p.Inventory.Index(m.Address); e.pb.mustPart(v, e.pb.vertex[i]) {
			return false
		}
	}
	return true
}
