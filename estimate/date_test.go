package estimate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/estimate"
)

func TestDateIn(t *testing.T) {
	tests := []struct {
		date   estimate.Date
		zone   string
		want   string // in UTC
		reason string
	}{
		{estimate.Date{Year: 2026, Month: 3, Day: 30}, "Europe/Berlin", "2026-03-29 22:00", "two hours ahead since the day before"},
		{estimate.Date{Year: 2026, Month: 3, Day: 29}, "Asia/Beirut", "2026-03-28 22:00", "the clock jumps from 00:00 to 01:00"},
		{estimate.Date{Year: 2026, Month: 11, Day: 1}, "America/Havana", "2026-11-01 04:00", "at 01:00 it is set back, so that 00:00 comes twice"},
		{estimate.Date{Year: 2026, Month: 2, Day: 29}, "UTC", "2026-03-01 00:00", "as for time.Date"},
	}
	for _, tt := range tests {
		got := tt.date.In(location(t, tt.zone))
		require.Equal(t, tt.want, got.UTC().Format("2006-01-02 15:04"), tt.reason)
		require.Equal(t, tt.zone, got.Location().String())
	}
	require.Equal(t, time.UTC, estimate.Date{Year: 2026, Month: 1, Day: 1}.In(nil).Location())
}
