package batch

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/inventory"
)

const (
	// DefaultHubShare is the part of the planned mailboxes on which a trustee must
	// hold rights to be a hub if HubOptions.Share is 0. It is an assumption: few
	// people work in one of fifty mailboxes of an organization.
	DefaultHubShare = 0.02

	// DefaultHubMailboxes is the number of mailboxes on which a trustee must hold
	// rights to be a hub if HubOptions.Mailboxes is 0. It is an assumption: an
	// assistant or a team has dozens.
	DefaultHubMailboxes = 100
)

// HubOptions says which trustees are hubs. The zero HubOptions find those with rights
// on a fiftieth of the planned mailboxes, at least a hundred.
//
// A trustee is found to be a hub if it is a mailbox, its rights are on that many
// others, and the component that it is in does not fit into a batch: one that fits
// loses nothing with it. Waves do not matter for that, and if the trustee is held it is the
// component that there would be if nobody was.
type HubOptions struct {
	// Share is on what part of the planned mailboxes a hub holds rights: 0 means
	// DefaultHubShare, and with more than 1 none is found.
	Share float64

	// Mailboxes is on how many planned mailboxes a hub holds rights at least; 0
	// means DefaultHubMailboxes.
	Mailboxes int

	// Named are hubs whatever they hold rights on.
	Named []inventory.Address
}

func (o HubOptions) validate() error {
	if !(o.Share >= 0) { // also if it is not a number
		return fmt.Errorf("batch: a share of %v of the mailboxes makes no hub: it must be 0 or more", o.Share)
	}
	if o.Mailboxes < 0 {
		return fmt.Errorf("batch: rights on %d mailboxes make no hub", o.Mailboxes)
	}
	return nil
}

// Hub is a trustee with so many grants that they would tie the organization together,
// such as the service account of a fax gateway or a backup. Its grants join nobody.
type Hub struct {
	Address inventory.Address
	Grants  int // of the inventory that it holds, whether split or not
}

func hubSet(hubs []Hub) map[inventory.Address]bool {
	set := make(map[inventory.Address]bool, len(hubs))
	for _, h := range hubs {
		set[h.Address] = true
	}
	return set
}

// findHubs fills in the hubs, and marks their links.
func (pb *problem) findHubs(o HubOptions) {
	set := make(map[inventory.Address]bool)
	for _, a := range o.Named {
		if i, ok := pb.inv.Index(a); ok {
			a = pb.inv.At(i).Address
		}
		set[a] = true
	}
	for _, i := range pb.tying(o) {
		set[pb.inv.At(int(i)).Address] = true
	}
	if len(set) == 0 {
		return
	}
	grants := make(map[inventory.Address]int)
	for _, g := range pb.inv.Grants() {
		if set[g.Trustee] {
			grants[g.Trustee]++
		}
	}
	for a := range set {
		pb.hubs = append(pb.hubs, Hub{Address: a, Grants: grants[a]})
	}
	slices.SortFunc(pb.hubs, func(a, b Hub) int {
		return cmp.Or(cmp.Compare(b.Grants, a.Grants), cmp.Compare(a.Address, b.Address))
	})
	hub := make([]bool, len(pb.vertex))
	for a := range set {
		if i, ok := pb.inv.Index(a); ok {
			hub[i] = true
		}
	}
	for i, l := range pb.links {
		pb.links[i].hub = hub[l.trustee]
	}
	for i, l := range pb.idle {
		pb.idle[i].hub = hub[l.trustee]
	}
}

// tying returns the positions of the trustees that are found to be hubs.
func (pb *problem) tying(o HubOptions) []int32 {
	planned := 0
	for _, v := range pb.vertex {
		if v != none {
			planned++
		}
	}
	least := max(cmp.Or(o.Share, DefaultHubShare)*float64(planned), float64(cmp.Or(o.Mailboxes, DefaultHubMailboxes)))
	var candidates []int32
	for i, n := range pb.reach() {
		if float64(n) >= least {
			candidates = append(candidates, int32(i))
		}
	}
	if len(candidates) == 0 {
		return nil
	}
	components, families := newUnion(len(pb.vertex)), newUnion(len(pb.vertex))
	for _, l := range pb.links {
		families.join(l.mailbox, l.trustee)
		if pb.vertex[l.mailbox] != none && pb.vertex[l.trustee] != none {
			components.join(l.mailbox, l.trustee)
		}
	}
	pb.joinGroups(components)
	pb.joinGroups(families)
	inComponent, inFamily := pb.totals(components, candidates), pb.totals(families, candidates)
	return slices.DeleteFunc(candidates, func(i int32) bool {
		if pb.vertex[i] == none {
			return inFamily[families.find(i)].Fits(pb.capacity())
		}
		return inComponent[components.find(i)].Fits(pb.capacity())
	})
}

// reach returns on how many planned mailboxes each position holds rights.
func (pb *problem) reach() []int32 {
	mailboxes := make([]int32, len(pb.vertex))
	for i, l := range pb.links {
		again := i > 0 && pb.links[i-1].mailbox == l.mailbox && pb.links[i-1].trustee == l.trustee
		if !again && pb.vertex[l.mailbox] != none {
			mailboxes[l.trustee]++
		}
	}
	return mailboxes
}

// totals returns what the planned mailboxes of the sets weigh that some positions are in, by
// their roots.
func (pb *problem) totals(u union, of []int32) map[int32]binpack.Load {
	total := make(map[int32]binpack.Load)
	for _, i := range of {
		total[u.find(i)] = binpack.Load{}
	}
	for i, v := range pb.vertex {
		if v == none {
			continue
		}
		root := u.find(int32(i))
		if l, ok := total[root]; ok {
			total[root] = l.Plus(pb.one(i))
		}
	}
	return total
}
