package estimate_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// plan makes batches of mailboxes with sizes around 1 GB, spread as real ones are: many
// small, few large, the largest first in a batch.
func plan(batches, mailboxes int) *batch.Packing {
	r := rand.New(rand.NewPCG(6, 1))
	p := &batch.Packing{}
	for i := range batches {
		b := batch.Batch{Name: fmt.Sprintf("StagedBatch%04d", i+1), Wave: fmt.Sprint("wave ", i*5/batches)}
		for range mailboxes {
			size := inventory.Size(math.Exp(r.NormFloat64()) * float64(inventory.GB))
			b.Mailboxes = append(b.Mailboxes, &inventory.Mailbox{Size: inventory.Known(size), Items: inventory.Known(int64(size / (50 << 10))),
				Server: fmt.Sprint("EX", r.IntN(8))})
		}
		slices.SortFunc(b.Mailboxes, func(a, b *inventory.Mailbox) int { return cmp.Compare(b.Size.Or(0), a.Size.Or(0)) })
		p.Batches = append(p.Batches, b)
	}
	return p
}

// BenchmarkSchedule schedules 1,000 batches of 500 mailboxes into nights and weekends.
func BenchmarkSchedule(b *testing.B) {
	p := plan(1000, 500)
	cal := estimate.Calendar{Location: location(b, "Europe/Berlin"), Windows: windows(b, "Mon-Fri 20:00-06:00; Sat,Sun")}
	fast := estimate.Model{Throughput: estimate.Throughput{Low: 120, High: 160}, Lanes: 100, PerItem: time.Millisecond}
	capped := fast
	capped.ServerRate = 15
	tests := []struct {
		name string
		m    estimate.Model
		opts estimate.ScheduleOptions
	}{
		{"fits", fast, estimate.ScheduleOptions{}},
		{"one by one", fast, estimate.ScheduleOptions{OneByOne: true}},
		{"users and sites", fast, estimate.ScheduleOptions{WaveByWave: true, Clients: estimate.Clients{PerDay: 600, PerSite: 200,
			Site: func(m *inventory.Mailbox) string { return m.Server }}}},
		{"servers", capped, estimate.ScheduleOptions{}},
		{"pauses", fast, estimate.ScheduleOptions{Pause: true}},
	}
	for _, tt := range tests {
		b.Run(tt.name, func(b *testing.B) {
			tt.opts.Start = monday
			b.ReportAllocs()
			for b.Loop() {
				_, err := estimate.Schedule(p, tt.m, cal, &tt.opts)
				require.NoError(b, err)
			}
		})
	}
}
