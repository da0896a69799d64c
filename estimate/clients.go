package estimate

import (
	"errors"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// Clients says when users get new profiles after their mailboxes have moved, and how
// many of them on a day. The zero Clients let them do so on the day on which their
// batch is done, whatever their number.
//
// A user is who signs in to a mailbox as its owner: rooms, equipment and shared
// mailboxes have none.
type Clients struct {
	// PerDay and PerSite are how many users may get new profiles on a day, in all and at
	// one site; 0 means no limit. All users of a batch do so on one day, so that a batch
	// of more users than that cannot fit; see batch.Limits.
	PerDay, PerSite int

	// Site returns the site of a mailbox. Nil puts all at one.
	Site func(*inventory.Mailbox) string

	// After is how long after the late finish of a batch its users can be served at the
	// soonest: the source mailboxes must be converted before, and the directory
	// synchronized, which runs every 30 minutes. 0 means at once.
	After time.Duration

	// Hours are when users are served, such as Mon-Fri 08:00-17:00 without holidays. The
	// day of a batch is the first one that has such an hour left. The zero Calendar means
	// at any time. Without a location they have that of the schedule.
	Hours Calendar
}

func (c *Clients) validate() error {
	if c.PerDay < 0 || c.PerSite < 0 || c.After < 0 {
		return errors.New("estimate: a limit of users, or the time after which they are served, is negative")
	}
	return c.Hours.Validate()
}

// desk counts the users that are served on each day.
type desk struct {
	Clients
	hours  *timetable
	perDay map[int]int
	atSite map[siteDay]int
}

type siteDay struct {
	site string
	day  int
}

// siteUsers is how many users of a batch are at a site.
type siteUsers struct {
	site  string
	users int
}

// attendance is the users of one batch.
type attendance struct {
	users int
	sites []siteUsers
}

func newDesk(c Clients, loc *time.Location, origin time.Time) *desk {
	if c.Hours.Location == nil {
		c.Hours.Location = loc
	}
	return &desk{Clients: c, hours: newTimetable(c.Hours, origin), perDay: make(map[int]int), atSite: make(map[siteDay]int)}
}

// attendance counts the users of mailboxes.
func (d *desk) attendance(mailboxes []*inventory.Mailbox) attendance {
	var a attendance
	at := make(map[string]int) // the place of a site in sites
	for _, m := range mailboxes {
		if !hasUser(m) {
			continue
		}
		a.users++
		if d.PerSite == 0 {
			continue
		}
		site := ""
		if d.Site != nil {
			site = d.Site(m)
		}
		i, ok := at[site]
		if !ok {
			i = len(a.sites)
			at[site] = i
			a.sites = append(a.sites, siteUsers{site: site})
		}
		a.sites[i].users++
	}
	return a
}

// hasUser reports whether somebody signs in to a mailbox as its owner. One of unknown
// kind counts as a user's.
func hasUser(m *inventory.Mailbox) bool {
	switch m.Kind {
	case inventory.UserMailbox, inventory.LinkedMailbox, inventory.LegacyMailbox, "":
		return true
	}
	return false
}

// day returns the day on which users are served whose batch is done at a moment, by its
// number, and false if there is none.
func (d *desk) day(finish time.Duration) (day int, ok bool) {
	s, ok := d.hours.at(addTime(finish, d.After))
	if !ok {
		return 0, false
	}
	return dateOf(d.hours.time(max(s.start, finish+d.After))).number(), true
}

// over returns by how many users a day would be over a limit with those of a batch.
func (d *desk) over(day int, a attendance) int {
	over := 0
	if d.PerDay > 0 && a.users > 0 {
		over = max(over, d.perDay[day]+a.users-d.PerDay)
	}
	if d.PerSite > 0 {
		for _, s := range a.sites {
			over = max(over, d.atSite[siteDay{s.site, day}]+s.users-d.PerSite)
		}
	}
	return over
}

// next returns how much later than at a moment a batch must be done for its users to
// be served after a day.
func (d *desk) next(day int, finish time.Duration) time.Duration {
	midnight := firstMoment(d.hours.walk.loc, int64(day+1)*secondsOfDay).Sub(d.hours.origin)
	return midnight - finish - d.After
}

// serve gives users a day.
func (d *desk) serve(day int, a attendance) {
	d.perDay[day] += a.users
	for _, s := range a.sites {
		d.atSite[siteDay{s.site, day}] += s.users
	}
}
