package estimate

import (
	"fmt"
	"math"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// Capacity returns how many mailboxes a window takes at so many per hour: window less
// queue, times rate. It is 0 if the queue is as long as the window, or the rate is not
// positive.
//
// Source: performance best practices, whose example of six hours, an average queue of
// one, and 100 mailboxes per hour gives 500. The page says so of move requests of hybrid
// migrations.
func (m Model) Capacity(window time.Duration, perHour float64) int {
	n := (window.Hours() - max(0, m.Queue).Hours()) * perHour
	switch {
	case !(n > 0) || window <= m.Queue:
		return 0
	case n >= math.MaxInt32:
		return math.MaxInt32
	}
	return int(n)
}

// LaneTime returns how long a mailbox keeps its lane by the late estimate: its bytes at the
// lane's part of the throughput, and what items and mailboxes add. The queue is not in it, nor
// is what a server makes it wait. It is what [batch.Options] take as Duration. A model that
// [Model.Resolve] refuses gives 0.
func (m Model) LaneTime(mailbox *inventory.Mailbox) time.Duration {
	r, err := m.Resolve()
	if err != nil {
		return 0
	}
	var one [1]load
	l := &r.loads(one[:0], []*inventory.Mailbox{mailbox}, &serverNumbers{})[0]
	ns := math.Ceil((l.bytes*r.perByte() + l.hours) * float64(time.Hour))
	if ns < math.MaxInt64 {
		return time.Duration(ns)
	}
	return math.MaxInt64
}

// perByte returns how many hours a byte takes on a lane of a resolved model, at the latest.
func (m Model) perByte() float64 {
	return float64(m.Lanes) / m.rate(m.Throughput.Low) / float64(inventory.GB)
}

// LimitFor returns limits for batches of the given mailboxes with which each batch is
// done in a window by the late estimate, in the order in which [batch.Pack] puts them. A
// mailbox that does not fit the window by itself cannot be helped by a limit and is left
// out of account; it takes a longer window.
//
// The limit is one of size. If mailboxes or items add to bytes, it is one of duration instead,
// for which Duration of [batch.Options] must be [Model.LaneTime].
//
// The limits hold whatever the batches are, and so are below what most could hold: what
// lanes take is at most what all together take, and the part 1-1/l of the largest mailbox
// (Graham, Bell System Technical Journal 45, 1966); with the largest first it is also at
// most 2l/(l+1) times what all together take, for l lanes. What server caps add is bounded
// by the time in which one server would give the whole batch; beside a limit of duration
// that takes one of size, each at the mean of the mailboxes.
//
// An error says that the window is over before the queue is, that no mailbox fits, or
// what [Model.Resolve] refuses. No mailboxes are any that fit the window, of no items.
func (m Model) LimitFor(window time.Duration, mailboxes []*inventory.Mailbox) (batch.Limits, error) {
	r, err := m.Resolve()
	if err != nil {
		return batch.Limits{}, err
	}
	if window <= r.Queue {
		return batch.Limits{}, fmt.Errorf("estimate: a window of %v is over when the queue of %v is", window, r.Queue)
	}
	b := r.budget(window, mailboxes)
	if b.count == 0 && len(mailboxes) > 0 {
		return batch.Limits{}, fmt.Errorf("estimate: no mailbox fits a window of %v", window)
	}
	limits := batch.Limits{}
	if b.each > 0 {
		n := b.most(b.each+b.size*b.perByte, b.size)
		limits.Duration = max(1, hours(n*(b.each+b.size*b.perByte)*(1-1e-9)))
		if b.perServer == 0 {
			return limits, nil
		}
		limits.Size = atLeastOne(n * b.size)
	} else {
		limits.Size = atLeastOne(b.most(b.perByte, 1))
	}
	limits.UnknownSize = min(r.UnknownSize, limits.Size)
	return limits, nil
}

// atLeastOne returns a limit of so many bytes. A billionth less makes up for rounding; a
// limit of 0 would be none.
func atLeastOne(bytes float64) inventory.Size {
	if bytes = max(1, bytes*(1-1e-9)); bytes < math.MaxInt64 {
		return inventory.Size(bytes)
	}
	return math.MaxInt64
}

// budget is what the mailboxes of a batch may take in a window, in hours of lanes.
type budget struct {
	window  float64 // behind the queue
	lanes   float64
	longest float64 // of a mailbox
	ordered bool    // whether the longest come first

	perByte   float64 // on a lane
	perServer float64 // for a byte, on one server
	each      float64 // that a mailbox adds to its bytes, at the mean
	size      float64 // the mean, in bytes
	count     int     // of the mailboxes that fit
}

func (m Model) budget(window time.Duration, mailboxes []*inventory.Mailbox) budget {
	b := budget{window: (window - m.Queue).Hours(), lanes: float64(m.Lanes), ordered: m.PerItem == 0, perByte: m.perByte()}
	if m.ServerRate > 0 && m.ServerRate < m.rate(m.Throughput.Low) {
		b.perServer = 1 / m.ServerRate / float64(inventory.GB)
		b.ordered = false // a server may delay the largest too
	}
	var names serverNumbers
	bytes, beside := 0.0, 0.0
	for i, l := range m.loads(nil, mailboxes, &names) {
		takes := l.bytes*b.perByte + l.hours
		if max(takes, l.bytes*b.perServer) > b.window {
			continue
		}
		// Pack puts those of unknown size behind the others.
		b.ordered = b.ordered && (mailboxes[i].Size.Known() || m.UnknownSize == 0)
		b.longest = max(b.longest, takes)
		bytes, beside = bytes+l.bytes, beside+l.hours
		b.count++
	}
	if b.count > 0 {
		b.size, b.each = bytes/float64(b.count), beside/float64(b.count)
	} else {
		b.longest, b.each = b.window, m.Overhead.Hours()
	}
	if b.each > 0 { // then time is limited, and Pack goes by that
		b.ordered = b.perServer == 0
	}
	return b
}

// most returns how many things fit that each take hours of a lane and have so many
// bytes.
func (b *budget) most(hours, bytes float64) float64 {
	n := (b.window - (1-1/b.lanes)*b.longest) / (hours/b.lanes + bytes*b.perServer)
	if b.ordered {
		n = max(n, b.window/(2*hours/(b.lanes+1)+bytes*b.perServer))
	}
	return n
}
