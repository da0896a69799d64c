//go:build unix

package csvio_test

import (
	"encoding/csv"
	"io"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/gocarina/gocsv"
	"github.com/jszwec/csvutil"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

// BenchmarkPeers reads an export of 1,000,000 mailboxes, as it is made up, in seven ways:
//
//   - csv: Read of encoding/csv with ReuseRecord. The cells are strings that nobody
//     looks at.
//   - csvutil: Decode of csvutil, from the same Reader, into one PeerMailbox that is used
//     again for each row.
//   - gocsv: Read of gocsv.NewUnmarshaller, from the same Reader, which of its functions
//     is the quickest. It returns a new PeerMailbox for each row.
//   - csvutil-all, gocsv-all: the same into a WholeMailbox.
//   - mailboxes: csvio.Mailboxes, which yields a new inventory.Mailbox for each row, and
//     one that can be kept.
//   - source: nothing but the text, which is in all of the others.
//
// A PeerMailbox has what Mailboxes reads of these columns, as values of the same types, and
// the 10 columns that are left cost none of the three more than finding their ends. A
// WholeMailbox has all 22 columns, as those have who export what they read. What
// Mailboxes does beyond that, the peers leave out: it knows the names that columns can have,
// repairs UTF-8, reads lists of proxy addresses, takes the later version, and keeps the line.
//
// The cost of a row is the processor time of all threads, so that a collector that works
// beside the reader counts, and the time that other processes take does not. Every reader
// has the same live heap, next to none. They take turns for five rounds, or three short
// ones with -short; reported are the medians of the costs, and those of the ratios within a
// round.
func BenchmarkPeers(b *testing.B) {
	rows, rounds := 1_000_000, 5
	if testing.Short() {
		rows, rounds = 50_000, 3
	}
	costs := make(map[string][]float64)
	for b.Loop() {
		for range rounds {
			for _, way := range peers {
				cost, allocs := costOf(b, way.read, rows)
				costs[way.name] = append(costs[way.name], cost)
				costs[way.name+" allocs"] = append(costs[way.name+" allocs"], allocs)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	for _, way := range peers {
		b.ReportMetric(median(costs[way.name]), way.name+"-ns/row")
		b.ReportMetric(median(costs[way.name+" allocs"]), way.name+"-allocs/row")
		if way.name != "source" && way.name != "mailboxes" {
			var ratios []float64
			for i, cost := range costs["mailboxes"] {
				ratios = append(ratios, cost/costs[way.name][i])
			}
			b.ReportMetric(median(ratios), "of-"+way.name)
		}
	}
}

var peers = []struct {
	name string
	read func(io.Reader) (rows int, err error)
}{
	{"source", func(r io.Reader) (int, error) {
		n, err := io.Copy(struct{ io.Writer }{io.Discard}, r)
		return int(n), err
	}},
	{"csv", readCSV}, {"csvutil", readCSVUtil[PeerMailbox]}, {"gocsv", readGocsv[PeerMailbox]},
	{"csvutil-all", readCSVUtil[WholeMailbox]}, {"gocsv-all", readGocsv[WholeMailbox]}, {"mailboxes", readMailboxes},
}

// costOf returns the processor time in ns and the allocations that a row costs.
func costOf(b *testing.B, read func(io.Reader) (int, error), rows int) (ns, allocs float64) {
	var before, after runtime.MemStats
	source := newExport(rows)
	runtime.GC()
	runtime.ReadMemStats(&before)
	begin := processorTime(b)
	n, err := read(source)
	took := processorTime(b) - begin
	runtime.ReadMemStats(&after)
	if err != nil || n < rows {
		b.Fatalf("%d of %d rows: %v", n, rows, err)
	}
	return float64(took.Nanoseconds()) / float64(rows), float64(after.Mallocs-before.Mallocs) / float64(rows)
}

// processorTime returns what the process has used, itself and through the kernel: how
// Linux divides the sum is a guess, the sum is exact.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func median(of []float64) float64 {
	of = slices.Sorted(slices.Values(of))
	return of[len(of)/2]
}

func reusing(r io.Reader) *csv.Reader {
	c := csv.NewReader(r)
	c.ReuseRecord = true
	return c
}

func readCSV(r io.Reader) (rows int, err error) {
	c := reusing(r)
	for {
		if _, err := c.Read(); err == io.EOF {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		rows++
	}
}

// PeerMailbox is what Mailboxes reads of exportHeader.
type PeerMailbox struct {
	Address             inventory.Address `csv:"PrimarySmtpAddress"`
	WindowsEmailAddress inventory.Address `csv:"WindowsEmailAddress"`
	EmailAddresses      string            `csv:"EmailAddresses"`
	DisplayName         string            `csv:"DisplayName"`
	Kind                inventory.Kind    `csv:"RecipientTypeDetails"`
	Version             inventory.Version `csv:"ExchangeVersion"`
	Server              string            `csv:"ServerName"`
	Database            string            `csv:"Database"`
	LegacyDN            string            `csv:"LegacyExchangeDN"`
	GUID                inventory.GUID    `csv:"ExchangeGuid"`
	Hidden              inventory.Fact    `csv:"HiddenFromAddressListsEnabled"`
	UMEnabled           inventory.Fact    `csv:"UMEnabled"`
}

// WholeMailbox has the other columns too.
type WholeMailbox struct {
	PeerMailbox
	ForwardingAddress string         `csv:"ForwardingAddress"`
	RecipientType     inventory.Kind `csv:"RecipientType"`
	Alias             string         `csv:"Alias"`
	Account           string         `csv:"SamAccountName"`
	Unit              string         `csv:"OrganizationalUnit"`
	Custom1           string         `csv:"CustomAttribute1"`
	Custom10          string         `csv:"CustomAttribute10"`
	Valid             inventory.Fact `csv:"IsValid"`
	Defaults          inventory.Fact `csv:"UseDatabaseQuotaDefaults"`
	Created           string         `csv:"WhenCreated"`
}

func readCSVUtil[T any](r io.Reader) (rows int, err error) {
	d, err := csvutil.NewDecoder(reusing(r))
	if err != nil {
		return 0, err
	}
	var m T
	for {
		if err := d.Decode(&m); err == io.EOF {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		rows++
	}
}

func readGocsv[T any](r io.Reader) (rows int, err error) {
	u, err := gocsv.NewUnmarshaller(reusing(r), *new(T))
	if err != nil {
		return 0, err
	}
	for {
		if _, err := u.Read(); err == io.EOF {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		rows++
	}
}

func readMailboxes(r io.Reader) (rows int, err error) {
	for m, err := range csvio.Mailboxes(r, nil) {
		if err != nil {
			return rows, err
		}
		kept = m
		rows++
	}
	return rows, nil
}

// kept is the last mailbox. One that nobody can keep would not have to be allocated.
var kept *inventory.Mailbox
