package rules

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// lastFinish returns when the last batch of a packing is done at the latest, and the
// facts that are missing for it. Without a start the time is zero; otherwise it is one
// before which the last batch may well not be done, even if more is missing.
//
// Batches count one after the other, each with its late estimate and its time in the
// queue, that of the model if no other was measured. Whether batches can overlap the sources do not agree on, and what is to
// follow the last batch does no harm if it comes later.
func lastFinish(p *Pass, packing *batch.Packing, m estimate.Model) (at time.Time, missing []string) {
	procedure := p.Organization().Procedure
	if procedure.Start.IsZero() {
		missing = append(missing, "procedure.start")
	}
	model, err := m.Resolve()
	if err != nil {
		missing = append(missing, fmt.Sprintf("a valid model (%v)", err))
	}
	queue := max(0, model.Queue)
	if hours, ok := procedure.QueueHours.Get(); ok {
		queue = hoursLong(hours)
	}
	model.Queue = 0
	var takes time.Duration
	unknown := 0
	for i := range packing.Batches {
		b := &packing.Batches[i]
		takes = addTime(takes, addTime(queue, model.Makespan(b.Mailboxes).Late))
		_, n := b.Size()
		unknown += n
	}
	if unknown > 0 {
		missing = append(missing, fmt.Sprintf("the sizes of %s, from Get-MailboxStatistics", counted(unknown, "mailbox")))
	}
	if n := len(packing.Held); n > 0 {
		missing = append(missing, fmt.Sprintf("when the %d held mailboxes move", n))
	}
	if procedure.Start.IsZero() {
		return time.Time{}, missing
	}
	return procedure.Start.Add(takes), missing
}

// addTime returns the sum of durations that are not negative, or the longest there is.
func addTime(a, b time.Duration) time.Duration { return a + min(b, math.MaxInt64-a) }

// hoursLong returns so many hours as a duration, or the longest there is.
func hoursLong(hours float64) time.Duration {
	if ns := hours * float64(time.Hour); ns < math.MaxInt64 {
		return time.Duration(ns)
	}
	return math.MaxInt64
}

// checkAfterLast reports an event that comes before the last batch is done, or of which
// that is not known.
func checkAfterLast(p *Pass, packing *batch.Packing, m estimate.Model, event, key string, when time.Time) {
	if len(packing.Batches) == 0 {
		return
	}
	finish, missing := lastFinish(p, packing, m)
	last := packing.Batches[len(packing.Batches)-1].Name
	switch {
	case when.IsZero() && finish.IsZero():
		p.findOut(fmt.Sprintf("When %s is not known; give %s, a time after the last batch, %s, and procedure.start.", event, key, last))
	case when.IsZero():
		p.findOut(fmt.Sprintf("When %s is not known; give %s, a time after the last batch, %s, which may take until %s.",
			event, key, last, finish.Format(time.RFC3339)))
	case when.Before(finish):
		p.Reportf("%s at %s, and the last batch, %s, may take until %s.", sentence(event), when.Format(time.RFC3339), last,
			finish.In(when.Location()).Format(time.RFC3339))
	case len(missing) > 0:
		p.findOut(fmt.Sprintf("%s at %s; whether all mailboxes have moved by then is not known: give %s.",
			sentence(event), when.Format(time.RFC3339), strings.Join(missing, ", ")))
	}
}

// sentence returns text with a capital to begin a sentence.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// oneAfterTheOther is the doubt about every date that is compared with the last batch.
const oneAfterTheOther = "When the last batch is done is an estimate: the late end of the published rate, batches one after the other. " +
	"Sources do not agree on whether they overlap."

