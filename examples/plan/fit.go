package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/staged-migration/staged"
	"github.com/staged-migration/staged/inventory"
)

// timesSure are how many times what is sure to fit the window of -fit is tried as the limit of
// batches, the most first. What is sure holds whatever the batches are; those that come out
// mostly hold more.
var timesSure = []float64{2, 1.75, 1.5, 1.25, 1}

// makePlan makes the plan: with -fit the first whose batches fit.
func (c *config) makePlan(ctx context.Context, inv *inventory.Inventory) (*staged.Plan, error) {
	if c.fit == 0 {
		return staged.New(ctx, inv, &c.plan)
	}
	model, given := c.plan.Model, c.plan.Batch.Limits
	sure, err := model.LimitFor(c.fit, slices.Collect(inv.Mailboxes()))
	if err != nil {
		return nil, fmt.Errorf("-fit %v: %w", c.fit, err)
	}
	var plan *staged.Plan
	for _, times := range timesSure {
		limits := given
		if size := scale(sure.Size, times); size > 0 && (given.Size == 0 || size < given.Size) {
			limits.Size, limits.UnknownSize = size, sure.UnknownSize
		}
		limits.Duration = scale(sure.Duration, times)
		if limits == c.plan.Batch.Limits && plan != nil {
			break // -max-size is less anyway
		}
		c.plan.Batch.Limits, c.plan.Batch.Duration = limits, model.LaneTime
		if plan, err = staged.New(ctx, inv, &c.plan); err != nil || c.fits(plan) {
			break
		}
	}
	return plan, err
}

// scale returns a limit times a factor, or the highest that there is.
func scale[T ~int64](limit T, factor float64) T {
	if n := float64(limit) * factor; n < math.MaxInt64 {
		return T(n)
	}
	return math.MaxInt64
}

// fits reports whether each batch of a plan is done in the window of -fit by the late estimate,
// but for those with a mailbox that is not by itself.
func (c *config) fits(plan *staged.Plan) bool {
	late := func(mailboxes []*inventory.Mailbox) bool { return c.plan.Model.Makespan(mailboxes).Late > c.fit }
	for i := range plan.Packing.Batches {
		of := plan.Packing.Batches[i].Mailboxes
		hopeless := slices.ContainsFunc(of, func(m *inventory.Mailbox) bool { return late([]*inventory.Mailbox{m}) })
		if !hopeless && late(of) {
			return false
		}
	}
	return true
}
