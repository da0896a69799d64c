package batch

import (
	"slices"

	"github.com/staged-migration/staged/inventory"
)

// PairExplanation says what ties two mailboxes together.
type PairExplanation struct {
	From, To           *inventory.Mailbox
	FromBatch, ToBatch string // "" if held
	Tie                Tie
	Chain              []Link // from one to the other: the fewest that there are; nil if nothing ties them
}

// Tie says through which mailboxes two are tied.
type Tie uint8

const (
	// Untied: no grants that join anybody lead from one to the other.
	Untied Tie = iota
	// TiedInBatch: by mailboxes of their batch alone. To part them would split grants of
	// the chain, and not be allowed if their component fits and nobody in it must be apart.
	TiedInBatch
	// TiedInComponent: by mailboxes of their component, of which some are in other batches.
	TiedInComponent
	// TiedLoosely: only by way of held mailboxes, or of other waves. Pack keeps such mailboxes
	// together where that needs no further batch, so that held ones can follow them.
	TiedLoosely
)

// Link is a step from a mailbox to the next.
type Link struct {
	From, To inventory.Address
	Grants   []inventory.Grant // between the two that join them
	Together bool              // they must be in one batch, as Options.Together or Options.Pin says
}

// Pair explains why two mailboxes are in one batch, or what ties them if they are not: it
// finds the shortest chain of grants between them, within their batch if there is one, else
// within their component, and else through held mailboxes and other waves. Of equally
// short ones it takes the one through the lowest addresses. It is an error if the inventory
// has no mailbox of one of the addresses.
func (e *Explainer) Pair(from, to inventory.Address) (*PairExplanation, error) {
	i, err := e.position(from)
	if err != nil {
		return nil, err
	}
	j, err := e.position(to)
	if err != nil {
		return nil, err
	}
	x := &PairExplanation{From: e.p.Inventory.At(int(i)), To: e.p.Inventory.At(int(j)), FromBatch: e.name(i), ToBatch: e.name(j)}
	planned := e.batch[i] != none && e.batch[j] != none
	within := []struct {
		tie   Tie
		ask   bool
		admit func(from, to int32) bool
	}{
		{TiedInBatch, planned && e.batch[i] == e.batch[j], func(_, to int32) bool { return e.batch[to] == e.batch[i] }},
		{TiedInComponent, planned && e.component[e.pb.vertex[i]] == e.component[e.pb.vertex[j]], func(from, to int32) bool {
			return e.batch[to] != none && e.pb.wave[e.pb.vertex[from]] == e.pb.wave[e.pb.vertex[to]]
		}},
		{TiedLoosely, true, func(_, _ int32) bool { return true }},
	}
	for _, w := range within {
		if !w.ask {
			continue
		}
		if x.Chain = e.chain(i, j, w.admit); x.Chain != nil {
			x.Tie = w.tie
			break
		}
	}
	return x, nil
}

// chain returns the shortest chain between two positions of which each step is admitted,
// or nil.
func (e *Explainer) chain(from, to int32, admit func(from, to int32) bool) (chain []Link) {
	before := map[int32]int32{to: to} // on the way from a position to the end
	spread := make(map[int32]bool)    // the vertices whose mailboxes are all reached
	for queue := []int32{to}; len(queue) > 0; queue = queue[1:] {
		i := queue[0]
		if i == from {
			break
		}
		var next []int32
		for j, g := range e.near(i) {
			if e.joins(g) {
				next = append(next, j)
			}
		}
		if v := e.pb.vertex[i]; v != none && !spread[v] {
			spread[v] = true
			next = append(next, e.groups[v]...)
		}
		slices.Sort(next)
		for _, j := range next {
			if _, seen := before[j]; !seen && admit(i, j) {
				before[j] = i
				queue = append(queue, j)
			}
		}
	}
	if _, ok := before[from]; !ok || from == to {
		return nil
	}
	for i := from; i != to; i = before[i] {
		chain = append(chain, e.link(i, before[i]))
	}
	return chain
}

// link returns the step from a position to one that is joined with it.
func (e *Explainer) link(from, to int32) Link {
	l := Link{From: e.p.Inventory.At(int(from)).Address, To: e.p.Inventory.At(int(to)).Address}
	l.Together = e.pb.vertex[from] != none && e.pb.vertex[from] == e.pb.vertex[to]
	for j, g := range e.near(from) {
		if j == to && e.joins(g) {
			l.Grants = append(l.Grants, g)
		}
	}
	return l
}
