package partition

import "slices"

// crowds knows which groups of a graph's Apart have a member in which part. The zero
// crowds are those of a graph without groups.
type crowds struct {
	groups [][]int32 // of each vertex
	in     [][]int32 // the groups in each part, ascending
}

func newCrowds(g *Graph, labels []int32) crowds {
	if g.Apart == nil {
		return crowds{}
	}
	c := crowds{groups: g.Apart}
	for v, part := range labels {
		for int(part) >= len(c.in) {
			c.in = append(c.in, nil)
		}
		c.enter(part, int32(v))
	}
	return c
}

// admit reports whether v can enter a part that it is not in.
func (c *crowds) admit(part, v int32) bool {
	return c.groups == nil || len(c.groups[v]) == 0 || disjoint(c.groups[v], c.in[part])
}

func (c *crowds) enter(part, v int32) {
	if c.groups == nil {
		return
	}
	for _, group := range c.groups[v] {
		at, _ := slices.BinarySearch(c.in[part], group)
		c.in[part] = slices.Insert(c.in[part], at, group)
	}
}

func (c *crowds) leave(part, v int32) {
	if c.groups == nil {
		return
	}
	for _, group := range c.groups[v] {
		if at, ok := slices.BinarySearch(c.in[part], group); ok {
			c.in[part] = slices.Delete(c.in[part], at, at+1)
		}
	}
}

// mix reports whether two parts can become one.
func (c *crowds) mix(a, b int32) bool { return c.groups == nil || disjoint(c.in[a], c.in[b]) }

// pour lets all of one part enter another.
func (c *crowds) pour(from, to int32) {
	if c.groups != nil {
		c.in[to] = append(c.in[to], c.in[from]...)
		slices.Sort(c.in[to])
		c.in[from] = nil
	}
}

// disjoint reports whether two ascending lists have nothing in common.
func disjoint(a, b []int32) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for _, x := range a {
		if _, ok := slices.BinarySearch(b, x); ok {
			return false
		}
	}
	return true
}

// shared returns the groups of each of the vertices that another of them is in too, or
// nil if there are none.
func (g *Graph) shared(vertices []int32) [][]int32 {
	if g.Apart == nil {
		return nil
	}
	members := make(map[int32]int)
	several := false
	for _, v := range vertices {
		for _, group := range g.Apart[v] {
			members[group]++
			several = several || members[group] > 1
		}
	}
	if !several {
		return nil
	}
	groups := make([][]int32, len(vertices))
	for i, v := range vertices {
		for _, group := range g.Apart[v] {
			if members[group] > 1 {
				groups[i] = append(groups[i], group)
			}
		}
	}
	return groups
}

// together returns the groups that are in each of the clusters, or nil if there are none.
func (g *Graph) together(cluster []int32, count int32) [][]int32 {
	if g.Apart == nil {
		return nil
	}
	groups := make([][]int32, count)
	for v, c := range cluster {
		groups[c] = append(groups[c], g.Apart[v]...)
	}
	for c := range groups {
		slices.Sort(groups[c])
		groups[c] = slices.Compact(groups[c])
	}
	return groups
}

// keepsApart reports whether no two vertices of a group have the same label.
func (g *Graph) keepsApart(labels []int32) bool {
	type place struct{ part, group int32 }
	seen := make(map[place]bool)
	for v, groups := range g.Apart {
		for _, group := range groups {
			p := place{labels[v], group}
			if seen[p] {
				return false
			}
			seen[p] = true
		}
	}
	return true
}
