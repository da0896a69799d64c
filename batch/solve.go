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
	bin  []int32
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
	all := pb.components()
	bin = make([]int32, pb.graph.Len())
	bins := 0
	for w := range int32(len(pb.waves)) {
		in := func(g group) bool { return pb.wave[g.vertices[0]] == w }
		c := components{whole: filter(all.whole, in), alone: filter(all.alone, in), loose: filter(all.loose, in)}
		s, least, err := pb.solveWave(ctx, c)
		if err != nil {
			return nil, 0, err
		}
		for v, b := range s.bin {
			if pb.wave[v] == w {
				bin[v] = int32(bins) + b
			}
		}
		bins += s.bins
		bound += least
	}
	return bin, bound, nil
}

func filter(groups []group, keep func(group) bool) (kept []group) {
	for _, g := range groups {
		if keep(g) {
			kept = append(kept, g)
		}
	}
	return kept
}

// solveWave returns the best packing that it finds of the components of a wave, and
// the lower bound on its bins.
func (pb *problem) solveWave(ctx context.Context, c components) (best *solution, bound int, err error) {
	bound = len(c.alone) + max(
		binpack.LowerBound(loads(c.whole), sum(c.loose), pb.capacity()),
		pb.crowd(slices.Concat(c.whole, c.loose)),
	)
	if best, err = pb.solveSmall(ctx, c, bound); best != nil || err != nil {
		return best, bound, err
	}
	for _, way := range ways {
		parts, err := pb.split(ctx, c.loose, way)
		if err != nil {
			return nil, 0, err
		}
		groups := slices.Concat(c.whole, parts)
		s, err := pb.pack(ctx, pb.mergeFamilies(groups), c.alone, bound)
		if err != nil {
			return nil, 0, err
		}
		if s.better(best) {
			best = s
		}
		if best.bins > bound {
			if s, err = pb.pack(ctx, groups, c.alone, bound); err != nil {
				return nil, 0, err
			}
			if s.better(best) {
				best = s
			}
		}
		if len(c.loose) == 0 {
			break
		}
	}
	return best, bound, nil
}

// components is what must stay together and what cannot.
type components struct {
	whole []group // components that fit
	alone []group // single vertices that exceed the size limit by themselves
	loose []group // what connected pieces the other components leave without those
}

func (pb *problem) components() components {
	var c components
	labels := make([]int32, pb.graph.Len()) // 0, or what tells apart a vertex that stands alone
	for v := range labels {
		if one := pb.group([]int32{int32(v)}); !one.load.Fits(pb.capacity()) {
			c.alone = append(c.alone, one)
			labels[v] = int32(len(c.alone))
		}
	}
	fits := make([]bool, pb.graph.Len()) // whether the component of the vertex fits
	for _, vertices := range connected(pb.graph, nil) {
		g := pb.group(vertices)
		if pb.fits(g) {
			c.whole = append(c.whole, g)
			for _, v := range vertices {
				fits[v] = true
			}
		}
	}
	for _, vertices := range connected(pb.graph, labels) {
		if v := vertices[0]; labels[v] == 0 && !fits[v] {
			c.loose = append(c.loose, pb.group(vertices))
		}
	}
	return c
}

// connected returns the vertices of each component that edges within equal
// labels make; nil labels are all equal.
func connected(g *partition.Graph, labels []int32) [][]int32 {
	component, count := g.Components(labels)
	members := make([][]int32, count)
	for v, c := range component {
		members[c] = append(members[c], int32(v))
	}
	return members
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

// split splits the groups that do not fit into ones that do, and those into
// their own components, which nothing keeps from going different ways. It leaves
// the groups that fit.
func (pb *problem) split(ctx context.Context, groups []group, way partition.Options) ([]group, error) {
	var parts []group
	capacity := partition.Capacity{Count: int64(pb.limits.Mailboxes), Size: int64(pb.limits.Size)}
	for _, c := range groups {
		if pb.fits(c) {
			parts = append(parts, c)
			continue
		}
		sub := pb.graph.Sub(c.vertices)
		labels, err := partition.Split(ctx, sub, capacity, way)
		if err != nil {
			return nil, err
		}
		for _, members := range connected(sub, labels) {
			for i, m := range members {
				members[i] = c.vertices[m]
			}
			parts = append(parts, pb.group(members))
		}
	}
	return parts, nil
}

// mergeFamilies merges the groups of each family that fits as a whole.
func (pb *problem) mergeFamilies(groups []group) []group {
	fit := pb.harmonious(groups)
	at := make(map[int32]int) // the merged group of each family that fits
	var merged []group
	for _, g := range groups {
		f := pb.family[g.vertices[0]]
		if i, ok := at[f]; ok {
			merged[i].vertices = append(merged[i].vertices, g.vertices...)
			merged[i].load = merged[i].load.Plus(g.load)
			continue
		}
		if fit[f] {
			at[f] = len(merged)
			g.vertices = slices.Clone(g.vertices)
		}
		merged = append(merged, g)
	}
	return merged
}

// pack puts the groups into bins, and each of those alone into one of its own.
func (pb *problem) pack(ctx context.Context, groups, alone []group, bound int) (*solution, error) {
	of, bins, err := binpack.PackApart(ctx, loads(groups), pb.quarrels(groups), pb.capacity(), bound-len(alone))
	if err != nil {
		return nil, err
	}
	s := &solution{bin: make([]int32, pb.graph.Len()), bins: bins}
	for i, g := range groups {
		for _, v := range g.vertices {
			s.bin[v] = of[i]
		}
	}
	for _, g := range alone {
		s.bin[g.vertices[0]] = int32(s.bins)
		s.bins++
	}
	s.cut = pb.graph.Cut(s.bin)
	return s, nil
}
