package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

// rpcPorts are those between the RPC proxy and the servers behind it: of the store, of
// the referral service and of the directory.
var rpcPorts = []int{6001, 6002, 6004}

func exchange2003RPCPorts() *Rule {
	return &Rule{
		Name: "exchange2003-rpc-ports",
		Doc: "With Exchange 2003, TCP ports 6001, 6002 and 6004 must be open between the RPC proxy and the servers behind it: the " +
			"store, its referral service, and the directory on the global catalog servers, which have to listen on 6004.",
		Why: "The service reaches the proxy and gets no further.",
		URL: urlCutover,
		Sources: []string{
			docsExchange + "cutover-migration-to-office-365.md, line 52",
			docsSupport + "we-werent-able-to-connect-to-the-remote-server-error.md",
			"windowsitpro.com, Exchange 2003 RPC over HTTP access",
		},
		Doubt:    "The page is that of the cutover migration, whose endpoint is of the same type.",
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy:   "Open the ports from the RPC proxy to each mailbox server and each global catalog server.",
		Remedy2003: "Name the servers and ports in ValidPorts under HKLM\\SOFTWARE\\Microsoft\\Rpc\\RpcProxy on the proxy. On each global " +
			"catalog server set \"NSPI interface protocol sequences\" under HKLM\\SYSTEM\\CurrentControlSet\\Services\\NTDS\\Parameters " +
			"to ncacn_http:6004 and restart it.",
		Organization: func(p *Pass) {
			open := p.Organization().OutlookAnywhere.OpenPorts
			var closed []string
			for _, port := range rpcPorts {
				if !slices.Contains(open, port) {
					closed = append(closed, fmt.Sprint(port))
				}
			}
			there := runs2003(p.Organization())
			switch {
			case there == inventory.No || len(closed) == 0:
			case open == nil && there == inventory.Yes:
				p.findOut("Whether TCP ports 6001, 6002 and 6004 are open behind the RPC proxy is not known; give outlookAnywhere.openPorts.")
			case there == inventory.Unknown:
				p.findOut("Whether an Exchange 2003, which needs TCP ports 6001, 6002 and 6004 open behind the RPC proxy, is there and has them " +
					"is not known; give exchangeServers and outlookAnywhere.openPorts.")
			default:
				p.Reportf("There is an Exchange 2003, and behind the RPC proxy these TCP ports are not open: %s.", strings.Join(closed, ", "))
			}
		},
	}
}

func exchange2003NoAutodiscover() *Rule {
	return &Rule{
		Name: "exchange2003-no-autodiscover",
		Doc:  "Exchange 2003 has no Autodiscover. The settings of an endpoint for it are typed in.",
		Why:  "An endpoint that looks for its settings by Autodiscover finds none.",
		URL:  urlTestServer,
		Sources: []string{
			docsPowerShell + "Test-MigrationServerAvailability.md, example 3; New-MigrationEndpoint.md, lines 740 and 801",
			docsExchange + "perform-a-staged-migration.md, lines 211-215",
			docsSupport + "migrate-data-with-admin-center.md",
		},
		Doubt: "How it is with servers of 2003 and 2007 in one organization no source says; the rule takes any server of 2003 " +
			"for a reason to type the settings in.",
		Severity: Task,
		Scope:    ScopeEndpoint,
		Remedy: "Create the endpoint with its settings: the internal full name of the mailbox server, the external name of the RPC " +
			"proxy, and the authentication that the proxy takes, which is Basic unless it is set.",
		Commands: []powershell.Command{{
			Shell: powershell.ExchangeOnline, Cmdlet: "New-MigrationEndpoint", Parameters: []powershell.Parameter{
				powershell.Switch("ExchangeOutlookAnywhere"), powershell.Variable("Name", "EndpointName"),
				powershell.Variable("ExchangeServer", "MailboxServer"), powershell.Variable("RpcProxyServer", "RpcProxy"),
				powershell.Text("Authentication", "Basic"), powershell.Variable("EmailAddress", "TestMailbox"),
				powershell.Variable("Credentials", "Credential"),
			},
		}},
		Organization: func(p *Pass) {
			uses, there := p.Organization().Endpoint.Autodiscover, runs2003(p.Organization())
			var missing []string
			if uses == inventory.Unknown {
				missing = append(missing, "endpoint.autodiscover")
			}
			if there == inventory.Unknown {
				missing = append(missing, "exchangeServers")
			}
			switch {
			case uses == inventory.No || there == inventory.No:
			case len(missing) > 0:
				p.findOut("Whether the endpoint relies on Autodiscover, which Exchange 2003 does not have, is not known; give " + strings.Join(missing, " and ") + ".")
			default:
				p.Reportf("The endpoint finds its settings by Autodiscover, and there is an Exchange 2003, which has none: type them in.")
			}
		},
	}
}

