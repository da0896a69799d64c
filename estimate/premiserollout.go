package estimate

import (
	"fmt"

	"github.com/staged-migration/staged/inventory"
)

// premises returns what a rollout rests on. given are the options before defaults
// were filled in.
func (r *roller) premises(given *RolloutOptions) []Premise {
	if len(r.out.Changes) == 0 {
		return nil
	}
	day := Premise{Name: "day of a user", Value: "that of the batch, whatever comes of it", Basis: Assumed, Source: "RolloutOptions.Stagger is not set"}
	if given.Stagger {
		day.Value, day.Basis, day.Source = "the first from that of the batch on that has room", Given, "RolloutOptions.Stagger"
	}
	out := append([]Premise{day}, r.downloadPremises(given)...)
	out = append(out, r.linkPremises(given)...)
	out = append(out, orNone(given.CallsPerHundred > 0, "calls to the help desk", fmt.Sprintf("%.4g for 100 new profiles", given.CallsPerHundred),
		"RolloutOptions.CallsPerHundred", sourceNobody))
	return append(out, r.unknownPremises(given)...)
}

// downloadPremises is on how much Outlook downloads.
func (r *roller) downloadPremises(given *RolloutOptions) []Premise {
	const cached = "the support article on cached mode"
	window := parameter(given.Window > 0, "part of a mailbox that is downloaded", fmt.Sprintf("%.4g %%", 100*r.opts.Window), "RolloutOptions.Window",
		"the most; Outlook keeps 12 months unless a policy says otherwise ("+cached+", line 72), and what part those are is not published")
	shared := Premise{Name: "mailboxes of others", Value: "downloaded in full access from Outlook 2010 on, without those of groups", Basis: Published,
		Source: "support article 982697; " + cached}
	if given.NoShared {
		shared = Premise{Name: shared.Name, Value: "not downloaded", Basis: Given, Source: "RolloutOptions.NoShared"}
	}
	out := []Premise{window}
	if r.opts.Window < 1 {
		out = append(out, Premise{Name: "part before Outlook 2013", Value: "100 %", Basis: Assumed, Source: "the setting for a part came with Outlook 2013"})
	}
	return append(out, shared,
		Premise{Name: "bytes of a download", Value: "as many as the mailbox has on its server", Basis: Assumed,
			Source: "growth is published of the file alone"},
		Premise{Name: "file on disk", Value: fmt.Sprintf("%.0f to %.0f %% larger than the mailbox, %s at most", 100*(OSTGrowthLow-1), 100*(OSTGrowthHigh-1), OSTLimit),
			Basis: Published, Source: cached + ", lines 70 and 145"})
}

// linkPremises is on how fast sites download.
func (r *roller) linkPremises(given *RolloutOptions) []Premise {
	within := parameter(given.Within > 0, "time for downloads", durationText(given.Within), "RolloutOptions.Within", "Outlook downloads as long as users are served")
	if given.Within == 0 {
		within.Value = "all the hours of a day that Clients.Hours have"
	}
	known := 0
	for _, s := range r.sites {
		if s.perSec > 0 {
			known++
		}
	}
	links := Premise{Name: "links", Value: fmt.Sprintf("known of %d of %d sites", known, len(r.sites)), Basis: Given, Source: "RolloutOptions.Link"}
	if known == 0 {
		links.Value, links.Basis, links.Source = "known of no site, so that none limits downloads", Assumed, "RolloutOptions.Link knows none"
		return []Premise{links}
	}
	return []Premise{links, within,
		parameter(given.Share > 0, "part of a link for downloads", fmt.Sprintf("%.4g %%", 100*r.opts.Share), "RolloutOptions.Share",
			"of the one plan that was found published (wiki.syensqo.com, LM01_KDD035)"),
		{Name: "direction", Value: "downloads are not slowed down by the copying", Basis: Assumed, Source: "it goes the other way, from the server's site up"},
	}
}

// unknownPremises is on users of whom a fact is not known.
func (r *roller) unknownPremises(given *RolloutOptions) []Premise {
	var out []Premise
	add := func(n int, p Premise) {
		if p.Mailboxes = n; n > 0 {
			out = append(out, p)
		}
	}
	mode := parameter(given.Cached != inventory.Unknown, "unknown cached mode", "used", "RolloutOptions.Cached", "what an account is set up with")
	if given.Cached == inventory.No {
		mode.Value = "not used"
	}
	add(r.out.UnknownCached, mode)
	add(r.out.UnknownOutlook, parameter(given.Outlook.Known(), "unknown Outlook", fmt.Sprintf("version %d", r.opts.Outlook.Major), "RolloutOptions.Outlook",
		"Outlook 2010, which downloads most"))
	value, basis, source := unknownSize(given.UnknownSize, "RolloutOptions.UnknownSize")
	add(r.out.UnknownSizes, Premise{Name: "unknown size", Value: value, Basis: basis, Source: source})
	add(r.out.UnknownDevices, Premise{Name: "unknown devices", Value: none, Basis: Assumed, Source: "how many a user may have is not known"})
	return out
}
