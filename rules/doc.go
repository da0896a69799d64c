// Package rules says what must hold before, during and after a staged
// migration, and checks it.
//
// # A rule is a value
//
// A [Rule] has a name, a doc, a source, a severity and a func. [Catalogue]
// returns the built-in ones in a fresh slice: filter it, append to it, change a
// copy's severity. A rule of one's own takes a few lines:
//
//	vip := &rules.Rule{
//		Name:     "vip-by-hand",
//		Doc:      "Board members are moved by hand.",
//		Severity: rules.Blocker,
//		Mailbox: func(p *rules.Pass, m *inventory.Mailbox) {
//			if m.Address.Domain() == "board.contoso.com" {
//				p.Reportf("The domain %s is the board's.", m.Address.Domain())
//			}
//		},
//	}
//	report, err := rules.Check(ctx, inv, append(rules.Catalogue(), vip))
//
// Rules may come from a configuration too: [Declaration.Rule] makes one of a condition on
// fields of mailboxes.
//
// # What is checked
//
// A rule looks at the organization, at each mailbox, at the batches of a plan, at a batch
// file, or at what the service reports of a migration that runs; or at several of these.
// [Check] runs it over an inventory, [CheckPacking] over batches, [CheckFile] over a
// [BatchFile] and [CheckStatus] over an [inventory.Status]. Each gives a [Report]; [Join]
// makes one of them.
//
// [Advise] asks before all that whether a staged migration is the method at all.
//
// # What findings do
//
// A [Blocker] about a mailbox holds it: package staged leaves it out of all
// batches. A blocker about anything else makes the plan not ready. A [Warning]
// says that something is lost or gets worse, a [Task] is work for somebody.
//
// A rule that needs a fact nobody knows reports its finding as unverified; it
// never passes in silence. Unverified findings hold no mailbox, but an unverified
// blocker about the organization or its endpoint keeps a plan from being ready. Where
// only the product documentation asks for a fact and the training unit does not, a
// fact that nobody knows is a task to find it out. What is not known of many mailboxes
// or users is one finding that counts them.
//
// # Parameters and policies
//
// [Params] are the numbers of the built-in rules that are disputed, not published, or an
// organization's own. A [Policy] says what an organization makes of a set of rules: it
// switches rules off, gives them other severities, and waives findings with a reason.
//
// # Remedies
//
// A finding says in its Remedy what to do, and where cmdlets do it, has them as
// commands of package powershell. [Finding.Instructions] has both as text for a person,
// [Report.Script] gathers the commands of all findings for one shell and one phase in a
// script. Exchange 2003 has no PowerShell; for it there is the text of [Rule.Remedy2003].
//
// # Names and sources
//
// The built-in rules are those that Microsoft's training unit on staged migration
// states, with what the product documentation, support articles and reports from the
// field add to them. Each names its sources and says what about it is in doubt. A few
// follow from others and are published nowhere; they say so. CATALOGUE.md beside this
// file shows all of them.
//
// # Testing
//
// Package rulestest tests a rule with cases that have their expectations written into
// them.
package rules
