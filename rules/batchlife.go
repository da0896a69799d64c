package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

// expiry returns after how many days without anybody doing something a batch in that
// state expires, and what the service does with it then; 0 if it does not expire.
func (p *Params) expiry(state inventory.MigrationState) (days int, what string) {
	switch {
	case state.Is(inventory.Synced, inventory.SyncedWithErrors):
		return p.SyncedExpiryDays, "stops it"
	case state.Is(inventory.Stopped, inventory.Failed):
		return p.StoppedExpiryDays, "removes it with all its reports"
	case state.Is(inventory.Completed, inventory.CompletedWithErrors):
		return p.CompletedExpiryDays, "removes it with all its reports"
	}
	return 0, ""
}

func batchIdleExpiry(q Params) *Rule {
	return &Rule{
		Name: "batch-idle-expiry",
		Doc: fmt.Sprintf("A batch must not lie idle: a Synced one is stopped after %d days, a Stopped or Failed one removed after %d, a "+
			"Completed one after %d.", q.SyncedExpiryDays, q.StoppedExpiryDays, q.CompletedExpiryDays),
		Why: "With a batch that is removed its history goes: who was migrated, when, and with which errors.",
		URL: urlBatches,
		Sources: []string{
			docsExchange + "manage-migration-batches.md, lines 52 and 122; edition of August 2018",
			docsExchange + "issues 459 and 2543",
		},
		Doubt: "The page of 2018 had other numbers: 90 days, and 30 more until removal. That SyncedWithErrors is as Synced, and " +
			"CompletedWithErrors as Completed, is inferred.",
		Severity: Warning,
		Phase:    During,
		Scope:    ScopeBatch,
		Remedy:   "Export the reports of its users now. Then convert their source mailboxes and delete the batch, or start it again.",
		Commands: []powershell.Command{{Shell: powershell.ExchangeOnline, Cmdlet: "Get-MigrationUser",
			Parameters: []powershell.Parameter{powershell.Item("BatchId")},
			Into: &powershell.Command{Cmdlet: "Get-MigrationUserStatistics",
				Parameters: []powershell.Parameter{powershell.Switch("IncludeReport")}, Into: formatList("Identity", "Status", "Error", "Report")}}},
		Status: func(p *Pass, s *inventory.Status) {
			for i := range s.Batches {
				b := &s.Batches[i]
				days, what := q.expiry(b.State)
				switch {
				case b.State == "":
					p.reportBatch(b.Name, Finding{Severity: Task, Unverified: true, Source: b.Source,
						Message: "Whether it lies idle is not known; give its state, and touched, when somebody last did something with it."})
				case days == 0:
				case s.At.IsZero() || b.Touched.IsZero():
					p.reportBatch(b.Name, Finding{Severity: Task, Unverified: true, Source: b.Source,
						Message: fmt.Sprintf("How long it has been %s is not known, and after %s the service %s; give at, the time of the report, and touched, when somebody last did something with it.",
							b.State, counted(days, "day"), what)})
				case s.At.Sub(b.Touched) >= time.Duration(days)*day:
					p.reportBatch(b.Name, Finding{Source: b.Source,
						Message: fmt.Sprintf("It is %s and was last touched %s; after %s the service %s.", b.State, daysAgo(s.At, b.Touched), counted(days, "day"), what)})
				}
			}
		},
	}
}

func batchDeletedEarly() *Rule {
	return &Rule{
		Name: "batch-deleted-early",
		Doc: "A batch must not be deleted as long as one of its users is not in the mailbox in the cloud, or it has not been checked that " +
			"mail is forwarded there, or the source mailbox is not converted.",
		Why: "All records of the batch go with it, and nothing is left to try a failed user again with.",
		URL: urlPowerShell,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, lines 389-405; manage-migration-batches.md, line 133",
			docs365 + "use-powershell-to-perform-a-staged-migration-to-microsoft-365.md, step 6",
		},
		Doubt: "Sources disagree on the order. By the walk-through for PowerShell a batch is deleted after its mailboxes are converted and " +
			"forwarding is checked; by that for the admin center after the MX records were switched and 72 hours have passed. The " +
			"first holds here. That mail is no longer copied afterwards fits other migrations: a staged one copies nothing later.",
		Severity: Warning,
		Phase:    After,
		Scope:    ScopeBatch,
		Remedy: "Convert the mailboxes of each batch, check that mail is forwarded, export its reports, and only then delete it with " +
			"Remove-MigrationBatch.",
		Organization: func(p *Pass) {
			switch p.Organization().Procedure.DeletesUnconverted {
			case inventory.Yes:
				p.Report(Finding{Scope: ScopePlan, Message: "Batches are to be deleted before their mailboxes are converted and forwarding is checked."})
			case inventory.Unknown:
				p.Report(Finding{Scope: ScopePlan, Severity: Task, Unverified: true,
					Message: "Whether batches are deleted before their mailboxes are converted and forwarding is checked is not known; give deletesUnconverted of procedure."})
			}
		},
		Status: checkDeletions,
	}
}

// keeps says whether a user is a reason not to delete its batch.
func keeps(u *inventory.MigrationUser) inventory.Fact {
	done := []inventory.Fact{u.State.Copied(), u.Forwarded, u.Verified, u.Converted}
	switch {
	case slices.Contains(done, inventory.No):
		return inventory.Yes
	case slices.Contains(done, inventory.Unknown):
		return inventory.Unknown
	}
	return inventory.No
}

func checkDeletions(p *Pass, s *inventory.Status) {
	undone := byName(usersByBatch(s, func(u *inventory.MigrationUser) bool { return keeps(u) == inventory.Yes }))
	unsure := byName(usersByBatch(s, func(u *inventory.MigrationUser) bool { return keeps(u) == inventory.Unknown }))
	all := byName(usersByBatch(s, func(*inventory.MigrationUser) bool { return true }))
	for i := range s.Batches {
		b := &s.Batches[i]
		key := strings.ToLower(b.Name)
		deleting := b.Deleting
		if b.State.Is(inventory.Removing) {
			deleting = inventory.Yes
		}
		bad, open := undone[key], unsure[key]
		task := Finding{Severity: Task, Unverified: true, Source: b.Source}
		switch {
		case deleting == inventory.No:
		case deleting == inventory.Unknown && (bad != nil || open != nil || all[key] == nil):
			task.Message = "Whether it is about to be deleted is not known, nor that all of its users are copied, checked, forwarded and converted; give deleting, and of the users state, verified, forwarded and converted."
			p.reportBatch(b.Name, task)
		case bad != nil:
			p.reportBatch(b.Name, Finding{Source: b.Source, Message: fmt.Sprintf("It is about to be deleted; not copied, checked, forwarded or converted: %s.", bad)})
		case open != nil:
			task.Message = fmt.Sprintf("It is about to be deleted, and whether all of its users are copied, checked, forwarded and converted is not known for %s; give state, verified, forwarded and converted.", open)
			p.reportBatch(b.Name, task)
		case all[key] == nil:
			task.Message = "It is about to be deleted, and its users are not known; give them."
			p.reportBatch(b.Name, task)
		}
	}
}

// byName finds groups of users by the lower-case names of their batches.
func byName(groups []batchUsers) map[string]*batchUsers {
	m := make(map[string]*batchUsers, len(groups))
	for i := range groups {
		m[strings.ToLower(groups[i].batch)] = &groups[i]
	}
	return m
}
