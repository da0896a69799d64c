// Minimal plans the mailboxes of one export of Get-Mailbox.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/staged-migration/staged"
	"github.com/staged-migration/staged/csvio"
)

func main() {
	ctx := context.Background()
	export := csvio.File{Name: "mailboxes.csv", Reader: os.Stdin}
	input, err := csvio.ReadInventory(ctx, csvio.Exports{Mailboxes: []csvio.File{export}})
	if err != nil {
		log.Fatal(err)
	}
	plan, err := staged.New(ctx, input.Inventory, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range plan.Packing.Batches {
		fmt.Println(b.Name, len(b.Mailboxes), "mailboxes")
	}
	fmt.Println(len(plan.Packing.Held), "held,", len(plan.Packing.Split), "split grants, ready:", plan.Ready())
}
