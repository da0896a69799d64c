package rules

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

func batchSplitsDelegates() *Rule {
	return &Rule{
		Name: "batch-splits-delegates",
		Doc:  "A mailbox and its delegates should move in one batch.",
		Why:  "Delegated rights do not work between the two sides of a staged migration.",
		URL:  urlDelegates,
		Sources: []string{
			"the training unit, on federation and on what is not migrated",
			"microsoft/FastTrack, scripts/Find-MailboxDelegates/README.md",
		},
		Doubt: "The advice comes from the planning script for hybrid migrations; for staged ones it follows from what they do not migrate " +
			"and do not federate.",
		Severity: Warning,
		Remedy:   "Start the batches on the same day, or tell the trustees that they are cut off in between.",
		Packing: func(p *Pass, packing *batch.Packing) {
			place := places(packing)
			reportApart(p, place, func(a, b string) bool { return a != b && a != held && b != held })
		},
	}
}

func batchLeavesDelegates() *Rule {
	return &Rule{
		Name: "batch-leaves-delegates",
		Doc:  "A mailbox should not be held while its delegates move, or the other way round.",
		Why:  "Their rights do not work until it has followed.",
		Sources: []string{
			"the training unit, on federation and on what is not migrated",
		},
		Doubt:    "This follows from what a staged migration does not migrate and is not a published rule.",
		Severity: Warning,
		Remedy:   "Remedy what holds one of them before the batch starts, or tell the trustees that they are cut off.",
		Packing: func(p *Pass, packing *batch.Packing) {
			place := places(packing)
			reportApart(p, place, func(a, b string) bool { return (a == held) != (b == held) })
		},
	}
}

// held is the place of a mailbox that is in no batch.
const held = "held"

// places returns where each mailbox is: the name of its batch, or held.
func places(packing *batch.Packing) map[inventory.Address]string {
	place := make(map[inventory.Address]string)
	for _, b := range packing.Batches {
		for _, m := range b.Mailboxes {
			place[m.Address] = b.Name
		}
	}
	for _, m := range packing.Held {
		place[m.Address] = held
	}
	return place
}

// reportApart reports each mailbox with grants whose ends are in places that are
// apart.
func reportApart(p *Pass, place map[inventory.Address]string, apart func(a, b string) bool) {
	grants := p.Inventory.Grants()
	for from := 0; from < len(grants); {
		mailbox := grants[from].Mailbox
		var found []inventory.Grant
		for ; from < len(grants) && grants[from].Mailbox == mailbox; from++ {
			g := grants[from]
			if a, b := place[g.Mailbox], place[g.Trustee]; a != "" && b != "" && apart(a, b) {
				found = append(found, g)
			}
		}
		if len(found) == 0 {
			continue
		}
		list := grantList(len(found), func(i int) string {
			return fmt.Sprintf("%s for %s (%s)", found[i].Right, found[i].Trustee, place[found[i].Trustee])
		})
		p.Report(Finding{Scope: ScopeMailbox, Subject: string(mailbox),
			Message: fmt.Sprintf("It is apart (%s) from people with rights on it: %s.", place[mailbox], list)})
	}
}

// maxQueuedBatches is how many batches the service keeps waiting. Source: the
// Exchange Online service description, planning and deployment.
const maxQueuedBatches = 100

func batchParallelism() *Rule {
	return &Rule{
		Name: "batch-parallelism",
		Doc: "The service keeps up to 100 batches. Those that run at the same time share the endpoint's lanes, so more at a time are " +
			"not faster.",
		Why: "Batches beyond the hundredth cannot be created, and a plan that counts on batches side by side is too short.",
		URL: urlServiceDesc,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, line 365",
			docsSupport + "migrate-data-with-admin-center.md",
			docsServices + "planning-and-deployment.md",
		},
		Doubt: "Two pages say that batches run at the same time or one after the other, the service description that one runs and up to " +
			"100 wait. Estimates here take one pool of lanes, which holds either way.",
		Severity: Warning,
		Remedy:   "Create batches as others finish; keep at most 100.",
		Packing: func(p *Pass, packing *batch.Packing) {
			if n := len(packing.Batches); n > maxQueuedBatches {
				p.Reportf("There are %d batches; create at most %d at a time.", n, maxQueuedBatches)
			}
		},
	}
}