// setConcurrency is the command that sets both limits of an endpoint.
func setConcurrency(n int64) []powershell.Command {
	return []powershell.Command{{
		Shell: powershell.ExchangeOnline, Cmdlet: "Set-MigrationEndpoint", Parameters: []powershell.Parameter{
			powershell.Variable("Identity", "EndpointName"),
			powershell.Int("MaxConcurrentMigrations", n), powershell.Int("MaxConcurrentIncrementalSyncs", n),
		},
	}}
}

// syncsByDefault is how many concurrent incremental syncs an endpoint has unless they
// are set. Source: the reference of New-MigrationEndpoint.
const syncsByDefault = 20

func endpointConcurrencyRange(params Params) *Rule {
	return &Rule{
		Name: "endpoint-concurrency-range",
		Doc: "An endpoint takes from 1 to 300 concurrent migrations, and no more concurrent incremental syncs than those, of which 20 " +
			"are the default. Both should be set, since sources do not agree on the default of migrations.",
		Why: "The service refuses the setting.",
		URL: urlPerformance,
		Sources: []string{
			docsExchange + "office-365-migration-best-practices.md, lines 194 and 255; what-to-know-about-a-staged-migration.md, line 90",
			docsPowerShell + "New-MigrationEndpoint.md, lines 852-874; Set-MigrationEndpoint.md",
			"support article 2797784, on the maximum of concurrent migration batches",
		},
		Doubt: "The best-practice page allows 100 migrations, the support article 300 for each type of endpoint: more than 100 is a " +
			"warning. The default is 20 on two pages, 100 in the reference of the cmdlet, 10 in another paragraph. That lowering migrations " +
			"alone below 20 fails, since syncs stay at their default, is an inference.",
		Severity: Blocker,
		Scope:    ScopeEndpoint,
		Remedy:   "Set both numbers at once, migrations no lower than syncs.",
		Commands: setConcurrency(estimate.PublishedLanes),
		Organization: func(p *Pass) {
			e := p.Organization().Endpoint
			migrations, set := e.MaxConcurrentMigrations.Get()
			switch {
			case set && (migrations < 1 || migrations > params.MaxConcurrency):
				p.Reportf("The endpoint is set to %d concurrent migrations, not 1 to %d.", migrations, params.MaxConcurrency)
			case migrations > params.UsualConcurrency:
				p.Report(Finding{Severity: Warning, Message: fmt.Sprintf(
					"The endpoint is set to %d concurrent migrations; one page allows %d at most.", migrations, params.UsualConcurrency)})
			}
			switch syncs := e.MaxConcurrentIncrementalSyncs.Or(syncsByDefault); {
			case !set:
				p.findOut(fmt.Sprintf("Whether the endpoint has as many concurrent migrations as its %d incremental syncs is not known, since "+
					"sources give 10, 20 and 100 for their default; set them and give endpoint.maxConcurrentMigrations.", syncs))
			case syncs > migrations:
				p.Reportf("The endpoint has %d concurrent incremental syncs, more than its %d concurrent migrations.", syncs, migrations)
			}
		},
	}
}

// concurrency returns how many mailboxes are copied at a time: as the endpoint is set,
// and otherwise as the estimate assumes.
func (p Params) concurrency(org *inventory.Organization) int {
	return org.Endpoint.MaxConcurrentMigrations.Or(cmp.Or(p.Model.Lanes, estimate.PublishedLanes))
}

func endpointConcurrencyOverload(params Params) *Rule {
	return &Rule{
		Name: "endpoint-concurrency-overload",
		Doc: "Begin with about 10 concurrent migrations, and raise that while the source servers are watched. More are for servers " +
			"whose spare capacity has been measured.",
		Why: "Copying loads the source servers, and everybody whose mailbox is on them feels it.",
		URL: urlPerformance,
		Sources: []string{
			docsExchange + "office-365-migration-best-practices.md, lines 232-264",
		},
		Doubt: "The page gives 10 as an example of a small number. Where the endpoint's setting is not known, the number of the estimate " +
			"stands for it.",
		Severity: Warning,
		Scope:    ScopeEndpoint,
		Remedy: "Begin with fewer concurrent migrations and raise them step by step while you watch the servers; run batches out of " +
			"hours, and not while backups or the maintenance of stores run.",
		Commands: setConcurrency(int64(params.UnmeasuredConcurrency)),
		Organization: func(p *Pass) {
			n := params.concurrency(p.Organization())
			if n <= params.UnmeasuredConcurrency {
				return
			}
			switch p.Organization().Endpoint.CapacityMeasured {
			case inventory.No:
				p.Reportf("There are %d concurrent migrations, and nobody has measured whether the source servers can take more than %d.",
					n, params.UnmeasuredConcurrency)
			case inventory.Unknown:
				p.findOut(fmt.Sprintf("Whether the source servers can take %d concurrent migrations is not known; measure it, or begin with %d, and give "+
					"endpoint.capacityMeasured.", n, params.UnmeasuredConcurrency))
			}
		},
	}
}

