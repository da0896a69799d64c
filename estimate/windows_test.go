package estimate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/estimate"
)

// week lists the windows of the week of Monday, 5 January 2026, in UTC.
func week(t *testing.T, spec string) string {
	t.Helper()
	w, err := estimate.ParseWindows(spec)
	require.NoError(t, err)
	require.Equal(t, spec, w.String())
	monday := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	var list []string
	for w := range (estimate.Calendar{Windows: w}).From(monday) {
		if !w.Start.Before(monday.AddDate(0, 0, 7)) {
			break
		}
		list = append(list, w.Start.Format("Mon 15:04")+" - "+w.End.Format("Mon 15:04"))
	}
	return strings.Join(list, "; ")
}

func TestParseWindows(t *testing.T) {
	tests := []struct{ spec, want, reason string }{
		{"Mon-Fri 20:00-06:00; Sat,Sun",
			"Mon 20:00 - Tue 06:00; Tue 20:00 - Wed 06:00; Wed 20:00 - Thu 06:00; Thu 20:00 - Fri 06:00; Fri 20:00 - Mon 00:00",
			"nights of the week; that of Friday goes on as the weekend, and that of Sunday is no window"},
		{"Mon 20:00-06:00", "Mon 20:00 - Tue 06:00", "over midnight"},
		{"Sun 20:00-06:00", "Mon 00:00 - Mon 06:00; Sun 20:00 - Mon 06:00", "over the end of the week"},
		{"Sat", "Sat 00:00 - Sun 00:00", "a whole day"},
		{"Sat 00:00-24:00", "Sat 00:00 - Sun 00:00", "the same with times"},
		{"Sat 12:00-00:00", "Sat 12:00 - Sun 00:00", "midnight as the begin of the next day"},
		{"tuesday 8:00-12:00,13:00-17:30", "Tue 08:00 - Tue 12:00; Tue 13:00 - Tue 17:30", "two on a day, a name in full, an hour of one digit"},
		{"Tue 10:00-12:00, 8:00-11:00, 12:00-13:00", "Tue 08:00 - Tue 13:00", "those that overlap or touch are one"},
		{"Sat-Mon 01:00-02:00", "Mon 01:00 - Mon 02:00; Sat 01:00 - Sat 02:00; Sun 01:00 - Sun 02:00", "a range over the end of the week"},
		{"Wed-Wed 01:00-02:00", "Wed 01:00 - Wed 02:00", "a range of one day"},
		{" TUES , thurs\t01:00 - 02:00 ", "Tue 01:00 - Tue 02:00; Thu 01:00 - Thu 02:00", "blanks, and names cut off elsewhere"},
		{"Mon\u2013Tue 01:00\u201302:00", "Mon 01:00 - Mon 02:00; Tue 01:00 - Tue 02:00", "dashes from a word processor"},
		{"22:00-23:00; Wed-Mon", "Mon 00:00 - Tue 00:00; Tue 22:00 - Tue 23:00; Wed 00:00 - Tue 00:00", "times without days, and all days but Tuesday"},
		{"Fri 23:59-00:01", "Fri 23:59 - Sat 00:01", "two minutes"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, week(t, tt.spec)); diff != "" {
			t.Errorf("%s (%s):\n%s", tt.spec, tt.reason, diff)
		}
	}
	var always estimate.Windows
	require.Empty(t, always.String())
}

func TestParseWindowsErrors(t *testing.T) {
	tests := []struct{ spec, want, reason string }{
		{"", `character 1: want a day such as Mon, or a time`, "nothing"},
		{"  ", `character 3: want a day such as Mon, or a time`, "blanks"},
		{"Mo 20:00-21:00", `character 1: want a day`, "two letters are not enough"},
		{"Mon-Frx", `character 5: want a day`, "no day"},
		{"Montag", `character 1: want a day`, "another language"},
		{"Mon,", `character 5: want a day`, "the end instead of a day"},
		{"Mon, 20:00-21:00", `character 6: want a day`, "a comma too many"},
		{"Mon 20:00", `character 10: want a dash`, "no end"},
		{"Mon 20:00-", `character 11: want a time`, "no end behind the dash"},
		{"Mon 20-21", `character 5: want a time`, "hours only"},
		{"Mon 20:0-21:00", `character 5: want a time`, "one digit of minutes"},
		{"Mon 20:000-21:00", `character 5: want a time`, "three digits of minutes"},
		{"Mon 120:00-21:00", `character 5: want a time`, "three digits of hours"},
		{"Mon 1x:00-21:00", `character 5: want a time`, "no number"},
		{"Mon 20:60-21:00", `character 5: no such time`, "minutes"},
		{"Mon 25:00-21:00", `character 5: no such time`, "hours"},
		{"Mon 20:00-24:01", `character 11: no such time`, "behind the end of the day"},
		{"Mon 24:00-03:00", `character 5: a window can end at 24:00, not begin`, "24:00 as a begin"},
		{"Mon 20:00-20:00", `character 5: the window ends when it begins`, "nothing or a day?"},
		{"Mon 20:00-21:00, Tue", `character 18: want a time`, "a day in the list of times"},
		{"Mon 20:00-21:00 Tue", `character 17: want a comma, a semicolon or the end`, "a forgotten semicolon"},
		{"Mon;;Tue", `character 5: want a day such as Mon, or a time`, "an empty entry"},
		{"Mon; ", `character 6: want a day such as Mon, or a time`, "an empty last entry"},
		{"Mon\u2013\u00c4", `character 5: want a day`, "characters are counted, not bytes"},
		{"Mon\x00", `character 4: want a comma`, "a zero byte is not the end"},
	}
	for _, tt := range tests {
		_, err := estimate.ParseWindows(tt.spec)
		require.ErrorContains(t, err, tt.want, "%q: %s", tt.spec, tt.reason)
	}
}

// FuzzParseWindows says that no text makes the parser panic, and that what it takes
// is a calendar whose windows are in order, do not touch, and are by the minute.
func FuzzParseWindows(f *testing.F) {
	for _, seed := range []string{"Mon-Fri 20:00-06:00; Sat,Sun", "22:00-24:00", "Sat-Mon 0:00-23:59,1:00-2:00", "Mon\u2013Tue", "Mon 24:00-1:00", ";"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w, err := estimate.ParseWindows(text)
		if err != nil {
			return
		}
		start := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
		last, n := time.Time{}, 0
		for got := range (estimate.Calendar{Windows: w}).From(start) {
			if !last.Before(got.Start) || !got.Start.Before(got.End) || !got.Start.Equal(got.Start.Truncate(time.Minute)) {
				t.Fatalf("%v behind %v", got, last)
			}
			if last, n = got.End, n+1; last.After(start.AddDate(0, 0, 14)) {
				break
			}
		}
		if n == 0 {
			t.Fatal("a calendar without windows")
		}
	})
}
