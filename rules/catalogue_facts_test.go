package rules_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/powershell"
	"github.com/staged-migration/staged/rules/rulestest"
)

// facts are what the catalogue of facts has of each rule: its severity, its phase, and
// what it is about. Behind a colon is what its findings are about if that is not the same,
// all of which the cases of its file must show. Final is of those whose mailboxes cannot
// be made fit for a staged migration.
var facts = map[string]string{
	"source-version-unsupported":   "blocker before organization: organization mailbox final",
	"source-out-of-support":        "warning before organization",
	"dirsync-required":             "blocker before organization",
	"aad-connect-prerequisites":    "blocker before organization",
	"domain-unverified":            "blocker before organization",
	"plan-lacks-staged":            "blocker before organization",
	"federation-features-required": "blocker before organization",
	"manual-coexistence":           "task during plan",
	"public-folders-not-migrated":  "warning before organization",
	"dynamic-groups-not-migrated":  "warning before organization",

	"outlook-anywhere-unreachable":           "blocker before endpoint",
	"outlook-anywhere-untrusted-certificate": "blocker before endpoint",
	"outlook-anywhere-certificate-name":      "blocker before endpoint",
	"exchange2003-rpc-ports":                 "blocker before endpoint",
	"exchange2003-no-autodiscover":           "task before endpoint",
	"endpoint-test-mailbox-hidden":           "blocker before endpoint",
	"migration-admin-mailbox-access":         "blocker before endpoint",
	"migration-admin-targetaddress-write":    "blocker before endpoint",
	"migration-admin-exchange2003-deny":      "blocker before endpoint",
	"endpoint-concurrency-range":             "blocker before endpoint",
	"endpoint-concurrency-overload":          "warning before endpoint",
	"source-connection-limits":               "warning before endpoint",

	"csv-empty":                      "blocker before file",
	"csv-delimiter":                  "blocker before file",
	"csv-row-limit":                  "blocker before batch: batch file",
	"csv-email-column-missing":       "blocker before file",
	"csv-unknown-column":             "blocker before file",
	"csv-ragged-row":                 "blocker before file: file row",
	"csv-encoding":                   "warning before file",
	"csv-address-not-source-primary": "blocker before mailbox: mailbox file row",
	"csv-password-policy":            "blocker before file: row",
	"csv-force-change-value":         "blocker before file: row",
	"csv-force-change-federated":     "blocker before file: file row",
	"csv-duplicate-mailbox":          "blocker before file: mailbox plan row", // a plan that has it twice is not ready
	"csv-scope-bypass":               "warning before file: file row",

	// What is not known of many mailboxes is one finding about the organization, and what
	// is not known of the users of a batch one about the batch, or the plan where that is
	// not known.
	"mailbox-hidden-from-address-lists": "blocker before mailbox",
	"mailbox-um-enabled":                "blocker before mailbox",
	"mailbox-type-unsupported":          "blocker before mailbox final",
	"mailbox-no-cloud-mail-user":        "blocker before mailbox",
	"mailbox-already-in-cloud":          "blocker before mailbox",
	"mailbox-license-missing":           "blocker after mailbox: organization mailbox batch plan",
	"mailbox-over-plan-quota":           "blocker before mailbox: organization mailbox",
	"mailbox-over-200gb":                "blocker before mailbox: organization mailbox",
	"mailbox-large-items":               "warning before mailbox: organization mailbox",
	"mailbox-dense-items":               "warning before mailbox: organization mailbox",
	"mailbox-out-of-office":             "warning before mailbox: organization mailbox",
	"mailbox-delegations-lost":          "warning before mailbox",
	"mailbox-new-outlook-profile":       "task after mailbox",
	"mailbox-ost-resync":                "task after mailbox",
	"mailbox-activesync-reconfigure":    "task after mailbox",
	"mailbox-outlook-version":           "blocker before mailbox: organization mailbox",
	"mailbox-failed-but-forwarded":      "warning during mailbox: mailbox batch plan",
	"mailbox-convert-to-meu":            "task after batch",
	"mailbox-convert-too-early":         "blocker during mailbox: batch plan",
	"meu-attributes-incomplete":         "warning after mailbox: mailbox batch",
	"mailbox-skipped-items":             "warning during mailbox: mailbox batch",

	"batch-csv-omitted":             "blocker before batch",
	"batch-name-invalid":            "blocker before batch",
	"batch-server-imbalance":        "warning before batch: batch plan",
	"batch-splits-delegates":        "warning before plan: mailbox",
	"batch-leaves-delegates":        "warning before plan: mailbox",
	"batch-finalize-not-applicable": "warning before batch",
	"batch-idle-expiry":             "warning during batch",
	"batch-deleted-early":           "warning after batch: batch plan",
	"batch-parallelism":             "warning before plan",
	"batch-oversize-mailbox":        "warning before plan: mailbox",

	"plan-mx-switched-early":           "blocker during plan",
	"plan-mx-ttl-high":                 "task before plan",
	"plan-autodiscover-switched-early": "blocker during plan",
	"plan-throughput-unrealistic":      "warning before plan",
	"plan-queue-time-ignored":          "warning before plan",
	"plan-no-incremental-sync":         "warning during plan",
	"plan-decommission-early":          "blocker after plan",
	"plan-pilot-missing":               "task before plan",
}

