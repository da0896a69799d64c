package level

import (
	"cmp"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

// gather puts sites into fewer bins if it can.
func (l *leveler) gather(bin []int32) {
	if poured := l.pour(); poured != nil && l.sitePairs(poured) < l.sitePairs(l.bin) {
		l.bin = poured
		l.copyTo(bin)
	}
}

// sitePairs returns how many pairs there are of a site and a bin that holds anything of it.
func (l *leveler) sitePairs(bin []int32) int {
	type pair struct{ site, bin int32 }
	pairs := make(map[pair]struct{})
	for i, b := range bin {
		for _, s := range l.items[i].near() {
			pairs[pair{s, b}] = struct{}{}
		}
	}
	return len(pairs)
}

// clusters returns the items in clusters that fit into a bin: first those with sites, the
// largest first and each site by site, then every other item by itself. A site is in one
// cluster if it fits, together with whatever sites share items with it; small sites are
// joined first.
func (l *leveler) clusters() [][]int32 {
	u := newUnion(l.items)
	for _, of := range l.bySite() {
		u.joinAll(of, l.capacity)
	}
	number := make(map[int32]int) // of each root its cluster
	var clusters, rest [][]int32
	for i := range l.items {
		if len(l.items[i].near()) == 0 {
			rest = append(rest, []int32{int32(i)})
			continue
		}
		root := u.find(int32(i))
		n, ok := number[root]
		if !ok {
			n = len(clusters)
			number[root] = n
			clusters = append(clusters, nil)
		}
		clusters[n] = append(clusters[n], int32(i))
	}
	for _, c := range clusters {
		slices.SortStableFunc(c, func(a, b int32) int { return cmp.Compare(l.items[a].near()[0], l.items[b].near()[0]) })
	}
	large := func(c []int32) float64 { return l.measure(u.load[u.find(c[0])]) }
	slices.SortStableFunc(clusters, func(a, b []int32) int { return cmp.Compare(large(b), large(a)) })
	return append(clusters, rest...)
}

// bySite returns the items of each site, the smallest site first.
func (l *leveler) bySite() [][]int32 {
	type site struct {
		items []int32
		size  float64
	}
	sites := make([]site, l.sites)
	for i := range l.items {
		for _, s := range l.items[i].near() {
			sites[s].items = append(sites[s].items, int32(i))
			sites[s].size += l.measure(l.items[i].Load)
		}
	}
	slices.SortStableFunc(sites, func(a, b site) int { return cmp.Compare(a.size, b.size) })
	of := make([][]int32, len(sites))
	for s := range sites {
		of[s] = sites[s].items
	}
	return of
}

// measure returns the count and the size of a load in terms of an average bin, added up.
func (l *leveler) measure(load binpack.Load) float64 {
	return float64(float64(load.Count)*l.perCount) + float64(float64(load.Size)*l.perSize)
}

// joinWhole joins the items of each site that is in one bin, where it is to stay. It returns
// the group of each item, and of each group what it holds and the bin that it is in.
func joinWhole(s *scale, items []Item, bin []int32) (group []int32, joined []Item, in []int32) {
	const several = -1
	first := make([]int32, s.sites) // one more than the first item of each site, or several
	for i := range items {
		for _, site := range items[i].near() {
			if f := first[site]; f == 0 {
				first[site] = int32(i) + 1
			} else if f != several && bin[f-1] != bin[i] {
				first[site] = several
			}
		}
	}
	u := newUnion(items)
	for i := range items {
		for _, site := range items[i].near() {
			if f := first[site]; f != several {
				u.parent[u.find(int32(i))] = u.find(f - 1)
			}
		}
	}
	group = make([]int32, len(items))
	number := make([]int32, len(items)) // one more than the group, by root
	for i := range items {
		n := &number[u.find(int32(i))]
		if *n == 0 {
			joined, in = append(joined, Item{}), append(in, bin[i])
			*n = int32(len(joined))
		}
		group[i] = *n - 1
		joined[*n-1].add(&items[i])
	}
	for g := range joined {
		joined[g].Servers = sumUp(joined[g].Servers)
		if t := joined[g].Ties; t != nil {
			slices.Sort(t.Near)
			t.Near = slices.Compact(t.Near)
			slices.Sort(t.Apart)
		}
	}
	return group, joined, in
}

// add adds what another item holds. Servers and sites may be there more than once then.
func (it *Item) add(other *Item) {
	it.Load = it.Load.Plus(other.Load)
	it.Servers = append(it.Servers, other.Servers...)
	if other.Ties != nil {
		if it.Ties == nil {
			it.Ties = &Ties{}
		}
		it.Ties.Near = append(it.Ties.Near, other.Ties.Near...)
		it.Ties.Apart = append(it.Ties.Apart, other.Ties.Apart...)
	}
}

// exclusive returns for each item of the pair of bins the place of one of its group. A
// group must stay together so that no site comes to be in a bin more: what is near to a
// site that is in only one of both bins. It returns nil if there are no sites.
func (l *leveler) exclusive() []int32 {
	if l.sites == 0 {
		return nil
	}
	p := &l.pair
	const left, both = 1, 3
	for at, i := range p.items {
		for _, s := range l.items[i].near() {
			l.marks[s].in |= uint8(left + side(p.right[at]))
		}
	}
	u := &union{parent: make([]int32, len(p.items))}
	for at, i := range p.items {
		u.parent[at] = int32(at)
		for _, s := range l.items[i].near() {
			mark := &l.marks[s]
			if mark.in == both {
				continue
			}
			if mark.first > 0 {
				u.parent[u.find(int32(at))] = u.find(mark.first - 1)
			} else {
				mark.first = int32(at) + 1
			}
		}
	}
	for _, i := range p.items {
		for _, s := range l.items[i].near() {
			l.marks[s] = mark{}
		}
	}
	for at := range u.parent {
		u.parent[at] = u.find(int32(at))
	}
	return u.parent
}

// mark is what is known of a site while a pair of bins is looked at.
type mark struct {
	in    uint8 // 1 for the first bin, 2 for the second, 3 for both
	first int32 // one more than the place of its first item, or 0
}
