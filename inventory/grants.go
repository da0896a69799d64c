package inventory

import (
	"cmp"
	"slices"
	"strings"
)

// addGrants adds tidy grants, and notes what they say about mailboxes. It reports
// whether it could: nothing is added if a grant has a bad address or right.
func (inv *Inventory) addGrants(grants []Grant) bool {
	if len(grants) == 0 {
		return true
	}
	positions := inv.positions()
	keys := make([]grantKey, len(grants))
	good := inParts(len(grants), func(lo, hi int) bool { return positions.locate(grants[lo:hi], keys[lo:hi], lo) })
	if slices.Contains(good, false) {
		return false
	}
	order := keys[:0]
	for _, k := range keys {
		if k.right > 0 {
			order = append(order, k)
		}
		if k.object < 0 {
			continue
		}
		if m := &inv.mailboxes[k.object]; k.right > 0 {
			m.Delegated = Yes
		} else {
			m.Delegated = m.Delegated.Or(No)
		}
	}
	inv.grants = inv.distinct(grants, order)
	return true
}

// grantKey is a grant while grants are sorted: the positions of the mailboxes at its
// ends, -1 for none, its right, and its own position. The right is 0 if it gives nobody
// else one.
type grantKey struct {
	object, trustee int32
	right           Right
	at              int32
}

// locate sets the keys of grants, of which the first has the position first, and reports
// whether their addresses and rights are good. Grants on a mailbox mostly follow one
// another.
func (p *positions) locate(grants []Grant, keys []grantKey, first int) (good bool) {
	var b block
	var last Address
	object, good := int32(-1), true
	for len(grants) > 0 {
		n := min(len(grants), lookups)
		for i := range n {
			b.addresses[i] = grants[i].Trustee
		}
		b.fetch(n)
		for i := range n {
			good = good && grants[i].isGood()
		}
		p.find(&b, n)
		for i := range n {
			g := &grants[i]
			if g.Mailbox != last {
				last, object = g.Mailbox, p.named(g.Mailbox, p.hash(g.Mailbox))
				good = good && g.Mailbox.isNormal()
			}
			key := grantKey{object: object, trustee: b.mailbox[i], at: int32(first + i)}
			itself := g.Trustee == g.Mailbox || object >= 0 && object == key.trustee
			if g.Trustee != "" && !itself {
				key.right = g.Right
			}
			keys[i] = key
		}
		grants, keys, first = grants[n:], keys[n:], first+n
	}
	return good
}

// isGood reports whether there is a mailbox, and trustee and right are good.
func (g *Grant) isGood() bool {
	return g.Mailbox != "" && (g.Trustee == "" && g.Right == 0 || g.Trustee.isNormal() && g.Right.declared())
}

// distinct returns the grants that the keys name, in their order; of equal ones the
// first. Their ends become primary addresses. Mailboxes are in the order of their
// addresses, so that most comparisons are of positions.
func (inv *Inventory) distinct(grants []Grant, order []grantKey) []Grant {
	address := func(i int32, a Address) Address {
		if i >= 0 {
			return inv.mailboxes[i].Address
		}
		return a
	}
	ends := func(i, j int32, a, b Address) int {
		return strings.Compare(string(address(i, a)), string(address(j, b)))
	}
	compare := func(a, b grantKey) int {
		if a.object < 0 || b.object < 0 {
			if c := ends(a.object, b.object, grants[a.at].Mailbox, grants[b.at].Mailbox); c != 0 {
				return c
			}
		} else if a.object != b.object {
			return cmp.Compare(a.object, b.object)
		}
		if a.trustee < 0 || b.trustee < 0 {
			if c := ends(a.trustee, b.trustee, grants[a.at].Trustee, grants[b.at].Trustee); c != 0 {
				return c
			}
		} else if a.trustee != b.trustee {
			return cmp.Compare(a.trustee, b.trustee)
		}
		return cmp.Compare(a.right, b.right)
	}
	slices.SortFunc(order, func(a, b grantKey) int {
		if c := compare(a, b); c != 0 {
			return c
		}
		return cmp.Compare(a.at, b.at)
	})
	order = slices.CompactFunc(order, func(a, b grantKey) bool { return compare(a, b) == 0 })
	out := make([]Grant, len(order))
	inParts(len(out), func(lo, hi int) struct{} {
		for to, k := range order[lo:hi] {
			g := &out[lo+to]
			*g = grants[k.at]
			g.Mailbox, g.Trustee = address(k.object, g.Mailbox), address(k.trustee, g.Trustee)
		}
		return struct{}{}
	})
	return out
}
