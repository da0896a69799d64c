package rules_test

import (
	"os"
	"slices"
	"testing"
	"unsafe"

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
	return rulestest.Run(t, fsys, named(t, p.Catalogue(), rule))
}

func TestParamsOfMailboxes(t *testing.T) {
	runWith(t, "license-grace", "mailbox-license-missing", rules.Params{LicenseGraceDays: 10})
	runWith(t, "quotas", "mailbox-over-plan-quota", rules.Params{
		Plan1Quota: 3 * inventory.GB, Plan2Quota: 4 * inventory.GB, KioskQuota: inventory.GB, SharedQuota: 2 * inventory.GB,
	})
	runWith(t, "large-items", "mailbox-large-items", rules.Params{LargestItem: 35 * inventory.MB, MaxReceiveSize: 25 * inventory.MB})
	runWith(t, "dense-items", "mailbox-dense-items", rules.Params{ManyItems: 50, FewItems: 10, SmallItem: 5})
	runWith(t, "expiry", "batch-idle-expiry", rules.Params{SyncedExpiryDays: 1, StoppedExpiryDays: 2, CompletedExpiryDays: 3})
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

// clean is a mailbox that no rule about single mailboxes has anything against.
func clean() (inventory.Organization, inventory.Mailbox) {
	org := inventory.Organization{
		DirectorySynchronization: inventory.Yes, VerifiedDomains: []string{"x.com"},
		Subscription:     "Office 365 Enterprise E3 for 5,000 people, Exchange Online (Plan 2)",
		MigrationAccount: inventory.MigrationAccount{Name: "admin", MailboxAccess: inventory.AccessFullAccess, WritesTargetAddress: inventory.Yes},
	}
	return org, inventory.Mailbox{
		Address: "a@x.com", WindowsEmailAddress: "a@x.com", Kind: inventory.SharedMailbox, Version: inventory.Version{Major: 8, Minor: 3, Build: 83, Revision: 6},
		Size: inventory.Known(3 * inventory.GB), Items: inventory.Known[int64](20_000), LargestItem: inventory.Known(inventory.MB),
		HiddenFromAddressLists: inventory.No, UMEnabled: inventory.No, Delegated: inventory.No, OutlookCachedMode: inventory.No,
		ActiveSyncDevices: inventory.Count{Exist: inventory.No}, Cloud: inventory.CloudMailUser,
		OutOfOffice: inventory.No, Licensed: inventory.Yes, OutlookVersion: inventory.Version{Major: 14},
	}
}

// A mailbox of which all facts are known, and against which there is nothing, costs no
// memory: there may be 50,000.
func TestKnownMailboxesAllocateNothing(t *testing.T) {
	org, m := clean()
	set := slices.DeleteFunc(rules.Catalogue(), func(r *rules.Rule) bool { return r.Mailbox == nil })
	for _, r := range set {
		r.Organization = nil
	}
	allocs := func(n int) float64 {
		mailboxes := many(n)
		for i := range mailboxes {
			address := mailboxes[i].Address
			mailboxes[i] = m
			mailboxes[i].Address, mailboxes[i].WindowsEmailAddress = address, address
		}
		inv := newInventory(t, org, mailboxes)
		return testing.AllocsPerRun(5, func() {
			if report, err := rules.Check(t.Context(), inv, set); err != nil || len(report.Findings) > 0 {
				t.Error("something was found", err)
			}
		})
	}
	small, large := allocs(512), allocs(512*20)
	require.Less(t, large-small, 20.0, "9,728 more mailboxes cost no more than what is kept for their chunks")
}

// Messages that say the same of many mailboxes are one text in memory.
func TestFindingsShareTheirTexts(t *testing.T) {
	org, m := clean()
	m.Kind, m.Licensed, m.OutOfOffice, m.OutlookCachedMode = inventory.UserMailbox, inventory.No, inventory.Yes, inventory.No
	mailboxes := many(2)
	for i := range mailboxes {
		address := mailboxes[i].Address
		mailboxes[i] = m
		mailboxes[i].Address, mailboxes[i].WindowsEmailAddress = address, address
	}
	report, err := rules.Check(t.Context(), newInventory(t, org, mailboxes), rules.Catalogue())
	require.NoError(t, err)
	texts := make(map[string][]*byte)
	for _, f := range report.Findings {
		if f.Scope == rules.ScopeMailbox {
			texts[f.Message] = append(texts[f.Message], unsafe.StringData(f.Message))
		}
	}
	require.Len(t, texts, 4, "license, reply before and after, profile")
	for message, at := range texts {
		require.Len(t, at, 2, message)
		require.Same(t, at[0], at[1], message)
	}
}
