// Package staged plans staged migrations of Microsoft Exchange: the way in which
// organizations on Exchange 2003 or 2007 move to Exchange Online in batches of at
// most 2,000 mailboxes, each described by a CSV file.
//
// A [Plan] holds the whole of it: what there is, what may move and what must be
// done first, who moves together, how long it takes, and the files to hand over.
// [New] makes one from an inventory, which package csvio reads from exports of
// Exchange:
//
//	input, err := csvio.ReadInventory(ctx, csvio.Exports{
//		Mailboxes:  []csvio.File{{Name: "mailboxes.csv", Reader: mailboxes}},
//		Statistics: []csvio.File{{Name: "statistics.csv", Reader: statistics}},
//		Grants:     []csvio.File{{Name: "permissions.csv", Reader: permissions}},
//	})
//	…
//	plan, err := staged.New(ctx, input.Inventory, nil)
//	…
//	for name, file := range plan.Files(nil) {
//		…
//	}
//
// The packages below it do one thing each and can be used alone: inventory
// (mailboxes, grants, facts), batch (packing), estimate (durations), rules (what
// must hold), csvio (files). None of them does any I/O but through the readers
// and writers it is given, reads the clock or the environment, or keeps state: the
// same input gives the same bytes, on any machine.
package staged
