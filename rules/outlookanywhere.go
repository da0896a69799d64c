package rules

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

func outlookAnywhereUnreachable() *Rule {
	return &Rule{
		Name: "outlook-anywhere-unreachable",
		Doc: "The service must be able to reach the organization by Outlook Anywhere (RPC over HTTP): it has to be enabled, under a name " +
			"that the service can resolve and reach from outside.",
		Why: "The migration service connects to the organization that way and pulls the mailboxes through it.",
		URL: urlPerform,
		Sources: []string{
			"the training unit, on Outlook Anywhere",
			docsExchange + "perform-a-staged-migration.md, lines 65-83",
			docs365 + "use-powershell-to-perform-a-staged-migration-to-microsoft-365.md",
			docsSupport + "we-werent-able-to-connect-to-the-remote-server-error.md",
			docsServices + "planning-and-deployment.md, on the public address",
		},
		Doubt:    "No source confirms that the service still takes endpoints of Outlook Anywhere, and none says that it has stopped.",
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy: "Enable it on a Client Access server under a public name; before SP1 of Exchange 2007 the parameter " +
			"-DefaultAuthenticationMethod is called -ExternalAuthenticationMethod. Then test it from outside, with the Remote Connectivity " +
			"Analyzer or in Exchange Online.",
		Remedy2003: "Add the RPC over HTTP Proxy component to Windows and configure the server's RPC-HTTP tab in Exchange System Manager.",
		Commands: []powershell.Command{
			{Shell: powershell.Exchange2007, Cmdlet: "Enable-OutlookAnywhere", Parameters: []powershell.Parameter{
				powershell.Variable("Server", "ClientAccessServer"), powershell.Variable("ExternalHostname", "ExternalHostName"),
				powershell.Text("DefaultAuthenticationMethod", "Basic"), powershell.Bool("SSLOffloading", false),
			}},
			{Shell: powershell.ExchangeOnline, Cmdlet: "Test-MigrationServerAvailability", Parameters: []powershell.Parameter{
				powershell.Switch("ExchangeOutlookAnywhere"), powershell.Switch("Autodiscover"),
				powershell.Variable("EmailAddress", "TestMailbox"), powershell.Variable("Credentials", "Credential"),
			}, Into: formatList("Result", "Message")},
		},
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
		Doc:  "The certificate of Outlook Anywhere must come from an authority that is publicly trusted.",
		Why: "Outlook Anywhere cannot be set up for migration with a self-signed certificate. Accepting untrusted ones is possible and " +
			"advised against.",
		URL: urlPerform,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, line 75; add-an-ssl-certificate-to-exchange-2007.md",
			docsPowerShell + "New-MigrationEndpoint.md, line 680",
		},
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy: "Get a certificate from a public authority. Exchange 2007: New-ExchangeCertificate -GenerateRequest, and when it has come, " +
			"Import-ExchangeCertificate and Enable-ExchangeCertificate -Services IIS.",
		Remedy2003: "IIS Manager, Directory Security, Server Certificate.",
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
		Doc:  "The principal name on the certificate of Outlook Anywhere must be its external host name.",
		Why:  "Otherwise connecting fails with \"Mutual Authentication could not be established\".",
		URL:  urlPerform,
		Sources: []string{
			"a Microsoft course on staged migration, as copied by others",
			docsSupport + "ExchangeHybrid/administration, on mutual authentication",
		},
		Doubt: "The course says so; the page on performing a staged migration asks for a trusted certificate only. The error text is " +
			"that of another service.",
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy: "Get a certificate for that name, or tell Outlook the name that it has: \"msstd:\" and the name on the certificate, in " +
			"Exchange 2007.",
		Remedy2003: "Only another certificate helps.",
		Commands: []powershell.Command{{Shell: powershell.Exchange2007, Cmdlet: "Set-OutlookProvider", Parameters: []powershell.Parameter{
			powershell.Text("Identity", "EXPR"), powershell.Variable("CertPrincipalName", "CertPrincipalName"),
		}}},
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
