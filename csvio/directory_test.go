package csvio_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

// What testdata/csvde.csv and testdata/ldifde.ldf say, which are the same objects as
// csvde and ldifde write them: a mailbox of 2007 with everything, one of 2003 with
// little, a contact, and two that are broken.
func directoryMailboxes(file string) []inventory.Mailbox {
	return []inventory.Mailbox{
		{
			Address: "ben@contoso.com", WindowsEmailAddress: "ben@contoso.com", DisplayName: "Jürgen Groß", Kind: inventory.LegacyMailbox,
			Version: inventory.Version{Major: 6, Minor: 5, Build: 6500}, Server: "old1",
			LegacyDN: "/o=Contoso/ou=First/cn=Recipients/cn=ben", HiddenFromAddressLists: inventory.No, UMEnabled: inventory.No,
			Source: inventory.Source{File: file},
		},
		{
			Address: "juliar@contoso.com", WindowsEmailAddress: "julia@contoso.com", Aliases: []inventory.Address{"jr@contoso.com", "julia@contoso.com"}, DisplayName: "Roth, Julia",
			Kind: inventory.UserMailbox, Version: inventory.Version{Major: 8, Build: 535}, Server: "mbx1",
			Database: `MBX1\First Storage Group\Mailbox Database`, LegacyDN: "/o=Contoso/ou=First/cn=Recipients/cn=juliar",
			GUID: guid("6f9619ff-8b86-d011-b42d-00c04fc964ff"), HiddenFromAddressLists: inventory.Yes, UMEnabled: inventory.Yes,
			Delegated: inventory.Yes, Source: inventory.Source{File: file},
		},
	}
}

func TestDirectory(t *testing.T) {
	for file, bad := range map[string][]string{
		"csvde.csv": {
			`csvde.csv:5:137: msExchMailboxGuid: `,
			`csvde.csv:6:142: msExchHideFromAddressLists: not a value of this column: "perhaps" is neither TRUE nor FALSE`,
		},
		"ldifde.ldf": {
			`ldifde.ldf:46:`,
			`ldifde.ldf:52:29: msexchhidefromaddresslists: not a value of this column: "perhaps" is neither TRUE nor FALSE`,
		},
	} {
		text := testdata(t, file)
		for name, text := range map[string]string{
			"UTF-8": text, "CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "-u": utf16(t, strings.ReplaceAll(text, "\n", "\r\n"), unicode.LittleEndian),
		} {
			in, err := csvio.ReadInventory(t.Context(), csvio.Exports{Mailboxes: []csvio.File{{Name: file, Reader: strings.NewReader(text)}}})
			require.NoError(t, err, name)
			var got []inventory.Mailbox
			for m := range in.Inventory.Mailboxes() {
				c := *m
				c.Source.Line = 0
				got = append(got, c)
			}
			require.Empty(t, cmp.Diff(directoryMailboxes(file), got, comparable), "%s %s", file, name)
			require.Equal(t, []inventory.Grant{{Mailbox: "juliar@contoso.com", Trustee: "ben@contoso.com", Right: inventory.SendOnBehalf,
				Source: in.Inventory.Grants()[0].Source}}, in.Inventory.Grants())
			require.Len(t, in.BadRows, 2, "%s %s", file, name)
			for i, want := range bad {
				require.True(t, strings.HasPrefix(in.BadRows[i].Error(), want), "%s: %v", name, in.BadRows[i])
			}
			require.Equal(t, []csvio.Skipped{{Reason: "object without a mailbox", Rows: 1, First: in.Files[0].Skipped[0].First}}, in.Files[0].Skipped)
			require.Equal(t, 5, in.Files[0].Rows)
		}
	}
}

// The directory keeps what was set only. Whether it would keep anything shows over the
// whole file.
func TestDirectoryFactsOfWholeFile(t *testing.T) {
	hidden := func(text string) (facts []inventory.Fact) {
		in, err := csvio.ReadInventory(t.Context(), csvio.Exports{Mailboxes: []csvio.File{{Name: "f", Reader: strings.NewReader(text)}}})
		require.NoError(t, err)
		for m := range in.Inventory.Mailboxes() {
			facts = append(facts, m.HiddenFromAddressLists)
		}
		return facts
	}
	const a, b = "dn: CN=a\nmail: a@x.com\nhomeMDB: CN=db\n", "dn: CN=b\nmail: b@x.com\nhomeMDB: CN=db\n"
	require.Equal(t, []inventory.Fact{inventory.Unknown, inventory.Unknown}, hidden(a+"\n"+b), "it was not exported, or nobody is hidden")
	require.Equal(t, []inventory.Fact{inventory.No, inventory.Yes}, hidden(a+"\n"+b+"msExchHideFromAddressLists: TRUE\n"))
	require.Equal(t, []inventory.Fact{inventory.No, inventory.Unknown},
		append(hidden("DN,mail,homeMDB,msExchHideFromAddressLists\nCN=a,a@x.com,CN=db,\n"), hidden("DN,mail,homeMDB\nCN=a,a@x.com,CN=db\n")...))

	got, err := collect(csvio.Mailboxes(strings.NewReader(a), nil))
	require.NoError(t, err)
	require.Equal(t, inventory.Unknown, got[0].HiddenFromAddressLists, "a stream does not know what comes")
	_, err = collect(csvio.Mailboxes(strings.NewReader("dn: CN=a\nmail: nobody\nhomeMDB: CN=db\n"), nil))
	require.ErrorIs(t, err, inventory.ErrAddress)
	_, err = collect(csvio.Mailboxes(strings.NewReader("dn: CN=a\nmail\n"), nil))
	require.ErrorContains(t, err, "input:2:1: ")
}
