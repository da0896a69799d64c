package rules_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/powershell"
)

// cmdlet returns a command that takes the item, if parameter is not "".
func cmdlet(shell powershell.Shell, name, parameter string) powershell.Command {
	c := powershell.Command{Shell: shell, Cmdlet: name}
	if parameter != "" {
		c.Parameters = []powershell.Parameter{powershell.Item(parameter)}
	}
	return c
}

// scriptText returns a script with LF for line ends, without its title.
func scriptText(t *testing.T, s *powershell.Script) string {
	t.Helper()
	var b bytes.Buffer
	_, err := s.WriteTo(&b)
	require.NoError(t, err)
	_, text, _ := strings.Cut(strings.ReplaceAll(b.String(), "\r\n", "\n"), "\n")
	return strings.TrimPrefix(text, "\n")
}

const (
	old    = powershell.Exchange2007
	online = powershell.ExchangeOnline
)

// subjects is an inventory with a mailbox on 2003, one on 2007, one on a server of 2003
// that does not say so itself, and one of which nothing is known.
func subjects(t *testing.T) *inventory.Inventory {
	v2003, v2007 := version(t, "6.5.7638.2"), version(t, "8.3.83.6")
	return newInventory(t, inventory.Organization{ExchangeServers: []inventory.ExchangeServer{{Name: "OLD", Version: v2003}, {Name: "NEW", Version: v2007}}},
		[]inventory.Mailbox{
			{Address: "c2003@x.com", Version: v2003},
			{Address: "b2007@x.com", Version: v2007, Server: "OLD"},
			{Address: "d@x.com", Server: "old.corp.x.com"},
			{Address: "a@x.com"},
		})
}

