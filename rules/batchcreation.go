package rules

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

func batchCSVOmitted() *Rule {
	return &Rule{
		Name: "batch-csv-omitted",
		Doc:  "A batch of a staged migration is created with a CSV file of its mailboxes.",
		Why: "Without one it is a cutover migration, of all mailboxes at once. The published walk-through for PowerShell leaves " +
			"-CSVData out.",
		URL: urlNewBatch,
		Sources: []string{
			"the training unit, on batches",
			docs365 + "use-powershell-to-perform-a-staged-migration-to-microsoft-365.md, step 4",
			docsPowerShell + "New-MigrationBatch.md, examples 5 and 6",
		},
		Doubt:    "The walk-through and the reference of New-MigrationBatch, examples 5 and 6, contradict each other; the rule follows the reference.",
		Severity: Blocker,
		Scope:    ScopeBatch,
		Remedy:   "Create each batch with -CSVData and its own file; package staged writes one for each.",
		Organization: func(p *Pass) {
			switch p.Organization().Procedure.BatchFiles {
			case inventory.No:
				p.Reportf("Batches are going to be created without CSV files, which makes them a cutover migration of all mailboxes.")
			case inventory.Unknown:
				p.findOut("Whether batches are going to be created with their CSV files is not known; give procedure.batchFiles.")
			}
		},
	}
}

// maxBatchName is how many characters the name of a batch has at most. Source: the
// reference of New-MigrationBatch.
const maxBatchName = 64

var plainBatchName = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

func batchNameInvalid(params Params) *Rule {
	return &Rule{
		Name: "batch-name-invalid",
		Doc: "The name of a batch has from 1 to 64 characters and is not that of another. The wizard of the Exchange admin center " +
			"takes no blanks and no special characters.",
		Why: "The batch cannot be created.",
		URL: urlPerform,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, line 317",
			docsPowerShell + "New-MigrationBatch.md, on Name",
		},
		Doubt: "PowerShell takes blanks in quotes, the wizard does not. That hyphens and underscores are no special characters, and that " +
			"names which differ in case only are the same, no source says.",
		Severity: Blocker,
		Scope:    ScopeBatch,
		Remedy:   "Name it with letters, digits, hyphens and underscores, up to 64 of them, and differently from all others.",
		Packing: func(p *Pass, packing *batch.Packing) {
			report := func(name, format string, args ...any) {
				p.Report(Finding{Scope: ScopeBatch, Subject: name, Message: fmt.Sprintf(format, args...)})
			}
			seen := make(map[string]string)
			for i, b := range packing.Batches {
				if b.Name == "" {
					report("", "Batch %d of the plan has no name.", i+1)
					continue
				}
				if n := len(utf16.Encode([]rune(b.Name))); n > maxBatchName {
					report(b.Name, "Its name has %d characters; %d are allowed.", n, maxBatchName)
				}
				if !params.ShellNames && !plainBatchName.MatchString(b.Name) {
					report(b.Name, "Its name, %q, has blanks or special characters, which the Exchange admin center does not take.", b.Name)
				}
				key := strings.ToLower(b.Name)
				if first, ok := seen[key]; ok {
					report(b.Name, "Its name is that of another batch, %q.", first)
				} else {
					seen[key] = b.Name
				}
			}
		},
	}
}

