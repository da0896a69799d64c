package batch

import (
	"github.com/staged-migration/staged/batch/internal/binpack"
)

// repacker is what a search for a plan that changes little goes by. It does not change.
type repacker struct {
	pb          *problem
	past        *past
	moveWeight  float64
	batchWeight float64
	mend        bool
	capacity    binpack.Load
	first       []int32   // of each vertex, and one more: where its positions begin in members
	members     []int32   // positions
	had         []float64 // of each vertex: how many of its members had a place
	peopled     []bool    // of each open batch of the previous plan: whether anybody planned was there
	row         []int32   // of each vertex, and one more: where its ties begin
	ties        []bond
	waits       []bool   // of each vertex: whether a grant ties it to what a frozen batch has moved
	fixed       []int32  // of each vertex: the bin that it is pinned to, or none
	names       []string // of the bins that have one from the start: those of the previous plan, and then those that only pins name
	pinned      []int32  // of each of those: the vertex that is pinned to it, or none
	least       float64
	space       workspace
}

// bond is a grant between mailboxes of two vertices that may cost something, seen from one
// of them.
type bond struct {
	to          int32 // the other vertex
	weight      float64
	mine, other int32 // where both mailboxes were if that was in two open batches, which costs nothing; else none
}

func newRepacker(pb *problem, past *past, p *Previous) *repacker {
	r := &repacker{pb: pb, past: past, moveWeight: p.MoveWeight, batchWeight: p.BatchWeight, mend: p.Mend, capacity: pb.capacity()}
	if r.moveWeight == 0 {
		r.moveWeight = DefaultMoveWeight
	}
	if r.batchWeight == 0 {
		r.batchWeight = DefaultBatchWeight
	}
	r.fix()
	r.collect()
	r.tie()
	return r
}

// was returns the open batch in which the mailbox at a position was, or none.
func (r *repacker) was(position int32) int32 { return r.past.place[position].open }

// collect fills in who is in each vertex.
func (r *repacker) collect() {
	r.first = make([]int32, len(r.pb.load)+1)
	r.had, r.peopled = make([]float64, len(r.pb.load)), make([]bool, len(r.past.open))
	for i, v := range r.pb.vertex {
		if v == none {
			continue
		}
		r.first[v+1]++
		if b := r.was(int32(i)); b != none {
			r.had[v]++
			r.peopled[b] = true
		}
	}
	for v := range r.had {
		r.first[v+1] += r.first[v]
	}
	r.members = make([]int32, r.first[len(r.had)])
	next := append([]int32(nil), r.first...)
	for i, v := range r.pb.vertex {
		if v != none {
			r.members[next[v]] = int32(i)
			next[v]++
		}
	}
}

// tie fills in the ties, and who waits.
func (r *repacker) tie() {
	n := len(r.pb.load)
	r.row, r.waits = make([]int32, n+1), make([]bool, n)
	largest := r.moveWeight
	for _, l := range r.pb.links {
		u, v := r.pb.vertex[l.mailbox], r.pb.vertex[l.trustee]
		switch {
		case l.hub:
		case r.joins(l):
			r.row[u+1]++
			r.row[v+1]++
			largest = max(largest, l.weight)
		case u != none && r.past.moved(int(l.trustee)):
			r.waits[u] = true
		case v != none && r.past.moved(int(l.mailbox)):
			r.waits[v] = true
		}
	}
	for v := range n {
		r.row[v+1] += r.row[v]
	}
	r.ties = make([]bond, r.row[n])
	next := append([]int32(nil), r.row...)
	for _, l := range r.pb.links {
		if l.hub || !r.joins(l) {
			continue
		}
		u, v := r.pb.vertex[l.mailbox], r.pb.vertex[l.trustee]
		a, b := r.was(l.mailbox), r.was(l.trustee)
		if r.mend || a == none || b == none || a == b {
			a, b = none, none
		}
		r.ties[next[u]] = bond{to: v, weight: l.weight, mine: a, other: b}
		r.ties[next[v]] = bond{to: u, weight: l.weight, mine: b, other: a}
		next[u]++
		next[v]++
	}
	r.least = largest * 1e-9
}

// joins reports whether it matters if both ends of a link are together: if they are planned,
// in one wave, and not together anyway.
func (r *repacker) joins(l link) bool {
	u, v := r.pb.vertex[l.mailbox], r.pb.vertex[l.trustee]
	return u != none && v != none && u != v && r.pb.wave[u] == r.pb.wave[v]
}

// tiesOf returns the ties of a vertex.
func (r *repacker) tiesOf(v int32) []bond { return r.ties[r.row[v]:r.row[v+1]] }

// stayed returns how many members of v were in bin b.
func (r *repacker) stayed(v, b int32) (count float64) {
	if r.had[v] == 0 {
		return 0
	}
	for _, i := range r.members[r.first[v]:r.first[v+1]] {
		if r.was(i) == b {
			count++
		}
	}
	return count
}

