package batch

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/batch/internal/level"
)

// even evens out the bins of each wave, but for those of single mailboxes that exceed a
// limit, as [level.Even] describes. What holds together moves as a whole: what edges
// join within a bin, so that no more is split whatever moves, and families that are all in one.
func (pb *problem) even(ctx context.Context, bin []int32, o *Options) error {
	s := pb.stock(bin, o)
	number := slices.Repeat([]int32{none}, len(s.loads)) // of each bin in its wave
	for _, wave := range s.inWaves(pb) {
		fits := func(i int32) bool { return s.loads[s.bin[i]].Fits(pb.capacity()) }
		wave = slices.DeleteFunc(wave, func(i int32) bool { return !fits(i) })
		items := s.items // in the memory that they are in, if those are all
		if len(wave) < len(s.items) {
			items = make([]level.Item, len(wave))
			for at, i := range wave {
				items[at] = s.items[i]
			}
		}
		var bins []int32
		local := make([]int32, len(wave)) // the number of each item's bin
		for at, i := range wave {
			b := s.bin[i]
			if number[b] == none {
				number[b] = int32(len(bins))
				bins = append(bins, b)
			}
			local[at] = number[b]
		}
		if err := level.Even(ctx, items, s.servers, pb.capacity(), local, len(bins)); err != nil {
			return err
		}
		for at, i := range wave {
			s.bin[i] = bins[local[at]]
		}
	}
	for v, i := range s.item {
		bin[v] = s.bin[i]
	}
	return nil
}

// stock is what is in bins, in items that move as a whole.
type stock struct {
	item    []int32 // of each vertex
	items   []level.Item
	bin     []int32 // of each item
	wave    []int32 // of each item
	servers int
	loads   []binpack.Load // of each bin
}

func (pb *problem) stock(bin []int32, o *Options) *stock {
	item, count := pb.inseparable(bin)
	s := &stock{item: item, items: make([]level.Item, count), bin: make([]int32, count), wave: make([]int32, count)}
	s.loads = make([]binpack.Load, slices.Max(append([]int32{-1}, bin...))+1)
	for v, i := range s.item {
		s.bin[i], s.wave[i] = bin[v], pb.wave[v]
		s.items[i].Load = s.items[i].Load.Plus(pb.load[v])
		s.loads[bin[v]] = s.loads[bin[v]].Plus(pb.load[v])
	}
	s.count(pb, o)
	s.keepApart(pb)
	return s
}

// inWaves returns the items of each wave.
func (s *stock) inWaves(pb *problem) [][]int32 {
	counts := make([]int, len(pb.waves))
	for _, w := range s.wave {
		counts[w]++
	}
	waves := make([][]int32, len(pb.waves))
	for w, n := range counts {
		waves[w] = make([]int32, 0, n)
	}
	for i, w := range s.wave {
		waves[w] = append(waves[w], int32(i))
	}
	return waves
}

// inseparable numbers what moves as a whole, in the order of the lowest vertices: families
// whose mailboxes of a wave are all in one bin, and else components within bins.
func (pb *problem) inseparable(bin []int32) (item []int32, count int32) {
	component, components := pb.graph.Components(bin)
	const nowhere, several = -1, -2
	family, families := pb.familiesInWaves()
	in := slices.Repeat([]int32{nowhere}, families) // of each family: the bin that it is in
	for v, f := range family {
		if in[f] == nowhere {
			in[f] = bin[v]
		} else if in[f] != bin[v] {
			in[f] = several
		}
	}
	ofFamily, ofComponent := slices.Repeat([]int32{none}, families), slices.Repeat([]int32{none}, components)
	item = make([]int32, len(bin))
	for v, c := range component {
		of := &ofComponent[c]
		if f := family[v]; in[f] >= 0 {
			of = &ofFamily[f]
		}
		if *of == none {
			*of = count
			count++
		}
		item[v] = *of
	}
	return item, count
}

// familiesInWaves numbers the families, one that is in several waves for each of them.
func (pb *problem) familiesInWaves() (family []int32, count int) {
	if len(pb.waves) < 2 {
		return pb.family, len(pb.vertex)
	}
	type part struct{ family, wave int32 }
	number := make(map[part]int32)
	family = make([]int32, len(pb.family))
	for v, f := range pb.family {
		p := part{f, pb.wave[v]}
		n, ok := number[p]
		if !ok {
			n = int32(len(number))
			number[p] = n
		}
		family[v] = n
	}
	return family, len(number)
}

// count fills in how many mailboxes of each item are on which server, and the sites that
// they are near to.
func (s *stock) count(pb *problem, o *Options) {
	type place struct{ item, server, site int32 }
	places := make([]place, 0, len(pb.vertex))
	servers, sites := make(numbers), make(numbers)
	hosts := make(map[string]int32) // by name as it is written
	for at, v := range pb.vertex {
		if v == none {
			continue
		}
		m := pb.inv.At(at)
		host, ok := hosts[m.Server]
		if !ok {
			host = servers.of(hostName(m.Server))
			hosts[m.Server] = host
		}
		site := int32(none)
		if o.Near != nil {
			if text := o.Near(m); text != "" {
				site = sites.of(text)
			}
		}
		places = append(places, place{s.item[v], host, site})
	}
	s.servers = len(servers)
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(a.server, b.server), cmp.Compare(a.site, b.site))
	})
	tallies := make([]level.Tally, 0, len(places))
	for i, p := range places {
		it := &s.items[p.item]
		if i > 0 && places[i-1].item == p.item && places[i-1].server == p.server {
			tallies[len(tallies)-1].Count++
		} else {
			tallies = append(tallies, level.Tally{Server: p.server, Count: 1})
			it.Servers = tallies[len(tallies)-len(it.Servers)-1:]
		}
		if p.site != none {
			near := &ties(it).Near
			if at, found := slices.BinarySearch(*near, p.site); !found {
				*near = slices.Insert(*near, at, p.site)
			}
		}
	}
}

// keepApart fills in from which others each item must be apart, whatever it weighs.
func (s *stock) keepApart(pb *problem) {
	for v, numbers := range pb.apart {
		if len(numbers) > 0 {
			apart := &ties(&s.items[s.item[v]]).Apart
			*apart = append(*apart, numbers...)
		}
	}
	for i := range s.items {
		if t := s.items[i].Ties; t != nil {
			slices.Sort(t.Apart)
		}
	}
}

func ties(it *level.Item) *level.Ties {
	if it.Ties == nil {
		it.Ties = &level.Ties{}
	}
	return it.Ties
}

// numbers numbers texts from 0.
type numbers map[string]int32

func (n numbers) of(text string) int32 {
	i, ok := n[text]
	if !ok {
		i = int32(len(n))
		n[text] = i
	}
	return i
}

// hostName returns the name of a server without its domain, in lower case: exports write
// either. What has no name is one server more.
func hostName(server string) string {
	host, _, _ := strings.Cut(server, ".")
	return strings.ToLower(host)
}
