package batch

import (
	"cmp"
	"context"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/batch/internal/partition"
)

// start puts every vertex where it was or is pinned to, unless it cannot stay, and returns
// the others.
func (l *layout) start(ctx context.Context) (loose []int32, err error) {
	home := make([]int32, len(l.bin))
	for v := range l.bin {
		home[v] = l.home(int32(v))
	}
	l.electWaves(home)
	shared := make([]bool, len(l.names)) // whether anybody else than single vertices that exceed the limit was there
	for v, b := range home {
		if b != none && l.wave[b] == l.pb.wave[v] && !l.alone(int32(v)) {
			l.put(int32(v), b)
			shared[b] = true
		}
	}
	for v, b := range home {
		switch {
		case l.bin[v] != none:
		case l.fixed[v] != none:
			l.put(int32(v), b)
		case !l.alone(int32(v)):
			loose = append(loose, int32(v))
		case b != none && l.wave[b] == l.pb.wave[v] && !shared[b] && len(l.in[b]) == 0:
			l.put(int32(v), b)
		default:
			l.put(int32(v), l.add(none))
		}
	}
	for b := range l.names {
		if len(l.in[b]) == 0 || !shared[b] {
			l.wave[b] = none // nobody is added to it
			continue
		}
		out, err := l.shedMuch(ctx, int32(b))
		if err != nil {
			return nil, err
		}
		l.putAll(out, none)
		loose = append(loose, out...)
	}
	return loose, nil
}

// home returns the bin that v is pinned to, else that where most of its members were, of
// equal ones the first, or none.
func (r *repacker) home(v int32) int32 {
	if r.fixed[v] != none {
		return r.fixed[v]
	}
	best, most := int32(none), 0.0
	for _, i := range r.members[r.first[v]:r.first[v+1]] {
		b := r.was(i)
		if b == none || b == best {
			continue
		}
		if n := r.stayed(v, b); n > most || n == most && b < best {
			best, most = b, n
		}
	}
	return best
}

// electWaves gives each bin the wave of what is pinned to it, else of most of those who were
// there; of equal ones that which it was of, or the first.
func (l *layout) electWaves(home []int32) {
	votes := make([]map[int32]int, len(l.past.open))
	for v, b := range home {
		if b == none || l.fixed[v] != none {
			continue
		}
		if votes[b] == nil {
			votes[b] = make(map[int32]int)
		}
		votes[b][l.pb.wave[v]] += int(l.stayed(int32(v), b))
	}
	for b := range votes {
		for w := range int32(len(l.pb.waves)) {
			n, best := votes[b][w], l.wave[b]
			if n > 0 && (best == none || n > votes[b][best] || n == votes[b][best] && l.pb.waves[w] == l.past.open[b].Wave) {
				l.wave[b] = w
			}
		}
	}
	for b, v := range l.pinned {
		if v != none {
			l.wave[b] = l.pb.wave[v]
		}
		if v != none && l.alone(v) {
			l.wave[b] = none
		}
	}
}

// admits reports whether a bin takes a group of vertices that are not there. Whatever keeps
// a mailbox out of a batch must be asked here.
func (l *layout) admits(b int32, g group) bool {
	return l.wave[b] == l.pb.wave[g.vertices[0]] && l.load[b].Plus(g.load).Fits(l.capacity) && !l.quarrels(b, g.vertices)
}

// settle finds places for vertices that have none, those that hang together in one place
// if it can.
func (l *layout) settle(ctx context.Context, loose []int32) error {
	groups, err := l.pb.splitOnce(ctx, l.groups(loose), partition.Options{}, &l.space)
	if err != nil {
		return err
	}
	share := func(g group) float64 { return l.share(g.load) }
	slices.SortStableFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(share(b), share(a)), cmp.Compare(a.vertices[0], b.vertices[0]))
	})
	for _, g := range groups {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !l.place(g) {
			l.scatter(g)
		}
	}
	return nil
}

