package batch

import (
	"cmp"
	"context"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

// maxCluster bounds how many vertices move together in one step of the search.
const maxCluster = 500

// search returns the cheapest layout it finds, from the previous plan and from a fresh
// one: that as it is if there is nothing else to go by.
func (r *repacker) search(ctx context.Context, fresh *layout) (*layout, error) {
	if !slices.ContainsFunc(r.had, func(n float64) bool { return n > 0 }) {
		return fresh, nil
	}
	l := r.newLayout()
	loose, err := l.start(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.settle(ctx, loose); err != nil {
		return nil, err
	}
	l.follow()
	if err := l.improve(ctx, loose); err != nil {
		return nil, err
	}
	if fresh.total() < l.total()-r.least {
		if err := fresh.improve(ctx, loose); err != nil {
			return nil, err
		}
		l = fresh
	}
	l.settleHubs()
	return l, nil
}

// improve moves vertices while that costs less, beginning with those that had to find a
// place, and their neighbours.
func (l *layout) improve(ctx context.Context, loose []int32) error {
	var queue []int32
	queued := make([]bool, len(l.bin))
	push := func(v int32) {
		if !queued[v] {
			queued[v] = true
			queue = append(queue, v)
		}
	}
	wake := func(v int32) {
		push(v)
		for _, t := range l.tiesOf(v) {
			push(t.to)
		}
	}
	for v := range l.bin {
		if l.mend {
			push(int32(v))
		}
	}
	for _, v := range loose {
		wake(v)
	}
	for _, v := range l.pinned {
		if v != none {
			wake(v)
		}
	}
	for {
		for len(queue) > 0 && l.work > 0 {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			v := queue[0]
			queue, queued[v] = queue[1:], false
			l.log = l.log[:0]
			if l.better(v) {
				for _, s := range l.log {
					wake(s.v)
				}
			}
		}
		l.log = l.log[:0]
		if l.work <= 0 || !l.dissolve() {
			break
		}
		for _, s := range l.log {
			wake(s.v)
		}
	}
	return l.evenNew(ctx)
}

// better moves v, or what of its bin hangs together with it, if that costs less.
func (l *layout) better(v int32) bool {
	if l.alone(v) || l.fixed[v] != none {
		return false
	}
	if l.moveTo([]int32{v}) {
		return true
	}
	c := l.cluster(v)
	return len(c) > 1 && l.moveTo(c)
}

// cluster returns v and what of its bin ties join with it, of those that have not always
// been there unless the search is to mend. It returns nil if that is too much to move
// together.
func (l *layout) cluster(v int32) []int32 {
	b := l.bin[v]
	free := func(u int32) bool {
		return l.bin[u] == b && l.fixed[u] == none && (l.mend || l.stayed(u, b) == 0)
	}
	if !free(v) {
		return nil
	}
	members := []int32{v}
	l.marked[v] = true
	for i := 0; i < len(members) && len(members) <= maxCluster; i++ {
		for _, t := range l.tiesOf(members[i]) {
			if !l.marked[t.to] && free(t.to) {
				l.marked[t.to] = true
				members = append(members, t.to)
			}
		}
		l.work -= len(l.tiesOf(members[i]))
	}
	for _, u := range members {
		l.marked[u] = false
	}
	if len(members) > maxCluster {
		return nil
	}
	return members
}

// moveTo moves vertices of one bin to the bin where they cost least, if that is less than
// here, making room there if need be.
func (l *layout) moveTo(vertices []int32) bool {
	from, wave := l.bin[vertices[0]], l.pb.wave[vertices[0]]
	g := l.pb.group(vertices)
	candidates := l.pulls(vertices)
	here := 0.0
	for _, c := range candidates {
		if c.bin == from {
			here = c.pull
		}
	}
	for _, c := range candidates {
		if c.pull-here <= l.least {
			break
		}
		switch {
		case c.bin == from || l.wave[c.bin] != wave:
		case l.admits(c.bin, g):
			l.putAll(vertices, c.bin)
			return true
		case l.attempt(func() bool { return l.makeRoom(vertices, c.bin) }):
			return true
		}
	}
	return false
}

// makeRoom moves vertices to a bin where there is no room, and others away from there,
// and reports whether that costs less.
func (l *layout) makeRoom(vertices []int32, to int32) bool {
	l.putAll(vertices, to)
	out := l.shed(to, vertices)
	if out == nil {
		return false
	}
	l.putAll(out, none)
	return l.placeAll(out) && l.cost < -l.least
}

// placeAll puts vertices into bins that are open, those that hang together into one if it
// can, and reports whether it could.
func (l *layout) placeAll(vertices []int32) bool {
	groups := l.groups(vertices)
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(l.share(b.load), l.share(a.load)) })
	for _, g := range groups {
		if l.place(g) {
			continue
		}
		for _, v := range g.vertices {
			if !l.place(l.pb.group([]int32{v})) {
				return false
			}
		}
	}
	return true
}

