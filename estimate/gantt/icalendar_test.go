package gantt_test

import (
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/estimate/gantt"
)

var stamp = time.Date(2026, 10, 1, 14, 30, 0, 0, time.FixedZone("", 2*3600))

func calendar(t testing.TB, tl *estimate.Timeline) string {
	t.Helper()
	return drawn(t, func(w io.Writer) error {
		return gantt.ICalendar(w, tl, &gantt.ICalendarOptions{Title: "Contoso, all", Domain: "Contoso.com", Stamp: stamp, Sequence: 2})
	})
}

// checkLines checks what RFC 5545 says of lines: they end with CRLF, have at most 75
// octets before it, and none is broken within a character.
func checkLines(t require.TestingT, text string) {
	require.True(t, strings.HasSuffix(text, "\r\n"))
	for _, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		require.LessOrEqual(t, len(line), 75)
		require.NotContains(t, line, "\n")
		require.NotContains(t, line, "\r")
		require.True(t, utf8.ValidString(line), "%q", line)
	}
}

// parsed reads a calendar file with a library, and returns the values of an event.
func parsed(t require.TestingT, text string) (*ics.Calendar, []map[string]string) {
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	require.NoError(t, err)
	var events []map[string]string
	for _, e := range cal.Events() {
		values := make(map[string]string)
		for _, p := range e.Properties {
			require.NotContains(t, values, p.IANAToken)
			require.Empty(t, p.ICalParameters)
			values[p.IANAToken] = p.Value
		}
		require.Empty(t, e.Components, "no alarms")
		events = append(events, values)
	}
	return cal, events
}

