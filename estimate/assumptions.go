package estimate

import (
	"fmt"
	"math"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// Assumptions are what [Fit] holds for likely before there are observations, beside
// the model. A field that is 0 has the value that its comment names. None of them is
// published for a staged migration; each counts for less the more is observed.
type Assumptions struct {
	// Between is by how much organizations differ: the standard deviation of the
	// logarithm of their throughput, beside the range that the prior model has. 0
	// means 0.3: in eight of ten cases within a factor of 1.5.
	// For comparison, the published rates of related methods at 20 mailboxes at a
	// time are 4-12 (third-party MAPI), 5-10 (third-party EWS) and 10-14 GB per hour
	// (performance best practices of August 2018).
	Between float64

	// Spread is by how much the mailboxes of one organization differ: the standard
	// deviation of the logarithm of a mailbox's rate; 0 means 0.5. It may well
	// be half or twice that. The published rates of one mailbox are 0.3 to 1.0 GB per hour (hybrid)
	// and 0.1 to 0.5 (third-party MAPI), which is a spread of 0.5 to 0.6 if
	// that is eight of ten.
	Spread float64

	// ItemShare and MailboxShare are how far the part of the average mailbox's time that
	// goes with its items, and the part that each mailbox has, may be from what
	// the prior model says: standard deviations; 0 means 0.25 and 0.1.
	ItemShare, MailboxShare float64

	// Failures is the part of attempts that fail, which counts as many observations as
	// FailuresWeight; 0 means 0.03 and 30.
	Failures, FailuresWeight float64

	// Stalls is the part of mailboxes that stall, which counts as many observations as
	// StallsWeight; 0 means 0.05 and 10. Stall is how long on average; 0 means 30
	// minutes, which counts as one stall: as long as the pause in the sample log of
	// the performance best practices.
	Stalls, StallsWeight float64
	Stall                time.Duration
}

// failedPart is the part of a mailbox that is copied when an attempt fails, on
// average, if nothing is known: any part is as likely as any other. It counts as
// failedWeight failures.
const (
	failedPart   = 0.5
	failedWeight = 5
)

// usualItem is the mean size of an item: 1,503 MB in 27,261 items in all of the only
// published test runs (performance best practices, table of test runs). It counts
// where no observation tells how many items there are, and only with a prior that
// has a time per item.
const usualItem = 56 * inventory.KB

func (a Assumptions) resolve() (Assumptions, error) {
	if a.Stall < 0 {
		return a, fmt.Errorf("estimate: assumptions: a stall of %v is negative", a.Stall)
	}
	if a.Stall == 0 {
		a.Stall = 30 * time.Minute
	}
	for _, f := range []struct {
		name           string
		field          *float64
		standard, most float64
	}{
		{"Between", &a.Between, 0.3, 3}, {"Spread", &a.Spread, 0.5, 3},
		{"ItemShare", &a.ItemShare, 0.25, 10}, {"MailboxShare", &a.MailboxShare, 0.1, 10},
		{"Failures", &a.Failures, 0.03, 0.9}, {"FailuresWeight", &a.FailuresWeight, 30, 1e9},
		{"Stalls", &a.Stalls, 0.05, 0.9}, {"StallsWeight", &a.StallsWeight, 10, 1e9},
	} {
		if !(*f.field >= 0) || *f.field > f.most {
			return a, fmt.Errorf("estimate: assumptions: %s is %g: it must be from 0 to %g", f.name, *f.field, f.most)
		}
		if *f.field == 0 {
			*f.field = f.standard
		}
		*f.field = max(*f.field, 1e-6) // what is smaller is as good as certain
	}
	return a, nil
}

// rangeDeviation is the standard deviation of the logarithm of a throughput of which
// low and high are the 10th and 90th percentile.
func rangeDeviation(t Throughput) float64 { return math.Log(t.High/t.Low) / (2 * z90) }

// z90 is the 90th percentile of the standard normal distribution.
const z90 = 1.2815515655446004
