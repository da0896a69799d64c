package batch

import (
	"math"
	"math/big"
	"slices"
	"sort"

	"github.com/staged-migration/staged/inventory"
)

// tie is what joins two mailboxes, or groups that must stay together, each known by its
// lowest address.
type tie struct {
	a, b   inventory.Address // a is the lower
	weight int64             // in the steps of checkSplitBound
}

// checkSplitBound works out the lower bound on the weight that must be split from its
// definition, forest by forest.
func (v *verifier) checkSplitBound() {
	b := &tieBound{v: v, leader: v.leaders(), weight: make(map[inventory.Address]weight)}
	for _, a := range v.planned {
		m, _ := v.inv.Lookup(a)
		w := b.weight[b.leader[a]]
		w.add(weight{1, v.size(m), v.duration(m)})
		b.weight[b.leader[a]] = w
	}
	sum, ties, step := b.ties()
	for forest := 1; forest <= 8; forest++ {
		ties = b.tooLarge(ties)
		tree, rest := b.heaviest(ties)
		sum += b.pieces(tree)
		ties = rest
	}
	if want := float64(sum) * step; v.p.SplitWeightBound != want {
		v.fail("the split grants are said to weigh %g at least, not %g", v.p.SplitWeightBound, want)
	}
	if v.p.SplitWeight < v.p.SplitWeightBound {
		v.fail("the split grants are said to weigh %g, which is below the bound of %g", v.p.SplitWeight, v.p.SplitWeightBound)
	}
}

type tieBound struct {
	v       *verifier
	leader  map[inventory.Address]inventory.Address // of the planned mailboxes
	weight  map[inventory.Address]weight            // of the leaders
	parties map[inventory.Address][]int             // the groups that must be apart, of the leaders; see apart
}

// leaders returns for each planned mailbox the lowest address of all that must be in its
// batch.
func (v *verifier) leaders() map[inventory.Address]inventory.Address {
	partners := make(map[inventory.Address][]inventory.Address)
	for _, members := range v.groups {
		for i := 1; i < len(members); i++ {
			partners[members[i-1]] = append(partners[members[i-1]], members[i])
			partners[members[i]] = append(partners[members[i]], members[i-1])
		}
	}
	leader := make(map[inventory.Address]inventory.Address, len(v.planned))
	for _, a := range v.planned {
		if _, ok := leader[a]; ok {
			continue
		}
		for _, member := range reached(a, partners) {
			leader[member] = a // planned is by address
		}
	}
	return leader
}

// ties returns in steps what ties of mailboxes that cannot be together weigh, the other
// ties, the heaviest first, and how much a step is.
func (b *tieBound) ties() (apart int64, ties []tie, step float64) {
	type grant struct {
		inventory.Grant
		weight float64
	}
	var grants []grant
	most := 0.0
	for _, g := range b.v.inv.Grants() {
		_, ok := b.v.inv.Lookup(g.Mailbox)
		_, also := b.v.inv.Lookup(g.Trustee)
		if w := b.v.grantWeight(g); ok && also && !b.v.hubs[g.Trustee] && w > 0 {
			grants = append(grants, grant{g, w})
			most = math.Max(most, w)
		}
	}
	_, e := math.Frexp(most)
	step = math.Ldexp(1, max(e-24, -1074)) // there is no float between 0 and 2^-1074
	sums := make(map[[2]inventory.Address]int64)
	for _, g := range grants {
		x, y := b.leader[g.Mailbox], b.leader[g.Trustee]
		n := int64(g.weight / step)
		switch {
		case x == "" || y == "" || x == y:
		case b.v.waves[x] != b.v.waves[y] || b.apart(x, y) || !b.v.holds(b.together(x, y)):
			apart += n
		default:
			sums[[2]inventory.Address{min(x, y), max(x, y)}] += n
		}
	}
	for ends, n := range sums {
		ties = append(ties, tie{ends[0], ends[1], n})
	}
	sort.Slice(ties, func(i, j int) bool {
		x, y := ties[i], ties[j]
		if x.weight != y.weight {
			return x.weight > y.weight
		}
		return x.a < y.a || x.a == y.a && x.b < y.b
	})
	return apart, ties, step
}

// apart reports whether anybody who must be in the batch of one leader must be apart from
// somebody in that of another.
func (b *tieBound) apart(x, y inventory.Address) bool {
	if b.parties == nil {
		b.parties = make(map[inventory.Address][]int)
		for a, groups := range b.v.partiesOf() {
			b.parties[b.leader[a]] = append(b.parties[b.leader[a]], groups...)
		}
	}
	return slices.ContainsFunc(b.parties[x], func(n int) bool { return slices.Contains(b.parties[y], n) })
}

// together returns what leaders weigh together.
func (b *tieBound) together(leaders ...inventory.Address) (sum weight) {
	for _, a := range leaders {
		sum.add(b.weight[a])
	}
	return sum
}