func batchServerImbalance(params Params) *Rule {
	capacity := make(map[string]float64)
	for _, name := range slices.Sorted(maps.Keys(params.ServerCapacity)) {
		capacity[hostName(name)] = params.ServerCapacity[name]
	}
	return &Rule{
		Name: "batch-server-imbalance",
		Doc: "The mailboxes of a batch should be spread evenly over the source servers, by their spare capacity: a server with half as " +
			"much again takes half as many mailboxes again.",
		Why:     "Throughput is that of each server: a batch waits for the one with most of its mailboxes, whose users feel it, while others idle.",
		URL:     urlPerformance,
		Sources: []string{docsExchange + "office-365-migration-best-practices.md, line 232"},
		Doubt: "How far from even is too far no source says; it is a parameter. Servers whose spare capacity is not known count as " +
			"equal. As many mailboxes on one server as are copied at a time before anything is measured do no harm, by inference.",
		Severity: Warning,
		Scope:    ScopeBatch,
		Remedy: "Plan the batches again so that each takes from all servers, or start it when the server is idle. Get-Mailbox | " +
			"Group-Object ServerName counts the mailboxes of each (Exchange 2007).",
		Remedy2003: "The directory has the server of each mailbox in msExchHomeServerName.",
		Packing: func(p *Pass, packing *batch.Packing) {
			planned, unknown := 0, 0
			counts := make([]map[string]int, len(packing.Batches))
			servers := make(map[string]float64)
			for i, b := range packing.Batches {
				counts[i] = make(map[string]int)
				for _, m := range b.Mailboxes {
					if planned++; m.Server == "" {
						unknown++
						continue
					}
					host := hostName(m.Server)
					counts[i][host]++
					servers[host] = 1
					if c, ok := capacity[host]; ok {
						servers[host] = max(c, 0)
					}
				}
			}
			for i, b := range packing.Batches {
				reportImbalance(p, params, b.Name, counts[i], servers)
			}
			if unknown > 0 {
				p.Report(Finding{Severity: Task, Scope: ScopePlan, Unverified: true, Message: fmt.Sprintf(
					"Whether batches are spread evenly over the servers is not known: the server of %d of %d mailboxes is not; export ServerName.", unknown, planned)})
			}
		},
	}
}

// reportImbalance reports the server that a batch weighs on most, if that is too much.
// Servers come with their spare capacity.
func reportImbalance(p *Pass, params Params, name string, counts map[string]int, servers map[string]float64) {
	all, capacity := 0, 0.0
	for _, n := range counts {
		all += n
	}
	names := slices.Sorted(maps.Keys(servers))
	for _, s := range names {
		capacity += servers[s]
	}
	// Without any capacity this is not a number, which is over nothing.
	over := func(s string) float64 { return float64(counts[s])/float64(all) - servers[s]/capacity }
	// Few mailboxes cannot be too many at a time, wherever they are.
	names = slices.DeleteFunc(names, func(s string) bool { return counts[s] <= params.UnmeasuredConcurrency })
	if len(names) == 0 {
		return
	}
	most := slices.MaxFunc(names, func(a, b string) int { return cmp.Compare(over(a), over(b)) })
	if over(most) > params.ServerImbalance {
		p.Report(Finding{Scope: ScopeBatch, Subject: name, Message: fmt.Sprintf(
			"Of its %d mailboxes %d are on server %s, %.0f %%; by spare capacity it would be %.0f %% on that one of %d servers.",
			all, counts[most], most, 100*float64(counts[most])/float64(all), 100*servers[most]/capacity, len(servers))})
	}
}

// hostName returns the name of a server without its domain, in lower case.
func hostName(server string) string {
	host, _, _ := strings.Cut(server, ".")
	return strings.ToLower(host)
}

func batchFinalizeNotApplicable() *Rule {
	return &Rule{
		Name: "batch-finalize-not-applicable",
		Doc: "A batch of a staged migration is not completed: there is no finalization, and Complete-MigrationBatch, AutoComplete, " +
			"CompleteAfter and TargetDeliveryDomain are for moves.",
		Why: "The new Exchange admin center asks for a target delivery domain and then fails: it \"isn't supported for migrations using " +
			"the 'ExchangeOutlookAnywhere' protocol\".",
		URL: urlBatches,
		Sources: []string{
			docsExchange + "manage-migration-batches.md, lines 48 and 118; perform-a-staged-migration.md, lines 273-279",
			docsPowerShell + "New-MigrationBatch.md, on AutoComplete and TargetDeliveryDomain",
			docsExchange + "issue 2586",
		},
		Doubt: "The steps of the new admin center for staged migrations end with the state Completed; they seem to be taken from another " +
			"kind of migration.",
		Severity: Warning,
		Scope:    ScopeBatch,
		Remedy: "Create the batches in PowerShell or the classic admin center, without those parameters. What completes a batch is that " +
			"the source mailboxes are converted to mail users.",
		Organization: func(p *Pass) {
			switch p.Organization().Procedure.Finalization {
			case inventory.Yes:
				p.Reportf("Batches are going to be completed, a step that a staged migration does not have.")
			case inventory.Unknown:
				p.findOut("Whether batches are going to be completed, a step that a staged migration does not have, is not known; give procedure.finalization.")
			}
		},
	}
}