func TestScript(t *testing.T) {
	each := func(p *rules.Pass, m *inventory.Mailbox) { p.Reportf("It is.") }
	set := []*rules.Rule{
		{
			Name: "second", Doc: "Test.", Severity: rules.Blocker, Remedy: "Mend it.", Remedy2003: "use a hammer.", Mailbox: each,
			Commands: []powershell.Command{cmdlet(old, "Set-Mailbox", "Identity"), cmdlet(online, "Get-MailUser", "Identity"), cmdlet(old, "Get-Mailbox", "Identity")},
		},
		{
			Name: "first", Doc: "Test.", Severity: rules.Warning, Remedy: "See.", Phase: rules.During,
			Commands: []powershell.Command{cmdlet(old, "Get-PublicFolder", ""), cmdlet(old, "Get-Mailbox", "Identity")},
			Organization: func(p *rules.Pass) {
				p.Reportf("the organization has no name that could be an item")
				p.Unverifiedf("nothing is done about what is not known")
				p.Report(rules.Finding{Phase: rules.After, Message: "commands go with the phase"})
				p.Report(rules.Finding{Remedy: "By telephone.", Message: "commands go with the remedy"})
				p.Report(rules.Finding{Phase: rules.Before, Subject: "x", Scope: rules.ScopeOrganization, Remedy: "Own.",
					Commands: []powershell.Command{cmdlet(old, "Get-Queue", "Identity")}, Message: "commands of its own"})
				p.Report(rules.Finding{Phase: rules.Before, Subject: "y", Scope: rules.ScopeOrganization, Remedy: "Own.",
					Commands: []powershell.Command{cmdlet(old, "Get-Queue", "Identity")}, Message: "the same commands"})
				p.Report(rules.Finding{Phase: rules.During, Message: "the remedy of the rule, commands of its own",
					Commands: []powershell.Command{cmdlet(old, "Get-Store", "")}})
				p.Report(rules.Finding{Unverified: true, Commands: []powershell.Command{cmdlet(old, "Get-Queue", "")}})
			},
		},
		{
			Name: "third", Doc: "Test.", Severity: rules.Task, Remedy: "Again.", Commands: []powershell.Command{cmdlet(old, "Get-Queue", "Identity")},
			Organization: func(p *rules.Pass) {
				p.Reportf("no item, so nothing is done")
			},
		},
	}
	inv := subjects(t)
	report, err := rules.Check(t.Context(), inv, set)
	require.NoError(t, err)

	require.Equal(t, `# second: Mend it.
foreach ($item in @('a@x.com', 'b2007@x.com')) {
    Set-Mailbox -Identity $item
    Get-Mailbox -Identity $item
}

# second, on Exchange 2003, by hand: use a hammer.
# c2003@x.com
# d@x.com

# first: Own.
foreach ($item in @('x', 'y')) {
    Get-Queue -Identity $item
}
`, scriptText(t, report.Script(old, rules.Before)), "rules in the order of the set, mailboxes in theirs")
	require.Equal(t, `# second: Mend it.
foreach ($item in @(
    'a@x.com',
    'b2007@x.com',
    'c2003@x.com',
    'd@x.com'
)) {
    Get-MailUser -Identity $item
}
`, scriptText(t, report.Script(online, rules.Before)), "Exchange Online is the same for all")
	require.Equal(t, "# first: See.\nGet-PublicFolder\n\n# first: See.\nGet-Store\n", scriptText(t, report.Script(old, rules.During)))
	require.Empty(t, report.Script(old, rules.After).Groups)
	require.Empty(t, report.Script(online, rules.During).Groups)
	require.Equal(t, "Staged migration: what to do during it, in Exchange Online PowerShell.", report.Script(online, rules.During).Title)

	policy := rules.Policy{Waivers: []rules.Waiver{{Rule: "second", Subjects: []string{"a@x.com", "c2003@x.com", "d@x.com"}, Reason: "Known."}}}
	waived, err := policy.Apply(set)
	require.NoError(t, err)
	accepted, err := rules.Check(t.Context(), inv, waived)
	require.NoError(t, err)
	require.Equal(t, "# second: Mend it.\nGet-MailUser -Identity 'b2007@x.com'\n", scriptText(t, accepted.Script(online, rules.Before)),
		"nothing is done about what is accepted")

	twice := rules.Join(report, report)
	require.Empty(t, cmp.Diff(report.Script(online, rules.Before), twice.Script(online, rules.Before)), "a subject is there once")
	require.Equal(t, scriptText(t, report.Script(old, rules.Before)), scriptText(t, report.AssumeRemedied().Script(old, rules.Before)),
		"what is planned ahead must be done too")

	for _, f := range report.Findings {
		require.False(t, f.Unverified && f.Commands != nil, "%+v", f)
	}
	unverified := &rules.Report{Findings: slices.Clone(report.Findings)}
	for i := range unverified.Findings {
		unverified.Findings[i].Unverified = true
	}
	require.Empty(t, unverified.Script(online, rules.Before).Groups)

	byHand := &rules.Report{Findings: report.Findings}
	require.Equal(t, 3, len(byHand.Script(old, rules.Before).Groups), "findings tell enough without their rules")
	require.Contains(t, scriptText(t, byHand.Script(old, rules.Before)), "by hand: Mend it. Exchange 2003: use a hammer.")
}

// An organization that has Exchange 2003 only has no shell for any of it.
func TestScriptOn2003Only(t *testing.T) {
	rule := &rules.Rule{
		Name: "r", Doc: "Test.", Severity: rules.Warning, Remedy: "Do it.", Remedy2003: "by hand.", Commands: []powershell.Command{cmdlet(old, "Get-PublicFolder", "")},
		Organization: func(p *rules.Pass) { p.Reportf("It is.") },
		Packing: func(p *rules.Pass, packing *batch.Packing) {
			p.Report(rules.Finding{Scope: rules.ScopeMailbox, Subject: "a@x.com"})
		},
	}
	inv := newInventory(t, inventory.Organization{ExchangeServers: []inventory.ExchangeServer{{Name: "OLD", Version: version(t, "6.5.7638.2")}}},
		[]inventory.Mailbox{{Address: "a@x.com"}})
	report, err := rules.Check(t.Context(), inv, []*rules.Rule{rule})
	require.NoError(t, err)
	require.Equal(t, "# r, on Exchange 2003, by hand: by hand.\n", scriptText(t, report.Script(old, rules.Before)))

	packing, err := batch.Pack(t.Context(), inv, nil)
	require.NoError(t, err)
	report, err = rules.CheckPacking(t.Context(), packing, []*rules.Rule{rule})
	require.NoError(t, err)
	require.Equal(t, "# r, on Exchange 2003, by hand: by hand.\n# a@x.com\n", scriptText(t, report.Script(old, rules.Before)))
}