// The whole of a file, worked out by hand: Berlin is two hours ahead of UTC until 25
// October at 03:00, and one from then.
func TestICalendar(t *testing.T) {
	text := calendar(t, small(t))
	checkLines(t, text)
	cal, events := parsed(t, text)
	var head []string
	for _, p := range cal.CalendarProperties {
		head = append(head, p.IANAToken+":"+p.Value)
	}
	if diff := cmp.Diff([]string{"VERSION:2.0", "PRODID:-//staged-migration//staged//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
		"NAME:Contoso, all", "X-WR-CALNAME:Contoso, all"}, head); diff != "" {
		t.Error(diff)
	}
	want := []map[string]string{
		{"UID": "StagedBatch001@contoso.com", "DTSTAMP": "20261001T123000Z", "SEQUENCE": "2", "SUMMARY": "StagedBatch001", "CATEGORIES": "Pilot",
			"TRANSP": "TRANSPARENT", "DTSTART": "20261023T180000Z", "DTEND": "20261024T010000Z",
			"DESCRIPTION": "Wave Pilot: 40 mailboxes, 60.0 GB.\nStart: Fri 23 Oct 2026 20:00 CEST.\nCopying from: Fri 23 Oct 2026 21:00 CEST.\n" +
				"Done early: Sat 24 Oct 2026 02:00 CEST.\nDone likely: Sat 24 Oct 2026 03:00 CEST.\nDone late: Sat 24 Oct 2026 05:00 CEST."},
		{"UID": "StagedBatch002@contoso.com", "DTSTAMP": "20261001T123000Z", "SEQUENCE": "2", "SUMMARY": "StagedBatch002", "CATEGORIES": "Rest",
			"TRANSP": "TRANSPARENT", "DTSTART": "20261024T180000Z", "DTEND": "20261025T030000Z",
			"DESCRIPTION": "Wave Rest: 1,200 mailboxes, 90.0 GB and 3 of unknown size.\nStart: Sat 24 Oct 2026 20:00 CEST.\n" +
				"Done early: Sun 25 Oct 2026 03:00 CET.\nDone likely: Sun 25 Oct 2026 04:00 CET.\nDone late: Sun 25 Oct 2026 06:00 CET.\n" +
				"Over the limit of users on 2026-10-25 by 7."},
		{"UID": "StagedBatch003@contoso.com", "DTSTAMP": "20261001T123000Z", "SEQUENCE": "2", "SUMMARY": "StagedBatch003", "CATEGORIES": "Rest",
			"TRANSP": "TRANSPARENT", "DTSTART": "20261025T190000Z", "DTEND": "20261026T060000Z",
			"DESCRIPTION": "Wave Rest: 1 mailbox, 110.0 GB.\nStart: Sun 25 Oct 2026 20:00 CET.\n" +
				"Done early: Mon 26 Oct 2026 06:00 CET.\nDone likely: Mon 26 Oct 2026 07:00 CET.\nDone late: Mon 26 Oct 2026 09:00 CET.\n" +
				"Over the end of its window by 3 h."},
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
}

// Every batch of a timeline is an event at its time, whatever the zone.
func TestICalendarEvents(t *testing.T) {
	for name, tl := range various(t) {
		text := calendar(t, tl)
		checkLines(t, text)
		_, events := parsed(t, text)
		require.Len(t, events, len(tl.Batches), name)
		for i, e := range events {
			s := &tl.Batches[i]
			for key, want := range map[string]time.Time{"DTSTART": s.Start, "DTEND": s.Finish.Likely} {
				got, err := time.Parse("20060102T150405Z", e[key])
				require.NoError(t, err)
				require.True(t, got.Equal(want.Truncate(time.Second)), "%s: %s of %s", name, key, s.Name)
			}
		}
	}
}

func TestICalendarEmptyBatch(t *testing.T) {
	tl := small(t)
	at := tl.Start
	tl.Batches = []estimate.Slot{{Name: "Nobody", Start: at, Copy: at, Finish: estimate.Moments{Early: at, Likely: at, Late: at}}}
	_, events := parsed(t, calendar(t, tl))
	require.Equal(t, "20261023T180000Z", events[0]["DTSTART"])
	require.NotContains(t, events[0], "DTEND", "an end must be after the start (RFC 5545, 3.8.2.2)")
	require.NotContains(t, events[0], "CATEGORIES")
}

// Names come back as they were, but for what cannot be shown, and each has an identifier
// of its own.
func TestICalendarNames(t *testing.T) {
	seen := make(map[string]string)
	check := func(rt require.TestingT, name, wave string) {
		tl := small(t)
		tl.Batches[1].Name, tl.Batches[1].Wave = name, wave
		text := calendar(t, tl)
		checkLines(rt, text)
		_, events := parsed(rt, text)
		require.Len(rt, events, 3)
		if !strings.ContainsFunc(name+wave, func(r rune) bool { return r < ' ' || r > '~' }) {
			require.Equal(rt, name, events[1]["SUMMARY"])
			require.Equal(rt, wave, events[1]["CATEGORIES"])
		}
		uid := events[1]["UID"]
		require.Regexp(rt, `^[A-Za-z0-9._%-]+@contoso\.com$`, uid)
		if other, ok := seen[uid]; ok {
			require.Equal(rt, other, name)
		}
		seen[uid] = name
	}
	for _, name := range hostile {
		if name != "" {
			check(t, name, name)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		check(rt, rapid.StringN(1, -1, -1).Draw(rt, "name"), rapid.String().Draw(rt, "wave"))
	})
}

func TestICalendarRefuses(t *testing.T) {
	good := gantt.ICalendarOptions{Domain: "contoso.com", Stamp: stamp}
	for _, change := range []func(*gantt.ICalendarOptions){
		func(o *gantt.ICalendarOptions) { o.Domain = "" },
		func(o *gantt.ICalendarOptions) { o.Domain = "a b" },
		func(o *gantt.ICalendarOptions) { o.Domain = "a\r\nX:" },
		func(o *gantt.ICalendarOptions) { o.Stamp = time.Time{} },
		func(o *gantt.ICalendarOptions) { o.Stamp = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		func(o *gantt.ICalendarOptions) { o.Sequence = -1 },
	} {
		bad := good
		change(&bad)
		require.Error(t, gantt.ICalendar(io.Discard, small(t), &bad), "%+v", bad)
	}
	require.Error(t, gantt.ICalendar(io.Discard, small(t), nil))
	for _, name := range []string{"", "StagedBatch001"} {
		tl := small(t)
		tl.Batches[2].Name = name
		require.ErrorContains(t, gantt.ICalendar(io.Discard, tl, &good), "batch 3 is called", name)
	}
}
