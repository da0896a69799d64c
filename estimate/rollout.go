package estimate

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// What is published of the files in which Outlook keeps mailboxes offline.
//
// Source: the support article on cached mode (lines 70 and 145). It means space on disk:
// what goes over the wire is not said to grow.
const (
	OSTGrowthLow  = 1.5 // a file is 50 to 80 % larger than the mailbox on its server
	OSTGrowthHigh = 1.8
	OSTLimit      = 50 * inventory.GB // how large a file gets unless a policy says otherwise
)

// linkShare is the part of a site's link for Outlook in the one plan that was found
// published: it shapes Outlook to 50 %, with one to three months kept offline, and expects
// an hour of congestion at most (wiki.syensqo.com, LM01_KDD035).
const linkShare = 0.5

// RolloutOptions say how the work at desks is spread and what it takes. The zero
// RolloutOptions have every user get a new profile on the day of their batch, and
// Outlook download everything. None of the numbers that 0 stands for is published by
// the vendor; each is an assumption that a pilot should replace.
type RolloutOptions struct {
	// Clients are as for [Schedule]: the site of a mailbox, how many users may get new
	// profiles on a day and at a site, and the hours in which. After is not used, since
	// the timeline has it already. Without a location Hours have that of the timeline.
	Clients Clients

	// Stagger gives users a later day than that of their batch if their day is full: if
	// with them it would have more users than Clients allow, or more downloads than the
	// share of the link at their site carries. Until then their new mail is to be read in
	// Outlook on the web. Without it they all have the day of their batch, whatever
	// comes of it.
	Stagger bool

	// Link returns the download speed of a site in Mbit/s; 0 means that it is not known.
	// Nil knows none. Downloads go in the opposite direction of the copying, which is from
	// the server's site to the service.
	Link func(site string) float64

	// Share is the part of the link that downloads may take; 0 means a half, as in the
	// one plan that was found published.
	Share float64

	// Within is how long the downloads of a day may take; 0 means all the hours of that day
	// that Clients.Hours have.
	Within time.Duration

	// Window is the part of a mailbox that is not older than what Outlook keeps offline,
	// over 0 to 1; 0 means all. What Outlook keeps is 12 months unless a policy says
	// otherwise, or less on a small disk (support article on cached mode, line 72); what
	// part of a mailbox that is has not been published. Outlook 2010 and older
	// versions keep all.
	Window float64

	// Cached is whether Outlook runs in cached mode where the mailbox does not say so.
	// Unknown counts as Yes, which is what an account is set up with.
	Cached inventory.Fact

	// Outlook is the version where the mailbox has none. The zero Version counts as
	// Outlook 2010, which downloads most.
	Outlook inventory.Version

	// NoShared says that Outlook is kept from downloading other people's mailboxes, as a
	// policy can. Without it Outlook 2010 and later versions download each mailbox that
	// their user has full access to; older ones only its folders other than mail,
	// which count as nothing (support article 982697).
	NoShared bool

	// UnknownSize is what a mailbox of unknown size counts for, as in [Model].
	UnknownSize inventory.Size

	// CallsPerHundred is how many calls the help desk gets for a hundred new profiles; no
	// figure is published, and 0 counts none.
	CallsPerHundred float64
}

// Rollout is who gets a new profile when, and what that takes at each site.
type Rollout struct {
	Changes []ProfileChange // by batch, then as Batch.Mailboxes
	Days    []SiteDay       // by date, then by site; those with anything to do

	// UnknownCached, UnknownOutlook and UnknownSizes are how many of the users count as the
	// options say, since their mailbox does not; the latter two of those in cached mode.
	// UnknownDevices is how many count as having no ActiveSync device though they may have.
	UnknownCached, UnknownOutlook, UnknownSizes, UnknownDevices int

	Premises []Premise // what all of it rests on, beside the timeline

	// LargeOSTs is how many users may not have room in one file for what is
	// downloaded: it is over OSTLimit with OSTGrowthHigh.
	LargeOSTs int
}

// ProfileChange is one user who gets a new profile.
type ProfileChange struct {
	Mailbox *inventory.Mailbox
	Batch   string
	Site    string
	Date    Date
	Waits   int // days after the first that its batch could have

	// Download is what Outlook downloads on that day: the mailbox, and those to which the user
	// has full access and that have moved by then. A mailbox that moves later is
	// downloaded on the day of its batch, and is in the SiteDay alone.
	Download inventory.Size
}

