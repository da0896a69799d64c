package rules_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/powershell"
)

func TestInstructions(t *testing.T) {
	item := []powershell.Parameter{powershell.Item("Identity")}
	show := powershell.Command{Shell: powershell.Exchange2007, Cmdlet: "Set-Mailbox", Parameters: item}
	get := powershell.Command{Shell: powershell.Exchange2007, Cmdlet: "Get-Mailbox", Parameters: item}
	online := powershell.Command{Shell: powershell.ExchangeOnline, Cmdlet: "Get-MailUser", Parameters: item}
	tests := []struct {
		reason, want string
		f            rules.Finding
	}{
		{"text alone", "Mend it.", rules.Finding{Remedy: "Mend it."}},
		{"nothing to do", "", rules.Finding{}},
		{"two commands of one shell, for the subject", "Mend it. Exchange Management Shell (Exchange 2007): Set-Mailbox -Identity 'o''hara@x.com'; Get-Mailbox -Identity 'o''hara@x.com'",
			rules.Finding{Remedy: "Mend it.", Subject: "o'hara@x.com", Commands: []powershell.Command{show, get}}},
		{"two shells", "Mend it. Exchange Management Shell (Exchange 2007): Set-Mailbox -Identity 'a' Exchange Online PowerShell: Get-MailUser -Identity 'a'",
			rules.Finding{Remedy: "Mend it.", Subject: "a", Commands: []powershell.Command{show, online}}},
		{"Exchange 2003 has no shell", "Mend it. Exchange Online PowerShell: Get-MailUser -Identity 'a'",
			rules.Finding{Remedy: "Mend it.", Subject: "a", On2003: true, Commands: []powershell.Command{show, online}}},
		{"a subject that is no text", "Mend it.", rules.Finding{Remedy: "Mend it.", Subject: "\xff", Commands: []powershell.Command{show}}},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, tt.f.Instructions(), tt.reason)
	}
}
