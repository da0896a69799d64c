package staged_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/staged-migration/staged"
	"github.com/staged-migration/staged/csvio"
)

// From exports to batch files. A real program would open the exports and create
// the files where this one prints.
func Example() {
	ctx := context.Background()
	input, err := csvio.ReadInventory(ctx, csvio.Exports{
		Mailboxes: []csvio.File{{Name: "mailboxes.csv", Reader: strings.NewReader(`"PrimarySmtpAddress","LegacyExchangeDN"
"anna@contoso.com","/o=Contoso/cn=anna"
"ben@contoso.com","/o=Contoso/cn=ben"
"sales@contoso.com","/o=Contoso/cn=sales"
`)}},
		Statistics: []csvio.File{{Name: "statistics.csv", Reader: strings.NewReader(`"LegacyDN","TotalItemSize"
"/o=Contoso/cn=anna","2147483648B"
"/o=Contoso/cn=sales","9 GB (9,663,676,416 bytes)"
`)}},
		Grants: []csvio.File{{Name: "permissions.csv", Reader: strings.NewReader(`"Mailbox","User","AccessRights"
"sales@contoso.com","anna@contoso.com","Full Access"
`)}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := staged.New(ctx, input.Inventory, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ready:", plan.Ready(), "batches:", len(plan.Packing.Batches), "takes up to", plan.Total.Transfer.Late)
	for name, write := range plan.Files(nil) {
		if strings.HasPrefix(name, "batches/") {
			var content strings.Builder
			if err := write(&content); err != nil {
				fmt.Println(err)
			}
			fmt.Println(name, strings.Fields(content.String()))
		}
	}
	// Output:
	// ready: false batches: 1 takes up to 1h6m0s
	// batches/StagedBatch001.csv [EmailAddress sales@contoso.com anna@contoso.com ben@contoso.com]
}
