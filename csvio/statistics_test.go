package csvio_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

// What testdata/quirks does not have of the forms of a list of sizes: whole messages, and
// what admins make up.
func TestSizeFormats(t *testing.T) {
	tests := []struct {
		reason, text string
		want         []string // "name size items", or a warning or an error
	}{
		{"the unit in the header, in words", "mail,Mailbox Size in GB\na@x.com,2\n", []string{"a@x.com 2147483648 unknown"}},
		{"the smaller of two units", "mail,TotalItemSizeGB,TotalItemSizeInMB,ItemCount\na@x.com,1,1500,n/a\n", []string{"a@x.com 1572864000 unknown"}},
		{"localised: points group, a comma begins the fraction", "mail;MailboxSizeMB\na@x.com;1.234,5\n", []string{"a@x.com 1294467072 unknown"}},
		{"localised bytes", "mail;TotalItemSize\na@x.com;1.234.567 Bytes\nb@x.com;1\u00A0234\u00A0567\n", []string{
			"a@x.com 1234567 unknown", "b@x.com 1234567 unknown",
			"f.csv:3:9: TotalItemSize: the export has lost data: 1 sizes have no unit and count as bytes; name the unit in the header, as in Size(MB), or export TotalItemSize itself",
		}},
		{"the surest of two columns", "mail,SizeMB,TotalItemSize\na@x.com,3,3204448B\n", []string{"a@x.com 3204448 unknown"}},
		{"a number that nobody can read", "mail,Size(GB)\na@x.com,\"1,234\"\n", []string{
			`f.csv:2:9: Size(GB): not a size: "1,234": its comma may group digits or begin a fraction; write a point for a fraction, and nothing between groups`,
		}},
	}
	for _, tt := range tests {
		var got []string
		note := func(e *csvio.RowError) { got = append(got, e.Error()) }
		for row, err := range csvio.Statistics(strings.NewReader(tt.text), &csvio.ReadOptions{File: "f.csv", Bad: note, Warn: note}) {
			require.NoError(t, err, tt.reason)
			name := row.LegacyDN
			if row.Address != "" {
				name = string(row.Address)
			} else if name == "" {
				name = row.DisplayName
			}
			size, items := "unknown", "unknown"
			if n, ok := row.Size.Get(); ok {
				size = fmt.Sprint(int64(n))
			}
			if n, ok := row.Items.Get(); ok {
				items = fmt.Sprint(n)
			}
			got = append(got, name+" "+size+" "+items)
		}
		require.Equal(t, tt.want, got, tt.reason)
	}
	rows, err := collect(csvio.Statistics(strings.NewReader("mail,Size\na@x.com,7\n"), &csvio.ReadOptions{SizeUnit: inventory.MB}))
	require.NoError(t, err)
	require.Equal(t, 7*inventory.MB, rows[0].Size.Or(0), "the caller knows the unit")
}

// A list without any other name joins by display name, if one mailbox alone has it.
func TestSizesByDisplayName(t *testing.T) {
	in, err := read(t, []string{"mail,DisplayName\na@x.com,\"Roth, Anna\"\nb@x.com,Twin\nc@x.com,Twin\n"},
		[]string{"Mailbox\tSize (KB)\nroth, anna\t1\nTwin\t2\nStranger\t3\n"})
	require.NoError(t, err)
	a, _ := in.Inventory.Lookup("a@x.com")
	require.Equal(t, inventory.KB, a.Size.Or(0))
	require.Len(t, in.BadRows, 1)
	require.EqualError(t, in.BadRows[0], `s1.csv:3:1: "Twin": ambiguous: several mailboxes have this name`)
	require.Equal(t, []csvio.Skipped{{Reason: "mailbox that no mailbox export has", Rows: 1, First: 4}}, in.Files[1].Skipped)
}

