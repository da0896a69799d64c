package table

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// exportOf makes up an export of Get-Mailbox as Export-Csv writes it: CRLF and 22
// cells a row of some 17 bytes. A third of the rows have a separator inside a
// cell, half have letters outside ASCII and 2 % a doubled quote. Without quotes
// there are none of the first and the last.
func exportOf(rows int, quoted bool) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	quote := func(cell string) string { return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"` }
	if !quoted {
		quote = func(cell string) string { return strings.NewReplacer(`"`, "", ",", "").Replace(cell) }
	}
	var out bytes.Buffer
	for i := range rows {
		name := "Parker"
		if i%2 == 0 {
			name = "Übung"
		}
		if i%3 == 0 {
			name += ", Pilar"
		}
		if i%50 == 0 {
			name += ` "Pip"`
		}
		for j := range 22 {
			cell := "False"
			switch j % 4 {
			case 0:
				cell = name + fmt.Sprintf(" %d", rng.IntN(1e6))
			case 1:
				cell = fmt.Sprintf("user%07d@contoso.com", rng.IntN(1e7))
			case 2:
				cell = fmt.Sprintf("/o=Contoso/cn=%d", rng.IntN(1e9))
			}
			if j > 0 {
				out.WriteByte(',')
			}
			out.WriteString(quote(cell))
		}
		out.WriteString("\r\n")
	}
	return out.Bytes()
}

// BenchmarkRead reads the same text with a Reader and with encoding/csv by turns,
// and reports the time of each for a row, and ratios of their best rounds: of-csv
// with the text of all cells, as encoding/csv has it anyway, and read-of-csv of Read
// alone.
func BenchmarkRead(b *testing.B) {
	const rows = 20_000
	for _, quoted := range []bool{true, false} {
		text := exportOf(rows, quoted)
		b.Run(fmt.Sprintf("quoted=%v", quoted), func(b *testing.B) {
			ours, read, theirs := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
			for b.Loop() {
				t, n := timed(b, readTable, text)
				u, m := timed(b, readEncodingCSV, text)
				v, _ := timed(b, readRecords, text)
				if n != m {
					b.Fatalf("%d bytes, not %d", n, m)
				}
				ours, theirs, read = min(ours, t), min(theirs, u), min(read, v)
			}
			b.SetBytes(int64(len(text)))
			b.ReportMetric(float64(ours.Nanoseconds())/rows, "ns/row")
			b.ReportMetric(float64(theirs.Nanoseconds())/rows, "csv-ns/row")
			b.ReportMetric(float64(ours)/float64(theirs), "of-csv")
			b.ReportMetric(float64(read)/float64(theirs), "read-of-csv")
		})
	}
}

// timed returns how long it takes to read a text, and what read counts in it.
func timed(b *testing.B, read func(text []byte) (n int, err error), text []byte) (time.Duration, int) {
	begin := time.Now()
	n, err := read(text)
	took := time.Since(begin)
	if err != io.EOF {
		b.Fatal(err)
	}
	return took, n
}

func readTable(text []byte) (n int, err error) {
	r := New(bytes.NewReader(text), ',')
	for {
		if err := r.Read(); err != nil {
			return n, err
		}
		for i := range r.Len() {
			n += len(r.Text(i))
		}
	}
}

func readRecords(text []byte) (n int, err error) {
	r := New(bytes.NewReader(text), ',')
	for {
		if err := r.Read(); err != nil {
			return n, err
		}
		n += r.Len()
	}
}

func readEncodingCSV(text []byte) (n int, err error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.ReuseRecord = true
	for {
		record, err := r.Read()
		if err != nil {
			return n, err
		}
		for _, cell := range record {
			n += len(cell)
		}
	}
}