// What the catalogue does about the mailboxes that it holds, and about the others.
func TestCatalogueScripts(t *testing.T) {
	v2003, v2007 := version(t, "6.5.7638.2"), version(t, "8.3.83.6")
	org := inventory.Organization{
		ExchangeServers:  []inventory.ExchangeServer{{Name: "NEW", Version: v2007}, {Name: "OLD", Version: v2003}},
		PublicFolders:    inventory.Count{Exist: inventory.Yes},
		MigrationAccount: inventory.MigrationAccount{DomainAdmin: inventory.No, MailboxAccess: inventory.AccessNone, WritesTargetAddress: inventory.No},
	}
	inv := newInventory(t, org, []inventory.Mailbox{
		{Address: "a@x.com", Version: v2007, HiddenFromAddressLists: inventory.Yes, UMEnabled: inventory.Yes, WindowsEmailAddress: "a@x.com"},
		{Address: "b@x.com", Version: v2007, WindowsEmailAddress: "c@x.com", ActiveSyncDevices: inventory.Count{Exist: inventory.Yes}},
		{Address: "o'hara@x.com", Version: v2003, HiddenFromAddressLists: inventory.Yes, UMEnabled: inventory.Yes, WindowsEmailAddress: "o@x.com",
			ActiveSyncDevices: inventory.Count{Exist: inventory.Yes}, Cloud: inventory.CloudNothing},
	})
	report, err := rules.Check(t.Context(), inv, rules.Catalogue())
	require.NoError(t, err)
	lines := func(s *powershell.Script) (code []string) {
		for line := range strings.SplitSeq(scriptText(t, s), "\n") {
			if line != "" && (line[0] != '#' || strings.Contains(line, "by hand") || strings.Contains(line, "@")) {
				code = append(code, line)
			}
		}
		return code
	}
	require.Empty(t, cmp.Diff([]string{
		"if ($null -eq $MigrationAccount) { throw 'Set $MigrationAccount first.' }",
		"Get-PublicFolder -Recurse -ResultSize 'Unlimited' | Format-List -Property @('Name', 'ParentPath', 'Replicas')",
		"Get-PublicFolderStatistics -ResultSize 'Unlimited' | Format-List -Property @('FolderPath', 'ItemCount', 'TotalItemSize')",
		"Get-Mailbox -ResultSize 'Unlimited' | Add-MailboxPermission -User $MigrationAccount -AccessRights 'FullAccess' -InheritanceType 'All'",
		"Get-User -ResultSize 'Unlimited' -Filter 'RecipientTypeDetails -eq ''UserMailbox''' | " +
			"Add-ADPermission -User $MigrationAccount -AccessRights 'WriteProperty' -Properties 'TargetAddress'",
		"Set-Mailbox -Identity 'b@x.com' -WindowsEmailAddress 'b@x.com'",
		"# csv-address-not-source-primary, on Exchange 2003, by hand: Active Directory Users and Computers has",
		"# o'hara@x.com",
		"Set-Mailbox -Identity 'a@x.com' -HiddenFromAddressListsEnabled:$false",
		"# mailbox-hidden-from-address-lists, on Exchange 2003, by hand: Clear \"Hide from Exchange address",
		"# o'hara@x.com",
		"Disable-UMMailbox -Identity 'a@x.com' -Confirm:$false",
		"# mailbox-um-enabled, on Exchange 2003, by hand: Disable it before the batch starts.",
		"# o'hara@x.com",
	}, lines(report.Script(old, rules.Before))))
	require.Empty(t, cmp.Diff([]string{
		"Get-MailUser -Identity 'o''hara@x.com' | Format-List -Property @('PrimarySmtpAddress', 'ExternalEmailAddress')",
	}, lines(report.Script(online, rules.Before))))
	require.Empty(t, cmp.Diff([]string{
		"Get-ActiveSyncDeviceStatistics -Mailbox 'b@x.com' | Format-List -Property @('DeviceID', 'DeviceType', 'LastSuccessSync')",
		"# mailbox-activesync-reconfigure, on Exchange 2003, by hand: The Mobile Admin web tool lists the",
		"# o'hara@x.com",
	}, lines(report.Script(old, rules.After))))
}
