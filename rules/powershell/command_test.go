package powershell_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/rules/powershell"
)

func TestQuote(t *testing.T) {
	for _, test := range []struct{ reason, text, want string }{
		{"plain", "anna@contoso.com", "'anna@contoso.com'"},
		{"empty", "", "''"},
		{"the quote is doubled", "it's", "'it''s'"},
		{"only quotes", "''", "''''''"},
		{"what expands elsewhere does not in single quotes", "$x `n $(y) \"", "'$x `n $(y) \"'"},
		{"a letter beyond ASCII", "Müller", "('M' + [char]252 + 'ller')"},
		{"it begins with one, and a sum of characters would be no text", "Ä", "('' + [char]196)"},
		{"two of them, then a quote", "ää'", "('' + [char]228 + [char]228 + '''')"},
		{"all that PowerShell takes for a single quote", "\u2018\u2019\u201a\u201b", "('' + [char]8216 + [char]8217 + [char]8218 + [char]8219)"},
		{"line ends", "a\r\nb", "('a' + [char]13 + [char]10 + 'b')"},
		{"no script can hold it", "a\x00", "('a' + [char]0)"},
		{"delete is a control", "\x7f", "('' + [char]127)"},
		{"the last of ASCII", "~ ", "'~ '"},
		{"two UTF-16 units", "\U0001f600", "('' + [char]55357 + [char]56832)"},
		{"a replacement character that is one", "\ufffd", "('' + [char]65533)"},
	} {
		got, err := powershell.Quote(test.text)
		require.NoError(t, err, test.reason)
		require.Equal(t, test.want, got, test.reason)
	}
	_, err := powershell.Quote("ab\xff")
	require.ErrorIs(t, err, powershell.ErrInvalid)
	require.EqualError(t, err, `powershell: invalid text "ab\xff": not UTF-8 at byte 3`)
}

// every is a command with every kind of parameter.
var every = powershell.Command{
	Shell: powershell.ExchangeOnline, Cmdlet: "New-MigrationBatch",
	Parameters: []powershell.Parameter{
		powershell.Item("Name"),
		powershell.Text("SourceEndpoint", "E'1"),
		powershell.Texts("NotificationEmails", "a@contoso.com", "b@contoso.com"),
		powershell.Texts("None"),
		powershell.Bool("AllowUnknownColumnsInCsv", false),
		powershell.Bool("AutoStart", true),
		powershell.Int("ReportInterval", 24),
		powershell.Int("Offset", -5),
		powershell.Variable("Credential", "Credential"),
		powershell.Switch("WhatIf2"),
		powershell.FileBytes("CSVData", `C:\it's\B1.csv`),
	},
	Into: &powershell.Command{Cmdlet: "Format-List", Parameters: []powershell.Parameter{powershell.Texts("Property", "Identity")}},
}

func TestCommand(t *testing.T) {
	text, err := every.For("B-1")
	require.NoError(t, err)
	require.Equal(t, `New-MigrationBatch -Name 'B-1' -SourceEndpoint 'E''1' -NotificationEmails @('a@contoso.com', 'b@contoso.com') `+
		`-None @() -AllowUnknownColumnsInCsv:$false -AutoStart:$true -ReportInterval 24 -Offset (-5) -Credential $Credential -WhatIf2 `+
		`-CSVData ([System.IO.File]::ReadAllBytes('C:\it''s\B1.csv')) | Format-List -Property @('Identity')`, text)
	require.Equal(t, strings.Replace(text, "'B-1'", "$item", 1), every.String())
	require.True(t, every.TakesItem())
	require.True(t, powershell.Command{Into: &every}.TakesItem(), "what it goes into takes it")
	require.False(t, every.Into.TakesItem())
	require.NoError(t, every.Validate())
	require.NoError(t, powershell.Command{Shell: powershell.Exchange2007, Cmdlet: "aZ-z0A9"}.Validate())
	_, err = every.For("\xff")
	require.ErrorIs(t, err, powershell.ErrInvalid)

	require.Equal(t, "Exchange Management Shell (Exchange 2007)", powershell.Exchange2007.String())
	require.Equal(t, "Exchange Online PowerShell", powershell.ExchangeOnline.String())
	require.Equal(t, "Shell(0)", powershell.Shell(0).String())
	require.Empty(t, cmp.Diff(every, every))
	other := every
	other.Parameters = append([]powershell.Parameter{powershell.Text("Name", "")}, every.Parameters[1:]...)
	require.NotEmpty(t, cmp.Diff(every, other))
}

