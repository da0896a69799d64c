package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/staged-migration/staged/inventory"
)

// Options says how to pack. The zero Options, and a nil *Options, pack every
// mailbox within the service's own limits.
type Options struct {
	Limits Limits

	// Hold reports whether a mailbox is to be left out of all batches. Nil holds
	// none. It may be called more than once for a mailbox and must answer the
	// same.
	Hold func(*inventory.Mailbox) bool

	// Weight is how much it hurts to split a grant, from 0 to 1e9. Several grants of
	// a pair of mailboxes add up. Only proportions count, in large components in steps of
	// about a thousandth of the largest weight; with 0 a grant joins nobody. Nil stands for
	// [DefaultWeight]. It may be called more than once for a grant and must answer
	// the same.
	Weight func(inventory.Grant) float64

	// Hubs says which trustees are hubs: service accounts with rights on so many
	// mailboxes that they would tie all together.
	Hubs HubOptions

	// Together are groups of mailboxes that must be in one batch, say a department or
	// a board with its assistants, whatever their grants. Groups that overlap are one.
	// A group that exceeds the limits is an error, and so is an address that no mailbox
	// of the inventory has. Held members are left out.
	Together [][]inventory.Address

	// Apart are groups of mailboxes no two of which may be in one batch, say the
	// administrators of a service, or a board that must not be off all at once. What
	// joins two of them is split, along as little weight as that takes. Members in
	// different waves are apart anyway, and held members are left out. Two that must stay
	// together or are pinned to one batch are an error, and so is an address that no
	// mailbox of the inventory has.
	Apart [][]inventory.Address

	// Pin returns the name of the batch that a mailbox must be in, or "" if any will do.
	// Others may be put there too. Nil pins none. It may be called more than once for a
	// mailbox and must answer the same. Names are of up to 64 letters and digits of ASCII
	// that differ in more than case, since each also names a file. A number that a name has
	// behind the prefix is left out when the other batches are numbered, so that
	// StagedBatch003 is the third batch if it is in the first wave. What is pinned to a
	// batch must stay together: if it exceeds the limits or is of two waves, that is an
	// error.
	Pin func(*inventory.Mailbox) string

	// Wave returns the wave of a mailbox, say pilot, general or VIP. Batches never mix
	// waves, and grants between waves join nobody. Nil puts all into the wave "". It may
	// be called more than once for a mailbox and must answer the same. A group of
	// Together that is in two waves is an error.
	Wave func(*inventory.Mailbox) string

	// Near returns what a mailbox belongs to that should move together where that costs
	// nothing, say its site, office or department; "" stands for none, as does nil for all.
	// Pack puts mailboxes of the same text into few batches, which are no more for it
	// and split no more weight. They may be less even, in the spread over servers as well:
	// what is asked for comes first. It may be called more than once for a mailbox and must
	// answer the same.
	Near func(*inventory.Mailbox) string

	// Waves are the waves in their order, that of the batches. A wave that it does not
	// name is an error; nil orders those there are by name.
	Waves []string

	// Prefix begins the names of batches, which go on with a number: "Pilot"
	// gives Pilot001, Pilot002 and so on. It may hold letters and digits of
	// ASCII only, which is all that the Exchange admin center takes; "" means
	// DefaultPrefix.
	Prefix string
}

