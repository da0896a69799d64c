package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

func mailboxFailedButForwarded() *Rule {
	return &Rule{
		Name: "mailbox-failed-but-forwarded",
		Doc: "A user whose copy failed, was stopped or is not complete, while the mailbox in the cloud exists and the source mailbox " +
			"forwards to it, must not be left like that.",
		Why: "Forwarding is configured before the content is copied. As long as the copy is not complete new mail is in the cloud and old " +
			"mail is on-premises.",
		URL: urlKnow,
		Sources: []string{
			docsExchange + "what-to-know-about-a-staged-migration.md, lines 92-96; migration-users-status-report.md, line 65",
			docsExchange + "issue 919",
			"jabsto.com, Microsoft Office 365, page 597",
		},
		Doubt: "That stopped and corrupted users are in the same place as failed ones is inferred. That clearing targetAddress ends the " +
			"forwarding is general knowledge.",
		Severity: Warning,
		Phase:    During,
		Scope:    ScopeMailbox,
		Remedy: "Try it again at once. If that does not help, clear targetAddress of the source user with ADSI Edit or ldifde, so that " +
			"mail stays on-premises until it is tried again.",
		Commands: []powershell.Command{{Shell: powershell.ExchangeOnline, Cmdlet: "Start-MigrationUser",
			Parameters: []powershell.Parameter{powershell.Item("Identity")}}},
		Status: func(p *Pass, s *inventory.Status) {
			for i := range s.Users {
				u := &s.Users[i]
				if !halfDone(u) || u.Forwarded != inventory.Yes || inCloud(p, u) != inventory.Yes {
					continue
				}
				p.reportUser(u, Finding{Message: fmt.Sprintf("Its state is %s, and new mail goes to its mailbox in the cloud already, while older mail is on-premises.", u.State)})
			}
			p.findOutUsers(s, "get new mail in the cloud although their copies are not complete", "give forwarded and cloudMailbox",
				func(u *inventory.MigrationUser) bool {
					cloud := inCloud(p, u)
					return halfDone(u) && min(u.Forwarded, cloud) == inventory.Unknown && u.Forwarded != inventory.No && cloud != inventory.No
				})
		},
	}
}

// halfDone reports whether a copy began and is not complete.
func halfDone(u *inventory.MigrationUser) bool {
	return u.State.Is(inventory.Failed, inventory.Syncing, inventory.Stopping, inventory.Stopped, inventory.Corrupted)
}

func mailboxConvertToMEU() *Rule {
	return &Rule{
		Name: "mailbox-convert-to-meu",
		Doc: "When the copies of a batch have been checked, its source mailboxes must be converted to mail-enabled users. This is one task " +
			"for each batch.",
		Why: "Until then Outlook finds the old mailbox. If the last Exchange server goes before, the next synchronization takes the proxy " +
			"addresses from the users in the cloud.",
		URL: urlConvert2007,
		Sources: []string{
			docsExchange + "convert-exchange-2007-mailboxes.md; convert-exchange-2003-mailboxes.md; perform-a-staged-migration.md, lines 351-361; " +
				"what-to-know-about-a-staged-migration.md, lines 98-102",
			docsExchange + "issues 1606 and 783, on the scripts",
		},
		Doubt: "The scripts have defects that are known. That for Exchange 2003 finds the address in the cloud only where its smtp: is in " +
			"lower case, adds X500 addresses again that are there, and by some reports does not compile. By the text of its page mail " +
			"becomes the primary address in the cloud, by its code it stays the old one; the code counts.",
		Severity: Task,
		Phase:    After,
		Scope:    ScopeBatch,
		Remedy: "Check the copies and that mail is forwarded. Then run ExportO365UserInfo.ps1 with the batch file as migration.csv and " +
			"Exchange2007MBtoMEU.ps1 with the name of a domain controller, and let a synchronization run. The scripts delete the source " +
			"mailboxes: have a backup, and keep deleted mailboxes.",
		Remedy2003: "The scripts are ExportO365UserInfo.ps1 and Exchange2003MBtoMEU.vbs, run as cscript Exchange2003MBtoMEU.vbs -c " +
			".\\Cloud.csv with the name of a domain controller.",
		Packing: func(p *Pass, packing *batch.Packing) {
			for i := range packing.Batches {
				b := &packing.Batches[i]
				p.reportBatch(b.Name, Finding{Message: fmt.Sprintf("The source mailboxes of its %s must be converted to mail-enabled users, once their copies were checked.",
					counted(len(b.Mailboxes), "user"))})
			}
		},
		Status: func(p *Pass, s *inventory.Status) {
			copied := func(u *inventory.MigrationUser) bool { return u.State.Copied() == inventory.Yes }
			for _, g := range usersByBatch(s, func(u *inventory.MigrationUser) bool {
				return copied(u) && u.Converted == inventory.No && u.Verified == inventory.Yes
			}) {
				p.reportBatch(g.batch, Finding{Message: fmt.Sprintf("Copied, checked and still mailboxes on-premises: %s. Convert them.", &g)})
			}
			for _, g := range usersByBatch(s, func(u *inventory.MigrationUser) bool {
				return copied(u) && u.Converted == inventory.No && u.Verified != inventory.Yes
			}) {
				p.reportBatch(g.batch, Finding{Message: fmt.Sprintf("Copied and still mailboxes on-premises, and not checked yet: %s. Check the copies, then convert them.", &g)})
			}
			p.findOutUsers(s, "are still mailboxes on-premises", "give converted",
				func(u *inventory.MigrationUser) bool { return copied(u) && u.Converted == inventory.Unknown })
		},
	}
}

