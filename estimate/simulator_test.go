package estimate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// A simulator of migrations, which shares no code with the package: it goes
// from one event to the next, where Forecast goes from one mailbox to the next.

// truth is what a simulated organization is like.
type truth struct {
	lanes            int
	rate             float64 // GB per hour of one lane
	sigma            float64 // spread of the rates of mailboxes
	perItem          float64 // hours
	failures, stalls float64 // chances
	stall            float64 // hours, on average
	counted          bool    // whether it is known how much of a mailbox is copied that runs
}

func someTruth(rng *rand.Rand) truth {
	between := func(low, high float64) float64 { return low + (high-low)*rng.Float64() }
	return truth{
		lanes:    10 + rng.IntN(31),
		rate:     0.6 * math.Exp(between(-0.7, 0.7)), // half to twice the published rate
		sigma:    between(0.3, 0.8),
		perItem:  between(0, 0.5) / 3600,
		failures: between(0.01, 0.05),
		stalls:   between(0, 0.15),
		stall:    between(0.5, 3),
		counted:  rng.IntN(2) == 0,
	}
}

// simulated is a mailbox of a simulated migration.
type simulated struct {
	size  inventory.Size
	items int64
	batch int

	takes    float64 // hours of copying
	failsAt  float64 // the part of it after which the first attempt fails; 0 if it does not
	stall    float64 // hours in which it stalls first of all
	attempts int
	begin    float64
	end      float64 // of the last attempt
}

// event is that a mailbox leaves its lane.
type event struct {
	at float64
	mb *simulated
}

// migration runs by events.
type migration struct {
	truth   truth
	queues  [][]*simulated // of each batch, what has no lane; those that failed are behind
	running []event
	all     []*simulated
	done    int
	now     float64
}

func newMigration(rng *rand.Rand, tr truth, mailboxes, perBatch int) *migration {
	m := &migration{truth: tr}
	for i := range mailboxes {
		s := &simulated{batch: i / perBatch}
		gb := math.Exp(rng.NormFloat64()*1.1 - 0.2)
		s.size = inventory.Size(gb * float64(inventory.GB))
		s.items = int64(gb * float64(inventory.GB) / (60000 * math.Exp(rng.NormFloat64()*0.6)))
		s.takes = gb/(tr.rate*math.Exp(tr.sigma*rng.NormFloat64())) + float64(s.items)*tr.perItem
		if rng.Float64() < tr.failures {
			s.failsAt = rng.Float64()
		}
		if rng.Float64() < tr.stalls {
			s.stall = tr.stall * rng.ExpFloat64()
		}
		if s.batch == len(m.queues) {
			m.queues = append(m.queues, nil)
		}
		m.queues[s.batch] = append(m.queues[s.batch], s)
		m.all = append(m.all, s)
	}
	return m
}

// fill gives free lanes to mailboxes of the first batch that has any.
func (m *migration) fill() {
	for len(m.running) < m.truth.lanes {
		i := slices.IndexFunc(m.queues, func(q []*simulated) bool { return len(q) > 0 })
		if i < 0 {
			return
		}
		s := m.queues[i][0]
		m.queues[i] = m.queues[i][1:]
		s.attempts++
		s.begin = m.now
		part := 1.0
		if s.failsAt > 0 && s.attempts == 1 {
			part = s.failsAt
		}
		m.running = append(m.running, event{m.now + s.stall + part*s.takes, s})
	}
}

// step goes on to the next event and returns false if there is none.
func (m *migration) step() bool {
	m.fill()
	if len(m.running) == 0 {
		return false
	}
	next := 0
	for i, e := range m.running {
		if e.at < m.running[next].at {
			next = i
		}
	}
	e := m.running[next]
	m.running = slices.Delete(m.running, next, next+1)
	m.now = e.at
	e.mb.end = m.now
	if e.mb.failsAt > 0 && e.mb.attempts == 1 {
		m.queues[e.mb.batch] = append(m.queues[e.mb.batch], e.mb)
	} else {
		m.done++
	}
	return true
}

func (m *migration) finish() float64 {
	for m.step() {
	}
	return m.now
}

func hoursOf(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

func (s *simulated) observe(state inventory.MigrationState, active float64) estimate.Observation {
	o := estimate.Observation{
		Batch: fmt.Sprint("Batch", s.batch), State: state,
		Size: inventory.Known(s.size), Items: inventory.Known(s.items),
		Active: hoursOf(active), Stalled: hoursOf(min(active, s.stall)),
	}
	if state == inventory.Failed || s.attempts > 1 {
		o.Failures = 1
	}
	return o
}

// report is what is known of a migration while it runs: what ran, what runs, and what
// is still to do.
func (m *migration) report(rng *rand.Rand) (obs []estimate.Observation, rest []*batch.Batch) {
	m.fill()
	for _, e := range m.running {
		o := e.mb.observe(inventory.Syncing, m.now-e.mb.begin)
		if m.truth.counted {
			part := max(0, m.now-e.mb.begin-e.mb.stall) / e.mb.takes
			part = min(1, part*(0.9+0.2*rng.Float64())) // progress is not quite even
			o.Copied = inventory.Known(inventory.Size(part * float64(e.mb.size)))
		}
		obs = append(obs, o)
	}
	queued := make(map[*simulated]bool)
	for i, q := range m.queues {
		if len(q) == 0 {
			continue
		}
		b := &batch.Batch{Name: fmt.Sprint("Batch", i)}
		for _, s := range q {
			queued[s] = true
			b.Mailboxes = append(b.Mailboxes, &inventory.Mailbox{Size: inventory.Known(s.size), Items: inventory.Known(s.items)})
			if s.attempts > 0 {
				obs = append(obs, s.observe(inventory.Failed, s.end-s.begin))
			}
		}
		rest = append(rest, b)
	}
	runs := make(map[*simulated]bool)
	for _, e := range m.running {
		runs[e.mb] = true
	}
	for _, s := range m.all {
		if s.attempts > 0 && !queued[s] && !runs[s] {
			obs = append(obs, s.observe(inventory.Synced, s.end-s.begin))
		}
	}
	return obs, rest
}
