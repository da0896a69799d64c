package csvio_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
)

var benchmarkMailboxes = flag.Int("mailboxes", 1_000_000, "the most mailboxes of BenchmarkReadInventory, which has sizes up to 5,000,000")

// BenchmarkReadInventory builds inventories of organizations of growing size and
// reports the time for a row of their files, of which a mailbox has four, and what is
// kept in memory for a mailbox. Both should not grow with the size.
func BenchmarkReadInventory(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000, 5_000_000} {
		if n > *benchmarkMailboxes {
			continue
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			writeOrganization(b, dir, n)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			rows := 0
			var in *csvio.Input
			for b.Loop() {
				in = readOrganization(b, dir)
				for _, f := range in.Files {
					rows += f.Rows
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "B/mailbox")
			require.Equal(b, n, in.Inventory.Len())
			require.Zero(b, in.BadCount)
		})
	}
}

func readOrganization(b *testing.B, dir string) *csvio.Input {
	open := func(name string) []csvio.File {
		f, err := os.Open(filepath.Join(dir, name))
		require.NoError(b, err)
		b.Cleanup(func() { f.Close() })
		return []csvio.File{{Name: name, Reader: f}}
	}
	in, err := csvio.ReadInventory(context.Background(), csvio.Exports{
		Mailboxes: open("mailboxes.csv"), Statistics: open("statistics.csv"), Grants: open("permissions.csv"),
	})
	require.NoError(b, err)
	return in
}

// writeOrganization makes up exports of n mailboxes as Export-Csv writes them: n
// mailboxes; their statistics, in another order, as those come by database; and two
// rights on each, of anybody.
func writeOrganization(b *testing.B, dir string, n int) {
	write := func(name, header string, rows func(w *bufio.Writer)) {
		f, err := os.Create(filepath.Join(dir, name))
		require.NoError(b, err)
		w := bufio.NewWriterSize(f, 1<<20)
		w.WriteString(header + "\r\n")
		rows(w)
		require.NoError(b, w.Flush())
		require.NoError(b, f.Close())
	}
	rng := rand.New(rand.NewPCG(1, 1))
	// The bits of a number in another order, so that sorting has something to do.
	user := func(i int) uint32 { return uint32(i) * 2654435761 }
	const dn = "/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=u"
	write("mailboxes.csv", `"Database","ExchangeGuid","ForwardingAddress","ServerName","UMEnabled","Alias","DisplayName","EmailAddresses",`+
		`"HiddenFromAddressListsEnabled","LegacyExchangeDN","PrimarySmtpAddress","RecipientTypeDetails","WindowsEmailAddress","ExchangeVersion","Name"`,
		func(w *bufio.Writer) {
			for i := range n {
				u := user(i)
				fmt.Fprintf(w, `"MBX%d\First Storage Group\Mailbox Database","6f9619ff-8b86-d011-b42d-%012d",,"mbx%[1]d","False","u%[3]d","Parker, Pilar %[3]d","Microsoft.Exchange.Data.ProxyAddressCollection",`+
					`"False","%s%[3]d","U%[3]d@contoso.com","UserMailbox","u%[3]d@contoso.com","0.1 (8.0.535.0)","Pilar Parker %[3]d"`+"\r\n", i%20, i, u, dn)
			}
		})
	write("statistics.csv", `"DisconnectDate","DisplayName","ItemCount","LegacyDN","MailboxGuid","StorageLimitStatus","TotalItemSize","DatabaseName","ServerName","StorageGroupName"`,
		func(w *bufio.Writer) {
			for _, i := range rng.Perm(n) {
				fmt.Fprintf(w, `,"Parker, Pilar %d","%d","%s%[1]d","6f9619ff-8b86-d011-b42d-%012[4]d","BelowLimit","%dB","Mailbox Database","MBX%d","First Storage Group"`+"\r\n",
					user(i), i%5000, dn, i, i*1000, i%20)
			}
		})
	write("permissions.csv", `"Mailbox","User","AccessRights"`, func(w *bufio.Writer) {
		for i := range n {
			for _, right := range []string{"Full Access", "Calendar Folder"} {
				fmt.Fprintf(w, `"u%d@contoso.com","U%d@contoso.com","%s"`+"\r\n", user(i), user(rng.IntN(n)), right)
			}
		}
	})
}
