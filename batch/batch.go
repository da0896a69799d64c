package batch

import (
	"fmt"
	"math"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// MaxMailboxes is the number of mailboxes that one batch of a staged migration
// can hold.
//
// Source: the training unit on staged migration ("A migration batch can migrate
// up to 2,000 mailboxes"); learn.microsoft.com, csv-files-for-migration.
const MaxMailboxes = 2000

// Limits bounds what a batch may hold. The zero Limits are the service's own.
type Limits struct {
	// Mailboxes is the number of mailboxes; 0 means MaxMailboxes, and more than
	// that is an error.
	Mailboxes int

	// Size is the sum of mailbox sizes; 0 means no limit. A mailbox that is
	// larger by itself gets a batch of its own.
	Size inventory.Size

	// UnknownSize is what a mailbox of unknown size counts for against Size, at
	// most that. It is an assumption: 0 counts it as empty, since Exchange gives
	// no statistics of a mailbox that nobody has ever opened.
	UnknownSize inventory.Size

	// Duration is the sum of what Options.Duration says of the mailboxes; 0 means no
	// limit. A mailbox that takes longer by itself gets a batch of its own. It is the
	// time of all lanes together: on n lanes a batch takes no less than an n-th of it.
	Duration time.Duration
}

func (l Limits) validate() error {
	switch {
	case l.Mailboxes < 0 || l.Mailboxes > MaxMailboxes:
		return fmt.Errorf("batch: a limit of %d mailboxes: it must be from 1 to %d", l.Mailboxes, MaxMailboxes)
	case l.Size < 0:
		return fmt.Errorf("batch: a size limit of %d bytes is negative", int64(l.Size))
	case l.Duration < 0:
		return fmt.Errorf("batch: a limit of %v is negative", l.Duration)
	case l.UnknownSize < 0:
		return fmt.Errorf("batch: %d bytes for an unknown size are negative", int64(l.UnknownSize))
	case l.Size > 0 && l.UnknownSize > l.Size:
		return fmt.Errorf("batch: %s for an unknown size are over the limit of %s", l.UnknownSize, l.Size)
	}
	return nil
}

// resolve fills in the defaults of valid limits for so many planned mailboxes, of which
// some are of unknown size.
func (l Limits) resolve(planned, unknown int) (Limits, error) {
	if l.Mailboxes == 0 {
		l.Mailboxes = MaxMailboxes
	}
	if l.Size > 0 && l.UnknownSize == 0 && unknown == planned && unknown > 0 {
		return l, fmt.Errorf("batch: a limit of %s cannot be kept: not one size is known", l.Size)
	}
	return l, nil
}

// Batch is one migration batch: what one CSV file describes.
type Batch struct {
	Name string
	Wave string // of all its mailboxes, as Options.Wave says
	// Mailboxes are in the order in which they should migrate: those first that take
	// longest, if their time is limited, and the largest, so that no long one is left over
	// at the end; then those of unknown size; equal ones by address. The service takes rows in the order of the
	// file.
	Mailboxes []*inventory.Mailbox
}

// Size returns the sum of the known sizes, at most the largest Size, and how many
// are unknown.
func (b *Batch) Size() (sum inventory.Size, unknown int) { return sizeOf(b.Mailboxes) }

// Items returns the sum of the known item counts, at most the largest int64, and
// how many are unknown.
func (b *Batch) Items() (sum int64, unknown int) {
	for _, m := range b.Mailboxes {
		if n, ok := m.Items.Get(); ok {
			sum += min(n, math.MaxInt64-sum)
		} else {
			unknown++
		}
	}
	return sum, unknown
}

// sizeOf returns the sum of the known sizes, at most the largest Size, and how
// many are unknown.
func sizeOf(mailboxes []*inventory.Mailbox) (sum inventory.Size, unknown int) {
	for _, m := range mailboxes {
		if n, ok := m.Size.Get(); ok {
			sum += min(n, math.MaxInt64-sum)
		} else {
			unknown++
		}
	}
	return sum, unknown
}

// SplitGrant is a grant whose two ends are planned in different batches.
type SplitGrant struct {
	inventory.Grant
	MailboxBatch, TrusteeBatch string // names of batches
	Hub                        bool   // the trustee is one of Packing.Hubs
}

// Packing is a plan of who moves together.
type Packing struct {
	Inventory *inventory.Inventory
	Limits    Limits               // as used, with the defaults filled in
	Batches   []Batch              // in the order of their waves, and in a wave of their names, Week9 before Week10
	Held      []*inventory.Mailbox // left out by Options.Hold, by address
	Split     []SplitGrant         // by mailbox, trustee and right

	// Hubs are the trustees whose grants join nobody, those with most grants first,
	// equal ones by address. Named ones are listed with no grants as well.
	Hubs []Hub

	// SplitWeight is the sum of the weights of the split grants that are not of
	// hubs, added up in the order of Split; see Options.Weight.
	SplitWeight float64

	// SplitWeightBound is a weight below which SplitWeight cannot be in any packing that
	// keeps the limits, the waves, the groups and the pins, even one that splits components
	// that fit. It is 0 if all components fit and no grant joins two waves or two that must
	// be apart.
	//
	// It counts first the grants whose ends no batch can hold together: those in
	// different waves, those that must be apart, and those too large for one batch, as with a
	// mailbox that is over a limit alone. So the difference of SplitWeight and SplitWeightBound is all
	// that another choice could save at most.
	//
	// From the components that the other grants make and that do not fit it takes a
	// spanning forest of maximum weight, the heaviest grants first and equal ones by
	// address. Whatever the batches are, what each holds of a tree is one or more
	// connected pieces of it, and all of them fit; so the grants of the tree that are
	// split weigh no less than the lightest ones without which all its pieces fit, by
	// number, by size or by time. That least weight is found exactly, sizes and times being
	// rounded down to 1/2000 of the limit. The same is done with the grants that are left, up to eight
	// times. The forests have no grant in common, so their weights add up. Weights are
	// rounded down, to less than a millionth of the largest.
	//
	// So it is exact for trees if sizes and times do not matter. It is far below what is possible
	// where many grants run side by side: a forest is easy to cut.
	SplitWeightBound float64

	// LowerBound is a number of batches below which no packing can go that keeps
	// the limits and who must be apart, and splits no component that need not be. It is
	// the largest of the bounds by number, by size and by time over the components, each the
	// bound L2 of Martello and Toth (Discrete Applied Mathematics 28, 1990) or that of the
	// dual feasible functions u(1) to u(100) of Fekete and Schepers (Mathematical
	// Programming 91, 2001); of the number of members of a group of Options.Apart; and
	// of the number of batches that Options.Pin names. A component that does not fit,
	// or in which some must be apart, counts as if it could be split at will. Mailboxes
	// that exceed the limit of size or time alone need a batch each beside that. Waves are bounded
	// one by one, and the bounds added up.
	LowerBound int
}

// Optimal reports whether the number of batches is known to be the smallest of all
// packings that keep the limits and who must be apart, and split no component that need
// not be.
func (p *Packing) Optimal() bool { return len(p.Batches) == p.LowerBound }

// Oversize returns the planned mailboxes that exceed the size limit alone, in the order of
// the batches: each has one to itself.
func (p *Packing) Oversize() []*inventory.Mailbox {
	var list []*inventory.Mailbox
	for _, b := range p.Batches {
		for _, m := range b.Mailboxes {
			if n, ok := m.Size.Get(); ok && p.Limits.Size > 0 && n > p.Limits.Size {
				list = append(list, m)
			}
		}
	}
	return list
}
