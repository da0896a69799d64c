package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

// supportsStaged reports whether a staged migration can start from an Exchange
// of that version.
func supportsStaged(v inventory.Version) bool { return v.Year() == 2003 || v.Year() == 2007 }

func sourceVersionUnsupported() *Rule {
	return &Rule{
		Name: "source-version-unsupported",
		Doc: "A staged migration can only be run from Exchange 2003 and 2007. It is not supported in organizations " +
			"that run Exchange 2010 or later, not even for the mailboxes that are still on an older server. " +
			"A mailbox that is itself on another version is held.",
		Why: "The method exists for these two versions only.",
		URL: urlKnow,
		Sources: []string{
			"the training unit, on versions",
			docsExchange + "what-to-know-about-a-staged-migration.md, line 36; csv-files-for-migration.md, line 40; " +
				"decide-on-a-migration-path.md, lines 43 and 70-96",
		},
		Doubt:    "No source has the query of the directory for Exchange 2003.",
		Severity: Blocker,
		Scope:    ScopeOrganization,
		Remedy: "From Exchange 2010 or later use a cutover, express or hybrid migration, from Exchange 2000 or older IMAP. " +
			"Where it is a list that is wrong, the servers themselves tell their versions.",
		Remedy2003: "See the properties of each server under Servers in Exchange System Manager, or serialNumber of what the directory " +
			"has for (objectClass=msExchExchangeServer).",
		Commands: []powershell.Command{showCommand(powershell.Exchange2007, "Get-ExchangeServer", nil, "Name", "AdminDisplayVersion")},
		Final:    true,
		Organization: func(p *Pass) {
			servers := p.Organization().ExchangeServers
			for _, s := range servers {
				switch {
				case !s.Version.Known():
					p.Report(Finding{Scope: ScopeOrganization, Subject: s.Name, Unverified: true,
						Message: fmt.Sprintf("The version of server %s is not known; give it in exchangeServers.", s.Name)})
				case !supportsStaged(s.Version):
					p.Report(Finding{Scope: ScopeOrganization, Subject: s.Name,
						Message: fmt.Sprintf("Server %s runs %s; only Exchange 2003 and 2007 can be migrated in stages.", s.Name, s.Version)})
				}
			}
			checkServerList(p, servers)
		},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			server, listed := p.server(m)
			switch {
			case m.Version.Known() && !supportsStaged(m.Version):
				p.Reportf("It is on %s; only mailboxes on Exchange 2003 and 2007 can be migrated in stages.", m.Version)
			case server.Version.Known() && !supportsStaged(server.Version):
				p.Reportf("It is on server %s, which runs %s; only mailboxes on Exchange 2003 and 2007 can be migrated in stages.", server.Name, server.Version)
			case !m.Version.Known() && m.Server != "" && !listed && len(p.Organization().ExchangeServers) > 0:
				p.Unverifiedf("Which version it is on is not known: exchangeServers does not list its server %s; export AdminDisplayVersion, or list the server.", m.Server)
			}
		},
	}
}

// checkServerList compares the list of servers with what the mailboxes say. That
// all of them are on 2003 or 2007 does not show that no server is newer; that one
// is on another version shows that there is such a server.
func checkServerList(p *Pass, servers []inventory.ExchangeServer) {
	elsewhere := slices.ContainsFunc(servers, func(s inventory.ExchangeServer) bool { return s.Version.Known() && !supportsStaged(s.Version) })
	isElsewhere := func(m *inventory.Mailbox) bool { return m.Version.Known() && !supportsStaged(m.Version) }
	p.count(isElsewhere, func(n int, first *inventory.Mailbox) {
		switch {
		case len(servers) == 0 && first != nil:
			p.Reportf("The organization runs more than Exchange 2003 and 2007: %s on other versions, such as %s on %s.",
				counted(n, "mailbox"), first.Address, first.Version)
		case len(servers) == 0:
			p.Unverifiedf("Which versions of Exchange the organization runs is not known; give exchangeServers.")
		case first != nil && !elsewhere:
			p.Unverifiedf("Whether the list of servers is complete is not known: it has none that %s could be on, such as %s on %s.",
				counted(n, "mailbox"), first.Address, first.Version)
		}
	})
}

