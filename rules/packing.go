package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
)

func csvRowLimit() *Rule {
	return &Rule{
		Name: "csv-row-limit",
		Doc: "One CSV file describes one batch, of up to 2,000 mailboxes. Packages batch and staged never exceed that; a batch made " +
			"by hand can. Older help pages give 1,000.",
		URL:      urlCSV,
		Severity: Blocker,
		Scope:    ScopeBatch,
		Remedy:   "Split the batch.",
		Packing: func(p *Pass, packing *batch.Packing) {
			for _, b := range packing.Batches {
				if n := len(b.Mailboxes); n > batch.MaxMailboxes {
					p.Report(Finding{Scope: ScopeBatch, Subject: b.Name,
						Message: fmt.Sprintf("It has %d mailboxes; a batch takes %d.", n, batch.MaxMailboxes)})
				}
			}
		},
	}
}

func batchSplitsDelegates() *Rule {
	return &Rule{
		Name: "batch-splits-delegates",
		Doc: "Delegated rights do not work between the two sides of a staged migration, so a mailbox and its delegates should move " +
			"in one batch. The advice comes from the planning script for hybrid migrations; for staged ones it follows from what " +
			"they do not migrate and do not federate.",
		URL:      urlDelegates,
		Severity: Warning,
		Remedy:   "Start the batches on the same day, or tell the trustees that they are cut off in between.",
		Packing: func(p *Pass, packing *batch.Packing) {
			for from := 0; from < len(packing.Split); {
				split := packing.Split[from:]
				n := 1
				for n < len(split) && split[n].Mailbox == split[0].Mailbox {
					n++
				}
				list := grantList(n, func(i int) string {
					return fmt.Sprintf("%s for %s in %s", split[i].Right, split[i].Trustee, split[i].TrusteeBatch)
				})
				p.Report(Finding{Scope: ScopeMailbox, Subject: string(split[0].Mailbox),
					Message: fmt.Sprintf("It is in %s, apart from people with rights on it: %s.", split[0].MailboxBatch, list)})
				from += n
			}
		},
	}
}

// maxQueuedBatches is how many batches the service keeps waiting. Source: the
// Exchange Online service description, planning and deployment.
const maxQueuedBatches = 100

func batchParallelism() *Rule {
	return &Rule{
		Name: "batch-parallelism",
		Doc: "The service keeps up to 100 batches. Sources disagree on whether batches run at the same time or one after the other; " +
			"either way they share the endpoint's lanes, so more at a time are not faster.",
		URL:      urlServiceDesc,
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
		Name: "batch-oversize-mailbox",
		Doc: "A mailbox that is larger than the size limit of a batch gets a batch of its own, which exceeds the limit. This " +
			"follows from the limit that the planner set and is not a published rule.",
		Severity: Warning,
		Remedy:   "Prune or archive the mailbox, or plan its batch for a longer window.",
		Packing: func(p *Pass, packing *batch.Packing) {
			limit := packing.Limits.Size
			for _, b := range packing.Batches {
				if len(b.Mailboxes) != 1 || limit == 0 {
					continue
				}
				m := b.Mailboxes[0]
				if size, ok := m.Size.Get(); ok && size > limit {
					p.Report(Finding{Scope: ScopeMailbox, Subject: string(m.Address),
						Message: fmt.Sprintf("Its %s exceed the limit of %s per batch; it is alone in %s.", size, limit, b.Name)})
				}
			}
		},
	}
}

// gbPerHourPerMbps is how many GB per hour a link of one Mbit/s carries at most.
// It is arithmetic, without any overhead: 3,600 s / 8 bits.
const gbPerHourPerMbps = 0.45

func planThroughputUnrealistic(m estimate.Model) *Rule {
	return &Rule{
		Name: "plan-throughput-unrealistic",
		Doc: "The time for the migration is to be estimated at about 10 to 14 GB per hour, depending on the speed of the internet " +
			"connection. The figure holds for 20 mailboxes at a time. A link that cannot carry that much, or a period shorter than " +
			"the estimate, makes the plan unrealistic.",
		URL:      urlPerformance,
		Severity: Warning,
		Scope:    ScopePlan,
		Remedy:   "Measure the rate with a pilot batch, then plan with it; raise the uplink, take more time, or prune mailboxes.",
		Packing: func(p *Pass, packing *batch.Packing) {
			if model, err := m.Resolve(); err == nil && len(packing.Batches) > 0 {
				checkThroughput(p, packing, model)
			}
		},
	}
}

func checkThroughput(p *Pass, packing *batch.Packing, model estimate.Model) {
	var all batch.Batch
	for _, b := range packing.Batches {
		all.Mailboxes = append(all.Mailboxes, b.Mailboxes...)
	}
	size, unknown := all.Size()
	takes := model.Transfer(size)
	rate := fmt.Sprintf("%g to %g GB per hour", model.Throughput.Low, model.Throughput.High)

	var missing []string
	if mbps, ok := p.Organization().UplinkMbps.Get(); !ok {
		missing = append(missing, "uplinkMbps")
	} else if carries := mbps * gbPerHourPerMbps; carries < model.Throughput.High {
		p.Reportf("The uplink of %g Mbit/s carries at most %.1f GB per hour, less than the %s that the estimate takes.", mbps, carries, rate)
	}
	if window, ok := p.Organization().WindowHours.Get(); !ok {
		missing = append(missing, "windowHours")
	} else if window < takes.Late.Hours() {
		p.Reportf("There are %g hours for %s, which take %s at %s.", window, size, hourRange(takes), rate)
	}
	if unknown > 0 {
		missing = append(missing, fmt.Sprintf("the sizes of %d mailboxes, from Get-MailboxStatistics", unknown))
	}
	if len(missing) > 0 {
		p.Unverifiedf("%s take %s at %s; whether that is realistic is not known: give %s.",
			size, hourRange(takes), rate, strings.Join(missing, ", "))
	}
}

// hourRange is a range in words, in whole hours.
func hourRange(r estimate.Range) string {
	ceil := func(d time.Duration) int64 { return int64((d + time.Hour - 1) / time.Hour) }
	if ceil(r.Late) == ceil(r.Early) {
		return fmt.Sprintf("up to %d h", ceil(r.Late))
	}
	return fmt.Sprintf("%d to %d h", ceil(r.Early), ceil(r.Late))
}
