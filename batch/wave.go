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
	found := make(map[string]int32) // numbers of waves, as they come
	var names []string
	pb.wave = slices.Repeat([]int32{none}, len(pb.load))
	last := int32(none)
	for i, v := range pb.vertex {
		if v == none {
			continue
		}
		m := pb.inv.At(i)
		w := o.waveOf(m)
		if last == none || names[last] != w {
			n, ok := found[w]
			if !ok {
				if len(o.Waves) > 0 && !slices.Contains(o.Waves, w) {
					return fmt.Errorf("batch: %s is of the wave %q, which is not in the order of waves %q", m.Address, w, o.Waves)
				}
				n = int32(len(names))
				found[w] = n
				names = append(names, w)
			}
			last = n
		}
		if pb.wave[v] == none {
			pb.wave[v] = last
		} else if pb.wave[v] != last {
			return fmt.Errorf("batch: %s and %s %s: they are of the waves %q and %q, which never mix",
				pb.inv.At(slices.Index(pb.vertex, v)).Address, m.Address, pb.bond(v), names[pb.wave[v]], w)
		}
	}
	pb.waves = o.waveOrder(names)
	index := make([]int32, len(names))
	for i, w := range pb.waves {
		index[found[w]] = int32(i)
	}
	for v, n := range pb.wave {
		pb.wave[v] = index[n]
	}
	return nil
}

// waveOrder returns the waves that were found, in their order.
func (o *Options) waveOrder(found []string) []string {
	if len(o.Waves) > 0 {
		return slices.DeleteFunc(slices.Clone(o.Waves), func(w string) bool { return !slices.Contains(found, w) })
	}
	return slices.Sorted(slices.Values(found))
}