// requireFacts fails unless the rule, and what it found in all cases, is as in facts.
func requireFacts(t *testing.T, rule *rules.Rule, results []*rulestest.Result) {
	t.Helper()
	scopes := make(map[rules.Scope]bool)
	for _, r := range results {
		for _, f := range r.Report.Findings {
			scopes[f.Scope] = true
		}
	}
	var about []string
	for _, s := range slices.Sorted(maps.Keys(scopes)) {
		about = append(about, s.String())
	}
	got := fmt.Sprintf("%v %v %v", rule.Severity, max(rule.Phase, rules.Before), scopeOf(rule))
	if !slices.Equal(about, []string{scopeOf(rule).String()}) {
		got += ": " + strings.Join(about, " ")
	}
	if rule.Final {
		got += " final"
	}
	require.Equal(t, facts[rule.Name], got)
}

// What a command does depends on its fixed values and on its shell, of which these are
// all that change something or set up an endpoint. Sources: the cmdlets in the catalogue of
// facts; 20 is the default of incremental syncs, and 10 the number to begin with.
func TestCommandsThatChange(t *testing.T) {
	const exchange2007, online = "Exchange Management Shell (Exchange 2007): ", "Exchange Online PowerShell: "
	want := map[string][]string{
		"outlook-anywhere-unreachable": {exchange2007 + "Enable-OutlookAnywhere -Server $ClientAccessServer -ExternalHostname $ExternalHostName " +
			"-DefaultAuthenticationMethod 'Basic' -SSLOffloading:$false"},
		"outlook-anywhere-certificate-name": {exchange2007 + "Set-OutlookProvider -Identity 'EXPR' -CertPrincipalName $CertPrincipalName"},
		"exchange2003-no-autodiscover": {online + "New-MigrationEndpoint -ExchangeOutlookAnywhere -Name $EndpointName -ExchangeServer $MailboxServer " +
			"-RpcProxyServer $RpcProxy -Authentication 'Basic' -EmailAddress $TestMailbox -Credentials $Credential"},
		"migration-admin-mailbox-access": {exchange2007 + "Get-Mailbox -ResultSize 'Unlimited' | Add-MailboxPermission -User $MigrationAccount " +
			"-AccessRights 'FullAccess' -InheritanceType 'All'"},
		"migration-admin-targetaddress-write": {exchange2007 + "Get-User -ResultSize 'Unlimited' -Filter 'RecipientTypeDetails -eq ''UserMailbox''' | " +
			"Add-ADPermission -User $MigrationAccount -AccessRights 'WriteProperty' -Properties 'TargetAddress'"},
		"endpoint-concurrency-range":        {online + "Set-MigrationEndpoint -Identity $EndpointName -MaxConcurrentMigrations 20 -MaxConcurrentIncrementalSyncs 20"},
		"endpoint-concurrency-overload":     {online + "Set-MigrationEndpoint -Identity $EndpointName -MaxConcurrentMigrations 10 -MaxConcurrentIncrementalSyncs 10"},
		"csv-address-not-source-primary":    {exchange2007 + "Set-Mailbox -Identity $item -WindowsEmailAddress $item"},
		"mailbox-hidden-from-address-lists": {exchange2007 + "Set-Mailbox -Identity $item -HiddenFromAddressListsEnabled:$false"},
		"mailbox-um-enabled":                {exchange2007 + "Disable-UMMailbox -Identity $item -Confirm:$false"},
		"mailbox-failed-but-forwarded":      {online + "Start-MigrationUser -Identity $item"},
		"meu-attributes-incomplete":         {exchange2007 + "Set-MailUser -Identity $item -EmailAddressPolicyEnabled:$false"},
	}
	got := make(map[string][]string)
	cloud := regexp.MustCompile(`^\w+-(Migration|MailUser$|AcceptedDomain$)`)
	for _, r := range rules.Catalogue() {
		for _, c := range r.Commands {
			changes := !strings.HasPrefix(c.Cmdlet, "Get-") && !strings.HasPrefix(c.Cmdlet, "Test-")
			if c.Into != nil {
				changes = changes || strings.HasPrefix(c.Into.Cmdlet, "Add-")
			}
			if changes {
				got[r.Name] = append(got[r.Name], c.Shell.String()+": "+c.String())
			} else {
				require.Equal(t, cloud.MatchString(c.Cmdlet), c.Shell == powershell.ExchangeOnline, "%s: the shell of %s", r.Name, c.Cmdlet)
			}
		}
	}
	require.Empty(t, cmp.Diff(want, got))
}
