package rules

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/inventory"
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
		Doc: "The migration of a mailbox that is hidden from address lists fails: the service looks mailboxes up in the address " +
			"list and says that the source address could not be found in the on-premises domain.",
		URL:      urlCutover,
		Severity: Blocker,
		Remedy: "Show it in address lists until it has moved. Exchange 2007: Set-Mailbox -HiddenFromAddressListsEnabled $false. 2003: " +
			"clear \"Hide from Exchange address lists\" in Active Directory Users and Computers and wait for the Recipient Update Service. " +
			"Let a synchronization run; hide it again afterwards.",
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
			"Exchange Online has replaced it by cloud voicemail since. Exchange 2003 has no Unified Messaging, and mailboxes of " +
			"its making cannot have it.",
		URL:      urlPerform,
		Severity: Blocker,
		Remedy:   "Disable it before the batch starts: Disable-UMMailbox -Confirm:$false (Exchange 2007).",
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
		URL:      urlKnow,
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
		Doc: "The service turns the mail-enabled user that directory synchronization has made in the tenant into the mailbox. " +
			"Without one under the mailbox's address, the row of the batch fails: a valid primary e-mail address could not be found " +
			"in the cloud-based service.",
		URL:      urlKnow,
		Severity: Blocker,
		Remedy: "See that the user is in the scope of directory synchronization, correct its errors, and let it run; check in Exchange " +
			"Online with Get-MailUser.",
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

func mailboxAlreadyInCloud() *Rule {
	return &Rule{
		Name: "mailbox-already-in-cloud",
		Doc: "A batch wants a mail user in the tenant; a mailbox is taken only for a user whose migration failed and is tried again. " +
			"Such a mailbox comes of licensing a user whose msExchMailboxGuid is not synchronized.",
		URL:      urlCSV,
		Severity: Blocker,
		Remedy: "Keep msExchMailboxGuid in the scope of directory synchronization, and remove the mailbox in the tenant before the batch " +
			"starts; what it holds already can follow by IMAP or PST.",
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			if m.Cloud == inventory.CloudMailbox {
				p.Reportf("The tenant has a mailbox with its address already.")
			}
		},
	}
}

// listed is how many grants a message lists one by one.
const listed = 5

func mailboxDelegationsLost() *Rule {
	return &Rule{
		Name: "mailbox-delegations-lost",
		Doc: "Delegated permissions granted on a mailbox are not migrated: Full Access, Send As, Send on Behalf and folder " +
			"permissions must be granted again in Exchange Online.",
		URL:      urlRights,
		Severity: Warning,
		Remedy: "Export them before the batch starts. Exchange 2007: Get-MailboxPermission, Get-ADPermission, GrantSendOnBehalfTo of " +
			"Get-Mailbox. 2003: Mailbox Rights in Active Directory Users and Computers, and the attribute publicDelegates.",
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

func mailboxNewOutlookProfile() *Rule {
	return &Rule{
		Name: "mailbox-new-outlook-profile",
		Doc: "Users must create a new Outlook profile once their mailbox is migrated. It works only after the source mailbox was " +
			"turned into a mail user, since until then Autodiscover leads back to it. Rooms, equipment and shared mailboxes have no " +
			"user who signs in.",
		URL:      urlKnow,
		Severity: Task,
		Phase:    After,
		Remedy:   "Tell the user when and how; Outlook on the web works meanwhile.",
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			if mayHaveUser(m) {
				p.Reportf("Its user must create a new Outlook profile.")
			}
		},
	}
}

func mailboxOSTResync() *Rule {
	return &Rule{
		Name: "mailbox-ost-resync",
		Doc: "The offline files (OST) of Outlook in cached mode are not migrated. Once the mailbox is migrated Outlook downloads " +
			"all of it again.",
		URL:      urlCached,
		Severity: Task,
		Phase:    After,
		Remedy:   "Spread the first logons of a site over days; shorten the period that Outlook keeps offline by policy.",
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			if !mayHaveUser(m) {
				return
			}
			switch m.OutlookCachedMode.Or(p.Organization().OutlookCachedMode) {
			case inventory.Yes:
				if size, ok := m.Size.Get(); ok {
					p.Reportf("Outlook will download its %s again.", size)
				} else {
					p.Reportf("Outlook will download all of it again.")
				}
			case inventory.Unknown:
				p.Unverifiedf("Whether its user has Outlook in cached mode, which would download it again, is not known; give outlookCachedMode for the organization.")
			}
		},
	}
}

func mailboxActiveSyncReconfigure() *Rule {
	return &Rule{
		Name: "mailbox-activesync-reconfigure",
		Doc: "Exchange ActiveSync devices must be reconfigured by hand: nothing redirects them from Exchange 2003 or 2007, they go " +
			"on talking to the old server.",
		URL:      urlEAS,
		Severity: Task,
		Phase:    After,
		Remedy: "Remove the account on the device and create it again. Exchange 2007 lists devices with " +
			"Get-ActiveSyncDeviceStatistics -Mailbox.",
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch n := m.ActiveSyncDevices; {
			case n.Number == 1:
				p.Reportf("Its ActiveSync device must be set up again by hand.")
			case n.Number > 1:
				p.Reportf("Its %d ActiveSync devices must be set up again by hand.", n.Number)
			case n.Exists() == inventory.Yes:
				p.Reportf("Its ActiveSync devices must be set up again by hand.")
			case n.Exists() == inventory.Unknown && mayHaveUser(m) && p.Organization().ActiveSync != inventory.No:
				p.Unverifiedf("Whether ActiveSync devices use it is not known; export Get-ActiveSyncDeviceStatistics or Get-CASMailbox, or give activeSync false for the organization if none do anywhere.")
			}
		},
	}
}
