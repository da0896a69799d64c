package batch

import (
	"context"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/batch/internal/leastcut"
)

const (
	// splitWork bounds the search for all ways to split the components of a wave, to about
	// a second.
	splitWork = 5_000_000

	// mostTried bounds how many choices of ways to split are packed, times the fourth power
	// of the number of groups, since many take longer to pack. All choices for nine
	// mailboxes are within it: there are 10,096 ways to make five groups or more of them,
	// which is the worst.
	mostTried = 10_096 * 5 * 5 * 5 * 5

	// leastTried is how many are packed anyway.
	leastTried = 5
)

// solveSmall returns the best packing of the components of a wave if those that must be
// split are so small that all ways to split them can be tried. It splits the least weight
// there is. Of all packings that do, it looks for those in the fewest bins, and then for one
// that keeps families whole, in all choices of ways or, where those are too many, in some. It
// returns nil if there is nothing to split, or too much to try.
func (pb *problem) solveSmall(ctx context.Context, c components, bound int, w *workspace) (best *solution, err error) {
	splits := pb.leastSplits(ctx, c.loose)
	choices := pb.choices(splits, len(c.whole))
	for _, merge := range []bool{true, false} {
		for _, choice := range choices {
			groups := slices.Clone(c.whole)
			for i, ways := range splits {
				groups = append(groups, ways[choice[i]]...)
			}
			merged := pb.mergeFamilies(groups, &w.families)
			if merge {
				groups = merged
			} else if len(merged) == len(groups) {
				continue // as before
			}
			s, err := pb.pack(ctx, groups, c.alone, bound, w.bins[0])
			if err != nil {
				return nil, err
			}
			if best == nil || s.bins < best.bins {
				best = w.keep(s)
			}
			if best.bins == bound {
				return best, nil
			}
		}
	}
	return best, nil
}

// choices returns choices of a way for each component that is split, beside so many groups:
// all there are, or, if those are too many, some in which all components have ways that
// come about equally early.
func (pb *problem) choices(splits [][][]group, groups int) (choices [][]int) {
	if splits == nil {
		return nil
	}
	count := 1.0
	for _, ways := range splits {
		groups += len(ways[0])
		count *= float64(len(ways))
	}
	n := float64(groups)
	tries := max(mostTried/(n*n*n*n), leastTried)
	for t := range int(min(tries, count)) {
		choice := make([]int, len(splits))
		rest := t
		for i, ways := range splits {
			if count > tries {
				choice[i] = int(float64(t) / (tries - 1) * float64(len(ways)-1))
				continue
			}
			choice[i] = rest % len(ways)
			rest /= len(ways)
		}
		choices = append(choices, choice)
	}
	return choices
}

// leastSplits returns the ways to split each group that cut least, those with the fewest
// parts and the most even ones first. A group that can be whole has a single one, which leaves it
// whole. It returns nil if there is too much to try, or nothing, or if the context is
// canceled.
func (pb *problem) leastSplits(ctx context.Context, groups []group) (splits [][][]group) {
	for _, g := range groups {
		if len(g.vertices) > leastcut.MostVertices && !pb.fits(g) {
			return nil
		}
	}
	if len(groups) == 0 {
		return nil
	}
	work := splitWork
	edges := pb.edgesWithin(groups)
	for i, g := range groups {
		ways := [][]group{{g}}
		if !pb.fits(g) {
			ways, work = pb.waysToSplit(g, edges[i], work)
		}
		if len(ways) == 0 || ctx.Err() != nil {
			return nil
		}
		splits = append(splits, ways)
	}
	return splits
}

// waysToSplit returns the ways to split a group that cut least, none if there is too much to
// try, and how much work is left.
func (pb *problem) waysToSplit(g group, edges []leastcut.Edge, work int) (ways [][]group, left int) {
	vertexLoads := make([]binpack.Load, len(g.vertices))
	var apart [][]int32
	for at, v := range g.vertices {
		vertexLoads[at] = pb.load[v]
		if pb.apart != nil {
			apart = append(apart, pb.apart[v])
		}
	}
	labels, left := leastcut.Splits(vertexLoads, apart, edges, pb.capacity(), work)
	for _, l := range labels {
		ways = append(ways, pb.parts(g.vertices, l))
	}
	return ways, left
}

// edgesWithin returns the links within each of the groups, by the positions of vertices in
// it. Unlike the graph it has their weights as they are.
func (pb *problem) edgesWithin(groups []group) [][]leastcut.Edge {
	type place struct{ group, at int32 }
	places := make(map[int32]place)
	for i, g := range groups {
		for at, v := range g.vertices {
			places[v] = place{int32(i), int32(at)}
		}
	}
	edges := make([][]leastcut.Edge, len(groups))
	for _, l := range pb.links {
		if l.hub {
			continue
		}
		u, ok := places[pb.vertex[l.mailbox]]
		v, also := places[pb.vertex[l.trustee]]
		if ok && also && u.group == v.group && u.at != v.at {
			edges[u.group] = append(edges[u.group], leastcut.Edge{U: u.at, V: v.at, Weight: l.weight})
		}
	}
	return edges
}

// parts returns the groups that labels make of vertices.
func (pb *problem) parts(vertices, labels []int32) []group {
	members := make([][]int32, slices.Max(labels)+1)
	for at, l := range labels {
		members[l] = append(members[l], vertices[at])
	}
	parts := make([]group, len(members))
	for i, m := range members {
		parts[i] = pb.group(m)
	}
	return parts
}
