package estimate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// The versions of Outlook that differ in what they download.
var (
	outlook2010 = inventory.Version{Major: 14}
	outlook2013 = inventory.Version{Major: 15}
)

// roller gives users their days. Days are positions in a list of those that have hours.
type roller struct {
	opts     RolloutOptions
	origin   int // the number of the first day that any may have
	next     int // the number of the day behind the list
	days     []openDay
	firstDay []int // by batch

	longest time.Duration // how long downloads may take on a day of the first four weeks

	sites  map[string]*siteLoad
	perDay []int                           // users, by day
	shared map[inventory.Address][]planned // by user: what they have full access to
	out    Rollout
}

// planned is a mailbox and the number of its batch.
type planned struct {
	mailbox *inventory.Mailbox
	batch   int
}

// openDay is a day with hours.
type openDay struct {
	number int
	within time.Duration // how long downloads may take
}

// siteLoad is what happens at a site, by day.
type siteLoad struct {
	name    string
	perSec  float64 // bytes that downloads may take
	days    []SiteDay
	notFull [2]int // the first day that may have room, for a user without downloads and for one with
}

func newRoller(o RolloutOptions) *roller {
	return &roller{opts: o, sites: make(map[string]*siteLoad), shared: make(map[inventory.Address][]planned)}
}

// index finds out what users have full access to.
func (r *roller) index(p *batch.Packing) {
	if p.Inventory == nil || r.opts.NoShared {
		return
	}
	all := make(map[inventory.Address]planned)
	for i := range p.Batches {
		for _, m := range p.Batches[i].Mailboxes {
			all[m.Address] = planned{m, i}
		}
	}
	for _, g := range p.Inventory.Grants() {
		if g.Right != inventory.FullAccess {
			continue
		}
		m, ok := all[g.Mailbox]
		if trustee, there := all[g.Trustee]; ok && there && hasUser(trustee.mailbox) {
			r.shared[g.Trustee] = append(r.shared[g.Trustee], m)
		}
	}
}

// findLongest looks for the longest day of four weeks.
func (r *roller) findLongest() {
	for i := 0; ; i++ {
		d, err := r.day(i)
		if err != nil || d.number >= r.origin+4*7 {
			return
		}
		r.longest = max(r.longest, d.within)
	}
}

// day returns a day, and an error if it is beyond what a rollout may take.
func (r *roller) day(i int) (openDay, error) {
	for len(r.days) <= i {
		if r.next-r.origin > int(horizon/(secondsOfDay*time.Second)) {
			return openDay{}, fmt.Errorf("estimate: users would get new profiles more than ten years after %s", dateNumber(r.origin))
		}
		loc := r.opts.Clients.Hours.Location
		open := r.opts.Clients.Hours.Between(firstMoment(loc, int64(r.next)*secondsOfDay), firstMoment(loc, int64(r.next+1)*secondsOfDay))
		if open > 0 {
			r.days = append(r.days, openDay{r.next, cmp.Or(r.opts.Within, open)})
			r.perDay = append(r.perDay, 0)
		}
		r.next++
	}
	return r.days[i], nil
}

// dayFrom returns the first day from a date on, by its number.
func (r *roller) dayFrom(number int) (int, error) {
	for len(r.days) == 0 || r.days[len(r.days)-1].number < number {
		if _, err := r.day(len(r.days)); err != nil {
			return 0, err
		}
	}
	return sort.Search(len(r.days), func(i int) bool { return r.days[i].number >= number }), nil
}

// dateNumber returns the date of a number.
func dateNumber(n int) Date { return dateOf(time.Unix(int64(n)*secondsOfDay, 0).UTC()) }

// site returns the site of a mailbox.
func (r *roller) site(m *inventory.Mailbox) (*siteLoad, error) {
	name := ""
	if r.opts.Clients.Site != nil {
		name = r.opts.Clients.Site(m)
	}
	s := r.sites[name]
	if s == nil {
		s = &siteLoad{name: name}
		if r.opts.Link != nil {
			link := r.opts.Link(name)
			if !(link >= 0) || math.IsInf(link, 1) {
				return nil, fmt.Errorf("estimate: a link of %g Mbit/s at site %q: it must be positive, or 0 if it is not known", link, name)
			}
			s.perSec = link * 1e6 / 8 * r.opts.Share
		}
		r.sites[name] = s
	}
	return s, nil
}

// at returns what happens at a site on a day.
func (s *siteLoad) at(day int) *SiteDay {
	for len(s.days) <= day {
		s.days = append(s.days, SiteDay{Site: s.name})
	}
	return &s.days[day]
}

// carries returns how many bytes downloads may have in a time.
func (s *siteLoad) carries(within time.Duration) inventory.Size {
	if b := s.perSec * within.Seconds(); s.perSec > 0 && b < math.MaxInt64 {
		return inventory.Size(b)
	}
	return math.MaxInt64
}

