package estimate

// lanes are the lanes of an endpoint while they serve mailboxes in their order, each of
// which must not be ready before the one before it. Times are in any one unit.
//
// Whatever takes less, or is ready sooner, never makes a later finish: the times at which
// lanes are free, in order, are monotone in all that was served.
type lanes struct {
	free    []float64 // when each lane is free, a binary heap with the first at 0
	servers []server
	gives   float64 // how many lanes a source server keeps at their full rate
}

// newLanes returns lanes that are all free at 0, and servers that are idle and each give
// what so many lanes take.
func newLanes(n, servers int, gives float64) *lanes {
	l := &lanes{make([]float64, n), make([]server, servers), gives}
	return l
}

// first returns when the first lane is free.
func (l *lanes) first() float64 { return l.free[0] }

// copyFrom makes l what another is, which has as many lanes and servers.
func (l *lanes) copyFrom(other *lanes) {
	copy(l.free, other.free)
	for i := range l.servers {
		l.servers[i].steps = append(l.servers[i].steps[:0], other.servers[i].steps...)
	}
}

// serve gives the next mailbox to the lane that is free first, once the mailbox is
// ready, and returns when it is copied.
func (l *lanes) serve(ready, takes float64) (finish float64) {
	finish = max(l.free[0], ready) + takes
	l.occupy(finish)
	return finish
}

// serveFrom is serve for a mailbox that takes some of its time, the first, from a server.
func (l *lanes) serveFrom(n int, ready, copying, beside float64) (finish float64) {
	start := max(l.free[0], ready)
	finish = l.servers[n].give(start, copying, l.gives) + beside
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

// server is what a source server has promised: a number of lanes until each step.
type server struct{ steps []step }

type step struct{ until, lanes float64 }

// give promises what a mailbox takes: up to a lane from a start on, of what is left of
// all that the server gives. It returns when the mailbox has all of it.
func (s *server) give(start, takes, gives float64) (finish float64) {
	past := 0
	for past < len(s.steps) && s.steps[past].until <= start {
		past++
	}
	s.steps = append(s.steps[:0], s.steps[past:]...)
	for i := range s.steps {
		next := &s.steps[i]
		left := max(0, min(1, gives-next.lanes))
		if got := left * (next.until - start); got < takes {
			takes -= got
			start = next.until
			next.lanes += left
			continue
		}
		finish = start + takes/left
		s.steps = append(s.steps, step{})
		copy(s.steps[i+1:], s.steps[i:])
		s.steps[i] = step{finish, s.steps[i].lanes + left}
		return finish
	}
	finish = start + takes/min(1, gives)
	s.steps = append(s.steps, step{finish, min(1, gives)})
	return finish
}
