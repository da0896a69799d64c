package estimate

import (
	"fmt"

	"github.com/staged-migration/staged/estimate/internal/logfit"
)

// premises returns what was learned from so many observations that tell a rate, and what
// was held for likely before: given is what the caller set of f.assumptions.
func (f *Fitted) premises(given Assumptions, prior Model, told int, itemsTold bool) []Premise {
	out := append(f.learned(prior, told), prior.lanePremises()[0])
	out = append(out, priorPremises(prior)...)
	out = append(out, f.assumptions.premises(given)...)
	out = append(out, shapePremises()...)
	if !itemsTold && prior.PerItem > 0 {
		out = append(out, Premise{Name: "size of an item", Value: usualItem.String() + " on average", Basis: Assumed,
			Source: "no observation tells how many items there are; it is that of all published test runs (performance best practices, lines 395-401)"})
	}
	return out
}

// learned has the parameters that are fitted.
func (f *Fitted) learned(prior Model, told int) []Premise {
	basis, source := Learned, fmt.Sprintf("Fit, from %d mailboxes and the prior", told)
	if told == 0 {
		basis, source = Assumed, "the prior alone, since no observation tells a rate"
	}
	out := []Premise{
		{Name: "throughput", Value: f.Model.Throughput.text(), Basis: basis, Source: source},
		{Name: "time per item", Value: f.PerItem.text(), Basis: basis, Source: source},
		{Name: "time per mailbox", Value: f.Overhead.text(), Basis: basis, Source: source},
	}
	if n := len(f.queueHours); n > 0 {
		return append(out, Premise{Name: "queue", Value: durationText(f.Model.Queue), Basis: Learned,
			Source: fmt.Sprintf("the median of %d batches; a forecast draws from them", n)})
	}
	return append(out, orNone(prior.Queue > 0, "queue", durationText(prior.Queue), "Model.Queue", sourceQueue))
}

// priorPremises has what the model that Fit began with says of the average mailbox.
func priorPremises(m Model) []Premise {
	throughput := m.ratePremises()[0]
	throughput.Name = "prior throughput"
	mean := m.rate(m.Throughput.Low/2 + m.Throughput.High/2)
	return []Premise{throughput,
		{Name: "prior rate", Value: gbPerHour(mean), Basis: Assumed, Source: "the mean of that, less throttling, capped by the link"},
		orNone(m.PerItem > 0, "prior time per item", durationText(m.PerItem), "Model.PerItem", sourceRuns),
		orNone(m.Overhead > 0, "prior time per mailbox", durationText(m.Overhead), "Model.Overhead", sourceNobody),
	}
}

// premises names the numbers of a, with defaults filled in for those that are not given.
func (a Assumptions) premises(given Assumptions) []Premise {
	const (
		related  = "published rates of related methods are from 4 to 14 GB per hour (performance best practices, edition of August 2018)"
		single   = "published rates of one mailbox are 0.3 to 1.0 and 0.1 to 0.5 GB per hour (performance best practices, edition of August 2018)"
		deviates = "%.4g, the standard deviation of "
	)
	weight := func(part, n float64, of string) string {
		return fmt.Sprintf("%.4g %% of %s, as if seen in %.4g", 100*part, of, n)
	}
	return []Premise{
		parameter(given.Between > 0, "difference between organizations", fmt.Sprintf(deviates+"the logarithm of the throughput", a.Between),
			"Assumptions.Between", related),
		parameter(given.Spread > 0, "difference between mailboxes", fmt.Sprintf(deviates+"the logarithm of a rate", a.Spread),
			"Assumptions.Spread", single),
		parameter(given.ItemShare > 0, "part of the time that goes with items", fmt.Sprintf(deviates+"its prior", a.ItemShare),
			"Assumptions.ItemShare", sourceNobody),
		parameter(given.MailboxShare > 0, "part of the time that each mailbox has", fmt.Sprintf(deviates+"its prior", a.MailboxShare),
			"Assumptions.MailboxShare", sourceNobody),
		parameter(given.Failures > 0 || given.FailuresWeight > 0, "failures before any are seen", weight(a.Failures, a.FailuresWeight, "attempts"),
			"Assumptions.Failures and FailuresWeight", sourceNobody),
		parameter(given.Stalls > 0 || given.StallsWeight > 0, "stalls before any are seen", weight(a.Stalls, a.StallsWeight, "mailboxes"),
			"Assumptions.Stalls and StallsWeight", sourceNobody),
		parameter(given.Stall > 0, "length of a stall before any is seen", durationText(a.Stall), "Assumptions.Stall",
			"the pause in the sample log of the performance best practices, line 209"),
	}
}

