package csvio_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

const (
	mailboxExport = `#TYPE Microsoft.Exchange.Data.Directory.Management.Mailbox
"DisplayName","LegacyExchangeDN","PrimarySmtpAddress","HiddenFromAddressListsEnabled"
"Parker, Pilar","/o=Contoso/cn=Recipients/cn=pilarp","PilarP@contoso.com","False"
"Nyn, Toby","/o=Contoso/cn=Recipients/cn=tobyn","","True"
`
	statisticsExport = `"DisplayName","LegacyDN","TotalItemSize"
"Parker, Pilar","/O=CONTOSO/CN=RECIPIENTS/CN=PILARP","1.07 GB (1,148,963,652 bytes)"
`
)

// All exports of an organization, joined.
func ExampleReadInventory() {
	input, err := csvio.ReadInventory(context.Background(), csvio.Exports{
		Mailboxes:  []csvio.File{{Name: "mailboxes.csv", Reader: strings.NewReader(mailboxExport)}},
		Statistics: []csvio.File{{Name: "statistics.csv", Reader: strings.NewReader(statisticsExport)}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for m := range input.Inventory.Mailboxes() {
		fmt.Println(m.Address, m.Size.Or(0), "hidden:", m.HiddenFromAddressLists)
	}
	for _, bad := range input.BadRows {
		fmt.Println(bad)
	}
	// Output:
	// pilarp@contoso.com 1.07 GB hidden: no
	// mailboxes.csv:4:49: PrimarySmtpAddress: not an SMTP address: it is empty
}

// One export as a stream, going on behind rows that cannot be read.
func ExampleMailboxes() {
	opts := &csvio.ReadOptions{
		File: "mailboxes.csv",
		Bad:  func(e *csvio.RowError) { fmt.Println("bad:", e) },
	}
	for m, err := range csvio.Mailboxes(strings.NewReader(mailboxExport), opts) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(m.Address, m.Source)
	}
	// Output:
	// pilarp@contoso.com mailboxes.csv:3
	// bad: mailboxes.csv:4:49: PrimarySmtpAddress: not an SMTP address: it is empty
}

func ExampleWriteBatch() {
	b := &batch.Batch{Name: "Pilot001", Mailboxes: []*inventory.Mailbox{{Address: "pilarp@contoso.com"}, {Address: "tobyn@contoso.com"}}}
	var file strings.Builder
	err := csvio.WriteBatch(&file, b, &csvio.WriteOptions{
		Credentials: func(*inventory.Mailbox) csvio.Credentials {
			return csvio.Credentials{Password: csvio.NewSecret("Pa$$w0rd"), ForceChange: inventory.No}
		},
	})
	fmt.Print(strings.ReplaceAll(file.String(), "\r\n", "\n")) // lines end with CRLF
	fmt.Println(err)
	// Output:
	// EmailAddress,Password,ForceChangePassword
	// pilarp@contoso.com,Pa$$w0rd,False
	// tobyn@contoso.com,Pa$$w0rd,False
	// <nil>
}

// What Get-MailboxPermission exports, with the rows that tie nobody to the mailbox left
// out and counted.
func ExamplePermissions() {
	export := `"Identity","User","AccessRights","IsInherited","Deny"
"contoso.com/Users/Sales","NT AUTHORITY\SELF","{FullAccess, ReadPermission}","False","False"
"contoso.com/Users/Sales","CONTOSO\Domain Admins","{FullAccess}","True","False"
"contoso.com/Users/Sales","CONTOSO\anna","{FullAccess}","False","False"
`
	opts := &csvio.ReadOptions{Skip: func(reason string, line int) { fmt.Println("line", line, "skipped:", reason) }}
	for p, err := range csvio.Permissions(strings.NewReader(export), opts) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(p.User, "has", p.Right, "on", p.Mailbox)
	}
	// Output:
	// line 2 skipped: right of the mailbox itself or of the system
	// line 3 skipped: inherited right
	// CONTOSO\anna has FullAccess on contoso.com/Users/Sales
}

// A list made by hand, whose header tells the unit.
func ExampleStatistics() {
	list := "EmailAddress;Size (MB)\nanna@contoso.com;1.536,5\nben@contoso.com;n/a\n"
	for row, err := range csvio.Statistics(strings.NewReader(list), nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		size, known := row.Size.Get()
		fmt.Println(row.Address, size, known)
	}
	// Output:
	// anna@contoso.com 1.5 GB true
	// ben@contoso.com 0 B false
}

// What an export has lost is a warning; what it says all the same is read.
func ExampleReadOptions() {
	export := "PrimarySmtpAddress,EmailAddresses\nanna@contoso.com,Microsoft.Exchange.Data.ProxyAddressCollection\nnobody,\n"
	opts := &csvio.ReadOptions{
		File: "mailboxes.csv",
		Bad:  func(e *csvio.RowError) { fmt.Println("bad:", e) },
		Warn: func(e *csvio.RowError) { fmt.Println("warning in line", e.Line, "of", e.File, "about", e.Header) },
	}
	for m, err := range csvio.Mailboxes(strings.NewReader(export), opts) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(m.Address)
	}
	// Output:
	// anna@contoso.com
	// bad: mailboxes.csv:3:1: PrimarySmtpAddress: not an SMTP address: "nobody": there is no @
	// warning in line 2 of mailboxes.csv about EmailAddresses
}

func ExampleReadRules() {
	const config = `{"rules": [{
		"name": "board-by-hand", "doc": "The board is moved by hand.", "severity": "blocker",
		"field": "domain", "operator": "equal", "value": "board.contoso.com", "message": "It is in {value}."
	}]}`
	_, err := csvio.ReadRules(strings.NewReader(config), "rules.json")
	fmt.Println(err)
	set, err := csvio.ReadRules(strings.NewReader(strings.Replace(config, `"equal"`, `"equals"`, 1)), "rules.json")
	fmt.Println(set[0].Name, err)
	// Output:
	// rules.json:3:34: rules[0].operator: invalid declaration of a rule: there is no operator of domain "equal"; the nearest is "equals"
	// board-by-hand <nil>
}