// dissolve empties a bin that costs something into others, if that costs less.
func (l *layout) dissolve() bool {
	var bins []int32
	free := make(map[int32]binpack.Load) // of each wave
	for b, wave := range l.wave {
		if wave == none || len(l.in[b]) == 0 {
			continue
		}
		free[wave] = free[wave].Plus(l.capacity.Minus(l.load[b]))
		if l.counts(int32(b)) && l.keeps(int32(b)) == none {
			bins = append(bins, int32(b))
		}
	}
	slices.SortStableFunc(bins, func(a, b int32) int { return cmp.Compare(l.share(l.load[a]), l.share(l.load[b])) })
	for _, b := range bins {
		wave, moved := l.wave[b], 0.0
		for _, v := range l.in[b] {
			moved += l.moveWeight * l.stayed(v, b)
		}
		// What is free includes what is free in the bin itself.
		room := free[wave].Count >= l.capacity.Count && (l.capacity.Size == 0 || free[wave].Size >= l.capacity.Size) &&
			(l.capacity.Time == 0 || free[wave].Time >= l.capacity.Time)
		if !room || moved >= l.batchWeight || l.work <= 0 {
			continue
		}
		l.wave[b] = none
		if l.attempt(func() bool {
			out := slices.Clone(l.in[b])
			l.putAll(out, none)
			return l.squeezeAll(out) && l.cost < -l.least
		}) {
			return true
		}
		l.wave[b] = wave
	}
	return false
}

// evenNew fills the new bins of each wave evenly, and takes fewer of them if it can.
func (l *layout) evenNew(ctx context.Context) error {
	bins := make([][]int32, len(l.pb.waves))
	for b := len(l.past.open); b < len(l.in); b++ {
		if w := l.wave[b]; w != none && len(l.in[b]) > 0 {
			bins[w] = append(bins[w], int32(b))
		}
	}
	for _, of := range bins {
		if len(of) < 2 {
			continue
		}
		var groups []group
		for _, b := range of {
			groups = append(groups, l.groups(l.in[b])...)
		}
		bound := max(binpack.LowerBound(loads(groups), binpack.Load{}, l.capacity), l.pb.crowd(groups))
		to, count, err := binpack.PackApart(ctx, loads(groups), l.pb.quarrels(groups), l.capacity, bound)
		if err != nil {
			return err
		}
		if count > len(of) {
			continue
		}
		bin := l.assign(groups, to, of)
		l.attempt(func() bool {
			for _, g := range groups {
				l.putAll(g.vertices, none)
			}
			for i, g := range groups {
				l.putAll(g.vertices, bin[to[i]])
			}
			return l.cost < l.least
		})
	}
	return nil
}

// assign returns which of some bins stands for each of those that groups were packed into:
// the one that is pinned to if any of its vertices is, and else the next.
func (l *layout) assign(groups []group, to, bins []int32) []int32 {
	bin, free := make([]int32, len(bins)), slices.Clone(bins)
	for b := range bin {
		bin[b] = none
	}
	for i, g := range groups {
		for _, v := range g.vertices {
			if b := l.fixed[v]; b != none {
				bin[to[i]] = b
				free = slices.DeleteFunc(free, func(f int32) bool { return f == b })
			}
		}
	}
	for b := range bin {
		if bin[b] == none {
			bin[b], free = free[0], free[1:]
		}
	}
	return bin
}
