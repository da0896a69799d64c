package estimate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/estimate"
)

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

func windows(t testing.TB, spec string) estimate.Windows {
	t.Helper()
	w, err := estimate.ParseWindows(spec)
	require.NoError(t, err)
	return w
}

// zones are those in which properties are tried: with daylight saving in the north and
// in the south, without it at an odd offset, without anything, and two that are strange:
// on Lord Howe the clock moves by half an hour, in Beirut it jumps over midnight.
var zones = []string{"Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "UTC", "Australia/Lord_Howe", "Asia/Beirut"}

// Windows on the days on which clocks change, in UTC as worked out by hand.
func TestCalendarDaylightSaving(t *testing.T) {
	tests := []struct {
		zone, spec string
		on         string // a day at whose local midnight the list begins
		want       string // windows of 24 hours from then, in UTC
		reason     string
	}{
		{"Europe/Berlin", "01:30-02:30", "2026-03-28", "00:30-01:30", "the day before: an hour ahead of UTC"},
		{"Europe/Berlin", "01:30-02:30", "2026-03-29", "00:30-01:00", "at 02:00, 01:00 UTC, the clock jumps to 03:00"},
		{"Europe/Berlin", "02:00-03:00", "2026-03-29", "", "the clock shows nothing of it"},
		{"Europe/Berlin", "02:30-03:30", "2026-03-29", "01:00-01:30", "from the jump until 03:30"},
		{"Europe/Berlin", "02:15-02:45,03:00-04:00", "2026-03-29", "01:00-02:00", "the first is skipped"},
		{"Europe/Berlin", "00:00-06:00", "2026-03-29", "23:00-04:00", "five hours"},
		{"Europe/Berlin", "01:30-02:30", "2026-10-25", "23:30-00:30", "until 02:30 is shown for the first time"},
		{"Europe/Berlin", "02:00-03:00", "2026-10-25", "00:00-02:00", "the doubled hour"},
		{"Europe/Berlin", "02:30-04:00", "2026-10-25", "00:30-03:00", "from when 02:30 is shown for the first time"},
		{"Europe/Berlin", "00:00-06:00", "2026-10-25", "22:00-05:00", "seven hours"},
		{"America/New_York", "01:30-02:30", "2026-03-08", "06:30-07:00", "at 02:00, 07:00 UTC, the clock jumps to 03:00"},
		{"America/New_York", "01:30-02:30", "2026-11-01", "05:30-07:30", "01:30 is shown first at 05:30 UTC, 02:30 only at 07:30"},
		{"America/New_York", "01:00-02:00", "2026-11-01", "05:00-07:00", "the doubled hour"},
		{"Australia/Sydney", "01:30-02:30", "2026-10-04", "15:30-16:00", "spring in October"},
		{"Australia/Sydney", "02:00-03:00", "2026-04-05", "15:00-17:00", "the doubled hour, in April"},
		{"Australia/Sydney", "01:30-02:30", "2026-04-05", "14:30-15:30", "until 02:30 is shown for the first time"},
		{"Asia/Kolkata", "01:30-02:30", "2026-03-29", "20:00-21:00", "five and a half hours ahead, always"},
		{"UTC", "01:30-02:30", "2026-03-29", "01:30-02:30", "never anything"},
		{"Australia/Lord_Howe", "01:45-02:15", "2026-10-04", "15:15-15:30", "half an hour is skipped at 02:00, 15:30 UTC"},
		{"Asia/Beirut", "00:00-02:00", "2026-03-29", "22:00-23:00", "the day begins at 01:00"},
	}
	for _, tt := range tests {
		loc := location(t, tt.zone)
		start, err := time.ParseInLocation(time.DateOnly, tt.on, loc)
		require.NoError(t, err)
		var list []string
		for w := range (estimate.Calendar{Location: loc, Windows: windows(t, tt.spec)}).From(start) {
			if dateOf(w.Start) != tt.on {
				break
			}
			require.Equal(t, loc, w.Start.Location())
			list = append(list, w.Start.UTC().Format("15:04-")+w.End.UTC().Format("15:04"))
		}
		if diff := cmp.Diff(tt.want, strings.Join(list, " ")); diff != "" {
			t.Errorf("%s %s on %s: %s\n%s", tt.zone, tt.spec, tt.on, tt.reason, diff)
		}
	}
}

func dateOf(t time.Time) string { return t.Format(time.DateOnly) }

func TestCalendarDays(t *testing.T) {
	date := func(m time.Month, d int) estimate.Date { return estimate.Date{Year: 2026, Month: m, Day: d} }
	start := time.Date(2026, 12, 21, 12, 0, 0, 0, time.UTC) // a Monday
	tests := []struct {
		cal          estimate.Calendar
		want, reason string
	}{
		{estimate.Calendar{Windows: windows(t, "20:00-06:00")}, "21 20:00 - 22 06:00; 22 20:00 - 23 06:00; 23 20:00 - 24 06:00", "nights"},
		{estimate.Calendar{Windows: windows(t, "20:00-06:00"), Open: []estimate.Date{date(12, 23)}},
			"21 20:00 - 22 06:00; 22 20:00 - 24 06:00; 24 20:00 - 25 06:00", "a holiday joins the nights around it"},
		{estimate.Calendar{Windows: windows(t, "20:00-06:00"), Closed: []estimate.Date{date(12, 22)}},
			"21 20:00 - 22 00:00; 23 00:00 - 23 06:00; 23 20:00 - 24 06:00", "a closed day cuts the nights off at midnight"},
		{estimate.Calendar{Windows: windows(t, "20:00-06:00"), Open: []estimate.Date{date(12, 22)}, Closed: []estimate.Date{date(12, 22)}},
			"21 20:00 - 22 00:00; 23 00:00 - 23 06:00; 23 20:00 - 24 06:00", "closed wins over open"},
		{estimate.Calendar{Closed: []estimate.Date{date(12, 25), date(12, 22), date(12, 26)}},
			"21 12:00 - 22 00:00; 23 00:00 - 25 00:00; 27 00:00 - 01 00:00", "always but for three days, in any order, until the year 10000"},
		{estimate.Calendar{Closed: []estimate.Date{date(12, 21)}, Open: []estimate.Date{date(12, 23)}}, "22 00:00 - 01 00:00", "open is nothing beside always"},
		{estimate.Calendar{}, "21 12:00 - 01 00:00", "always"},
	}
	for _, tt := range tests {
		var list []string
		for w := range tt.cal.From(start) {
			if list = append(list, w.Start.Format("02 15:04 - ")+w.End.Format("02 15:04")); len(list) == 3 {
				break
			}
		}
		if diff := cmp.Diff(tt.want, strings.Join(list, "; ")); diff != "" {
			t.Errorf("%s:\n%s", tt.reason, diff)
		}
	}
}

func TestCalendarEnds(t *testing.T) {
	late := time.Date(9999, 12, 31, 12, 0, 0, 0, time.UTC)
	for _, cal := range []estimate.Calendar{{}, {Windows: windows(t, "13:00-24:00")}} {
		n := 0
		for w := range cal.From(late) {
			require.Equal(t, 10000, w.End.Year())
			n++
		}
		require.Equal(t, 1, n)
		_, ok := cal.Add(late, 13*time.Hour)
		require.False(t, ok)
		for range cal.From(late.AddDate(1, 0, 0)) {
			t.Error("a window after the last year")
		}
		for _, ugly := range []time.Time{{}, time.Unix(-1<<62, 0), time.Unix(1<<62, 0), time.Unix(1<<63-1, 0)} {
			for w := range cal.From(ugly) {
				require.True(t, w.Start.Before(w.End))
				break
			}
		}
	}
	require.Error(t, estimate.Calendar{Open: []estimate.Date{{Year: 2026, Month: 2, Day: 29}}}.Validate())
	require.Error(t, estimate.Calendar{Closed: []estimate.Date{{}}}.Validate())
	require.NoError(t, estimate.Calendar{Closed: []estimate.Date{{Year: 2028, Month: 2, Day: 29}}}.Validate())
	require.Equal(t, "2026-02-03", estimate.Date{Year: 2026, Month: 2, Day: 3}.String())
}

func TestCalendarArithmetic(t *testing.T) {
	nights := estimate.Calendar{Windows: windows(t, "20:00-06:00")}
	at := func(day, hour int) time.Time { return time.Date(2026, 1, day, hour, 0, 0, 0, time.UTC) }
	tests := []struct {
		from   time.Time
		hours  int
		want   time.Time
		reason string
	}{
		{at(5, 21), 0, at(5, 21), "in a window"},
		{at(5, 12), 0, at(5, 20), "the next window begins"},
		{at(5, 12), -1, at(5, 20), "less than nothing is nothing"},
		{at(5, 6), 0, at(5, 20), "the end of a window is not in it"},
		{at(5, 12), 10, at(6, 6), "ends with the window"},
		{at(5, 12), 11, at(6, 21), "an hour of the next"},
		{at(5, 22), 25, at(8, 3), "8 hours, 10 hours, and 7"},
	}
	for _, tt := range tests {
		got, ok := nights.Add(tt.from, time.Duration(tt.hours)*time.Hour)
		require.True(t, ok)
		require.True(t, tt.want.Equal(got), "%v, not %v: %s", got, tt.want, tt.reason)
	}
	require.Equal(t, 25*time.Hour, nights.Between(at(5, 22), at(8, 3)))
	require.Equal(t, time.Duration(0), nights.Between(at(5, 6), at(5, 20)))
	require.Equal(t, time.Duration(0), nights.Between(at(8, 0), at(5, 0)), "the wrong way round")
	require.Equal(t, time.Duration(1<<63-1), estimate.Calendar{}.Between(time.Time{}, time.Unix(1<<40, 0)), "longer than a Duration can be")
}

// A moment is in a window exactly if, by the clock, it is behind the first showing of a
// begin and before the first showing of the end. The definition is tried minute by
// minute around changes of the clock, with the windows of a day as sets of minutes.
func TestCalendarAgainstClock(t *testing.T) {
	changes := map[string][]string{
		"Europe/Berlin":       {"2026-03-29", "2026-10-25"},
		"America/New_York":    {"2026-03-08", "2026-11-01"},
		"Australia/Sydney":    {"2026-04-05", "2026-10-04"},
		"Asia/Kolkata":        {"2026-03-29"},
		"UTC":                 {"2026-03-29"},
		"Australia/Lord_Howe": {"2026-04-05", "2026-10-04"},
		"Asia/Beirut":         {"2026-03-29", "2026-10-25"},
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		day, err := time.ParseInLocation(time.DateOnly, rapid.SampledFrom(changes[zone]).Draw(t, "day"), loc)
		require.NoError(t, err)
		from := rapid.IntRange(0, 24*60-1).Draw(t, "from")
		to := rapid.IntRange(0, 24*60).Draw(t, "to")
		if from == to {
			return
		}
		spec := fmt.Sprintf("%d:%02d-%d:%02d", from/60, from%60, to/60, to%60)
		w, err := estimate.ParseWindows(spec)
		require.NoError(t, err)

		// What the clock showed at the most so far, in minutes since the first of all days,
		// decides.
		begin := day.Add(-30 * time.Hour).UTC().Truncate(time.Minute)
		open := make(map[time.Time]bool)
		shown := time.Time{}
		for m := begin; m.Before(begin.Add(80 * time.Hour)); m = m.Add(time.Minute) {
			y, mo, d := m.In(loc).Date()
			h, mi, _ := m.In(loc).Clock()
			if clock := time.Date(y, mo, d, h, mi, 0, 0, time.UTC); clock.After(shown) {
				shown = clock
			}
			minute := shown.Hour()*60 + shown.Minute()
			if from < to {
				open[m] = from <= minute && minute < to
			} else {
				open[m] = minute < to || from <= minute
			}
		}
		start := begin.Add(24 * time.Hour) // what was shown before is known then
		got := make(map[time.Time]bool)
		last := time.Time{}
		for w := range (estimate.Calendar{Location: loc, Windows: w}).From(start) {
			if !last.Before(w.Start) || !w.Start.Before(w.End) {
				t.Fatalf("%v behind %v", w, last)
			}
			last = w.End
			if w.Start.After(begin.Add(80 * time.Hour)) {
				break
			}
			for m := w.Start.UTC(); m.Before(w.End) && m.Before(begin.Add(80*time.Hour)); m = m.Add(time.Minute) {
				got[m] = true
			}
		}
		for m := start; m.Before(begin.Add(80 * time.Hour)); m = m.Add(time.Minute) {
			if got[m] != open[m] {
				t.Fatalf("%s in %s: at %v open is %v", spec, zone, m.In(loc), got[m])
			}
		}
	})
}

// Add and Between are each other's inverse inside of windows.
func TestCalendarAddBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		require.NoError(t, err)
		w, err := estimate.ParseWindows(rapid.SampledFrom([]string{"Mon-Fri 20:00-06:00; Sat,Sun", "01:30-02:30", "Sun 02:00-03:00"}).Draw(t, "windows"))
		require.NoError(t, err)
		cal := estimate.Calendar{Location: loc, Windows: w}
		from := time.Unix(rapid.Int64Range(1767225600, 1798761600).Draw(t, "from"), 0) // 2026
		d := time.Duration(rapid.Int64Range(1, 200*3600).Draw(t, "seconds")) * time.Second
		to, ok := cal.Add(from, d)
		if got := cal.Between(from, to); !ok || got != d {
			t.Fatalf("from %v until %v are %v of %v", from, to, got, d)
		}
	})
}
