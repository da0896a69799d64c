package estimate

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/staged-migration/staged/estimate/internal/logfit"
	"github.com/staged-migration/staged/inventory"
)

// Fitted is a model that has learned from observations, with what is not certain of
// it. It is read only and may be used by several goroutines at a time.
type Fitted struct {
	// Model has the most likely values. The range of its Throughput is what the
	// uncertainty of the average mailbox's time comes to, from the 10th to the 90th
	// percentile, with the most likely value in the middle. Throttling is in the
	// rate, so that Throttle is 0.
	Model Model

	// The uncertainty of single parameters, as 10th, 50th and 90th percentile. Those of
	// Throughput, PerItem and Overhead depend on each other: where one is high another is
	// low.
	Throughput        Interval // GB per hour of all lanes together
	PerItem, Overhead Range
	Spread            Interval // standard deviation of the logarithm of a mailbox's rate
	Failures          Interval // chance that an attempt fails
	Stalls            Interval // chance that a mailbox stalls

	// How many observations were done, running and failed; and how many of all, those
	// that wait included, say nothing on rates: of unknown size, or without any time.
	Done, Running, Failed, Silent int

	// Premises are what was learned, and what was held for likely before: the prior, and
	// Assumptions.
	Premises []Premise

	assumptions Assumptions
	posterior   logfit.Posterior
	unit        unit
	failures    beta
	stalls      beta
	stallHours  []float64 // as observed, in order
	failedPart  float64   // of a mailbox that is copied when an attempt fails, on average
	queueHours  []float64 // of the batches observed, in order
	draws       []costs   // some of the posterior, for LaneTime
}

// unit is the average mailbox, of which parameters are multiples.
type unit struct{ gb, items float64 }

// Fit is [Assumptions.Fit] with the zero Assumptions.
func Fit(obs []Observation, prior Model) (*Fitted, error) { return Assumptions{}.Fit(obs, prior) }

// Fit learns from observations how fast mailboxes are copied, beginning with a prior: the
// zero Model is the published metric.
//
// A mailbox takes its bytes over the rate of a lane, and PerItem for each item,
// and Overhead; all of it times a factor that differs from mailbox to mailbox,
// lognormal with the mean 1. The estimate is the most probable one given
// observations and prior (MAP). It is robust: for one mailbox in a hundred the factor
// is taken to have ten times the spread, so that some that are far off (a
// wrong unit, a night without a link) count for little. Its uncertainty is the normal
// distribution with the curvature of the log posterior there (observed
// information), with no parameter below 0.
//
// A mailbox that runs tells its rate by the bytes that were copied so far, or, if
// those are unknown, that it takes more than it has had (right-censored); one that
// failed likewise. Leaving them out would be a mistake: those that run are the
// slow and the large ones.
//
// The prior is on what the average mailbox takes. It has Student's t distribution with 4 degrees
// of freedom around the middle of the prior's Throughput, which by itself is a
// range from the 10th to the 90th percentile, widened by Assumptions.Between. With
// the published range that is worth about two mailboxes at a spread of 0.5:
// with fewer observations the prior dominates and the range is wide, with more it
// narrows as one over the square root of their number. A prior that observations
// contradict loses its weight.
//
// Where all mailboxes have as many items for each byte, bytes and items cannot be
// told apart, and where all have the same size neither can what each mailbox adds: the prior decides
// then what part goes with items, and the published one has none. What the average
// mailbox takes does not suffer by it; a forecast for mailboxes that are made
// otherwise does, and its range says so.
//
// What mailboxes waited for their servers is in the rates, since nothing tells it from the time
// in which they were copied. ServerRate and Link of the prior are kept as they are.
//
// Failures and stalls have beta distributions, with the prior that Assumptions
// has. The queue is the median over batches of the least that a mailbox of it was queued.
//
// No observations are not an error: the result is the prior. An observation that
// cannot be true is, and so is a prior that [Model.Resolve] refuses. Time is
// proportional to the observations, but for sorting them, so that their order does not
// matter.
func (a Assumptions) Fit(obs []Observation, prior Model) (*Fitted, error) {
	given := a
	a, err := a.resolve()
	if err != nil {
		return nil, err
	}
	prior, err = prior.Resolve()
	if err != nil {
		return nil, err
	}
	for i := range obs {
		if err := obs[i].check(); err != nil {
			return nil, fmt.Errorf("estimate: observation %d of %d: %w", i+1, len(obs), err)
		}
	}
	f := &Fitted{assumptions: a}
	f.count(obs)
	var itemsTold bool
	f.unit, itemsTold = average(obs)
	f.posterior = logfit.Fit(f.rows(obs, prior.Overhead.Hours()), f.prior(prior))
	f.queueHours = queues(obs)
	f.Model = f.point(prior)
	f.describe()
	f.Premises = f.premises(given, prior, len(obs)-f.Silent, itemsTold)
	return f, nil
}

