package rules

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/staged-migration/staged/inventory"
)

func outlookAnywhereUnreachable() *Rule {
	return &Rule{
		Name: "outlook-anywhere-unreachable",
		Doc: "The migration service connects to the organization with Outlook Anywhere (RPC over HTTP) and so must be able " +
			"to reach it: it has to be enabled, under a name that the service can resolve and reach from outside.",
		URL:      urlPerform,
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy: "Exchange 2007: Enable-OutlookAnywhere -Server CAS01 -ExternalHostname mail.contoso.com " +
			"-DefaultAuthenticationMethod Basic -SSLOffloading $false. 2003: add the RPC over HTTP Proxy component to Windows and " +
			"configure the server's RPC-HTTP tab in Exchange System Manager. Then test with the Remote Connectivity Analyzer or, in " +
			"Exchange Online, Test-MigrationServerAvailability -ExchangeOutlookAnywhere.",
		Organization: func(p *Pass) {
			oa := p.Organization().OutlookAnywhere
			switch {
			case oa.Enabled == inventory.No:
				p.Reportf("Outlook Anywhere is not enabled.")
			case oa.ExternalHostName != "" && !publicName(oa.ExternalHostName):
				p.Reportf("The external host name of Outlook Anywhere, %q, is no name or address that can be reached from outside.", oa.ExternalHostName)
			case oa.Enabled == inventory.Unknown:
				p.Unverifiedf("Whether Outlook Anywhere is enabled is not known; give outlookAnywhere.enabled.")
			case oa.ExternalHostName == "":
				p.Unverifiedf("Under which name Outlook Anywhere can be reached is not known; give outlookAnywhere.externalHostName.")
			}
		},
	}
}

// privateDomains end the names of private networks: those of RFC 6762, appendix G,
// .internal, which ICANN reserved in 2024, and those of RFC 6761 and 8375.
var privateDomains = []string{
	"local", "intranet", "internal", "private", "corp", "home", "lan", "localdomain", "localhost", "test", "invalid", "home.arpa",
}

// sharedAddresses are those that carriers give out behind their own translation
// (RFC 6598).
var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10")

// publicName reports whether a host name can be resolved and reached from the
// internet at all: neither an address nor a name for private networks, nor what is
// no host name, such as a URL. A name of other letters than those of ASCII may be an
// internationalized one.
func publicName(host string) bool {
	name := normalHost(host)
	if a, err := netip.ParseAddr(name); err == nil {
		return a.IsGlobalUnicast() && !a.IsPrivate() && !sharedAddresses.Contains(a)
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, notInLabel) {
			return false
		}
	}
	last := labels[len(labels)-1]
	isPrivate := func(domain string) bool { return name == domain || strings.HasSuffix(name, "."+domain) }
	return len(labels) > 1 && strings.Trim(last, "0123456789") != "" && !slices.ContainsFunc(privateDomains, isPrivate)
}

// notInLabel reports whether a character cannot be in a label of a host name.
func notInLabel(r rune) bool {
	return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}

func outlookAnywhereUntrustedCertificate() *Rule {
	return &Rule{
		Name: "outlook-anywhere-untrusted-certificate",
		Doc: "The certificate of Outlook Anywhere must come from an authority that is publicly trusted. It cannot be set up for " +
			"migration with a self-signed one; accepting untrusted certificates is possible and advised against.",
		URL:      urlPerform,
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy: "Get a certificate from a public authority. Exchange 2007: New-ExchangeCertificate -GenerateRequest, " +
			"Import-ExchangeCertificate, Enable-ExchangeCertificate -Services IIS. 2003: IIS Manager, Directory Security, Server Certificate.",
		Organization: func(p *Pass) {
			switch p.Organization().OutlookAnywhere.CertificateTrusted {
			case inventory.No:
				p.Reportf("The certificate of Outlook Anywhere is not publicly trusted.")
			case inventory.Unknown:
				p.findOut("Whether the certificate of Outlook Anywhere is publicly trusted is not known; give outlookAnywhere.certificateTrusted.")
			}
		},
	}
}