// Pack puts every mailbox of the inventory that is not held into exactly one
// batch.
//
// No batch exceeds the limits, except that a mailbox larger than the size limit
// has one to itself. A component that fits into a batch, and may be in one, stays whole;
// any other is split along grants of little weight. There is always such a packing, unless
// what must be in one batch cannot be, which is an error. Within that Pack looks for the
// fewest batches, then for few batches of what Options.Near says belongs together, and then
// evens them out within each wave, by number, by size, and by source server: the share of a
// server in each batch is to be close to its share in the wave. If all mailboxes that only
// held ones join can stay together too without a further batch, they do, so that those can
// follow them once they are released.
//
// In a wave of up to nine mailboxes no packing splits less weight, and none that splits no
// more has fewer batches. The weight split in a wave is also the least there is where the
// components that are split have up to ten mailboxes each and 300 in all, and mostly where
// they have up to twenty each. Elsewhere, of two ways to split that differ by less than a
// twentieth in the weight they split, Pack takes the one with fewer batches: the search is
// not finer than that.
//
// Throughput is per source server: a batch takes as long as the slowest of them takes for
// its part. Added up over the batches that is never less than what the slowest takes for
// the whole wave, and with shares in proportion it is just that, whatever each server has
// to spare. Servers are told apart without regard to case and domain; those of unknown
// name count as one more. Source on throughput and even spread: learn.microsoft.com,
// office-365-migration-best-practices.
//
// Each wave is packed by itself. Batches are numbered in the order of their waves, and
// within a wave in that of the lowest address in each. Those that mailboxes are pinned to
// have their own names, by which they stand among the others of their wave: as a person
// orders names, Week9 before Week10. The same
// inventory and options give the same packing on any machine.
//
// Pack takes O(n log n) time for n mailboxes and grants, with a larger factor
// where components must be split. A canceled context ends it soon with the
// context's cause. Options out of range are errors, as are a weight out of range, a group
// that cannot stay together or apart, a batch that cannot hold what is pinned to it, and a total size of over an eighth of the largest Size.
func Pack(ctx context.Context, inv *inventory.Inventory, opts *Options) (*Packing, error) {
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
	pb, err := newProblem(inv, &o)
	if err != nil {
		return nil, err
	}
	bins, bound, err := pb.solve(ctx)
	if err != nil {
		return nil, err
	}
	if err := pb.even(ctx, bins, &o); err != nil {
		return nil, err
	}
	pb.settleHubs(bins)
	p := &Packing{Inventory: inv, Limits: pb.limits, Held: pb.held, Hubs: pb.hubs, LowerBound: bound}
	p.SplitWeightBound = pb.splitWeightBound()
	p.Batches = pb.batches(bins)
	if err := nameBatches(p.Batches, cmp.Or(o.Prefix, DefaultPrefix)); err != nil {
		return nil, err
	}
	if err := p.findSplit(&o); err != nil {
		return nil, err
	}
	return p, nil
}

// Validate reports what is wrong with the options whatever the inventory is: a
// limit out of range, or a prefix that cannot begin a name. Pack does the same.
func (o *Options) Validate() error {
	if err := checkName(o.Prefix); err != nil {
		return fmt.Errorf("batch: prefix %q: %w", o.Prefix, err)
	}
	if len(o.Prefix)+minDigits > maxNameLength {
		return fmt.Errorf("batch: prefix %q: names are at most %d characters long, with %d digits or more", o.Prefix, maxNameLength, minDigits)
	}
	return errors.Join(o.Limits.validate(), o.Hubs.validate(), o.validateWaves())
}

// batches turns bins into batches, in the order of their waves and lowest addresses. Those
// that mailboxes are pinned to have their names.
func (pb *problem) batches(bin []int32) []Batch {
	var batches []Batch
	var waves []int32 // of each batch
	number := make(map[int32]int)
	for at, v := range pb.vertex {
		if v == none {
			continue
		}
		i, ok := number[bin[v]]
		if !ok {
			i = len(batches)
			number[bin[v]] = i
			batches = append(batches, Batch{Wave: pb.waves[pb.wave[v]]})
			waves = append(waves, pb.wave[v])
		}
		batches[i].Mailboxes = append(batches[i].Mailboxes, pb.inv.At(at))
	}
	for _, p := range pb.pins {
		batches[number[bin[pb.vertex[p.at]]]].Name = p.name
	}
	var ordered []Batch
	for w := range int32(len(pb.waves)) {
		for i, b := range batches {
			if waves[i] == w {
				slices.SortFunc(b.Mailboxes, migrationOrder)
				ordered = append(ordered, b)
			}
		}
	}
	return ordered
}

// migrationOrder puts the largest mailboxes first, those of unknown size last,
// and equal ones in the order of their addresses. Longest first is the rule that
// keeps the end of a list schedule short (Graham, SIAM Journal on Applied
// Mathematics 17, 1969).
func migrationOrder(a, b *inventory.Mailbox) int {
	return cmp.Or(
		cmp.Compare(b.Size.Or(-1), a.Size.Or(-1)),
		cmp.Compare(a.Address, b.Address),
	)
}

// findSplit lists the split grants and adds up their weights.
func (p *Packing) findSplit(o *Options) error {
	in := make(map[inventory.Address]string)
	for _, b := range p.Batches {
		for _, m := range b.Mailboxes {
			in[m.Address] = b.Name
		}
	}
	hubs := hubSet(p.Hubs)
	for _, g := range p.Inventory.Grants() {
		a, ok := in[g.Mailbox]
		b, also := in[g.Trustee]
		if !ok || !also || a == b {
			continue
		}
		w, err := o.weightOf(g)
		if err != nil {
			return err
		}
		s := SplitGrant{Grant: g, MailboxBatch: a, TrusteeBatch: b, Hub: hubs[g.Trustee]}
		p.Split = append(p.Split, s)
		if !s.Hub {
			p.SplitWeight += w
		}
	}
	return nil
}
