package csvio_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

// Names have commas, slashes and backslashes in them, and mean something else in a column
// of display names.
func TestAwkwardNames(t *testing.T) {
	const mailboxes = "PrimarySmtpAddress,DisplayName,Name,Alias,Identity,DistinguishedName,GrantSendOnBehalfTo\n" +
		"anna@x.com,\"Roth, Anna\",\"Roth, Anna\",roth,\"x.com/Users/Roth, Anna\",\"CN=Roth\\, Anna,CN=Users,DC=x,DC=com\",\n" +
		"c@x.com,Carl,Carl,anna,x.com/Users/Carl,\"CN=Carl,CN=Users,DC=x,DC=com\",\n" +
		"team@x.com,Team,Team,team,x.com/Users/Sales\\/Team,,\n" +
		"sales@x.com,Sales Team,Sales Team,sales,x.com/Users/Sales,,%s\n"
	for reason, tt := range map[string]struct {
		cell string
		want []inventory.Address
	}{
		"one canonical name with a comma":     {`"x.com/Users/Roth, Anna"`, []inventory.Address{"anna@x.com"}},
		"two canonical names":                 {`"x.com/Users/Roth, Anna, x.com/Users/Carl"`, []inventory.Address{"anna@x.com", "c@x.com"}},
		"one distinguished name":              {`"CN=Carl,CN=Users,DC=x,DC=com"`, []inventory.Address{"c@x.com"}},
		"two distinguished names":             {`"CN=Carl,CN=Users,DC=x,DC=com,CN=Roth\, Anna,CN=Users,DC=x,DC=com"`, []inventory.Address{"anna@x.com", "c@x.com"}},
		"a display name with a comma":         {`"Roth, Anna"`, []inventory.Address{"anna@x.com"}},
		"display names joined by commas":      {`"Carl,Team"`, []inventory.Address{"c@x.com", "team@x.com"}},
		"one of them is nobody's":             {`"Carl,Nobody"`, nil},
		"a canonical name with a slash in it": {`x.com/Users/Sales\/Team`, []inventory.Address{"team@x.com"}},
	} {
		in, err := read(t, []string{strings.Replace(mailboxes, "%s", tt.cell, 1)}, nil)
		require.NoError(t, err)
		var got []inventory.Address
		for _, g := range in.Inventory.Grants() {
			require.Equal(t, inventory.Address("sales@x.com"), g.Mailbox)
			got = append(got, g.Trustee)
		}
		require.Equal(t, tt.want, got, reason)
	}

	in, err := read(t, []string{strings.Replace(mailboxes, "%s", "", 1)}, []string{"DisplayName,TotalItemSize\nsales,5B\nSales Team,7B\n"})
	require.NoError(t, err)
	sales, _ := in.Inventory.Lookup("sales@x.com")
	require.EqualValues(t, 7, sales.Size.Or(0), "an alias is no display name")
}

// A user with a comma is one user, where a row has one.
func TestUserWithComma(t *testing.T) {
	in, err := read(t, []string{"mail,DisplayName\na@x.com,A\nb@x.com,Roth\nc@x.com,Anna\n"}, nil,
		grants("Identity,User,AccessRights\nA,\"Roth, Anna\",FullAccess\n"))
	require.NoError(t, err)
	require.Empty(t, in.Inventory.Grants())
	require.Equal(t, "right of somebody who is no mailbox here", in.Files[1].Skipped[0].Reason)
}

// An export of UM-enabled mailboxes says of the others that they are not, unless a row
// of it cannot be read.
func TestUMIsComplete(t *testing.T) {
	for text, want := range map[string]inventory.Fact{
		"Identity,UMMailboxPolicy\na@x.com,P\n":               inventory.No,
		"Identity,UMEnabled\na@x.com,True\nb@x.com,perhaps\n": inventory.Unknown,
	} {
		in, err := read(t, []string{"mail\na@x.com\nb@x.com\n"}, nil, func(e *csvio.Exports) {
			e.UM = []csvio.File{{Name: "um.csv", Reader: strings.NewReader(text)}}
		})
		require.NoError(t, err)
		a, _ := in.Inventory.Lookup("a@x.com")
		require.Equal(t, inventory.Yes, a.UMEnabled)
		b, _ := in.Inventory.Lookup("b@x.com")
		require.Equal(t, want, b.UMEnabled, text)
	}
}