func outlookAnywhereCertificateName() *Rule {
	return &Rule{
		Name: "outlook-anywhere-certificate-name",
		Doc: "The principal name on the certificate of Outlook Anywhere must be its external host name; otherwise connecting fails " +
			"with \"Mutual Authentication could not be established\". A Microsoft course on staged migration says so; the page on " +
			"performing one asks for a trusted certificate only.",
		URL:      urlPerform,
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy: "Get a certificate for that name, or, in Exchange 2007, Set-OutlookProvider EXPR " +
			"-CertPrincipalName:\"msstd:mail.contoso.com\".",
		Organization: func(p *Pass) {
			oa := p.Organization().OutlookAnywhere
			switch {
			case oa.CertificateName == "":
				p.findOut("Which name the certificate of Outlook Anywhere has is not known; give outlookAnywhere.certificateName.")
			case oa.ExternalHostName == "":
				p.findOut("Whether the certificate of Outlook Anywhere has its name is not known; give outlookAnywhere.externalHostName.")
			case !coversName(oa.CertificateName, oa.ExternalHostName):
				p.Reportf("The certificate of Outlook Anywhere is for %q, and its external host name is %q.", oa.CertificateName, oa.ExternalHostName)
			}
		},
	}
}

// coversName reports whether a certificate's name is that of a host: the same
// name, or one with a wildcard for its first label. The certificate's may be in the
// form of Set-OutlookProvider, msstd:NAME.
func coversName(certificate, host string) bool {
	host = normalHost(host)
	certificate = strings.TrimPrefix(normalHost(certificate), "msstd:")
	if rest, ok := strings.CutPrefix(certificate, "*."); ok {
		_, parent, _ := strings.Cut(host, ".")
		return rest == parent
	}
	return certificate == host
}

// normalHost returns a host name in lower case, without blanks around it and the
// dot that may end it.
func normalHost(host string) string {
	return strings.TrimSuffix(strings.ToLower(strings.TrimSpace(host)), ".")
}

func endpointTestMailboxHidden() *Rule {
	return &Rule{
		Name: "endpoint-test-mailbox-hidden",
		Doc: "Creating the endpoint opens a mailbox with the migration account as a test. It fails for a mailbox that is " +
			"hidden from address lists.",
		URL:      urlCutover,
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
			"Full Access to each mailbox, or Receive As on each mailbox database. The training unit speaks of the account that " +
			"creates the batch; the product documentation means the one that the endpoint stores.",
		URL:      urlPermissions,
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy: "Exchange 2007: Get-Mailbox -ResultSize unlimited | Add-MailboxPermission -User migadmin -AccessRights FullAccess " +
			"-InheritanceType all, or Add-ADPermission -Identity DB1 -User migadmin -ExtendedRights receive-as for each database. " +
			"2003: Mailbox Rights in Active Directory Users and Computers, or Receive As on each store in Exchange System Manager.",
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
		Doc: "For a staged migration the service stamps targetAddress on each on-premises user, so that mail follows the mailbox. " +
			"Beside access to the mailboxes the account therefore needs WriteProperty on that attribute, or to be in Domain Admins. " +
			"Mailbox access alone is enough for a cutover migration only.",
		URL:      urlPermissions,
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy: "Exchange 2007: Get-User -ResultSize unlimited -Filter \"RecipientTypeDetails -eq 'UserMailbox'\" | Add-ADPermission " +
			"-User migadmin -AccessRights WriteProperty -Properties TargetAddress. 2003: grant it with dsacls or ADSI Edit on the " +
			"organizational units of the users.",
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
		Doc: "The setup of Exchange 2003 denies Receive As and Send As to Domain Admins and Enterprise Admins. An account that " +
			"has access through such a group only cannot open mailboxes there, though the permissions page calls the group " +
			"enough. That this stops a migration is an inference from the default permissions.",
		URL:      urlDenyDefault,
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy: "Use a dedicated account outside those groups, allow it Receive As on each store through a security group, and give " +
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
