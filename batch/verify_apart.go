package batch

import "github.com/staged-migration/staged/inventory"

// checkApart works out who must be apart, and checks that they are.
func (v *verifier) checkApart() {
	for n, group := range v.opts.Apart {
		members := v.named(group, n, "be kept apart")
		first := make(map[int]inventory.Address) // of the group in each batch
		for _, a := range members {
			b, ok := v.in[a]
			if other, two := first[b]; ok && two {
				v.fail("%s and %s are both in %s, though they must be kept apart", other, a, v.p.Batches[b].Name)
			} else if ok {
				first[b] = a
			}
		}
		v.apart = append(v.apart, members)
	}
}

// mayBeWhole reports whether no two of the members of a component must be in different
// batches.
func (v *verifier) mayBeWhole(members []inventory.Address) bool {
	parties := v.partiesOf()
	seen := make(map[int]bool)
	for _, a := range members {
		for _, n := range parties[a] {
			if seen[n] {
				return false
			}
			seen[n] = true
		}
	}
	return true
}

// partiesOf returns the groups that must be apart of each mailbox that is in any, and one
// more for all batches that mailboxes are pinned to.
func (v *verifier) partiesOf() map[inventory.Address][]int {
	if v.parties == nil {
		v.parties = make(map[inventory.Address][]int)
		for n, group := range v.apart {
			for _, a := range group {
				v.parties[a] = append(v.parties[a], n)
			}
		}
		for _, pinned := range v.pinned { // which all stay together
			v.parties[pinned[0]] = append(v.parties[pinned[0]], len(v.apart))
		}
	}
	return v.parties
}

// crowd returns the largest number of mailboxes of a wave that must all be in different
// batches, or of batches of it that mailboxes are pinned to, without those that exceed a
// limit alone.
func (v *verifier) crowd(wave string) (largest int) {
	counts := func(a inventory.Address) bool {
		m, ok := v.inv.Lookup(a)
		return ok && v.waves[a] == wave && !v.alone(m)
	}
	for _, group := range v.apart {
		count := 0
		for _, a := range group {
			if counts(a) {
				count++
			}
		}
		largest = max(largest, count)
	}
	pins := 0
	for _, pinned := range v.pinned {
		if counts(pinned[0]) {
			pins++
		}
	}
	return max(largest, pins)
}
