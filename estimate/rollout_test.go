package estimate_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// desks is a packing with a timeline in which each batch has a day, from Monday 5 January
// 2026 on.
type desks struct {
	p *batch.Packing
	t *estimate.Timeline
}

// newDesks makes batches of mailboxes, by the day of January.
func newDesks(t require.TestingT, grants []inventory.Grant, days []int, batches ...[]inventory.Mailbox) desks {
	var all []inventory.Mailbox
	for _, b := range batches {
		all = append(all, b...)
	}
	inv, err := inventory.New(inventory.Organization{}, all, grants)
	require.NoError(t, err)
	d := desks{&batch.Packing{Inventory: inv}, &estimate.Timeline{Start: monday}}
	for i, day := range days {
		b := batch.Batch{Name: fmt.Sprint("B", i+1)}
		for _, m := range batches[i] {
			planned, ok := inv.Lookup(m.Address)
			require.True(t, ok)
			b.Mailboxes = append(b.Mailboxes, planned)
		}
		d.p.Batches = append(d.p.Batches, b)
		d.t.Batches = append(d.t.Batches, estimate.Slot{Name: b.Name, ClientDay: january(day)})
	}
	return d
}

func january(day int) estimate.Date {
	return estimate.Date{Year: 2026, Month: time.January, Day: day}
}

// desk makes a mailbox of so many MB in cached mode with a version of Outlook.
func desk(name string, mb int, outlook uint16) inventory.Mailbox {
	return inventory.Mailbox{Address: inventory.Address(name + "@contoso.com"), Size: inventory.Known(inventory.Size(mb) * inventory.MB),
		OutlookCachedMode: inventory.Yes, OutlookVersion: inventory.Version{Major: outlook}}
}

func fullAccess(mailbox, trustee string) inventory.Grant {
	return inventory.Grant{Mailbox: inventory.Address(mailbox + "@contoso.com"), Trustee: inventory.Address(trustee + "@contoso.com"), Right: inventory.FullAccess}
}

func kind(m inventory.Mailbox, k inventory.Kind) inventory.Mailbox {
	m.Kind = k
	return m
}

// changes says who has what day and downloads how many MB.
func changes(r *estimate.Rollout) (out []string) {
	for _, c := range r.Changes {
		name, _, _ := strings.Cut(string(c.Mailbox.Address), "@")
		out = append(out, fmt.Sprintf("%s %d: %d", name, c.Date.Day, c.Download/inventory.MB))
	}
	return out
}

