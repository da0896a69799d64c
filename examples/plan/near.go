package main

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// keepNear has mailboxes kept together that have the same value of the column that the
// command line names, if it names one.
func (c *config) keepNear(inv *inventory.Inventory) error {
	near := func(m *inventory.Mailbox) string {
		value, _ := m.Attrs.Get(c.near)
		return value
	}
	switch strings.ToLower(c.near) {
	case "":
		return nil
	case "server":
		near = func(m *inventory.Mailbox) string { return m.Server }
	case "database":
		near = func(m *inventory.Mailbox) string { return m.Database }
	case "domain":
		near = func(m *inventory.Mailbox) string { return m.Address.Domain() }
	}
	for m := range inv.Mailboxes() {
		if near(m) != "" {
			c.plan.Batch.Near = near
			return nil
		}
	}
	return fmt.Errorf("-near %s: no mailbox has it: no export of them has that column, or it is empty", c.near)
}
