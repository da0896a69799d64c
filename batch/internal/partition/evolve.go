package partition

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
)

// individual is a partition in a population.
type individual struct {
	labels []int32
	over   int64 // number of parts beyond those asked for
	cut    int64
	work   int // what it took to find
}

// compare returns a number below 0 if the partition is better than o, over 0 if worse.
func (i individual) compare(o individual) int {
	return cmp.Or(cmp.Compare(i.over, o.over), cmp.Compare(i.cut, o.cut))
}

// search is a search for the best partition: a population of them, of which pairs are
// combined.
//
// The combination is that of Sanders and Schulz (14th Workshop on Algorithm Engineering
// and Experiments, 2012): clusters are formed that neither of two partitions cuts, the
// better of both is put on the coarsest level, and refined on each on the way down. So no
// result is worse than the better of both, what both agree on is kept, and where they
// differ whole regions can change sides.
type search struct {
	g        *Graph
	loose    *Graph // g with nothing to keep apart
	capacity Capacity
	o        Options
	parts    int64        // as many parts as may be
	found    []individual // the best first
	work     int
	budget   int         // how much of that the search may take
	spaces   []workspace // one or more, for as many goroutines
}

// Bounds on the effort. They are of work, not of time, so that the result is the same on
// any machine.
const (
	mostStarts  = 8       // how many starts are made at a time
	startBudget = 400_000 // vertices and edges over all of those
	fullStarts  = 4       // how many if parts are to be full, which is not about the cut
	mostFound   = 24      // partitions in the population
	litter      = 4       // how many are made of others at a time
	patient     = 10      // how many litters without a better one end the search

	// How often a search may look at an edge. It takes about a second for some thousand
	// vertices. Small graphs, of which there may be many, get less, and so do large ones:
	// no more than the first starts take.
	mostWork  = 100_000_000
	smallWork = 5                     // looks are at most the square of the size divided by this
	largeWork = 5_000_000_000_000_000 // and this divided by the square of the number of vertices
)

// budget returns how much work a search in g may take.
func budget(g *Graph) int {
	size := int64(g.Len() + len(g.Adj)/2)
	vertices := int64(max(g.Len(), 1))
	return int(min(size*size/smallWork, largeWork/(vertices*vertices), mostWork))
}

func newSearch(g *Graph, capacity Capacity, o Options, spaces []workspace) *search {
	s := &search{g: g, loose: g.withoutApart(), capacity: capacity, o: o, parts: int64(g.Len()), budget: budget(g), spaces: spaces}
	if o.Fill == 0 {
		var total load
		for v := range int32(g.Len()) {
			total = total.plus(g.load(v))
		}
		s.parts = capacity.parts(total) + int64(o.Spare)
	}
	return s
}

// start fills the population.
func (s *search) start(ctx context.Context) {
	starts := min(max(startBudget/(s.g.Len()+len(s.g.Adj)/2+1), 1), mostStarts)
	if s.o.Full {
		starts = min(starts, fullStarts)
	}
	for len(s.found) < mostFound && ctx.Err() == nil {
		first := len(s.found)
		s.found = append(s.found, s.make(ctx, starts, func(i int, space *workspace) individual {
			return s.fresh(ctx, uint64(first+i), space)
		})...)
		if s.o.Full || s.work > s.budget/4 {
			break
		}
	}
	slices.SortStableFunc(s.found, individual.compare)
}

// evolve improves the population, litter by litter. What a litter is made from is settled
// before it, so that it does not matter how many processors make it.
func (s *search) evolve(ctx context.Context) {
	rng := rand.New(rand.NewPCG(uint64(s.g.Len()), 0x5eed))
	fresh := uint64(mostFound)
	for idle := 0; idle < patient && s.work < s.budget && ctx.Err() == nil && s.found[0].cut > 0; idle++ {
		type couple struct{ a, b int }
		couples := make([]couple, litter)
		seeds := make([]uint64, litter)
		for i := range couples {
			couples[i] = couple{rng.IntN(len(s.found)), rng.IntN(len(s.found))}
			seeds[i] = fresh
			fresh++
		}
		children := s.make(ctx, litter, func(i int, space *workspace) individual {
			if i == litter-1 {
				mutant := s.fresh(ctx, seeds[i], space)
				child := s.combine(ctx, s.found[0], mutant, seeds[i], space)
				child.work += mutant.work
				return child
			}
			return s.combine(ctx, s.found[couples[i].a], s.found[couples[i].b], seeds[i], space)
		})
		if ctx.Err() != nil {
			return // some were not made
		}
		best := s.found[0]
		for _, c := range children {
			s.insert(c)
		}
		if s.found[0].compare(best) < 0 {
			idle = -1
		}
	}
}

