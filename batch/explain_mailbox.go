package batch

import (
	"cmp"
	"slices"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// Explanation says why a mailbox is in its batch, with whom, and through which grants.
type Explanation struct {
	Mailbox *inventory.Mailbox

	// Batch is where it is, with its wave and how many mailboxes the batch has. A held
	// mailbox has none, and neither a component nor a group.
	Batch, Wave    string
	BatchMailboxes int

	// Component is what grants and groups join it with. If that is in this batch alone,
	// the rest of the batch is there because there was room.
	Component Component

	// Group are the mailboxes, by address, that must be with it: Options.Together wants
	// so, or Options.Pin has them in the same batch.
	Group []inventory.Address

	// Hub says that it is one of Packing.Hubs: the grants that it holds join nobody.
	Hub bool

	// Own is what it is with its group. It is over a limit only if the mailbox is so
	// alone; then its batch has no other.
	Own Total

	// Partners are the mailboxes that have a right on it or on which it has one, those
	// with the weightiest grants first, equal ones by address.
	Partners []Partner

	// Outside is how many grants name no mailbox of the inventory at their other end,
	// but groups or people outside: nobody to be with.
	Outside int
}

// Total is what some mailboxes are together, compared with the limits of a batch. Sizes
// are as the limits count them, unknown ones as Limits.UnknownSize, and so are durations, which
// are 0 unless they are limited.
type Total struct {
	Mailboxes     int
	Size          inventory.Size
	Duration      time.Duration
	OverMailboxes int            // by how much it is over Limits.Mailboxes; 0 if it is not
	OverSize      inventory.Size // by how much it is over Limits.Size; 0 if it is not
	OverDuration  time.Duration  // by how much it is over Limits.Duration; 0 if it is not
}

// Fits reports whether a batch can hold all that.
func (t Total) Fits() bool { return t.OverMailboxes == 0 && t.OverSize == 0 && t.OverDuration == 0 }

// Component is a set of mailboxes that grants and groups join, directly or through others:
// of the same wave, without the grants of hubs and those that weigh nothing. One that
// fits is in one batch, unless some of it must be apart.
type Component struct {
	Total
	Batches []Share // in the order of the batches
}

// Share is how many mailboxes of a component are in a batch.
type Share struct {
	Batch     string
	Mailboxes int
}

// Partner is a mailbox with grants between it and the one that is explained.
type Partner struct {
	Mailbox *inventory.Mailbox
	Batch   string            // "" if it is held
	Grants  []inventory.Grant // between the two, in either direction, in the order of the inventory
	Weight  float64           // of these together
	Reason  Reason            // why it is in this batch or not
}

// Reason says why two mailboxes with grants between them are in different batches.
type Reason uint8

// Of several reasons the first one that holds counts.
const (
	// NoReason: they are in one batch.
	NoReason Reason = iota
	// BecauseHeld: at least one of them is held, and so in no batch. One that is held
	// follows later.
	BecauseHeld
	// BecauseWave: they are in different waves, which never share a batch.
	BecauseWave
	// BecauseApart: they must be apart, or somebody who must stay with the one and somebody
	// who must stay with the other: Options.Apart wants so, or Options.Pin has them in
	// different batches.
	BecauseApart
	// BecauseWeight: the grants weigh nothing, so that they join nobody.
	BecauseWeight
	// BecauseHub: the grants are of a hub, so that they join nobody.
	BecauseHub
	// BecausePair: the two do not fit into one batch, with those that must stay with
	// them. One may exceed a limit alone.
	BecausePair
	// BecauseComponent: their component does not fit into one batch, so that some of its
	// grants must be split, and Pack found none better.
	BecauseComponent
	// BecauseOthersApart: others of their component must be apart, so that some of its
	// grants must be split, and Pack found none better.
	BecauseOthersApart
	// BecauseChanged: nothing in the options says so. Their component fits, and Pack by
	// itself would keep it whole; the packing was changed, or holds on to an earlier one.
	BecauseChanged
)

// Mailbox explains a mailbox. It is an error if the inventory has none of that address.
func (e *Explainer) Mailbox(a inventory.Address) (*Explanation, error) {
	i, err := e.position(a)
	if err != nil {
		return nil, err
	}
	m := e.p.Inventory.At(int(i))
	x := &Explanation{Mailbox: m, Hub: e.hubs[m.Address]}
	if b := e.batch[i]; b != none {
		v := e.pb.vertex[i]
		x.Batch, x.Wave, x.BatchMailboxes = e.p.Batches[b].Name, e.p.Batches[b].Wave, len(e.p.Batches[b].Mailboxes)
		x.Component = e.componentOf(v)
		x.Own = e.total(e.pb.load[v])
		for _, j := range e.members(i) {
			if j != i {
				x.Group = append(x.Group, e.p.Inventory.At(int(j)).Address)
			}
		}
	}
	x.Partners = e.partners(i)
	x.Outside = int(e.row[i+1] - e.row[i])
	for _, p := range x.Partners {
		x.Outside -= len(p.Grants)
	}
	return x, nil
}

func (e *Explainer) componentOf(v int32) Component {
	c := Component{Total: e.total(e.totals[e.component[v]])}
	for _, s := range e.shares[e.component[v]] {
		c.Batches = append(c.Batches, Share{e.p.Batches[s.batch].Name, s.count})
	}
	return c
}

// partners returns the partners of a position.
func (e *Explainer) partners(i int32) []Partner {
	at := make(map[int32]int) // where the partner at a position is
	var partners []Partner
	for j, g := range e.near(i) {
		k, known := at[j]
		if !known {
			k = len(partners)
			at[j] = k
			partners = append(partners, Partner{Mailbox: e.p.Inventory.At(int(j)), Batch: e.name(j)})
		}
		partners[k].Grants = append(partners[k].Grants, g)
		partners[k].Weight += e.weight(g)
	}
	for j, k := range at {
		partners[k].Reason = e.reason(i, j, partners[k].Grants)
	}
	slices.SortFunc(partners, func(a, b Partner) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Mailbox.Address, b.Mailbox.Address))
	})
	return partners
}

// reason says why the positions, with these grants between them, are in different batches.
func (e *Explainer) reason(i, j int32, grants []inventory.Grant) Reason {
	switch {
	case e.batch[i] == none || e.batch[j] == none:
		return BecauseHeld
	case e.batch[i] == e.batch[j]:
		return NoReason
	}
	u, v := e.pb.vertex[i], e.pb.vertex[j]
	weighs := func(g inventory.Grant) bool { return e.weight(g) > 0 }
	switch {
	case e.pb.wave[u] != e.pb.wave[v]:
		return BecauseWave
	case e.pb.mustPart(u, v):
		return BecauseApart
	case !slices.ContainsFunc(grants, weighs):
		return BecauseWeight
	case !slices.ContainsFunc(grants, e.joins):
		return BecauseHub
	case e.pb.mustSplit(u, v):
		return BecausePair
	case !e.totals[e.component[u]].Fits(e.pb.capacity()):
		return BecauseComponent
	case e.quarrel([]int32{u}):
		return BecauseOthersApart
	}
	return BecauseChanged
}
