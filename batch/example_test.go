package batch_test

import (
	"cmp"
	"context"
	"fmt"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// Five mailboxes, at most three in a batch: those that share stay together.
func ExamplePack() {
	inv, err := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{
			{Address: "anna@contoso.com", Size: inventory.Known(2 * inventory.GB)},
			{Address: "ben@contoso.com", Size: inventory.Known(1 * inventory.GB)},
			{Address: "carla@contoso.com", Size: inventory.Known(4 * inventory.GB)},
			{Address: "dan@contoso.com", Size: inventory.Known(3 * inventory.GB)},
			{Address: "sales@contoso.com", Size: inventory.Known(9 * inventory.GB)},
		},
		[]inventory.Grant{
			{Mailbox: "sales@contoso.com", Trustee: "anna@contoso.com", Right: inventory.FullAccess},
			{Mailbox: "sales@contoso.com", Trustee: "dan@contoso.com", Right: inventory.SendAs},
		})
	if err != nil {
		fmt.Println(err)
		return
	}
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 3}, Prefix: "Wave1Batch"}
	p, err := batch.Pack(context.Background(), inv, opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range p.Batches {
		size, _ := b.Size()
		fmt.Println(b.Name, size)
		for _, m := range b.Mailboxes {
			fmt.Println("  ", m.Address)
		}
	}
	fmt.Println("fewest possible:", p.Optimal(), "split grants:", len(p.Split))
	// Output:
	// Wave1Batch001 14 GB
	//    sales@contoso.com
	//    dan@contoso.com
	//    anna@contoso.com
	// Wave1Batch002 5 GB
	//    carla@contoso.com
	//    ben@contoso.com
	// fewest possible: true split grants: 0
}

// Weights say which grants to keep together if not all can be: here it matters what is
// in the calendars, and nothing else much.
func ExampleOptions_weight() {
	inv, _ := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{{Address: "anna@contoso.com"}, {Address: "ben@contoso.com"}, {Address: "carla@contoso.com"}},
		[]inventory.Grant{
			{Mailbox: "anna@contoso.com", Trustee: "ben@contoso.com", Right: inventory.FullAccess},
			{Mailbox: "ben@contoso.com", Trustee: "carla@contoso.com", Right: inventory.Calendar},
		})
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 2}}
	p, _ := batch.Pack(context.Background(), inv, opts)
	fmt.Println(p.Split[0].Right, "weighs", p.SplitWeight)

	opts.Weight = func(g inventory.Grant) float64 {
		if g.Right == inventory.Calendar {
			return 100
		}
		return batch.DefaultWeight(g)
	}
	p, _ = batch.Pack(context.Background(), inv, opts)
	fmt.Println(p.Split[0].Right, "weighs", p.SplitWeight)
	// Output:
	// Calendar weighs 1
	// FullAccess weighs 4
}

// A service account is no reason to keep people together. One with rights on a large
// part of the organization is found; this one is named.
func ExampleOptions_hubs() {
	inv, _ := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{{Address: "anna@contoso.com"}, {Address: "ben@contoso.com"}, {Address: "carla@contoso.com"}, {Address: "fax@contoso.com"}},
		[]inventory.Grant{
			{Mailbox: "anna@contoso.com", Trustee: "fax@contoso.com", Right: inventory.SendAs},
			{Mailbox: "ben@contoso.com", Trustee: "fax@contoso.com", Right: inventory.SendAs},
			{Mailbox: "carla@contoso.com", Trustee: "anna@contoso.com", Right: inventory.Calendar},
			{Mailbox: "carla@contoso.com", Trustee: "fax@contoso.com", Right: inventory.SendAs},
		})
	p, _ := batch.Pack(context.Background(), inv, &batch.Options{
		Limits: batch.Limits{Mailboxes: 2},
		Hubs:   batch.HubOptions{Named: []inventory.Address{"fax@contoso.com"}},
	})
	for _, h := range p.Hubs {
		fmt.Println(h.Address, "holds", h.Grants, "grants")
	}
	for _, s := range p.Split {
		fmt.Println("split:", s.Mailbox, s.Trustee, s.Right)
	}
	fmt.Println("weight but for hubs:", p.SplitWeight)
	// Output:
	// fax@contoso.com holds 3 grants
	// split: anna@contoso.com fax@contoso.com SendAs
	// split: carla@contoso.com fax@contoso.com SendAs
	// weight but for hubs: 0
}

