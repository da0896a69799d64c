package batch

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/inventory"
)

// The inventory's own search is the oracle.
func TestFinder(t *testing.T) {
	for _, n := range []int{0, 1, 5, 6, 1000} { // 5 take 8 slots, 6 take 16
		var mailboxes []inventory.Mailbox
		for i := range n {
			a := inventory.Address(fmt.Sprintf("m%d@contoso.com", 2*i))
			mailboxes = append(mailboxes, inventory.Mailbox{Address: a, Aliases: []inventory.Address{"alias" + a}})
		}
		inv, err := inventory.New(inventory.Organization{}, mailboxes, nil)
		require.NoError(t, err)
		f := newFinder(inv)
		for i := range 2*n + 1 {
			a := inventory.Address(fmt.Sprintf("m%d@contoso.com", i))
			want, ok := inv.Index(a)
			if !ok {
				want = none
			}
			require.EqualValues(t, want, f.find(a), a)
			require.EqualValues(t, none, f.find("alias"+a), "grants name primary addresses")
		}
	}
}
