package estimate_test

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// judge knows what a rollout must be from its definition alone.
type judge struct {
	d    desks
	opts estimate.RolloutOptions
	day  map[inventory.Address]int // of January, on which the batch of a mailbox can be served
}

// part returns what Outlook has of a mailbox of somebody with that Outlook.
func (j *judge) part(whose, size *inventory.Mailbox) inventory.Size {
	s := size.Size.Or(0)
	if whose.OutlookVersion.Major >= 15 && j.opts.Window > 0 {
		s = inventory.Size(float64(s) * j.opts.Window)
	}
	return s
}

// downloads returns what a user downloads on a day of January or would, and what
// follows on later days.
func (j *judge) downloads(m *inventory.Mailbox, day int) (now inventory.Size, later map[int]inventory.Size) {
	later = make(map[int]inventory.Size)
	if m.OutlookCachedMode == inventory.No {
		return 0, later
	}
	now = j.part(m, m)
	if major := m.OutlookVersion.Major; major > 0 && major < 14 {
		return now, later
	}
	for _, g := range j.d.p.Inventory.Grants() {
		if g.Trustee != m.Address {
			continue
		}
		other, _ := j.d.p.Inventory.Lookup(g.Mailbox)
		if from := j.day[other.Address]; from <= day {
			now += j.part(m, other)
		} else {
			later[from] += j.part(m, other)
		}
	}
	return now, later
}

func (j *judge) open(day int) bool {
	weekday := time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC).Weekday()
	return j.opts.Clients.Hours.Windows == (estimate.Windows{}) || weekday != time.Saturday && weekday != time.Sunday
}

type siteOn struct {
	site string
	day  int
}

// dayNumber returns the number of a date as a day of January.
func dayNumber(d estimate.Date) int { return int(d.In(nil).Sub(january(0).In(nil)) / (24 * time.Hour)) }

func checkRollout(t require.TestingT, d desks, opts estimate.RolloutOptions) {
	r, err := estimate.RollOut(d.p, d.t, &opts)
	require.NoError(t, err)
	j := judge{d, opts, make(map[inventory.Address]int)}
	var users []*inventory.Mailbox
	for i, b := range d.p.Batches {
		day := dayNumber(d.t.Batches[i].ClientDay)
		for !j.open(day) {
			day++
		}
		for _, m := range b.Mailboxes {
			j.day[m.Address] = day
			if m.Kind != inventory.SharedMailbox {
				users = append(users, m)
			}
		}
	}
	require.Len(t, r.Changes, len(users))
	loads, counts, perDay := make(map[siteOn]inventory.Size), make(map[siteOn]int), make(map[int]int)
	tooMuch := make(map[siteOn]bool) // for a reason that is allowed
	const carries = 1_800_000_000    // half of 8 Mbit/s for an hour
	for i, c := range r.Changes {
		m, day := users[i], dayNumber(c.Date)
		require.Equal(t, m, c.Mailbox)
		require.True(t, j.open(day) && day >= j.day[m.Address], "%s on day %d", m.Address, day)
		require.Equal(t, day-j.day[m.Address], c.Waits)
		now, later := j.downloads(m, day)
		require.Equal(t, now, c.Download, m.Address)
		at := siteOn{m.Database, day}
		loads[at] += now
		counts[at]++
		perDay[day]++
		tooMuch[at] = tooMuch[at] || now > carries
		for day, size := range later {
			loads[siteOn{m.Database, day}] += size
			tooMuch[siteOn{m.Database, day}] = true
		}
	}
	limits := opts.Clients
	for _, c := range r.Changes {
		for day := j.day[c.Mailbox.Address]; day < dayNumber(c.Date); day++ {
			at := siteOn{c.Site, day}
			would, _ := j.downloads(c.Mailbox, day)
			full := limits.PerSite > 0 && counts[at] >= limits.PerSite || limits.PerDay > 0 && perDay[day] >= limits.PerDay ||
				c.Site == "Bonn" && would > 0 && loads[at]+would > carries-carries/64
			require.True(t, full || !j.open(day), "%s waits though day %d has room", c.Mailbox.Address, day)
		}
	}
	for _, s := range r.Days {
		at := siteOn{s.Site, dayNumber(s.Date)}
		require.Equal(t, loads[at], s.Download)
		require.Equal(t, counts[at], s.Users)
		require.Zero(t, s.UsersOver)
		require.Equal(t, s.Site == "Bonn" && s.Download > carries, s.Over > 0)
		require.True(t, s.Over == 0 || tooMuch[at], "%v", s)
		require.True(t, limits.PerDay == 0 || perDay[at.day] <= limits.PerDay)
		delete(loads, at)
	}
	for at, load := range loads {
		require.Zero(t, load, "%v is missing", at)
	}
}
