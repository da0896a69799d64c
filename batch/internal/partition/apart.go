package partition

import (
	"context"
	"math/rand/v2"
	"slices"
)

// splitApart labels a graph that has vertices to keep apart. What is best without that
// may do so already. Otherwise parts that do not are divided where that cuts least, and the
// search goes on from there: its partitions keep them apart, and so do combinations of
// those.
func (s *search) splitApart(ctx context.Context) ([]int32, error) {
	first := s.divideFirst(ctx)
	floor := int64(0) // below which no cut is likely
	if s.capacity.holds(s.g.total()) {
		if slices.Max(first.labels) == 1 { // along a least cut between some that must be apart
			return first.labels, context.Cause(ctx)
		}
	} else {
		labels, err := (&Splitter{s.spaces}).Split(ctx, s.loose, s.capacity, s.o)
		if err != nil || s.g.keepsApart(labels) {
			return labels, err
		}
		floor = s.g.Cut(labels)
		s.found = append(s.found, s.divide(ctx, individual{labels: labels}, nil, &s.spaces[0]))
	}
	s.found = append(s.found, first)
	s.parts = max(s.parts, int64(s.g.largestGroup()+s.o.Spare))
	s.start(ctx)
	if !s.o.Full && s.found[0].cut > floor {
		s.evolve(ctx)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return s.found[0].labels, nil
}

func (g *Graph) total() (total load) {
	for v := range int32(g.Len()) {
		total = total.plus(g.load(v))
	}
	return total
}

// withoutApart returns g with nothing to keep apart.
func (g *Graph) withoutApart() *Graph {
	if g.Apart == nil {
		return g
	}
	loose := *g
	loose.Apart = nil
	return &loose
}

func (g *Graph) largestGroup() (largest int) {
	members := make(map[int32]int)
	for _, groups := range g.Apart {
		for _, group := range groups {
			members[group]++
			largest = max(largest, members[group])
		}
	}
	return largest
}

// divide makes a partition that keeps apart what must be, of one that may not.
func (s *search) divide(ctx context.Context, from individual, rng *rand.Rand, space *workspace) individual {
	labels, work := separate(s.g, from.labels, rng)
	labels, _ = merge(s.g, labels, s.capacity, space)
	labels, w := refine(ctx, s.g, labels, s.capacity, space)
	found := s.judge(labels, space)
	found.work = from.work + work + w
	return found
}

// divideFirst divides the whole graph, and then splits the parts that do not fit.
func (s *search) divideFirst(ctx context.Context) individual {
	labels, work := separate(s.g, make([]int32, s.g.Len()), nil)
	parts := members(labels)
	count, scratch := int32(len(parts)), make([]int32, s.g.Len())
	for _, vertices := range parts {
		sub := newSearch(s.g.Sub(vertices, scratch), s.capacity, s.o, s.spaces)
		if s.capacity.holds(sub.g.total()) || ctx.Err() != nil {
			continue
		}
		part := sub.fresh(ctx, 0, &s.spaces[0])
		work += part.work
		for i, l := range part.labels {
			if l > 0 {
				labels[vertices[i]] = count + l - 1
			}
		}
		count += slices.Max(part.labels)
	}
	return s.divide(ctx, individual{labels: labels, work: work}, nil, &s.spaces[0])
}

// members returns the vertices with each label.
func members(labels []int32) (list [][]int32) {
	for v, l := range labels {
		for int(l) >= len(list) {
			list = append(list, nil)
		}
		list[l] = append(list[l], int32(v))
	}
	return list
}
