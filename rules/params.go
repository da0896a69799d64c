package rules

import (
	"cmp"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// Params are the parameters of the built-in rules. The zero Params are the
// published figures, and where nothing is published, the assumptions that are named
// here.
type Params struct {
	// Model is how fast mailboxes are copied, for the rules that compare with how long
	// the migration takes. Its lanes also stand for the endpoint's concurrent migrations
	// where those are not known.
	Model estimate.Model

	// Status is what the service reports of the migration so far, for
	// mailbox-already-in-cloud: users whose migration failed may be tried again. Nil is
	// nothing. It must not change as long as the rules are in use.
	Status *inventory.Status

	// ObjectQuota is how many objects the tenant takes from directory synchronization,
	// where support has changed it, for aad-connect-prerequisites; 0 means 50,000, and
	// 300,000 once a domain is verified.
	ObjectQuota int

	// UsualConcurrency and MaxConcurrency are how many concurrent migrations an endpoint
	// takes, for endpoint-concurrency-range: more than the first is a warning, more than
	// the second a blocker. 0 means 100, as the best-practice page says, and 300, as
	// support article 2797784 does.
	UsualConcurrency, MaxConcurrency int

	// UnmeasuredConcurrency is how many concurrent migrations the source servers are
	// trusted with before anybody has measured what they can take; 0 means 10, with
	// which the best-practice page starts.
	UnmeasuredConcurrency int

	// SessionsPerMigration is how many connections one migration holds open, for
	// source-connection-limits; 0 means 1. That is an assumption, the least that can be.
	SessionsPerMigration int
	// NearSessionLimit is how many sessions of one account count as near the 32 that
	// Exchange allows; 0 means 24. That is an assumption: a quarter to spare, and the 20
	// migrations of the default are not near.
	NearSessionLimit int

	// ShellNames says that batches are created in PowerShell only, which takes names that
	// the wizard of the Exchange admin center refuses, for batch-name-invalid.
	ShellNames bool

	// ServerImbalance is how far the share of one server in a batch may be over its part
	// of the spare capacity of all servers, for batch-server-imbalance; 0 means 0.25. That
	// is an assumption: the publication asks for an even distribution and gives no
	// tolerance.
	ServerImbalance float64
	// ServerCapacity is the spare capacity of source servers in any unit, by name
	// without regard to case and domain; a server that is not listed has 1, and one below 0
	// has none.
	ServerCapacity map[string]float64

	// MinPassword and MaxPassword are how many characters a password in a batch file must
	// have and may have, for csv-password-policy, counted in units of UTF-16. 0 stands for
	// [MinPasswordLength] and [MaxPasswordLength].
	MinPassword, MaxPassword int

	// InScope says whether the operator who creates the batches may manage the mailbox
	// with an address, for csv-scope-bypass. Nil knows of none.
	InScope func(inventory.Address) inventory.Fact

	// PilotMailboxes is how many mailboxes a test batch may have, for
	// plan-pilot-missing; 0 means 5. That is an assumption: the express migration page
	// advises two or three to begin with.
	PilotMailboxes int
	// LicenseGraceDays is for how long a user may be without a license, for
	// mailbox-license-missing; 0 means 30.
	LicenseGraceDays int

	// What a mailbox may hold, for mailbox-over-plan-quota: with Plan 1, E1 and Business,
	// 0 means 50 GB; with Plan 2, E3 and E5, 100 GB; with F1 and Kiosk, 2 GB; and shared
	// mailboxes, rooms and equipment without a license, 50 GB.
	// Source: Exchange Online limits, in the service descriptions of 2019-10.
	Plan1Quota, Plan2Quota, KioskQuota, SharedQuota inventory.Size

	// LargestItem is the largest item that is copied, for mailbox-large-items; 0 means
	// 150 MB. It was 35 MB before, and 25 MB before that.
	LargestItem inventory.Size
	// MaxReceiveSize is that of mailboxes in the tenant, as their plan sets it; 0 means
	// 36 MB, by a report of 2015. That it is still so is an assumption.
	MaxReceiveSize inventory.Size

	// From when on a mailbox has so many items that it takes longer than its size says,
	// for mailbox-dense-items: no source gives a threshold, so these are assumptions.
	// ManyItems is a number that is high whatever their size; 0 means 100,000, as in the
	// published example of 4 GB that take longer than in 400 items. SmallItem is a mean
	// size that is small from FewItems items on; 0 means 20 KB, as in the slower of the
	// published test runs, and 10,000.
	ManyItems, FewItems int64
	SmallItem           inventory.Size

	// After how many days without anybody doing something the service stops a Synced
	// batch, removes a Stopped or Failed one, and removes a Completed one, for
	// batch-idle-expiry; 0 means 60, 90 and 60.
	SyncedExpiryDays, StoppedExpiryDays, CompletedExpiryDays int
}

// resolve returns p with its defaults filled in, but for those of the model, which may
// be invalid, and ObjectQuota, which depends on the tenant.
func (p Params) resolve() Params {
	p.UsualConcurrency = cmp.Or(p.UsualConcurrency, 100)
	p.MaxConcurrency = cmp.Or(p.MaxConcurrency, estimate.MaxLanes)
	p.UnmeasuredConcurrency = cmp.Or(p.UnmeasuredConcurrency, 10)
	p.SessionsPerMigration = cmp.Or(p.SessionsPerMigration, 1)
	p.NearSessionLimit = cmp.Or(p.NearSessionLimit, 24)
	p.ServerImbalance = cmp.Or(p.ServerImbalance, 0.25)
	p.PilotMailboxes = cmp.Or(p.PilotMailboxes, 5)
	p.LicenseGraceDays = cmp.Or(p.LicenseGraceDays, 30)
	p.Plan1Quota = cmp.Or(p.Plan1Quota, 50*inventory.GB)
	p.Plan2Quota = cmp.Or(p.Plan2Quota, 100*inventory.GB)
	p.KioskQuota = cmp.Or(p.KioskQuota, 2*inventory.GB)
	p.SharedQuota = cmp.Or(p.SharedQuota, 50*inventory.GB)
	p.LargestItem = cmp.Or(p.LargestItem, 150*inventory.MB)
	p.MaxReceiveSize = cmp.Or(p.MaxReceiveSize, 36*inventory.MB)
	p.ManyItems = cmp.Or(p.ManyItems, 100_000)
	p.FewItems = cmp.Or(p.FewItems, 10_000)
	p.SmallItem = cmp.Or(p.SmallItem, 20*inventory.KB)
	p.SyncedExpiryDays = cmp.Or(p.SyncedExpiryDays, 60)
	p.StoppedExpiryDays = cmp.Or(p.StoppedExpiryDays, 90)
	p.CompletedExpiryDays = cmp.Or(p.CompletedExpiryDays, 60)
	return p
}
