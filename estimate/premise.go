package estimate

import (
	"fmt"
	"strconv"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// Premise is one thing that a result rests on: a figure that was used, or what was
// taken to be so. Results list theirs, so that whoever reads a duration can see what is
// published of it and what is assumed. No two of a list have the same name.
type Premise struct {
	Name   string // what it is of, such as "throughput" or "queue"
	Value  string // what was used, with its unit; "none" for what adds nothing and caps nothing
	Basis  Basis
	Source string // where it is published, why it is assumed, or which field gave it

	// Mailboxes is how many of them counted so, where it is about those of which a fact
	// is not known; 0 where it is about all.
	Mailboxes int
}

// Basis is why a premise is what it is.
type Basis string

const (
	Published Basis = "published" // the source says so of such a migration
	Assumed   Basis = "assumed"   // nobody said so: no source does, or not of this
	Given     Basis = "given"     // a field that the caller set says so
	Learned   Basis = "learned"   // Fit has it from observations
)

// String returns the premise on a line, as in "lanes: 20 (published: ...)".
func (p Premise) String() string {
	s := p.Name + ": " + p.Value
	switch {
	case p.Mailboxes == 1:
		s += " for 1 mailbox"
	case p.Mailboxes > 1:
		s += fmt.Sprintf(" for %d mailboxes", p.Mailboxes)
	}
	return s + " (" + string(p.Basis) + ": " + p.Source + ")"
}

// The sources of premises that more than one place has.
const (
	sourceRate = "performance best practices, edition of August 2018, lines 54-56: at 20 mailboxes at a time; " +
		"training unit on staged migration: depending on the speed of the internet connection"
	sourceLanes = "what to know about a staged migration, line 90, and performance best practices, line 255: the default"
	sourceRuns  = "no figure is published for a staged migration; test runs of other tools over RPC come to 0.9 to 2.8 s " +
		"(performance best practices, lines 395-401)"
	sourceQueue         = "measure it with a test batch some hours before (performance best practices, lines 316-330)"
	sourceNobody        = "no figure is published"
	sourceNeverIn       = "Exchange has no statistics of a mailbox that nobody has ever opened"
	sourceUnknownServer = "the most that a cap by server can delay them"
	noFigureOfLink      = "the published rate is said to depend on the link, not on which one"
)

// none is the Value of what adds nothing and caps nothing.
const none = "none"

// Premises returns what [Model.Makespan] of the mailboxes rests on, the defaults of the
// model included. [Model.Transfer] has no lanes and rests on the throughput, the likely
// rate, the link and throttling alone. A model that [Model.Resolve] refuses has none.
func (m Model) Premises(mailboxes []*inventory.Mailbox) []Premise {
	r, err := m.Resolve()
	if err != nil {
		return nil
	}
	var c census
	c.add(mailboxes)
	return r.premises(&c)
}

// census counts mailboxes of which a fact is not known that a premise may be about.
type census struct {
	sizes, items, servers int
	users, kinds          int // who signs in, and of what kind the mailbox is
}

func (c *census) add(mailboxes []*inventory.Mailbox) {
	for _, m := range mailboxes {
		if !m.Size.Known() {
			c.sizes++
		}
		if !m.Items.Known() {
			c.items++
		}
		if m.Server == "" {
			c.servers++
		}
		if hasUser(m) {
			c.users++
		}
		if m.Kind == "" {
			c.kinds++
		}
	}
}

// premises is Premises for a resolved model and what was counted.
func (m Model) premises(c *census) []Premise {
	out := append(m.ratePremises(), m.lanePremises()...)
	out = append(out,
		orNone(m.PerItem > 0, "time per item", durationText(m.PerItem), "Model.PerItem", sourceRuns),
		orNone(m.Overhead > 0, "time per mailbox", durationText(m.Overhead), "Model.Overhead", sourceNobody),
		orNone(m.Queue > 0, "queue", durationText(m.Queue), "Model.Queue", sourceQueue))
	out = append(out, m.capPremises()...)
	return append(out, m.unknownPremises(c)...)
}

// parameter is a premise of a value that is given in a field, or assumed.
func parameter(given bool, name, value, field, why string) Premise {
	if given {
		return Premise{Name: name, Value: value, Basis: Given, Source: field}
	}
	return Premise{Name: name, Value: value, Basis: Assumed, Source: why}
}

// orNone is a parameter that adds or caps nothing if it is not given.
func orNone(given bool, name, value, field, why string) Premise {
	if !given {
		value = none
	}
	return parameter(given, name, value, field, why)
}

func (m Model) ratePremises() []Premise {
	t := m.Throughput
	out := []Premise{{Name: "throughput", Value: t.text(), Basis: Given, Source: "Model.Throughput"}}
	if t == (Throughput{PublishedLow, PublishedHigh}) {
		out[0].Basis, out[0].Source = Published, sourceRate
		if m.Lanes != PublishedLanes {
			out = append(out, Premise{Name: "throughput by lanes", Value: fmt.Sprintf("the same at %d lanes as at %d", m.Lanes, PublishedLanes),
				Basis: Assumed, Source: "no source says how the rate goes with lanes; a pilot can"})
		}
	}
	if t.Low != t.High {
		out = append(out, Premise{Name: "likely rate", Value: gbPerHour(t.Low/2 + t.High/2), Basis: Assumed,
			Source: "the mean of the throughput's ends"})
	}
	return out
}

func (m Model) lanePremises() []Premise {
	lanes := Premise{Name: "lanes", Value: strconv.Itoa(m.Lanes), Basis: Given, Source: "Model.Lanes"}
	if m.Lanes == PublishedLanes {
		lanes.Basis, lanes.Source = Published, sourceLanes
	}
	left := m.Rate()
	n := float64(m.Lanes)
	return []Premise{lanes,
		{Name: "rate of a lane", Value: Throughput{left.Low / n, left.High / n}.text(), Basis: Assumed,
			Source: "all lanes have the same part of what throttling and the link leave of the throughput"},
		{Name: "order", Value: "mailboxes as in their batch, each on the lane that is free first", Basis: Assumed,
			Source: "a copied course page says that a batch file is served in its order; no documentation does"},
	}
}

func (m Model) capPremises() []Premise {
	link := fmt.Sprintf("%.4g Mbit/s, which carry %s at most", m.Link, gbPerHour(m.Link*GBPerHourPerMbps))
	return []Premise{
		orNone(m.Link > 0, "cap by the link", link, "Model.Link", noFigureOfLink),
		orNone(m.ServerRate > 0, "cap by a source server", gbPerHour(m.ServerRate), "Model.ServerRate", sourceNobody),
		orNone(m.Throttle > 0, "throttling", fmt.Sprintf("%.4g %% of the throughput", 100*m.Throttle), "Model.Throttle",
			"taken to be in the throughput"),
	}
}

// unknownPremises has what mailboxes count for of which a fact is not known that matters.
func (m Model) unknownPremises(c *census) []Premise {
	var out []Premise
	add := func(n int, name, value string, basis Basis, source string) {
		if n > 0 {
			out = append(out, Premise{name, value, basis, source, n})
		}
	}
	value, basis, source := unknownSize(m.UnknownSize, "Model.UnknownSize")
	add(c.sizes, "unknown size", value, basis, source)
	if m.PerItem > 0 {
		add(c.items, "unknown items", none, Assumed, "how many a mailbox has cannot be told from its size")
	}
	if m.ServerRate > 0 {
		add(c.servers, "unknown server", "one for all of them", Assumed, sourceUnknownServer)
	}
	return out
}

// unknownSize says what an unknown size counts for, and why.
func unknownSize(size inventory.Size, field string) (value string, basis Basis, source string) {
	if size > 0 {
		return size.String(), Given, field
	}
	return "empty", Assumed, sourceNeverIn
}

// text returns the throughput with its unit.
func (t Throughput) text() string {
	if t.Low == t.High {
		return gbPerHour(t.Low)
	}
	return fmt.Sprintf("%.4g to %s", t.Low, gbPerHour(t.High))
}

func gbPerHour(rate float64) string { return fmt.Sprintf("%.4g GB per hour", rate) }

// durationText returns a duration to the second, and one of less than a minute to four
// digits or so.
func durationText(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Microsecond).String()
	case d < time.Minute:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
