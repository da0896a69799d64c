package staged_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/staged-migration/staged"
	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
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

// Smaller batches with names of one's own, a rate that a pilot has shown, and a rule
// beside those of the catalogue.
func ExampleNew() {
	inv, err := inventory.New(inventory.Organization{}, []inventory.Mailbox{
		{Address: "anna@contoso.com", Size: inventory.Known(6 * inventory.GB)},
		{Address: "ben@contoso.com", Size: inventory.Known(3 * inventory.GB)},
		{Address: "chair@board.contoso.com", Size: inventory.Known(1 * inventory.GB)},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := staged.New(context.Background(), inv, &staged.Options{
		Batch: batch.Options{Limits: batch.Limits{Mailboxes: 1}, Prefix: "Berlin"},
		Model: estimate.Model{Throughput: estimate.Throughput{Low: 3, High: 6}},
		MoreRules: []*rules.Rule{{
			Name: "board-by-hand", Doc: "Board members are moved by hand.", Severity: rules.Blocker,
			Mailbox: func(p *rules.Pass, m *inventory.Mailbox) {
				if m.Address.Domain() == "board.contoso.com" {
					p.Reportf("It belongs to the board.")
				}
			},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, b := range plan.Packing.Batches {
		t := plan.Batches[i].Transfer
		fmt.Println(b.Name, b.Mailboxes[0].Address, t.Early, "to", t.Late)
	}
	fmt.Println("held:", plan.Packing.Held[0].Address, "verified:", plan.Verify() == nil)
	// Output:
	// Berlin001 anna@contoso.com 1h0m0s to 2h0m0s
	// Berlin002 ben@contoso.com 30m0s to 1h0m0s
	// held: chair@board.contoso.com verified: true
}