func sourceOutOfSupport() *Rule {
	return &Rule{
		Name: "source-out-of-support",
		Doc:  "Exchange 2003 has been out of support since 8 April 2014 and Exchange 2007 since 11 April 2017.",
		Why:  "There are no fixes for the source side any more, whatever the migration meets there.",
		URL:  urlKnow,
		Sources: []string{
			docsExchange + "what-to-know-about-a-staged-migration.md, line 34",
		},
		Severity: Warning,
		Remedy:   "Plan a short coexistence, and freeze changes to the old servers while it lasts.",
		Organization: func(p *Pass) {
			const ended2003, ended2007 = "Exchange 2003 has been out of support since 8 April 2014", "Exchange 2007 has been out of support since 11 April 2017"
			servers := p.Organization().ExchangeServers
			runs := func(year int) bool {
				return slices.ContainsFunc(servers, func(s inventory.ExchangeServer) bool { return s.Version.Year() == year })
			}
			unknown := len(servers) == 0 || slices.ContainsFunc(servers, func(s inventory.ExchangeServer) bool { return !s.Version.Known() })
			switch {
			case runs(2003) && runs(2007):
				p.Reportf(ended2003 + ", and " + ended2007 + ".")
			case runs(2003):
				p.Reportf(ended2003 + ".")
			case runs(2007):
				p.Reportf(ended2007 + ".")
			case unknown:
				p.Reportf("Whichever runs here: " + ended2003 + ", and " + ended2007 + ".")
			}
		},
	}
}

func dirsyncRequired() *Rule {
	return &Rule{
		Name: "dirsync-required",
		Doc:  "Directory synchronization with Azure AD Connect is required.",
		Why: "The service checks it first when a batch starts. It makes the mail users that the service turns into mailboxes, and it " +
			"keeps the address list right when a mailbox has moved.",
		URL: urlKnow,
		Sources: []string{
			"the training unit, on directory synchronization",
			docsExchange + "what-to-know-about-a-staged-migration.md, lines 46 and 84; perform-a-staged-migration.md, line 132; " +
				"csv-files-for-migration.md, line 40",
		},
		Doubt: "The CSV page also allows another way of provisioning mail users; the others do not. No source has the property that " +
			"tells whether synchronization is on.",
		Severity: Blocker,
		Remedy: "Install Azure AD Connect and let a first synchronization finish. " +
			"Check in the tenant: (Get-MsolCompanyInformation).DirectorySynchronizationEnabled.",
		Organization: func(p *Pass) {
			switch p.Organization().DirectorySynchronization {
			case inventory.No:
				p.Reportf("Directory synchronization is not active.")
			case inventory.Unknown:
				p.Unverifiedf("Whether directory synchronization is active is not known; give directorySynchronization.")
			}
		},
	}
}

func domainUnverified() *Rule {
	return &Rule{
		Name: "domain-unverified",
		Doc:  "The domain of each mailbox that moves must be verified in the tenant.",
		Why:  "The on-premises address becomes the address in the cloud.",
		URL:  urlKnow,
		Sources: []string{
			docsExchange + "what-to-know-about-a-staged-migration.md, line 48; perform-a-staged-migration.md, lines 101-128",
		},
		Severity: Blocker,
		Scope:    ScopeOrganization,
		Remedy: "Add the domain in the tenant, publish its TXT record, wait for about 15 minutes, verify it, and stop the wizard there. " +
			"Then it is among the tenant's accepted domains.",
		Commands: []powershell.Command{showCommand(powershell.ExchangeOnline, "Get-AcceptedDomain", nil, "DomainName", "DomainType")},
		Packing: func(p *Pass, packing *batch.Packing) {
			verified := p.Organization().VerifiedDomains
			if verified == nil {
				p.findOut("Which domains are verified in the tenant is not known; give verifiedDomains.")
				return
			}
			missing := make(map[string]int)
			for _, b := range packing.Batches {
				for _, m := range b.Mailboxes {
					domain := m.Address.Domain()
					if !slices.ContainsFunc(verified, func(d string) bool { return strings.EqualFold(strings.TrimSpace(d), domain) }) {
						missing[domain]++
					}
				}
			}
			for _, domain := range slices.Sorted(maps.Keys(missing)) {
				p.Report(Finding{Scope: ScopeOrganization, Subject: domain,
					Message: fmt.Sprintf("The domain %s of %s is not verified in the tenant.", domain, counted(missing[domain], "mailbox"))})
			}
		},
	}
}

