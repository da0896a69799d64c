package batch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/staged-migration/staged/inventory"
)

const (
	// DefaultMoveWeight is what it costs to move a mailbox to another batch if
	// Previous.MoveWeight is 0: as much as to split a SendOnBehalf by [DefaultWeight]. It
	// is an assumption: somebody who has been told a date gets another one for the sake of
	// what cannot be done without, FullAccess or SendAs, and not of what is awkward.
	DefaultMoveWeight = 2

	// DefaultBatchWeight is what one more batch costs if Previous.BatchWeight is 0: as much
	// as to move 50 mailboxes. It is an assumption: a batch is an evening's work.
	DefaultBatchWeight = 100
)

// PreviousBatch is a batch of an earlier plan. It is data, as a file keeps it: its
// mailboxes may be gone from the inventory since, or have other sizes and addresses.
type PreviousBatch struct {
	Name      string
	Wave      string
	Mailboxes []inventory.Address // in their order
	Frozen    bool                // it has run, or it is too late to change it
}

// Previous is an earlier plan, and what it is worth not to change it. The zero Previous
// is a plan of nothing.
type Previous struct {
	// Batches are those of the plan in their order. No two may have the same name, in
	// whatever case, and no address may be in two that are not frozen. It may be in a
	// frozen batch and in one that is not, where it waits for another try.
	Batches []PreviousBatch

	// Failed are mailboxes of frozen batches that must go into a later one: their
	// migration failed for good, or the batch left them out. Those that the inventory no
	// longer has are left out, and those that are in a batch that is not frozen stay
	// there. An address that neither the plan nor the inventory has is an error.
	Failed []inventory.Address

	// MoveWeight is how much more split weight it is worth to leave a mailbox in its
	// batch, in terms of Options.Weight: up to 1e9; 0 means DefaultMoveWeight, which suits
	// DefaultWeight.
	MoveWeight float64

	// BatchWeight is how much more split weight it is worth to do without another batch,
	// in terms of Options.Weight: up to 1e9; 0 means DefaultBatchWeight.
	BatchWeight float64

	// Mend says to improve on what the previous plan has as well: to move mailboxes where
	// that keeps more grants whole than MoveWeight is worth, and to do without a batch
	// where that is worth it, until the search finds nothing more to gain: to mend the
	// result again changes nothing. Otherwise mailboxes move only for a limit, a wave, a
	// group, a pin, or one that needs a place.
	Mend bool
}

// Change is a mailbox that has another batch than before.
type Change struct {
	Mailbox  *inventory.Mailbox
	From, To string // names of batches
}

// Fresh is what [Pack] makes of the mailboxes that are still to run, as if nobody had
// been told anything.
type Fresh struct {
	Batches     int
	SplitWeight float64

	// Moved is how many mailboxes would move if each of its batches took over the name
	// of a previous one so that as many as possible stay.
	Moved int
}

// Repacking is a plan that goes on from a previous one.
type Repacking struct {
	// Packing is of what is still to run: the batches that are not frozen, and their
	// mailboxes alone. They are in the order of their waves, and within a wave in that of
	// the previous plan, with new ones behind, by name. Their names need not ascend, and their
	// components need not be whole, so that there may be fewer of them than LowerBound:
	// [VerifyRepack] says what they keep to.
	Packing *Packing

	Frozen []PreviousBatch // as they were given

	// Moved are the mailboxes that were in a batch that is not frozen, and now are in
	// another one, by address.
	Moved []Change

	// Added are the mailboxes that were in no such batch, and now are: new ones, failed
	// ones, and ones that were held. They are by address.
	Added []*inventory.Mailbox

	// Gone are the addresses in batches that are not frozen that name no mailbox any
	// more, ascending.
	Gone []inventory.Address

	// Waiting are the grants between a mailbox that a frozen batch has moved and one that
	// is still to run, by mailbox, trustee and right.
	Waiting []SplitGrant

	Fresh Fresh // to compare with
}

// Previous returns the batches of the packing as an earlier plan, to go on from with
// [Repack]. None is frozen; who knows which have run says so.
func (p *Packing) Previous() []PreviousBatch {
	batches := make([]PreviousBatch, len(p.Batches))
	for i, b := range p.Batches {
		batches[i] = PreviousBatch{Name: b.Name, Wave: b.Wave, Mailboxes: make([]inventory.Address, len(b.Mailboxes))}
		for k, m := range b.Mailboxes {
			batches[i].Mailboxes[k] = m.Address
		}
	}
	return batches
}

// Previous returns all batches, the frozen ones first, as an earlier plan to go on from.
func (r *Repacking) Previous() []PreviousBatch {
	return append(cloneBatches(r.Frozen), r.Packing.Previous()...)
}

func cloneBatches(batches []PreviousBatch) []PreviousBatch {
	batches = slices.Clone(batches)
	for i := range batches {
		batches[i].Mailboxes = slices.Clone(batches[i].Mailboxes)
	}
	return batches
}