// What Outlook downloads, by its version and mode.
func TestRollOutDownloads(t *testing.T) {
	unknown := func(m inventory.Mailbox) inventory.Mailbox {
		m.OutlookVersion, m.OutlookCachedMode = inventory.Version{}, inventory.Unknown
		return m
	}
	online := desk("online", 100, 16)
	online.OutlookCachedMode = inventory.No
	noSize := desk("nosize", 0, 16)
	noSize.Size = inventory.Opt[inventory.Size]{}
	team := kind(desk("team", 1000, 0), inventory.SharedMailbox)
	var grants []inventory.Grant
	all := []inventory.Mailbox{team, desk("o2007", 100, 12), desk("o2010", 100, 14), desk("o2013", 100, 15), desk("o2016", 100, 16),
		unknown(desk("unknown", 100, 0)), online, noSize}
	for _, name := range []string{"o2007", "o2010", "o2013", "o2016", "unknown", "online"} {
		grants = append(grants, fullAccess("team", name), inventory.Grant{Mailbox: "team@contoso.com",
			Trustee: inventory.Address(name + "@contoso.com"), Right: inventory.SendAs})
	}
	grants = append(grants, inventory.Grant{Mailbox: "team@contoso.com", Trustee: "nosize@contoso.com", Right: inventory.SendAs},
		fullAccess("o2007", "team"), fullAccess("team", "group"), fullAccess("elsewhere", "o2010"))
	d := newDesks(t, grants, []int{5}, all)
	tests := []struct {
		opts   estimate.RolloutOptions
		want   string
		reason string
	}{
		{estimate.RolloutOptions{}, "o2007 5: 100, o2010 5: 1100, o2013 5: 1100, o2016 5: 1100, unknown 5: 1100, online 5: 0, nosize 5: 0",
			"all of everything, but 2007 leaves others' mail where it is; the right to send takes nothing; nobody signs in as team"},
		{estimate.RolloutOptions{Window: 0.25}, "o2007 5: 100, o2010 5: 1100, o2013 5: 275, o2016 5: 275, unknown 5: 1100, online 5: 0, nosize 5: 0",
			"a quarter is in the window, which Outlook has since 2013; unknown versions count as 2010"},
		{estimate.RolloutOptions{Window: 0.25, Outlook: inventory.Version{Major: 16}, UnknownSize: 80 * inventory.MB},
			"o2007 5: 100, o2010 5: 1100, o2013 5: 275, o2016 5: 275, unknown 5: 275, online 5: 0, nosize 5: 20",
			"an assumed version, and a quarter of an assumed size"},
		{estimate.RolloutOptions{Cached: inventory.No}, "o2007 5: 100, o2010 5: 1100, o2013 5: 1100, o2016 5: 1100, unknown 5: 0, online 5: 0, nosize 5: 0",
			"what does not say so is not in cached mode"},
		{estimate.RolloutOptions{NoShared: true}, "o2007 5: 100, o2010 5: 100, o2013 5: 100, o2016 5: 100, unknown 5: 100, online 5: 0, nosize 5: 0",
			"a policy keeps others' mailboxes away"},
	}
	for _, tt := range tests {
		r, err := estimate.RollOut(d.p, d.t, &tt.opts)
		require.NoError(t, err)
		if diff := cmp.Diff(tt.want, strings.Join(changes(r), ", ")); diff != "" {
			t.Errorf("%s:\n%s", tt.reason, diff)
		}
		require.Equal(t, 1, r.UnknownCached)
		require.Equal(t, 1, r.UnknownSizes)
		require.Equal(t, 7, r.UnknownDevices)
	}
	r, err := estimate.RollOut(d.p, d.t, nil)
	require.NoError(t, err)
	require.Equal(t, 1, r.UnknownOutlook)
	// All downloads of the first case: 100 + 4 x 1100.
	require.Equal(t, []estimate.SiteDay{{Date: january(5), Users: 7, Download: 4500 * inventory.MB}}, r.Days)
}

// Mailboxes that are shared are downloaded when both their own batch and the user's day
// have come.
func TestRollOutSharedLater(t *testing.T) {
	d := newDesks(t, []inventory.Grant{fullAccess("early", "ann"), fullAccess("same", "ann"), fullAccess("late", "ann"), fullAccess("held", "ann")},
		[]int{5, 6, 7},
		[]inventory.Mailbox{kind(desk("early", 1, 16), inventory.SharedMailbox)},
		[]inventory.Mailbox{desk("ann", 10, 16), kind(desk("same", 100, 16), inventory.RoomMailbox)},
		[]inventory.Mailbox{kind(desk("late", 1000, 16), inventory.SharedMailbox)},
		[]inventory.Mailbox{desk("held", 10000, 16)})
	r, err := estimate.RollOut(d.p, d.t, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"ann 6: 111"}, changes(r))
	if diff := cmp.Diff([]estimate.SiteDay{{Date: january(6), Users: 1, Download: 111 * inventory.MB},
		{Date: january(7), Download: 1000 * inventory.MB}}, r.Days); diff != "" {
		t.Error(diff)
	}
}

