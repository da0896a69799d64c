package csvio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

// comparable lets go-cmp compare the types whose fields are their own affair.
var comparable = cmpopts.EquateComparable(inventory.Opt[inventory.Size]{}, inventory.Opt[int64]{}, inventory.Opt[int]{})

func guid(text string) inventory.GUID {
	g, err := inventory.ParseGUID(text)
	if err != nil {
		panic(err)
	}
	return g
}

func testdata(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return string(data)
}

func utf16(t testing.TB, text string, order unicode.Endianness) string {
	t.Helper()
	out, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(text)
	require.NoError(t, err)
	return out
}

// dialects are the ways in which the same export may be written.
func dialects(t testing.TB, text string) map[string]string {
	semicolons := strings.NewReplacer(`",`, `";`, `,,`, `,;`, `,"`, `;"`, ",\r\n", ";\r\n").Replace(text)
	tabs := strings.NewReplacer(`",`, "\"\t", `,,`, "\t\t", `,"`, "\t\"", ",\r\n", "\t\r\n").Replace(text)
	noType := text
	if strings.HasPrefix(text, "#TYPE") {
		_, noType, _ = strings.Cut(text, "\r\n")
	}
	return map[string]string{
		"UTF-8":                 text,
		"UTF-8 with BOM":        "\uFEFF" + text,
		"UTF-16LE":              utf16(t, text, unicode.LittleEndian),
		"UTF-16BE":              utf16(t, text, unicode.BigEndian),
		"UTF-16LE, semicolons":  utf16(t, semicolons, unicode.LittleEndian),
		"semicolons":            semicolons,
		"tabs":                  tabs,
		"without type line":     noType,
		"BOM without type line": "\uFEFF" + noType,
	}
}