// federationFeature is a feature that no staged migration has, with what an admin
// calls it.
type federationFeature struct {
	feature inventory.Feature
	name    string
}

var federationOnly = []federationFeature{
	{inventory.FreeBusy, "free/busy between both sides"},
	{inventory.CalendarSharing, "calendar sharing between both sides"},
	{inventory.Offboarding, "moving mailboxes back"},
	{inventory.KeepOutlookProfile, "keeping the Outlook profile"},
	{inventory.CrossPremisesArchive, "an archive on the other side"},
	{inventory.CrossPremisesSearch, "search on both sides"},
	{inventory.SecureMailTransport, "secure mail between both sides"},
	{inventory.ActiveSyncRedirect, "redirection of ActiveSync devices"},
}

func federationFeaturesRequired() *Rule {
	return &Rule{
		Name: "federation-features-required",
		Doc:  "A staged migration includes no federation. Who needs features of federation needs a full hybrid deployment.",
		Why: "There is no free/busy between migrated and other users, there are no shared calendars, there is no way back, and everybody " +
			"needs a new Outlook profile. A minimal or express hybrid has no federation either.",
		URL: urlDecommission,
		Sources: []string{
			"the training unit, on federation",
			docsExchange + "decommission-on-premises-exchange.md, lines 25-37; mail-migration-jump.md, lines 38-42",
			docsServices + "planning-and-deployment.md",
		},
		Severity: Blocker,
		Remedy: "Use a full hybrid deployment: add an Exchange 2010 server to a 2003 organization, a 2010 or 2013 server " +
			"to a 2007 one. Or drop the requirement.",
		Organization: func(p *Pass) {
			features := p.Organization().RequiredFeatures
			if features == nil {
				p.Unverifiedf("Which features people need during the migration is not known; give requiredFeatures, [] if none.")
				return
			}
			var lost, unknown []string
			for _, f := range features {
				at := slices.IndexFunc(federationOnly, func(e federationFeature) bool { return strings.EqualFold(string(e.feature), string(f)) })
				if at >= 0 {
					lost = append(lost, fmt.Sprintf("%s (%s)", federationOnly[at].name, f))
				} else {
					unknown = append(unknown, fmt.Sprintf("%q", string(f)))
				}
			}
			if len(lost) > 0 {
				p.Reportf("A staged migration does not give what is required: %s.", strings.Join(lost, ", "))
			}
			if len(unknown) > 0 {
				p.Unverifiedf("Whether a staged migration gives %s is not known to this rule.", strings.Join(unknown, ", "))
			}
		},
	}
}

func manualCoexistence() *Rule {
	return &Rule{
		Name: "manual-coexistence",
		Doc: "Coexistence is minimal and manual: there is a shared address list, and users, groups and contacts are managed in the local " +
			"Active Directory only, also for mailboxes that have moved.",
		Why: "Between the first batch and the last there are mailboxes on both sides, and what is synchronized cannot be edited in the cloud.",
		URL: urlPerform,
		Sources: []string{
			"the training unit, on coexistence",
			docsExchange + "perform-a-staged-migration.md, line 140; decommission-on-premises-exchange.md, line 60",
			docsSupport + "migrate-data-with-admin-center.md",
			"Microsoft's blog timmcmic, on the interval of synchronization",
		},
		Doubt: "The training unit wants coexistence short and simple; a support article on the admin center has staged migrations for " +
			"permanent coexistence.",
		Severity: Task,
		Phase:    During,
		Remedy: "Make every change to recipients on-premises, then synchronize (every 30 minutes by default; " +
			"Start-ADSyncSyncCycle -PolicyType Delta at once). Keep the time between first and last batch short.",
		Remedy2003: "Change recipients in Active Directory Users and Computers.",
		Packing: func(p *Pass, packing *batch.Packing) {
			if n := len(packing.Batches); n > 1 || n == 1 && len(packing.Held) > 0 {
				p.Reportf("Mailboxes will be on both sides from the first batch on; manage users, groups and contacts on-premises until the last.")
			}
		},
	}
}

