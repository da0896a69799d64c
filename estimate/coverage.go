package estimate

import (
	"fmt"
	"math"
	"time"
)

// Trial is a forecast and what came of it.
type Trial struct {
	Forecast Range
	Truth    time.Duration
}

// Covered says how often forecasts held.
type Covered struct {
	Trials int
	Inside int // the truth was from Early to Late
	Before int // it was earlier than Early
	After  int // it was later than Late

	// Share is the part that is inside, and Low to High are where the chance of being inside is
	// with a confidence of 95 %.
	Share, Low, High float64
}

// Claimed is the part of truths that a range of [Fit] or [Fitted.Forecast] claims to
// have inside, from the 10th to the 90th percentile.
const Claimed = 0.8

// Coverage compares forecasts with what came of them: the finishes of batches, or what
// [Fitted.LaneTime] says of mailboxes. They have to be made from observations
// that do not have the truth among them, or they look better than they are.
//
// The confidence interval is Wilson's score interval (Journal of the American Statistical
// Association 22, 1927; recommended over others by Brown, Cai and DasGupta, Statistical
// Science 16, 2001). It takes trials to be independent: of the finishes of
// batches of one forecast, which are early or late together, it is too narrow.
//
// No trials are an error, and so is a forecast that is no range or a negative truth.
func Coverage(trials []Trial) (Covered, error) {
	c := Covered{Trials: len(trials)}
	if len(trials) == 0 {
		return c, fmt.Errorf("estimate: no forecast to compare with what came of it")
	}
	for i, t := range trials {
		f := t.Forecast
		if f.Early < 0 || f.Early > f.Likely || f.Likely > f.Late || t.Truth < 0 {
			return Covered{}, fmt.Errorf("estimate: trial %d of %d: a forecast of %v, %v and %v and a truth of %v: they must be in order, and not negative",
				i+1, len(trials), f.Early, f.Likely, f.Late, t.Truth)
		}
		switch {
		case t.Truth < f.Early:
			c.Before++
		case t.Truth > f.Late:
			c.After++
		default:
			c.Inside++
		}
	}
	n := float64(c.Trials)
	c.Share = float64(c.Inside) / n
	middle := (c.Share + z975*z975/(2*n)) / (1 + z975*z975/n)
	half := z975 / (1 + z975*z975/n) * math.Sqrt(c.Share*(1-c.Share)/n+z975*z975/(4*n*n))
	c.Low, c.High = max(0, middle-half), min(1, middle+half)
	return c, nil
}

// Holds reports whether the trials are in keeping with a claim, such as [Claimed]: whether
// it is in the confidence interval.
func (c Covered) Holds(claim float64) bool { return c.Low <= claim && claim <= c.High }

// z975 is the 97.5th percentile of the standard normal distribution.
const z975 = 1.959963984540054
