package main

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/examples/internal/synth"
)

// What a plan of real files takes, from opening them to the last file written, at
// several sizes. The limit for 50,000 mailboxes is five seconds on two cores.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{5_000, 50_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			dir := b.TempDir()
			org := synth.Generate(synth.Config{Seed: 1, Mailboxes: n, Giant: 0.5})
			for _, f := range org.Files() {
				file, err := os.Create(filepath.Join(dir, f.Name))
				require.NoError(b, err)
				require.NoError(b, f.Write(file, synth.Format{}))
				require.NoError(b, file.Close())
			}
			require.NoError(b, os.WriteFile(filepath.Join(dir, "org.json"), []byte(org.Facts()), 0o666))
			out := filepath.Join(dir, "out")
			b.ReportAllocs()
			for b.Loop() {
				code := run(b.Context(), []string{
					"-mailboxes", filepath.Join(dir, "mailboxes.csv"), "-statistics", filepath.Join(dir, "statistics.csv"),
					"-grants", filepath.Join(dir, "permissions.csv"), "-org", filepath.Join(dir, "org.json"), "-out", out,
				}, io.Discard, io.Discard)
				require.Equal(b, exitPlanned, code)
				require.NoError(b, os.RemoveAll(out))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/mailbox")
		})
	}
}
