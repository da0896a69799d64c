package powershell_test

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/rules/powershell"
)

// A command for one item. Values are quoted, whatever is in them.
func ExampleCommand_For() {
	show := powershell.Command{
		Shell:  powershell.Exchange2007,
		Cmdlet: "Set-Mailbox",
		Parameters: []powershell.Parameter{
			powershell.Item("Identity"), powershell.Bool("HiddenFromAddressListsEnabled", false),
		},
	}
	for _, item := range []string{"anna@contoso.com", "x'; Remove-Mailbox *; '", "müller@contoso.com"} {
		text, err := show.For(item)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(text)
	}
	// Output:
	// Set-Mailbox -Identity 'anna@contoso.com' -HiddenFromAddressListsEnabled:$false
	// Set-Mailbox -Identity 'x''; Remove-Mailbox *; ''' -HiddenFromAddressListsEnabled:$false
	// Set-Mailbox -Identity ('m' + [char]252 + 'ller@contoso.com') -HiddenFromAddressListsEnabled:$false
}

// A script that creates a batch. It asks for the credential, which it is not given.
func ExampleScript() {
	script := powershell.Script{
		Title:     "The first batch.",
		Variables: map[string]string{"Admin": "admin@contoso.com"},
		Groups: []powershell.Group{{
			Comment: "One endpoint for all batches.",
			Commands: []powershell.Command{{
				Shell: powershell.ExchangeOnline, Cmdlet: "New-MigrationEndpoint", Parameters: []powershell.Parameter{
					powershell.Switch("ExchangeOutlookAnywhere"), powershell.Text("Name", "E1"), powershell.Switch("Autodiscover"),
					powershell.Text("EmailAddress", "anna@contoso.com"), powershell.Variable("Credentials", "Credential"),
				},
			}},
		}, {
			Commands: []powershell.Command{{
				Shell: powershell.ExchangeOnline, Cmdlet: "New-MigrationBatch", Parameters: []powershell.Parameter{
					powershell.Text("Name", "B1"), powershell.Text("SourceEndpoint", "E1"),
					powershell.FileBytes("CSVData", `C:\plan\B1.csv`), powershell.Variable("NotificationEmails", "Admin"),
				},
			}},
		}},
	}
	var text strings.Builder
	if _, err := script.WriteTo(&text); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(text.String(), "\r\n", "\n")) // lines of a script end in CR LF
	// Output:
	// # The first batch.
	// $Admin = 'admin@contoso.com'
	// if ($null -eq $Credential) { throw 'Set $Credential first.' }
	//
	// # One endpoint for all batches.
	// New-MigrationEndpoint -ExchangeOutlookAnywhere -Name 'E1' -Autodiscover -EmailAddress 'anna@contoso.com' -Credentials $Credential
	//
	// New-MigrationBatch -Name 'B1' -SourceEndpoint 'E1' -CSVData ([System.IO.File]::ReadAllBytes('C:\plan\B1.csv')) -NotificationEmails $Admin
}
