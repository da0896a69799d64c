package csvio_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

// wideExport makes up an export of Get-Mailbox with 22 columns as Export-Csv
// writes it: every value in quotes. A third of the display names have a comma,
// half have letters outside ASCII and 2 % quotes.
func wideExport(rows int) []byte {
	var out bytes.Buffer
	out.WriteString("#TYPE Microsoft.Exchange.Data.Directory.Management.Mailbox\r\n" +
		`"Database","ForwardingAddress","ServerName","UMEnabled","DisplayName","EmailAddresses","HiddenFromAddressListsEnabled",` +
		`"LegacyExchangeDN","PrimarySmtpAddress","RecipientType","RecipientTypeDetails","WindowsEmailAddress","ExchangeGuid",` +
		`"ExchangeVersion","Alias","SamAccountName","OrganizationalUnit","CustomAttribute1","CustomAttribute10","IsValid",` +
		`"UseDatabaseQuotaDefaults","WhenCreated"` + "\r\n")
	for i := range rows {
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
		fmt.Fprintf(&out, `"MBX%d\First Storage Group\Mailbox Database",,"mbx%[1]d","False","%s %[3]d","Microsoft.Exchange.Data.ProxyAddressCollection","False",`+
			`"/o=Contoso/ou=First/cn=Recipients/cn=user%[3]d","User%[3]d@contoso.com","UserMailbox","UserMailbox","user%[3]d@contoso.com","6f9619ff-8b86-d011-b42d-00c%09[3]d",`+
			`"0.1 (8.0.535.0)","user%[3]d","user%[3]d","contoso.com/Users","","","True","True","%d/%d/2008 10:37:11 AM"`+"\r\n", i/100%20, name, i, i%12+1, i%28+1)
	}
	return out.Bytes()
}

// BenchmarkMailboxes reads the same export as mailboxes and as nothing but
// records of encoding/csv by turns, and reports the time of each for a row, and the
// ratio of their best rounds.
func BenchmarkMailboxes(b *testing.B) {
	const rows = 20_000
	text := wideExport(rows)
	ours, theirs := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		begin := time.Now()
		n := 0
		for _, err := range csvio.Mailboxes(bytes.NewReader(text), nil) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		ours = min(ours, time.Since(begin))

		begin = time.Now()
		r := csv.NewReader(bytes.NewReader(text))
		r.ReuseRecord, r.FieldsPerRecord = true, -1
		for {
			if _, err := r.Read(); err == io.EOF {
				break
			}
			n--
		}
		theirs = min(theirs, time.Since(begin))
		if n != -2 {
			b.Fatalf("%d rows too many", n+2) // encoding/csv reads the type line and the header too
		}
	}
	b.SetBytes(int64(len(text)))
	b.ReportMetric(float64(ours.Nanoseconds())/rows, "ns/row")
	b.ReportMetric(float64(theirs.Nanoseconds())/rows, "csv-ns/row")
	b.ReportMetric(float64(ours)/float64(theirs), "of-csv")
}

// A row costs two allocations: the mailbox, and one string for all of its texts.
func TestMailboxesAllocate(t *testing.T) {
	const rows = 1_000
	text := wideExport(rows)
	allocs := testing.AllocsPerRun(5, func() {
		for _, err := range csvio.Mailboxes(bytes.NewReader(text), nil) {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	require.Less(t, allocs, 2.5*rows)
}

// The parts of the one string are what the cells say, whatever is in them.
func TestMailboxTexts(t *testing.T) {
	text := "PrimarySmtpAddress,WindowsEmailAddress,DisplayName,LegacyExchangeDN,ExchangeGuid,EmailAddresses\n" +
		`SMTP:Ann@ÜBUNG.com,ann@übung.com,"Ann ""A"" Übung",/CN=Ann,{0A},smtp:ANN@Übung.com` + "\n" +
		"B@x.com,b2@x.com,\xff\xff,\xff,Ä\u212A,SMTP:b@X.com;smtp:B3@x.com;x500:/o=a\n" +
		"c@x.com,,,,{00000000-0000},Microsoft.Exchange.Data.ProxyAddressCollection\n" +
		"Not An Address,,,,,\n"
	var bad []string
	got, err := collect(csvio.Mailboxes(bytes.NewReader([]byte(text)), &csvio.ReadOptions{Bad: func(e *csvio.RowError) { bad = append(bad, e.Error()) }}))
	require.NoError(t, err)
	source := func(line int) inventory.Source { return inventory.Source{File: "input", Line: line} }
	require.Empty(t, cmp.Diff([]*inventory.Mailbox{
		{Address: "ann@übung.com", WindowsEmailAddress: "ann@übung.com", DisplayName: `Ann "A" Übung`, LegacyDN: "/CN=Ann", GUID: "0a", Source: source(2)},
		{Address: "b@x.com", WindowsEmailAddress: "b2@x.com", Aliases: []inventory.Address{"b2@x.com", "b3@x.com"}, DisplayName: "\uFFFD", LegacyDN: "\uFFFD", GUID: "äk", Source: source(3)},
		{Address: "c@x.com", Source: source(4)},
	}, got, comparable))
	require.Equal(t, []string{`input:5:1: PrimarySmtpAddress: not an SMTP address: "Not An Address": there is no @`}, bad, "as the file has it")
}