// maxSessions is how many MAPI sessions Exchange allows one user, from Service Pack 1
// of Exchange 2003 on, whose build is firstWithMaxSessions. Sources: support article
// 842022; learn.microsoft.com/exchange/new-features/build-numbers-and-release-dates.
const (
	maxSessions          = 32
	firstWithMaxSessions = 7226
)

func sourceConnectionLimits(params Params) *Rule {
	return &Rule{
		Name: "source-connection-limits",
		Doc: "Firewalls and servers on the source side must allow as many connections as there are concurrent migrations: " +
			"altogether, of one user, and from one address. All are of one user, the migration account, and from Exchange 2003 SP1 on " +
			"a user has 32 MAPI sessions at most.",
		Why: "Connections that are one too many are refused, with event 9646 if it is the limit of sessions, and mailboxes fail.",
		URL: urlSessions,
		Sources: []string{
			docsExchange + "what-to-know-about-a-staged-migration.md, line 54",
			"support article 842022",
			"TechNet dd159906, on the limit of sessions",
		},
		Doubt: "That the limit of sessions is met by a staged migration is an inference. How many connections a migration holds open no " +
			"source says, nor how near to 32 is too near; both are parameters.",
		Severity: Warning,
		Scope:    ScopeEndpoint,
		Remedy: "Raise the limits, or have fewer concurrent migrations. Give the migration account the right View Information Store " +
			"Status, which lifts the limit of sessions, or raise \"Maximum Allowed Sessions Per User\" under " +
			"HKLM\\System\\CurrentControlSet\\Services\\MSExchangeIS\\ParametersSystem on each mailbox server.",
		Remedy2003: "The right is on the Security tab of the server in Exchange System Manager.",
		Organization: func(p *Pass) {
			missing := checkConnections(p, params)
			if len(missing) > 0 {
				p.findOut(fmt.Sprintf("Whether the source side allows the connections of %d concurrent migrations is not known; give %s.",
					params.concurrency(p.Organization()), strings.Join(missing, ", ")))
			}
		},
	}
}

// checkConnections compares the connections that the migrations need with what is
// allowed, and returns the facts that are missing for it.
func checkConnections(p *Pass, params Params) (missing []string) {
	org := p.Organization()
	lanes := params.concurrency(org)
	need := lanes * params.SessionsPerMigration
	for _, l := range []struct {
		limit inventory.Opt[int]
		key   string
		of    string
	}{
		{org.SourceConnections.Total, "sourceConnections.total", ""},
		{org.SourceConnections.PerAddress, "sourceConnections.perAddress", " from one address"},
		{org.SourceConnections.PerUser, "", " of one user"},
	} {
		switch limit, ok := l.limit.Get(); {
		case ok && limit < need:
			p.Reportf("The source side allows %d connections%s, and %d concurrent migrations need %d.", limit, l.of, lanes, need)
		case !ok && l.key != "":
			missing = append(missing, l.key)
		}
	}
	if org.SourceConnections.PerUser.Known() || need < params.NearSessionLimit || !limitsSessions(org) {
		return missing
	}
	switch org.MigrationAccount.UnlimitedSessions {
	case inventory.No:
		p.Reportf("Exchange allows a user %d sessions, and the migration account%s needs %d for %d concurrent migrations.",
			maxSessions, named(org.MigrationAccount.Name), need, lanes)
	case inventory.Unknown:
		missing = append(missing, "migrationAccount.unlimitedSessions or sourceConnections.perUser")
	}
	return missing
}

// limitsSessions reports whether a server may limit the sessions of a user: all but
// those of Exchange 2003 before Service Pack 1 do.
func limitsSessions(org *inventory.Organization) bool {
	before := func(s inventory.ExchangeServer) bool {
		return s.Version.Year() == 2003 && s.Version.Build != 0 && s.Version.Build < firstWithMaxSessions
	}
	for _, s := range org.ExchangeServers {
		if !before(s) {
			return true
		}
	}
	return len(org.ExchangeServers) == 0
}