// SiteDay is a day at a site.
type SiteDay struct {
	Date Date
	Site string

	Users    int            // who get new profiles
	Devices  int            // ActiveSync partnerships of theirs, which must be made anew
	Download inventory.Size // of all Outlooks
	Takes    time.Duration  // as long as that takes on the share of the link; 0 if the link is not known
	Calls    float64        // to the help desk

	// What cannot be met: by how many users the site is over Clients.PerSite, and how much
	// longer downloads take than they may. With Stagger there are no users over, and
	// downloads only are if one user's are too much for a day, or if a mailbox moves whose
	// delegates have moved before. Users over Clients.PerDay are told by [Slot].
	UsersOver int
	Over      time.Duration
}

func (o *RolloutOptions) resolve(loc *time.Location) (RolloutOptions, error) {
	r := *o
	if r.Share == 0 {
		r.Share = linkShare
	}
	if r.Window == 0 {
		r.Window = 1
	}
	if r.Outlook == (inventory.Version{}) {
		r.Outlook = outlook2010
	}
	if r.Clients.Hours.Location == nil {
		r.Clients.Hours.Location = loc
	}
	switch {
	case !(r.Share > 0 && r.Share <= 1):
		return r, fmt.Errorf("estimate: a share of %g of a link: it must be over 0 and at most 1", r.Share)
	case !(r.Window > 0 && r.Window <= 1):
		return r, fmt.Errorf("estimate: a part of %g of a mailbox: it must be over 0 and at most 1", r.Window)
	case r.Within < 0 || r.UnknownSize < 0:
		return r, errors.New("estimate: the time for downloads, or a size, is negative")
	case !(r.CallsPerHundred >= 0) || math.IsInf(r.CallsPerHundred, 1):
		return r, fmt.Errorf("estimate: %g calls for a hundred profiles", r.CallsPerHundred)
	}
	return r, r.Clients.validate()
}

// RollOut says on what day each user of a packing gets a new profile, and what that takes.
// Batches are served in their order, and users in the order of their batch, each on
// the first day from [Slot.ClientDay] on that has hours and, if they are staggered, room. So
// the largest mailboxes come first, and smaller ones fill days up; a day with less than a
// 64th of its downloads left counts as full. A user whose downloads are too much for
// any day of the first four weeks has one on which nobody else at the site has some so far.
//
// Grants count if both ends are planned; those of groups do not, since their members are
// not known. Rights other than full access do not either: what is in one folder has
// no size.
//
// The timeline must be of the packing. Options that are invalid are errors, as are a link
// that is negative or not finite and a rollout of over ten years. Time is O(n + g) for n
// mailboxes and g grants, times the days that a user has to wait for if that is more.
// The result is the same for the same input.
func RollOut(p *batch.Packing, t *Timeline, opts *RolloutOptions) (*Rollout, error) {
	if p == nil || t == nil || len(p.Batches) != len(t.Batches) {
		return nil, errors.New("estimate: a rollout needs a packing and its timeline")
	}
	if opts == nil {
		opts = &RolloutOptions{}
	}
	o, err := opts.resolve(t.Start.Location())
	if err != nil {
		return nil, err
	}
	r := newRoller(o)
	for i := range p.Batches {
		d := t.Batches[i].ClientDay
		if t.Batches[i].Name != p.Batches[i].Name || dateOf(d.In(time.UTC)) != d {
			return nil, fmt.Errorf("estimate: batch %q has no day for its users in this timeline", p.Batches[i].Name)
		}
		if i == 0 || d.number() < r.origin {
			r.origin = d.number()
		}
	}
	r.next = r.origin
	r.index(p)
	for i := range p.Batches {
		first, err := r.dayFrom(t.Batches[i].ClientDay.number())
		if err != nil {
			return nil, err
		}
		r.firstDay = append(r.firstDay, first)
	}
	r.findLongest()
	for i := range p.Batches {
		for _, m := range p.Batches[i].Mailboxes {
			if err := r.serve(&p.Batches[i], i, m); err != nil {
				return nil, err
			}
		}
	}
	r.out.Premises = r.premises(opts)
	return r.result(), nil
}
