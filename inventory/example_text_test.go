package inventory_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gocarina/gocsv"
	"github.com/jszwec/csvutil"

	"github.com/staged-migration/staged/inventory"
)

// A delegation is what one's own program may keep of a mailbox and somebody's
// right on it. Its fields encode themselves, so it needs no methods.
type delegation struct {
	Mailbox  inventory.Address             `json:"mailbox" csv:"Mailbox"`
	GUID     inventory.GUID                `json:"guid" csv:"GUID"`
	Kind     inventory.Kind                `json:"kind" csv:"Kind"`
	Version  inventory.Version             `json:"version" csv:"Version"`
	Size     inventory.Opt[inventory.Size] `json:"size" csv:"Size"`
	Quota    inventory.Size                `json:"quota" csv:"Quota"`
	Items    inventory.Opt[int64]          `json:"items" csv:"Items"`
	Hidden   inventory.Fact                `json:"hidden" csv:"Hidden"`
	Delegate inventory.Address             `json:"delegate" csv:"Delegate"`
	Right    inventory.Right               `json:"right" csv:"Right"`
}

// Values in one's own structs are JSON as in the facts about an organization: a
// size is a number of bytes, and what is unknown is null.
func Example_json() {
	const text = `{
		"mailbox": "SMTP:Sales@Contoso.com", "guid": "{6F9619FF-8B86-D011-B42D-00C04FC964FF}", "kind": "sharedmailbox", "version": "Version 8.3 (Build 83.6)",
		"size": "1.5 GB", "quota": 2147483648, "hidden": false, "delegate": "anna@contoso.com", "right": "Send As"
	}`
	var d delegation
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Size.Or(0), d.Quota, d.Version)
	out, err := json.MarshalIndent(d, "", " ")
	fmt.Println(string(out), err)
	// Output:
	// 1.5 GB 2 GB Exchange 2007 (8.3.83.6)
	// {
	//  "mailbox": "sales@contoso.com",
	//  "guid": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
	//  "kind": "SharedMailbox",
	//  "version": "8.3.83.6",
	//  "size": 1610612736,
	//  "quota": 2147483648,
	//  "items": null,
	//  "hidden": false,
	//  "delegate": "anna@contoso.com",
	//  "right": "SendAs"
	// } <nil>
}

const delegations = `Mailbox,GUID,Kind,Version,Size,Quota,Items,Hidden,Delegate,Right
Sales@Contoso.com,{6F9619FF-8B86-D011-B42D-00C04FC964FF},sharedmailbox,Version 8.3 (Build 83.6),"1.07 GB (1,148,963,652 bytes)",2 GB,1200,FALSE,anna@contoso.com,Send As
info@contoso.com,,,,n/a,2 GB,,,,
`

// With gocsv, an empty cell is what is unknown, and sizes are written as Exchange
// 2007 does.
func Example_gocsv() {
	var rows []delegation
	if err := gocsv.UnmarshalString(delegations, &rows); err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range rows {
		fmt.Println(d.Mailbox, d.Size.Known(), d.Size.Or(0), d.Quota, d.Hidden)
	}
	if err := gocsv.Marshal(rows, os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// sales@contoso.com true 1.07 GB 2 GB no
	// info@contoso.com false 0 B 2 GB unknown
	// Mailbox,GUID,Kind,Version,Size,Quota,Items,Hidden,Delegate,Right
	// sales@contoso.com,6f9619ff-8b86-d011-b42d-00c04fc964ff,SharedMailbox,8.3.83.6,1148963652B,2147483648B,1200,False,anna@contoso.com,SendAs
	// info@contoso.com,,,,,2147483648B,,,,
}

// The same with csvutil, a row at a time.
func Example_csvutil() {
	decoder, err := csvutil.NewDecoder(csv.NewReader(strings.NewReader(delegations)))
	if err != nil {
		fmt.Println(err)
		return
	}
	out := csv.NewWriter(os.Stdout)
	encoder := csvutil.NewEncoder(out)
	for {
		var d delegation
		if err := decoder.Decode(&d); err == io.EOF {
			break
		} else if err != nil {
			fmt.Println(err)
			return
		}
		if err := encoder.Encode(d); err != nil {
			fmt.Println(err)
			return
		}
	}
	out.Flush()
	fmt.Println(out.Error())
	// Output:
	// Mailbox,GUID,Kind,Version,Size,Quota,Items,Hidden,Delegate,Right
	// sales@contoso.com,6f9619ff-8b86-d011-b42d-00c04fc964ff,SharedMailbox,8.3.83.6,1148963652B,2147483648B,1200,False,anna@contoso.com,SendAs
	// info@contoso.com,,,,,2147483648B,,,,
	// <nil>
}
