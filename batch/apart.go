package batch

import (
	"fmt"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/inventory"
)

// keepApart fills in which vertices must be in different batches: those of each group,
// and all that are pinned. Two members of a group in one vertex are an error.
func (pb *problem) keepApart(groups [][]inventory.Address) error {
	for n, group := range groups {
		by := make(map[int32]int) // the position by which a vertex is in the group
		var vertices []int32
		for _, a := range group {
			i, ok := pb.inv.Index(a)
			if !ok {
				return fmt.Errorf("batch: group %d that must be kept apart: there is no mailbox %q", n+1, a)
			}
			v := pb.vertex[i]
			if v == none {
				continue
			}
			other, known := by[v]
			if known && other != i {
				return fmt.Errorf("batch: %s and %s must be kept apart, and they %s",
					pb.inv.At(min(i, other)).Address, pb.inv.At(max(i, other)).Address, pb.bond(v))
			}
			if !known {
				by[v] = i
				vertices = append(vertices, v)
			}
		}
		pb.part(vertices)
	}
	var pinned []int32
	for _, p := range pb.pins {
		pinned = append(pinned, pb.vertex[p.at])
	}
	pb.part(pinned)
	return nil
}

// part keeps vertices apart.
func (pb *problem) part(vertices []int32) {
	if len(vertices) < 2 {
		return
	}
	if pb.apart == nil {
		pb.apart = make([][]int32, len(pb.load))
	}
	for _, v := range vertices {
		pb.apart[v] = append(pb.apart[v], pb.parted)
	}
	pb.parted++
}

// mustPart reports whether u and v must be apart whatever they weigh.
func (pb *problem) mustPart(u, v int32) bool {
	return pb.apart != nil && pb.crowd([]group{{vertices: []int32{u, v}}}) > 1
}

// fits reports whether all of a group can be in one batch.
func (pb *problem) fits(g group) bool {
	return g.load.Fits(pb.capacity()) && (pb.apart == nil || pb.crowd([]group{g}) < 2)
}

// crowd returns the largest number of vertices in some groups that must all be in
// different batches, which is a lower bound on the number of those.
func (pb *problem) crowd(lists ...[]group) (largest int) {
	if pb.apart == nil {
		return 0
	}
	members := make(map[int32]int)
	for _, groups := range lists {
		for _, g := range groups {
			for _, v := range g.vertices {
				for _, n := range pb.apart[v] {
					members[n]++
					largest = max(largest, members[n])
				}
			}
		}
	}
	return largest
}

// quarrels returns the groups of [binpack.PackApart] that each of the groups is in, nil if
// none must be apart from another. Each can be in one batch by itself.
func (pb *problem) quarrels(groups []group) [][]int32 {
	if pb.crowd(groups) < 2 {
		return nil
	}
	apart := make([][]int32, len(groups))
	for i, g := range groups {
		for _, v := range g.vertices {
			apart[i] = append(apart[i], pb.apart[v]...)
		}
	}
	return apart
}

// measureFamilies finds out which families among groups fit into a batch each, and may be
// in one.
func (pb *problem) measureFamilies(groups []group, f *families) {
	if f.total == nil {
		n := len(pb.vertex)
		f.total, f.fit, f.merged = make([]binpack.Load, n), make([]bool, n), make([]int32, n)
	}
	family := func(g group) int32 { return pb.family[g.vertices[0]] }
	for _, g := range groups {
		f.total[family(g)], f.merged[family(g)] = binpack.Load{}, none
	}
	for _, g := range groups {
		f.total[family(g)] = f.total[family(g)].Plus(g.load)
	}
	for _, g := range groups {
		f.fit[family(g)] = f.total[family(g)].Fits(pb.capacity())
	}
	if pb.apart == nil {
		return
	}
	type member struct{ family, number int32 }
	seen := make(map[member]bool)
	for _, g := range groups {
		for _, v := range g.vertices {
			for _, n := range pb.apart[v] {
				m := member{pb.family[v], n}
				if seen[m] {
					f.fit[m.family] = false
				}
				seen[m] = true
			}
		}
	}
}

// clashes reports whether a vertex must be apart from another in a bin.
func (pb *problem) clashes(v, b int32, bin []int32) bool {
	if pb.apart == nil || len(pb.apart[v]) == 0 {
		return false
	}
	both := group{vertices: []int32{v}}
	for u, other := range bin {
		if other == b && int32(u) != v && len(pb.apart[u]) > 0 {
			both.vertices = append(both.vertices, int32(u))
		}
	}
	return pb.crowd([]group{both}) > 1
}
