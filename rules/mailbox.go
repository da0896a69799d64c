package rules

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

// mayHaveUser reports whether somebody may sign in to the mailbox as its owner:
// nobody does with rooms, equipment, shared mailboxes, and what is no mailbox.
func mayHaveUser(m *inventory.Mailbox) bool {
	switch m.Kind {
	case inventory.UserMailbox, inventory.LinkedMailbox, inventory.LegacyMailbox, "":
		return true
	}
	return false
}

func mailboxHidden() *Rule {
	return &Rule{
		Name: "mailbox-hidden-from-address-lists",
		Doc:  "A mailbox that is migrated must not be hidden from address lists.",
		Why: "Its migration fails: the service looks mailboxes up in the address list and says that the source address could not be found " +
			"in the on-premises domain.",
		URL: urlCutover,
		Sources: []string{
			"the training unit, on hidden mailboxes",
			docsExchange + "cutover-migration-to-office-365.md, line 132",
			"Troubleshoot Active Migration Errors, help.outlook.com, 2012",
			"jon.netdork.net, 2013-02-11, on the attributes",
		},
		Doubt: "The error text is in a list on cutover migrations with this remedy, and in one on staged ones whose remedy is lost. That a " +
			"mailbox which its showInAddressBook keeps out of the list fails too is only suspected.",
		Severity: Blocker,
		Remedy:   "Show it in address lists until it has moved, and let a synchronization run; hide it again afterwards.",
		Remedy2003: "Clear \"Hide from Exchange address lists\" (Exchange Advanced) in Active Directory Users and Computers, or delete " +
			"msExchHideFromAddressLists with ldifde, and wait for the Recipient Update Service.",
		Commands: []powershell.Command{{Shell: powershell.Exchange2007, Cmdlet: "Set-Mailbox", Parameters: []powershell.Parameter{
			powershell.Item("Identity"), powershell.Bool("HiddenFromAddressListsEnabled", false),
		}}},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch m.HiddenFromAddressLists {
			case inventory.Yes:
				p.Reportf("It is hidden from address lists, so its migration would fail.")
			case inventory.Unknown:
				p.Unverifiedf("Whether it is hidden from address lists is not known; export HiddenFromAddressListsEnabled with Get-Mailbox.")
			}
		},
	}
}

func mailboxUMEnabled() *Rule {
	return &Rule{
		Name: "mailbox-um-enabled",
		Doc: "Unified Messaging must be disabled on a mailbox before it is migrated. Exchange 2003 has no Unified Messaging, and mailboxes of " +
			"its making cannot have it.",
		Why: "Migrating a mailbox that is enabled for it is not supported. Exchange Online has replaced it by cloud voicemail since.",
		URL: urlPerform,
		Sources: []string{
			"the training unit, on Unified Messaging",
			docsExchange + "perform-a-staged-migration.md, line 97; cutover-migration-to-office-365.md, line 134; " +
				"changes-in-exchange-admin-center.md, line 49",
		},
		Doubt: "The training unit has it enabled again after the migration, other pages have it retired. No source says that Exchange 2003 " +
			"has none.",
		Severity: Blocker,
		Remedy:   "Disable it before the batch starts.",
		Commands: []powershell.Command{{Shell: powershell.Exchange2007, Cmdlet: "Disable-UMMailbox", Parameters: []powershell.Parameter{
			powershell.Item("Identity"), powershell.Bool("Confirm", false),
		}}},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch um := m.UMEnabled.Or(p.Organization().UnifiedMessaging); {
			case m.UMEnabled == inventory.Yes:
				p.Reportf("It is enabled for Unified Messaging, which must be disabled before it moves.")
				p.Report(Finding{Severity: Task, Phase: After, Message: "Its voicemail can be set up again.",
					Remedy: "Set up cloud voicemail, which has replaced Unified Messaging in Exchange Online."})
			case um != inventory.No && m.Version.Year() != 2003 && !only2003(p.Organization()):
				p.Unverifiedf("Whether it is enabled for Unified Messaging is not known; export UMEnabled with Get-Mailbox, or add Get-UMMailbox | Export-Csv.")
			}
		},
	}
}

func mailboxTypeUnsupported() *Rule {
	return &Rule{
		Name: "mailbox-type-unsupported",
		Doc:  "Only user mailboxes and resource mailboxes are migrated.",
		Why:  "Groups, contacts and mail users come with directory synchronization; system mailboxes do not move at all.",
		URL:  urlKnow,
		Sources: []string{
			docsExchange + "what-to-know-about-a-staged-migration.md, line 50; migration-users-status-report.md, line 127",
			"TechNet ff959224, on staged migrations, 2012",
		},
		Doubt:    "The page on the status of migration users has contacts among what a staged migration provisions.",
		Severity: Blocker,
		Remedy:   "Leave it out of all batches; see that directory synchronization covers it if it is a mail user, contact or group.",
		Final:    true,
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch m.Kind {
			case inventory.UserMailbox, inventory.LinkedMailbox, inventory.LegacyMailbox,
				inventory.SharedMailbox, inventory.RoomMailbox, inventory.EquipmentMailbox:
			case "":
				p.Unverifiedf("Its recipient type is not known; export RecipientTypeDetails with Get-Mailbox.")
			default:
				p.Reportf("Its recipient type is %s; only user and resource mailboxes are migrated.", m.Kind)
			}
		},
	}
}

