package estimate

import (
	"strings"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// Makespan returns how long the mailboxes take when the lanes serve them in
// their order: each lane takes the next mailbox as soon as it is free and copies
// it at its own part of the throughput. The result is at least [Model.Transfer]
// of their sizes, and at least what the largest mailbox takes on its lane. It
// begins with the queue, has what each mailbox and each item adds, and keeps to
// what a source server gives.
//
// A mailbox of unknown size counts as UnknownSize; Batch.Size tells how many there
// are. No mailbox takes no time, not even in the queue; a model that [Model.Resolve]
// refuses gives the zero Range. Time is O(n log l) for n mailboxes and l lanes.
func (m Model) Makespan(mailboxes []*inventory.Mailbox) Range {
	r, err := m.Resolve()
	if err != nil || len(mailboxes) == 0 {
		return Range{}
	}
	var names serverNumbers
	loads := r.loads(nil, mailboxes, &names)
	return r.each(func(rate float64) time.Duration {
		// Times are in bytes at the rate of a lane, which keeps them whole as long as
		// nothing is added to bytes.
		lane := rate / float64(r.Lanes) * float64(inventory.GB)
		pool := newLanes(r.Lanes, r.ServerRate*float64(r.Lanes)/rate)
		pool.addServers(names.count())
		longest := 0.0
		for i := range loads {
			longest = max(longest, pool.take(&loads[i], 0, 1, lane))
		}
		return addTime(r.Queue, hours(longest/float64(inventory.GB)*float64(r.Lanes)/rate))
	})
}

// load is what a mailbox asks of a lane and of its server.
type load struct {
	bytes  float64
	hours  float64 // beside the bytes
	server int     // its number; -1 if servers have no cap
}

// loads appends what mailboxes ask of a resolved model.
func (m Model) loads(to []load, mailboxes []*inventory.Mailbox, names *serverNumbers) []load {
	for _, mb := range mailboxes {
		l := load{bytes: float64(max(0, mb.Size.Or(m.UnknownSize))), server: -1}
		l.hours = m.Overhead.Hours() + float64(max(0, mb.Items.Or(0)))*m.PerItem.Hours()
		if m.ServerRate > 0 {
			l.server = names.of(mb.Server)
		}
		to = append(to, l)
	}
	return to
}

// take serves a mailbox that is ready at a time. A byte takes perByte on its lane, an
// hour perHour.
func (l *lanes) take(a *load, ready, perByte, perHour float64) (finish float64) {
	copying, beside := a.bytes*perByte, a.hours*perHour
	if a.server < 0 || a.bytes == 0 {
		return l.serve(ready, copying+beside)
	}
	return l.serveFrom(a.server, ready, copying, beside)
}

// serverNumbers numbers servers by the names of their hosts, without regard to case and
// domain. Servers that are not known are one.
type serverNumbers struct {
	byName map[string]int // as mailboxes name them
	byHost map[string]int
}

func (s *serverNumbers) of(server string) int {
	if n, ok := s.byName[server]; ok {
		return n
	}
	if s.byName == nil {
		s.byName, s.byHost = make(map[string]int), make(map[string]int)
	}
	host, _, _ := strings.Cut(server, ".")
	host = strings.ToLower(host)
	n, ok := s.byHost[host]
	if !ok {
		n = len(s.byHost)
		s.byHost[host] = n
	}
	s.byName[server] = n
	return n
}

func (s *serverNumbers) count() int { return len(s.byHost) }