// shapePremises has what Fit takes for granted and nobody can set.
func shapePremises() []Premise {
	return []Premise{
		{Name: "distribution of a mailbox's time", Value: "lognormal", Basis: Assumed, Source: "Fit; no distribution is published"},
		{Name: "outliers", Value: fmt.Sprintf("%.4g %% of mailboxes, with %d times the spread", 100*logfit.Contamination, logfit.Inflation),
			Basis: Assumed, Source: "Fit; a wrong unit or a night without a link should count for little"},
		{Name: "uncertainty of the spread", Value: fmt.Sprintf("%.4g, the standard deviation of its logarithm", spreadDeviation),
			Basis: Assumed, Source: "Fit; it may well be half or twice what is assumed"},
		{Name: "weight of the prior", Value: fmt.Sprintf("Student's t distribution with %d degrees of freedom", logfit.PriorFreedom),
			Basis: Assumed, Source: "Fit; a prior that observations contradict loses its weight"},
		{Name: "part copied when an attempt fails", Value: fmt.Sprintf("%.4g %%, as if seen in %d", 100*failedPart, failedWeight),
			Basis: Assumed, Source: "any part is as likely as any other"},
		{Name: "part copied that tells a rate", Value: fmt.Sprintf("from %.4g %% on", 100*leastProgress), Basis: Assumed,
			Source: "the beginning of a mailbox says little of the rest"},
	}
}

// forecastPremises returns what a forecast rests on beside what was fitted.
func (f *Fitted) forecastPremises(w *workload, opts *ForecastOptions) []Premise {
	m := f.Model
	out := append(m.capPremises()[:2], opts.windowPremises()...)
	out = append(out, []Premise{
		{Name: "speed by the hour", Value: "the same at each", Basis: Assumed, Source: "what grows with the hour or the weekday is not learned"},
		{Name: "order", Value: "batches one after the other, mailboxes as in their batch, each on the lane that is free first",
			Basis: Assumed, Source: "a copied course page says that a batch file is served in its order; no documentation does"},
		{Name: "failed attempts", Value: "are made once more, in full, behind the rest of their batch", Basis: Assumed,
			Source: "Start-MigrationBatch begins with those that failed; that they succeed then no source says"},
	}...)
	if len(w.running) > 0 {
		out = append(out, Premise{Name: "rest of mailboxes that run", Value: "goes as what is copied, the more so the more that is", Basis: Assumed,
			Source: "correlated by the square root of the part that is copied"})
	}
	if n := len(opts.Start); n > 0 {
		out = append(out, Premise{Name: "starts of batches", Value: fmt.Sprintf("as given for %d of them", n), Basis: Given, Source: "ForecastOptions.Start"})
	}
	if w.unknown > 0 {
		value, basis, source := unknownSize(m.UnknownSize, "Model.UnknownSize")
		out = append(out, Premise{"unknown size", value, basis, source, w.unknown})
	}
	if w.unknownItems > 0 {
		out = append(out, Premise{"unknown items", "as many as the average observed mailbox has for its bytes", Assumed,
			"bytes are all that is known of it", w.unknownItems})
	}
	if w.unknownServers > 0 {
		out = append(out, Premise{"unknown server", "one for all of them", Assumed, sourceUnknownServer, w.unknownServers})
	}
	return out
}

// windowPremises says when work goes on in a forecast.
func (o *ForecastOptions) windowPremises() []Premise {
	if o.Calendar.Windows.always() && len(o.Calendar.Closed) == 0 {
		return []Premise{{Name: "windows", Value: "none: lanes work at all hours", Basis: Assumed, Source: "ForecastOptions.Calendar has none"}}
	}
	if o.Pause {
		return []Premise{{Name: "end of a window", Value: "work pauses, and what was copied is kept", Basis: Assumed,
			Source: "ForecastOptions.Pause; that nothing is copied twice no source says"}}
	}
	return []Premise{{Name: "end of a window", Value: "a batch runs on until it is done, and one that has a start takes no notice of windows", Basis: Assumed,
		Source: "the service has no windows, and nobody stops batches"}}
}

// text returns the range with its units.
func (r Range) text() string {
	if r.Early == r.Late {
		return durationText(r.Likely)
	}
	return durationText(r.Early) + " to " + durationText(r.Late) + ", likely " + durationText(r.Likely)
}
