//go:build unix

package binpack

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cpuTime is what this process has computed until now. On a machine that others use
// too it says more than the clock.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPublic reports, beside what a family of public instances costs in CPU, how many
// are packed into the fewest bins, into one more or worse, and how many of the first are
// proven by the bound.
func BenchmarkPublic(b *testing.B) {
	for _, family := range []string{"falkenauer_u", "falkenauer_t", "scholl1", "schwerin1", "schwerin2"} {
		b.Run(family, func(b *testing.B) {
			instances := publicInstances(b, family)
			for b.Loop() {
				var optimal, more, worse, proven int
				var longest, total time.Duration
				for _, in := range instances {
					start := cpuTime(b)
					bound := tightBound(in.items, in.capacity)
					bin, bins := mustPack(b, in.items, in.capacity, bound)
					d := cpuTime(b) - start
					longest, total = max(longest, d), total+d
					check(b, in.items, in.capacity, bin, bins)
					require.LessOrEqual(b, bound, in.fewest)
					switch bins - in.fewest {
					case 0:
						optimal++
						if bound == bins {
							proven++
						}
					case 1:
						more++
					default:
						worse++
					}
				}
				b.ReportMetric(float64(optimal), "optimal")
				b.ReportMetric(float64(more), "one-more")
				b.ReportMetric(float64(worse), "worse")
				b.ReportMetric(float64(proven), "proven")
				b.ReportMetric(longest.Seconds()*1000, "ms-longest")
				b.ReportMetric(total.Seconds()*1000/float64(len(instances)), "ms-mean")
			}
		})
	}
}
