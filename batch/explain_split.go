package batch

import (
	"fmt"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/inventory"
)

// SplitExplanation says why a grant is split, and what would keep it.
type SplitExplanation struct {
	SplitGrant
	Weight float64
	Reason Reason

	// Component is what the two belong to if that is one: for the reasons BecausePair,
	// BecauseComponent, BecauseOthersApart and BecauseChanged.
	Component Component

	// Pair is what must be in one batch to keep the grant: the two, and the groups they
	// are in.
	Pair Total

	// Both is what the two batches hold together. By as much as it is over a limit
	// mailboxes would have to leave to make one batch of them.
	Both Total

	// Remedies are changes of the options of which each is enough to keep the grant. There
	// are none if the two cannot be in any batch, or could not for certain.
	Remedies []Remedy

	// Moves are what could be done by hand: the mailbox into the batch of the trustee,
	// and the trustee into that of the mailbox, unless it is pinned or somebody there must
	// be apart from it. There are none but for the reasons BecauseComponent and
	// BecauseOthersApart: to move others would split components that fit.
	Moves []Move
}

// RemedyKind says what a remedy changes first of all.
type RemedyKind uint8

const (
	// KeepTogether names the two in Options.Together.
	KeepTogether RemedyKind = iota + 1
	// RaiseLimits raises the limits so far that their component fits as a whole, or, if
	// it is too large for any limit, so far that the two do.
	RaiseLimits
	// ChangeWave puts the one, with those that must stay with it, into the wave of the
	// other.
	ChangeWave
	// DropHub takes the trustee out of HubOptions.Named.
	DropHub
	// PackAgain changes nothing.
	PackAgain
)

// Remedy is a change of the options with which Pack keeps a grant, whatever it splits
// instead.
type Remedy struct {
	Kind     RemedyKind
	Moved    []inventory.Address // of ChangeWave: who changes, by address
	Wave     string              // of ChangeWave: to which wave
	Limits   Limits              // Mailboxes and Size: to what they must be raised, 0 if not
	Together bool                // besides, the two are named in Options.Together: their component does not fit
	Joined   Total               // the component of the two after it, by the limits after it

	// Options are those of the packing with all this changed, to pack with.
	Options *Options
}

// Move is a change of a packing by hand: of one mailbox, with those that must stay with it,
// into another batch.
type Move struct {
	Mailboxes []inventory.Address // by address
	From, To  string              // batches
	After     Total               // what the batch To holds then; it is possible if that fits
	Change    float64             // of Packing.SplitWeight: below 0 if less is split
	Splits    []inventory.Grant   // those of nobody in Packing.Hubs that would be split and are not
	Keeps     []inventory.Grant   // the like that would be no longer
}

// Split explains a split grant, of which only Mailbox, Trustee and Right matter. It is an
// error if the packing does not split it.
func (e *Explainer) Split(g inventory.Grant) (*SplitExplanation, error) {
	at, ok := slices.BinarySearchFunc(e.p.Split, g, func(s SplitGrant, g inventory.Grant) int { return compareGrants(s.Grant, g) })
	if !ok {
		return nil, fmt.Errorf("batch: %s of %s on %s is not split", g.Right, g.Trustee, g.Mailbox)
	}
	x := &SplitExplanation{SplitGrant: e.p.Split[at]}
	i, err := e.position(g.Mailbox)
	if err != nil {
		return nil, err
	}
	j, err := e.position(g.Trustee)
	if err != nil {
		return nil, err
	}
	x.Weight = e.weight(x.Grant)
	x.Reason = e.reason(i, j, []inventory.Grant{x.Grant})
	u, v := e.pb.vertex[i], e.pb.vertex[j]
	switch x.Reason {
	case BecausePair, BecauseComponent, BecauseOthersApart, BecauseChanged:
		x.Component = e.componentOf(u)
	}
	x.Pair = e.total(e.pb.load[u].Plus(e.pb.load[v]))
	x.Both = e.total(e.loads[e.batch[i]].Plus(e.loads[e.batch[j]]))
	x.Remedies = e.remedies(x, i, j)
	if x.Reason == BecauseComponent || x.Reason == BecauseOthersApart {
		x.Moves = append(e.moves(i, e.batch[j]), e.moves(j, e.batch[i])...)
	}
	return x, nil
}

// moves returns the move of a position to a batch, if it may be there.
func (e *Explainer) moves(i, to int32) []Move {
	if !e.mayMove(e.pb.vertex[i], to) {
		return nil
	}
	return []Move{e.move(i, to)}
}

// move says what comes of moving a position to a batch.
func (e *Explainer) move(i, to int32) Move {
	members := e.members(i)
	v, from := e.pb.vertex[i], e.batch[i]
	m := Move{Mailboxes: e.addresses(members), From: e.p.Batches[from].Name, To: e.p.Batches[to].Name}
	m.After = e.total(e.loads[to].Plus(e.pb.load[v]))
	for _, i := range members {
		for j, g := range e.near(i) {
			switch {
			case e.hubs[g.Trustee] || e.pb.vertex[j] == v:
			case e.batch[j] == to:
				m.Keeps = append(m.Keeps, g)
				m.Change -= e.weight(g)
			case e.batch[j] == from:
				m.Splits = append(m.Splits, g)
				m.Change += e.weight(g)
			}
		}
	}
	slices.SortFunc(m.Keeps, compareGrants)
	slices.SortFunc(m.Splits, compareGrants)
	return m
}

// joinedLoad is what the components of some vertices of one wave weigh together.
func (e *Explainer) joinedLoad(vertices []int32) (l binpack.Load) {
	seen := make(map[int32]bool)
	for _, v := range vertices {
		if c := e.component[v]; !seen[c] {
			seen[c] = true
			l = l.Plus(e.totals[c])
		}
	}
	return l
}
