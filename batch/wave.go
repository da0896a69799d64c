package batch

import (
	"fmt"
	"slices"

	"github.com/staged-migration/staged/inventory"
)

func (o *Options) waveOf(m *inventory.Mailbox) string {
	if o.Wave == nil {
		return ""
	}
	return o.Wave(m)
}

// validateWaves refuses an order that names a wave twice.
func (o *Options) validateWaves() error {
	for i, w := range o.Waves {
		if slices.Contains(o.Waves[:i], w) {
			return fmt.Errorf("batch: the order of waves has %q twice", w)
		}
	}
	return nil
}

// assignWaves fills in the waves. A wave that the order does not name is an error, and
// so are two of them in a vertex.
func (pb *problem) assignWaves(o *Options) error {
	names := make([]string, len(pb.load)) // of each vertex
	first := make([]int, len(pb.load))    // of each vertex: its first position, or -1
	for v := range first {
		first[v] = -1
	}
	found := make(map[string]bool)
	for i, v := range pb.vertex {
		if v == none {
			continue
		}
		m := pb.inv.At(i)
		w := o.waveOf(m)
		if len(o.Waves) > 0 && !found[w] && !slices.Contains(o.Waves, w) {
			return fmt.Errorf("batch: %s is of the wave %q, which is not in the order of waves %q", m.Address, w, o.Waves)
		}
		found[w] = true
		if first[v] < 0 {
			first[v], names[v] = i, w
		} else if names[v] != w {
			return fmt.Errorf("batch: %s and %s %s: they are of the waves %q and %q, which never mix",
				pb.inv.At(first[v]).Address, m.Address, pb.bond(v), names[v], w)
		}
	}
	index := make(map[string]int32)
	for _, w := range o.waveOrder(found) {
		index[w] = int32(len(pb.waves))
		pb.waves = append(pb.waves, w)
	}
	pb.wave = make([]int32, len(names))
	for v, w := range names {
		pb.wave[v] = index[w]
	}
	return nil
}

// waveOrder returns the waves that were found, in their order.
func (o *Options) waveOrder(found map[string]bool) []string {
	if len(o.Waves) > 0 {
		return slices.DeleteFunc(slices.Clone(o.Waves), func(w string) bool { return !found[w] })
	}
	order := make([]string, 0, len(found))
	for w := range found {
		order = append(order, w)
	}
	slices.Sort(order)
	return order
}