// serve gives the user of a mailbox a day, if it has one.
func (r *roller) serve(b *batch.Batch, number int, m *inventory.Mailbox) error {
	if !hasUser(m) {
		return nil
	}
	s, err := r.site(m)
	if err != nil {
		return err
	}
	u := r.user(m)
	day := r.firstDay[number]
	if r.opts.Stagger {
		if day, err = r.roomFor(s, &u, day); err != nil {
			return err
		}
	}
	d := s.at(day)
	download := r.download(&u, day)
	d.Users++
	d.Devices += m.ActiveSyncDevices.Number
	d.Download = addSize(d.Download, download)
	r.perDay[day]++
	all := u.own
	for _, o := range u.others {
		all = addSize(all, o.size)
		if o.day > day {
			late := s.at(o.day)
			late.Download = addSize(late.Download, o.size)
		}
	}
	if float64(all)*OSTGrowthHigh > float64(OSTLimit) {
		r.out.LargeOSTs++
	}
	date := r.days[day].number
	r.out.Changes = append(r.out.Changes, ProfileChange{Mailbox: m, Batch: b.Name, Site: s.name, Date: dateNumber(date),
		Waits: date - r.days[r.firstDay[number]].number, Download: download})
	return nil
}

// user is what Outlook downloads for one.
type user struct {
	own    inventory.Size
	others []sharedMailbox
}

// sharedMailbox is one of somebody else's, which is there from a day on.
type sharedMailbox struct {
	day  int
	size inventory.Size
}

// user returns what is downloaded for a mailbox, and counts what is not known of it.
func (r *roller) user(m *inventory.Mailbox) (u user) {
	if m.ActiveSyncDevices.Number == 0 && m.ActiveSyncDevices.Exists() != inventory.No {
		r.out.UnknownDevices++
	}
	if m.OutlookCachedMode == inventory.Unknown {
		r.out.UnknownCached++
	}
	if m.OutlookCachedMode.Or(r.opts.Cached) == inventory.No {
		return u
	}
	version := m.OutlookVersion
	if !version.Known() {
		r.out.UnknownOutlook++
		version = r.opts.Outlook
	}
	part := 1.0
	if version.Compare(outlook2013) >= 0 {
		part = r.opts.Window
	}
	if !m.Size.Known() {
		r.out.UnknownSizes++
	}
	size := func(m *inventory.Mailbox) inventory.Size {
		return inventory.Size(float64(max(0, m.Size.Or(r.opts.UnknownSize))) * part)
	}
	u.own = size(m)
	if version.Compare(outlook2010) >= 0 {
		for _, other := range r.shared[m.Address] {
			u.others = append(u.others, sharedMailbox{r.firstDay[other.batch], size(other.mailbox)})
		}
	}
	return u
}

// download returns what is downloaded for a user who is served on a day.
func (r *roller) download(u *user, day int) inventory.Size {
	sum := u.own
	for _, o := range u.others {
		if o.day <= day {
			sum = addSize(sum, o.size)
		}
	}
	return sum
}

// roomFor returns the first day from one on that has room for a user.
func (r *roller) roomFor(s *siteLoad, u *user, from int) (int, error) {
	kind := 0
	if u.own > 0 || len(u.others) > 0 {
		kind = 1
	}
	for day := max(from, s.notFull[kind]); ; day++ {
		d, err := r.day(day)
		if err != nil {
			return 0, err
		}
		at := s.at(day)
		carries := s.carries(d.within)
		full := r.opts.Clients.PerDay > 0 && r.perDay[day] >= r.opts.Clients.PerDay ||
			r.opts.Clients.PerSite > 0 && at.Users >= r.opts.Clients.PerSite
		v := r.download(u, day)
		fits := v == 0 || v <= carries-min(carries, at.Download)
		if !full && (fits || v > s.carries(r.longest) && at.Download == 0) {
			return day, nil
		}
		// What is left of a day that is nearly full is not worth looking at again.
		full = full || kind > 0 && at.Download >= carries-carries/64
		if full && day == s.notFull[kind] {
			s.notFull[kind]++
		}
	}
}

// result returns the rollout with its days.
func (r *roller) result() *Rollout {
	for _, s := range r.sites {
		for i := range s.days {
			d := &s.days[i]
			if d.Users == 0 && d.Download == 0 {
				continue
			}
			d.Date = dateNumber(r.days[i].number)
			d.Calls = float64(d.Users) * r.opts.CallsPerHundred / 100
			if r.opts.Clients.PerSite > 0 {
				d.UsersOver = max(0, d.Users-r.opts.Clients.PerSite)
			}
			if s.perSec > 0 {
				d.Takes = hours(float64(d.Download) / s.perSec / 3600)
				if d.Download > s.carries(r.days[i].within) {
					d.Over = max(1, d.Takes-r.days[i].within)
				}
			}
			r.out.Days = append(r.out.Days, *d)
		}
	}
	slices.SortFunc(r.out.Days, func(a, b SiteDay) int {
		return cmp.Or(cmp.Compare(a.Date.number(), b.Date.number()), cmp.Compare(a.Site, b.Site))
	})
	return &r.out
}

// addSize returns the sum of sizes that are not negative, or the largest there is.
func addSize(a, b inventory.Size) inventory.Size { return a + min(b, math.MaxInt64-a) }