// Repack goes on from a previous plan: frozen batches stay as they are to the last byte,
// and of the rest as little changes as can be.
//
// What a frozen batch holds has moved, whether the inventory still has it or not, but for
// what is in Failed or in a batch that is not frozen as well. Every other mailbox that is
// not held gets exactly one batch that is not frozen, by the limits and options of [Pack].
// Hold, Wave and Pin are not asked about what has moved, nor does it count in a group. A
// previous address stands for the mailbox that has it, as its primary address or as an alias
// of its own. Of several that stand for one mailbox its primary address counts, and else the
// first in a batch that is not frozen. A group of Together or Apart may name what the previous
// plan has and the inventory no longer; what the plan does not have either is an error, as it
// is of Pack.
//
// What Options.Pin pins to a batch of the previous plan, in whatever case it writes the name,
// goes there even if nobody is left in it; if that batch is frozen, that is an error. Any other
// name is that of a new batch.
//
// Batches keep their names, and those in which nobody is left disappear, unless others need a
// batch and take over one that all its mailboxes had to leave for another. New ones are
// numbered on from the highest number that the previous plan has behind Options.Prefix,
// without the numbers that pins have. A batch is of the wave of what is pinned to it, else of
// most of its mailboxes, whatever that is called now, and those of other waves leave it. So do
// mailboxes of which a batch has more than the limits, groups that are in two, all but one of
// those who must be apart, and one that exceeds a limit by itself, if others are there;
// but what is pinned to it stays.
//
// Repack looks for the plan that costs least, where it costs MoveWeight to move a
// mailbox, BatchWeight to add a batch, and its weight to split a grant that Pack would
// count. A grant that the previous plan has split already costs nothing as long as both
// its ends stay where they are. So a plan that still holds costs nothing, and stays as it
// is: nobody moves because somebody has left. With Mend every batch and every split grant
// costs. Of places that cost the same a mailbox gets the emptiest, unless a grant ties it
// to a frozen batch: then it gets the first, since what they share does not work before it
// follows. Nobody moves for such a grant alone. A hub that needs a place gets the one in which
// its grants weigh most, if nothing else ties it.
//
// The search starts from the previous plan. It finds places for what has none, what hangs
// together first; then it moves mailboxes, and what hangs together with them, while that
// costs less, making room where there is none, and lets others follow what is pinned. Where the packing of Pack costs less still,
// as it can if limits have changed a lot or most mailboxes are new, it goes on from that.
// If none of the mailboxes was planned before, it is that, but for the numbers in its names.
//
// Repack takes the time of Pack, whose packing it compares with, and little more; with Mend
// about twice that, since it goes over its own result once more. The same arguments give
// the same result on any machine. A canceled context ends it soon with the context's cause.
// It fails where Pack does, where the previous plan contradicts itself, and where a mailbox
// that is to run is pinned to a frozen batch.
func Repack(ctx context.Context, inv *inventory.Inventory, previous *Previous, opts *Options) (*Repacking, error) {
	if inv == nil {
		return nil, errors.New("batch: no inventory")
	}
	var o Options
	if opts != nil {
		o = *opts
	}
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if previous == nil {
		previous = &Previous{}
	}
	past, err := previous.in(inv)
	if err != nil {
		return nil, err
	}
	pb, err := newProblem(inv, past.adapt(&o))
	if err != nil {
		return nil, err
	}
	if err := past.refusePins(pb); err != nil {
		return nil, err
	}
	pb.held = slices.DeleteFunc(pb.held, past.hasMoved)
	r := newRepacker(pb, past, previous)
	bins, bound, err := pb.solve(ctx)
	if err != nil {
		return nil, err
	}
	if err := pb.even(ctx, bins, &o); err != nil {
		return nil, err
	}
	pb.settleHubs(bins)
	result := &Repacking{Frozen: past.frozen, Gone: past.gone}
	fresh := r.match(bins)
	result.Fresh = r.describe(fresh)
	best, err := r.search(ctx, fresh)
	if err != nil {
		return nil, err
	}
	if best, err = r.goOn(ctx, best, bins, previous, &o); err != nil {
		return nil, err
	}
	batches, err := r.batches(best, &o)
	if err != nil {
		return nil, err
	}
	result.Packing = &Packing{Inventory: inv, Limits: pb.limits, Batches: batches, Held: pb.held, Hubs: pb.hubs, LowerBound: bound}
	result.Packing.SplitWeightBound = pb.splitWeightBound()
	pb.findSplit(result.Packing, best.bin)
	result.report(past)
	return result, nil
}

// validate refuses weights out of range.
func (p *Previous) validate() error {
	for what, w := range map[string]float64{"move": p.MoveWeight, "batch": p.BatchWeight} {
		if !(w >= 0 && w <= maxWeight) { // also if it is not a number
			return fmt.Errorf("batch: a %s weight of %v: it must be from 0 to %g", what, w, maxWeight)
		}
	}
	return nil
}

// report fills in what has become of whom.
func (r *Repacking) report(past *past) {
	p := r.Packing
	in := make(map[inventory.Address]string)
	for _, b := range p.Batches {
		for _, m := range b.Mailboxes {
			in[m.Address] = b.Name
		}
	}
	for i := range p.Inventory.Len() {
		m := p.Inventory.At(i)
		to, planned := in[m.Address]
		if !planned {
			continue
		}
		if past.place[i].open == none {
			r.Added = append(r.Added, m)
		} else if from := past.open[past.place[i].open].Name; from != to {
			r.Moved = append(r.Moved, Change{Mailbox: m, From: from, To: to})
		}
	}
	hubs := hubSet(p.Hubs)
	for _, g := range p.Inventory.Grants() {
		a, planned := in[g.Mailbox]
		b, also := in[g.Trustee]
		if !planned {
			a, planned = past.frozenName(g.Mailbox)
		} else if !also {
			b, also = past.frozenName(g.Trustee)
		} else {
			continue
		}
		if planned && also {
			r.Waiting = append(r.Waiting, SplitGrant{Grant: g, MailboxBatch: a, TrusteeBatch: b, Hub: hubs[g.Trustee]})
		}
	}
}
