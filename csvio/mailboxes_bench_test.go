package csvio_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

// exportHeader is that of an export of Get-Mailbox with 22 of its columns.
const exportHeader = `"Database","ForwardingAddress","ServerName","UMEnabled","DisplayName","EmailAddresses","HiddenFromAddressListsEnabled",` +
	`"LegacyExchangeDN","PrimarySmtpAddress","RecipientType","RecipientTypeDetails","WindowsEmailAddress","ExchangeGuid",` +
	`"ExchangeVersion","Alias","SamAccountName","OrganizationalUnit","CustomAttribute1","CustomAttribute10","IsValid",` +
	`"UseDatabaseQuotaDefaults","WhenCreated"` + "\r\n"

// export is such an export as Export-Csv writes it, every value in quotes, which is made
// up as it is read. A third of the display names have a comma, half have letters
// outside ASCII and 2 % quotes. No two rows are the same: each has its number, of which the
// thousands are filled in as the rows are used again.
type export struct {
	text      []byte // that is still to be read of the header or the rows
	rows      []byte // a thousand
	thousands []int  // where they are in rows
	next, end int    // thousand
}

// newExport returns an export with so many rows, a multiple of 1,000.
func newExport(rows int) *export {
	const filled = "####"
	e := &export{text: []byte(exportHeader), end: rows / 1000}
	for i := range 1000 {
		name := "Parker"
		if i%2 == 0 {
			name = "Übung"
		}
		if i%3 == 0 {
			name += ", Pilar"
		}
		if i%50 == 0 {
			name += ` ""Pip""`
		}
		e.rows = fmt.Appendf(e.rows, `"MBX%d\First Storage Group\Mailbox Database","","mbx%[1]d","False","%s %s%03d","Microsoft.Exchange.Data.ProxyAddressCollection","False",`+
			`"/o=Contoso/ou=First/cn=Recipients/cn=user%[3]s%03[4]d","User%[3]s%03[4]d@contoso.com","UserMailbox","UserMailbox","user%[3]s%03[4]d@contoso.com","6f9619ff-8b86-d011-b42d-00c00%[3]s%03[4]d",`+
			`"0.1 (8.0.535.0)","user%[3]s%03[4]d","user%[3]s%03[4]d","contoso.com/Users","","","True","True","%d/%d/2008 10:37:11 AM"`+"\r\n", i/100, name, filled, i, i%12+1, i%28+1)
	}
	for at := range e.rows {
		if bytes.HasPrefix(e.rows[at:], []byte(filled)) {
			e.thousands = append(e.thousands, at)
		}
	}
	return e
}

func (e *export) Read(p []byte) (int, error) {
	if len(e.text) == 0 {
		if e.next == e.end {
			return 0, io.EOF
		}
		number := fmt.Appendf(nil, "%04d", e.next)
		for _, at := range e.thousands {
			copy(e.rows[at:], number)
		}
		e.text = e.rows
		e.next++
	}
	n := copy(p, e.text)
	e.text = e.text[n:]
	return n, nil
}

