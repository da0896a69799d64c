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

// GBPerHourPerMbps is how many GB per hour a link of one Mbit/s carries at most:
// 3,600 s of a million bits, in decimal GB and without any overhead. In GB of
// 1024^3 bytes it is 0.42, so that a cap by it is lenient by a twentieth.
//
// Source: arithmetic; 10 to 14 GB per hour are 22 to 31 Mbit/s.
const GBPerHourPerMbps = 0.45

// Model says how fast mailboxes are copied. The zero Model is the published
// metric: of each field below 0 leaves that metric as it is. None but Throughput
// and Lanes has a published figure for a staged migration, so whatever else they
// are set to is an assumption or a measurement of the caller's.
type Model struct {
	// Throughput of all lanes together; zero means PublishedLow to
	// PublishedHigh.
	Throughput Throughput

	// Lanes is how many mailboxes are copied at a time, the concurrent
	// migrations of the endpoint; 0 means PublishedLanes. The throughput is
	// taken to spread evenly over them, which at the published figures gives a
	// lane 0.5 to 0.7 GB per hour. That is an inference, not a published figure. More
	// lanes do not raise the throughput; whether they do is for a pilot to say.
	Lanes int

	// PerItem is what each item adds on its lane beside its bytes; 0 means none, as
	// if it were in the published rate. An unknown number of items adds nothing.
	//
	// The only published measurement is of two third-party tools and of Outlook over
	// RPC, none of them the engine of a staged migration: fitted as a time per item
	// and one per MB, 0.9 to 2.8 s per item (performance best practices, the test
	// runs behind "time follows items more than bytes").
	PerItem time.Duration

	// Overhead is what each mailbox adds on its lane, say to be provisioned; 0 means
	// none. No figure is published.
	Overhead time.Duration

	// Queue is the time from the start of a batch until its first mailbox is copied;
	// 0 means none. It is shared with other tenants and changes from hour to hour: measure
	// it with a test batch some hours before (performance best practices, whose
	// example reckons with one hour).
	Queue time.Duration

	// Link is the upload of the link in Mbit/s. It caps all lanes together at
	// GBPerHourPerMbps for each; 0 means no cap.
	Link float64

	// ServerRate is how many GB per hour one source server gives at most, to all lanes
	// together; 0 means no cap. A server that is asked for more is taken to serve first
	// who came first: what is left for the others is less than a lane could take, or
	// nothing, and they hold their lanes meanwhile. What items and mailboxes add
	// comes after the bytes and asks nothing of a server. Mailboxes whose server
	// is not known count as if they were on one server.
	ServerRate float64

	// Throttle is the part of the throughput that throttling takes away, from 0 to under
	// 1. What is left is then capped by the link.
	Throttle float64

	// UnknownSize is what a mailbox of unknown size counts for. It is an assumption: 0
	// counts it as empty, since Exchange gives no statistics of a mailbox that nobody
	// has ever opened. Batch.Size tells how many there are.
	UnknownSize inventory.Size
}

// Resolve returns m with its defaults filled in, or an error if a rate is not
// positive, the low rate is over the high one, the number of lanes is not from 1 to
// MaxLanes, or another field is negative or not finite.
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
	case m.PerItem < 0:
		return m, fmt.Errorf("estimate: %v for each item is negative", m.PerItem)
	case m.Overhead < 0:
		return m, fmt.Errorf("estimate: %v for each mailbox is negative", m.Overhead)
	case m.Queue < 0:
		return m, fmt.Errorf("estimate: a queue of %v is negative", m.Queue)
	case !(m.Link >= 0) || math.IsInf(m.Link, 1) || m.Link > 0 && m.Link*GBPerHourPerMbps == 0:
		return m, fmt.Errorf("estimate: a link of %g Mbit/s: it must be positive, or 0 for no cap", m.Link)
	case !(m.ServerRate >= 0) || math.IsInf(m.ServerRate, 1):
		return m, fmt.Errorf("estimate: %g GB per hour of a server: it must be positive, or 0 for no cap", m.ServerRate)
	case !(m.Throttle >= 0) || m.Throttle >= 1:
		return m, fmt.Errorf("estimate: throttling takes away %g of the rate: it must be from 0 to under 1", m.Throttle)
	case m.UnknownSize < 0:
		return m, fmt.Errorf("estimate: %d bytes for an unknown size are negative", int64(m.UnknownSize))
	}
	return m, nil
}

// Transfer returns how long an amount of data takes on all lanes together: the
// published metric, size over rate. Early is at the high rate, Late at the low
// one, Likely at their mean. It is what many mailboxes take that keep all lanes
// busy; a few mailboxes take longer, as [Model.Makespan] says.
//
// The published metric is said to depend on the link, so Link caps its rate, and
// Throttle lowers it. Nothing else of the model is in it: no queue, no items, no
// server.
//
// A size that is not positive takes no time, a model that [Model.Resolve]
// refuses likewise. A duration too long for its type is its longest.
func (m Model) Transfer(size inventory.Size) Range {
	r, err := m.Resolve()
	if err != nil || size <= 0 {
		return Range{}
	}
	return r.each(func(rate float64) time.Duration { return hours(size.GBytes() / rate) })
}

// Rate returns the throughput that throttling and the link leave, of all lanes
// together; zero for a model that [Model.Resolve] refuses.
func (m Model) Rate() Throughput {
	r, err := m.Resolve()
	if err != nil {
		return Throughput{}
	}
	return Throughput{r.rate(r.Throughput.Low), r.rate(r.Throughput.High)}
}

// each returns the range of what a function gives for the rates of a resolved
// model, in GB per hour of all lanes together: the high one for Early, the low one
// for Late, the mean of the throughput for Likely.
func (m Model) each(takes func(rate float64) time.Duration) Range {
	t := m.Throughput
	late := takes(m.rate(t.Low))
	likely := min(late, takes(m.rate(t.Low/2+t.High/2))) // rounding may put equal ones in another order
	return Range{min(likely, takes(m.rate(t.High))), likely, late}
}

// rate returns what throttling and the link leave of a throughput.
func (m Model) rate(throughput float64) float64 {
	rate := throughput * (1 - m.Throttle)
	if m.Link > 0 {
		rate = min(rate, m.Link*GBPerHourPerMbps)
	}
	return rate
}

// hours returns so many hours as a duration, or the longest there is.
func hours(h float64) time.Duration {
	if ns := h * float64(time.Hour); ns < math.MaxInt64 {
		return time.Duration(ns)
	}
	return math.MaxInt64
}

// addTime returns the sum of durations that are not negative, or the longest there
// is.
func addTime(a, b time.Duration) time.Duration { return a + min(b, math.MaxInt64-a) }