// count takes in how many ran, failed and stalled. A mailbox that runs counts for as
// much of a success as was copied of it, for half a success if that is unknown.
func (f *Fitted) count(obs []Observation) {
	a := f.assumptions
	f.failures = beta{a.Failures * a.FailuresWeight, (1 - a.Failures) * a.FailuresWeight}
	f.stalls = beta{a.Stalls * a.StallsWeight, (1 - a.Stalls) * a.StallsWeight}
	part, parts := failedPart*failedWeight, float64(failedWeight)
	for i := range obs {
		o := &obs[i]
		whole := 1.0
		switch failures := float64(o.Failures); o.stage() {
		case waiting:
			f.failures.yes += failures
			continue
		case running:
			f.Running++
			whole = 0.5
			if p, known := o.progress(); known {
				whole = p
			}
			f.failures.yes += failures
			f.failures.no += whole
		case done:
			f.Done++
			f.failures.yes += failures
			f.failures.no++
		case failed:
			f.Failed++
			f.failures.yes += max(1, failures)
			if p, known := o.progress(); known {
				part += p
				parts++
			}
		}
		if o.Stalled > 0 {
			f.stalls.yes++
			f.stallHours = append(f.stallHours, o.Stalled.Hours())
		} else {
			f.stalls.no += whole
		}
	}
	f.failedPart = part / parts
	slices.Sort(f.stallHours)
}

// average returns the average of the mailboxes whose size is known, and whether any of
// them tells how many items it has.
func average(obs []Observation) (u unit, itemsTold bool) {
	var gb, counted, items, n float64
	for i := range obs {
		size, known := obs[i].Size.Get()
		if !known || obs[i].stage() == waiting {
			continue
		}
		n++
		gb += size.GBytes()
		if k, known := obs[i].Items.Get(); known {
			counted += size.GBytes()
			items += float64(k)
		}
	}
	if gb == 0 {
		n, gb = 1, 1
	}
	u.gb = gb / n
	if items > 0 && counted > 0 {
		u.items = u.gb * items / counted
		return u, true
	}
	u.items = u.gb * float64(inventory.GB) / float64(usualItem)
	return u, false
}

