//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
)

// BenchmarkReadInventory reads the exports of made-up organizations with about 10,000 to
// 5,000,000 rows, and reports what a row costs, by the clock and of both processors, and
// what is kept in memory. The cost of a row is to be the same whatever their number, the
// inventory of a million mailboxes to take 500 MB, and its files at most 6 s on two cores.
//
// BenchmarkReadInventory of csvio is harder: there nothing is near to what it belongs to.
func BenchmarkReadInventory(b *testing.B) {
	for _, n := range []int{2_400, 24_000, 240_000, 1_000_000, 1_200_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			o, err := parse([]string{"-mailboxes", fmt.Sprint(n), "-out", dir}, io.Discard)
			require.NoError(b, err)
			require.NoError(b, generate(o))
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start, rows := cpuTime(b), 0
			var in *csvio.Input
			for b.Loop() {
				in = readExports(b, dir)
				for _, f := range in.Files {
					rows += f.Rows
				}
			}
			cpu := cpuTime(b) - start
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
			b.ReportMetric(float64(cpu.Nanoseconds())/float64(rows), "cpu-ns/row")
			b.ReportMetric(float64(rows)/float64(b.N), "rows")
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-kept")
			require.InEpsilon(b, n, in.Inventory.Len(), 0.01, "a few rows are bad, as in real exports")
		})
	}
}

func readExports(b *testing.B, dir string) *csvio.Input {
	open := func(name string) []csvio.File {
		f, err := os.Open(filepath.Join(dir, name))
		require.NoError(b, err)
		b.Cleanup(func() { f.Close() })
		return []csvio.File{{Name: name, Reader: f}}
	}
	in, err := csvio.ReadInventory(b.Context(), csvio.Exports{
		Mailboxes: open("mailboxes.csv"), Statistics: open("statistics.csv"), Grants: open("permissions.csv"),
	})
	require.NoError(b, err)
	return in
}
