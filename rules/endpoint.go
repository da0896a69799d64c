package rules

import (
	"slices"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

func endpointTestMailboxHidden() *Rule {
	return &Rule{
		Name: "endpoint-test-mailbox-hidden",
		Doc:  "The mailbox that the endpoint is tested with must not be hidden from address lists.",
		Why:  "Creating the endpoint opens that mailbox with the migration account, and fails.",
		URL:  urlCutover,
		Sources: []string{
			docsExchange + "cutover-migration-to-office-365.md, line 186; perform-a-staged-migration.md, line 199",
		},
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy:   "Test with a mailbox that is to be migrated and not hidden.",
		Organization: func(p *Pass) {
			address := p.Organization().Endpoint.TestMailbox
			if address == "" {
				p.Report(Finding{Severity: Task,
					Message: "Choose the mailbox that the endpoint is tested with, one that is not hidden, and give it in endpoint.testMailbox."})
				return
			}
			m, ok := p.Inventory.Lookup(address)
			switch {
			case !ok:
				p.Unverifiedf("The endpoint is to be tested with %s, which is not among the mailboxes.", address)
			case m.HiddenFromAddressLists == inventory.Yes:
				p.Reportf("The endpoint is to be tested with %s, which is hidden from address lists.", address)
			case m.HiddenFromAddressLists == inventory.Unknown:
				p.Unverifiedf("The endpoint is to be tested with %s; whether that is hidden from address lists is not known.", address)
			}
		},
	}
}

func migrationAdminMailboxAccess() *Rule {
	return &Rule{
		Name: "migration-admin-mailbox-access",
		Doc: "The account that the endpoint signs in with must have access to the mailboxes: it is in Domain Admins, or has " +
			"Full Access to each mailbox, or Receive As on each mailbox database.",
		Why: "The service reads what is in the mailboxes with that account.",
		URL: urlPermissions,
		Sources: []string{
			"the training unit, on the account",
			docsExchange + "what-to-know-about-a-staged-migration.md, line 58; assign-permissions-for-migration.md, lines 34-44 and 87-168",
			docsPowerShell + "New-MigrationEndpoint.md, lines 823-836",
		},
		Doubt: "The training unit speaks of the account that creates the batch; the product documentation means the one that the endpoint " +
			"stores. The page on performing a staged migration does not offer Domain Admins.",
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy: "Give the account Full Access to each mailbox. Or Receive As on each database instead: Add-ADPermission with -ExtendedRights " +
			"receive-as in Exchange 2007.",
		Remedy2003: "Give it Full Access with Mailbox Rights (Exchange Advanced) in Active Directory Users and Computers, or Receive As on " +
			"each store (Security) in Exchange System Manager.",
		Commands: []powershell.Command{{Shell: powershell.Exchange2007, Cmdlet: "Get-Mailbox",
			Parameters: []powershell.Parameter{powershell.Text("ResultSize", "Unlimited")},
			Into: &powershell.Command{Cmdlet: "Add-MailboxPermission", Parameters: []powershell.Parameter{
				powershell.Variable("User", "MigrationAccount"), powershell.Text("AccessRights", "FullAccess"), powershell.Text("InheritanceType", "All"),
			}},
		}},
		Organization: func(p *Pass) {
			a := p.Organization().MigrationAccount
			switch {
			case a.DomainAdmin == inventory.Yes,
				a.MailboxAccess == inventory.AccessFullAccess,
				a.MailboxAccess == inventory.AccessReceiveAs:
			case a.MailboxAccess == inventory.AccessNone && a.DomainAdmin == inventory.No:
				p.Reportf("The migration account%s has no access to the mailboxes: it is not in Domain Admins and has neither Full Access nor Receive As.", named(a.Name))
			default:
				p.Unverifiedf("Whether the migration account%s has access to the mailboxes is not known; give migrationAccount.mailboxAccess or migrationAccount.domainAdmin.", named(a.Name))
			}
		},
	}
}

func named(account string) string {
	if account == "" {
		return ""
	}
	return " " + account
}

func migrationAdminTargetAddressWrite() *Rule {
	return &Rule{
		Name: "migration-admin-targetaddress-write",
		Doc: "Beside access to the mailboxes the migration account needs WriteProperty on targetAddress of each on-premises user, or to be " +
			"in Domain Admins.",
		Why: "For a staged migration the service stamps targetAddress on each user, so that mail follows the mailbox. Mailbox access alone " +
			"is enough for a cutover migration only.",
		URL: urlPermissions,
		Sources: []string{
			docsExchange + "assign-permissions-for-migration.md, lines 40-44 and 179-213; perform-a-staged-migration.md, lines 89-93",
		},
		Doubt:    "The published command lacks the dash of -User, which is corrected here. No source has the dsacls for Exchange 2003.",
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy:   "Allow the account to write targetAddress of the users.",
		Remedy2003: "Grant it on the organizational units of the users, with ADSI Edit (Security) or " +
			"dsacls OU /I:S /G \"ACCOUNT:WP;targetAddress;user\".",
		Commands: []powershell.Command{{Shell: powershell.Exchange2007, Cmdlet: "Get-User",
			Parameters: []powershell.Parameter{
				powershell.Text("ResultSize", "Unlimited"), powershell.Text("Filter", "RecipientTypeDetails -eq 'UserMailbox'"),
			},
			Into: &powershell.Command{Cmdlet: "Add-ADPermission", Parameters: []powershell.Parameter{
				powershell.Variable("User", "MigrationAccount"), powershell.Text("AccessRights", "WriteProperty"), powershell.Text("Properties", "TargetAddress"),
			}},
		}},
		Organization: func(p *Pass) {
			a := p.Organization().MigrationAccount
			switch {
			case a.DomainAdmin == inventory.Yes, a.WritesTargetAddress == inventory.Yes:
			case a.WritesTargetAddress == inventory.No && a.DomainAdmin == inventory.No:
				p.Reportf("The migration account%s cannot write targetAddress and is not in Domain Admins.", named(a.Name))
			default:
				p.Unverifiedf("Whether the migration account%s can write targetAddress is not known; give migrationAccount.writesTargetAddress or migrationAccount.domainAdmin.", named(a.Name))
			}
		},
	}
}

func migrationAdminExchange2003Deny() *Rule {
	return &Rule{
		Name: "migration-admin-exchange2003-deny",
		Doc:  "On Exchange 2003 the migration account must have access to mailboxes other than through Domain Admins or Enterprise Admins.",
		Why: "The setup of Exchange 2003 denies Receive As and Send As to these groups, so that an account which has access through " +
			"them only cannot open mailboxes there.",
		URL: urlDenyDefault,
		Sources: []string{
			"support articles 821897 and 292509",
			"TechNet bb123738, on the default permissions of Exchange 2003",
			docsExchange + "assign-permissions-for-migration.md, line 36, against perform-a-staged-migration.md, lines 85-93",
		},
		Doubt: "That this stops a migration is an inference from the default permissions; the permissions page calls Domain Admins " +
			"enough, the page on performing a staged migration does not offer it.",
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy: "Use a dedicated account outside those groups, allow it Receive As on each store in Exchange System Manager, through a security group, and give " +
			"it write access to targetAddress.",
		Organization: func(p *Pass) {
			org := p.Organization()
			a := org.MigrationAccount
			there := runs2003(org)
			if there == inventory.No || a.DomainAdmin == inventory.No ||
				a.MailboxAccess == inventory.AccessFullAccess || a.MailboxAccess == inventory.AccessReceiveAs {
				return
			}
			switch {
			case there == inventory.Unknown:
				p.Unverifiedf("Whether there is an Exchange 2003, which denies Domain Admins access to mailboxes, is not known; give exchangeServers.")
			case a.DomainAdmin == inventory.Yes && a.MailboxAccess == inventory.AccessNone:
				p.Reportf("The migration account%s relies on Domain Admins, to which Exchange 2003 denies access to mailboxes.", named(a.Name))
			default:
				p.Unverifiedf("Whether the migration account%s has access on Exchange 2003 other than through Domain Admins is not known; give migrationAccount.mailboxAccess.", named(a.Name))
			}
		},
	}
}

// only2003 reports whether all servers are known to run Exchange 2003.
func only2003(org *inventory.Organization) bool {
	other := func(s inventory.ExchangeServer) bool { return s.Version.Year() != 2003 }
	return len(org.ExchangeServers) > 0 && !slices.ContainsFunc(org.ExchangeServers, other)
}

// runs2003 says whether a server of the organization runs Exchange 2003. That of
// mailboxes does not tell: the tools of 2003 make mailboxes on 2007 servers too.
func runs2003(org *inventory.Organization) inventory.Fact {
	answer := inventory.FactOf(false)
	for _, s := range org.ExchangeServers {
		if s.Version.Year() == 2003 {
			return inventory.Yes
		}
		if !s.Version.Known() {
			answer = inventory.Unknown
		}
	}
	if len(org.ExchangeServers) == 0 {
		return inventory.Unknown
	}
	return answer
}
