package rules

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

// sizeRange is a size of which only bounds may be known. The zero sizeRange is none.
type sizeRange struct{ least, most inventory.Size }

// with returns the range that covers r and a size.
func (r sizeRange) with(s inventory.Size) sizeRange {
	if r == (sizeRange{}) {
		return sizeRange{s, s}
	}
	return sizeRange{min(r.least, s), max(r.most, s)}
}

// planQuotas are the quotas of the plans that a subscription names, and whether it names
// any; otherwise those of all plans.
type planQuotas struct {
	sizeRange
	known bool
}

// quotasOf returns the quotas of a subscription.
func (p *Params) quotasOf(subscription string) planQuotas {
	var r sizeRange
	plan := false // whether the word before is "plan"
	for word := range strings.FieldsFuncSeq(subscription, isNoLetterOrDigit) {
		is := func(names ...string) bool {
			for _, n := range names {
				if strings.EqualFold(word, n) {
					return true
				}
			}
			return false
		}
		switch {
		case is("e1", "business", "plan1") || plan && is("1"):
			r = r.with(p.Plan1Quota)
		case is("e3", "e5", "plan2") || plan && is("2"):
			r = r.with(p.Plan2Quota)
		case is("f1", "kiosk"):
			r = r.with(p.KioskQuota)
		}
		plan = is("plan")
	}
	if r == (sizeRange{}) {
		return planQuotas{r.with(p.Plan1Quota).with(p.Plan2Quota).with(p.KioskQuota), false}
	}
	return planQuotas{r, true}
}

func isNoLetterOrDigit(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// quotaOf returns the bounds of what a mailbox may hold. One without a user may hold no
// less than without a license.
func (p *Params) quotaOf(m *inventory.Mailbox, plan sizeRange) sizeRange {
	switch {
	case m.Kind == "":
		return plan.with(p.SharedQuota)
	case !withoutUser(m):
		return plan
	case m.Licensed == inventory.No:
		return sizeRange{p.SharedQuota, p.SharedQuota}
	case m.Licensed == inventory.Yes:
		return sizeRange{max(p.SharedQuota, plan.least), max(p.SharedQuota, plan.most)}
	}
	return sizeRange{p.SharedQuota, max(p.SharedQuota, plan.most)}
}

func mailboxOverPlanQuota(q Params) *Rule {
	return &Rule{
		Name: "mailbox-over-plan-quota",
		Doc: fmt.Sprintf("A mailbox must fit the quota of its plan in Exchange Online: %s with Plan 1, E1 and Business, %s with Plan 2, "+
			"E3 and E5, %s with F1 and Kiosk, %s for shared mailboxes and rooms without a license.", q.Plan1Quota, q.Plan2Quota, q.KioskQuota, q.SharedQuota),
		Why: "The mailbox in the cloud takes no more once it is full. It warns, and stops sending, a little before that: at 49 and 49.5 GB " +
			"of 50, at 98 and 99 GB of 100.",
		URL: urlLimits,
		Sources: []string{
			docsServices + "exchange-online-limits.md, edition of October 2019",
		},
		Doubt: "The figures are those of the service descriptions of October 2019. Where the subscription names several plans, " +
			"the largest quota counts, since which mailbox gets which plan is not known. That equipment is as rooms is inferred.",
		Severity:   Blocker,
		Remedy:     "Prune the mailbox or archive from it, choose a larger plan, or import its history from PST files into an archive in the cloud.",
		Remedy2003: "Exchange System Manager lists the sizes under Mailboxes of each store.",
		Commands: []powershell.Command{
			showCommand(powershell.Exchange2007, "Get-MailboxStatistics", []powershell.Parameter{powershell.Item("Identity")}, "DisplayName", "TotalItemSize"),
		},
		Organization: func(p *Pass) { quotaUnknown(p, &q) },
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			size, _ := m.Size.Get()
			if size <= min(q.Plan1Quota, q.Plan2Quota, q.KioskQuota, q.SharedQuota) {
				return // as most are, whatever the plan
			}
			org := p.Organization()
			plans := once(p, func() planQuotas { return q.quotasOf(org.Subscription) })
			quota := q.quotaOf(m, plans.sizeRange)
			if size <= quota.most {
				return
			}
			switch {
			case withoutUser(m) && quota.most == q.SharedQuota:
				p.Reportf("Its %s are more than the %s that it may hold without a license.", beyond(size, quota.most), quota.most)
			case plans.known:
				p.Reportf("Its %s are more than the %s that a mailbox may hold with %s.", beyond(size, quota.most), quota.most, strings.TrimSpace(org.Subscription))
			default:
				p.Reportf("Its %s are more than the %s that a mailbox may hold with any plan.", beyond(size, quota.most), quota.most)
			}
		},
	}
}

// quotaUnknown reports of how many mailboxes nobody knows whether they fit: those of
// unknown size, and those that fit one of the plans they may have and not another.
func quotaUnknown(p *Pass, q *Params) {
	org := p.Organization()
	p.findOutAbout("Whether it fits its quota", "export their sizes with Get-MailboxStatistics",
		func(m *inventory.Mailbox) bool { return moves(m) && !m.Size.Known() })

	var settle string
	plans := q.quotasOf(org.Subscription)
	switch {
	case !plans.known && org.Subscription != "":
		settle = fmt.Sprintf("the subscription %q names none of Plan 1, Plan 2, E1, E3, E5, F1, Business and Kiosk", org.Subscription)
	case plans.known && plans.least != plans.most:
		settle = fmt.Sprintf("the subscription %q has plans with less: see that these mailboxes get one with more", org.Subscription)
	default:
		settle = "give subscription, the plan that mailboxes get, and export RecipientTypeDetails, and IsLicensed of shared mailboxes and rooms"
	}
	p.findOutAbout("Whether it fits the quota of its plan", settle, func(m *inventory.Mailbox) bool {
		size, _ := m.Size.Get() // 0 fits wherever it is not known
		quota := q.quotaOf(m, plans.sizeRange)
		return moves(m) && quota.least < size && size <= quota.most
	})
}

// maxOnboarding is the size up to which a mailbox can be brought into Exchange Online.
// Source: learn.microsoft.com, Office 365 migration performance and best practices, the
// table of durations by size.
const maxOnboarding = 200 * inventory.GB

func mailboxOver200GB() *Rule {
	return &Rule{
		Name: "mailbox-over-200gb",
		Doc: "A mailbox of more than 200 GB is not supported for onboarding, whatever its plan: the published table of durations ends " +
			"there.",
		Why: "The migration of such a mailbox is not supported, so that nobody helps when it does not end.",
		URL: urlPerformance,
		Sources: []string{
			docsExchange + "office-365-migration-best-practices.md, line 92",
		},
		Doubt:    "The table is of all kinds of onboarding together; what the service does with such a mailbox it does not say.",
		Severity: Blocker,
		Remedy:   "Prune the mailbox, or split it: move its history into an archive or PST files before the batch starts.",
		Organization: func(p *Pass) {
			p.findOutAbout("Whether it is over 200 GB", "export their sizes with Get-MailboxStatistics",
				func(m *inventory.Mailbox) bool { return moves(m) && !m.Size.Known() })
		},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			if size := m.Size.Or(0); size > maxOnboarding {
				p.Reportf("Its %s are more than the 200 GB up to which mailboxes can be brought into Exchange Online.", beyond(size, maxOnboarding))
			}
		},
	}
}
