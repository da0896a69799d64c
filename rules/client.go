package rules

import (
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
			urlDecommission + ", on profiles after a hybrid migration",
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
			urlServiceDesc,
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
		},
		Doubt:      "That the Mobile Administration web tool lists the devices of Exchange 2003 is general knowledge.",
		Severity:   Task,
		Phase:      After,
		Remedy:     "Remove the account on the device and create it again.",
		Remedy2003: "The Mobile Administration web tool lists the devices of a user.",
		Commands: []powershell.Command{{Shell: powershell.Exchange2007, Cmdlet: "Get-ActiveSyncDeviceStatistics",
			Parameters: []powershell.Parameter{powershell.Item("Mailbox")}}},
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
