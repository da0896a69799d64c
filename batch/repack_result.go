package batch

import (
	"cmp"
	"slices"

	"github.com/staged-migration/staged/batch/internal/assign"
)

// match returns a fresh packing as a layout in which each of its bins is the one that is
// pinned to, or else the bin of the previous plan with which it has most in common, if all
// are looked at together.
func (r *repacker) match(bins []int32) *layout {
	count := int32(0)
	fixed := make(map[int32]int32) // of the bins that are pinned to: which they are
	for v, b := range r.fixed {
		if b != none {
			fixed[bins[v]] = b
		}
	}
	common := make(map[[2]int32]int64) // mailboxes, by bin and open batch
	for v, b := range bins {
		count = max(count, b+1)
		for _, i := range r.members[r.first[v]:r.first[v+1]] {
			if was := r.was(i); was != none && r.keeps(was) == none {
				common[[2]int32{b, was}]++
			}
		}
	}
	pairs := make([]assign.Pair, 0, len(common))
	for k, n := range common {
		if _, ok := fixed[k[0]]; !ok {
			pairs = append(pairs, assign.Pair{Row: k[0], Col: k[1], Weight: n})
		}
	}
	slices.SortFunc(pairs, func(a, b assign.Pair) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col)) })
	l := r.newLayout()
	to := assign.Best(int(count), len(r.past.open), pairs)
	for b, c := range to {
		if at, ok := fixed[int32(b)]; ok {
			to[b] = at
		} else if c < 0 {
			to[b] = l.add(none)
		}
	}
	for v, b := range bins {
		if !r.alone(int32(v)) {
			l.wave[to[b]] = r.pb.wave[v]
		}
		l.put(int32(v), to[b])
	}
	return l
}

// describe says how good a layout is.
func (r *repacker) describe(l *layout) (f Fresh) {
	for b := range l.in {
		if len(l.in[b]) > 0 {
			f.Batches++
		}
	}
	for v, b := range l.bin {
		f.Moved += int(r.had[v] - r.stayed(int32(v), b))
	}
	for _, k := range r.pb.links {
		if u, v := r.pb.vertex[k.mailbox], r.pb.vertex[k.trustee]; !k.hub && u != none && v != none && l.bin[u] != l.bin[v] {
			f.SplitWeight += k.weight
		}
	}
	return f
}

// batches turns a layout into batches with names: by wave, the previous ones in their
// order before new ones in that of their names. New ones that nothing is pinned to are
// numbered in the order of their waves and lowest addresses.
func (r *repacker) batches(l *layout, o *Options) ([]Batch, error) {
	type made struct {
		Batch
		wave int32
		old  int // index of the previous batch, or beyond all
	}
	var all []*made
	of := make([]*made, len(l.in))
	for i, v := range r.pb.vertex {
		if v == none {
			continue
		}
		b := l.bin[v]
		if of[b] == nil {
			of[b] = &made{wave: r.pb.wave[v], old: min(int(b), len(r.past.open))}
			of[b].Wave = r.pb.waves[r.pb.wave[v]]
			if int(b) < len(r.names) {
				of[b].Name = r.names[b]
			}
			all = append(all, of[b])
		}
		of[b].Mailboxes = append(of[b].Mailboxes, r.pb.inv.At(i))
	}
	slices.SortStableFunc(all, func(a, b *made) int { return cmp.Compare(a.wave, b.wave) })
	var added []*made
	for _, m := range all {
		r.pb.sortForMigration(m.Mailboxes)
		if m.Name == "" {
			added = append(added, m)
		}
	}
	names, err := r.past.newNames(cmp.Or(o.Prefix, DefaultPrefix), len(added), r.pb.pins)
	if err != nil {
		return nil, err
	}
	for i, m := range added {
		m.Name = names[i]
	}
	slices.SortFunc(all, func(a, b *made) int {
		return cmp.Or(cmp.Compare(a.wave, b.wave), cmp.Compare(a.old, b.old), compareNames(a.Name, b.Name))
	})
	batches := make([]Batch, len(all))
	for i, m := range all {
		batches[i] = m.Batch
	}
	return batches, nil
}