func TestInvalidCommands(t *testing.T) {
	const shell = powershell.Exchange2007
	with := func(p powershell.Parameter) powershell.Command {
		return powershell.Command{Shell: shell, Cmdlet: "Set-Mailbox", Parameters: []powershell.Parameter{p}}
	}
	round := powershell.Command{Shell: shell, Cmdlet: "Get-Mailbox"}
	round.Into = &round
	for _, test := range []struct {
		reason  string
		command powershell.Command
		want    string
	}{
		{"no shell", powershell.Command{Cmdlet: "Get-Mailbox"}, `command "Get-Mailbox": no shell`},
		{"no such shell", powershell.Command{Shell: 3, Cmdlet: "Get-Mailbox"}, `command "Get-Mailbox": no shell`},
		{"nothing", powershell.Command{Shell: shell}, `cmdlet "": not Verb-Noun`},
		{"no noun", powershell.Command{Shell: shell, Cmdlet: "Get-"}, `cmdlet "Get-": not Verb-Noun`},
		{"no dash", powershell.Command{Shell: shell, Cmdlet: "Get"}, `cmdlet "Get": not Verb-Noun`},
		{"no verb", powershell.Command{Shell: shell, Cmdlet: "-Mailbox"}, `cmdlet "-Mailbox": not Verb-Noun`},
		{"a digit in the verb", powershell.Command{Shell: shell, Cmdlet: "Get1-Mailbox"}, `cmdlet "Get1-Mailbox": not Verb-Noun`},
		{"two dashes", powershell.Command{Shell: shell, Cmdlet: "Get-Mail-Box"}, `cmdlet "Get-Mail-Box": not Verb-Noun`},
		{"more than a cmdlet", powershell.Command{Shell: shell, Cmdlet: "Get-Mailbox; Remove-Mailbox"}, `cmdlet "Get-Mailbox; Remove-Mailbox": not Verb-Noun`},
		{"letters of others", powershell.Command{Shell: shell, Cmdlet: "Get-Öl"}, `cmdlet "Get-Öl": not Verb-Noun`},
		{"next to the letters in ASCII", powershell.Command{Shell: shell, Cmdlet: "Get-Mailbox@"}, `cmdlet "Get-Mailbox@": not Verb-Noun`},
		{"no name", with(powershell.Switch("")), `parameter "" of Set-Mailbox: not letters and digits`},
		{"a name with its dash", with(powershell.Switch("-Force")), `parameter "-Force" of Set-Mailbox: not letters and digits`},
		{"a name with a value", with(powershell.Item("Identity a")), `parameter "Identity a" of Set-Mailbox: not letters and digits`},
		{"a digit first", with(powershell.Switch("1a")), `parameter "1a" of Set-Mailbox: not letters and digits`},
		{"a variable with its sign", with(powershell.Variable("User", "$a")), `variable "$a": not letters and digits, or the name of the loop's own (-User of Set-Mailbox)`},
		{"the variable of loops", with(powershell.Variable("User", "Item")), `variable "Item": not letters and digits, or the name of the loop's own (-User of Set-Mailbox)`},
		{"no UTF-8", with(powershell.Text("Name", "\xff")), `text "\xff": not UTF-8 at byte 1 (-Name of Set-Mailbox)`},
		{"no UTF-8 in a list", with(powershell.Texts("Name", "a", "\xff")), `text "\xff": not UTF-8 at byte 1 (-Name of Set-Mailbox)`},
		{"no UTF-8 in a path", with(powershell.FileBytes("CSVData", "\xff")), `text "\xff": not UTF-8 at byte 1 (-CSVData of Set-Mailbox)`},
		{"two shells", powershell.Command{Shell: shell, Cmdlet: "Get-Mailbox", Into: &powershell.Command{Shell: powershell.ExchangeOnline, Cmdlet: "Set-Mailbox"}},
			`command "Get-Mailbox": it goes into one of another shell`},
		{"no end", round, "command: a pipeline of more than 16 commands"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			err := test.command.Validate()
			require.ErrorIs(t, err, powershell.ErrInvalid)
			require.EqualError(t, err, "powershell: invalid "+test.want)
			require.True(t, strings.HasPrefix(test.command.String(), "# powershell: invalid "), test.command.String())
			script := powershell.Script{Groups: []powershell.Group{{Comment: "why", Commands: []powershell.Command{test.command}}}}
			var b bytes.Buffer
			_, err = script.WriteTo(&b)
			require.EqualError(t, err, "powershell: invalid "+test.want+`, in group 1 ("why")`)
			require.Zero(t, b.Len())
		})
	}
}