// collect reads a sequence to its end.
func collect[T any](seq iter.Seq2[*T, error]) (rows []*T, err error) {
	for row, e := range seq {
		if e != nil {
			return rows, e
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func TestMailboxes(t *testing.T) {
	source := func(line int) inventory.Source { return inventory.Source{File: "m.csv", Line: line} }
	v2007, _ := inventory.ParseVersion("8.0.535.0")
	v2003, _ := inventory.ParseVersion("6.5.6500.0")
	want := []*inventory.Mailbox{
		{
			Address: "pilarp@contoso.com", WindowsEmailAddress: "pilarp@contoso.com", DisplayName: "Parker, Pilar", Kind: inventory.UserMailbox, Version: v2007,
			Server: "mbx1", Database: `MBX1\First Storage Group\Mailbox Database`,
			LegacyDN: "/o=Contoso/ou=First/cn=Recipients/cn=pilarp", GUID: guid("6f9619ff-8b86-d011-b42d-00c04fc964ff"),
			HiddenFromAddressLists: inventory.No, UMEnabled: inventory.No, Source: source(3),
		},
		{
			Address: "tobyn@contoso.com", WindowsEmailAddress: "t.nyn@contoso.com", Aliases: []inventory.Address{"t.nyn@contoso.com", "toby@contoso.com"},
			DisplayName: `Nyn, "Toby" N.`, Kind: inventory.UserMailbox, Version: v2007,
			Server: "mbx1", Database: `MBX1\First Storage Group\Mailbox Database`,
			LegacyDN:               "/o=Contoso/ou=First/cn=Recipients/cn=tobyn",
			HiddenFromAddressLists: inventory.Yes, UMEnabled: inventory.Yes, Source: source(4),
		},
		{
			Address: "uebung@contoso.com", DisplayName: "Übung", Kind: inventory.LegacyMailbox, Version: v2003,
			Server: "OLD1", LegacyDN: "/o=Contoso/ou=First/cn=Recipients/cn=uebung", Source: source(6),
		},
	}
	for name, text := range dialects(t, testdata(t, "mailboxes.csv")) {
		offset := 0
		if strings.HasSuffix(name, "without type line") {
			offset = 1
		}
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			got, err := collect(csvio.Mailboxes(r, &csvio.ReadOptions{File: "m.csv"}))
			require.NoError(t, err, name)
			for _, m := range got {
				m.Source.Line += offset
			}
			require.Empty(t, cmp.Diff(want, got, comparable), name)
		}
	}
}

func TestMailboxColumns(t *testing.T) {
	read := func(text string) *inventory.Mailbox {
		t.Helper()
		got, err := collect(csvio.Mailboxes(strings.NewReader(text), nil))
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, "input", got[0].Source.File, "the name of a file without one")
		return got[0]
	}
	require.Equal(t, inventory.Address("a@x.com"), read("mail\na@x.com\n").Address, "one column will do")
	require.Equal(t, inventory.Address("a@x.com"), read("E-Mail Address\na@x.com\n").Address, "case, blanks and punctuation of headers do not matter")
	require.Equal(t, inventory.Address("a@x.com"), read("mail,primary_smtp_address,nothing,\nb@x.com,a@x.com,1,\n").Address, "the primary address is preferred; empty headers at the end do not count")
	require.Equal(t, inventory.RoomMailbox, read("mail,RecipientType,RecipientTypeDetails\na@x.com,UserMailbox,roommailbox\n").Kind, "the details count")
	require.Equal(t, inventory.UserMailbox, read("mail,RecipientType\na@x.com,UserMailbox\n").Kind)
	require.Equal(t, 2010, read("mail,ExchangeVersion,AdminDisplayVersion\na@x.com,0.1 (8.0.535.0),Version 14.3 (Build 123.4)\n").Version.Year(), "the later version counts")
	require.Equal(t, 2010, read("mail,ExchangeVersion,AdminDisplayVersion\na@x.com,0.10 (14.0.100.0),Version 8.3 (Build 83.6)\n").Version.Year())
	require.Equal(t, inventory.Yes, read("mail,UMEnabled\na@x.com,1\n").UMEnabled)
	require.Equal(t, inventory.No, read("mail,UMEnabled\na@x.com,FALSE\n").UMEnabled)
	require.Equal(t, inventory.Unknown, read("mail,UMEnabled\na@x.com,\n").UMEnabled, "an empty cell is unknown")
	require.Equal(t, "a\uFFFDb", read("mail,DisplayName\na@x.com,a\xffb\n").DisplayName, "invalid UTF-8 does no harm")
	require.Equal(t, "a\uFFFDb", read("mail,Database\na@x.com,a\xffb\n").Database)
}

// badRows reads with a handler and returns how many rows were good and what was
// said of the others.
func badRows[T any](read func(io.Reader, *csvio.ReadOptions) iter.Seq2[*T, error], text string) (good int, bad []string, err error) {
	opts := &csvio.ReadOptions{File: "f.csv", Bad: func(e *csvio.RowError) { bad = append(bad, e.Error()) }}
	rows, err := collect(read(strings.NewReader(text), opts))
	return len(rows), bad, err
}

func TestBadMailboxes(t *testing.T) {
	tests := []struct {
		text   string
		good   int
		want   []string
		reason string
	}{
		{"Name,PrimarySmtpAddress\na,a@x.com\nb,\nc,c@x.com\n", 2, []string{"f.csv:3:3: PrimarySmtpAddress: not an SMTP address: it is empty"}, "a mailbox without address"},
		{"PrimarySmtpAddress\nnobody\n", 0, []string{`f.csv:2:1: PrimarySmtpAddress: not an SMTP address: "nobody": there is no @`}, "not an address"},
		{"mail,UMEnabled\na@x.com,Ja\nb@x.com,True\n", 1, []string{`f.csv:2:9: UMEnabled: not a value of this column: "Ja" is neither True nor False`}, "a localized boolean is not guessed"},
		{"mail,HiddenFromAddressListsEnabled\na@x.com,?\n", 0, []string{`f.csv:2:9: HiddenFromAddressListsEnabled: not a value`}, "an unreadable fact"},
		{"mail,ExchangeVersion\na@x.com,new\n", 0, []string{`f.csv:2:9: ExchangeVersion: not an Exchange version: "new"`}, "an unreadable version"},
		{"mail,Name\na@x.com,a,b\nb@x.com\nc@x.com,c,,\n", 1, []string{
			"f.csv:2:1: the row does not fit the header: it has 3 cells, the header has 2",
			"f.csv:3:1: the row does not fit the header: it has 1 cells, the header has 2",
		}, "too many cells and too few; empty ones behind the last do no harm"},
		{"mail,Name\na@x.com,\"a\nb@x.com,b\nc@x.com,\"c\"\nd@x.com,d\n", 3, []string{
			"f.csv:2:1: the row does not fit the header: it seems that a quote is missing in the cell at 2:9, which goes on over lines",
		}, "a missing quote costs the row it is in, not those it swallowed"},
		{"\"mail\",\"Name\"\n\"a@x.com\",\"a\n\"b@x.com\",\"b\"\n\"c@x.com\",\"c\"\n", 2, []string{
			"f.csv:2:1: the row does not fit the header: it seems that a quote is missing in the cell at 2:11",
		}, "also where every cell is quoted"},
		{"mail,Name\na@x.com,\"see\nboss@x.com,later\n\",extra\nb@x.com,b\n", 1, []string{
			"f.csv:2:1: the row does not fit the header: it has 3 cells, the header has 2",
		}, "lines inside a cell do not become mailboxes"},
		{"mail,Name,More\na@x.com,\"one\ntwo\" ,x\n", 1, nil, "a blank behind a cell on several lines does no harm"},
		{"PrimarySmtpAddress,WindowsEmailAddress\na@x.com,garbage\nb@x.com,\n", 1, []string{"f.csv:2:9: WindowsEmailAddress: not an SMTP address"}, "an address that the service may look for"},
		{"mail,Name\na@x.com,a\nb@x.com,\"b\nc@x.com,c\n", 2, []string{"f.csv:3:9: a quote opens a cell here and nothing closes it"}, "nor at the end of the file"},
	}
	for _, tt := range tests {
		good, bad, err := badRows(csvio.Mailboxes, tt.text)
		require.NoError(t, err, tt.reason)
		require.Equal(t, tt.good, good, "%s: %v", tt.reason, bad)
		require.Len(t, bad, len(tt.want), "%s: %q", tt.reason, bad)
		for i := range bad {
			require.True(t, strings.HasPrefix(bad[i], tt.want[i]), "%s: %q, want %q", tt.reason, bad[i], tt.want[i])
		}
	}
	// Without a handler the first bad row ends the reading.
	rows, err := collect(csvio.Mailboxes(strings.NewReader("mail\na@x.com\n\nnobody\nb@x.com\n"), nil))
	require.Len(t, rows, 1)
	var row *csvio.RowError
	require.ErrorAs(t, err, &row)
	require.ErrorIs(t, err, inventory.ErrAddress)
	require.Equal(t, 4, row.Line)
	require.Equal(t, "mail", row.Header)
}

func TestNoExports(t *testing.T) {
	long := "Name" + strings.Repeat(",Other", 0)
	for i := range 12 {
		long += fmt.Sprintf(",Column%d", i)
	}
	tests := []struct {
		text, want, reason string
	}{
		{"", "f.csv:1:1: not a usable export: it is empty", "an empty file"},
		{"\uFEFF", "f.csv:1:1: not a usable export: it is empty", "a byte order mark alone"},
		{"#TYPE x\r\n", "f.csv:2:1: not a usable export: it is empty", "a type line alone"},
		{"PK\x03\x04\x00\x00", "f.csv:1:1: the encoding changes: there is a NUL at byte 5,", "a zip file"},
		{"\x00\x01\x02", "f.csv:1:1: not a usable export: there are NUL bytes in it", "a binary file"},
		{"a\x00b\x00", `the columns are ["ab"]`, "UTF-16 without byte order mark is text"},
		{"a\x00\x00b", "f.csv:1:1: not a usable export: there are NUL bytes in it", "NUL bytes here and there"},
		{"\r\n#TYPE x\r\nName,Alias\r\n", "f.csv:2:1: not a usable export: no column has the address of a mailbox, such as PrimarySmtpAddress of Get-Mailbox; the columns are [\"#TYPE x\"]", "a blank line before the type line makes it the header"},
		{"#TYPE x\r\nName,Alias\r\na,b\r\n", `f.csv:2:1: not a usable export: no column has the address of a mailbox, such as PrimarySmtpAddress of Get-Mailbox; the columns are ["Name" "Alias"]`, "a header without an address"},
		{long, `"Column6"] and 5 more`, "a long header is cut"},
		{"LegacyDN,TotalItemSize\n", "this looks like an export of Get-MailboxStatistics", "the wrong export"},
		{"Mailbox,User,AccessRights\n", "this looks like an export of permissions", "the wrong export"},
		{"PrimarySmtpAddress,Name,Primary Smtp Address\n", "f.csv:1:25: Primary Smtp Address: not a usable export: columns 1 and 3 have the same name, but for case, blanks and punctuation", "a column twice, nearly"},
		{"mail,Mail\n", `f.csv:1:6: Mail: not a usable export: column 2 has the name of column 1, "Mail"`, "a column twice"},
		{"\"ClassId2e4f51ef21dd47e99d3c952918aff9cd\",\"pageHeaderEntry\"\n", "it was made by Format-Table", "the classic mistake"},
		{"mail,\"x", "f.csv:1:6: a quote opens a cell here", "a header that is cut off"},
	}
	for _, tt := range tests {
		good, bad, err := badRows(csvio.Mailboxes, tt.text)
		require.ErrorContains(t, err, tt.want, tt.reason)
		var row *csvio.RowError
		require.ErrorAs(t, err, &row, tt.reason)
		require.Zero(t, good)
		require.Empty(t, bad, "it is an error of the file, not of a row")
	}
	_, err := collect(csvio.Mailboxes(iotest.ErrReader(errors.New("disk")), nil))
	require.ErrorContains(t, err, "input:1:1: disk")
	_, err = collect(csvio.Mailboxes(io.MultiReader(strings.NewReader("mail\na@x.com\n"), iotest.ErrReader(errors.New("disk"))), nil))
	require.ErrorContains(t, err, "input:3:1: disk")
}

func TestTruncatedUTF16(t *testing.T) {
	whole := utf16(t, "mail,Name\r\na@x.com,a\r\nb@x.com,\"b\"\r\n", unicode.LittleEndian)
	for cut := range whole {
		good, bad, err := badRows(csvio.Mailboxes, whole[:cut])
		switch {
		case cut < 2: // not even a byte order mark
			require.Error(t, err)
		case cut%2 == 1 && cut < 2+2*len("mail,Name\r"):
			// The header is cut off: no rows, and if a column is left, a bad one.
			require.True(t, err != nil || len(bad) == 1, "cut at %d", cut)
		case cut%2 == 1:
			require.NoError(t, err, "cut at %d", cut)
			require.Len(t, bad, 1, "cut at %d", cut)
			require.Contains(t, bad[0], "the file is cut off: its UTF-16 text ends in the middle of a character, at byte "+fmt.Sprint(cut), "cut at %d", cut)
			require.LessOrEqual(t, good, 2)
		}
	}
	_, err := collect(csvio.Mailboxes(strings.NewReader(whole[:len(whole)-1]), nil))
	require.ErrorIs(t, err, csvio.ErrTruncated, "without a handler it is the error")
}

func TestStatistics(t *testing.T) {
	source := func(line int) inventory.Source { return inventory.Source{File: "s.csv", Line: line} }
	want := []*csvio.MailboxStatistics{
		{LegacyDN: "/O=CONTOSO/OU=FIRST/CN=RECIPIENTS/CN=PILARP", GUID: guid("6f9619ff-8b86-d011-b42d-00c04fc964ff"), DisplayName: "Parker, Pilar",
			Size: inventory.Known(inventory.Size(6672)), Items: inventory.Known(int64(120)), Server: "MBX1", Database: "Mailbox Database", Source: source(3)},
		{LegacyDN: "/o=contoso/ou=first/cn=recipients/cn=tobyn", GUID: guid("aaaaaaaa-8b86-d011-b42d-00c04fc964ff"), DisplayName: "Nyn, Toby",
			Size: inventory.Known(inventory.Size(1148963652)), Items: inventory.Known(int64(33000)), Server: "MBX1", Database: "Mailbox Database", Source: source(4)},
		{LegacyDN: "/o=Contoso/ou=First/cn=Configuration/cn=Servers/cn=MBX1/cn=Microsoft System Attendant", GUID: guid("bbbbbbbb-8b86-d011-b42d-00c04fc964ff"),
			DisplayName: "Microsoft System Attendant", Server: "MBX1", Database: "Mailbox Database", System: true, Source: source(5)},
		{GUID: guid("cccccccc-8b86-d011-b42d-00c04fc964ff"), DisplayName: "SystemMailbox{714C896E-648E-41AD-A2F0-000000000000}",
			Server: "MBX1", Database: "Mailbox Database", System: true, Source: source(6)},
		{LegacyDN: "/O=CONTOSO/OU=FIRST/CN=RECIPIENTS/CN=PILARP", GUID: guid("dddddddd-8b86-d011-b42d-00c04fc964ff"), DisplayName: "Parker, Pilar",
			Size: inventory.Known(inventory.Size(99)), Items: inventory.Known(int64(7)), Server: "MBX1", Database: "Mailbox Database", Disconnected: true, Source: source(7)},
	}
	for name, text := range dialects(t, testdata(t, "statistics.csv")) {
		got, err := collect(csvio.Statistics(strings.NewReader(text), &csvio.ReadOptions{File: "s.csv"}))
		require.NoError(t, err, name)
		for _, row := range got {
			if strings.HasSuffix(name, "without type line") {
				row.Source.Line++
			}
		}
		require.Empty(t, cmp.Diff(want, got, comparable), name)
	}

	got, err := collect(csvio.Statistics(strings.NewReader("PrimarySmtpAddress,ItemCount,IsArchiveMailbox\nA@x.com,,True\n"), nil))
	require.NoError(t, err)
	require.Equal(t, inventory.Address("a@x.com"), got[0].Address)
	require.False(t, got[0].Items.Known(), "an empty cell is unknown")
	require.True(t, got[0].Archive)

	good, bad, err := badRows(csvio.Statistics, "LegacyDN,TotalItemSize,ItemCount\n/cn=a,12 items,1\n/cn=b,1B,many\n/cn=c,1B,-1\n/cn=d,1B,1\n")
	require.NoError(t, err)
	require.Equal(t, 1, good)
	require.Equal(t, []string{
		`f.csv:2:7: TotalItemSize: not a size: "12 items": "12 items" is no whole number`,
		`f.csv:3:10: ItemCount: not a value of this column: "many" is no number of items`,
		`f.csv:4:10: ItemCount: not a value of this column: "-1" is no number of items`,
	}, bad)
	_, bad, err = badRows(csvio.Statistics, "LegacyDN,TotalItemSize\n/cn=a,16 TB\n/cn=b,3000000 TB\n")
	require.NoError(t, err)
	require.Equal(t, []string{"f.csv:3:7: TotalItemSize: not a value of this column: 3000000 TB are more than a mailbox database can hold"}, bad)
	_, bad, err = badRows(csvio.Statistics, "EmailAddress,ItemCount,IsArchiveMailbox\nnobody,1,\na@x.com,1,perhaps\n")
	require.NoError(t, err)
	require.Len(t, bad, 2)

	_, _, err = badRows(csvio.Statistics, "LegacyDN,Weight\n")
	require.ErrorContains(t, err, "no column has the size of a mailbox")
	_, _, err = badRows(csvio.Statistics, "Folder,TotalItemSize\n")
	require.ErrorContains(t, err, "no column has what names a mailbox")
}

func TestPermissions(t *testing.T) {
	source := func(line int) inventory.Source { return inventory.Source{File: "g.csv", Line: line} }
	want := []*csvio.Permission{
		{Mailbox: "pilarp@contoso.com", User: "tobyn@contoso.com", Right: inventory.FullAccess, Source: source(2)},
		{Mailbox: "pilarp@contoso.com", User: "tobyn@contoso.com", Right: inventory.FullAccess, Source: source(3)},
		{Mailbox: "pilarp@contoso.com", User: "toby@contoso.com", Right: inventory.SendAs, Source: source(4)},
		{Mailbox: "tobyn@contoso.com", Source: source(5)},
		{Mailbox: "uebung@contoso.com", User: "pilarp@contoso.com", Right: inventory.Calendar, Source: source(6)},
		{Mailbox: "uebung@contoso.com", User: "outside@fabrikam.com", Right: inventory.SendOnBehalf, Source: source(7)},
		{Mailbox: "uebung@contoso.com", User: "uebung@contoso.com", Right: inventory.FullAccess, Source: source(8)},
	}
	for name, text := range dialects(t, testdata(t, "permissions.csv")) {
		got, err := collect(csvio.Permissions(strings.NewReader(text), &csvio.ReadOptions{File: "g.csv"}))
		require.NoError(t, err, name)
		require.Empty(t, cmp.Diff(want, got, cmpopts.IgnoreUnexported(csvio.Permission{})), name)
	}
	const text = "Mailbox,User,AccessRights\na@x.com,b@,Send As\n,None,None\na@x.com,b@x.com,Owner\na@x.com,b@x.com,\nA@x.com,none,\n"
	good, bad, err := badRows(csvio.Permissions, text)
	require.NoError(t, err)
	require.Equal(t, 1, good)
	require.Equal(t, []string{
		`f.csv:2:9: User: not an SMTP address: "b@": nothing stands behind the @`,
		`f.csv:3:1: Mailbox: not an SMTP address: it is empty`,
		`f.csv:4:17: AccessRights: not a right that this library knows: "Owner"`,
		`f.csv:5:17: AccessRights: not a right that this library knows: ""`,
	}, bad)
	_, _, err = badRows(csvio.Permissions, "Mailbox,AccessRights\n")
	require.ErrorContains(t, err, "no column has the rights of users on mailboxes")
}

// A sequence can be left at any row.
func TestStoppingEarly(t *testing.T) {
	for range csvio.Mailboxes(strings.NewReader(testdata(t, "mailboxes.csv")), nil) {
		break
	}
	for range csvio.Mailboxes(strings.NewReader(""), nil) {
		break
	}
}

// exports opens the test data as an organization's exports.
func exports(t testing.TB) csvio.Exports {
	file := func(name string) []csvio.File {
		return []csvio.File{{Name: name, Reader: strings.NewReader(testdata(t, name))}}
	}
	return csvio.Exports{Mailboxes: file("mailboxes.csv"), Statistics: file("statistics.csv"), Grants: file("permissions.csv")}
}

func TestReadInventory(t *testing.T) {
	e := exports(t)
	e.Organization = &csvio.File{Name: "org.json", Reader: strings.NewReader(`{"name":"Contoso"}`)}
	in, err := csvio.ReadInventory(t.Context(), e)
	require.NoError(t, err)
	require.Empty(t, in.BadRows)
	require.Equal(t, "Contoso", in.Inventory.Organization().Name)

	type row struct {
		Address inventory.Address
		Size    inventory.Opt[inventory.Size]
		Items   inventory.Opt[int64]
		Server  string
		Shared  inventory.Fact
	}
	var got []row
	for m := range in.Inventory.Mailboxes() {
		got = append(got, row{m.Address, m.Size, m.Items, m.Server, m.Delegated})
	}
	require.Equal(t, []row{
		{"pilarp@contoso.com", inventory.Known(inventory.Size(6672)), inventory.Known(int64(120)), "mbx1", inventory.Yes},
		{"tobyn@contoso.com", inventory.Known(inventory.Size(1148963652)), inventory.Known(int64(33000)), "mbx1", inventory.No},
		{"uebung@contoso.com", inventory.Opt[inventory.Size]{}, inventory.Opt[int64]{}, "OLD1", inventory.Yes},
	}, got, "sizes are joined by DN whatever its case; one without a row is unknown")
	var grants []string
	for _, g := range in.Inventory.Grants() {
		grants = append(grants, fmt.Sprint(g.Mailbox, " ", g.Trustee, " ", g.Right, " ", g.Source.Line))
	}
	require.Equal(t, []string{
		"pilarp@contoso.com tobyn@contoso.com FullAccess 2",
		"pilarp@contoso.com tobyn@contoso.com SendAs 4",
		"uebung@contoso.com outside@fabrikam.com SendOnBehalf 7",
		"uebung@contoso.com pilarp@contoso.com Calendar 6",
	}, grants, "an alias stands for its mailbox")
	require.Empty(t, cmp.Diff([]csvio.FileReport{
		{Name: "mailboxes.csv", Rows: 3, Used: 3, Facts: []csvio.Facts{{"type", 3}, {"version", 3}, {"hidden", 2}, {"Unified Messaging", 2}}},
		{Name: "statistics.csv", Rows: 5, Used: 2, Skipped: []csvio.Skipped{
			{Reason: "system mailbox", Rows: 2, First: 5}, {Reason: "disconnected mailbox", Rows: 1, First: 7},
		}, Facts: []csvio.Facts{{"size", 2}, {"items", 2}}},
		{Name: "permissions.csv", Rows: 7, Used: 6, Skipped: []csvio.Skipped{{Reason: "right of a mailbox on itself", Rows: 1, First: 8}}},
	}, in.Files))
}

// read reads texts as the files of an organization.
func read(t testing.TB, mailboxes, statistics []string, more ...func(*csvio.Exports)) (*csvio.Input, error) {
	t.Helper()
	var e csvio.Exports
	for i, text := range mailboxes {
		e.Mailboxes = append(e.Mailboxes, csvio.File{Name: fmt.Sprintf("m%d.csv", i+1), Reader: strings.NewReader(text)})
	}
	for i, text := range statistics {
		e.Statistics = append(e.Statistics, csvio.File{Name: fmt.Sprintf("s%d.csv", i+1), Reader: strings.NewReader(text)})
	}
	for _, f := range more {
		f(&e)
	}
	return csvio.ReadInventory(t.Context(), e)
}

// An address, a name and a GUID are different things, whatever they look like.
func TestKeysOfDifferentKinds(t *testing.T) {
	in, err := read(t, []string{"PrimarySmtpAddress,LegacyExchangeDN\na@x.com,c@x.com\nb@x.com,C@x.com\nc@x.com,q\n"}, nil)
	require.NoError(t, err)
	require.Empty(t, in.BadRows)
	require.Equal(t, 3, in.Inventory.Len())
}

func TestJoining(t *testing.T) {
	mailboxes := []string{
		"mail,LegacyExchangeDN,ExchangeGuid,ServerName\n" +
			"a@x.com,/CN=A,aaaaaaaa-0000-0000-0000-000000000001,EX1\n" +
			"b@x.com,,BBBBBBBB-0000-0000-0000-000000000002,\n" +
			"c@x.com,/cn=c,,\n" +
			"d@x.com,/cn=same,dddddddd-0000-0000-0000-000000000004,\n" +
			"e@x.com,/cn=SAME,,\n",
		"mail\nf@x.com\na@x.com\n",
	}
	statistics := []string{
		"LegacyDN,MailboxGuid,PrimarySmtpAddress,TotalItemSize,ServerName,Database\n" +
			"/cn=a,,,1B,EX9,DB\n" +
			",{bbbbbbbb-0000-0000-0000-000000000002},,2B,EX9,DB\n" +
			"/cn=same,dddddddd-0000-0000-0000-000000000004,,4B,,\n" + // the GUID settles it
			"/cn=same,,,5B,,\n" + // nothing settles it
			",,F@x.com,6B,,\n" +
			"/cn=stranger,,,7B,,\n" +
			",,,8B,,\n",
		"LegacyDN,TotalItemSize\n/CN=A,1B\n/cn=c,3B\n/cn=c,4B\n",
	}
	in, err := read(t, mailboxes, statistics)
	require.NoError(t, err)
	sizes := make(map[inventory.Address]inventory.Size)
	for m := range in.Inventory.Mailboxes() {
		sizes[m.Address] = m.Size.Or(-1)
	}
	require.Equal(t, map[inventory.Address]inventory.Size{"a@x.com": 1, "b@x.com": 2, "c@x.com": 3, "d@x.com": 4, "e@x.com": -1, "f@x.com": 6}, sizes)
	a, _ := in.Inventory.Lookup("a@x.com")
	require.Equal(t, "EX1", a.Server, "the mailbox's own server counts")
	require.Equal(t, "DB", a.Database, "what it lacks the statistics give")
	b, _ := in.Inventory.Lookup("b@x.com")
	require.Equal(t, "EX9", b.Server)

	var bad []string
	for _, e := range in.BadRows {
		bad = append(bad, e.Error())
	}
	require.Equal(t, []string{
		"m2.csv:3:1: mail: already there: mailbox a@x.com, from m1.csv:2",
		`s1.csv:5:1: already there: the LegacyDN, GUID and address of "" are those of more than one mailbox`,
		"s2.csv:4:1: already there: other statistics of c@x.com, from s2.csv:3",
	}, bad)
	require.Equal(t, 3, in.BadCount)
	require.Empty(t, cmp.Diff([]csvio.FileReport{
		{Name: "m1.csv", Rows: 5, Used: 5},
		{Name: "m2.csv", Rows: 2, Used: 1, Bad: 1},
		{Name: "s1.csv", Rows: 7, Used: 4, Bad: 1, Skipped: []csvio.Skipped{{Reason: "mailbox that no mailbox export has", Rows: 2, First: 7}}, Facts: []csvio.Facts{{"size", 4}}},
		{Name: "s2.csv", Rows: 3, Used: 1, Bad: 1, Skipped: []csvio.Skipped{{Reason: "the same again", Rows: 1, First: 2}}, Facts: []csvio.Facts{{"size", 1}}},
	}, in.Files))

	// Keys that name different mailboxes name none.
	crossed, err := read(t, mailboxes[:1], []string{"LegacyDN,MailboxGuid,DisplayName,TotalItemSize\n/cn=a,bbbbbbbb-0000-0000-0000-000000000002,Adams,9B\n"})
	require.NoError(t, err)
	require.ErrorContains(t, crossed.BadRows[0], `the LegacyDN, GUID and address of "Adams" are those of more than one mailbox`)

	// Two exports with a part each complete one another.
	parts, err := read(t, []string{"mail,LegacyExchangeDN,ServerName,Database\na@x.com,/cn=a,EX1,DB1\nb@x.com,/cn=b,,\n"},
		[]string{"LegacyDN,ItemCount,ServerName,Database\n/cn=a,7,EX9,DB9\n/cn=b,8,EX9,DB9\n", "LegacyDN,TotalItemSize,ItemCount\n/cn=a,5B,\n/cn=b,6B,9\n", "LegacyDN,TotalItemSize\n/cn=a,5B\n"})
	require.NoError(t, err)
	for i, want := range []inventory.Mailbox{
		{Size: inventory.Known(inventory.Size(5)), Items: inventory.Known(int64(7)), Server: "EX1", Database: "DB1"},
		{Items: inventory.Known(int64(8)), Server: "EX9", Database: "DB9"},
	} {
		m := parts.Inventory.At(i)
		require.Equal(t, want.Size, m.Size)
		require.Equal(t, want.Items, m.Items)
		require.Equal(t, want.Server+want.Database, m.Server+m.Database, "what the mailbox has itself counts")
	}
	require.Len(t, parts.BadRows, 1)
	require.ErrorContains(t, parts.BadRows[0], "s2.csv:3:1: already there: other statistics of b@x.com, from s1.csv:3")
	require.Equal(t, []csvio.Skipped{{Reason: "the same again", Rows: 1, First: 2}}, parts.Files[3].Skipped)

	archive, err := read(t, mailboxes[:1], []string{"LegacyDN,TotalItemSize,IsArchiveMailbox\n/cn=a,9B,True\n"})
	require.NoError(t, err)
	require.Equal(t, []csvio.Skipped{{Reason: "archive", Rows: 1, First: 2}}, archive.Files[1].Skipped)
}

func TestReadInventoryCapsBadRows(t *testing.T) {
	in, err := read(t, []string{"mail\n" + strings.Repeat("nobody\n", 50) + "a@x.com\n"}, nil, func(e *csvio.Exports) { e.MaxBadRows = 10 })
	require.NoError(t, err)
	require.Len(t, in.BadRows, 10)
	require.Equal(t, 50, in.BadCount)
	require.Equal(t, 1, in.Inventory.Len())
}

func TestReadInventoryReportsAllFiles(t *testing.T) {
	in, err := read(t, []string{"Name\n", "mail\nnobody\n"}, []string{""}, func(e *csvio.Exports) {
		e.Organization = &csvio.File{Name: "org.json", Reader: strings.NewReader("{")}
		e.Grants = []csvio.File{{Name: "g.csv", Reader: strings.NewReader("x")}}
	})
	require.Nil(t, in.Inventory)
	require.Len(t, in.BadRows, 1, "what was found on the way is there")
	for _, part := range []string{"org.json:1:2:", "m1.csv:1:1:", "s1.csv:1:1:", "g.csv:1:1:"} {
		require.ErrorContains(t, err, part)
	}
	require.NotContains(t, err.Error(), "m2.csv")
}

func TestReadInventoryCanceled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("enough")
	text := "mail\n"
	for i := range 5000 {
		text += fmt.Sprintf("m%d@x.com\n", i)
	}
	source := io.MultiReader(strings.NewReader(text[:20000]), readerFunc(func([]byte) (int, error) {
		cancel(reason)
		return 0, io.EOF
	}))
	in, err := csvio.ReadInventory(ctx, csvio.Exports{Mailboxes: []csvio.File{{Name: "m.csv", Reader: source}}})
	require.ErrorIs(t, err, reason)
	require.Nil(t, in)
}

