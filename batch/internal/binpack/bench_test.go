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

// report tells, beside what packing each of the instances costs in CPU, how many are
// packed into the fewest bins that are known to be needed and by how many bins the
// others exceed that, and how many first and best fit decreasing pack so.
func report(b *testing.B, instances []instance) {
	for b.Loop() {
		var fewest, over, ffd, bfd int
		var longest, total time.Duration
		for _, in := range instances {
			known := in.known(b)
			start := cpuTime(b)
			bin, bins := mustPack(b, in.items, in.capacity, LowerBound(in.items, Load{}, in.capacity))
			d := cpuTime(b) - start
			longest, total = max(longest, d), total+d
			check(b, in.items, in.capacity, bin, bins)
			if over += bins - known; bins == known {
				fewest++
			}
			first, best := in.greedy()
			require.LessOrEqual(b, bins, min(first, best))
			if first == known {
				ffd++
			}
			if best == known {
				bfd++
			}
		}
		b.ReportMetric(float64(len(instances)), "instances")
		b.ReportMetric(float64(fewest), "optimal")
		b.ReportMetric(float64(over), "bins-over")
		b.ReportMetric(float64(ffd), "ffd-optimal")
		b.ReportMetric(float64(bfd), "bfd-optimal")
		b.ReportMetric(total.Seconds()*1000/float64(len(instances)), "ms-mean")
		b.ReportMetric(longest.Seconds()*1000, "ms-longest")
	}
}

func BenchmarkPublic(b *testing.B) {
	for _, family := range []string{"falkenauer_u", "falkenauer_t", "scholl1", "schwerin1", "schwerin2"} {
		b.Run(family, func(b *testing.B) { report(b, publicInstances(b, family)) })
	}
}

// Other instances of the distributions of public ones, and of some that have a second limit.
func BenchmarkMade(b *testing.B) {
	for _, f := range families {
		b.Run(f.name, func(b *testing.B) { report(b, f.instances(48)) })
	}
}
