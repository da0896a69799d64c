package estimate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
)

// BenchmarkForecast simulates 1,000 futures of 500,000 mailboxes in 250 batches, on servers
// that give as much as is asked of them, or less than that by a fifth.
func BenchmarkForecast(b *testing.B) {
	for _, lanes := range []int{20, 100} {
		for _, servers := range []int{0, 1, 8} {
			b.Run(fmt.Sprintf("lanes=%d,capped=%d", lanes, servers), func(b *testing.B) {
				rng := rand.New(rand.NewPCG(1, 0))
				tr := someTruth(rng)
				tr.lanes, tr.counted = lanes, true
				pilot := newMigration(rng, tr, 2000, 2000)
				for pilot.done < 1000 {
					pilot.step()
				}
				obs, _ := pilot.report(rng)
				prior := estimate.Model{Lanes: lanes}
				if servers > 0 {
					prior.ServerRate = 0.8 * tr.rate * float64(lanes) / float64(servers)
				}
				fitted, err := estimate.Fit(obs, prior)
				if err != nil {
					b.Fatal(err)
				}
				_, one := newMigration(rng, tr, 2000, 2000).report(rng)
				for i, m := range one[0].Mailboxes {
					m.Server = fmt.Sprint("EX", i%max(1, servers))
				}
				var rest []*batch.Batch
				for i := range 250 {
					rest = append(rest, &batch.Batch{Name: fmt.Sprint("Batch", i+1), Mailboxes: one[0].Mailboxes})
				}
				b.ReportAllocs()
				for b.Loop() {
					if _, err := fitted.Forecast(b.Context(), rest, &estimate.ForecastOptions{Running: obs}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