// A row costs two allocations: the mailbox, and one string for all of its texts.
func TestMailboxesAllocate(t *testing.T) {
	const rows = 1_000
	text, err := io.ReadAll(newExport(rows))
	require.NoError(t, err)
	allocs := testing.AllocsPerRun(5, func() {
		for _, err := range csvio.Mailboxes(bytes.NewReader(text), nil) {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	require.Less(t, allocs, 2.5*rows)
}

// The parts of the one string are what the cells say, whatever is in them, and a GUID is
// no part of it.
func TestMailboxTexts(t *testing.T) {
	text := "PrimarySmtpAddress,WindowsEmailAddress,DisplayName,LegacyExchangeDN,ExchangeGuid,EmailAddresses\n" +
		`SMTP:Ann@ÜBUNG.com,ann@übung.com,"Ann ""A"" Übung",/CN=Ann,{0A000000-0000-0000-0000-0000000000BC},smtp:ANN@Übung.com` + "\n" +
		"B@x.com,b2@x.com,\xff\xff,\xff,Ä\u212A,SMTP:b@X.com;smtp:B3@x.com;x500:/o=a\n" +
		"c@x.com,,,,{00000000-0000-0000-0000-000000000000},Microsoft.Exchange.Data.ProxyAddressCollection\n" +
		"Not An Address,,,,,\n"
	var bad []string
	got, err := collect(csvio.Mailboxes(bytes.NewReader([]byte(text)), &csvio.ReadOptions{Bad: func(e *csvio.RowError) { bad = append(bad, e.Error()) }}))
	require.NoError(t, err)
	source := func(line int) inventory.Source { return inventory.Source{File: "input", Line: line} }
	require.Empty(t, cmp.Diff([]*inventory.Mailbox{
		{Address: "ann@übung.com", WindowsEmailAddress: "ann@übung.com", DisplayName: `Ann "A" Übung`, LegacyDN: "/CN=Ann", GUID: guid("0a000000-0000-0000-0000-0000000000bc"), Source: source(2)},
		{Address: "b@x.com", WindowsEmailAddress: "b2@x.com", Aliases: []inventory.Address{"b2@x.com", "b3@x.com"}, DisplayName: "\uFFFD", LegacyDN: "\uFFFD", Source: source(3)},
		{Address: "c@x.com", Source: source(4)},
	}, got, comparable))
	require.Equal(t, []string{`input:5:1: PrimarySmtpAddress: not an SMTP address: "Not An Address": there is no @`}, bad, "as the file has it")
}

// What is remembered of a row stays true of those behind it: of a bad one, of one with
// nothing in a cell, of the column beside.
func TestMailboxesRemember(t *testing.T) {
	text := "mail,RecipientTypeDetails,ExchangeVersion,AdminDisplayVersion,HiddenFromAddressListsEnabled\n" +
		"a@x.com,UserMailbox,0.1 (8.0.535.0),,True\n" +
		"b@x.com,usermailbox,,8.3.83.6,FALSE\n" +
		"c@x.com,UserMailbox,soon,8.3.83.6,1\n" +
		"d@x.com,,0.1 (8.0.535.0),8.3.83.6,true\n" +
		"e@x.com,RoomMailbox,8.3.83.6,0.1 (8.0.535.0),\n" +
		"f@x.com,RoomMailbox,,soon,0\n" +
		"g@x.com,UserMailbox,,,False\n"
	var bad []string
	got, err := collect(csvio.Mailboxes(bytes.NewReader([]byte(text)), &csvio.ReadOptions{Bad: func(e *csvio.RowError) { bad = append(bad, e.Error()) }}))
	require.NoError(t, err)
	rtm, sp3 := inventory.Version{Major: 8, Build: 535}, inventory.Version{Major: 8, Minor: 3, Build: 83, Revision: 6}
	source := func(line int) inventory.Source { return inventory.Source{File: "input", Line: line} }
	require.Empty(t, cmp.Diff([]*inventory.Mailbox{
		{Address: "a@x.com", WindowsEmailAddress: "a@x.com", Kind: inventory.UserMailbox, Version: rtm, HiddenFromAddressLists: inventory.Yes, Source: source(2)},
		{Address: "b@x.com", WindowsEmailAddress: "b@x.com", Kind: inventory.UserMailbox, Version: sp3, HiddenFromAddressLists: inventory.No, Source: source(3)},
		{Address: "d@x.com", WindowsEmailAddress: "d@x.com", Version: sp3, HiddenFromAddressLists: inventory.Yes, Source: source(5)},
		{Address: "e@x.com", WindowsEmailAddress: "e@x.com", Kind: inventory.RoomMailbox, Version: sp3, Source: source(6)},
		{Address: "g@x.com", WindowsEmailAddress: "g@x.com", Kind: inventory.UserMailbox, HiddenFromAddressLists: inventory.No, Source: source(8)},
	}, got, comparable))
	require.Equal(t, []string{
		`input:4:21: ExchangeVersion: not an Exchange version: "soon"`,
		`input:7:22: AdminDisplayVersion: not an Exchange version: "soon"`,
	}, bad)
}

// Reading holds a few buffers, however long the export is.
func TestMailboxesHoldLittle(t *testing.T) {
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	source := newExport(20_000)
	before := held()
	rows := 0
	for m, err := range csvio.Mailboxes(source, nil) {
		require.NoError(t, err)
		if rows++; rows%5_000 == 0 {
			require.Less(t, held(), before+1<<20, "at line %d", m.Source.Line)
		}
	}
	require.Equal(t, 20_000, rows)
}