func batchOversizeMailbox() *Rule {
	return &Rule{
		Name:     "batch-oversize-mailbox",
		Doc:      "No mailbox should be larger than the size limit of a batch.",
		Why:      "One that is gets a batch of its own, which exceeds the limit, and one of unknown size may exceed it.",
		Doubt:    "This follows from the limit that the planner set and is not a published rule.",
		Severity: Warning,
		Remedy:   "Prune or archive the mailbox, or plan its batch for a longer window.",
		Packing: func(p *Pass, packing *batch.Packing) {
			limit := packing.Limits.Size
			if limit == 0 {
				return
			}
			for _, b := range packing.Batches {
				for _, m := range b.Mailboxes {
					size, known := m.Size.Get()
					switch {
					case !known:
						p.Report(Finding{Scope: ScopeMailbox, Subject: string(m.Address), Unverified: true,
							Message: fmt.Sprintf("Its size is not known and counted as %s against the limit of %s; export it with Get-MailboxStatistics.",
								packing.Limits.UnknownSize, limit)})
					case size > limit:
						p.Report(Finding{Scope: ScopeMailbox, Subject: string(m.Address),
							Message: fmt.Sprintf("Its %s exceed the limit of %s per batch; it is alone in %s.", size, limit, b.Name)})
					}
				}
			}
		},
	}
}

func planThroughputUnrealistic(m estimate.Model) *Rule {
	return &Rule{
		Name: "plan-throughput-unrealistic",
		Doc: "The time for the migration is to be estimated at about 10 to 14 GB per hour, depending on the speed of the internet " +
			"connection. The figure holds for 20 mailboxes at a time. A link that cannot carry that much, a period shorter than " +
			"the estimate, or an estimate outside of what migrations of that size have taken makes the plan unrealistic.",
		Why: "The period ends before the migration does.",
		URL: urlPerformance,
		Sources: []string{
			"the training unit, on estimating the time",
			docsExchange + "office-365-migration-best-practices.md, edition of August 2018, lines 54-56; today's, lines 85-120",
		},
		Doubt: "The rate was removed from the page after September 2018, and none has taken its place. What the page says of how long " +
			"migrations took mixes all ways of onboarding.",
		Severity: Warning,
		Scope:    ScopePlan,
		Remedy:   "Measure the rate with a pilot batch, then plan with it; raise the uplink, take more time, or prune mailboxes.",
		Packing: func(p *Pass, packing *batch.Packing) {
			model, err := m.Resolve()
			switch {
			case err != nil:
				p.Unverifiedf("How long the migration takes cannot be estimated: %v.", err)
			case len(packing.Batches) > 0:
				checkThroughput(p, packing, model)
			}
		},
	}
}