func TestScript(t *testing.T) {
	const shell = powershell.Exchange2007
	unhide := powershell.Command{Shell: shell, Cmdlet: "Set-Mailbox", Parameters: []powershell.Parameter{
		powershell.Item("Identity"), powershell.Bool("HiddenFromAddressListsEnabled", false),
	}}
	list := powershell.Command{Shell: shell, Cmdlet: "Get-UMMailbox"}
	grant := powershell.Command{Shell: shell, Cmdlet: "Add-MailboxPermission", Parameters: []powershell.Parameter{
		powershell.Item("Identity"), powershell.Variable("User", "Account"), powershell.Variable("Owner", "Owner"), powershell.Variable("By", "account"),
	}}
	for _, test := range []struct {
		reason string
		script powershell.Script
		want   string
	}{
		{"nothing", powershell.Script{}, ""},
		{"a title of two lines, with blanks", powershell.Script{Title: "One\n\ntwo \t words"}, "# One\n#\n# two words\n"},
		{"one item needs no loop", powershell.Script{Groups: []powershell.Group{{Comment: "Show.", Commands: []powershell.Command{unhide}, Items: []string{"a"}}}},
			"# Show.\nSet-Mailbox -Identity 'a' -HiddenFromAddressListsEnabled:$false\n"},
		{"no item, no command", powershell.Script{Groups: []powershell.Group{{Commands: []powershell.Command{unhide, list}}}}, "Get-UMMailbox\n"},
		{"three items are one line", powershell.Script{Groups: []powershell.Group{{Commands: []powershell.Command{unhide}, Items: []string{"a", "b", "c"}}}},
			"foreach ($item in @('a', 'b', 'c')) {\n    Set-Mailbox -Identity $item -HiddenFromAddressListsEnabled:$false\n}\n"},
		{"four items are four lines, and what needs none stays out of the loop", powershell.Script{Title: "T", Groups: []powershell.Group{
			{Comment: "Both.", Commands: []powershell.Command{unhide, unhide, list, unhide}, Items: []string{"a", "b", "c", "d"}}}},
			"# T\n\n# Both.\nforeach ($item in @(\n    'a',\n    'b',\n    'c',\n    'd'\n)) {\n" +
				"    Set-Mailbox -Identity $item -HiddenFromAddressListsEnabled:$false\n" +
				"    Set-Mailbox -Identity $item -HiddenFromAddressListsEnabled:$false\n}\nGet-UMMailbox\n" +
				"foreach ($item in @(\n    'a',\n    'b',\n    'c',\n    'd'\n)) {\n    Set-Mailbox -Identity $item -HiddenFromAddressListsEnabled:$false\n}\n"},
		{"by hand", powershell.Script{Groups: []powershell.Group{{Comment: "By hand:", Items: []string{"a", "b\nSet-Mailbox"}}, {Comment: "C"}}},
			"# By hand:\n# a\n# b\n# Set-Mailbox\n\n# C\n"},
		{"variables are set, or asked for once", powershell.Script{
			Variables: map[string]string{"Other": "it's", "Account": "CORP\\m"},
			Groups:    []powershell.Group{{Commands: []powershell.Command{grant}, Items: []string{"a"}}},
		}, "$Account = 'CORP\\m'\n$Other = 'it''s'\nif ($null -eq $Owner) { throw 'Set $Owner first.' }\n\n" +
			"Add-MailboxPermission -Identity 'a' -User $Account -Owner $Owner -By $account\n"},
		{"the case of a variable does not matter", powershell.Script{
			Variables: map[string]string{"ACCOUNT": "m", "OWNER": "o"}, Groups: []powershell.Group{{Commands: []powershell.Command{grant}, Items: []string{"a"}}},
		}, "$ACCOUNT = 'm'\n$OWNER = 'o'\n\nAdd-MailboxPermission -Identity 'a' -User $Account -Owner $Owner -By $account\n"},
		{"nor if it is asked for", powershell.Script{Groups: []powershell.Group{{Commands: []powershell.Command{grant}, Items: []string{"a"}}}},
			"if ($null -eq $Account) { throw 'Set $Account first.' }\nif ($null -eq $Owner) { throw 'Set $Owner first.' }\n\n" +
				"Add-MailboxPermission -Identity 'a' -User $Account -Owner $Owner -By $account\n"},
	} {
		require.Equal(t, strings.ReplaceAll(test.want, "\n", "\r\n"), render(t, &test.script), test.reason)
	}
}