func mailboxConvertTooEarly() *Rule {
	return &Rule{
		Name: "mailbox-convert-too-early",
		Doc: "A source mailbox must not be converted before its user is Synced or Completed and somebody has looked at the items that were " +
			"skipped.",
		Why: "The scripts that convert it delete the source mailbox, and nothing synchronizes later: what was not copied is gone.",
		URL: urlConvert2007,
		Sources: []string{
			docsExchange + "convert-exchange-2003-mailboxes.md, lines 41 and 343; convert-exchange-2007-mailboxes.md, line 197; " +
				"migration-users-status-report.md, line 129",
		},
		Doubt: "A user whose batch was stopped after the copy may be reported as Stopped; nothing tells that from a copy that was " +
			"stopped. How a deleted mailbox is recovered in Exchange 2003 is general knowledge.",
		Severity: Blocker,
		Phase:    During,
		Scope:    ScopeMailbox,
		Remedy: "Convert only users that are Synced, whose skipped items somebody has looked at, and of which there is a backup. Keep " +
			"deleted mailboxes for some time. One that is gone already is connected again from there, with Connect-Mailbox in Exchange 2007.",
		Remedy2003: "Exchange System Manager has the Mailbox Recovery Center for that.",
		Status: func(p *Pass, s *inventory.Status) {
			for i := range s.Users {
				u := &s.Users[i]
				why := tooEarly(u)
				switch {
				case why == "":
				case u.Converted == inventory.Yes:
					p.reportUser(u, Finding{Message: "Its source mailbox was converted, which deletes it, although " + why + "."})
				case u.Converting == inventory.Yes:
					p.reportUser(u, Finding{Message: "Its source mailbox is about to be converted, which deletes it, although " + why + "."})
				}
			}
			p.findOutUsers(s, "are converted too early", "give state, itemsSkipped, skippedReviewed, converting and converted", earlyUnknown)
		},
	}
}

// tooEarly returns why a user must not be converted, as far as is known.
func tooEarly(u *inventory.MigrationUser) string {
	skipped := u.ItemsSkipped.Or(0)
	switch {
	case u.State.Copied() == inventory.No:
		return fmt.Sprintf("its state is %s", u.State)
	case skipped > 0 && u.SkippedReviewed == inventory.No:
		return fmt.Sprintf("nobody has looked at what was skipped (%s)", counted(skipped, "item"))
	case skipped > 0 && u.SkippedReviewed == inventory.Unknown:
		return fmt.Sprintf("it is not known that somebody has looked at what was skipped (%s)", counted(skipped, "item"))
	}
	return ""
}

// earlyUnknown reports whether a user may be converted too early, and nobody knows.
func earlyUnknown(u *inventory.MigrationUser) bool {
	converts := max(u.Converting, u.Converted) // Yes if one is
	if converts != inventory.Yes && min(u.Converting, u.Converted) == inventory.Unknown {
		return tooEarly(u) != "" // whether it is converted is the question
	}
	return converts == inventory.Yes && tooEarly(u) == "" &&
		(u.State.Copied() == inventory.Unknown || !u.ItemsSkipped.Known() && u.SkippedReviewed != inventory.Yes)
}

