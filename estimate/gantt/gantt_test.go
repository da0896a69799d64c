package gantt_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/estimate/gantt"
	"github.com/staged-migration/staged/inventory"
)

// What cannot be drawn is an error that says so, and nothing is written.
func TestRefuses(t *testing.T) {
	change := func(f func(*estimate.Timeline)) *estimate.Timeline {
		tl := small(t)
		f(tl)
		return tl
	}
	tests := []struct {
		timeline *estimate.Timeline
		want     string
	}{
		{nil, "no timeline"},
		{change(func(t *estimate.Timeline) { t.Batches[1].Copy = t.Batches[1].Start.Add(-1) }), `batch "StagedBatch002" does not start`},
		{change(func(t *estimate.Timeline) { t.Batches[0].Finish.Likely = t.Batches[0].Finish.Late.Add(1) }), `batch "StagedBatch001" does not`},
		{change(func(t *estimate.Timeline) { t.Batches[2].Over = -1 }), "negative"},
		{change(func(t *estimate.Timeline) { t.Batches[2].Mailboxes = -1 }), "negative"},
		{change(func(t *estimate.Timeline) { t.Windows[1].Start = t.Windows[0].Start }), "the window from 2026-10-23T20:00:00+02:00 is not in order"},
		{change(func(t *estimate.Timeline) { t.Batches[2].Finish.Late = t.Start.AddDate(26, 0, 0) }), "from the year 2026 to 2052"},
		{change(func(t *estimate.Timeline) { t.Batches[0].Start = time.Time{} }), "from the year"},
	}
	for _, tt := range tests {
		for name, write := range writers {
			var b bytes.Buffer
			require.ErrorContains(t, write(&b, tt.timeline), tt.want, name)
			require.Zero(t, b.Len(), name)
		}
	}
	require.ErrorContains(t, gantt.Text(io.Discard, small(t), &gantt.TextOptions{Columns: 19}), "19 columns")
	require.ErrorContains(t, gantt.Text(io.Discard, small(t), &gantt.TextOptions{Columns: 1001}), "1001 columns")
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestErrorsOfWriters(t *testing.T) {
	for name, write := range writers {
		require.ErrorIs(t, write(full{}, small(t)), errFull, name)
	}
}

func TestSameBytes(t *testing.T) {
	for name, write := range writers {
		for shape, tl := range various(t) {
			first := drawn(t, func(w io.Writer) error { return write(w, tl) })
			again := drawn(t, func(w io.Writer) error { return write(w, tl) })
			require.Equal(t, first, again, "%s of %s", name, shape)
		}
	}
}

// hostile are names that would be something else if they were taken as they are.
var hostile = []string{
	`</text><script>alert(1)</script>`, `"/><image href="http://x/">`, `]]>`, `&amp;&lt;`, `'"`, `<!--`, `url(#x)`,
	"a\r\nEND:VEVENT\r\nBEGIN:VALARM", "a;b,c\\n:d", "section evil", "title : x", "2026-10-24 :", "%%{init: {}}%%", "#59;", "\x1b[31mred", "\x00",
	"\u202eevil", "\xff\xfe", "\ufffe", "\u2028", "\u0085", strings.Repeat("long ", 100), strings.Repeat("漢字", 60), "", " ",
}

// elements returns how many there are in an image.
func (e *element) elements() int {
	n := 1
	for _, c := range e.children {
		n += c.elements()
	}
	return n
}

// Whatever batches and waves are called, there are no more elements and lines than with
// plain names, and nothing that steers a terminal.
func TestHostileNames(t *testing.T) {
	check := func(rt require.TestingT, name, wave, title string) {
		plain, tl := small(t), small(t)
		tl.Batches[1].Name, tl.Batches[1].Wave = name, wave
		for _, plainWave := range []string{"Pilot", "Rest", "Other"} {
			if wave != "Pilot" && wave != "Rest" || wave == plainWave {
				plain.Batches[1].Wave = plainWave
			}
		}
		var got, want [3]bytes.Buffer
		require.NoError(rt, gantt.SVG(&got[0], tl, &gantt.SVGOptions{Title: title}))
		require.NoError(rt, gantt.Text(&got[1], tl, &gantt.TextOptions{Title: title}))
		require.NoError(rt, gantt.Mermaid(&got[2], tl, title))
		require.NoError(rt, gantt.SVG(&want[0], plain, nil))
		require.NoError(rt, gantt.Text(&want[1], plain, nil))
		require.NoError(rt, gantt.Mermaid(&want[2], plain, ""))
		require.Equal(rt, parse(t, want[0].String()).elements(), parse(t, got[0].String()).elements())
		for i := range got {
			for _, r := range got[i].String() {
				require.False(rt, r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r), "%q is written", r)
			}
		}
		for i := 1; i < len(got); i++ {
			require.Equal(rt, strings.Count(want[i].String(), "\n"), strings.Count(got[i].String(), "\n"))
		}
		batches := 0
		for i, line := range strings.Split(got[2].String(), "\n") {
			require.NotContains(rt, line, "%%")
			if i >= 5 && strings.Contains(line, ":") {
				require.Regexp(rt, `^    ([^:;#%{}]|#\d+;)+ :(crit, )?b\d, 2026-10-\d\d \d\d:00:00, \d+h$`, line)
				batches++
			}
		}
		require.Equal(rt, 3, batches)
	}
	for _, name := range hostile {
		check(t, name, "Rest", "")
		check(t, "a", name, name)
	}
	rapid.Check(t, func(rt *rapid.T) {
		check(rt, rapid.String().Draw(rt, "name"), rapid.String().Draw(rt, "wave"), rapid.String().Draw(rt, "title"))
	})
}

