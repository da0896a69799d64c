package binpack

import (
	"math"
	"slices"
)

// master is the linear program of packing: each known pattern may be used any number of
// times, fractions too, so that each kind is there as often as it is in demand, and as
// few are used as possible (Gilmore and Gomory, Operations Research 9, 1961). It is
// solved by the simplex method, which keeps the inverse of the basis.
//
// A kind may also take the place of the next one, which is no larger. That adds nothing
// that patterns could not do, but keeps the prices in order, with which far fewer
// patterns do (Valerio de Carvalho, INFORMS Journal on Computing 17, 2005).
//
// Products are rounded before they are added, so that any machine gets the same numbers.
type master struct {
	next  []int32  // of the stock
	basis []column // one for each kind
	x     []float64
	y     []float64   // what one more of each kind would cost
	inv   [][]float64 // by kind: how x changes for one more of it
	pace  []float64   // how x changes for what enters
	work  *int        // is charged for sets of items looked at
}

// column is what may be used to meet demand: a pattern, or one kind in place of another,
// or what undoes either.
type column struct {
	parts      pattern
	swap, undo bool
}

const (
	undoing   = 4    // what it costs to undo, more than any item is worth
	gainful   = 1e-7 // a column that gains less does not pay
	pivotal   = 1e-6 // the smallest number to divide by
	closeness = 1e-9 // numbers no farther apart count as equal
)

func (c column) cost() float64 {
	switch {
	case c.undo:
		return undoing
	case c.swap:
		return 0
	}
	return 1
}

func (c column) sign() float64 {
	if c.undo {
		return -1
	}
	return 1
}

// newMaster starts from bins of one kind each.
func newMaster(st *stock, work *int) *master {
	m := len(st.load)
	l := &master{
		next: st.next, basis: make([]column, m), x: make([]float64, m), y: make([]float64, m),
		inv: make([][]float64, m), pace: make([]float64, m), work: work,
	}
	for k, n := range st.demand {
		fit := st.fit(int32(k), n)
		l.basis[k] = column{parts: pattern{{int32(k), fit}}}
		l.inv[k] = make([]float64, m)
		l.inv[k][k] = 1 / float64(fit)
		l.y[k] = 1 / float64(fit)
	}
	l.want(st.demand)
	return l
}

func (l *master) clone() *master {
	c := *l
	c.basis, c.x, c.y, c.pace = slices.Clone(l.basis), slices.Clone(l.x), slices.Clone(l.y), slices.Clone(l.pace)
	c.inv = make([][]float64, len(l.inv))
	for k := range l.inv {
		c.inv[k] = slices.Clone(l.inv[k])
	}
	return &c
}

// want sets the demand. What would be used less often than never to meet it is replaced
// by its undoing, so that improve has something to start from.
func (l *master) want(demand []int32) {
	clear(l.x)
	for k, n := range demand {
		l.addTo(l.x, k, float64(n))
	}
	for r, x := range l.x {
		if x < 0 {
			l.basis[r].undo = !l.basis[r].undo
			l.x[r] = -x
			for k := range l.inv {
				l.inv[k][r] = -l.inv[k][r]
			}
		}
	}
	for k := range l.y {
		l.y[k] = 0
		for r, v := range l.inv[k] {
			l.y[k] += float64(l.basis[r].cost() * v)
		}
	}
	*l.work -= len(l.x) * len(l.x) / 8
}

// addTo adds to x how it changes for n more of a kind.
func (l *master) addTo(x []float64, kind int, n float64) {
	if n == 0 {
		return
	}
	for r, v := range l.inv[kind] {
		x[r] += float64(n * v)
	}
}

// improve brings in columns until none of those in the pool pays. It returns false if it gets
// stuck or there is too little work left.
func (l *master) improve(pool []pattern) bool {
	parts := len(l.y)
	for _, p := range pool {
		parts += len(p)
	}
	for range 50 * len(l.x) {
		best, gain := column{}, float64(gainful)
		for k, next := range l.next {
			if next >= 0 && l.y[next]-l.y[k] > gain {
				best, gain = column{parts: pattern{{int32(k), -1}, {next, 1}}, swap: true}, l.y[next]-l.y[k]
			} else if next < 0 && -l.y[k] > gain {
				best, gain = column{parts: pattern{{int32(k), -1}}, swap: true}, -l.y[k]
			}
		}
		for _, p := range pool {
			if c := (column{parts: p}); l.gain(c) > gain {
				best, gain = c, l.gain(c)
			}
		}
		*l.work -= parts / 8
		if gain == gainful {
			return true
		}
		if *l.work < 0 || !l.enter(best) {
			return false
		}
	}
	return false
}

// gain returns by how much a column costs less than what it holds is worth.
func (l *master) gain(c column) float64 {
	var worth float64
	for _, p := range c.parts {
		worth += float64(l.y[p.kind] * float64(p.n))
	}
	return c.sign()*worth - c.cost()
}

// enter brings a column into the basis, in place of the one that is first to be used no
// more. It returns false if numbers are too small for that.
func (l *master) enter(c column) bool {
	clear(l.pace)
	for _, p := range c.parts {
		l.addTo(l.pace, int(p.kind), c.sign()*float64(p.n))
	}
	out, least := -1, math.Inf(1)
	for r, d := range l.pace {
		if d < pivotal {
			continue
		}
		if t := max(l.x[r], 0) / d; t < least-closeness || t < least+closeness && d > l.pace[out] {
			out, least = r, t
		}
	}
	if out < 0 {
		return false
	}
	gain, by := l.gain(c), l.pace[out]
	l.pace[out] = by - 1 // so that 1/by of the row is left
	step := l.x[out] / by
	for r, d := range l.pace {
		l.x[r] -= float64(step * d)
	}
	for k, change := range l.inv {
		v := change[out] / by
		if v == 0 {
			continue
		}
		l.y[k] -= float64(gain * v)
		for r, d := range l.pace {
			change[r] -= float64(v * d)
		}
		*l.work -= len(l.pace) / 16
	}
	l.basis[out] = c
	*l.work -= len(l.pace) / 2
	return true
}

// bins returns how many patterns the demand needs.
func (l *master) bins(demand []int32) (sum float64) {
	for k, n := range demand {
		sum += float64(l.y[k] * float64(n))
	}
	return sum
}
