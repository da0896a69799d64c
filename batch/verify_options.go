package batch

import (
	"math"
	"slices"
)

// checkOptions checks what else Pack refuses: sizes and durations that are too large to add up or all
// unknown where they are limited, a wave named twice, and weights out of range. It reports
// whether sums mean anything.
func (v *verifier) checkOptions() bool {
	for i, w := range v.opts.Waves {
		if slices.Contains(v.opts.Waves[:i], w) {
			v.fail("the order of waves has %q twice", w)
		}
	}
	for _, g := range v.inv.Grants() {
		w := v.grantWeight(g)
		if w >= 0 && w <= 1e9 { // which it is not either if it is not a number
			continue
		}
		_, ok := v.inv.Lookup(g.Mailbox)
		_, also := v.inv.Lookup(g.Trustee)
		if ok && also {
			v.fail("the grant of %s on %s weighs %v", g.Trustee, g.Mailbox, w)
		}
	}
	left, time := int64(math.MaxInt64/8), int64(math.MaxInt64/8)
	planned, known := 0, v.maxSize == 0 || v.assumed > 0
	for m := range v.inv.Mailboxes() {
		if v.held(m) {
			continue
		}
		planned++
		_, ok := m.Size.Get()
		known = known || ok
		if left -= int64(v.size(m)); left < 0 {
			v.fail("all mailboxes together hold too much to add up")
			return false
		}
		d := int64(v.duration(m))
		if d < 0 || d > time {
			v.fail("%s takes %d ns, which is negative or brings the total to too much to add up", m.Address, d)
			return false
		}
		time -= d
	}
	if !known && planned > 0 {
		v.fail("the size is limited, and not one is known")
	}
	return true
}