func TestText(t *testing.T) {
	got := drawn(t, func(w io.Writer) error {
		return gantt.Text(w, small(t), &gantt.TextOptions{Columns: 130, Title: "Contoso"})
	})
	// From Friday 20:00 until Monday 09:00 there are 62 hours, one of them shown twice, and an
	// edge of a fiftieth on either side: a column has half an hour.
	want := `Contoso
3 batches in 2 waves with 1,241 mailboxes.
From Fri 23 Oct 2026 20:00 until Mon 26 Oct 2026 07:00, Mon 26 Oct 2026 09:00 at the latest.
Times are in Europe/Berlin.

`
	require.True(t, strings.HasPrefix(got, want), got)
	rows := strings.Split(strings.TrimPrefix(got, want), "\n")
	for i, want := range []string{"Pilot", "  StagedBatch001", "Rest", "  StagedBatch002", "  StagedBatch003"} {
		require.True(t, strings.HasPrefix(rows[2+i], want), rows[2+i])
	}
	signs := func(row string) (out string) {
		for _, c := range row[len("  StagedBatch001  "):][:130] {
			if len(out) == 0 || out[len(out)-1] != byte(c) {
				out += string(c)
			}
		}
		return out
	}
	// Nights are ten hours; the first is cut by the edge.
	require.Equal(t, " ~#=-. . . ", signs(rows[3]))
	require.Equal(t, " . #=- . ", signs(rows[5]))
	require.Equal(t, " . . #! ", signs(rows[6]))
	for row, want := range map[int]string{3: "  Sat 24 Oct 03:00", 5: "  Sun 25 Oct 04:00, +7 users", 6: "  Mon 26 Oct 07:00, +3 h"} {
		require.Equal(t, want, rows[row][len("  StagedBatch001  ")+130:])
	}
	if diff := cmp.Diff([]string{"", "~ in the queue, # copying, = from the early to the likely finish, - from the likely to the late finish, " +
		"! past the end of its window, . in a window", ""}, rows[7:]); diff != "" {
		t.Error(diff)
	}
}

