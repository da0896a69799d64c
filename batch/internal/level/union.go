package level

import (
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

// union is a union-find structure over items that knows what each set weighs, and what it
// must be apart from.
type union struct {
	parent []int32
	load   []binpack.Load    // of roots
	apart  map[int32][]int32 // of roots
}

func newUnion(items []Item) *union {
	u := &union{parent: make([]int32, len(items)), load: make([]binpack.Load, len(items)), apart: make(map[int32][]int32)}
	for i := range items {
		u.parent[i], u.load[i] = int32(i), items[i].Load
		if apart := items[i].apart(); apart != nil {
			u.apart[int32(i)] = slices.Clone(apart)
		}
	}
	return u
}

func (u *union) find(x int32) int32 {
	for u.parent[x] != x {
		u.parent[x] = u.parent[u.parent[x]]
		x = u.parent[x]
	}
	return x
}

// window is how many sets are tried before a new one is begun: trying all would take time in
// the square of what exceeds the capacity.
const window = 8

// fit reports whether two sets may be one.
func (u *union) fit(a, b int32, capacity binpack.Load) bool {
	return u.load[a].Plus(u.load[b]).Fits(capacity) &&
		!slices.ContainsFunc(u.apart[a], func(n int32) bool { return slices.Contains(u.apart[b], n) })
}

// joinAll joins the sets of all items as far as they fit, each with one of those before it
// that has room.
func (u *union) joinAll(items []int32, capacity binpack.Load) {
	var roots []int32 // of what has been joined
	seen := make(map[int32]bool)
	for _, i := range items {
		root := u.find(i)
		if seen[root] {
			continue
		}
		seen[root] = true
		recent := roots[max(0, len(roots)-window):]
		at := slices.IndexFunc(recent, func(r int32) bool { return u.fit(r, root, capacity) })
		if at < 0 {
			roots = append(roots, root)
			continue
		}
		u.parent[root] = recent[at]
		u.load[recent[at]] = u.load[recent[at]].Plus(u.load[root])
		if apart := u.apart[root]; apart != nil {
			u.apart[recent[at]] = append(u.apart[recent[at]], apart...)
		}
	}
}
