package batch

import (
	"context"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/batch/internal/partition"
)

// ways are the ways in which components that do not fit are split: so that the
// parts are as few as possible and even; into one more; so loosely that a part can end
// where that cuts least, at a quarter of a batch; and filled to the brim, so that few small parts
// are left to fill other batches.
var ways = []partition.Options{{}, {Spare: 1}, {Fill: 0.25}, {Full: true, Flat: true}, {Full: true}}

// group is a set of vertices that go into one batch.
type group struct {
	vertices []int32
	load     binpack.Load
}

// solution assigns each vertex of a wave a bin.
type solution struct {
	bin  []int32 // of the vertices of all waves; those of others mean nothing
	bins int
	cut  int64 // weight of the grants between bins, as scale has it
}

// better reports whether s is to be preferred to t: if clearly less is split,
// then if it has fewer batches, then if less is split at all. A nil t is worse than
// anything.
func (s *solution) better(t *solution) bool {
	switch {
	case t == nil:
		return true
	case clearlyLess(s.cut, t.cut):
		return true
	case clearlyLess(t.cut, s.cut):
		return false
	case s.bins != t.bins:
		return s.bins < t.bins
	}
	return s.cut < t.cut
}

// clearlyLess reports whether a is below b by more than a twentieth of it: what
// the heuristics that find cuts can be off by anyway.
func clearlyLess(a, b int64) bool { return a < b-b/20 }

// solve returns the bin of each vertex and the lower bound on their number. Each wave
// is solved by itself, since no grant joins two of them.
func (pb *problem) solve(ctx context.Context) (bin []int32, bound int, err error) {
	n := pb.graph.Len()
	bin = make([]int32, n)
	w := workspace{bins: [2][]int32{make([]int32, n), make([]int32, n)}}
	bins := 0
	for _, c := range pb.byWave(pb.components()) {
		s, least, err := pb.solveWave(ctx, c, &w)
		if err != nil {
			return nil, 0, err
		}
		for _, groups := range [][]group{c.whole, c.alone, c.loose} {
			for _, g := range groups {
				for _, v := range g.vertices {
					bin[v] = int32(bins) + s.bin[v]
				}
			}
		}
		bins += s.bins
		bound += least
	}
	return bin, bound, nil
}

// workspace is memory that the waves use one after the other, so that many waves take no
// more than one.
type workspace struct {
	bins     [2][]int32 // of the best solution and of the next, by vertex
	numbers  []int32    // scratch of Graph.Sub
	families families
	splitter partition.Splitter
}

// keep keeps a solution from being overwritten by the next one.
func (w *workspace) keep(s *solution) *solution {
	w.bins[0], w.bins[1] = w.bins[1], w.bins[0]
	return s
}

// byWave returns what there is of each wave.
func (pb *problem) byWave(all components) []components {
	if len(pb.waves) == 1 {
		return []components{all}
	}
	waves := make([]components, len(pb.waves))
	for _, g := range all.whole {
		c := &waves[pb.wave[g.vertices[0]]]
		c.whole = append(c.whole, g)
	}
	for _, g := range all.alone {
		c := &waves[pb.wave[g.vertices[0]]]
		c.alone = append(c.alone, g)
	}
	for _, g := range all.loose {
		c := &waves[pb.wave[g.vertices[0]]]
		c.loose = append(c.loose, g)
	}
	return waves
}

// solveWave returns the best packing that it finds of the components of a wave, and
// the lower bound on its bins.
func (pb *problem) solveWave(ctx context.Context, c components, w *workspace) (best *solution, bound int, err error) {
	bound = len(c.alone) + max(
		binpack.LowerBound(loads(c.whole), sum(c.loose), pb.capacity()),
		pb.crowd(c.whole, c.loose),
	)
	if best, err = pb.solveSmall(ctx, c, bound, w); best != nil || err != nil {
		return best, bound, err
	}
	subs := pb.subgraphs(c.loose, w)
	try := func(groups []group) error {
		s, err := pb.pack(ctx, groups, c.alone, bound, w.bins[0])
		if err == nil && s.better(best) {
			best = w.keep(s)
		}
		return err
	}
	// Otherwise every family is a component, or does not fit.
	follow := len(pb.held) > 0 || len(pb.waves) > 1 || len(c.alone) > 0
	for _, way := range ways {
		parts, err := pb.split(ctx, c.loose, subs, way, &w.splitter)
		if err != nil {
			return nil, 0, err
		}
		c.whole = slices.Grow(c.whole, len(parts))
		groups := append(c.whole, parts...)
		merged := groups
		if follow {
			merged = pb.mergeFamilies(groups, &w.families)
		}
		if err := try(merged); err != nil {
			return nil, 0, err
		}
		if best.bins > bound && len(merged) < len(groups) {
			if err := try(groups); err != nil {
				return nil, 0, err
			}
		}
		if len(c.loose) == 0 {
			break
		}
	}
	return best, bound, nil
}

// subgraphs returns the graphs of the groups that do not fit, and nil for the others.
func (pb *problem) subgraphs(groups []group, w *workspace) []*partition.Graph {
	subs := make([]*partition.Graph, len(groups))
	for i, g := range groups {
		if pb.fits(g) {
			continue
		}
		if w.numbers == nil {
			w.numbers = make([]int32, pb.graph.Len())
		}
		subs[i] = pb.graph.Sub(g.vertices, w.numbers)
	}
	return subs
}

// splitOnce does what split does for groups that are split in a single way. It sorts their
// vertices, which need not be in order.
func (pb *problem) splitOnce(ctx context.Context, groups []group, way partition.Options, w *workspace) ([]group, error) {
	for _, g := range groups {
		slices.Sort(g.vertices)
	}
	return pb.split(ctx, groups, pb.subgraphs(groups, w), way, &w.splitter)
}

