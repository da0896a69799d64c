package rules

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// Method is a way to move mailboxes to Exchange Online.
type Method string

// The methods that Microsoft's documentation offers.
const (
	Staged        Method = "staged"
	Cutover       Method = "cutover"
	FullHybrid    Method = "full hybrid"
	MinimalHybrid Method = "minimal hybrid"
	ExpressHybrid Method = "express hybrid"
	IMAP          Method = "IMAP"
	PSTImport     Method = "PST import" // beside another method
)

// Advice says which method of migration suits an organization.
type Advice struct {
	Method Method
	// Row is the row of the table of methods that matched; see [Advise].
	Row int
	// Beside lists what should go with the method: PSTImport where a few mailboxes are
	// too large.
	Beside []Method
	// Partner says that the documentation advises to have a partner help.
	Partner bool

	// Reasons say why, in sentences, what decided first.
	Reasons []string
	// Assumed are the keys of the organization's facts that are unknown, each with what
	// was taken for it instead, as in "procedure.pace: months".
	Assumed []string
	// Changes are what would change the answer, each on its own.
	Changes []Change
}

// Change is a fact with a value under which the advice would be another.
type Change struct {
	Fact   string // its key, such as "requiredFeatures", or "mailboxes"
	Value  string
	Method Method
	Row    int
}

// Limits between methods, in mailboxes. Sources: learn.microsoft.com, decide on a
// migration path, which advises a cutover for up to 150 and speaks of "fewer than" and
// "over" 150 elsewhere, so that 150 itself counts as fewer here; cutover migration,
// which the service takes up to 2,000; decide on a migration path, partners.
const (
	fewMailboxes     = 150
	maxCutover       = 2000
	partnerMailboxes = 5000
)

// Advise says which method suits an organization with a number of mailboxes. The first
// row that matches decides:
//
//  1. Exchange 2000 or older, or no Exchange: IMAP.
//  2. Exchange 2003 or 2007 that needs what only federation gives, or more than 2,000
//     mailboxes side by side for long: full hybrid, through an added server.
//  3. Exchange 2003 or 2007, up to 150 mailboxes, in days, managed in the tenant
//     afterwards: cutover.
//  4. Exchange 2003 or 2007, up to 150 mailboxes otherwise: staged.
//  5. Exchange 2003 or 2007, more mailboxes, still managed in the local directory: staged.
//  6. Exchange 2003 or 2007, more mailboxes, managed in the tenant afterwards: staged, with
//     directory synchronization while it runs.
//  7. Exchange 2010 or later, up to 150 mailboxes, in days, managed in the tenant
//     afterwards: express hybrid.
//  8. Exchange 2010 or later, more than 150 and up to 2,000 mailboxes, within a couple of
//     months and without federation, still managed in the local directory: minimal hybrid.
//  9. Any other Exchange 2010 or later: hybrid, a full one for more than 2,000 mailboxes,
//     for federation and for long, and a minimal one otherwise.
//
// A single server of Exchange 2010 or later makes an organization one of those. A few
// mailboxes too large for the link add an import of PST files, and from 5,000 mailboxes
// on a partner is advised. What is unknown is taken for what an organization has that
// considers a staged migration, and is listed; of a nil organization all is.
//
// Sources: learn.microsoft.com, decide on a migration path; decommission on-premises
// Exchange; migration with hybrid (mail-migration-jump); the service description. Their
// tables overlap and leave gaps: rows 3 to 6 and 9 are how they are read here. They
// disagree on who should use a staged migration (over 2,000 mailboxes, over 150, or any
// number slowly); read here as: there is no lower bound.
func Advise(org *inventory.Organization, mailboxes int) Advice {
	if org == nil {
		org = &inventory.Organization{}
	}
	s, assumed := situationOf(org, mailboxes)
	row, method := s.decide()
	a := Advice{Method: method, Row: row, Assumed: assumed, Reasons: s.reasons(row, org)}
	if org.LargeMailboxes.Exists() == inventory.Yes {
		a.Beside = append(a.Beside, PSTImport)
		a.Reasons = append(a.Reasons, fmt.Sprintf("There are mailboxes too large for the link (%s); import their history from PST files.", org.LargeMailboxes))
	}
	if a.Partner = mailboxes >= partnerMailboxes; a.Partner {
		a.Reasons = append(a.Reasons, fmt.Sprintf("From %d mailboxes on a partner is advised.", partnerMailboxes))
	}
	for _, v := range s.variations() {
		if r, m := v.decide(); m != method {
			a.Changes = append(a.Changes, Change{v.fact, v.value, m, r})
		}
	}
	return a
}