func neighbours(ties []tie) map[inventory.Address][]inventory.Address {
	partners := make(map[inventory.Address][]inventory.Address)
	for _, t := range ties {
		partners[t.a] = append(partners[t.a], t.b)
		partners[t.b] = append(partners[t.b], t.a)
	}
	return partners
}

// tooLarge returns the ties of what does not fit.
func (b *tieBound) tooLarge(ties []tie) (left []tie) {
	partners := neighbours(ties)
	fits := make(map[inventory.Address]bool)
	for _, t := range ties {
		if _, known := fits[t.a]; !known {
			members := reached(t.a, partners)
			whole := b.v.holds(b.together(members...))
			for _, a := range members {
				fits[a] = whole
			}
		}
		if !fits[t.a] {
			left = append(left, t)
		}
	}
	return left
}

// heaviest takes a forest out of the ties, the first ones first.
func (b *tieBound) heaviest(ties []tie) (forest, rest []tie) {
	in := make(map[inventory.Address]*[]inventory.Address) // the tree of each
	for _, t := range ties {
		for _, a := range [2]inventory.Address{t.a, t.b} {
			if in[a] == nil {
				in[a] = &[]inventory.Address{a}
			}
		}
		small, large := in[t.a], in[t.b]
		if small == large {
			rest = append(rest, t)
			continue
		}
		forest = append(forest, t)
		if len(*small) > len(*large) {
			small, large = large, small
		}
		for _, a := range *small {
			in[a] = large
		}
		*large = append(*large, *small...)
	}
	return forest, rest
}

// pieces returns what it costs at least to cut the trees into pieces that fit.
func (b *tieBound) pieces(forest []tie) (sum int64) {
	costs := make(map[[2]inventory.Address]int64)
	for _, t := range forest {
		costs[[2]inventory.Address{t.a, t.b}], costs[[2]inventory.Address{t.b, t.a}] = t.weight, t.weight
	}
	partners := neighbours(forest)
	seen := make(map[inventory.Address]bool)
	for _, t := range forest {
		if seen[t.a] {
			continue
		}
		members := reached(t.a, partners) // each after what it hangs from
		for _, a := range members {
			seen[a] = true
		}
		least := cheapest(members, partners, costs, b.each(members, func(w weight) int64 { return int64(w.count) }), int64(b.v.maxCount))
		if limit := int64(b.v.maxSize); limit > 0 {
			shares := b.each(members, func(w weight) int64 { return inSteps(int64(w.size), limit) })
			least = max(least, cheapest(members, partners, costs, shares, 2000))
		}
		if limit := int64(b.v.maxDuration); limit > 0 {
			shares := b.each(members, func(w weight) int64 { return inSteps(int64(w.duration), limit) })
			least = max(least, cheapest(members, partners, costs, shares, 2000))
		}
		sum += least
	}
	return sum
}

// each returns a measure of each of the members.
func (b *tieBound) each(members []inventory.Address, of func(weight) int64) map[inventory.Address]int64 {
	all := make(map[inventory.Address]int64)
	for _, a := range members {
		all[a] = of(b.weight[a])
	}
	return all
}

// inSteps returns how many 2,000ths of a limit there are in something, rounded down.
func inSteps(of, limit int64) int64 {
	share := new(big.Int).Mul(big.NewInt(of), big.NewInt(2000))
	return share.Quo(share, big.NewInt(limit)).Int64()
}

// piece is what may be left together with a member of a tree, and what that costs.
type piece struct{ weight, cost int64 }

// cheapest returns what it costs to cut a tree so that no piece weighs more than limit.
// Its members come each after what it hangs from.
func cheapest(members []inventory.Address, partners map[inventory.Address][]inventory.Address,
	weight map[[2]inventory.Address]int64, load map[inventory.Address]int64, limit int64) int64 {
	below := make(map[inventory.Address][]piece, len(members)) // of those that are done
	costs := make([]int64, limit+1)                            // by weight of the piece
	var pieces []piece
	for i := len(members) - 1; i >= 0; i-- {
		a := members[i]
		pieces = []piece{{load[a], 0}}
		for _, c := range partners[a] {
			if len(below[c]) == 0 {
				continue // it hangs from the other side
			}
			for w := range costs {
				costs[w] = math.MaxInt64
			}
			off := weight[[2]inventory.Address{a, c}] + below[c][0].cost
			for _, q := range below[c] {
				off = min(off, weight[[2]inventory.Address{a, c}]+q.cost)
			}
			for _, q := range append(below[c], piece{0, off}) {
				for _, p := range pieces {
					if w := p.weight + q.weight; w <= limit && q.cost <= off {
						costs[w] = min(costs[w], p.cost+q.cost)
					}
				}
			}
			pieces = pieces[:0]
			cheapest := int64(math.MaxInt64) // of all that weigh less
			for w, cost := range costs {
				if cost < cheapest {
					pieces = append(pieces, piece{int64(w), cost})
					cheapest = cost
				}
			}
		}
		below[a] = pieces
	}
	least := pieces[0].cost
	for _, p := range pieces {
		least = min(least, p.cost)
	}
	return least
}