// components is what must stay together and what cannot.
type components struct {
	whole []group // components that fit
	alone []group // single vertices that exceed the limit of size or time by themselves
	loose []group // what connected pieces the other components leave without those
}

func (pb *problem) components() components {
	var c components
	var labels []int32 // 0, or what tells apart a vertex that stands alone
	for v, l := range pb.load {
		if !l.Fits(pb.capacity()) {
			if labels == nil {
				labels = make([]int32, pb.graph.Len())
			}
			c.alone = append(c.alone, group{[]int32{int32(v)}, l})
			labels[v] = int32(len(c.alone))
		}
	}
	all := connected(pb.graph, nil)
	for _, g := range all {
		if !pb.fits(g) {
			c.loose = append(c.loose, g)
		}
	}
	c.whole = slices.DeleteFunc(all, func(g group) bool { return !pb.fits(g) })
	if labels != nil {
		c.loose = pb.without(labels, c.loose)
	}
	return c
}

// without returns the connected pieces that groups leave without the vertices that have
// labels over 0.
func (pb *problem) without(labels []int32, groups []group) (pieces []group) {
	in := make([]bool, pb.graph.Len())
	for _, g := range groups {
		for _, v := range g.vertices {
			in[v] = labels[v] == 0
		}
	}
	for _, g := range connected(pb.graph, labels) {
		if in[g.vertices[0]] {
			pieces = append(pieces, g)
		}
	}
	return pieces
}

// connected returns each component that edges within equal labels make; nil labels are
// all equal.
func connected(g *partition.Graph, labels []int32) []group {
	component, count := g.Components(labels)
	end := make([]int32, count) // in all, of each component
	for _, c := range component {
		end[c]++
	}
	groups, all := make([]group, count), make([]int32, g.Len())
	from := int32(0)
	for c, n := range end {
		groups[c].vertices = all[from : from+n : from+n]
		end[c], from = from, from+n
	}
	for v, c := range component {
		all[end[c]] = int32(v)
		end[c]++
		l := binpack.Load{Count: g.Count[v], Size: g.Size[v]}
		if g.Time != nil {
			l.Time = g.Time[v]
		}
		groups[c].load = groups[c].load.Plus(l)
	}
	return groups
}

func (pb *problem) group(vertices []int32) group {
	g := group{vertices: vertices}
	for _, v := range vertices {
		g.load = g.load.Plus(pb.load[v])
	}
	return g
}

func sum(groups []group) binpack.Load {
	var total binpack.Load
	for _, g := range groups {
		total = total.Plus(g.load)
	}
	return total
}

func loads(groups []group) []binpack.Load {
	l := make([]binpack.Load, len(groups))
	for i, g := range groups {
		l[i] = g.load
	}
	return l
}

// split splits the groups that do not fit, which have graphs of their own, into ones that
// do, and those into their own components, which nothing keeps from going different ways.
// It leaves the groups that fit.
func (pb *problem) split(ctx context.Context, groups []group, subs []*partition.Graph, way partition.Options, s *partition.Splitter) ([]group, error) {
	var parts []group
	capacity := partition.Capacity(pb.capacity())
	for i, c := range groups {
		if subs[i] == nil {
			parts = append(parts, c)
			continue
		}
		labels, err := s.Split(ctx, subs[i], capacity, way)
		if err != nil {
			return nil, err
		}
		for _, part := range connected(subs[i], labels) {
			for at, v := range part.vertices {
				part.vertices[at] = c.vertices[v]
			}
			parts = append(parts, part)
		}
	}
	return parts, nil
}

// families is scratch for each family.
type families struct {
	total  []binpack.Load
	fit    []bool  // whether it fits into a batch, and may be in one
	merged []int32 // the merged group, or none
}

// mergeFamilies merges the groups of each family that fits as a whole, and may be in one
// batch.
func (pb *problem) mergeFamilies(groups []group, f *families) []group {
	pb.measureFamilies(groups, f)
	merged := make([]group, 0, len(groups))
	for _, g := range groups {
		family := pb.family[g.vertices[0]]
		if i := f.merged[family]; i != none {
			merged[i].vertices = append(merged[i].vertices, g.vertices...)
			merged[i].load = merged[i].load.Plus(g.load)
			continue
		}
		if f.fit[family] {
			f.merged[family] = int32(len(merged))
			g.vertices = slices.Clip(g.vertices) // which lets an append copy them
		}
		merged = append(merged, g)
	}
	return merged
}

// pack puts the groups into bins, and each of those alone into one of its own, which it
// notes for each vertex in bin.
func (pb *problem) pack(ctx context.Context, groups, alone []group, bound int, bin []int32) (*solution, error) {
	of, bins, err := binpack.PackApart(ctx, loads(groups), pb.quarrels(groups), pb.capacity(), bound-len(alone))
	if err != nil {
		return nil, err
	}
	s := &solution{bin: bin, bins: bins}
	for i, g := range groups {
		for _, v := range g.vertices {
			bin[v] = of[i]
		}
	}
	for _, g := range alone {
		bin[g.vertices[0]] = int32(s.bins)
		s.bins++
	}
	s.cut = pb.cut(groups, bin) + pb.cut(alone, bin)
	return s, nil
}

// cut returns the weight of the edges from the groups to vertices in other bins that have
// higher numbers.
func (pb *problem) cut(groups []group, bin []int32) (sum int64) {
	for _, g := range groups {
		for _, v := range g.vertices {
			to, weight := pb.graph.Neighbours(v)
			for i, u := range to {
				if v < u && bin[u] != bin[v] {
					sum += int64(weight[i])
				}
			}
		}
	}
	return sum
}
