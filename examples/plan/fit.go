package main

import (
	"fmt"
	"slices"

	"github.com/staged-migration/staged/inventory"
)

// fitWindow lowers the limits so that batches are done in the window of -fit by the late
// estimate.
func (c *config) fitWindow(inv *inventory.Inventory) error {
	if c.fit == 0 {
		return nil
	}
	model := c.plan.Model
	limits, err := model.LimitFor(c.fit, slices.Collect(inv.Mailboxes()))
	if err != nil {
		return fmt.Errorf("-fit %v: %w", c.fit, err)
	}
	given := &c.plan.Batch.Limits
	if limits.Size > 0 && (given.Size == 0 || limits.Size < given.Size) {
		given.Size, given.UnknownSize = limits.Size, limits.UnknownSize
	}
	given.Duration, c.plan.Batch.Duration = limits.Duration, model.LaneTime
	return nil
}
