package estimate

import (
	"fmt"
	"math"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// The published figures for a staged migration.
//
// Sources: the training unit on staged migration ("approximately 10 to 14
// GB/hour, depending on the Internet connection speed"); Office 365 migration
// performance and best practices, edition of August 2018, which adds that the
// figure holds for 20 mailboxes at a time. Later editions dropped it and put no
// other rate in its place.
const (
	PublishedLow   = 10.0 // GB per hour
	PublishedHigh  = 14.0 // GB per hour
	PublishedLanes = 20   // mailboxes at a time
)

// MaxLanes is the largest number of concurrent migrations that the service
// allows an endpoint. Source: support article 2797784, which gives 300 per
// endpoint type; the best-practice page gives 100.
const MaxLanes = 300

// Throughput is a range of rates in GB per hour, of all lanes together. The zero
// Throughput is the published one.
type Throughput struct{ Low, High float64 }

// Range is a duration that is not known exactly. Early is at most Likely, and
// that is at most Late.
type Range struct{ Early, Likely, Late time.Duration }

// Model says how fast mailboxes are copied. The zero Model is the published
// metric.
type Model struct {
	// Throughput of all lanes together; zero means PublishedLow to
	// PublishedHigh.
	Throughput Throughput

	// Lanes is how many mailboxes are copied at a time, the concurrent
	// migrations of the endpoint; 0 means PublishedLanes. The throughput is
	// taken to spread evenly over them, which at the published figures gives a
	// lane 0.5 to 0.7 GB per hour. That is an inference, not a published figure.
	Lanes int
}

// Resolve returns m with its defaults filled in, or an error if a rate is not
// positive, the low rate is over the high one, or the number of lanes is not
// from 1 to MaxLanes.
func (m Model) Resolve() (Model, error) {
	if m.Throughput == (Throughput{}) {
		m.Throughput = Throughput{PublishedLow, PublishedHigh}
	}
	if m.Lanes == 0 {
		m.Lanes = PublishedLanes
	}
	t := m.Throughput
	switch {
	case !(t.Low > 0) || !(t.High >= t.Low) || math.IsInf(t.High, 1):
		return m, fmt.Errorf("estimate: a throughput of %g to %g GB per hour: both must be positive and in this order", t.Low, t.High)
	case m.Lanes < 0 || m.Lanes > MaxLanes:
		return m, fmt.Errorf("estimate: %d lanes: there must be from 1 to %d", m.Lanes, MaxLanes)
	}
	return m, nil
}

// Transfer returns how long an amount of data takes on all lanes together: the
// published metric, size over rate. Early is at the high rate, Late at the low
// one, Likely at their mean. It is what many mailboxes take that keep all lanes
// busy; a few mailboxes take longer, as [Model.Makespan] says.
//
// A size that is not positive takes no time, a model that [Model.Resolve]
// refuses likewise. A duration too long for its type is its longest.
func (m Model) Transfer(size inventory.Size) Range { return m.atRate(size.GBytes()) }

// Makespan returns how long the mailboxes take when the lanes serve them in
// their order: each lane takes the next mailbox as soon as it is free and copies
// it at its own part of the throughput. The result is at least [Model.Transfer]
// of their sizes, and at least what the largest mailbox takes on its lane.
//
// A mailbox of unknown size counts as empty; Batch.Size tells how many there
// are. Time is O(n log l) for n mailboxes and l lanes.
func (m Model) Makespan(mailboxes []*inventory.Mailbox) Range {
	r, err := m.Resolve()
	if err != nil {
		return Range{}
	}
	// All lanes have the same rate, so the lane that is free first is the one
	// with the least behind it, whatever the rate.
	lanes := make(laneHeap, r.Lanes)
	longest := inventory.Size(0)
	for _, mb := range mailboxes {
		longest = max(longest, lanes.add(mb.Size.Or(0)))
	}
	return r.atRate(longest.GBytes() * float64(r.Lanes))
}

// atRate returns how long it takes to copy so many GB at the model's rates.
func (m Model) atRate(gb float64) Range {
	r, err := m.Resolve()
	if err != nil || gb <= 0 {
		return Range{}
	}
	t := r.Throughput
	return Range{
		Early:  hours(gb / t.High),
		Likely: hours(gb / (t.Low/2 + t.High/2)),
		Late:   hours(gb / t.Low),
	}
}

func hours(h float64) time.Duration {
	if ns := h * float64(time.Hour); ns < math.MaxInt64 {
		return time.Duration(ns)
	}
	return math.MaxInt64
}

// laneHeap is a binary heap of what each lane has behind it, the least first.
type laneHeap []inventory.Size

// add gives the lane with the least behind it n more and returns what it then
// has behind it.
func (h laneHeap) add(n inventory.Size) inventory.Size {
	sum := h[0] + min(n, math.MaxInt64-h[0])
	h[0] = sum
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(h); c++ {
			if h[c] < h[least] {
				least = c
			}
		}
		if least == i {
			return sum
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
