package batch

import "github.com/staged-migration/staged/inventory"

// checkTogether works out who must stay together, and checks that they do.
func (v *verifier) checkTogether() {
	for n, group := range v.opts.Together {
		var members []inventory.Address
		for _, a := range group {
			m, ok := v.inv.Lookup(a)
			if !ok && v.previous.knows(a) {
				continue
			}
			if !ok {
				v.fail("group %d that must stay together names %q, which is no mailbox", n+1, a)
			} else if v.isPlanned[m.Address] {
				members = append(members, m.Address)
			}
		}
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