// insert puts a partition into the population, in the place of the one most like it of those
// that are no better, so that the population stays diverse.
func (s *search) insert(c individual) {
	at, least := -1, 0
	for i, f := range s.found {
		if f.compare(c) < 0 {
			continue
		}
		if d := s.g.difference(f.labels, c.labels); at < 0 || d <= least {
			at, least = i, d
		}
	}
	s.work += len(s.found) * len(s.g.Adj) / 2
	if at >= 0 {
		s.found[at] = c
		slices.SortStableFunc(s.found, individual.compare)
	}
}

// difference returns how many edges are cut by one of two partitions only.
func (g *Graph) difference(a, b []int32) int {
	sum := 0
	for v := range int32(g.Len()) {
		to, _ := g.Neighbours(v)
		for _, u := range to {
			if u > v && (a[u] == a[v]) != (b[u] == b[v]) {
				sum++
			}
		}
	}
	return sum
}

// make makes that many partitions, each in one of the workspaces, and counts the work.
func (s *search) make(ctx context.Context, count int, one func(i int, space *workspace) individual) []individual {
	made := make([]individual, count)
	var next atomic.Int64
	var workers sync.WaitGroup
	for w := range min(count, len(s.spaces)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < count && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				made[i] = one(i, &s.spaces[w])
			}
		})
	}
	workers.Wait()
	for _, m := range made {
		s.work += m.work
	}
	return made
}

// fresh makes a partition from scratch. If the context is canceled, what it returns means
// nothing.
func (s *search) fresh(ctx context.Context, seed uint64, space *workspace) individual {
	rng := rand.New(rand.NewPCG(seed, uint64(s.g.Len())))
	levels := []level{{graph: s.loose}}
	if !s.o.Flat {
		c := coarsener{capacity: s.capacity, rng: rng, space: space, communities: seed%2 == 1}
		levels = c.levels(ctx, s.loose, nil)
	}
	labels, work := initial(ctx, levels[len(levels)-1].graph, s.capacity, s.o, rng, space)
	found := s.descend(ctx, levels, labels, work, space)
	if s.g.Apart != nil {
		found = s.divide(ctx, found, rng, space)
	}
	return found
}

// combine makes a partition from two, or improves one if both are the same.
func (s *search) combine(ctx context.Context, a, b individual, seed uint64, space *workspace) individual {
	if b.compare(a) < 0 {
		a, b = b, a
	}
	rng := rand.New(rand.NewPCG(seed, uint64(s.g.Len())))
	c := coarsener{capacity: s.capacity, rng: rng, space: space, communities: seed%2 == 1}
	levels := c.levels(ctx, s.g, common(a.labels, b.labels))
	labels := slices.Clone(a.labels)
	for _, l := range levels[1:] {
		labels = lift(labels, l)
	}
	return s.descend(ctx, levels, labels, 0, space)
}

// common labels what has the same labels in a and the same in b.
func common(a, b []int32) []int32 {
	number := make(map[[2]int32]int32)
	out := make([]int32, len(a))
	for v := range a {
		key := [2]int32{a[v], b[v]}
		n, ok := number[key]
		if !ok {
			n = int32(len(number))
			number[key] = n
		}
		out[v] = n
	}
	return out
}

// descend carries a partition of the coarsest level down to the graph, refining it on
// each level.
func (s *search) descend(ctx context.Context, levels []level, labels []int32, work int, space *workspace) individual {
	for i := len(levels) - 1; ; i-- {
		var w int
		labels, w = refine(ctx, levels[i].graph, labels, s.capacity, space)
		work += w + levels[i].graph.Len() + 2*len(levels[i].graph.Adj)
		if i == 0 {
			break
		}
		buffer := &space.labels[i%2]
		*buffer = resized(*buffer, len(levels[i].cluster))
		project(labels, levels[i].cluster, *buffer)
		labels = *buffer
	}
	found := s.judge(labels, space)
	found.work = work
	return found
}

// judge joins what parts fit together and says how good the partition is.
func (s *search) judge(labels []int32, space *workspace) individual {
	labels, parts := merge(s.g, labels, s.capacity, space)
	return individual{labels: labels, over: max(0, int64(parts)-s.parts), cut: s.g.Cut(labels)}
}