func meuAttributesIncomplete() *Rule {
	return &Rule{
		Name: "meu-attributes-incomplete",
		Doc: "A user whose source mailbox was converted must have legacyExchangeDN, mail, msExchMailboxGuid, targetAddress and " +
			"proxyAddresses, with X500 addresses for the legacyExchangeDN of both sides among these, and no address policy, nor the " +
			"Recipient Update Service, may apply to it.",
		Why: "Synchronization does not find the mailbox in the cloud, replies to old mail bounce, or a policy rewrites the addresses.",
		URL: urlConvert2007,
		Sources: []string{
			docsExchange + "convert-exchange-2003-mailboxes.md, lines 362, 466-477 and 551-557; " +
				"convert-exchange-2007-mailboxes.md, lines 164-166 and 205-209",
			docsSupport + "primary-smtp-address-is-overwritten-by-targetaddress.md",
		},
		Doubt: "That replies to old mail bounce without X500 addresses is inferred. That an upper-case SMTP: in targetAddress replaces the " +
			"primary address is published for hybrid deployments. To move a mailbox back later its msExchMailboxGuid must be that " +
			"of the cloud, which the script for Exchange 2007 writes and that for 2003 does not.",
		Severity:   Warning,
		Phase:      After,
		Scope:      ScopeMailbox,
		Remedy:     "Add what is missing with ADSI Edit or ldp, take the user out of the address policy, and let a synchronization run.",
		Remedy2003: "Add {26491CFC-9E50-4857-861B-0CB8DF22B5D7} to msExchPoliciesExcluded of the user, which takes it out of the Recipient Update Service.",
		Commands: []powershell.Command{{Shell: powershell.Exchange2007, Cmdlet: "Set-MailUser",
			Parameters: []powershell.Parameter{powershell.Item("Identity"), powershell.Bool("EmailAddressPolicyEnabled", false)}}},
		Status: func(p *Pass, s *inventory.Status) {
			for i := range s.Users {
				u := &s.Users[i]
				if u.Converted != inventory.Yes {
					continue
				}
				if len(u.MissingAttributes) > 0 {
					missing := slices.Clone(u.MissingAttributes)
					slices.Sort(missing)
					p.reportUser(u, Finding{Message: fmt.Sprintf("Converted, it lacks %s.", strings.Join(missing, ", "))})
				}
				if u.AddressPolicy == inventory.Yes {
					p.reportUser(u, Finding{Message: "Converted, it is still subject to an address policy or the Recipient Update Service, which may rewrite its addresses."})
				}
			}
			p.findOutUsers(s, "lack attributes that a converted user needs, or are subject to an address policy", "give converted, missingAttributes ([] if none) and addressPolicy",
				func(u *inventory.MigrationUser) bool {
					return u.Converted == inventory.Yes && (u.MissingAttributes == nil || u.AddressPolicy == inventory.Unknown)
				})
		},
	}
}

func mailboxSkippedItems() *Rule {
	return &Rule{
		Name: "mailbox-skipped-items",
		Doc: "Somebody must look at the items that a copy skipped, and at a copy whose data consistency score is Investigate or Poor. What " +
			"somebody has looked at is not reported again, unless it is Poor.",
		Why: "A staged migration does not ask for approval of what it skips, and the user is Synced all the same.",
		URL: urlConsistency,
		Sources: []string{
			docsExchange + "track-prevent-data-loss-dcs.md, lines 29-44",
			docsPowerShell + "New-MigrationBatch.md, by which BadItemLimit and LargeItemLimit do not apply in the cloud",
		},
		Severity: Warning,
		Phase:    During,
		Scope:    ScopeMailbox,
		Remedy: "Look at the skipped items and save from the source mailbox what matters, before it is converted. With a score of Poor, " +
			"ask Microsoft's support.",
		Commands: []powershell.Command{{Shell: powershell.ExchangeOnline, Cmdlet: "Get-MigrationUserStatistics",
			Parameters: []powershell.Parameter{powershell.Item("Identity"), powershell.Switch("IncludeSkippedItems")},
			Into: &powershell.Command{Cmdlet: "Select-Object", Parameters: []powershell.Parameter{powershell.Text("ExpandProperty", "SkippedItems")},
				Into: &powershell.Command{Cmdlet: "Format-List"}}}},
		Status: func(p *Pass, s *inventory.Status) {
			for i := range s.Users {
				u := &s.Users[i]
				skipped, seen := u.ItemsSkipped.Or(0), u.SkippedReviewed == inventory.Yes
				if skipped > 0 && !seen {
					p.reportUser(u, Finding{Message: fmt.Sprintf("Skipped in the copy: %s.", counted(skipped, "item"))})
				}
				if u.Consistency == inventory.Poor || u.Consistency == inventory.Investigate && !seen {
					p.reportUser(u, Finding{Message: fmt.Sprintf("The data consistency score of its copy is %s.", u.Consistency)})
				}
			}
			p.findOutUsers(s, "have items that were skipped", "give itemsSkipped",
				func(u *inventory.MigrationUser) bool {
					return u.State.Copied() == inventory.Yes && !u.ItemsSkipped.Known() && u.SkippedReviewed != inventory.Yes && u.Consistency != inventory.Perfect
				})
		},
	}
}
