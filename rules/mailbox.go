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
		Doc:  "A mailbox must not be hidden from address lists while it is migrated.",
		Why: "The service looks mailboxes up in the address list. The row of a hidden one fails: \"A source e-mail address couldn't be " +
			"found in the on-premises domain.\"",
		URL: urlCutover,
		Sources: []string{
			"the training unit, on mailboxes hidden from address lists",
			"help.outlook.com/en-us/140/Ee695827.aspx, Troubleshoot Active Migration Errors",
		},
		Doubt: "The remedy is published with the cutover migration, which says the same; of the page with the errors of staged " +
			"migrations only the beginning is left. That a mailbox which showInAddressBook leaves out of the address list fails as " +
			"well is likely, and not checked.",
		Severity: Blocker,
		Remedy: "Show it in address lists until it has moved, let a synchronization run, and hide it again afterwards in the local " +
			"directory, which stays its master.",
		Remedy2003: "In Active Directory Users and Computers clear \"Hide from Exchange address lists\" on the tab Exchange Advanced, and " +
			"wait for the Recipient Update Service.",
		Commands: []powershell.Command{{Shell: powershell.Exchange2007, Cmdlet: "Set-Mailbox",
			Parameters: []powershell.Parameter{powershell.Item("Identity"), powershell.Bool("HiddenFromAddressListsEnabled", false)}}},
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
		Doc: "Unified Messaging must be disabled on a mailbox before it is migrated. It can be enabled again afterwards, though " +
			"Exchange Online has replaced it by cloud voicemail since.",
		URL: urlPerform,
		Sources: []string{
			"the training unit, on Unified Messaging",
			urlCutover + ", on cloud voicemail",
		},
		Doubt: "That Exchange 2003 has no Unified Messaging, and mailboxes of its making cannot have it, is general knowledge. That it " +
			"can be enabled again, as the training unit and the page on staged migrations say, is out of date.",
		Severity: Blocker,
		Remedy:   "Disable it before the batch starts.",
		Commands: []powershell.Command{{Shell: powershell.Exchange2007, Cmdlet: "Disable-UMMailbox",
			Parameters: []powershell.Parameter{powershell.Item("Identity"), powershell.Bool("Confirm", false)}}},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch um := m.UMEnabled.Or(p.Organization().UnifiedMessaging); {
			case m.UMEnabled == inventory.Yes:
				p.Reportf("It is enabled for Unified Messaging, which must be disabled before it moves.")
				p.Report(Finding{Severity: Task, Phase: After, Message: "Its voicemail can be set up again.",
					Remedy: "Set up cloud voicemail, which has replaced Unified Messaging in Exchange Online."})
			case um != inventory.No && m.UMEnabled == inventory.Unknown && m.Version.Year() != 2003 && !only2003(p.Organization()):
				p.Unverifiedf("Whether it is enabled for Unified Messaging is not known; export UMEnabled with Get-Mailbox, or add Get-UMMailbox | Export-Csv.")
			}
		},
	}
}

func mailboxTypeUnsupported() *Rule {
	return &Rule{
		Name: "mailbox-type-unsupported",
		Doc: "Only user mailboxes and resource mailboxes are migrated. Groups, contacts and mail users come with directory " +
			"synchronization; system mailboxes do not move at all.",
		URL: urlKnow,
		Doubt: "The page on the status of migration users says that provisioning \"includes mail contacts\"; the others say that " +
			"contacts are not migrated.",
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

func csvAddressNotSourcePrimary() *Rule {
	return &Rule{
		Name: "csv-address-not-source-primary",
		Doc: "A row of a batch names a mailbox by its address, and the service looks that up on both sides. One page wants the primary " +
			"address of the on-premises mailbox there, another its WindowsEmailAddress (the attribute mail); where the two differ one " +
			"of them fails. A batch file has the primary address.",
		URL:      urlCSV,
		Severity: Warning,
		Remedy: "Make both the same. Exchange 2007: Set-Mailbox -WindowsEmailAddress, or -PrimarySmtpAddress. 2003: the E-mail Addresses " +
			"of the user in Active Directory Users and Computers. Then let a synchronization run.",
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch m.WindowsEmailAddress {
			case m.Address:
			case "":
				p.Unverifiedf("Whether its WindowsEmailAddress is its primary address is not known; export WindowsEmailAddress with Get-Mailbox.")
			default:
				p.Reportf("Its WindowsEmailAddress is %s, not its primary address.", m.WindowsEmailAddress)
			}
		},
	}
}

func mailboxNoCloudMailUser() *Rule {
	return &Rule{
		Name: "mailbox-no-cloud-mail-user",
		Doc: "There must be a mail-enabled user in the tenant with the mailbox's address, which directory synchronization makes: the " +
			"service turns it into the mailbox.",
		Why: "The row of the batch fails without it: \"A valid primary e-mail address couldn't be found in the cloud-based service.\"",
		URL: urlKnow,
		Sources: []string{
			urlCSV + ", on EmailAddress",
			"help.outlook.com/en-us/140/Ee695827.aspx, Troubleshoot Active Migration Errors",
		},
		Severity: Blocker,
		Remedy: "See that the user is in the scope of directory synchronization and has mail, proxyAddresses and displayName, correct " +
			"its errors of synchronization, and let it run. Then look for the mail user in Exchange Online.",
		Commands: []powershell.Command{{Shell: powershell.ExchangeOnline, Cmdlet: "Get-MailUser",
			Parameters: []powershell.Parameter{powershell.Item("Identity")}}},
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
		Doc: "A batch wants a mail user in the tenant; a mailbox is taken only for a user whose migration failed and is tried again. " +
			"Which those are the Status of the parameters says; without one none is.",
		Why: "Where the tenant has a mailbox already, the service does not copy into it. Such a mailbox comes of licensing a user whose " +
			"msExchMailboxGuid is not synchronized.",
		URL: urlCSV,
		Sources: []string{
			"field reports at enablingtechcorp.com and itpro-tips.com; blogs.technet.microsoft.com/timmcmic, 2018-04-10",
		},
		Doubt:    "Where the mailbox comes from is told by field reports only.",
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
		Why: "Delegates cannot open the migrated mailbox, or send from it. They cannot either while it is hidden from address lists.",
		URL: urlRights,
		Sources: []string{
			"the training unit, on objects that are not migrated",
		},
		Severity:   Warning,
		Remedy:     "Export the permissions before the batch starts.",
		Remedy2003: "Mailbox Rights are on the tab Exchange Advanced of Active Directory Users and Computers, who may send on behalf is in the attribute publicDelegates.",
		Commands: []powershell.Command{
			{Shell: powershell.Exchange2007, Cmdlet: "Get-MailboxPermission", Parameters: []powershell.Parameter{powershell.Item("Identity")}},
			{Shell: powershell.Exchange2007, Cmdlet: "Get-ADPermission", Parameters: []powershell.Parameter{powershell.Item("Identity")}},
			{Shell: powershell.Exchange2007, Cmdlet: "Get-Mailbox", Parameters: []powershell.Parameter{powershell.Item("Identity")},
				Into: &powershell.Command{Shell: powershell.Exchange2007, Cmdlet: "Format-List", Parameters: []powershell.Parameter{powershell.Text("Property", "GrantSendOnBehalfTo")}}},
		},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch m.Delegated {
			case inventory.Unknown:
				p.Unverifiedf("Whether others have rights on it is not known: no export of permissions mentions it; add one of Find-MailboxDelegates or Get-MailboxPermission | Export-Csv.")
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