// Canceling ends the reading of bad rows too.
func TestReadInventoryCanceledAmongBadRows(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reads := 0
	source := io.MultiReader(strings.NewReader("mail\n"), readerFunc(func(p []byte) (int, error) {
		if reads++; reads == 3 {
			cancel()
		}
		if reads > 10 {
			return 0, io.EOF
		}
		return copy(p, "nobody\n"), nil
	}))
	_, err := csvio.ReadInventory(ctx, csvio.Exports{Mailboxes: []csvio.File{{Reader: source}}})
	require.ErrorIs(t, err, context.Canceled)
	require.LessOrEqual(t, reads, 4)
}

func TestFilesWithoutNames(t *testing.T) {
	e := csvio.Exports{
		Mailboxes:    []csvio.File{{Reader: strings.NewReader("mail\na@x.com\na@x.com\nnobody\n")}},
		Organization: &csvio.File{Reader: strings.NewReader("{}")},
	}
	in, err := csvio.ReadInventory(t.Context(), e)
	require.NoError(t, err)
	require.ErrorContains(t, in.BadRows[0], "input:3:1: mail: already there: mailbox a@x.com, from input:2")
	require.ErrorContains(t, in.BadRows[1], "input:4:1: mail:")
	e.Organization.Reader = strings.NewReader("")
	_, err = csvio.ReadInventory(t.Context(), e)
	require.ErrorContains(t, err, "input:1:1:")
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestReadInventoryOfNothing(t *testing.T) {
	in, err := csvio.ReadInventory(t.Context(), csvio.Exports{})
	require.NoError(t, err)
	require.Zero(t, in.Inventory.Len())
}

// No input makes reading panic or lose a row without saying so, in whatever place it is
// given; what is read does not depend on how the bytes arrive.
func FuzzReadInventory(f *testing.F) {
	for _, name := range []string{"mailboxes.csv", "statistics.csv", "permissions.csv", "csvde.csv", "ldifde.ldf"} {
		for _, text := range dialects(f, testdata(f, name)) {
			f.Add([]byte(text))
		}
	}
	for _, q := range readQuirks(f) {
		for _, text := range q.files {
			f.Add([]byte(text))
		}
	}
	for _, text := range []string{
		"mail;LegacyDN;TotalItemSize;Mailbox;User;AccessRights\na@x.com;/cn=a;1B;a@x.com;b@x.com;Send As\n",
		"mail,DisplayName,EmailAddresses,GrantSendOnBehalfTo\na@x.com,A?,smtp:b@x.com X500:/o=x,a\n",
		"Identity,User,AccessRights,IsInherited,Deny\na,NT AUTHORITY\\SELF,{FullAccess},False,False\na,b,Microsoft.X[],,\n",
		"Name,GrantSendOnBehalfTo\na,\"b,c\"\n", "mail,FullAccess,SendAs,SendonBehalf\na@x.com,b@x.com c@x.com,None,\n",
		"Mailbox\tSize (KB)\tTotal Items\na\t1,234\t5\n", "mail,UMEnabled,DeviceID,HasActiveSyncDevicePartnership\na@x.com,True,1,False\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := 2 + bytes.Count(data, []byte{'\n'}) + bytes.Count(data, []byte{'\r'})
		for slots := range 7 {
			in, err := readSlots(slots, bytes.NewReader, data)
			checkInput(t, in, err, lines)
			again, errAgain := readSlots(slots, func(data []byte) io.Reader { return iotest.OneByteReader(bytes.NewReader(data)) }, data)
			if (err == nil) != (errAgain == nil) || !cmp.Equal(in.Files, again.Files) || fmt.Sprint(in.BadRows, in.Warnings) != fmt.Sprint(again.BadRows, again.Warnings) {
				t.Fatalf("byte by byte: %v %v %v, not %v %v %v", errAgain, again.Files, again.BadRows, err, in.Files, in.BadRows)
			}
		}
	})
}

