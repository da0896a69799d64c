package inventory_test

import (
	"encoding/json"
	"fmt"

	"github.com/staged-migration/staged/inventory"
)

// An inventory made by hand, say from one's own database: a field that is not
// set is unknown.
func ExampleNew() {
	mailboxes := []inventory.Mailbox{
		{Address: "sales@contoso.com", Kind: inventory.SharedMailbox, Size: inventory.Known(3 * inventory.GB)},
		{Address: "anna@contoso.com", Kind: inventory.UserMailbox, Aliases: []inventory.Address{"a.adams@contoso.com"}},
	}
	grants := []inventory.Grant{
		{Mailbox: "sales@contoso.com", Trustee: "a.adams@contoso.com", Right: inventory.SendAs},
	}
	inv, err := inventory.New(inventory.Organization{Name: "Contoso"}, mailboxes, grants)
	if err != nil {
		fmt.Println(err)
		return
	}
	for m := range inv.Mailboxes() {
		size, known := m.Size.Get()
		fmt.Println(m.Address, size, known, "hidden:", m.HiddenFromAddressLists)
	}
	for _, g := range inv.Grants() {
		fmt.Println(g.Trustee, "has", g.Right, "on", g.Mailbox)
	}
	// Output:
	// anna@contoso.com 0 B false hidden: unknown
	// sales@contoso.com 3 GB true hidden: unknown
	// anna@contoso.com has SendAs on sales@contoso.com
}

func ExampleParseSize() {
	for _, text := range []string{"6672B", "1.07 GB (1,148,963,652 bytes)", "twelve"} {
		size, err := inventory.ParseSize(text)
		fmt.Println(int64(size), err)
	}
	// Output:
	// 6672 <nil>
	// 1148963652 <nil>
	// 0 not a size: "twelve": "twelve" is no whole number
}

func ExampleParseAddress() {
	for _, text := range []string{"SMTP:Anna@Contoso.com", "anna@contoso"} {
		address, err := inventory.ParseAddress(text)
		fmt.Printf("%q %v\n", address, err)
	}
	// Output:
	// "anna@contoso.com" <nil>
	// "" not an SMTP address: "anna@contoso": the domain "contoso" has no dot
}

func ExampleParseVersion() {
	for _, text := range []string{"0.1 (8.0.535.0)", "Version 6.5 (Build 7638.2: Service Pack 2)", "Exchange Server 2010"} {
		v, err := inventory.ParseVersion(text)
		fmt.Println(v, v.Year(), err)
	}
	// Output:
	// Exchange 2007 (8.0.535.0) 2007 <nil>
	// Exchange 2003 (6.5.7638.2) 2003 <nil>
	// Exchange 2010 2010 <nil>
}

// What is absent from the facts stays unknown; an empty list does not.
func ExampleOrganization() {
	var org inventory.Organization
	err := json.Unmarshal([]byte(`{"directorySynchronization": true, "requiredFeatures": [], "publicFolders": 12}`), &org)
	fmt.Println(err)
	fmt.Println(org.DirectorySynchronization, org.RequiredFeatures != nil, org.PublicFolders)
	fmt.Println(org.OutlookAnywhere.Enabled, org.VerifiedDomains != nil, org.DynamicDistributionGroups)
	// Output:
	// <nil>
	// yes true 12
	// unknown false unknown
}