// Groups that must stay together do, whatever their grants.
func ExampleOptions_together() {
	inv, _ := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{{Address: "anna@contoso.com"}, {Address: "ben@contoso.com"}, {Address: "carla@contoso.com"}, {Address: "dan@contoso.com"}}, nil)
	opts := &batch.Options{
		Limits:   batch.Limits{Mailboxes: 2},
		Together: [][]inventory.Address{{"anna@contoso.com", "dan@contoso.com"}},
	}
	p, _ := batch.Pack(context.Background(), inv, opts)
	for _, b := range p.Batches {
		fmt.Println(b.Name, b.Mailboxes[0].Address, b.Mailboxes[1].Address)
	}
	opts.Together = append(opts.Together, []inventory.Address{"dan@contoso.com", "ben@contoso.com"})
	_, err := batch.Pack(context.Background(), inv, opts)
	fmt.Println(err)
	// Output:
	// StagedBatch001 anna@contoso.com dan@contoso.com
	// StagedBatch002 ben@contoso.com carla@contoso.com
	// batch: anna@contoso.com, ben@contoso.com, dan@contoso.com must stay together: 3 mailboxes are over the limit of 2
}

// The two administrators must not be off on the same day, and Carla moves with the board.
func ExampleOptions_pin() {
	inv, _ := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{{Address: "anna@contoso.com"}, {Address: "ben@contoso.com"}, {Address: "carla@contoso.com"}, {Address: "dan@contoso.com"}},
		[]inventory.Grant{{Mailbox: "anna@contoso.com", Trustee: "ben@contoso.com", Right: inventory.FullAccess}})
	p, _ := batch.Pack(context.Background(), inv, &batch.Options{
		Apart: [][]inventory.Address{{"ben@contoso.com", "dan@contoso.com"}},
		Pin: func(m *inventory.Mailbox) string {
			if m.Address == "carla@contoso.com" || m.Address == "dan@contoso.com" {
				return "Board"
			}
			return ""
		},
	})
	for _, b := range p.Batches {
		fmt.Println(b.Name, b.Mailboxes[0].Address, b.Mailboxes[1].Address)
	}
	// Output:
	// Board carla@contoso.com dan@contoso.com
	// StagedBatch001 anna@contoso.com ben@contoso.com
}

// A pilot goes first, and those who complain loudest last; batches never mix them.
func ExampleOptions_wave() {
	inv, _ := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{{Address: "anna@contoso.com"}, {Address: "ben@contoso.com"}, {Address: "ceo@contoso.com"}, {Address: "dan@contoso.com"}}, nil)
	wave := map[inventory.Address]string{"dan@contoso.com": "pilot", "ceo@contoso.com": "VIP"}
	p, _ := batch.Pack(context.Background(), inv, &batch.Options{
		Waves: []string{"pilot", "general", "VIP"},
		Wave:  func(m *inventory.Mailbox) string { return cmp.Or(wave[m.Address], "general") },
	})
	for _, b := range p.Batches {
		fmt.Println(b.Name, b.Wave, len(b.Mailboxes))
	}
	// Output:
	// StagedBatch001 pilot 1
	// StagedBatch002 general 2
	// StagedBatch003 VIP 1
}

// Why is somebody in this batch and somebody else in another, and what would keep them
// together?
func ExampleExplain() {
	inv, _ := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{{Address: "anna@contoso.com"}, {Address: "ben@contoso.com"}, {Address: "carla@contoso.com"}, {Address: "dan@contoso.com"}},
		[]inventory.Grant{
			{Mailbox: "anna@contoso.com", Trustee: "ben@contoso.com", Right: inventory.FullAccess},
			{Mailbox: "anna@contoso.com", Trustee: "dan@contoso.com", Right: inventory.FullAccess},
			{Mailbox: "ben@contoso.com", Trustee: "anna@contoso.com", Right: inventory.Calendar},
			{Mailbox: "carla@contoso.com", Trustee: "ben@contoso.com", Right: inventory.Calendar},
		})
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 3}}
	p, _ := batch.Pack(context.Background(), inv, opts)

	e, err := batch.Explain(p, opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	ben, _ := e.Mailbox("ben@contoso.com")
	fmt.Print(ben)
	// Output:
	// ben@contoso.com is in StagedBatch001, which has 3 mailboxes.
	// Its component is 4 mailboxes (1 mailbox over the limit): 3 in StagedBatch001, 1 in StagedBatch002.
	// Partners in its batch: 1
	//   anna@contoso.com holds Calendar and gives FullAccess, weight 5
	// Partners in other batches: 1
	//   carla@contoso.com gives Calendar, weight 1, in StagedBatch002: their component does not fit into one batch
}

