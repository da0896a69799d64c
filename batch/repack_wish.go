package batch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// pin returns a Pin that calls batches of the previous plan as that does, whatever the
// case.
func (w *past) pin(to func(*inventory.Mailbox) string) func(*inventory.Mailbox) string {
	if to == nil {
		return nil
	}
	names := make(map[string]string)
	for _, b := range slices.Concat(w.frozen, w.open) {
		names[strings.ToLower(b.Name)] = b.Name
	}
	return func(m *inventory.Mailbox) string {
		name := to(m)
		if old, ok := names[strings.ToLower(name)]; ok {
			return old
		}
		return name
	}
}

// refusePins refuses pins to batches that nobody can be added to.
func (w *past) refusePins(pb *problem) error {
	frozen := make(map[string]bool)
	for _, b := range w.frozen {
		frozen[b.Name] = true
	}
	for _, p := range pb.pins {
		if frozen[p.name] {
			return fmt.Errorf("batch: %s is pinned to the batch %s, which is frozen", pb.inv.At(int(p.at)).Address, p.name)
		}
	}
	return nil
}

// fix fills in the bins that have a name from the start, those of the previous plan and
// then those that only pins name, and which vertices are pinned to them.
func (r *repacker) fix() {
	r.fixed = make([]int32, len(r.pb.load))
	for v := range r.fixed {
		r.fixed[v] = none
	}
	bin := make(map[string]int32)
	add := func(name string) {
		bin[name] = int32(len(r.names))
		r.names, r.pinned = append(r.names, name), append(r.pinned, none)
	}
	for _, b := range r.past.open {
		add(b.Name)
	}
	for _, p := range r.pb.pins {
		if _, ok := bin[p.name]; !ok {
			add(p.name)
		}
		v, b := r.pb.vertex[p.at], bin[p.name]
		r.fixed[v], r.pinned[b] = b, v
	}
}

// keeps returns the vertex that is pinned to a bin, or none.
func (r *repacker) keeps(b int32) int32 {
	if int(b) < len(r.pinned) {
		return r.pinned[b]
	}
	return none
}

// meet counts that v comes into a bin, or leaves it if by is negative.
func (l *layout) meet(v, b int32, by int) {
	if l.pb.apart == nil {
		return
	}
	for _, n := range l.pb.apart[v] {
		if l.parties[b] == nil {
			l.parties[b] = make(map[int32]int)
		}
		l.parties[b][n] += by
	}
}

// quarrels reports whether any of some vertices must be apart from one that is in a bin.
func (l *layout) quarrels(b int32, vertices []int32) bool {
	if len(l.parties[b]) == 0 {
		return false
	}
	for _, v := range vertices {
		for _, n := range l.pb.apart[v] {
			if l.parties[b][n] > 0 {
				return true
			}
		}
	}
	return false
}

// quarrelsWithin reports whether two in a bin must be apart.
func (l *layout) quarrelsWithin(b int32) bool {
	for _, count := range l.parties[b] {
		if count > 1 {
			return true
		}
	}
	return false
}

// parties returns the numbers of what must be apart that some vertices have.
func (pb *problem) parties(vertices []int32) (numbers []int32) {
	if pb.apart == nil {
		return nil
	}
	for _, v := range vertices {
		numbers = append(numbers, pb.apart[v]...)
	}
	return numbers
}