// readSlots reads data as the export of one kind, or of all kinds at once.
func readSlots[R io.Reader](slot int, reader func([]byte) R, data []byte) (*csvio.Input, error) {
	var e csvio.Exports
	for i, files := range []*[]csvio.File{&e.Mailboxes, &e.Statistics, &e.Grants, &e.UM, &e.Devices, &e.Cloud} {
		if slot == i || slot == 6 {
			*files = []csvio.File{{Name: "f", Reader: reader(data)}}
		}
	}
	return csvio.ReadInventory(context.Background(), e)
}

// checkInput fails if an error has no place in a text of so many lines, or a row is not
// accounted for.
func checkInput(t *testing.T, in *csvio.Input, err error, lines int) {
	var row *csvio.RowError
	if err != nil && !errors.As(err, &row) {
		t.Fatalf("an error without a place: %v", err)
	}
	for _, bad := range slices.Concat(in.BadRows, in.Warnings) {
		if bad.Line < 1 || bad.Line > lines || bad.Column < 1 || bad.Err == nil {
			t.Fatalf("bad place: %v", bad)
		}
	}
	for _, f := range in.Files {
		rows := f.Used + f.Bad
		for _, s := range f.Skipped {
			rows += s.Rows
		}
		if rows != f.Rows {
			t.Fatalf("%d rows are not accounted for: %+v", f.Rows-rows, f)
		}
	}
}
