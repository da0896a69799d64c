// Package assign pairs rows with columns so that as much as possible is in common.
package assign

import "container/heap"

// Pair says how much a row and a column have in common: over 0.
type Pair struct {
	Row, Col int32
	Weight   int64
}

// Best returns the column of each row, or -1, so that no column has two rows and the
// sum of the weights of the pairs that are taken is the largest there is. No row and
// column may be in two pairs.
//
// It adds one row after the other along a shortest path (Jonker and Volgenant,
// Computing 38, 1987), on the given pairs alone: O(r p log p) time for r rows and p
// pairs, of which little is needed where rows and columns mostly go together two by
// two. The result depends on the arguments alone, and on their order if there are
// several that are best.
func Best(rows, cols int, pairs []Pair) []int32 {
	a := newAssignment(rows, cols, pairs)
	for row := range int32(rows) {
		a.add(row)
	}
	return a.col
}

const none = -1

type assignment struct {
	pairs [][]Pair // of each row
	col   []int32  // of each row
	row   []int32  // of each column
	// What the dual problem charges for rows and columns: for each pair at least the
	// negative of its weight in all, and for each row at most 0, which is what it costs
	// to leave it out.
	rowPrice, colPrice []int64

	// Of the search for the path of a row: the columns that were seen, how far each is,
	// and the row before it.
	far    []int64
	before []int32
	seen   []int32
	done   []bool
}

func newAssignment(rows, cols int, pairs []Pair) *assignment {
	a := &assignment{
		pairs: make([][]Pair, rows), col: make([]int32, rows), row: make([]int32, cols),
		rowPrice: make([]int64, rows), colPrice: make([]int64, cols),
		far: make([]int64, cols), before: make([]int32, cols), done: make([]bool, cols),
	}
	for _, p := range pairs {
		a.pairs[p.Row] = append(a.pairs[p.Row], p)
	}
	for r := range a.col {
		a.col[r] = none
	}
	for c := range a.row {
		a.row[c], a.before[c] = none, none
	}
	return a
}

// add gives the row a column, or leaves out the row that is best left out, so that the
// sum is the largest for the rows so far.
func (a *assignment) add(start int32) {
	for _, p := range a.pairs[start] {
		a.rowPrice[start] = min(a.rowPrice[start], -p.Weight-a.colPrice[p.Col])
	}
	q := &queue{far: a.far, row: a.row}
	end, out := int32(none), int32(none) // the free column, or the row left out, where the path ends
	length := int64(0)
	at, distance := start, int64(0)
	for {
		if l := distance - a.rowPrice[at]; out == none || l < length {
			out, length = at, l
		}
		a.relax(q, at, distance)
		c := q.next(a.done)
		if c == none || a.far[c] >= length {
			break
		}
		a.done[c] = true
		if a.row[c] == none {
			end, length = c, a.far[c]
			break
		}
		at, distance = a.row[c], a.far[c]
	}
	a.charge(start, length)
	if end == none {
		end, a.col[out] = a.col[out], none
	}
	for c := end; c != none; {
		r := a.before[c]
		c, a.col[r], a.row[c] = a.col[r], c, r
	}
	for _, c := range a.seen {
		a.before[c], a.done[c] = none, false
	}
	a.seen = a.seen[:0]
}

// relax looks at the columns of a row that is at a distance.
func (a *assignment) relax(q *queue, row int32, distance int64) {
	for _, p := range a.pairs[row] {
		d := distance - p.Weight - a.rowPrice[row] - a.colPrice[p.Col]
		if a.done[p.Col] || a.before[p.Col] != none && d >= a.far[p.Col] {
			continue
		}
		if a.before[p.Col] == none {
			a.seen = append(a.seen, p.Col)
		}
		a.far[p.Col], a.before[p.Col] = d, row
		heap.Push(q, entry{p.Col, d})
	}
}

// charge changes the prices of what the search passed, so that all of the path is
// tight.
func (a *assignment) charge(start int32, length int64) {
	a.rowPrice[start] += length
	for _, c := range a.seen {
		if d := length - a.far[c]; a.done[c] && d > 0 {
			a.colPrice[c] -= d
			a.rowPrice[a.row[c]] += d
		}
	}
}

type entry struct {
	col int32
	far int64
}

// queue has the columns that were seen, the nearest first, and of equal ones those that
// are free, at which the search can end. An entry that says another distance than far is
// out of date.
type queue struct {
	far     []int64
	row     []int32
	entries []entry
}

func (q *queue) next(done []bool) int32 {
	for len(q.entries) > 0 {
		if e := heap.Pop(q).(entry); !done[e.col] && e.far == q.far[e.col] {
			return e.col
		}
	}
	return none
}

func (q *queue) Len() int { return len(q.entries) }
func (q *queue) Less(i, j int) bool {
	a, b := q.entries[i], q.entries[j]
	if a.far != b.far {
		return a.far < b.far
	}
	if free, also := q.row[a.col] == none, q.row[b.col] == none; free != also {
		return free
	}
	return a.col < b.col
}
func (q *queue) Swap(i, j int) { q.entries[i], q.entries[j] = q.entries[j], q.entries[i] }
func (q *queue) Push(x any)    { q.entries = append(q.entries, x.(entry)) }
func (q *queue) Pop() any {
	last := len(q.entries) - 1
	e := q.entries[last]
	q.entries = q.entries[:last]
	return e
}