func mailboxNoCloudMailUser() *Rule {
	return &Rule{
		Name: "mailbox-no-cloud-mail-user",
		Doc:  "The tenant must have a mail-enabled user with the address of the mailbox, which directory synchronization makes.",
		Why: "The service turns that user into the mailbox. Without it a row fails, since a valid primary e-mail address could not be found " +
			"in the cloud-based service.",
		URL: urlKnow,
		Sources: []string{
			docsExchange + "what-to-know-about-a-staged-migration.md, lines 86-88; csv-files-for-migration.md, line 72",
			"Troubleshoot Active Migration Errors, help.outlook.com, 2012",
		},
		Severity: Blocker,
		Remedy: "See that the user has mail, proxyAddresses and displayName, that it is in the scope of directory synchronization, correct its " +
			"errors, and let it run. Then Exchange Online shows the mail user.",
		Commands: []powershell.Command{
			showCommand(powershell.ExchangeOnline, "Get-MailUser", []powershell.Parameter{powershell.Item("Identity")}, "PrimarySmtpAddress", "ExternalEmailAddress"),
		},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch m.Cloud {
			case inventory.CloudNothing:
				p.Reportf("The tenant has no recipient with its address.")
			case inventory.CloudOther:
				p.Reportf("The tenant has a recipient with its address that is no mail user.")
			case inventory.CloudUnknown:
				p.Unverifiedf("Whether the tenant has a mail user with its address is not known; export Get-MailUser of Exchange Online.")
			}
		},
	}
}

func mailboxAlreadyInCloud(status *inventory.Status) *Rule {
	retried := failedUsers(status)
	return &Rule{
		Name: "mailbox-already-in-cloud",
		Doc: "The tenant must not have a mailbox with the address yet. A batch takes one only for a user whose migration failed and is tried " +
			"again; which those are the Status of the parameters says, and without one none is.",
		Why: "A batch wants a mail user. Such a mailbox comes of licensing a user whose msExchMailboxGuid is not synchronized.",
		URL: urlCSV,
		Sources: []string{
			docsExchange + "csv-files-for-migration.md, line 72",
			"enablingtechcorp.com",
			"itpro-tips.com, on msExchMailboxGuid",
			"Microsoft's blog timmcmic, 2018-04-10",
		},
		Doubt:    "Where such mailboxes come from is known from reports of the field only.",
		Severity: Blocker,
		Remedy: "Keep msExchMailboxGuid in the scope of directory synchronization, and remove the mailbox in the tenant before the batch " +
			"starts; what it holds already can follow by IMAP or PST.",
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			if m.Cloud == inventory.CloudMailbox && !retried[m.Address] {
				p.Reportf("The tenant has a mailbox with its address already.")
			}
		},
	}
}

// failedUsers returns the users whose migration failed, and not only in one of several
// batches, so that it can be tried again.
func failedUsers(status *inventory.Status) map[inventory.Address]bool {
	if status == nil {
		return nil
	}
	failed := make(map[inventory.Address]bool)
	for i := range status.Users {
		if u := &status.Users[i]; u.State.Is(inventory.Failed) {
			failed[u.Address] = true
		}
	}
	for i := range status.Users {
		if u := &status.Users[i]; u.State.Copied() == inventory.Yes {
			delete(failed, u.Address)
		}
	}
	return failed
}

// listed is how many grants a message lists one by one.
const listed = 5

func mailboxDelegationsLost() *Rule {
	return &Rule{
		Name: "mailbox-delegations-lost",
		Doc: "Delegated permissions granted on a mailbox are not migrated: Full Access, Send As, Send on Behalf and folder " +
			"permissions must be granted again in Exchange Online.",
		Why: "Until then those who share the mailbox cannot open it or send from it. A delegate cannot do either with a hidden mailbox.",
		URL: urlRights,
		Sources: []string{
			"the training unit, on what is not migrated",
			docsExchange + "manage-permissions-for-recipients.md",
		},
		Severity:   Warning,
		Remedy:     "Export them before the batch starts.",
		Remedy2003: "See Mailbox Rights (Exchange Advanced) in Active Directory Users and Computers, and the attribute publicDelegates.",
		Commands: []powershell.Command{
			showCommand(powershell.Exchange2007, "Get-MailboxPermission", []powershell.Parameter{powershell.Item("Identity")},
				"Identity", "User", "AccessRights", "Deny", "IsInherited"),
			{Shell: powershell.Exchange2007, Cmdlet: "Get-Mailbox", Parameters: []powershell.Parameter{powershell.Item("Identity")},
				Into: &powershell.Command{Cmdlet: "Get-ADPermission", Into: formatList("Identity", "User", "ExtendedRights", "Deny", "IsInherited")}},
			showCommand(powershell.Exchange2007, "Get-Mailbox", []powershell.Parameter{powershell.Item("Identity")}, "Identity", "GrantSendOnBehalfTo"),
		},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch m.Delegated {
			case inventory.Unknown:
				p.Unverifiedf("Whether others have rights on it is not known: no export of permissions has one, or says that there is none; add one of Find-MailboxDelegates or Get-MailboxPermission | Export-Csv.")
			case inventory.Yes:
				grants := p.Inventory.GrantsOn(m.Address)
				list := grantList(len(grants), func(i int) string {
					return fmt.Sprintf("%s for %s", grants[i].Right, grants[i].Trustee)
				})
				p.Reportf("Not migrated with it: %s.", list)
				p.Report(Finding{Severity: Task, Phase: After, Message: "The rights of others on it must be granted again.",
					Remedy: "Grant them in Exchange Online once mailbox and trustee have moved: Add-MailboxPermission, Add-RecipientPermission."})
			}
		},
	}
}

// grantList lists n things, the first few one by one.
func grantList(n int, name func(i int) string) string {
	if n == 0 {
		return "rights that others hold on it"
	}
	var names []string
	for i := range min(n, listed) {
		names = append(names, name(i))
	}
	if n > listed {
		names = append(names, fmt.Sprintf("and %d more", n-listed))
	}
	return strings.Join(names, ", ")
}
