package estimate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// workload is what is still to be copied.
type workload struct {
	batches   []workBatch
	mailboxes []workMailbox // of all batches, in order, and behind them those that run
	running   []workRunning // those that came first are first

	// Mailboxes of unknown size, with an unknown number of items, and on an unknown server if
	// those have a cap.
	unknown, unknownItems, unknownServers int

	// The numbers of batches that have begun, in their order; that have a start, by it; and of the
	// others, in their order.
	begun, planned, open []int32

	// servers are the numbers of mailboxes' servers, if those have a cap; serverCount is how many
	// there are then, and 0 if they have none.
	servers     []int32
	serverCount int
}

// maxMailboxes is how many mailboxes have numbers.
const maxMailboxes = math.MaxInt32

type workBatch struct {
	name       string
	start      float64 // hours from now
	started    bool    // whether that is its start, or it has begun, wherever windows are
	queued     bool    // whether it has to wait in the queue yet
	of         []*inventory.Mailbox
	begin, end int32 // where they are
}

// workMailbox takes 8 bytes, so that a million of them fit into a cache.
type workMailbox struct{ gb, items float32 }

// workRunning is a mailbox that has a lane. Of one whose rate is told, the rest is to be
// copied; any other has had its lane for so many hours.
type workRunning struct {
	mailbox, batch int32   // their numbers
	part           float64 // that is copied
	told           bool
	active         float64 // hours of copying so far
}

func (f *Fitted) workload(batches []*batch.Batch, opts *ForecastOptions) (*workload, error) {
	begun, err := begunBatches(opts.Running)
	if err != nil {
		return nil, err
	}
	w := new(workload)
	index, err := w.addBatches(batches, begun)
	if err != nil {
		return nil, err
	}
	count := len(opts.Running)
	for _, b := range batches {
		count += len(b.Mailboxes)
	}
	if count > maxMailboxes {
		return nil, fmt.Errorf("estimate: %d mailboxes to forecast: there must be at most %d", count, maxMailboxes)
	}
	for name, start := range opts.Start {
		i, known := index[name]
		if !known || start < 0 {
			return nil, fmt.Errorf("estimate: batch %q starts %v from now: there is no such batch, or that is past", name, start)
		}
		w.batches[i].start, w.batches[i].started = start.Hours(), true
	}
	names := new(serverNumbers)
	if f.Model.ServerRate == 0 {
		names = nil
	}
	w.addMailboxes(f, names)
	w.addRunning(f, opts.Running, index, names)
	if names != nil {
		w.serverCount = names.count()
	}
	w.sort()
	return w, nil
}

// addMailboxes adds those of the batches. Their servers are numbered if there are names to do
// it with.
func (w *workload) addMailboxes(f *Fitted, names *serverNumbers) {
	for i := range w.batches {
		b := &w.batches[i]
		b.begin = int32(len(w.mailboxes))
		for _, m := range b.of {
			w.add(f, m.Size, m.Items, m.Server, names)
		}
		b.end = int32(len(w.mailboxes))
	}
}

// addRunning adds the mailboxes that have lanes. Who has had one for longest came first.
func (w *workload) addRunning(f *Fitted, obs []Observation, index map[string]int, names *serverNumbers) {
	var first []*Observation
	for i := range obs {
		if obs[i].stage() == running {
			first = append(first, &obs[i])
		}
	}
	slices.SortStableFunc(first, func(a, b *Observation) int { return cmp.Compare(b.Active, a.Active) })
	for _, o := range first {
		r := workRunning{mailbox: int32(len(w.mailboxes)), batch: int32(index[o.Batch]), active: o.copying()}
		r.part, r.told = o.progress()
		w.add(f, o.Size, o.Items, o.Server, names)
		w.running = append(w.running, r)
	}
}

// sort says in what order batches have their turns.
func (w *workload) sort() {
	for i := range w.batches {
		switch b := &w.batches[i]; {
		case !b.queued:
			w.begun = append(w.begun, int32(i))
		case b.started:
			w.planned = append(w.planned, int32(i))
		default:
			w.open = append(w.open, int32(i))
		}
	}
	slices.SortStableFunc(w.planned, func(i, j int32) int { return cmp.Compare(w.batches[i].start, w.batches[j].start) })
}

// begunBatches returns the names of the batches that have mailboxes that run, in order.
func begunBatches(obs []Observation) ([]string, error) {
	var names []string
	for i := range obs {
		if err := obs[i].check(); err != nil {
			return nil, fmt.Errorf("estimate: running mailbox %d of %d: %w", i+1, len(obs), err)
		}
		if obs[i].stage() == running {
			names = append(names, obs[i].Batch)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// addBatches adds batches that have only mailboxes that run, and then the others. It
// returns their places by their names.
func (w *workload) addBatches(batches []*batch.Batch, begun []string) (map[string]int, error) {
	index := make(map[string]int)
	for i, b := range batches {
		if b == nil || slices.Contains(b.Mailboxes, nil) {
			return nil, fmt.Errorf("estimate: batch %d of %d is nil or has a mailbox that is", i+1, len(batches))
		}
		if _, twice := index[b.Name]; twice {
			return nil, fmt.Errorf("estimate: batch %d of %d has the name of another, %q", i+1, len(batches), b.Name)
		}
		index[b.Name] = -1
	}
	for _, name := range begun {
		if _, more := index[name]; !more {
			index[name] = len(w.batches)
			w.batches = append(w.batches, workBatch{name: name, started: true})
		}
	}
	for _, b := range batches {
		_, begun := slices.BinarySearch(begun, b.Name)
		index[b.Name] = len(w.batches)
		w.batches = append(w.batches, workBatch{name: b.Name, started: begun, queued: !begun, of: b.Mailboxes})
	}
	return index, nil
}

// add adds a mailbox with what is assumed of it where that is unknown.
func (w *workload) add(f *Fitted, size inventory.Opt[inventory.Size], items inventory.Opt[int64], server string, names *serverNumbers) {
	if !size.Known() {
		w.unknown++
	}
	if !items.Known() {
		w.unknownItems++
	}
	s := max(0, size.Or(f.Model.UnknownSize))
	bytes, count := f.unit.parts(s, items)
	w.mailboxes = append(w.mailboxes, workMailbox{float32(bytes * f.unit.gb), float32(max(0, count) * f.unit.items)})
	if names != nil {
		if server == "" {
			w.unknownServers++
		}
		w.servers = append(w.servers, int32(names.of(server)))
	}
}
