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
