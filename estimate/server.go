package estimate

import "math"

// server is what a source server has promised to the mailboxes that it has been asked for.
// It serves first who came first, so that its promises never grow as time goes on: it
// gives all it can until full, and from then on less whenever a mailbox has all of its bytes.
// Rates are in any one unit, as are times. The zero server is idle.
type server struct {
	full float64   // until when it gives all it can
	rate float64   // what it gives from then on, or from when it was asked last
	ends []promise // when some of that ends: a binary heap with the first at 0
}

// promise is a rate until a moment.
type promise struct{ until, rate float64 }

// give promises an amount to a mailbox that takes it at a rate from a start on, or at what
// is left of the most that the server gives. It returns when the mailbox has all of it,
// and whether it had to wait for any of it.
//
// No start may be before the one of the last time; if one is, the server counts as having
// promised all that time what it has promised by the last.
func (s *server) give(start, amount, rate, most float64) (finish float64, waited bool) {
	now := max(start, s.full)
	for len(s.ends) > 0 && s.ends[0].until <= now {
		s.drop()
	}
	waited = now > start
	for {
		left := max(0, most-s.rate)
		if left >= rate {
			finish = now + amount/rate
			s.add(promise{finish, rate})
			return finish, waited
		}
		waited = true
		until := math.Inf(1)
		if len(s.ends) > 0 {
			until = s.ends[0].until
		}
		got := left * (until - now)
		if got >= amount {
			// All that was left is promised until then, and nothing of it longer.
			s.full = now + amount/left
			return s.full, waited
		}
		amount -= got
		now, s.full = until, until
		s.drop()
	}
}

// add adds a promise.
func (s *server) add(p promise) {
	s.rate += p.rate
	s.ends = append(s.ends, p)
	h := s.ends
	i := len(h) - 1
	for i > 0 && p.until < h[(i-1)/2].until {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = p
}

// drop drops the promise that ends first.
func (s *server) drop() {
	h := s.ends
	s.rate -= h[0].rate
	last := len(h) - 1
	p := h[last]
	h = h[:last]
	s.ends = h
	if last == 0 {
		s.rate = 0 // without what rounding has left of it
		return
	}
	key := math.Float64bits(p.until)
	i := 0
	for next := 1; next < last; next = 2*i + 1 {
		least := math.Float64bits(h[next].until)
		if next+1 < last {
			// Which of the two is less cannot be foreseen, so that this is no branch: bits of
			// times, none of which is negative, have their order.
			right := math.Float64bits(h[next+1].until)
			next += int((right - least) >> 63)
			least = min(least, right)
		}
		if least >= key {
			break
		}
		h[i] = h[next]
		i = next
	}
	h[i] = p
}

// copyFrom makes s what another is.
func (s *server) copyFrom(other *server) {
	s.full, s.rate = other.full, other.rate
	s.ends = append(s.ends[:0], other.ends...)
}

// reset makes it idle.
func (s *server) reset() { s.full, s.rate, s.ends = 0, 0, s.ends[:0] }
