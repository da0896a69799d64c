package batch

import (
	"slices"
	"sort"

	"github.com/staged-migration/staged/inventory"
)

// checkHubs works out who is a hub, and checks the list.
func (v *verifier) checkHubs() {
	v.hubs = make(map[inventory.Address]bool)
	for _, a := range v.opts.Hubs.Named {
		if m, ok := v.inv.Lookup(a); ok {
			a = m.Address
		}
		v.hubs[a] = true
	}
	share, least := v.opts.Hubs.Share, v.opts.Hubs.Mailboxes
	if share == 0 {
		share = 0.02
	}
	if least == 0 {
		least = 100
	}
	if !(share > 0) || least < 0 {
		v.fail("a share of %v and %d mailboxes make no hub", share, least)
	}
	for trustee, n := range v.reach() {
		if n < least || float64(n) < share*float64(len(v.planned)) {
			continue
		}
		if _, ok := v.inv.Lookup(trustee); ok && !v.fitsWith(trustee) {
			v.hubs[trustee] = true
		}
	}
	grants := make(map[inventory.Address]int)
	for _, g := range v.inv.Grants() {
		if v.hubs[g.Trustee] {
			grants[g.Trustee]++
		}
	}
	var want []Hub
	for a := range v.hubs {
		want = append(want, Hub{a, grants[a]})
	}
	sort.Slice(want, func(i, j int) bool {
		if want[i].Grants != want[j].Grants {
			return want[i].Grants > want[j].Grants
		}
		return want[i].Address < want[j].Address
	})
	if !slices.Equal(want, v.p.Hubs) {
		v.fail("the hubs are given as %v, not %v", v.p.Hubs, want)
	}
}

// reach returns on how many planned mailboxes each trustee holds rights that weigh
// anything.
func (v *verifier) reach() map[inventory.Address]int {
	type pair struct{ mailbox, trustee inventory.Address }
	var last pair // grants of a pair follow one another
	on := make(map[inventory.Address]int)
	for _, g := range v.inv.Grants() {
		if p := (pair{g.Mailbox, g.Trustee}); p != last && v.isPlanned[g.Mailbox] && v.grantWeight(g) > 0 {
			on[g.Trustee]++
			last = p
		}
	}
	return on
}

// fitsWith reports whether all that hangs together with a trustee fits into a batch:
// by grants between planned mailboxes if it is planned, by any if it is held.
func (v *verifier) fitsWith(trustee inventory.Address) bool {
	if v.isPlanned[trustee] {
		if v.between == nil {
			v.between = v.partners(func(g inventory.Grant) bool { return v.isPlanned[g.Mailbox] && v.isPlanned[g.Trustee] })
		}
		return v.fits(reached(trustee, v.between))
	}
	if v.all == nil {
		v.all = v.partners(func(g inventory.Grant) bool {
			_, a := v.inv.Lookup(g.Mailbox)
			_, b := v.inv.Lookup(g.Trustee)
			return a && b
		})
	}
	members := slices.DeleteFunc(reached(trustee, v.all), func(a inventory.Address) bool { return !v.isPlanned[a] })
	return v.fits(members)
}

func (v *verifier) fits(members []inventory.Address) bool {
	if len(members) > v.maxCount {
		return false
	}
	c, _ := v.weigh(members)
	return v.holds(c)
}

// partners returns who is joined with whom by grants that weigh anything and that
// use admits, and by groups that must stay together.
func (v *verifier) partners(use func(inventory.Grant) bool) map[inventory.Address][]inventory.Address {
	partners := make(map[inventory.Address][]inventory.Address)
	for _, g := range v.inv.Grants() {
		if use(g) && v.grantWeight(g) > 0 {
			partners[g.Mailbox] = append(partners[g.Mailbox], g.Trustee)
			partners[g.Trustee] = append(partners[g.Trustee], g.Mailbox)
		}
	}
	for _, members := range v.groups {
		for i := 1; i < len(members); i++ {
			a, b := members[i-1], members[i]
			partners[a] = append(partners[a], b)
			partners[b] = append(partners[b], a)
		}
	}
	return partners
}

// reached returns start and all that is joined with it, directly or through others.
func reached(start inventory.Address, partners map[inventory.Address][]inventory.Address) []inventory.Address {
	seen := map[inventory.Address]bool{start: true}
	members := []inventory.Address{start}
	for i := 0; i < len(members); i++ {
		for _, a := range partners[members[i]] {
			if !seen[a] {
				seen[a] = true
				members = append(members, a)
			}
		}
	}
	return members
}