func planMXSwitchedEarly(m estimate.Model) *Rule {
	return &Rule{
		Name: "plan-mx-switched-early",
		Doc:  "The MX records lead to the old organization until the last batch is done, and to Exchange Online after that.",
		Why:  "Users whose mailboxes have not moved yet would get no more mail.",
		URL:  urlPerform,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, lines 381-387; what-to-know-about-a-staged-migration.md, line 120",
			"enablingtechcorp.com",
		},
		Doubt:    oneAfterTheOther,
		Severity: Blocker,
		Phase:    During,
		Remedy:   "Switch the MX records behind the last batch, then wait for 72 hours or more before you go on.",
		Packing: func(p *Pass, packing *batch.Packing) {
			checkAfterLast(p, packing, m, "the MX records are switched", "procedure.mxSwitch", p.Organization().Procedure.MXSwitch)
		},
	}
}

// maxTTL is how long others may keep an MX record, in seconds. Source: the page on
// performing a staged migration.
const maxTTL = 3600

func planMXTTLHigh() *Rule {
	return &Rule{
		Name: "plan-mx-ttl-high",
		Doc:  "The time to live of each MX record should be an hour or less before it is switched.",
		Why:  "Others go on sending to the old host for as long.",
		URL:  urlPerform,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, lines 367-379",
		},
		Severity: Task,
		Scope:    ScopePlan,
		Remedy:   "Set every MX record to 3,600 seconds or less before you begin, and back to what it was when all is done.",
		Organization: func(p *Pass) {
			switch ttl, ok := p.Organization().MXTTLSeconds.Get(); {
			case !ok:
				p.findOut("The longest time to live of the MX records is not known; give mxTTLSeconds.")
			case ttl > maxTTL:
				p.Reportf("The MX records live for %d seconds; lower that to %d or less.", ttl, maxTTL)
			}
		},
	}
}

func planAutodiscoverSwitchedEarly(m estimate.Model) *Rule {
	return &Rule{
		Name: "plan-autodiscover-switched-early",
		Doc: "The public Autodiscover record leads to the old organization, and the service connection point stays, until the last " +
			"batch is done.",
		Why: "Outlook of users whose mailboxes have not moved yet would be sent to Exchange Online.",
		URL: urlPerform,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, lines 413-421; cutover-migration-to-office-365.md, lines 304-318; " +
				"convert-exchange-2007-mailboxes.md, line 44; decommission-on-premises-exchange.md, line 93",
		},
		Doubt:    oneAfterTheOther + " That Exchange 2003 has no service connection point no source says.",
		Severity: Blocker,
		Phase:    During,
		Remedy: "Behind the last batch let the CNAME record autodiscover lead to autodiscover.outlook.com, inside and outside, and remove " +
			"the service connection point: Set-ClientAccessServer -AutoDiscoverServiceInternalUri $null for each client access server " +
			"of Exchange 2007.",
		Remedy2003: "There is only the record to change.",
		Packing: func(p *Pass, packing *batch.Packing) {
			checkAfterLast(p, packing, m, "Autodiscover is switched", "procedure.autodiscoverSwitch", p.Organization().Procedure.AutodiscoverSwitch)
		},
	}
}

func planQueueTimeIgnored(m estimate.Model) *Rule {
	return &Rule{
		Name: "plan-queue-time-ignored",
		Doc: "What is planned for a window must fit into what is left of it behind the queue: mailboxes are window less average queue, " +
			"times rate. Queues are shared with other tenants and change from hour to hour.",
		Why: "The window ends before the migration does.",
		URL: urlPerformance,
		Sources: []string{
			docsExchange + "office-365-migration-best-practices.md, lines 300-330",
		},
		Doubt:    "The page says so of move requests of hybrid migrations. The queue counts once, as in its formula.",
		Severity: Warning,
		Scope:    ScopePlan,
		Remedy:   "Take more time or fewer mailboxes. Measure the queue with a test batch some hours before the window, 4 in the example of the page.",
		Packing: func(p *Pass, packing *batch.Packing) {
			model, err := m.Resolve()
			switch {
			case err != nil:
				p.findOut(fmt.Sprintf("How long the migration takes cannot be estimated: %v.", err))
			case len(packing.Batches) > 0:
				checkQueue(p, packing, model)
			}
		},
	}
}

