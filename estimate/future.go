package estimate

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/staged-migration/staged/estimate/internal/tournament"
)

// future is one of the ways in which a migration may go on, and the memory for it.
type future struct {
	fitted *Fitted
	work   *workload
	normal *[cells]float64
	clock  *clock // nil without a calendar

	source  *rand.PCG
	rng     *rand.Rand // of source
	lanes   tournament.Tree
	servers []server // nil if they have no cap
	costs   costs
	factor  factors

	failures, stalls float64   // the chances
	rare             uint32    // the chance of either, in 2^32
	stallHours       []float64 // any of which a stall takes
	failedPart       float64   // the most of a mailbox that is copied when an attempt fails

	retries []retry   // of batches that have had their turn, the first ready first
	retried int       // how many of them have had a lane again
	due     float64   // when the next of them is ready
	failing []retry   // of the batch whose turn it is
	finish  []float64 // of the batches
}

// retry is a mailbox that failed.
type retry struct {
	ready, takes   float64
	mailbox, batch int32 // their numbers
}

func newFuture(f *Fitted, w *workload, normal *[cells]float64, c *clock) *future {
	source := rand.NewPCG(0, 0)
	u := &future{fitted: f, work: w, normal: normal, clock: c, source: source, rng: rand.New(source)}
	if w.serverCount > 0 {
		u.servers = make([]server, w.serverCount)
	}
	return u
}

// run simulates one future and says when the batches are done, and the whole.
func (u *future) run(seed, number uint64, finish []float64) {
	u.source.Seed(seed, number)
	u.draw()
	u.lanes.Reset(u.fitted.Model.Lanes)
	for i := range u.servers {
		u.servers[i].reset()
	}
	u.retries, u.retried, u.due, u.failing = u.retries[:0], 0, math.Inf(1), u.failing[:0]
	clear(finish)
	u.finish = finish[:len(finish)-1]
	u.serveRunning()
	u.serveBatches()
	for u.retried < len(u.retries) {
		u.serveRetry()
	}
	finish[len(finish)-1] = slices.Max(finish)
}

// draw chooses what is the same for all mailboxes of a future.
func (u *future) draw() {
	f := u.fitted
	u.costs = f.unit.costs(f.posterior.Draw(u.rng))
	if m := f.Model; m.Link > 0 {
		u.costs.perGB = max(u.costs.perGB, float64(m.Lanes)/(m.Link*GBPerHourPerMbps))
	}
	u.factor.fill(u.costs.spread, u.normal)
	u.failures, u.stalls = f.failures.draw(u.rng), f.stalls.draw(u.rng)
	u.rare = uint32(min(math.MaxUint32, u.mishaps()*(1<<32)))
	u.failedPart = min(1, 2*f.failedPart)

	// The bootstrap: stalls are as long as those of a sample, with replacement, of
	// what was observed and one that is assumed. That has a mean as uncertain as the
	// observations leave it.
	const most = 256
	u.stallHours = u.stallHours[:0]
	for range min(len(f.stallHours)+1, most) {
		u.stallHours = append(u.stallHours, f.stall(u.rng))
	}
}

// mean returns what a mailbox takes on average.
func (u *future) mean(m workMailbox) float64 {
	return float64(m.gb)*u.costs.perGB + float64(m.items)*u.costs.perItem + u.costs.each
}

// serveBatches gives batches their turns: those that have begun first, and then always the one
// that starts first, so that no lane waits for a batch while another could have it.
func (u *future) serveBatches() {
	for _, i := range u.work.begun {
		u.serveBatch(i)
	}
	planned, open := u.work.planned, u.work.open
	for len(planned)+len(open) > 0 {
		first := &planned
		if len(planned) == 0 {
			first = &open
		} else if len(open) > 0 {
			start := u.work.batches[planned[0]].start
			if at := u.clock.starts(u.lanes.First()); at < start || at == start && open[0] < planned[0] {
				first = &open
			}
		}
		u.serveBatch((*first)[0])
		*first = (*first)[1:]
	}
}

// serveBatch gives lanes to the mailboxes of a batch in their order.
func (u *future) serveBatch(number int32) {
	b := &u.work.batches[number]
	queue := 0.0
	if b.queued {
		queue = u.queue()
	}
	ready := u.ready(b, queue)
	for u.due <= ready && u.lanes.First() < ready {
		u.serveRetry() // while the lanes would wait for the batch
	}
	last := 0.0
	if u.servers == nil {
		last = u.serveLanes(number, ready)
	} else {
		last = u.serveFromServers(number, ready)
	}
	u.finish[number] = max(u.finish[number], last)
	u.turnRetries()
}

// serveLanes gives lanes to the mailboxes of a batch that is ready at a time, and returns
// when the last of them leaves its lane. It is where the time goes: what is rare is elsewhere.
func (u *future) serveLanes(number int32, ready float64) (last float64) {
	b := &u.work.batches[number]
	for i, m := range u.work.mailboxes[b.begin:b.end] {
		for u.due <= u.lanes.First() {
			u.serveRetry()
		}
		r := u.source.Uint64() // 32 bits for the factor, 32 for mishaps
		takes := u.mean(m) * u.factor.draw(uint32(r), u.rng)
		begin := max(u.lanes.First(), ready)
		if uint32(r>>32) < u.rare {
			part, stall, fails := u.mishap()
			all := takes
			takes = takes*part + stall
			if fails {
				u.failing = append(u.failing, retry{begin + takes, all, b.begin + int32(i), number})
			}
		}
		u.lanes.Take(begin + takes)
		last = max(last, begin+takes)
	}
	return last
}

