//go:build unix

package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/examples/internal/synth"
	"github.com/staged-migration/staged/inventory"
)

// BenchmarkPack reports what packing made-up organizations costs and how good it is,
// beside what METIS reaches where it is installed: the number of batches and its lower
// bound, the weight and the number of the split grants that are not of service accounts, CPU
// time, which says more than the clock on a machine that others use too, and what memory it
// takes at its peak. Of that it takes 100 bytes off for each grant, and divides the rest
// by the number of mailboxes.
//
// The limits are, on two cores, 2 s for 50,000 mailboxes, 20 s for 500,000, 1 s for a
// million without grants, and 400 bytes for each mailbox.
func BenchmarkPack(b *testing.B) {
	for _, n := range []int{10_000, 50_000, 100_000, 500_000, 1_000_000} {
		for _, kind := range []string{"alone", "sharing"} {
			var inv *inventory.Inventory // made where the benchmark is not left out
			for _, size := range []inventory.Size{0, 500 * inventory.GB, 900 * inventory.GB} {
				b.Run(fmt.Sprintf("%d/%s/%dGB", n, kind, size/inventory.GB), func(b *testing.B) {
					if inv == nil {
						inv = inventoryOf(b, synth.Config{Seed: 1, Mailboxes: n, Giant: 0.5, ServiceAccounts: 3}, kind == "sharing")
					}
					benchmarkPack(b, inv, &batch.Options{Limits: batch.Limits{Size: size}})
				})
			}
		}
	}
}

func benchmarkPack(b *testing.B, inv *inventory.Inventory, o *batch.Options) {
	var p *batch.Packing
	pack := func() {
		var err error
		p, err = batch.Pack(b.Context(), inv, o)
		require.NoError(b, err)
	}
	runtime.GC()
	start, times := cpuTime(b), 0
	for b.Loop() {
		pack()
		times++
	}
	cpu := cpuTime(b) - start
	peak := peakOf(b.Context(), pack)
	require.NoError(b, batch.Verify(p, inv, o))

	b.ReportMetric(b.Elapsed().Seconds()/float64(times), "s")
	b.ReportMetric(cpu.Seconds()/float64(times), "cpu-s")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(int64(peak)-100*int64(len(inv.Grants())))/float64(inv.Len()), "B/mailbox")
	b.ReportMetric(float64(len(p.Batches)), "batches")
	b.ReportMetric(float64(p.LowerBound), "bound")
	b.ReportMetric(p.SplitWeight, "weight")
	split := 0
	for _, s := range p.Split {
		if !s.Hub {
			split++
		}
	}
	b.ReportMetric(float64(split), "split")
	if split > 0 && o.Limits.Size == 0 {
		compareMETIS(b, p)
	}
}

// inventoryOf makes up an organization, without going through files.
func inventoryOf(b *testing.B, c synth.Config, grants bool) *inventory.Inventory {
	org := synth.Generate(c)
	mailboxes := make([]inventory.Mailbox, len(org.Mailboxes))
	for i, m := range org.Mailboxes {
		mailboxes[i] = inventory.Mailbox{Address: inventory.Address(m.Address), Server: m.Server}
		if !m.NoStats {
			mailboxes[i].Size = inventory.Known(inventory.Size(m.Size))
		}
	}
	var all []inventory.Grant
	if grants {
		for _, g := range org.Grants {
			right, err := inventory.ParseRight(g.Right)
			require.NoError(b, err)
			all = append(all, inventory.Grant{Mailbox: mailboxes[g.Mailbox].Address, Trustee: mailboxes[g.Trustee].Address, Right: right})
		}
	}
	inv, err := inventory.New(inventory.Organization{}, mailboxes, all)
	require.NoError(b, err)
	return inv
}

// cpuTime is what this process has computed until now.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakOf returns how much the heap grows while f runs. It collects garbage often, so that
// it is about what f needs and not what may lie around.
func peakOf(ctx context.Context, f func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	heap := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before := heap()
	peak := before
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			peak = max(peak, heap())
			time.Sleep(time.Millisecond)
		}
	}()
	f()
	cancel()
	<-done
	return peak - before
}