// On a link of 8 Mbit/s half carries 500,000 bytes a second: 1,800,000,000 an hour.
func TestRollOutStagger(t *testing.T) {
	bytes := func(name string, size inventory.Size) inventory.Mailbox {
		m := desk(name, 0, 16)
		m.Size = inventory.Known(size)
		m.ActiveSyncDevices = inventory.Count{Number: 2}
		return m
	}
	const half = 900_000_000
	slow := func(o estimate.RolloutOptions) estimate.RolloutOptions {
		o.Link = func(string) float64 { return 8 }
		o.Within = time.Hour
		o.Stagger = true
		return o
	}
	users := func(sizes ...inventory.Size) (out []inventory.Mailbox) {
		for i, s := range sizes {
			out = append(out, bytes(string(rune('a'+i)), s))
		}
		return out
	}
	weekdays := estimate.Clients{Hours: estimate.Calendar{Windows: windows(t, "Mon-Thu 08:00-17:00; Fri 08:00-09:00")}}
	allDay := slow(estimate.RolloutOptions{Clients: weekdays})
	allDay.Within = 0
	tests := []struct {
		opts   estimate.RolloutOptions
		users  []inventory.Mailbox
		day    int
		want   string
		reason string
	}{
		{slow(estimate.RolloutOptions{}), users(half, half, half, half, half), 5, "a 5, b 5, c 6, d 6, e 7", "two a day"},
		{slow(estimate.RolloutOptions{Share: 1}), users(half, half, half, half, half), 5, "a 5, b 5, c 5, d 5, e 6", "the whole link carries four"},
		{slow(estimate.RolloutOptions{Window: 0.5}), users(half, half, half, half, half), 5, "a 5, b 5, c 5, d 5, e 6", "half of each"},
		{slow(estimate.RolloutOptions{}), users(half+1, half, half-1), 5, "a 5, b 6, c 5", "c fits beside a to the byte, b does not"},
		{slow(estimate.RolloutOptions{}), users(3*half, 2*half, 0, half), 5, "a 5 over 30m0s, b 6, c 5, d 7", "a is too much for any day; who downloads nothing needs no room"},
		{slow(estimate.RolloutOptions{}), users(1_400_000_000, 1_000_000_000, 300_000_000), 5, "a 5, b 6, c 5", "c goes back to the day with room"},
		{slow(estimate.RolloutOptions{}), users(1_780_000_000, 1_000_000_000, 1_000_000), 5, "a 5, b 6, c 6", "less than a 64th, 28 MB, counts as full"},
		{slow(estimate.RolloutOptions{}), users(half, 3*half), 5, "a 5, b 6 over 30m0s", "too much for any day has one where nothing else is"},
		{slow(estimate.RolloutOptions{Clients: estimate.Clients{PerSite: 1}}), users(1, 1, 0), 5, "a 5, b 6, c 7", "one user a day"},
		{slow(estimate.RolloutOptions{Clients: estimate.Clients{PerDay: 2}}), users(1, 1, 1), 5, "a 5, b 5, c 6", "two users a day"},
		{slow(estimate.RolloutOptions{Clients: weekdays}), users(2*half, 2*half, 2*half), 8, "a 8, b 9, c 12", "no work on Saturday and Sunday"},
		{slow(estimate.RolloutOptions{Clients: weekdays}), users(half), 10, "a 12", "a batch of Saturday is served on Monday"},
		{allDay, users(18*half, 17*half, half, half, half), 8, "a 8, b 12, c 9, d 9, e 12",
			"Thursday has nine hours and Friday one, so that b waits for Monday though Friday is empty"},
		{allDay, users(18 * half), 9, "a 12", "nine hours of downloads are not too much for any day, though for the first"},
		{estimate.RolloutOptions{Stagger: true}, users(half, half, 1<<62), 5, "a 5, b 5, c 5", "without a link nothing is too much"},
		{estimate.RolloutOptions{Link: func(string) float64 { return 8 }, Within: time.Hour, Clients: estimate.Clients{PerSite: 1}}, users(half, half, half), 5,
			"a 5, b 5, c 5 over 30m0s users over 2", "without staggering it is told what is too much"},
	}
	for _, tt := range tests {
		d := newDesks(t, nil, []int{tt.day}, tt.users)
		r, err := estimate.RollOut(d.p, d.t, &tt.opts)
		require.NoError(t, err)
		var got []string
		for i, c := range r.Changes {
			text := fmt.Sprintf("%c %d", c.Mailbox.Address[0], c.Date.Day)
			for _, s := range r.Days {
				last := i == len(r.Changes)-1 || r.Changes[i+1].Date != c.Date || tt.opts.Stagger
				if s.Date == c.Date && last && c.Download > 0 {
					if s.Over > 0 {
						text += fmt.Sprintf(" over %v", s.Over.Round(time.Second))
					}
					if s.UsersOver > 0 {
						text += fmt.Sprintf(" users over %d", s.UsersOver)
					}
				}
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s:\n%s", tt.reason, diff)
		}
	}
}

// Two sites do not wait for one another, and a day is summed up.
func TestRollOutSites(t *testing.T) {
	var boxes []inventory.Mailbox
	for i := range 6 {
		m := desk(string(rune('a'+i)), 1800, 16)
		m.ActiveSyncDevices = inventory.Count{Number: i % 4, Exist: []inventory.Fact{inventory.No, 0, 0, 0, inventory.Yes, 0}[i]}
		m.Database = []string{"Bonn", "Köln"}[i%2]
		boxes = append(boxes, m)
	}
	d := newDesks(t, nil, []int{5}, boxes)
	r, err := estimate.RollOut(d.p, d.t, &estimate.RolloutOptions{
		Clients: estimate.Clients{Site: func(m *inventory.Mailbox) string { return m.Database }, PerSite: 2},
		Stagger: true, CallsPerHundred: 50,
		Link: func(site string) float64 { return map[string]float64{"Bonn": 20}[site] },
	})
	require.NoError(t, err)
	// 3,600 MB of 1,048,576 bytes at 10 Mbit/s are 3,019.9 s.
	takes := time.Duration(3600 * 1048576 * 8 / 10e6 * float64(time.Second))
	want := []estimate.SiteDay{
		{Date: january(5), Site: "Bonn", Users: 2, Devices: 0 + 2, Download: 3600 * inventory.MB, Takes: takes, Calls: 1},
		{Date: january(5), Site: "Köln", Users: 2, Devices: 1 + 3, Download: 3600 * inventory.MB, Calls: 1},
		{Date: january(6), Site: "Bonn", Users: 1, Devices: 0, Download: 1800 * inventory.MB, Takes: takes / 2, Calls: 0.5},
		{Date: january(6), Site: "Köln", Users: 1, Devices: 1, Download: 1800 * inventory.MB, Calls: 0.5},
	}
	near := cmp.Comparer(func(a, b time.Duration) bool { return (a - b).Abs() < time.Microsecond })
	if diff := cmp.Diff(want, r.Days, near); diff != "" {
		t.Error(diff)
	}
	require.Equal(t, 1, r.UnknownDevices, "e has some, nobody knows how many; a has none")
	require.Equal(t, 1, r.Changes[5].Waits)
	require.Equal(t, "Köln", r.Changes[5].Site)
	require.Equal(t, "B1", r.Changes[5].Batch)
}

func TestRollOutRefuses(t *testing.T) {
	d := newDesks(t, nil, []int{5}, []inventory.Mailbox{desk("a", 1, 16)})
	link := func(mbps float64) func(string) float64 { return func(string) float64 { return mbps } }
	for _, bad := range []estimate.RolloutOptions{
		{Share: -0.1}, {Share: 1.1}, {Share: math.NaN()}, {Window: -0.1}, {Window: 1.1}, {Window: math.NaN()}, {Within: -1}, {UnknownSize: -1},
		{CallsPerHundred: -1}, {CallsPerHundred: math.NaN()}, {CallsPerHundred: math.Inf(1)},
		{Link: link(-1)}, {Link: link(math.NaN())}, {Link: link(math.Inf(1))},
		{Clients: estimate.Clients{PerDay: -1}},
		{Clients: estimate.Clients{Hours: estimate.Calendar{Closed: []estimate.Date{{Year: 2026, Month: 2, Day: 30}}}}},
	} {
		_, err := estimate.RollOut(d.p, d.t, &bad)
		require.Error(t, err, "%+v", bad)
	}
	_, err := estimate.RollOut(nil, d.t, nil)
	require.Error(t, err)
	_, err = estimate.RollOut(d.p, nil, nil)
	require.Error(t, err)
	_, err = estimate.RollOut(d.p, &estimate.Timeline{}, nil)
	require.Error(t, err)
	noDay := *d.t
	noDay.Batches = []estimate.Slot{{Name: "B1"}}
	_, err = estimate.RollOut(d.p, &noDay, nil)
	require.ErrorContains(t, err, `"B1" has no day`)

	// One user a day of whom there are more than days in ten years.
	var many []inventory.Mailbox
	for i := range 3700 {
		many = append(many, desk(fmt.Sprint("u", i), 1, 16))
	}
	d = newDesks(t, nil, []int{5}, many)
	_, err = estimate.RollOut(d.p, d.t, &estimate.RolloutOptions{Stagger: true, Clients: estimate.Clients{PerDay: 1}})
	require.ErrorContains(t, err, "ten years after 2026-01-05")
}

// However much there is to do, nobody is early, no limit is broken that can be kept, and
// nobody waits for a day while one before has room.
func TestRollOutProperties(t *testing.T) {
	weekdays := windows(t, "Mon-Fri 08:00-17:00")
	rapid.Check(t, func(rt *rapid.T) {
		var boxes []inventory.Mailbox
		var grants []inventory.Grant
		n := rapid.IntRange(1, 60).Draw(rt, "mailboxes")
		for i := range n {
			m := desk(fmt.Sprint("u", i), rapid.IntRange(0, 3000).Draw(rt, "MB"), uint16(rapid.SampledFrom([]int{0, 12, 14, 15, 16}).Draw(rt, "Outlook")))
			m.OutlookCachedMode = rapid.SampledFrom([]inventory.Fact{inventory.Unknown, inventory.No, inventory.Yes}).Draw(rt, "cached")
			m.Database = rapid.SampledFrom([]string{"Bonn", "Rome"}).Draw(rt, "site")
			m.Kind = rapid.SampledFrom([]inventory.Kind{"", inventory.UserMailbox, inventory.SharedMailbox}).Draw(rt, "kind")
			boxes = append(boxes, m)
		}
		for range rapid.IntRange(0, 20).Draw(rt, "grants") {
			a, b := rapid.IntRange(0, n-1).Draw(rt, "mailbox"), rapid.IntRange(0, n-1).Draw(rt, "trustee")
			grants = append(grants, fullAccess(fmt.Sprint("u", a), fmt.Sprint("u", b)))
		}
		per := rapid.IntRange(1, n).Draw(rt, "mailboxes of a batch")
		var batches [][]inventory.Mailbox
		var days []int
		for i := 0; i < n; i += per {
			batches = append(batches, boxes[i:min(n, i+per)])
			days = append(days, rapid.IntRange(5, 15).Draw(rt, "day"))
		}
		opts := estimate.RolloutOptions{Stagger: true, Within: time.Hour,
			Window:  rapid.SampledFrom([]float64{0, 0.125, 0.5}).Draw(rt, "window"),
			Clients: estimate.Clients{Site: func(m *inventory.Mailbox) string { return m.Database }},
			Link:    func(site string) float64 { return map[string]float64{"Bonn": 8}[site] }}
		opts.Clients.PerSite = rapid.IntRange(0, 5).Draw(rt, "users of a site")
		opts.Clients.PerDay = rapid.IntRange(0, 8).Draw(rt, "users of a day")
		if rapid.Bool().Draw(rt, "weekends are free") {
			opts.Clients.Hours.Windows = weekdays
		}
		checkRollout(rt, newDesks(rt, grants, days, batches...), opts)
	})
}

// BenchmarkRollOut spreads 500,000 users over sites with slow links.
func BenchmarkRollOut(b *testing.B) {
	p := plan(1000, 500)
	t := &estimate.Timeline{Start: monday}
	for i := range p.Batches {
		y, m, d := monday.AddDate(0, 0, i/4).Date()
		t.Batches = append(t.Batches, estimate.Slot{Name: p.Batches[i].Name, ClientDay: estimate.Date{Year: y, Month: m, Day: d}})
	}
	opts := &estimate.RolloutOptions{Stagger: true, Window: 0.3, Link: func(string) float64 { return 200 },
		Clients: estimate.Clients{PerSite: 300, Site: func(m *inventory.Mailbox) string { return m.Server },
			Hours: estimate.Calendar{Windows: windows(b, "Mon-Fri 08:00-17:00")}}}
	for b.Loop() {
		r, err := estimate.RollOut(p, t, opts)
		require.NoError(b, err)
		require.Len(b, r.Changes, 500_000)
	}
}