// rows returns what observations say on rates. A part of a mailbox counts as all of it in
// the time that it would take at the same rate, but for what each mailbox is expected
// to have. Counting it as a smaller mailbox would make the small ones look slow, since of
// mailboxes that begin at the same time the slow ones have less behind them.
func (f *Fitted) rows(obs []Observation, each float64) []logfit.Row {
	rows := make([]logfit.Row, 0, len(obs))
	for i := range obs {
		o := &obs[i]
		copying := o.copying()
		size, known := o.Size.Get()
		if s := o.stage(); s == waiting || !known || copying <= 0 {
			f.Silent++
			continue
		}
		censored := false
		if o.stage() != done {
			part, told := o.progress()
			censored = !told
			if told && copying > each {
				copying = (copying-each)/part + each
			}
		}
		gb, items := f.unit.parts(size, o.Items)
		rows = append(rows, logfit.Row{S: gb, N: items, LogTime: math.Log(copying), Censored: censored})
	}
	// Sums in one order have one rounding.
	slices.SortFunc(rows, func(a, b logfit.Row) int {
		return cmp.Or(cmp.Compare(a.S, b.S), cmp.Compare(a.N, b.N), cmp.Compare(a.LogTime, b.LogTime), rank(a.Censored)-rank(b.Censored))
	})
	return rows
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// parts returns bytes and items as multiples of the average mailbox's. Items that are
// not known are as many as such a mailbox has for its bytes.
func (u unit) parts(size inventory.Size, items inventory.Opt[int64]) (bytes, count float64) {
	bytes = size.GBytes() / u.gb
	if k, known := items.Get(); known {
		return bytes, float64(k) / u.items
	}
	return bytes, bytes
}

// prior returns what a resolved model says on the average mailbox.
func (f *Fitted) prior(m Model) logfit.Prior {
	t := m.Throughput
	bytes := f.unit.gb * float64(m.Lanes) / m.rate(t.Low/2+t.High/2)
	items := f.unit.items * m.PerItem.Hours()
	all := bytes + items + m.Overhead.Hours()
	a := f.assumptions
	p := logfit.Prior{
		Mean:      logfit.Params{items / all, m.Overhead.Hours() / all, math.Log(all), math.Log(a.Spread)},
		Deviation: logfit.Params{a.ItemShare, a.MailboxShare, math.Hypot(rangeDeviation(t), a.Between), spreadDeviation},
	}
	return p
}

// spreadDeviation is how far the spread may be from what is assumed, as a standard
// deviation of its logarithm: in eight of ten cases from 0.3 to 0.8.
const spreadDeviation = 0.4

// costs are what mailboxes cost on a lane, in hours.
type costs struct{ perGB, perItem, each, spread float64 }

func (u unit) costs(p logfit.Params) costs {
	all := math.Exp(p[logfit.Theta])
	return costs{
		perGB:   all * (1 - p[logfit.Phi] - p[logfit.Psi]) / u.gb,
		perItem: all * p[logfit.Phi] / u.items,
		each:    all * p[logfit.Psi],
		spread:  math.Exp(p[logfit.LogSigma]),
	}
}

// queues returns what the batches waited, in order.
func queues(obs []Observation) []float64 {
	least := make(map[string]float64)
	for i := range obs {
		o := &obs[i]
		if o.stage() == waiting || o.Batch == "" {
			continue
		}
		h := o.Queued.Hours()
		if q, seen := least[o.Batch]; !seen || h < q {
			least[o.Batch] = h
		}
	}
	hours := make([]float64, 0, len(least))
	for _, h := range least {
		hours = append(hours, h)
	}
	slices.Sort(hours)
	return hours
}

// point returns the model with the most likely values.
func (f *Fitted) point(prior Model) Model {
	m := prior
	c := f.unit.costs(f.posterior.Mode)
	m.Throttle = 0
	m.PerItem, m.Overhead = hours(c.perItem), hours(c.each)
	if len(f.queueHours) > 0 {
		m.Queue = hours(quantile(f.queueHours, 0.5))
	}
	m.Throughput.Low = float64(m.Lanes) / c.perGB
	m.Throughput.High = m.Throughput.Low
	return m
}

// describe fills in what is not certain, from many draws of a fixed seed.
func (f *Fitted) describe() {
	const draws = 2000
	rng, chances := rand.New(rand.NewPCG(1, draws)), rand.New(rand.NewPCG(2, draws))
	columns := make([][]float64, 7)
	for range draws {
		p := f.posterior.Draw(rng)
		c := f.unit.costs(p)
		f.draws = append(f.draws, c)
		for i, v := range []float64{p[logfit.Theta], float64(f.Model.Lanes) / c.perGB, c.perItem, c.each, c.spread,
			f.failures.draw(chances), f.stalls.draw(chances)} {
			columns[i] = append(columns[i], v)
		}
	}
	at := func(i int) Interval {
		slices.Sort(columns[i])
		return Interval{quantile(columns[i], 0.1), quantile(columns[i], 0.5), quantile(columns[i], 0.9)}
	}
	theta := at(0)
	x := (theta.High - theta.Low) / 2
	f.Model.Throughput.Low *= math.Exp(-x) / math.Cosh(x)
	f.Model.Throughput.High *= math.Exp(x) / math.Cosh(x)
	f.Throughput, f.Spread, f.Failures, f.Stalls = at(1), at(4), at(5), at(6)
	f.PerItem, f.Overhead = at(2).hours(), at(3).hours()
}

func (i Interval) hours() Range { return Range{hours(i.Low), hours(i.Likely), hours(i.High)} }

// LaneTime returns how long a mailbox has its lane if it does not fail, stalls included:
// in eight of ten cases from Early to Late. It is what [Observation] has as Active,
// so that [Coverage] can say whether that holds. An unknown size counts as Model.UnknownSize.
// It may be called for many mailboxes: each takes a tenth of a millisecond.
func (f *Fitted) LaneTime(m *inventory.Mailbox) Range {
	rng := rand.New(rand.NewPCG(2, uint64(len(f.draws))))
	bytes, items := f.unit.parts(max(0, m.Size.Or(f.Model.UnknownSize)), m.Items)
	times := make([]float64, 0, len(f.draws))
	for _, c := range f.draws {
		mean := bytes*f.unit.gb*c.perGB + max(0, items)*f.unit.items*c.perItem + c.each
		t := mean * math.Exp(c.spread*rng.NormFloat64()-c.spread*c.spread/2)
		if rng.Float64()*(f.stalls.yes+f.stalls.no) < f.stalls.yes {
			t += f.stall(rng)
		}
		times = append(times, t)
	}
	slices.Sort(times)
	return Interval{quantile(times, 0.1), quantile(times, 0.5), quantile(times, 0.9)}.hours()
}

// stall returns how long a mailbox stalls: as one of those that were observed, or of
// one that is assumed.
func (f *Fitted) stall(rng *rand.Rand) float64 {
	if i := rng.IntN(len(f.stallHours) + 1); i < len(f.stallHours) {
		return f.stallHours[i]
	}
	return f.assumptions.Stall.Hours() * rng.ExpFloat64()
}