func checkQueue(p *Pass, packing *batch.Packing, model estimate.Model) {
	all := together(packing)
	size, unknown := all.Size()
	queue, measured := p.Organization().Procedure.QueueHours.Get()
	if !measured && model.Queue > 0 {
		queue, measured = model.Queue.Hours(), true
	}
	model.Queue = 0
	takes := model.Makespan(all.Mailboxes)
	var missing []string
	window, ok := p.Organization().WindowHours.Get()
	if !ok {
		missing = append(missing, "windowHours")
	}
	if !measured {
		missing = append(missing, "procedure.queueHours, which a test batch tells")
	}
	if unknown > 0 {
		missing = append(missing, fmt.Sprintf("the sizes of %s, from Get-MailboxStatistics", counted(unknown, "mailbox")))
	}
	switch {
	case measured && queue == 0:
	case ok && measured && window-queue < takes.Late.Hours():
		p.Reportf("Of %g hours %g pass in the queue; what is left is too little for %s, which take %s.", window, queue, size, hourRange(takes))
	case len(missing) > 0:
		p.findOut("Whether the window is long enough behind the queue is not known; give " + strings.Join(missing, ", ") + ".")
	}
}

func planNoIncrementalSync() *Rule {
	return &Rule{
		Name: "plan-no-incremental-sync",
		Doc: "A staged migration copies a mailbox once. What changes in the old mailbox afterwards is not copied: items that are moved, " +
			"appointments, rules. New mail is not lost, since it is forwarded.",
		Why: "Who goes on working in the old mailbox loses that work.",
		URL: urlUserStatus,
		Sources: []string{
			docsExchange + "migration-users-status-report.md, line 129; what-to-know-about-a-staged-migration.md, lines 92-96",
			docsExchange + "manage-migration-batches.md, edition of August 2018",
		},
		Doubt: "The page on managing batches speaks of a synchronization every 24 hours for most types of migration; an earlier edition " +
			"names cutover and IMAP. A partner's slides have it for staged ones too, and mail delivered to both mailboxes.",
		Severity: Warning,
		Phase:    During,
		Scope:    ScopePlan,
		Remedy: "Tell users to leave the old mailbox alone from the start of their batch, and to work in the new one with Outlook on the " +
			"web. Convert the old mailboxes soon.",
		Organization: func(p *Pass) {
			switch p.Organization().Procedure.IncrementalSync {
			case inventory.Yes:
				p.Reportf("Somebody relies on changes in old mailboxes being copied later; a staged migration copies a mailbox once.")
			case inventory.Unknown:
				p.Reportf("What somebody changes in the old mailbox after it was copied is lost; give procedure.incrementalSync false " +
					"when nobody relies on it.")
			}
		},
	}
}

