package rules_test

import (
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/rulestest"
)

// runWith runs the cases of testdata/params/<name>.txtar over a rule with other
// parameters than the default ones.
func runWith(t *testing.T, name, rule string, p rules.Params) []*rulestest.Result {
	t.Helper()
	data, err := os.ReadFile("testdata/params/" + name + ".txtar")
	require.NoError(t, err)
	fsys, err := txtar.FS(txtar.Parse(data))
	require.NoError(t, err)
	return rulestest.Run(t, fsys, only(t, rule, p))
}

func only(t *testing.T, name string, p rules.Params) *rules.Rule {
	t.Helper()
	set := p.Catalogue()
	i := slices.IndexFunc(set, func(r *rules.Rule) bool { return r.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return set[i]
}

// A mailbox in the tenant does not hold a user that is tried again, which is known from
// the status only.
func TestRetries(t *testing.T) {
	user := func(a inventory.Address, s inventory.MigrationState) inventory.MigrationUser {
		return inventory.MigrationUser{Address: a, State: s}
	}
	results := runWith(t, "retries", "mailbox-already-in-cloud", rules.Params{Status: &inventory.Status{Users: []inventory.MigrationUser{
		user("failed@contoso.com", "failed"),
		user("synced@contoso.com", inventory.Synced),
		user("syncing@contoso.com", inventory.Syncing),
		user("again@contoso.com", inventory.Synced), // after it failed in another batch
		user("again@contoso.com", inventory.Failed),
	}}})
	require.NotContains(t, results[0].Report.Held(), inventory.Address("failed@contoso.com"))
}
