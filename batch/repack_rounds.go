package batch

import "context"

// goOn searches again from what a search has found, as if that were the previous plan, until
// nothing changes any more, if the previous plan is to be mended: what moves once makes room
// for more. Seen from the previous plan that costs nothing, since a mailbox that moves twice
// moves once there, and one that returns does not. It comes to an end because with mending
// the search moves nothing that has a place unless that costs less.
func (r *repacker) goOn(ctx context.Context, l *layout, bins []int32, previous *Previous, o *Options) (*layout, error) {
	for r.mend {
		batches, err := r.batches(l, o)
		if err != nil {
			return nil, err
		}
		found := Repacking{Frozen: r.past.frozen, Packing: &Packing{Batches: batches}}
		next := *previous
		next.Batches, next.Failed = found.Previous(), nil
		past, err := next.in(r.pb.inv)
		if err != nil {
			return nil, err
		}
		again := newRepacker(r.pb, past, &next)
		better, err := again.search(ctx, again.match(bins))
		if err != nil {
			return nil, err
		}
		if again.describe(better).Moved == 0 {
			break
		}
		l = r.adopt(l, better)
	}
	return l, nil
}

// adopt returns a layout that goes on from l, in terms of a later plan, in those of l.
func (r *repacker) adopt(l, later *layout) *layout {
	bin := make([]int32, len(later.in)) // of each bin: which it is in l
	for b := range bin {
		bin[b] = none
	}
	for v, b := range l.bin {
		bin[later.home(int32(v))] = b
	}
	adopted := r.newLayout()
	for len(adopted.in) < len(l.in) {
		adopted.add(none)
	}
	for v, b := range later.bin {
		if bin[b] == none {
			bin[b] = adopted.add(none)
		}
		adopted.put(int32(v), bin[b])
	}
	return adopted
}
