package estimate

import (
	"math"
	"time"

	"github.com/staged-migration/staged/inventory"
)

const day = 24 * time.Hour

// SizeHistory is how long mailboxes from one size until under another took to move: half
// of them up to P50, nine of ten up to P90.
type SizeHistory struct {
	From, To inventory.Size
	P50, P90 time.Duration
}

// HistoryBySize returns what Microsoft has published of how long mailboxes took, by
// size. It is history, not a promise: all ways of onboarding are mixed in it, and most of
// it is waiting and trying again rather than copying, so that it bounds what is sane
// and estimates nothing. Above 200 GB moves are not supported.
//
// Source: Office 365 migration performance and best practices, the table of percentiles
// for onboarding by mailbox size. Its bins overlap at their ends; here the end belongs to
// the next.
func HistoryBySize() []SizeHistory {
	const gb = inventory.GB
	return []SizeHistory{
		{0, gb, day, 7 * day},
		{gb, 10 * gb, day, 7 * day},
		{10 * gb, 50 * gb, 3 * day, 14 * day},
		{50 * gb, 100 * gb, 3 * day, 30 * day},
		{100 * gb, 200 * gb, 8 * day, 45 * day},
	}
}

// TenantHistory is how long tenants from one number of mailboxes until under another took
// for nine of ten moves: from Least up to Most.
type TenantHistory struct {
	From, To    int
	Least, Most time.Duration
}

// HistoryByTenant returns what Microsoft has published of how long migrations took, by
// the size of the tenant. See [HistoryBySize]; outliers are excluded, and larger mailboxes
// than usual take longer.
//
// Source: Office 365 migration performance and best practices, the table of days for
// 90 % of moves by tenant size. Its last bin is printed as "> 1000,000", which is read as
// over 100,000.
func HistoryByTenant() []TenantHistory {
	return []TenantHistory{
		{0, 1_000, 5 * day, 14 * day},
		{1_000, 5_000, 10 * day, 30 * day},
		{5_000, 10_000, 20 * day, 45 * day},
		{10_000, 50_000, 30 * day, 60 * day},
		{50_000, 100_000, 45 * day, 90 * day},
		{100_000, math.MaxInt, 60 * day, 180 * day},
	}
}
