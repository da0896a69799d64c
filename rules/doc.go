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
// # When they are checked
//
// [Check] runs the funcs about the organization and its mailboxes, [CheckPacking] those
// about who moves with whom; New of package staged does both. [CheckFile] runs those about
// a batch file, as Validate of package csvio does, and [CheckStatus] those about what the
// service reports once the migration runs. One set serves all of them. [Advise] comes
// before: it says whether a staged migration is the right method at all.
//
// # Rules as data
//
// A [Declaration] is a rule that compares a field of a mailbox with a value, for those
// who keep rules in a configuration. A [Policy] switches rules of a set off, gives them
// other severities, and waives findings with a reason. ReadRules and ReadPolicy of
// package csvio read both from JSON.
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
// fact that nobody knows is a task to find it out.
//
// # Remedies
//
// A finding says in its Remedy what to do, and where cmdlets do it, has them as
// commands of package powershell. [Report.Script] gathers those of all findings for
// one shell and one phase in a script. Exchange 2003 has no PowerShell; for it there is
// the text of [Rule.Remedy2003].
//
// # Names and sources
//
// The built-in rules are those that Microsoft's training unit on staged
// migration states, with what the product documentation adds to them. Each
// names its source. CATALOGUE.md beside this file shows all of them.
//
// # Testing
//
// Package rulestest tests a rule with cases that have their expectations written into
// them.
package rules
