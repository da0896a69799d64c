package estimate_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// The tables of the performance best practices, in days, and without a gap between bins.
func TestHistory(t *testing.T) {
	const day = 24 * time.Hour
	var sizes, tenants [][3]int
	last := inventory.Size(0)
	for _, h := range estimate.HistoryBySize() {
		require.Equal(t, last, h.From)
		last = h.To
		sizes = append(sizes, [3]int{int(h.To / inventory.GB), int(h.P50 / day), int(h.P90 / day)})
	}
	from := 0
	for _, h := range estimate.HistoryByTenant() {
		require.Equal(t, from, h.From)
		from = h.To
		tenants = append(tenants, [3]int{h.From, int(h.Least / day), int(h.Most / day)})
	}
	want := [][3]int{{1, 1, 7}, {10, 1, 7}, {50, 3, 14}, {100, 3, 30}, {200, 8, 45}}
	if diff := cmp.Diff(want, sizes); diff != "" {
		t.Error(diff)
	}
	want = [][3]int{{0, 5, 14}, {1000, 10, 30}, {5000, 20, 45}, {10_000, 30, 60}, {50_000, 45, 90}, {100_000, 60, 180}}
	if diff := cmp.Diff(want, tenants); diff != "" {
		t.Error(diff)
	}
}
