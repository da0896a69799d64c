package estimate_test

import (
	"fmt"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// Ann, Ben and Cleo work at a site whose link is slow: half of it carries 1.8 billion bytes
// in an hour. The batch is done on a Friday night. On Monday there is no room for what Ben
// downloads, since he opens the mailbox of the sales team too.
func ExampleRollOut() {
	mailbox := func(name string, gb inventory.Size, kind inventory.Kind) inventory.Mailbox {
		return inventory.Mailbox{Address: inventory.Address(name + "@contoso.com"), Size: inventory.Known(gb * inventory.GB), Kind: kind,
			OutlookCachedMode: inventory.Yes, OutlookVersion: inventory.Version{Major: 16}}
	}
	inv, err := inventory.New(inventory.Organization{}, []inventory.Mailbox{
		mailbox("ann", 4, inventory.UserMailbox), mailbox("ben", 3, inventory.UserMailbox), mailbox("cleo", 9, inventory.UserMailbox),
		mailbox("sales", 20, inventory.SharedMailbox)},
		[]inventory.Grant{{Mailbox: "sales@contoso.com", Trustee: "ben@contoso.com", Right: inventory.FullAccess}})
	if err != nil {
		fmt.Println(err)
		return
	}
	p := &batch.Packing{Inventory: inv, Batches: []batch.Batch{{Name: "StagedBatch001"}}}
	for m := range inv.Mailboxes() {
		p.Batches[0].Mailboxes = append(p.Batches[0].Mailboxes, m)
	}
	desk, err := estimate.ParseWindows("Mon-Fri 08:00-16:00")
	if err != nil {
		fmt.Println(err)
		return
	}
	clients := estimate.Clients{Hours: estimate.Calendar{Windows: desk}}
	t, err := estimate.Schedule(p, estimate.Model{}, estimate.Calendar{},
		&estimate.ScheduleOptions{Start: time.Date(2026, 11, 5, 6, 0, 0, 0, time.UTC), Clients: clients})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := estimate.RollOut(p, t, &estimate.RolloutOptions{
		Clients: clients,
		Stagger: true,
		Link:    func(string) float64 { return 8 },
		Window:  0.5, // an assumption: half of a mailbox is of the last twelve months
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range r.Changes {
		fmt.Println(c.Date, c.Mailbox.Address, c.Download)
	}
	for _, d := range r.Days {
		fmt.Println(d.Date, d.Users, "users,", d.Takes.Round(time.Minute), "of downloads,", d.Over.Round(time.Minute), "too much")
	}
	// Output:
	// 2026-11-09 ann@contoso.com 2 GB
	// 2026-11-10 ben@contoso.com 11.5 GB
	// 2026-11-09 cleo@contoso.com 4.5 GB
	// 2026-11-09 2 users, 3h53m0s of downloads, 0s too much
	// 2026-11-10 1 users, 6h52m0s of downloads, 0s too much
}