// What Unified Messaging, devices and the tenant say of mailboxes, by any name, and of
// those that their complete exports do not mention.
func TestSides(t *testing.T) {
	file := func(name, text string) []csvio.File {
		return []csvio.File{{Name: name, Reader: strings.NewReader(text)}}
	}
	in, err := read(t, []string{"mail,Identity,DisplayName,UMEnabled\na@x.com,x.com/Users/Anna,Anna,\nb@x.com,x.com/Users/Ben,Ben,False\nc@x.com,,Carl,\nd@x.com,,Dora,\n"}, nil,
		func(e *csvio.Exports) {
			e.UM = file("um.csv", "Identity,UMMailboxPolicy,Extensions\nx.com/users/anna,Default,\"{1, 2}\"\nx.com/Users/Ben,Default,{3}\nx.com/Users/Nobody,Default,{4}\n")
			e.Devices = slices.Concat(
				file("devices.csv", "Identity,DeviceType,DeviceID\nx.com/Users/Anna/ExchangeActiveSyncDevices/iPhone§1,iPhone,1\nx.com/Users/Anna/ExchangeActiveSyncDevices/iPad§2,iPad,2\n"),
				file("again.csv", "Mailbox,DeviceID\na@x.com,2\n"),
				file("cas.csv", "PrimarySmtpAddress,HasActiveSyncDevicePartnership\na@x.com,True\nb@x.com,True\nc@x.com,False\n"))
			e.Cloud = file("cloud.csv", "PrimarySmtpAddress,EmailAddresses,RecipientTypeDetails\nA@X.com,,MailUser\nben@x.onmicrosoft.com,smtp:b@x.com SMTP:ben@x.onmicrosoft.com,UserMailbox\nc@x.com,,MailContact\nz@x.com,,MailUser\n")
		})
	require.NoError(t, err)
	var got []string
	for m := range in.Inventory.Mailboxes() {
		got = append(got, fmt.Sprint(m.Address, " ", m.UMEnabled, " ", m.ActiveSyncDevices, " ", m.Cloud))
	}
	require.Equal(t, []string{
		fmt.Sprint("a@x.com yes 2 ", inventory.CloudMailUser),
		fmt.Sprint("b@x.com no some ", inventory.CloudMailbox),
		fmt.Sprint("c@x.com unknown none ", inventory.CloudOther),
		fmt.Sprint("d@x.com unknown none ", inventory.CloudNothing),
	}, got)
	require.Len(t, in.BadRows, 1)
	require.EqualError(t, in.BadRows[0], "um.csv:3:1: already there: an earlier export says that Unified Messaging is off for b@x.com")
	for i, unknown := range []int{0, 1, 0, 1, 0, 1} { // again.csv has a device that devices.csv has
		skipped := 0
		for _, s := range in.Files[i].Skipped {
			skipped += s.Rows
		}
		require.Equal(t, unknown, skipped, in.Files[i].Name)
		require.Equal(t, in.Files[i].Rows, in.Files[i].Used+in.Files[i].Bad+skipped, in.Files[i].Name)
	}

	for _, tt := range []struct{ reason, text string }{
		{"no name", "UMEnabled\nTrue\n"}, {"nothing about it", "Identity,Name\na,b\n"},
	} {
		_, err := collect(csvio.UMMailboxes(strings.NewReader(tt.text), nil))
		require.ErrorIs(t, err, csvio.ErrFormat, tt.reason)
		_, err = collect(csvio.Devices(strings.NewReader(strings.ReplaceAll(tt.text, "UMEnabled", "DeviceID")), nil))
		require.ErrorIs(t, err, csvio.ErrFormat, tt.reason)
	}
	good, bad, err := badRows(csvio.UMMailboxes, "Identity,UMEnabled\n,True\na,perhaps\na,\n")
	require.NoError(t, err)
	require.Equal(t, 1, good)
	require.Equal(t, []string{
		"f.csv:2:1: Identity: not a value of this column: nothing names a mailbox",
		`f.csv:3:3: UMEnabled: not a value of this column: "perhaps" is neither True nor False`,
	}, bad)
}

// What an export has lost is told once for each column, with how many cells.
func TestWarnings(t *testing.T) {
	in, err := read(t, []string{"#TYPE x\nmail,DisplayName,EmailAddresses,GrantSendOnBehalfTo\n" +
		"a@x.com,J?rgen,Microsoft.Exchange.Data.ProxyAddressCollection,\n" +
		"b@x.com,Ben,Microsoft.Exchange.Data.ProxyAddressCollection,\n" +
		"c@x.com,Gro?,\"smtp:c.c@x.com SMTP:c@x.com smtp:cc@x.c...\",Microsoft.Exchange.Data.MultiValuedProperty`1[Microsoft.Exchange.Data.Directory.ADObjectId]\n"}, nil)
	require.NoError(t, err)
	var got []string
	for _, w := range in.Warnings {
		require.ErrorIs(t, w, csvio.ErrLost)
		got = append(got, w.Error())
	}
	require.Equal(t, []string{
		"m1.csv:3:9: DisplayName: the export has lost data: in 2 names letters have become ?; export with -Encoding Unicode",
		`m1.csv:3:16: EmailAddresses: the export has lost data: "Microsoft.Exchange.Data.ProxyAddressCollection" stands where the values were, in 3 rows; ` +
			`export it as text: Select-Object *,@{Name="EmailAddresses";Expression={[string]::Join(";",$_.EmailAddresses)}} -ExcludeProperty EmailAddresses`,
		"m1.csv:5:59: GrantSendOnBehalfTo: the export has lost data: \"Microsoft.Exchange.Data.MultiValuedProperty`1[Microsoft.Exch…\" stands where the values were, in 1 rows; " +
			`export it as text: Select-Object *,@{Name="GrantSendOnBehalfTo";Expression={[string]::Join(";",$_.GrantSendOnBehalfTo)}} -ExcludeProperty GrantSendOnBehalfTo`,
	}, got)
	c, ok := in.Inventory.Lookup("c.c@x.com")
	require.True(t, ok, "what is left of a list counts")
	require.Equal(t, []inventory.Address{"c.c@x.com"}, c.Aliases)
}