// A split grant, and changes of the options that would keep it.
func ExampleExplainer_Split() {
	inv, _ := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{{Address: "anna@contoso.com"}, {Address: "ben@contoso.com"}, {Address: "carla@contoso.com"}},
		[]inventory.Grant{
			{Mailbox: "anna@contoso.com", Trustee: "ben@contoso.com", Right: inventory.FullAccess},
			{Mailbox: "carla@contoso.com", Trustee: "ben@contoso.com", Right: inventory.Calendar},
		})
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 2}}
	p, _ := batch.Pack(context.Background(), inv, opts)

	e, err := batch.Explain(p, opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	split, _ := e.Split(p.Split[0].Grant)
	fmt.Print(split)

	p, _ = batch.Pack(context.Background(), inv, split.Remedies[1].Options)
	fmt.Println("split after that:", len(p.Split))
	// Output:
	// Calendar of ben@contoso.com on carla@contoso.com, weight 1, is split: carla@contoso.com is in StagedBatch002 and ben@contoso.com in StagedBatch001, since their component does not fit into one batch.
	// Their component is 3 mailboxes (1 mailbox over the limit): 2 in StagedBatch001, 1 in StagedBatch002.
	// The two batches as one would be 3 mailboxes (1 mailbox over the limit).
	// To keep it, pack again with one of these changes:
	//   name the two as a group that must be together; other grants of their component will be split instead
	//   raise the limit to 3 mailboxes or more
	// By hand one could move:
	//   carla@contoso.com from StagedBatch002 to StagedBatch001, which would be 3 mailboxes (1 mailbox over the limit), so others must leave it; that keeps 1 grant and splits 0 grants, and what is split weighs 1 less
	//   ben@contoso.com from StagedBatch001 to StagedBatch002, which would be 2 mailboxes; that keeps 1 grant and splits 1 grant, and what is split weighs 3 more
	// split after that: 0
}

// Why are these two in one batch? They hold no right on each other.
func ExampleExplainer_Pair() {
	inv, _ := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{{Address: "anna@contoso.com"}, {Address: "ben@contoso.com"}, {Address: "carla@contoso.com"}},
		[]inventory.Grant{
			{Mailbox: "anna@contoso.com", Trustee: "ben@contoso.com", Right: inventory.FullAccess},
			{Mailbox: "ben@contoso.com", Trustee: "carla@contoso.com", Right: inventory.Calendar},
		})
	p, _ := batch.Pack(context.Background(), inv, nil)
	e, err := batch.Explain(p, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	pair, _ := e.Pair("anna@contoso.com", "carla@contoso.com")
	fmt.Print(pair)
	// Output:
	// anna@contoso.com and carla@contoso.com are both in StagedBatch001.
	// They are tied within their batch:
	//   ben@contoso.com holds FullAccess on anna@contoso.com
	//   carla@contoso.com holds Calendar on ben@contoso.com
}

// Verify checks a packing that was stored, sent, or changed by hand.
func ExampleVerify() {
	inv, _ := inventory.New(inventory.Organization{}, []inventory.Mailbox{{Address: "anna@contoso.com"}, {Address: "ben@contoso.com"}}, nil)
	p, _ := batch.Pack(context.Background(), inv, nil)
	fmt.Println(batch.Verify(p, inv, nil))

	p.Batches[0].Mailboxes = p.Batches[0].Mailboxes[:1]
	fmt.Println(batch.Verify(p, inv, nil))
	// Output:
	// <nil>
	// batch: ben@contoso.com is in no batch
}

// Three weeks on, the first batch has run, and dan failed in it; carla has left the company
// and eva has joined it. Whoever has been told a date keeps it.
func ExampleRepack() {
	inv, _ := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{{Address: "ben@contoso.com"}, {Address: "dan@contoso.com"}, {Address: "eva@contoso.com"}, {Address: "finn@contoso.com"}},
		[]inventory.Grant{{Mailbox: "ben@contoso.com", Trustee: "eva@contoso.com", Right: inventory.FullAccess}})
	previous := &batch.Previous{
		Batches: []batch.PreviousBatch{
			{Name: "StagedBatch001", Mailboxes: []inventory.Address{"anna@contoso.com", "dan@contoso.com"}, Frozen: true},
			{Name: "StagedBatch002", Mailboxes: []inventory.Address{"ben@contoso.com", "carla@contoso.com"}},
			{Name: "StagedBatch003", Mailboxes: []inventory.Address{"finn@contoso.com"}},
		},
		Failed: []inventory.Address{"dan@contoso.com"},
	}
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 2}}
	r, err := batch.Repack(context.Background(), inv, previous, opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Frozen[0].Name, "has run:", r.Frozen[0].Mailboxes)
	for _, b := range r.Packing.Batches {
		fmt.Println(b.Name, b.Mailboxes[0].Address, b.Mailboxes[1].Address)
	}
	fmt.Println("gone:", r.Gone)
	fmt.Println("moved:", len(r.Moved), "by a fresh plan:", r.Fresh.Moved)
	// Output:
	// StagedBatch001 has run: [anna@contoso.com dan@contoso.com]
	// StagedBatch002 ben@contoso.com eva@contoso.com
	// StagedBatch003 dan@contoso.com finn@contoso.com
	// gone: [carla@contoso.com]
	// moved: 0 by a fresh plan: 0
}