// alone reports whether v exceeds a limit by itself.
func (r *repacker) alone(v int32) bool { return !r.pb.load[v].Fits(r.capacity) }

// layout says which bin each vertex is in. Bins up to the number of open batches of the
// previous plan are those, and further ones are new. What is pinned to a bin is in no other
// one, from start or match on.
type layout struct {
	*repacker
	bin  []int32 // of each vertex, or none
	at   []int32 // of each vertex: where it is in the list of its bin
	in   [][]int32
	load []binpack.Load
	wave []int32 // of each bin: whom it takes, or none if nobody

	parties []map[int32]int // of each bin: how many of each number that must be apart are in it

	cost float64 // by how much what was put where has raised the cost
	log  []step  // what was put where

	pull   []float64 // of each bin, 0 between uses
	marked []bool    // of each vertex, false between uses
	work   int       // what the search may still look at
}

// step is that a vertex came from a bin.
type step struct{ v, from int32 }

func (r *repacker) newLayout() *layout {
	n := len(r.pb.load)
	l := &layout{repacker: r, bin: make([]int32, n), at: make([]int32, n), marked: make([]bool, n), work: 100*n + 50_000_000}
	for v := range l.bin {
		l.bin[v] = none
	}
	for range r.names {
		l.add(none)
	}
	return l
}

// add adds a bin.
func (l *layout) add(wave int32) int32 {
	l.in = append(l.in, nil)
	l.load = append(l.load, binpack.Load{})
	l.wave = append(l.wave, wave)
	l.pull = append(l.pull, 0)
	l.parties = append(l.parties, nil)
	return int32(len(l.in) - 1)
}

// open returns an empty bin: one of the previous plan if those who were there are planned
// and have all left it, else a new one.
func (l *layout) open(wave int32) int32 {
	for b := range l.in {
		old := b < len(l.past.open)
		if len(l.in[b]) == 0 && l.wave[b] == none && (!old || l.peopled[b]) {
			l.wave[b] = wave
			return int32(b)
		}
	}
	return l.add(wave)
}

// counts reports whether a bin costs something.
func (l *layout) counts(b int32) bool { return l.mend || int(b) >= len(l.past.open) }

// split returns what a tie costs if its ends are in these bins.
func (t *bond) split(mine, other int32) float64 {
	if mine == other || other == none || t.mine != none && t.mine == mine && t.other == other {
		return 0
	}
	return t.weight
}

// price returns what v costs in bin b, with everyone else where they are.
func (l *layout) price(v, b int32) float64 {
	sum := l.moveWeight * (l.had[v] - l.stayed(v, b))
	for i := range l.tiesOf(v) {
		t := &l.tiesOf(v)[i]
		sum += t.split(b, l.bin[t.to])
	}
	return sum
}

// put puts v into a bin, or into none.
func (l *layout) put(v, to int32) {
	from := l.bin[v]
	if from == to {
		return
	}
	if from != none {
		l.cost -= l.price(v, from)
		list := l.in[from]
		last := list[len(list)-1]
		list[l.at[v]], l.at[last] = last, l.at[v]
		l.in[from] = list[:len(list)-1]
		l.load[from] = l.load[from].Minus(l.pb.load[v])
		l.meet(v, from, -1)
		if len(l.in[from]) == 0 && l.counts(from) {
			l.cost -= l.batchWeight
		}
	}
	l.bin[v] = to
	if to != none {
		if len(l.in[to]) == 0 && l.counts(to) {
			l.cost += l.batchWeight
		}
		l.cost += l.price(v, to)
		l.at[v] = int32(len(l.in[to]))
		l.in[to] = append(l.in[to], v)
		l.load[to] = l.load[to].Plus(l.pb.load[v])
		l.meet(v, to, 1)
	}
	l.log = append(l.log, step{v, from})
}

func (l *layout) putAll(group []int32, to int32) {
	for _, v := range group {
		l.put(v, to)
	}
}

// attempt does what can be undone, and undoes it unless it is worth it. Attempts nest.
func (l *layout) attempt(do func() bool) bool {
	mark, cost := len(l.log), l.cost
	l.cost = 0 // small differences are not lost beside a large sum
	if do() {
		l.cost += cost
		return true
	}
	for len(l.log) > mark {
		last := l.log[len(l.log)-1]
		l.put(last.v, last.from)
		l.log = l.log[:len(l.log)-2]
	}
	l.cost = cost
	return false
}

// total returns what the layout costs.
func (l *layout) total() float64 {
	sum := 0.0
	for v, b := range l.bin {
		sum += l.moveWeight * (l.had[v] - l.stayed(int32(v), b))
		for i := range l.tiesOf(int32(v)) {
			if t := &l.tiesOf(int32(v))[i]; int32(v) < t.to {
				sum += t.split(b, l.bin[t.to])
			}
		}
	}
	for b := range l.in {
		if len(l.in[b]) > 0 && l.counts(int32(b)) {
			sum += l.batchWeight
		}
	}
	return sum
}