func publicFoldersNotMigrated() *Rule {
	return &Rule{
		Name: "public-folders-not-migrated",
		Doc:  "Public folders are not part of a staged migration, and they cannot go straight from Exchange 2003 or 2007.",
		Why:  "They stay behind. Before they can follow, all of their replicas must be on Exchange 2010 SP3 RU8 or later.",
		URL:  urlPublic,
		Sources: []string{
			"the training unit, on what is not migrated",
			docsExchange + "batch-migration-of-legacy-public-folders.md, lines 61-77",
		},
		Severity: Warning,
		Remedy: "Write down which there are. Move the mailboxes first. Then cut down what is over 25 GB, replicate the folders to an " +
			"interim Exchange 2010 server and migrate them as a batch, or export them to PST files.",
		Remedy2003: "They are under Folders in Exchange System Manager.",
		Commands: []powershell.Command{
			showCommand(powershell.Exchange2007, "Get-PublicFolder", []powershell.Parameter{
				powershell.Switch("Recurse"), powershell.Text("ResultSize", "Unlimited"),
			}, "Name", "ParentPath", "Replicas"),
			showCommand(powershell.Exchange2007, "Get-PublicFolderStatistics", []powershell.Parameter{powershell.Text("ResultSize", "Unlimited")},
				"FolderPath", "ItemCount", "TotalItemSize"),
		},
		Organization: func(p *Pass) {
			switch c := p.Organization().PublicFolders; c.Exists() {
			case inventory.Yes:
				p.Reportf("There are public folders (%s); a staged migration leaves them behind.", c)
				p.Report(Finding{Severity: Task, Phase: After, Message: "The public folders can be migrated once all mailboxes have moved."})
			case inventory.Unknown:
				p.Unverifiedf("Whether there are public folders is not known; give publicFolders, a number.")
			}
		},
	}
}

func dynamicGroupsNotMigrated() *Rule {
	return &Rule{
		Name: "dynamic-groups-not-migrated",
		Doc:  "Dynamic distribution groups, query-based groups in Exchange 2003, are not migrated.",
		Why:  "Directory synchronization does not carry them either, so that they are missing in Exchange Online.",
		URL:  urlMailUsers,
		Sources: []string{
			"the training unit, on what is not migrated",
			docsExchange + "manage-mail-users-in-eop.md, line 261",
		},
		Doubt:    "No source has the query of the directory for Exchange 2003.",
		Severity: Warning,
		Remedy: "Write down name and filter of each, and make them again in Exchange Online with New-DynamicDistributionGroup once all " +
			"batches are done.",
		Remedy2003: "Query the directory for (objectClass=msExchDynamicDistributionList).",
		Commands: []powershell.Command{
			showCommand(powershell.Exchange2007, "Get-DynamicDistributionGroup", []powershell.Parameter{powershell.Text("ResultSize", "Unlimited")},
				"Name", "RecipientFilter", "RecipientContainer"),
		},
		Organization: func(p *Pass) {
			switch c := p.Organization().DynamicDistributionGroups; c.Exists() {
			case inventory.Yes:
				p.Reportf("There are dynamic distribution groups (%s); a staged migration leaves them behind.", c)
				p.Report(Finding{Severity: Task, Phase: After, Message: "The dynamic distribution groups must be made again in Exchange Online."})
			case inventory.Unknown:
				p.Unverifiedf("Whether there are dynamic distribution groups is not known; give dynamicDistributionGroups, a number.")
			}
		},
	}
}