// source is what mailboxes come from, as far as methods differ.
type source uint8

const (
	sourceOther source = iota // no Exchange, or one too old
	source2003                // or 2007
	source2010                // or later
)

// situation is what decides on the method.
type situation struct {
	source    source
	mailboxes int
	pace      inventory.Pace
	federated bool // whether people need what only a federation gives
	cloud     bool // whether users are managed in the tenant afterwards
}

// situationOf returns the situation of an organization, and what of it is assumed.
func situationOf(org *inventory.Organization, mailboxes int) (s situation, assumed []string) {
	assume := func(unknown bool, text string) {
		if unknown {
			assumed = append(assumed, text)
		}
	}
	s = situation{source: source2003, mailboxes: mailboxes, pace: org.Procedure.Pace, cloud: org.Procedure.CloudIdentity == inventory.Yes}
	known := false
	s.source, known = sourceOf(org.ExchangeServers)
	assume(!known, "exchangeServers: 2003 or 2007")
	if s.pace == "" {
		s.pace = inventory.Months
	}
	assume(org.Procedure.Pace == "", "procedure.pace: months")
	assume(org.RequiredFeatures == nil, "requiredFeatures: none")
	s.federated = len(federationNames(org.RequiredFeatures)) > 0
	assume(org.Procedure.CloudIdentity == inventory.Unknown, "procedure.cloudIdentity: false")
	assume(org.LargeMailboxes.Exists() == inventory.Unknown, "largeMailboxes: none")
	return s, assumed
}

// sourceOf returns what the servers are, the newest deciding, and whether all of them
// are known.
func sourceOf(servers []inventory.ExchangeServer) (s source, known bool) {
	if servers == nil {
		return source2003, false
	}
	known = true
	for _, server := range servers {
		switch year := server.Version.Year(); {
		case !server.Version.Known():
			s, known = max(s, source2003), false
		case supportsStaged(server.Version):
			s = max(s, source2003)
		case year == 0 && server.Version.Major > 8 || year > 2007:
			s = source2010
		}
	}
	return s, known || s == source2010
}

// federationNames returns what only a federation gives of the features, as admins call
// it.
func federationNames(features []inventory.Feature) []string {
	var names []string
	for _, f := range features {
		for _, e := range federationOnly {
			if strings.EqualFold(string(e.feature), string(f)) {
				names = append(names, e.name)
			}
		}
	}
	return names
}

// decide returns the first row of the table that matches, and its method.
func (s situation) decide() (row int, m Method) {
	few, quick := s.mailboxes <= fewMailboxes, s.pace == inventory.Days
	switch {
	case s.source == sourceOther:
		return 1, IMAP
	case s.source == source2003 && (s.federated || s.mailboxes > maxCutover && s.pace == inventory.Long):
		return 2, FullHybrid
	case s.source == source2003 && few && quick && s.cloud:
		return 3, Cutover
	case s.source == source2003 && few:
		return 4, Staged
	case s.source == source2003 && !s.cloud:
		return 5, Staged
	case s.source == source2003:
		return 6, Staged
	case few && quick && s.cloud && !s.federated:
		return 7, ExpressHybrid
	case !few && s.mailboxes <= maxCutover && s.pace != inventory.Long && !s.federated && !s.cloud:
		return 8, MinimalHybrid
	case s.mailboxes > maxCutover || s.federated || s.pace == inventory.Long:
		return 9, FullHybrid
	}
	return 9, MinimalHybrid
}

