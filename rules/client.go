package rules

import (
	"fmt"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

func mailboxNewOutlookProfile() *Rule {
	return &Rule{
		Name: "mailbox-new-outlook-profile",
		Doc: "Users must create a new Outlook profile once their mailbox is migrated. Rooms, equipment and shared mailboxes have no " +
			"user who signs in.",
		Why: "The mailbox has another GUID in the tenant, so that the old profile finds nothing. A new one works only after the source " +
			"mailbox was turned into a mail user, since until then Autodiscover leads back to it.",
		URL: urlKnow,
		Sources: []string{
			"the training unit, on Outlook profiles",
			docsExchange + "what-to-know-about-a-staged-migration.md, lines 60 and 102; convert-exchange-2007-mailboxes.md, lines 44 and 54; " +
				"decommission-on-premises-exchange.md, line 37",
		},
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
		Doc:  "The offline files (OST) of Outlook in cached mode are not migrated.",
		Why: "Once the mailbox is migrated Outlook downloads all of it again, or as much as it keeps offline, over the link of the site " +
			"that its user is at.",
		URL: urlCached,
		Sources: []string{
			"the training unit, on OST files",
			docsExchange + "decommission-on-premises-exchange.md, line 37",
			docsSupport + "cached-exchange-mode.md, lines 70 and 145",
			docsServices + "planning-and-deployment.md",
		},
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
		Doc:  "Exchange ActiveSync devices must be reconfigured by hand.",
		Why: "Nothing redirects them from Exchange 2003 or 2007, which takes a later version and a hybrid deployment: they go on talking " +
			"to the old server.",
		URL: urlEAS,
		Sources: []string{
			"the training unit, on ActiveSync devices",
			docsExchange + "activesync-settings.md, line 39",
		},
		Doubt:      "That the Mobile Administration web tool lists the devices of Exchange 2003 is general knowledge.",
		Severity:   Task,
		Phase:      After,
		Remedy:     "Remove the account on the device and create it again.",
		Remedy2003: "The Mobile Admin web tool lists the devices.",
		Commands: []powershell.Command{
			showCommand(powershell.Exchange2007, "Get-ActiveSyncDeviceStatistics", []powershell.Parameter{powershell.Item("Mailbox")},
				"DeviceID", "DeviceType", "LastSuccessSync"),
		},
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

func mailboxOutOfOffice() *Rule {
	return &Rule{
		Name: "mailbox-out-of-office",
		Doc:  "The text of an automatic reply (out of office) is not migrated; whether it is on, is.",
		Why:  "The reply stays on and its text is blank, so that senders hear nothing.",
		URL:  urlKnow,
		Sources: []string{
			docsExchange + "what-to-know-about-a-staged-migration.md, line 52",
		},
		Doubt: "That the shell of Exchange 2007 has no cmdlet for automatic replies, so that exports hardly say which are on, is general " +
			"knowledge.",
		Severity:   Warning,
		Remedy:     "Tell the user to keep a copy of the text, in Outlook or Outlook on the web.",
		Remedy2003: "It is the Out of Office Assistant there.",
		Organization: func(p *Pass) {
			p.findOutAbout("Whether an automatic reply is on", "ask users to keep a copy of its text, or add a column OutOfOffice to the export of mailboxes",
				func(m *inventory.Mailbox) bool {
					return m.OutOfOffice == inventory.Unknown && (mayHaveUser(m) || m.Kind == inventory.SharedMailbox)
				})
		},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			if m.OutOfOffice == inventory.Yes {
				p.Reportf("The text of its automatic reply is not migrated, so that senders would hear nothing.")
				p.Report(Finding{Severity: Task, Phase: After, Message: "Its automatic reply must be written again.",
					Remedy: "Tell the user to write it again, in Outlook or Outlook on the web."})
			}
		},
	}
}

// What versions of Outlook do. Sources: the support article on the end of RPC over HTTP
// in Exchange Online (2017-10-31), by which Outlook 2007 and earlier cannot speak
// MAPI over HTTP; the changes in Office 2016 for Windows, by which it cannot connect to
// Exchange 2007.
const (
	lastOutlookRPCOnly = 12 // Outlook 2007
	firstOutlookNo2007 = 16 // Outlook 2016
)

func mailboxOutlookVersion() *Rule {
	return &Rule{
		Name: "mailbox-outlook-version",
		Doc: "The Outlook of a user must be able to open the mailbox. Outlook 2007 and earlier cannot once it has moved; Outlook 2016 and " +
			"later cannot as long as it is on Exchange 2003 or 2007. So the upgrade falls between the last day on-premises and the " +
			"first profile in the cloud, unless it is to a version that can do both.",
		Why: "Exchange Online speaks MAPI over HTTP only, which Outlook 2007 does not, and Outlook 2016 does not speak to Exchange 2007. " +
			"The user is left with Outlook on the web.",
		URL: urlRPCEnd,
		Sources: []string{
			docsSupport + "rpc-over-http-end-of-support.md",
			docsDeploy + "changes-windows-desktop.md, line 78",
			"wintech.sgal.info, 2015-11",
		},
		Doubt: "A new Outlook with an old server is no less unsupported than an old Outlook with the new one, but the move ends it, so that " +
			"it is a warning here and holds nobody back. Which versions Exchange Online supports has changed since: Outlook 2010 " +
			"and 2013 no longer are. Outlook 2013 may fail with Exchange 2003 too.",
		Severity: Blocker,
		Remedy: "Upgrade to a version that opens the mailbox on both sides before the batch starts; or upgrade on the day on which the " +
			"source mailbox is converted, with Outlook on the web in between.",
		Organization: func(p *Pass) {
			p.findOutAbout("The oldest Outlook in use", "add a column OutlookVersion to the export of mailboxes",
				func(m *inventory.Mailbox) bool { return mayHaveUser(m) && !m.OutlookVersion.Known() })
		},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch v := m.OutlookVersion; {
			case !v.Known():
			case v.Major <= lastOutlookRPCOnly:
				p.Reportf("Its user has %s, which cannot open a mailbox in Exchange Online.", outlookName(v))
			case v.Major >= firstOutlookNo2007:
				p.Report(Finding{Severity: Warning,
					Message: fmt.Sprintf("Its user has %s, which cannot open it until it has moved.", outlookName(v)),
					Remedy:  "Tell the user to work in Outlook on the web until the batch has moved."})
			}
		},
	}
}

// outlookName is a version of Outlook as people call it. Versions from 16.0 on share a
// number.
func outlookName(v inventory.Version) string {
	switch v.Major {
	case 11:
		return "Outlook 2003"
	case 12:
		return "Outlook 2007"
	case 16:
		return "Outlook 2016 or later"
	}
	return fmt.Sprintf("Outlook %d.%d", v.Major, v.Minor)
}