// mishap returns, given that a mailbox fails or stalls or both, whether it fails, which part
// of it is then copied, and for how long it stalls.
func (u *future) mishap() (part, stall float64, fails bool) {
	part = 1
	fails = u.rng.Float64()*u.mishaps() < u.failures
	if fails {
		part = u.failedPart * u.rng.Float64()
	}
	if !fails || u.rng.Float64() < u.stalls {
		stall = u.stallHours[u.rng.IntN(len(u.stallHours))]
	}
	return part, stall, fails
}

// mishaps returns the chance that a mailbox fails or stalls.
func (u *future) mishaps() float64 { return 1 - (1-u.failures)*(1-u.stalls) }

// turnRetries has the mailboxes that failed wait for lanes, as all of their batch have had
// their turn.
func (u *future) turnRetries() {
	if len(u.failing) == 0 {
		return
	}
	u.retries = append(u.retries[:0], u.retries[u.retried:]...)
	u.retries = append(u.retries, u.failing...)
	u.retried, u.failing = 0, u.failing[:0]
	slices.SortFunc(u.retries, func(a, b retry) int { return cmp.Compare(a.ready, b.ready) })
	u.due = u.retries[0].ready
}

// serveRetry gives a lane to the next mailbox that is tried again.
func (u *future) serveRetry() {
	r := u.retries[u.retried]
	u.retried++
	u.due = math.Inf(1)
	if u.retried < len(u.retries) {
		u.due = u.retries[u.retried].ready
	}
	u.serve(r.batch, r.ready, r.takes, u.asks(r.mailbox, r.takes))
}

// serve gives the lane that is free first to a mailbox of a batch, and returns when it leaves it.
func (u *future) serve(batch int32, ready, takes float64, asks demand) (end float64) {
	end = u.done(max(u.lanes.First(), ready), takes, asks)
	u.lanes.Take(end)
	u.finish[batch] = max(u.finish[batch], end)
	return end
}

// queue returns how long a batch waits in the queue.
func (u *future) queue() float64 {
	if q := u.fitted.queueHours; len(q) > 0 {
		return q[u.rng.IntN(len(q))]
	}
	return u.fitted.Model.Queue.Hours()
}

// serveRunning has the lanes go on with the mailboxes that they have.
func (u *future) serveRunning() {
	for i := range u.work.running {
		r := &u.work.running[i]
		rest, all := u.rest(r)
		left := u.asks(r.mailbox, all).part(1 - r.part)
		if !r.told {
			left = u.asks(r.mailbox, all).part(rest / all)
		}
		fails := false
		// The more of it is left, the more likely it is that something happens yet.
		if u.rng.Float64()*all < rest*u.mishaps() {
			if fails = u.rng.Float64()*u.mishaps() < u.failures; fails {
				part := u.rng.Float64()
				rest, left = rest*part, left.part(part)
			} else {
				rest += u.stallHours[u.rng.IntN(len(u.stallHours))]
			}
		}
		end := u.serve(r.batch, 0, rest, left)
		if fails {
			u.failing = append(u.failing, retry{end, all, r.mailbox, r.batch})
		}
	}
}

// rest returns how long the rest of a mailbox takes that runs, and all of it.
func (u *future) rest(r *workRunning) (rest, all float64) {
	sigma := u.costs.spread
	whole := u.mean(u.work.mailboxes[r.mailbox])
	if !r.told {
		all = u.over(whole, r.active)
		return all - r.active, all
	}
	copying := whole - u.costs.each
	own := math.Log(r.active/(r.part*copying+u.costs.each)) + sigma*sigma/2
	z := math.Sqrt(r.part)*own + math.Sqrt(1-r.part)*sigma*u.rng.NormFloat64()
	factor := math.Exp(z - sigma*sigma/2)
	return (1 - r.part) * copying * factor, whole * factor
}

// over returns a time that a mailbox takes which takes mean on average and has taken
// active already.
func (u *future) over(mean, active float64) float64 {
	sigma := u.costs.spread
	if mean <= 0 || active <= 0 {
		return mean * math.Exp(sigma*u.rng.NormFloat64()-sigma*sigma/2)
	}
	least := (math.Log(active/mean) + sigma*sigma/2) / sigma
	var z float64
	if least < 5 {
		z = normalAbove((1 - u.rng.Float64()) * math.Erfc(least/math.Sqrt2) / 2)
	}
	// Further out, chances are too small for numbers (Marsaglia, Generating a variable from the
	// tail of the normal distribution, Technometrics 6, 1964).
	for least >= 5 {
		if z = math.Sqrt(least*least + 2*u.rng.ExpFloat64()); u.rng.Float64()*z < least {
			break
		}
	}
	return max(active, mean*math.Exp(sigma*z-sigma*sigma/2))
}