// reasons says why a row matched.
func (s situation) reasons(row int, org *inventory.Organization) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	switch row {
	case 1:
		say("Without Exchange 2003 or later only mail items can be copied, by IMAP; calendars, contacts and tasks stay behind.")
		return out
	case 2:
		if names := federationNames(org.RequiredFeatures); len(names) > 0 {
			say("Only a full hybrid deployment gives %s.", strings.Join(names, ", "))
		} else {
			say("%d mailboxes that live on both sides for long are what a full hybrid deployment is for.", s.mailboxes)
		}
		say("Exchange 2003 needs an added server of Exchange 2010 for it, Exchange 2007 one of 2010 or 2013.")
		return out
	case 3:
		say("Up to %d mailboxes can move in a few days with one cutover.", fewMailboxes)
		say("Directory synchronization must be off for a cutover.")
		return out
	case 7:
		say("Up to %d mailboxes can move in a few days with an express migration, which synchronizes the directory once.", fewMailboxes)
		return out
	case 8:
		say("%d mailboxes within a couple of months, without free/busy between both sides, are what a minimal hybrid deployment is for.", s.mailboxes)
		return out
	case 9:
		say("Exchange 2010 and later move mailboxes by hybrid deployment; a staged migration is not supported there.")
		return out
	}
	say("Exchange 2003 and 2007 can be migrated in stages, in batches of up to 2,000 mailboxes.")
	if s.cloud {
		say("Directory synchronization must be on until the last batch is done; turn it off afterwards.")
	} else {
		say("Users go on being managed in the local directory, which is synchronized.")
	}
	if s.mailboxes > maxCutover {
		say("A cutover takes no more than %d mailboxes.", maxCutover)
	} else if s.mailboxes > fewMailboxes {
		say("A cutover would be possible up to %d mailboxes and is advised for no more than %d.", maxCutover, fewMailboxes)
	}
	return out
}

// variation is a situation in which one fact is another.
type variation struct {
	situation
	fact, value string
}

// variations returns the situations that differ from this one in one fact.
func (s situation) variations() []variation {
	var out []variation
	vary := func(fact, value string, change func(*situation)) {
		v := variation{s, fact, value}
		if change(&v.situation); v.situation != s {
			out = append(out, v)
		}
	}
	vary("exchangeServers", "none of Exchange 2003 or later", func(v *situation) { v.source = sourceOther })
	vary("exchangeServers", "2003 or 2007 only", func(v *situation) { v.source = source2003 })
	vary("exchangeServers", "2010 or later", func(v *situation) { v.source = source2010 })
	vary("requiredFeatures", "none of a federation", func(v *situation) { v.federated = false })
	vary("requiredFeatures", "freeBusy or another of a federation", func(v *situation) { v.federated = true })
	for _, p := range []inventory.Pace{inventory.Days, inventory.Months, inventory.Long} {
		vary("procedure.pace", string(p), func(v *situation) { v.pace = p })
	}
	vary("procedure.cloudIdentity", fmt.Sprint(!s.cloud), func(v *situation) { v.cloud = !s.cloud })
	if s.mailboxes > fewMailboxes {
		vary("mailboxes", fmt.Sprintf("%d or fewer", fewMailboxes), func(v *situation) { v.mailboxes = fewMailboxes })
	}
	if s.mailboxes <= fewMailboxes || s.mailboxes > maxCutover {
		vary("mailboxes", fmt.Sprintf("over %d, up to %d", fewMailboxes, maxCutover), func(v *situation) { v.mailboxes = maxCutover })
	}
	if s.mailboxes <= maxCutover {
		vary("mailboxes", fmt.Sprintf("over %d", maxCutover), func(v *situation) { v.mailboxes = maxCutover + 1 })
	}
	return out
}