func TestStatisticsByOtherAddress(t *testing.T) {
	in, err := read(t, []string{"PrimarySmtpAddress,WindowsEmailAddress\na@x.com,a.old@x.com\n"},
		[]string{"PrimarySMTPAddress,SuggestedBatch,MailboxSize(MB)\na.old@x.com,B1,12\n"})
	require.NoError(t, err)
	a, _ := in.Inventory.Lookup("a@x.com")
	require.Equal(t, 12*inventory.MB, a.Size.Or(0), "the schedule has WindowsEmailAddress")
}

func TestProxyAddresses(t *testing.T) {
	for cell, reason := range map[string]string{
		"b1@x.com;b2@x.com": "without kinds",
		"SMTP:b@x.com;smtp:b1@x.com;RFAX:b@+49;b:c;smtp:b2@x.com":     "a kind that nobody lists",
		"{SMTP:b@x.com, smtp:b1@x.com, smtp:b2@x.com}":                "as the screen has them",
		"SMTP:b@x.com smtp:b1@x.com X400:c=us;a= ;p=x; smtp:b2@x.com": "X400 with its own semicolons",
	} {
		rows, err := collect(csvio.Mailboxes(strings.NewReader("mail,EmailAddresses\nb@x.com,\""+cell+"\"\n"), nil))
		require.NoError(t, err)
		require.Equal(t, []inventory.Address{"b1@x.com", "b2@x.com"}, rows[0].Aliases, reason)
	}
}

// once fails one time and then ends, as readers may.
type once struct{ err error }

func (o *once) Read([]byte) (int, error) {
	err := o.err
	o.err = io.EOF
	return 0, err
}

// An error that the reader does not repeat is not lost to looking ahead.
func TestErrorsAreNotLost(t *testing.T) {
	disk := errors.New("disk")
	source := func(text string) io.Reader { return io.MultiReader(strings.NewReader(text), &once{disk}) }
	_, err := collect(csvio.Mailboxes(source("mail\na@x.com\n"), nil))
	require.ErrorIs(t, err, disk)
	_, err = csvio.ReadInventory(t.Context(), csvio.Exports{Mailboxes: []csvio.File{{Name: "m", Reader: source("mail\na@x.com\n")}}})
	require.ErrorIs(t, err, disk)
	_, err = csvio.ReadInventory(t.Context(), csvio.Exports{
		Mailboxes: []csvio.File{{Name: "m", Reader: strings.NewReader("mail\na@x.com\n")}},
		Grants:    []csvio.File{{Name: "g", Reader: source("Mailbox,User,AccessRights\n")}},
	})
	require.ErrorIs(t, err, disk)
}

func TestDirectoryOddities(t *testing.T) {
	in, err := read(t, []string{"DN,mail,displayName,homeMDB,cn\n" +
		"\"CN=X,DC=x,DC=com\",x@x.com,X'avier,CN=db,Xavier\n" +
		"\"CN=SystemMailbox{1},DC=x,DC=com\",system@x.com,SystemMailbox{1},CN=db,SystemMailbox{1}\n"}, nil)
	require.NoError(t, err)
	require.Empty(t, in.BadRows)
	require.Equal(t, 1, in.Inventory.Len())
	require.Equal(t, "X'avier", in.Inventory.At(0).DisplayName, "a name that begins as binary values do")
	require.Equal(t, []csvio.Skipped{{Reason: "system mailbox", Rows: 1, First: 3}}, in.Files[0].Skipped)
}

func TestEmptyValues(t *testing.T) {
	for _, text := range []string{
		"dn: CN=a\nmail: a@x.com\nhomeMDB: CN=db\npublicDelegates: \nproxyAddresses: \n",
		"DN,mail,homeMDB,publicDelegates,proxyAddresses\nCN=a,a@x.com,CN=db,X'';,X''\n",
	} {
		in, err := read(t, []string{text}, nil)
		require.NoError(t, err)
		require.Equal(t, 1, in.Inventory.Len())
		require.Empty(t, in.Inventory.Grants(), "an empty value is nobody")
	}
}

func TestSystemPrincipalsInLists(t *testing.T) {
	in, err := read(t, []string{"mail,Alias\na@x.com,a\nb@x.com,system\n"}, nil, grants("Mailbox,FullAccess\na@x.com,NT AUTHORITY\\SYSTEM\n"))
	require.NoError(t, err)
	require.Empty(t, in.Inventory.Grants())
}
