package binpack

// rooms is a tree over bins that knows the largest room, in each dimension by
// itself, among those below a node.
type rooms struct {
	leaves   int // a power of two
	room     []Load
	capacity Load
}

func newRooms(bins int, capacity Load) *rooms {
	r := &rooms{leaves: 1, capacity: capacity}
	for r.leaves < bins {
		r.leaves *= 2
	}
	r.room = make([]Load, 2*r.leaves)
	for b := range r.leaves {
		r.room[r.leaves+b] = Load{Count: -1, Size: -1, Time: -1} // beyond the bins there is no room
		if b < bins {
			r.room[r.leaves+b] = capacity
		}
	}
	for node := r.leaves - 1; node > 0; node-- {
		r.update(node)
	}
	return r
}

func (r *rooms) update(node int) {
	a, b := r.room[2*node], r.room[2*node+1]
	r.room[node] = Load{max(a.Count, b.Count), max(a.Size, b.Size), max(a.Time, b.Time)}
}

func (r *rooms) has(node int, item Load) bool { return item.within(r.room[node], r.capacity) }

// first returns the first bin with room for the item, or -1.
func (r *rooms) first(item Load) int {
	node := 1
	for {
		switch {
		case r.has(node, item) && node >= r.leaves:
			return node - r.leaves
		case r.has(node, item):
			node *= 2
			continue
		}
		for node%2 == 1 { // a right child: nothing is left below its parent
			node /= 2
		}
		if node == 0 {
			return -1
		}
		node++
	}
}

func (r *rooms) take(bin int, item Load) {
	node := r.leaves + bin
	r.room[node] = r.room[node].Minus(item)
	for node /= 2; node > 0; node /= 2 {
		r.update(node)
	}
}