func TestInvalidScripts(t *testing.T) {
	const shell = powershell.Exchange2007
	item := powershell.Command{Shell: shell, Cmdlet: "Get-Mailbox", Parameters: []powershell.Parameter{powershell.Item("Identity")}}
	online := powershell.Command{Shell: powershell.ExchangeOnline, Cmdlet: "Get-Mailbox"}
	for _, test := range []struct {
		reason string
		script powershell.Script
		want   string
	}{
		{"two shells", powershell.Script{Groups: []powershell.Group{{Commands: []powershell.Command{item}}, {Comment: "C", Commands: []powershell.Command{online}}}},
			`script: Get-Mailbox is for the Exchange Online PowerShell, and what is before for the Exchange Management Shell (Exchange 2007), in group 2 ("C")`},
		{"one item that is no text", powershell.Script{Groups: []powershell.Group{{Commands: []powershell.Command{item}, Items: []string{"\xff"}}}},
			`text "\xff": not UTF-8 at byte 1, in group 1 ("")`},
		{"an item that is no text", powershell.Script{Groups: []powershell.Group{{Commands: []powershell.Command{item}, Items: []string{"a", "\xff"}}}},
			`text "\xff": not UTF-8 at byte 1, in group 1 ("")`},
		{"a variable that is none", powershell.Script{Variables: map[string]string{"a b": ""}},
			`variable "a b": not letters and digits, or the name of the loop's own`},
		{"the value of a variable is no text", powershell.Script{Variables: map[string]string{"a": "\xff"}},
			`text "\xff": not UTF-8 at byte 1 ($a)`},
	} {
		var b bytes.Buffer
		_, err := test.script.WriteTo(&b)
		require.ErrorIs(t, err, powershell.ErrInvalid, test.reason)
		require.EqualError(t, err, "powershell: invalid "+test.want, test.reason)
		require.Zero(t, b.Len(), test.reason)
	}
	broken := errors.New("disk full")
	_, err := (&powershell.Script{Title: "T"}).WriteTo(writer(func([]byte) (int, error) { return 0, broken }))
	require.ErrorIs(t, err, broken)
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func TestComments(t *testing.T) {
	long := strings.Repeat("word ", 25)
	for _, test := range []struct{ reason, text, want string }{
		{"any line end begins a line", "a\r\nb\rc\nd", "# a\n# b\n# c\n# d\n"},
		{"others are blanks", "a\u2028b\u0085c\vd\u00a0e", "# a b c d e\n"},
		{"what cannot be seen is shown", "a\x00\u202eb\ufeff\xff\ufffd", "# a<U+0000><U+202E>b<U+FEFF><U+FFFD><U+FFFD>\n"},
		{"letters of others remain", "Müller 日本", "# Müller 日本\n"},
		{"the end of another comment", "#> Remove-Mailbox <#", "# #> Remove-Mailbox <#\n"},
		{"not a #requires", "requires -version 9", "# requires -version 9\n"},
		{"wrapped at 100 characters", long, "# " + strings.TrimSpace(strings.Repeat("word ", 20)) + "\n# " + strings.TrimSpace(strings.Repeat("word ", 5)) + "\n"},
		{"just 100 characters", strings.Repeat("x", 50) + " " + strings.Repeat("y", 49), "# " + strings.Repeat("x", 50) + " " + strings.Repeat("y", 49) + "\n"},
		{"one more", strings.Repeat("x", 50) + " " + strings.Repeat("y", 50), "# " + strings.Repeat("x", 50) + "\n# " + strings.Repeat("y", 50) + "\n"},
		{"a word that is too long", strings.Repeat("x", 120) + " y", "# " + strings.Repeat("x", 120) + "\n# y\n"},
		{"what a signature begins with", "SIG # Begin signature block", "# ---------- SIG # Begin signature block\n"},
		{"nine edits from it", "SIG # Begin signature block 123456789", "# ---------- SIG # Begin signature block 123456789\n"},
		{"ten edits from it", "SIG # Begin signature block 1234567890", "# SIG # Begin signature block 1234567890\n"},
		{"nine letters short of it", "SIG # Begin signa", "# ---------- SIG # Begin signa\n"},
		{"ten letters short of it", "SIG # Begin sign", "# SIG # Begin sign\n"},
		{"the nearest that PowerShell's authors saw in other scripts, at 11", "SET TEXT SIGNATURE", "# SET TEXT SIGNATURE\n"},
		{"the nearest that they saw which is none", "END BEGIN SCRIPT BLOCK", "# END BEGIN SCRIPT BLOCK\n"},
		{"the end of a signature", "SIG # End signature block", "# ---------- SIG # End signature block\n"},
	} {
		got := render(t, &powershell.Script{Title: test.text})
		require.Equal(t, strings.ReplaceAll(test.want, "\n", "\r\n"), got, test.reason)
	}
}
