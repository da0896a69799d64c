package estimate

// lanes are the lanes of an endpoint while they serve mailboxes in their order. Times are
// in any one unit.
//
// Whatever takes less, or is ready sooner, never makes a later finish: the times at which
// lanes are free, in order, are monotone in all that was served.
type lanes struct {
	free    []float64 // when each lane is free, a binary heap with the first at 0
	through []float64 // when each source server has given all that it was asked for
}

// newLanes returns lanes that are all free at 0, and servers that are idle.
func newLanes(n, servers int) *lanes {
	return &lanes{make([]float64, n), make([]float64, servers)}
}

// first returns when the first lane is free.
func (l *lanes) first() float64 { return l.free[0] }

// copyFrom makes l what another is, which has as many lanes and servers.
func (l *lanes) copyFrom(other *lanes) {
	copy(l.free, other.free)
	copy(l.through, other.through)
}

// serve gives the next mailbox to the lane that is free first, once the mailbox is
// ready, and returns when it is copied.
func (l *lanes) serve(ready, takes float64) (finish float64) {
	finish = max(l.free[0], ready) + takes
	l.occupy(finish)
	return finish
}

// serveFrom is serve for a mailbox of which its server gives no more than it can: it is
// busy with it for given, after all that it was asked for before.
func (l *lanes) serveFrom(server int, ready, takes, given float64) (finish float64) {
	start := max(l.free[0], ready)
	through := max(l.through[server], start) + given
	l.through[server] = through
	finish = max(start+takes, through)
	l.occupy(finish)
	return finish
}

// occupy makes the lane that was free first free at a later time.
func (l *lanes) occupy(until float64) {
	h := l.free
	i := 0
	for {
		least := 2*i + 1
		if least >= len(h) {
			break
		}
		if r := least + 1; r < len(h) && h[r] < h[least] {
			least = r
		}
		if h[least] >= until {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = until
}
