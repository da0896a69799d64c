package estimate

import "math"

// lanes are the lanes of an endpoint while they serve mailboxes in their order, each of
// which must not be ready before the one before it. Times are in any one unit.
//
// Whatever takes less, or is ready sooner, never makes a later finish: the times at which
// lanes are free, in order, are monotone in all that was served.
type lanes struct {
	// free is when each lane is free: a binary heap with the first at 0, of an odd length, so
	// that what has one below it has two. It has the bits of times, whose order is that of
	// the times, since none is negative.
	free    []uint64
	servers []server
	gives   float64 // how many lanes a source server keeps at their full rate
}

// newLanes returns lanes that are all free at 0, and that have no servers yet. Each of those will
// give what so many lanes take.
func newLanes(n int, gives float64) *lanes {
	l := &lanes{free: make([]uint64, n), gives: gives}
	if n%2 == 0 {
		l.free = append(l.free, math.Float64bits(math.Inf(1))) // one that is never free
	}
	return l
}

// addServers has it know so many servers. Those that are new are idle.
func (l *lanes) addServers(n int) {
	for len(l.servers) < n {
		l.servers = append(l.servers, server{})
	}
}

// first returns when the first lane is free.
func (l *lanes) first() float64 { return math.Float64frombits(l.free[0]) }

// copyFrom makes l what another is, which has as many lanes and servers.
func (l *lanes) copyFrom(other *lanes) {
	copy(l.free, other.free)
	for i := range l.servers {
		l.servers[i].copyFrom(&other.servers[i])
	}
}

// serve gives the next mailbox to the lane that is free first, once the mailbox is
// ready, and returns when it is copied.
func (l *lanes) serve(ready, takes float64) (finish float64) {
	finish = max(l.first(), ready) + takes
	l.occupy(finish)
	return finish
}

// serveFrom is serve for a mailbox that takes some of its time, the first, from a server.
func (l *lanes) serveFrom(n int, ready, copying, beside float64) (finish float64) {
	start := max(l.first(), ready)
	got, _ := l.servers[n].give(start, copying, 1, l.gives)
	finish = got + beside
	l.occupy(finish)
	return finish
}

// occupy makes the lane that was free first free at a later time.
func (l *lanes) occupy(until float64) {
	h := l.free
	key := math.Float64bits(until)
	i := 0
	for next := 1; next+1 < len(h); next = 2*i + 1 {
		// Which of the two is less cannot be foreseen, so that this is no branch.
		left, right := h[next], h[next+1]
		next += int((right - left) >> 63)
		least := min(left, right)
		if least >= key {
			break
		}
		h[i] = least
		i = next
	}
	h[i] = key
}
