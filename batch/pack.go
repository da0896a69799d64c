package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// Options says how to pack. The zero Options, and a nil *Options, pack every
// mailbox within the service's own limits.
type Options struct {
	Limits Limits

	// Duration returns how long a mailbox takes, which counts against Limits.Duration: say
	// the time on its lane, as estimate.Model.LaneTime has it. It is asked if there is
	// such a limit and must be set then. A negative answer is an error. It may be called more
	// than once for a mailbox and must answer the same.
	Duration func(*inventory.Mailbox) time.Duration

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
// No batch exceeds the limits, except that a mailbox over the limit of size or time by
// itself has one to itself. A component that fits into a batch, and may be in one, stays whole;
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
// where components must be split, and at most about 400 bytes for each mailbox and 100
// for each grant. A canceled context ends it soon with the
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
	pb.findSplit(p, bins)
	return p, nil
}

// Validate reports what is wrong with the options whatever the inventory is: a
// limit out of range or without what it limits, or a prefix that cannot begin a name. Pack does the same.
func (o *Options) Validate() error {
	if err := checkName(o.Prefix); err != nil {
		return fmt.Errorf("batch: prefix %q: %w", o.Prefix, err)
	}
	if len(o.Prefix)+minDigits > maxNameLength {
		return fmt.Errorf("batch: prefix %q: names are at most %d characters long, with %d digits or more", o.Prefix, maxNameLength, minDigits)
	}
	if o.Limits.Duration > 0 && o.Duration == nil {
		return fmt.Errorf("batch: there is a limit of %v, and no Options.Duration that says how long mailboxes take", o.Limits.Duration)
	}
	return errors.Join(o.Limits.validate(), o.Hubs.validate(), o.validateWaves())
}

// batches turns bins into batches, in the order of their waves and lowest addresses. Those
// that mailboxes are pinned to have their names.
func (pb *problem) batches(bin []int32) (batches []Batch) {
	var waves, counts []int32 // of each batch, in the order of lowest addresses
	of := slices.Repeat([]int32{none}, len(bin))
	for _, v := range pb.vertex {
		if v == none {
			continue
		}
		b := bin[v]
		if of[b] == none {
			of[b] = int32(len(waves))
			waves, counts = append(waves, pb.wave[v]), append(counts, 0)
		}
		counts[of[b]]++
	}
	order := make([]int32, len(waves))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(waves[a], waves[b]) })
	rank := make([]int32, len(waves))
	for to, from := range order {
		rank[from] = int32(to)
		batches = append(batches, Batch{Wave: pb.waves[waves[from]], Mailboxes: make([]*inventory.Mailbox, 0, counts[from])})
	}
	for b, i := range of {
		if i != none {
			of[b] = rank[i]
		}
	}
	for at, v := range pb.vertex {
		if v != none {
			b := &batches[of[bin[v]]]
			b.Mailboxes = append(b.Mailboxes, pb.inv.At(at))
		}
	}
	for _, b := range batches {
		pb.sortForMigration(b.Mailboxes)
	}
	for _, p := range pb.pins {
		batches[of[bin[pb.vertex[p.at]]]].Name = p.name
	}
	return batches
}

// sortForMigration puts mailboxes that take longest first if their time is limited, the
// largest ones first, those of unknown size last, and leaves equal ones in their order, which is
// that of their addresses. Longest first is the rule that keeps the end of a list schedule short
// (Graham, SIAM Journal on Applied Mathematics 17, 1969).
func (pb *problem) sortForMigration(mailboxes []*inventory.Mailbox) {
	type row struct {
		time    int64
		size    inventory.Size
		at      int
		mailbox *inventory.Mailbox
	}
	rows := make([]row, len(mailboxes))
	for i, m := range mailboxes {
		rows[i] = row{0, m.Size.Or(-1), i, m}
		if pb.time != nil {
			at, _ := pb.inv.Index(m.Address)
			rows[i].time = pb.time[at]
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.time, a.time), cmp.Compare(b.size, a.size), cmp.Compare(a.at, b.at))
	})
	for i, r := range rows {
		mailboxes[i] = r.mailbox
	}
}

// findSplit lists the split grants and adds up their weights. It is given the bin of each
// vertex; a batch is a bin.
func (pb *problem) findSplit(p *Packing, bin []int32) {
	of := slices.Repeat([]int32{none}, int(slices.Max(append([]int32{none}, bin...)))+1)
	for i, b := range p.Batches {
		at, _ := pb.inv.Index(b.Mailboxes[0].Address)
		of[bin[pb.vertex[at]]] = int32(i)
	}
	batchOf := func(at int32) int32 {
		if v := pb.vertex[at]; v != none {
			return of[bin[v]]
		}
		return none
	}
	split := func(l link) bool {
		a, b := batchOf(l.mailbox), batchOf(l.trustee)
		return a != b && a != none && b != none
	}
	links := make([]link, 0, count(pb.links, split)+count(pb.idle, split))
	for _, some := range [][]link{pb.links, pb.idle} {
		for _, l := range some {
			if split(l) {
				links = append(links, l)
			}
		}
	}
	if len(links) == 0 {
		return
	}
	slices.SortFunc(links, func(a, b link) int { return cmp.Compare(a.grant, b.grant) })
	p.Split = make([]SplitGrant, len(links))
	for i, l := range links {
		p.Split[i] = SplitGrant{
			Grant:        p.Inventory.Grants()[l.grant],
			MailboxBatch: p.Batches[batchOf(l.mailbox)].Name,
			TrusteeBatch: p.Batches[batchOf(l.trustee)].Name,
			Hub:          l.hub,
		}
		if !l.hub {
			p.SplitWeight += l.weight
		}
	}
}

func count(links []link, f func(link) bool) (n int) {
	for _, l := range links {
		if f(l) {
			n++
		}
	}
	return n
}
