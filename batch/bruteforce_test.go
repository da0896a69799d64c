package batch_test

import "math"

// nothing is by how large a part one weight must exceed another to be more: sums of the same
// weights in another order differ by less.
const nothing = 1e-12

// goal bounds a search: it is for a plan that splits no more than the weight, in no more
// batches, and that a caller accepts.
type goal struct {
	weight  float64
	batches int
}

// search tries all plans that reach the goal, as restricted growth strings: mailbox i goes
// into one of the batches that those before it are in, or into the next. Each plan
// that it finds is given to found, which returns the goal from there on.
func (d *definition) search(g goal, found func(p plan, split float64) goal) {
	p := make(plan, len(d.planned))
	var place func(i, used int, split float64)
	place = func(i, used int, split float64) {
		if i == len(p) {
			g = found(p, split)
			return
		}
		for b := range min(used+1, g.batches) {
			p[i] = b
			cut := split
			for j := range i {
				if p[j] != b {
					cut += d.weight[i][j]
				}
			}
			if cut <= g.weight*(1+nothing) && d.mayEnd(p[:i+1]) {
				place(i+1, max(used, b+1), cut)
			}
		}
	}
	place(0, 0, 0)
}

// mayEnd reports whether the last mailbox of a part of a plan is well placed.
func (d *definition) mayEnd(p plan) bool {
	last := len(p) - 1
	for j := range last {
		if !d.tieHolds(p, last, j) {
			return false
		}
	}
	members := p.members(p[last])
	return len(members) == 1 || d.fits(members)
}

// best returns the least weight that can be split, and the fewest batches in which that can
// be; false if there is no plan.
func (d *definition) best() (split float64, batches int, ok bool) {
	g := goal{math.Inf(1), len(d.planned)}
	split = math.Inf(1)
	d.search(g, func(p plan, s float64) goal {
		if !ok || s < split*(1-nothing) || p.batches() < batches {
			split, batches, ok = s, p.batches(), true
		}
		return goal{split, len(p)}
	})
	return split, batches, ok
}

// fewest returns the fewest batches in which no more than a weight is split; false if there
// is no plan.
func (d *definition) fewest(weight float64) (batches int, ok bool) {
	batches = len(d.planned)
	d.search(goal{weight, batches}, func(p plan, _ float64) goal {
		ok, batches = true, p.batches()
		return goal{weight, batches - 1}
	})
	return batches, ok
}