func planDecommissionEarly(m estimate.Model) *Rule {
	return &Rule{
		Name: "plan-decommission-early",
		Doc: "The last Exchange server stays until every mailbox is converted to a mail user, and for as long as directory " +
			"synchronization or single sign-on stays on.",
		Why: "Where a mailbox is not converted, synchronization strips what belongs to mail from the user in the cloud. While it stays " +
			"on, mail attributes can be edited on-premises only, and without the server by hand only.",
		URL: urlDecommission,
		Sources: []string{
			docsExchange + "what-to-know-about-a-staged-migration.md, line 127; convert-exchange-2007-mailboxes.md, line 46; " +
				"perform-a-staged-migration.md, lines 423-432; decommission-on-premises-exchange.md, lines 60-75",
			docsExchange + "issue 1714",
		},
		Doubt:    oneAfterTheOther,
		Severity: Blocker,
		Phase:    After,
		Scope:    ScopePlan,
		Remedy: "Convert all mailboxes first. Keep one server while directory synchronization is on, or turn that off before. Ask " +
			"Microsoft's support before you remove the last one. Of Exchange 2007 keep the roles Hub Transport, Client Access and Mailbox.",
		Remedy2003: "Keep the server for its Exchange System Manager.",
		Packing: func(p *Pass, packing *batch.Packing) {
			procedure := p.Organization().Procedure
			checkAfterLast(p, packing, m, "the last Exchange server is removed", "procedure.decommission", procedure.Decommission)
			switch {
			case procedure.Decommission.IsZero():
			case procedure.DirectorySyncStays == inventory.Yes:
				p.Reportf("The last Exchange server is removed at %s, and directory synchronization or single sign-on stays on behind it.",
					procedure.Decommission.Format(time.RFC3339))
			case procedure.DirectorySyncStays == inventory.Unknown:
				p.findOut("Whether directory synchronization or single sign-on stays on when the last Exchange server is removed is not known; " +
					"give procedure.directorySyncStays.")
			}
		},
		Status: func(p *Pass, s *inventory.Status) {
			switch removed := p.Organization().Procedure.Decommission; {
			case removed.IsZero():
			case s.At.IsZero():
				p.findOut("Whether the last Exchange server was to be removed by now is not known, since the report of the service has no time.")
			case !s.At.Before(removed):
				checkConverted(p, s, removed)
			}
		},
	}
}

// checkConverted reports how many mailboxes are not converted, as far as is known,
// though the last server was to be removed.
func checkConverted(p *Pass, s *inventory.Status, removed time.Time) {
	not, unknown := 0, 0
	for i := range s.Users {
		switch s.Users[i].Converted {
		case inventory.No:
			not++
		case inventory.Unknown:
			unknown++
		}
	}
	if not > 0 {
		p.Reportf("The last Exchange server was to be removed at %s, and %d of %d mailboxes are not converted to mail users.",
			removed.Format(time.RFC3339), not, len(s.Users))
	}
	if unknown > 0 {
		p.findOut(fmt.Sprintf("The last Exchange server was to be removed at %s; whether %d of %d mailboxes are converted to mail users is not known.",
			removed.Format(time.RFC3339), unknown, len(s.Users)))
	}
}

func planPilotMissing(params Params) *Rule {
	return &Rule{
		Name: "plan-pilot-missing",
		Doc:  "A test batch of two or three mailboxes comes first: it tries out files, endpoint and rights, and measures queue and rate.",
		Why:  "What is wrong shows with the first mailboxes, and then it should not be hundreds of them.",
		URL:  urlExpress,
		Sources: []string{
			docsExchange + "use-minimal-hybrid-to-quickly-migrate.md, step 5; office-365-migration-best-practices.md, lines 324-330; " +
				"optimizing-imap-migrations.md",
		},
		Doubt:    "The number comes from the page on express migration. Up to how many it is still a test no source says; it is a parameter.",
		Severity: Task,
		Scope:    ScopePlan,
		Remedy: "Run a batch of two or three mailboxes first, some hours before the window, and plan again with the rate that it had. " +
			"Change one thing at a time from one test to the next.",
		Packing: func(p *Pass, packing *batch.Packing) {
			if len(packing.Batches) == 0 {
				return
			}
			first := packing.Batches[0]
			size := len(first.Mailboxes)
			switch pilot, ok := p.Organization().Procedure.PilotMailboxes.Get(); {
			case pilot > params.PilotMailboxes:
				p.Reportf("The test batch has %d mailboxes; begin with %d at most.", pilot, params.PilotMailboxes)
			case pilot > 0 || size <= params.PilotMailboxes:
			case ok:
				p.Reportf("There is no test batch, and the first batch, %s, has %s.", first.Name, counted(size, "mailbox"))
			default:
				p.findOut(fmt.Sprintf("Whether there is a test batch before %s with its %s is not known; give procedure.pilotMailboxes.", first.Name, counted(size, "mailbox")))
			}
		},
	}
}
