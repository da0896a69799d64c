package batch

import (
	"cmp"
	"slices"

	"github.com/staged-migration/staged/batch/internal/assign"
)

// match returns a fresh packing as a layout in which each of its bins is the bin of the
// previous plan with which it has most in common, if all are looked at together.
func (r *repacker) match(bins []int32) *layout {
	count := int32(0)
	common := make(map[[2]int32]int64) // mailboxes, by bin and open batch
	for v, b := range bins {
		count = max(count, b+1)
		for _, i := range r.members[r.first[v]:r.first[v+1]] {
			if was := r.was(i); was != none {
				common[[2]int32{b, was}]++
			}
		}
	}
	pairs := make([]assign.Pair, 0, len(common))
	for k, n := range common {
		pairs = append(pairs, assign.Pair{Row: k[0], Col: k[1], Weight: n})
	}
	slices.SortFunc(pairs, func(a, b assign.Pair) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col)) })
	l := r.newLayout()
	to := assign.Best(int(count), len(r.past.open), pairs)
	for b, c := range to {
		if c < 0 {
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
// order before new ones in that of their lowest addresses.
func (r *repacker) batches(l *layout, o *Options) ([]Batch, error) {
	type made struct {
		batch Batch
		wave  int32
		old   int // index of the previous batch, or beyond all
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
			of[b].batch.Wave = r.pb.waves[r.pb.wave[v]]
			all = append(all, of[b])
		}
		of[b].batch.Mailboxes = append(of[b].batch.Mailboxes, r.pb.inv.At(i))
	}
	slices.SortStableFunc(all, func(a, b *made) int { return cmp.Or(cmp.Compare(a.wave, b.wave), cmp.Compare(a.old, b.old)) })
	added := 0
	for _, m := range all {
		if m.old == len(r.past.open) {
			added++
		}
	}
	names, err := r.past.newNames(o.Prefix, added)
	if err != nil {
		return nil, err
	}
	batches := make([]Batch, len(all))
	for i, m := range all {
		if m.old < len(r.past.open) {
			m.batch.Name = r.past.open[m.old].Name
		} else {
			m.batch.Name, names = names[0], names[1:]
		}
		sortForMigration(m.batch.Mailboxes)
		batches[i] = m.batch
	}
	return batches, nil
}
