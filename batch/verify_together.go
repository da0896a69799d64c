package batch

import "github.com/staged-migration/staged/inventory"

// checkTogether works out who must stay together, and checks that they do.
func (v *verifier) checkTogether() {
	for n, group := range v.opts.Together {
		members := v.named(group, n, "stay together")
		for i := range members {
			a, ok := v.in[members[0]]
			b, also := v.in[members[i]]
			if ok && also && a != b {
				v.fail("%s is in %s and %s in %s, though they must stay together", members[0], v.p.Batches[a].Name, members[i], v.p.Batches[b].Name)
				break
			}
		}
		v.groups = append(v.groups, members)
	}
}

// named returns the planned mailboxes that a group names, each once.
func (v *verifier) named(group []inventory.Address, number int, what string) (members []inventory.Address) {
	listed := make(map[inventory.Address]bool)
	for _, a := range group {
		m, ok := v.inv.Lookup(a)
		switch {
		case !ok && v.previous.knows(a):
		case !ok:
			v.fail("group %d that must %s names %q, which is no mailbox", number+1, what, a)
		case v.isPlanned[m.Address] && !listed[m.Address]:
			listed[m.Address] = true
			members = append(members, m.Address)
		}
	}
	return members
}
