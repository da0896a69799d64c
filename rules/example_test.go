package rules_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/powershell"
)

func ExampleCheck() {
	inv, err := inventory.New(
		inventory.Organization{DirectorySynchronization: inventory.No},
		[]inventory.Mailbox{
			{Address: "anna@contoso.com", Kind: inventory.UserMailbox, HiddenFromAddressLists: inventory.Yes},
			{Address: "ben@contoso.com", Kind: inventory.UserMailbox, HiddenFromAddressLists: inventory.No},
		}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := rules.Check(context.Background(), inv, rules.Catalogue())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ready:", report.Ready())
	for _, f := range report.Findings {
		if f.Severity == rules.Blocker && !f.Unverified {
			fmt.Println(f.Rule, f.Subject, f.Message)
		}
	}
	fmt.Println("held:", report.Held())
	// Output:
	// ready: false
	// dirsync-required  Directory synchronization is not active.
	// mailbox-hidden-from-address-lists anna@contoso.com It is hidden from address lists, so its migration would fail.
	// held: map[anna@contoso.com:[mailbox-hidden-from-address-lists]]
}

// A rule of one's own is a value like the built-in ones, and holds mailboxes like
// them.
func ExampleRule() {
	board := &rules.Rule{
		Name:     "board-moves-by-hand",
		Doc:      "Members of the board are moved by hand, with somebody beside them.",
		Severity: rules.Blocker,
		Mailbox: func(p *rules.Pass, m *inventory.Mailbox) {
			if m.Address.Domain() == "board.contoso.com" {
				p.Reportf("It is in the domain %s.", m.Address.Domain())
			}
		},
	}
	inv, _ := inventory.New(inventory.Organization{}, []inventory.Mailbox{{Address: "chair@board.contoso.com"}}, nil)
	report, err := rules.Check(context.Background(), inv, append(rules.Catalogue(), board))
	fmt.Println(report.Held(), err)
	// Output: map[chair@board.contoso.com:[board-moves-by-hand]] <nil>
}

// The rules of the catalogue with another rate, without one of them.
func ExampleParams_Catalogue() {
	model := estimate.Model{Throughput: estimate.Throughput{Low: 5, High: 6}}
	set := rules.Params{Model: model}.Catalogue()
	set = slices.DeleteFunc(set, func(r *rules.Rule) bool { return r.Name == "manual-coexistence" })
	fmt.Println(rules.Validate(set), len(rules.Catalogue())-len(set))
	// Output: <nil> 1
}

// What a packing brings about is checked once it is there.
func ExampleCheckPacking() {
	inv, err := inventory.New(inventory.Organization{}, []inventory.Mailbox{
		{Address: "anna@contoso.com"}, {Address: "ben@contoso.com"},
	}, []inventory.Grant{{Mailbox: "anna@contoso.com", Trustee: "ben@contoso.com", Right: inventory.SendAs}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	packing, err := batch.Pack(ctx, inv, &batch.Options{Limits: batch.Limits{Mailboxes: 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := rules.CheckPacking(ctx, packing, rules.Catalogue())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range report.Findings {
		if !f.Unverified {
			fmt.Printf("%s: %s %s %q\n", f.Rule, f.Severity, f.Phase, f.Subject)
		}
	}
	// Output:
	// manual-coexistence: task during ""
	// mailbox-convert-to-meu: task after "StagedBatch001"
	// mailbox-convert-to-meu: task after "StagedBatch002"
	// batch-splits-delegates: warning before "anna@contoso.com"
}

func ExampleAdvise() {
	v2007, _ := inventory.ParseVersion("2007")
	org := &inventory.Organization{
		ExchangeServers:  []inventory.ExchangeServer{{Name: "EX07", Version: v2007}},
		RequiredFeatures: []inventory.Feature{},
		Procedure:        inventory.Procedure{Pace: inventory.Days, CloudIdentity: inventory.No},
	}
	a := rules.Advise(org, 3200)
	fmt.Println(a.Method)
	for _, reason := range a.Reasons {
		fmt.Println("-", reason)
	}
	fmt.Println("assumed:", a.Assumed)
	for _, c := range a.Changes {
		fmt.Printf("if %s were %s: %s\n", c.Fact, c.Value, c.Method)
	}
	// Output:
	// staged
	// - Exchange 2003 and 2007 can be migrated in stages, in batches of up to 2,000 mailboxes.
	// - Users go on being managed in the local directory, which is synchronized.
	// - A cutover takes no more than 2000 mailboxes.
	// assumed: [largeMailboxes: none]
	// if exchangeServers were none of Exchange 2003 or later: IMAP
	// if exchangeServers were 2010 or later: full hybrid
	// if requiredFeatures were freeBusy or another of a federation: full hybrid
	// if procedure.pace were long: full hybrid
}

// A policy switches rules off, changes what they weigh, and waives findings with a
// reason that stays in the report.
func ExamplePolicy() {
	inv, _ := inventory.New(inventory.Organization{}, []inventory.Mailbox{
		{Address: "anna@contoso.com", HiddenFromAddressLists: inventory.Yes},
		{Address: "ben@contoso.com", HiddenFromAddressLists: inventory.Yes},
	}, nil)
	policy := rules.Policy{
		Off:        []string{"mailbox-ost-resync"},
		Severities: map[string]rules.Severity{"mailbox-um-enabled": rules.Warning},
		Waivers: []rules.Waiver{{
			Rule: "mailbox-hidden-from-address-lists", Subjects: []string{"anna@contoso.com"}, Reason: "Kim shows it on the day of the move",
		}},
	}
	set, err := policy.Apply(rules.Catalogue())
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := rules.Check(context.Background(), inv, set)
	fmt.Println(report.Held(), err)
	for _, f := range report.Findings {
		if f.Waived != "" {
			fmt.Printf("%s of %s is waived: %s\n", f.Rule, f.Subject, f.Waived)
		}
	}
	// Output:
	// map[ben@contoso.com:[mailbox-hidden-from-address-lists]] <nil>
	// mailbox-hidden-from-address-lists of anna@contoso.com is waived: Kim shows it on the day of the move
}

// A rule may come from a configuration instead of code.
func ExampleDeclaration() {
	rule, err := rules.Declaration{
		Name:     "sales-last",
		Doc:      "Sales moves after the fair.",
		Severity: rules.Blocker,
		Field:    "attributes.Department",
		Operator: "in",
		Value:    []any{"Sales", "Field Sales"},
		Message:  "Its department, {value}, moves after the fair.",
	}.Rule()
	if err != nil {
		fmt.Println(err)
		return
	}
	inv, _ := inventory.New(inventory.Organization{}, []inventory.Mailbox{{
		Address: "anna@contoso.com",
		Attrs:   inventory.NewAttrs([]string{"Department"}, []inventory.Opt[string]{inventory.Known("sales")}),
	}}, nil)
	report, err := rules.Check(context.Background(), inv, []*rules.Rule{rule})
	for _, f := range report.Findings {
		fmt.Println(f.Subject, f.Message)
	}
	fmt.Println(report.Held(), err)
	// Output:
	// anna@contoso.com Its department, sales, moves after the fair.
	// map[anna@contoso.com:[sales-last]] <nil>
}

// What a report has commands for, as a script for the Exchange Management Shell.
func ExampleReport_Script() {
	v2003, _ := inventory.ParseVersion("6.5.7638.2")
	v2007, _ := inventory.ParseVersion("8.3.83.6")
	hidden := func(address inventory.Address, v inventory.Version) inventory.Mailbox {
		return inventory.Mailbox{Address: address, Version: v, HiddenFromAddressLists: inventory.Yes}
	}
	inv, err := inventory.New(inventory.Organization{
		MigrationAccount: inventory.MigrationAccount{Name: `CORP\migrator`, DomainAdmin: inventory.No, WritesTargetAddress: inventory.No},
	}, []inventory.Mailbox{
		hidden("anna@contoso.com", v2007), hidden("o'hara@contoso.com", v2007), hidden("zoe@contoso.com", v2003),
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := rules.Check(context.Background(), inv, rules.Catalogue())
	if err != nil {
		fmt.Println(err)
		return
	}
	script := report.Script(powershell.Exchange2007, rules.Before)
	script.Variables = map[string]string{"MigrationAccount": inv.Organization().MigrationAccount.Name}
	var text strings.Builder
	if _, err := script.WriteTo(&text); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(text.String(), "\r\n", "\n")) // lines of a script end in CR LF
	// Output:
	// # Staged migration: what to do before it, in Exchange Management Shell (Exchange 2007).
	// $MigrationAccount = 'CORP\migrator'
	//
	// # migration-admin-targetaddress-write: Allow the account to write targetAddress of the users.
	// Get-User -ResultSize 'Unlimited' -Filter 'RecipientTypeDetails -eq ''UserMailbox''' | Add-ADPermission -User $MigrationAccount -AccessRights 'WriteProperty' -Properties 'TargetAddress'
	//
	// # mailbox-hidden-from-address-lists: Show it in address lists until it has moved, and let a
	// # synchronization run; hide it again afterwards.
	// foreach ($item in @('anna@contoso.com', 'o''hara@contoso.com')) {
	//     Set-Mailbox -Identity $item -HiddenFromAddressListsEnabled:$false
	// }
	//
	// # mailbox-hidden-from-address-lists, on Exchange 2003, by hand: Clear "Hide from Exchange address
	// # lists" (Exchange Advanced) in Active Directory Users and Computers, or delete
	// # msExchHideFromAddressLists with ldifde, and wait for the Recipient Update Service.
	// # zoe@contoso.com
}
