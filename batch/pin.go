package batch

import (
	"fmt"
	"strings"
)

// pin is a batch that mailboxes are pinned to. They are one vertex.
type pin struct {
	name string
	at   int32 // the lowest position of those
}

// pin fills in the pins, in the order of their lowest positions, and joins the groups of
// mailboxes that must stay together and are pinned to the same batch.
func (pb *problem) pin(o *Options, groups union) error {
	if o.Pin == nil {
		return nil
	}
	index := make(map[string]int)  // of each pin, by its name in lower case
	chosen := make(map[int32]pin)  // of each group that has one, by its root: by which position
	joins := make(map[int32]int32) // what is to be joined to the first position of its pin
	for i, v := range pb.vertex {
		if v == none {
			continue
		}
		m := pb.inv.At(i)
		name := o.Pin(m)
		if name == "" {
			continue
		}
		if err := checkName(name); err != nil {
			return fmt.Errorf("batch: %s is pinned to the batch %q: %w", m.Address, name, err)
		}
		root := groups.find(int32(i))
		if other, ok := chosen[root]; ok && other.name != name {
			return fmt.Errorf("batch: %s and %s must stay together, and they are pinned to the batches %s and %s",
				pb.inv.At(int(other.at)).Address, m.Address, other.name, name)
		} else if !ok {
			chosen[root] = pin{name, int32(i)}
		}
		n, ok := index[strings.ToLower(name)]
		if !ok {
			n = len(pb.pins)
			index[strings.ToLower(name)] = n
			pb.pins = append(pb.pins, pin{name, int32(i)})
		}
		if p := pb.pins[n]; p.name != name {
			return fmt.Errorf("batch: %s is pinned to the batch %s and %s to %s: names must differ in more than case",
				pb.inv.At(int(p.at)).Address, p.name, m.Address, name)
		}
		joins[root] = pb.pins[n].at
	}
	for root, at := range joins {
		groups.join(root, at)
	}
	return nil
}

// bond says why mailboxes are in one vertex.
func (pb *problem) bond(v int32) string {
	for _, p := range pb.pins {
		if pb.vertex[p.at] == v {
			return "must be in the batch " + p.name
		}
	}
	return "must stay together"
}
