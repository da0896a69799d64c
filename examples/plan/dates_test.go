package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Batches start when a night begins, by the clock of the zone, and the file has
// the same dates as the summary.
func TestDates(t *testing.T) {
	skipLong(t)
	out := filepath.Join(t.TempDir(), "out")
	code, stdout, stderr := call(t, "-start", "2026-12-24T12:00:00+01:00", "-window", "Mon-Thu 20:00-06:00", "-time-zone", "Europe/Berlin",
		"-max-size", "100GB", "-out", out)
	require.Equal(t, exitPlanned, code, stderr)
	require.Contains(t, stdout, "Dates, in the time zone CET")
	rows := strings.Split(strings.TrimSuffix(tree(t, out)["schedule.csv"], "\r\n"), "\r\n")[1:]
	require.Len(t, rows, len(readPlan(t, out).Batches))
	over := 0
	for i, row := range rows {
		cells := strings.Split(row, ",")
		require.Contains(t, cells[3], "T20:00:00+01:00")
		require.Contains(t, cells[8], "T06:00:00+01:00")
		if cells[9] != "0" {
			over++
		}
		if i == 0 {
			require.True(t, strings.HasPrefix(cells[3], "2026-12-24T"), "a Thursday")
		}
	}
	require.Equal(t, over, strings.Count(stdout, " h past its window\n"))
}

// With -fit no batch runs past a night that is long enough for its largest mailbox.
func TestFit(t *testing.T) {
	skipLong(t)
	out := filepath.Join(t.TempDir(), "out")
	code, stdout, stderr := call(t, "-start", "2026-12-24T12:00:00+01:00", "-window", "Mon-Thu 20:00-06:00", "-rate", "60", "-fit", "10h", "-out", out)
	require.Equal(t, exitPlanned, code, stderr)
	require.NotContains(t, stdout, "past its window")
	plan := readPlan(t, out)
	require.Positive(t, plan.Limits.SizeBytes)
	require.Contains(t, []int{5, 6}, len(plan.Batches), "2.42 TB at 60 GB per hour take 41.4 hours, that is 4.1 nights")

	for text, wrong := range map[string][]string{
		"it must be over 0": {"-fit", "-1h"},
		"invalid duration":  {"-fit", "soon"},
	} {
		code, _, stderr := call(t, wrong...)
		require.NotEqual(t, exitPlanned, code)
		require.Contains(t, stderr, text)
	}
	small := filepath.Join(t.TempDir(), "small")
	code, _, stderr = call(t, "-rate", "60", "-fit", "10h", "-max-size", "200GB", "-out", small)
	require.Equal(t, exitPlanned, code, stderr)
	require.EqualValues(t, 200<<30, readPlan(t, small).Limits.SizeBytes, "the smaller one counts")
}