func TestTextOfNothing(t *testing.T) {
	got := drawn(t, func(w io.Writer) error {
		return gantt.Text(w, scheduled(t, 0, "UTC", "", estimate.ScheduleOptions{}), nil)
	})
	require.Equal(t, "Migration schedule\nThere are no batches to migrate.\n", got)
}

// Batches have each column in which they are at any time.
func TestTextColumns(t *testing.T) {
	for name, tl := range various(t) {
		got := drawn(t, func(w io.Writer) error { return gantt.Text(w, tl, &gantt.TextOptions{Columns: 200}) })
		if len(tl.Batches) == 0 {
			continue
		}
		span := float64(tl.Finish.Late.Sub(tl.Batches[0].Start)) * 1.04
		i := 0
		for line := range strings.Lines(got) {
			if i == len(tl.Batches) || !strings.HasPrefix(strings.TrimSpace(line), tl.Batches[i].Name) {
				continue
			}
			s := &tl.Batches[i]
			i++
			bar := strings.Trim(line[strings.Index(line, s.Name)+len(s.Name)+2:][:200], " .")
			want := float64(s.Finish.Late.Sub(s.Start)) / span * 200
			require.InDelta(t, want+1, float64(len(bar)), 1.1+want/50, "%s: %s", name, s.Name)
		}
		require.Equal(t, len(tl.Batches), i, name)
	}
}

func TestMermaid(t *testing.T) {
	got := drawn(t, func(w io.Writer) error { return gantt.Mermaid(w, small(t), "Contoso: all of it") })
	want := `gantt
    title Contoso#58; all of it
    dateFormat YYYY-MM-DD HH:mm:ss
    axisFormat %a %H:%M
    todayMarker off
    section Pilot
    StagedBatch001 :b1, 2026-10-23 20:00:00, 7h
    section Rest
    StagedBatch002, #43;7 users :crit, b2, 2026-10-24 20:00:00, 9h
    StagedBatch003, #43;3 h :crit, b3, 2026-10-25 20:00:00, 11h
`
	// Batch 2 takes nine hours until 04:00, since an hour comes twice.
	if diff := cmp.Diff(strings.ReplaceAll(want, "#43;", "+"), got); diff != "" {
		t.Error(diff)
	}
	tl := small(t)
	tl.Batches = tl.Batches[:1]
	tl.Batches[0].Name = "Section 5"
	tl.Batches[0].Finish.Likely = tl.Batches[0].Start.Add(3*time.Hour + 61*time.Second)
	tl.Batches[0].Finish.Early = tl.Batches[0].Finish.Likely
	tl.Batches[0].Size = inventory.GB
	tl.Batches = append(tl.Batches, tl.Batches[0])
	tl.Batches[1].Name = "2026-10-24 b"
	require.Contains(t, drawn(t, func(w io.Writer) error { return gantt.Mermaid(w, tl, "") }), "\n    #50;026-10-24 b :b2,", "it would be a date")
	require.Contains(t, drawn(t, func(w io.Writer) error { return gantt.Mermaid(w, tl, "") }), "\n    #83;ection 5 :b1, 2026-10-23 20:00:00, 10861s\n")
}

func TestLengths(t *testing.T) {
	for over, want := range map[time.Duration]string{
		1:                                    "1 min",
		time.Minute:                          "1 min",
		time.Hour:                            "1 h",
		47*time.Hour + time.Minute:           "47 h 1 min",
		47*time.Hour + 59*time.Minute + 1:    "2 d",
		48*time.Hour + time.Second:           "2 d 1 h",
		30*24*time.Hour + 5*time.Hour:        "30 d 5 h",
		1000*24*time.Hour + 24*time.Hour - 1: "1001 d",
	} {
		tl := small(t)
		tl.Batches[2].Over = over
		require.Contains(t, drawn(t, func(w io.Writer) error { return gantt.Text(w, tl, nil) }), "07:00, +"+want+"\n")
	}
}