func checkThroughput(p *Pass, packing *batch.Packing, model estimate.Model) {
	all := together(packing)
	size, unknown := all.Size()
	if n := inventory.Size(unknown); n > 0 {
		size += n * min(model.UnknownSize, (math.MaxInt64-size)/n)
	}
	takes := model.Transfer(size)
	left := model.Rate()
	rate := fmt.Sprintf("%g to %g GB per hour", left.Low, left.High)

	var missing []string
	if mbps, ok := p.Organization().UplinkMbps.Get(); !ok {
		missing = append(missing, "uplinkMbps")
	} else if carries := mbps * estimate.GBPerHourPerMbps; carries < left.Low {
		p.Reportf("The uplink of %g Mbit/s carries about %.1f GB per hour at most, less than the %s of the estimate.", mbps, carries, rate)
	} else if carries < left.High {
		p.Reportf("The uplink of %g Mbit/s carries about %.1f GB per hour at most, so the upper end of the %s of the estimate is out of reach.", mbps, carries, rate)
	}
	if window, ok := p.Organization().WindowHours.Get(); !ok {
		missing = append(missing, "windowHours")
	} else if window < takes.Late.Hours() {
		p.Reportf("There are %g hours for %s, which take %s at %s.", window, size, hourRange(takes), rate)
	} else if largest := slices.MaxFunc(all.Mailboxes, bySize(model)); window < model.Makespan([]*inventory.Mailbox{largest}).Late.Hours() {
		p.Reportf("There are %g hours, and the %s of %s alone take %s on one of %d lanes.",
			window, largest.Size.Or(model.UnknownSize), largest.Address, hourRange(model.Makespan([]*inventory.Mailbox{largest})), model.Lanes)
	}
	reportOutsideHistory(p, &all, model)
	if unknown > 0 {
		missing = append(missing, fmt.Sprintf("the sizes of %s, from Get-MailboxStatistics", counted(unknown, "mailbox")))
	}
	if len(missing) > 0 {
		p.Unverifiedf("%s take %s at %s; whether that is realistic is not known: give %s.",
			size, hourRange(takes), rate, strings.Join(missing, ", "))
	}
}

// reportOutsideHistory reports an estimate that lies outside of what is published of
// migrations of that size, and of mailboxes of the size of the largest. A short estimate
// for under 1,000 mailboxes is none: their bin begins with one.
func reportOutsideHistory(p *Pass, all *batch.Batch, model estimate.Model) {
	const day = 24 * time.Hour
	n, takes := len(all.Mailboxes), model.Makespan(all.Mailboxes)
	for _, h := range estimate.HistoryByTenant() {
		if n < h.From || n >= h.To {
			continue
		}
		if takes.Late > h.Most {
			p.Reportf("The estimate of %s for %s is longer than the %d to %d days that nine of ten moves in tenants of that size have taken.",
				hourRange(takes), counted(n, "mailbox"), h.Least/day, h.Most/day)
		} else if _, unknown := all.Size(); takes.Late < h.Least && h.From > 0 && unknown == 0 {
			p.Reportf("The estimate of %s for %s is shorter than the %d to %d days that nine of ten moves in tenants of that size have taken, "+
				"with the time for waiting and trying again.", hourRange(takes), counted(n, "mailbox"), h.Least/day, h.Most/day)
		}
	}
	largest := slices.MaxFunc(all.Mailboxes, bySize(model))
	size := largest.Size.Or(model.UnknownSize)
	takes = model.Makespan([]*inventory.Mailbox{largest})
	for _, h := range estimate.HistoryBySize() {
		if h.From <= size && size < h.To && takes.Late > h.P90 {
			p.Reportf("The estimate of %s for the %s of %s is longer than the %d days up to which nine of ten mailboxes of that size have taken.",
				hourRange(takes), size, largest.Address, h.P90/day)
		}
	}
}

// together returns one batch of all mailboxes that are planned, in the order of the
// batches.
func together(packing *batch.Packing) batch.Batch {
	var all batch.Batch
	for _, b := range packing.Batches {
		all.Mailboxes = append(all.Mailboxes, b.Mailboxes...)
	}
	return all
}

// bySize compares mailboxes by their sizes, unknown ones as a model has it.
func bySize(m estimate.Model) func(a, b *inventory.Mailbox) int {
	return func(a, b *inventory.Mailbox) int {
		return cmp.Compare(a.Size.Or(m.UnknownSize), b.Size.Or(m.UnknownSize))
	}
}

// hourRange is a range in words, in whole hours.
func hourRange(r estimate.Range) string {
	ceil := func(d time.Duration) int64 {
		h := int64(d / time.Hour)
		if d%time.Hour != 0 {
			h++
		}
		return h
	}
	if ceil(r.Late) == ceil(r.Early) {
		return fmt.Sprintf("up to %d h", ceil(r.Late))
	}
	return fmt.Sprintf("%d to %d h", ceil(r.Early), ceil(r.Late))
}