// share returns the part of a bin that a load takes.
func (r *repacker) share(load binpack.Load) float64 {
	s := float64(load.Count) / float64(r.capacity.Count)
	if r.capacity.Size > 0 {
		s += float64(load.Size) / float64(r.capacity.Size)
	}
	if r.capacity.Time > 0 {
		s += float64(load.Time) / float64(r.capacity.Time)
	}
	return s
}

// groups returns which of the vertices hang together.
func (l *layout) groups(vertices []int32) []group {
	vertices = slices.Clone(vertices)
	slices.Sort(vertices)
	for _, v := range vertices {
		l.marked[v] = true
	}
	var groups []group
	for _, start := range vertices {
		if !l.marked[start] {
			continue
		}
		l.marked[start] = false
		members := []int32{start}
		for i := 0; i < len(members); i++ {
			for _, t := range l.tiesOf(members[i]) {
				if l.marked[t.to] {
					l.marked[t.to] = false
					members = append(members, t.to)
				}
			}
		}
		groups = append(groups, l.pb.group(members))
	}
	return groups
}

// place puts a group into the bin that takes it at the least cost, and reports whether one
// that is open does.
func (l *layout) place(g group) bool {
	best, most := int32(none), l.least
	for _, c := range l.pulls(g.vertices) {
		if c.pull > most && l.admits(c.bin, g) {
			best, most = c.bin, c.pull
		}
	}
	if best == none {
		best = l.room(g, slices.ContainsFunc(g.vertices, func(v int32) bool { return l.waits[v] }))
	}
	if best == none {
		return false
	}
	l.putAll(g.vertices, best)
	return true
}

// candidate is a bin and what it saves to be there.
type candidate struct {
	bin  int32
	pull float64
}

// pulls returns the bins in which a group costs less than where nothing ties it and it was
// not before, and how much less, the most first. Ties within the group do not matter.
func (l *layout) pulls(vertices []int32) []candidate {
	for _, v := range vertices {
		l.marked[v] = true
	}
	var touched []int32
	add := func(b int32, pull float64) {
		if l.pull[b] == 0 {
			touched = append(touched, b)
		}
		l.pull[b] += pull
	}
	for _, v := range vertices {
		for _, i := range l.members[l.first[v]:l.first[v+1]] {
			if b := l.was(i); b != none {
				add(b, l.moveWeight)
			}
		}
		for i := range l.tiesOf(v) {
			t := &l.tiesOf(v)[i]
			other := l.bin[t.to]
			if l.marked[t.to] || other == none {
				continue
			}
			add(other, t.weight)
			if t.mine != none && other == t.other {
				add(t.mine, t.weight)
			}
		}
		l.work -= len(l.tiesOf(v)) + 1
	}
	found := make([]candidate, len(touched))
	for i, b := range touched {
		found[i] = candidate{b, l.pull[b]}
		l.pull[b] = 0
	}
	for _, v := range vertices {
		l.marked[v] = false
	}
	slices.SortFunc(found, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.pull, a.pull), cmp.Compare(a.bin, b.bin)) })
	return found
}

// room returns the emptiest bin that admits a group, or the first; none if none does.
func (l *layout) room(g group, first bool) int32 {
	best, least := int32(none), 0.0
	for b := range l.in {
		if !l.admits(int32(b), g) {
			continue
		}
		if first {
			return int32(b)
		}
		if s := l.share(l.load[b]); best == none || s < least {
			best, least = int32(b), s
		}
	}
	l.work -= len(l.in) / 4
	return best
}

// scatter puts a group that no open bin takes into several, or into a new one, whatever
// costs less.
func (l *layout) scatter(g group) {
	apart := func() bool {
		for _, v := range g.vertices {
			if !l.place(l.pb.group([]int32{v})) {
				return false
			}
		}
		return true
	}
	asunder, ok := 0.0, false
	if len(g.vertices) > 1 {
		l.attempt(func() bool {
			ok = apart()
			asunder = l.cost
			return false
		})
	}
	b := l.open(l.pb.wave[g.vertices[0]])
	together := l.attempt(func() bool {
		l.putAll(g.vertices, b)
		return !ok || l.cost <= asunder
	})
	if !together {
		l.wave[b] = none
		apart()
	}
}
