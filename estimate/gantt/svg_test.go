package gantt_test

import (
	"encoding/xml"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/estimate/gantt"
)

// element is a part of an image.
type element struct {
	name     string
	attrs    map[string]string
	text     string
	children []*element
}

func (e *element) num(t testing.TB, attr string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(e.attrs[attr], 64)
	require.NoError(t, err, "%s of %s", attr, e.name)
	return f
}

// all returns the elements of a kind that have each of the given classes.
func (e *element) all(name string, classes ...string) (out []*element) {
	has := strings.Fields(e.attrs["class"])
	if e.name == name && !slices.ContainsFunc(classes, func(c string) bool { return !slices.Contains(has, c) }) {
		out = append(out, e)
	}
	for _, c := range e.children {
		out = append(out, c.all(name, classes...)...)
	}
	return out
}

func parse(t testing.TB, text string) *element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	stack := []*element{{}}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		top := stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attrs: make(map[string]string)}
			for _, a := range token.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			top.children = append(top.children, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(token)
		case xml.Directive, xml.ProcInst, xml.Comment:
			t.Fatalf("the image has %T", token)
		}
	}
	require.Len(t, stack[0].children, 1)
	require.Equal(t, "svg", stack[0].children[0].name)
	return stack[0].children[0]
}

// ruler finds the place of a moment by where two others are.
type ruler struct {
	from, to   time.Time
	left, wide float64
}

func (r ruler) x(at time.Time) float64 {
	return r.left + r.wide*float64(at.Sub(r.from))/float64(r.to.Sub(r.from))
}

// rulerOf takes the starts of the first and the last batch, where a bar or its queue
// begins, as the ends of a ruler, or start and likely finish of a single one.
func rulerOf(t *testing.T, tl *estimate.Timeline, bars []*element) ruler {
	first, last := tl.Batches[0], tl.Batches[len(tl.Batches)-1]
	bar := bars[0].all("rect", "bar")[0]
	r := ruler{from: first.Copy, left: bar.num(t, "x")}
	if len(bars) == 1 {
		r.to, r.wide = first.Finish.Likely, bar.num(t, "width")
	} else {
		r.to, r.wide = last.Copy, bars[len(bars)-1].all("rect", "bar")[0].num(t, "x")-r.left
	}
	return r
}

// Everything is where it must be by reckoning in time alone, is inside the image, and
// rows do not overlap.
func TestSVGGeometry(t *testing.T) {
	for name, tl := range various(t) {
		t.Run(name, func(t *testing.T) {
			root := parse(t, svg(t, tl))
			checkInside(t, root)
			rows := root.all("g", "batch")
			require.Len(t, rows, len(tl.Batches))
			if len(rows) == 0 {
				return
			}
			r := rulerOf(t, tl, rows)
			off := 0.02
			if len(rows) > 1 {
				// The ruler is read to a hundredth of a pixel at both ends.
				off += 0.02 * math.Abs((r.x(tl.Finish.Late)-r.x(tl.Start))/r.wide)
			}
			end := 0.0
			for i, row := range rows {
				s := &tl.Batches[i]
				box := row.all("rect", "row")[0]
				require.GreaterOrEqual(t, box.num(t, "y"), end, "row %d", i)
				end = box.num(t, "y") + box.num(t, "height")

				near := func(what string, want, got float64) {
					require.InDelta(t, want, got, off, "%s of %s", what, s.Name)
				}
				bar := row.all("rect", "bar")[0]
				near("bar", r.x(s.Copy), bar.num(t, "x"))
				near("width", max(2, r.x(s.Finish.Likely)-r.x(s.Copy)), bar.num(t, "width"))
				if s.Copy.After(s.Start) && r.x(s.Copy)-r.x(s.Start) > off {
					queue := row.all("rect", "queue")[0]
					near("queue", r.x(s.Start), queue.num(t, "x"))
					near("end of queue", r.x(s.Copy), queue.num(t, "x")+queue.num(t, "width"))
				}
				over := row.all("rect", "over")
				require.Equal(t, s.Over > 0, len(over) == 1)
				if s.Over > 0 {
					near("overrun", max(r.x(s.Copy), r.x(s.Window.End)), over[0].num(t, "x"))
					near("width of overrun", max(2, r.x(s.Finish.Late)-over[0].num(t, "x")), over[0].num(t, "width"))
				}
				checkWhisker(t, row, s, r, off)
				for _, e := range row.all("rect") {
					require.GreaterOrEqual(t, e.num(t, "y"), box.num(t, "y"))
					require.LessOrEqual(t, e.num(t, "y")+e.num(t, "height"), end)
				}
			}
			checkWindows(t, root, tl, r, off)
			checkNames(t, rows, tl)
		})
	}
}

func checkWhisker(t *testing.T, row *element, s *estimate.Slot, r ruler, off float64) {
	early, late := r.x(s.Finish.Early), r.x(s.Finish.Late)
	paths := row.all("path", "whisker")
	if late-early < 8-2*off {
		require.Empty(t, paths)
		return
	} else if late-early < 8+2*off {
		return
	}
	require.Len(t, paths, 1)
	fields := strings.FieldsFunc(paths[0].attrs["d"], func(r rune) bool { return strings.ContainsRune("MHV ", r) })
	var at []float64 // M x y H x M x y V y M x y V y M x y V y
	for _, f := range fields {
		x, err := strconv.ParseFloat(f, 64)
		require.NoError(t, err)
		at = append(at, x)
	}
	require.Len(t, at, 12)
	for i, want := range map[int]float64{0: early, 2: late, 3: early, 6: late, 9: r.x(s.Finish.Likely)} {
		require.InDelta(t, want, at[i], off, "whisker of %s", s.Name)
	}
}

// checkInside checks that nothing is outside of the image.
func checkInside(t *testing.T, root *element) {
	wide, high := root.num(t, "width"), root.num(t, "height")
	require.Equal(t, "0 0 "+root.attrs["width"]+" "+root.attrs["height"], root.attrs["viewBox"])
	inside := func(x, y float64) {
		require.True(t, x >= 0 && x <= wide && y >= 0 && y <= high, "%g, %g is outside of %g x %g", x, y, wide, high)
	}
	for _, e := range root.all("rect") {
		if e.attrs["x"] == "" {
			continue // of the pattern
		}
		require.GreaterOrEqual(t, e.num(t, "width"), 0.0)
		inside(e.num(t, "x"), e.num(t, "y"))
		inside(e.num(t, "x")+e.num(t, "width"), e.num(t, "y")+e.num(t, "height"))
	}
	for _, e := range root.all("line") {
		inside(e.num(t, "x1"), e.num(t, "y1"))
		inside(e.num(t, "x2"), e.num(t, "y2"))
	}
	for _, e := range root.all("text") {
		// A character of a common font is half as wide as high in the mean.
		x, w := e.num(t, "x"), 0.5*e.num(t, "font-size")*float64(len([]rune(e.text)))
		switch e.attrs["text-anchor"] {
		case "end":
			x -= w
		case "middle":
			x -= w / 2
		}
		inside(x, e.num(t, "y"))
		inside(x+w, e.num(t, "y"))
	}
}

// checkWindows compares what is shaded with the windows, each pixel for itself.
func checkWindows(t *testing.T, root *element, tl *estimate.Timeline, r ruler, off float64) {
	var shaded [][2]float64
	for _, e := range root.all("rect", "window") {
		if slices.Contains(strings.Fields(e.attrs["class"]), "key") {
			continue // of the legend
		}
		shaded = append(shaded, [2]float64{e.num(t, "x"), e.num(t, "x") + e.num(t, "width")})
	}
	if len(tl.Windows) == 1 {
		require.Empty(t, shaded, "one window is no news")
		return
	}
	in := func(x float64) bool {
		return slices.ContainsFunc(shaded, func(s [2]float64) bool { return x >= s[0]-off && x <= s[1]+off })
	}
	for i, w := range tl.Windows {
		from, to := r.x(w.Start), r.x(w.End)
		require.True(t, in(from) && in(to) && in((from+to)/2), "the window from %v is not shaded", w.Start)
		if i > 0 {
			if before := r.x(tl.Windows[i-1].End); from-before > 1+off {
				require.False(t, in((from+before)/2), "before %v there is no window", w.Start)
			}
		}
	}
}

// checkNames checks that names beside rows are as many as can be read: never one on
// another.
func checkNames(t *testing.T, rows []*element, tl *estimate.Timeline) {
	above, named := math.Inf(-1), 0
	for i, row := range rows {
		labels := row.all("text")
		if len(labels) == 0 || labels[0].num(t, "x") > 100 || labels[0].text != tl.Batches[i].Name {
			continue
		}
		named++
		require.GreaterOrEqual(t, labels[0].num(t, "y")-above, labels[0].num(t, "font-size"), tl.Batches[i].Name)
		above = labels[0].num(t, "y")
	}
	switch n := len(rows); {
	case n <= 150:
		require.Equal(t, n, named)
	default:
		require.GreaterOrEqual(t, named, n/3)
	}
}

// The axis has each midnight of a location where it is, also on the days on which clocks
// change. The ruler is the bars, so that this holds for the labels.
func TestSVGAxis(t *testing.T) {
	tl := small(t)
	root := parse(t, svg(t, tl))
	r := rulerOf(t, tl, root.all("g", "batch"))
	labels := func(texts ...string) (xs []float64) {
		for _, e := range root.all("text") {
			if slices.Contains(texts, e.text) {
				xs = append(xs, e.num(t, "x"))
			}
		}
		return xs
	}
	loc := tl.Start.Location()
	days := labels("Sat 24 Oct", "Sun 25 Oct", "Mon 26 Oct")
	require.Len(t, days, 3)
	for i := range days {
		require.InDelta(t, r.x(time.Date(2026, 10, 24+i, 0, 0, 0, 0, loc))+4, days[i], 0.1)
	}
	require.InDelta(t, 25.0/24, (days[2]-days[1])/(days[1]-days[0]), 1e-3, "Sunday has an hour more")
	lines := 0
	for _, e := range root.all("line", "grid", "month") {
		if x := e.num(t, "x1"); x == e.num(t, "x2") {
			at := r.from.Add(time.Duration((x - r.left) / r.wide * float64(r.to.Sub(r.from))))
			midnight := at.Round(time.Minute).In(loc)
			require.Equal(t, "00:00", midnight.Format("15:04"))
			lines++
		}
	}
	require.Equal(t, 3, lines)
}

// Lines of longer timelines are at Mondays and at the beginnings of months.
func TestSVGWeeks(t *testing.T) {
	for name, tl := range various(t) {
		if name != "250" && name != "1000" {
			continue
		}
		root := parse(t, svg(t, tl))
		r := rulerOf(t, tl, root.all("g", "batch"))
		mondays, firsts := 0, 0
		for _, e := range root.all("line", "grid") {
			x := e.num(t, "x1")
			if x != e.num(t, "x2") {
				continue
			}
			at := r.from.Add(time.Duration((x - r.left) / r.wide * float64(r.to.Sub(r.from)))).Round(30 * time.Minute)
			require.Equal(t, "00:00", at.Format("15:04"), name)
			switch {
			case at.Day() == 1:
				firsts++
			case at.Weekday() == time.Monday:
				mondays++
			default:
				t.Fatalf("%s: there is a line at %v", name, at)
			}
		}
		weeks := int(tl.Finish.Late.Sub(tl.Start) / (7 * 24 * time.Hour))
		require.InDelta(t, weeks, mondays, 2+float64(weeks)/10, "%s: of the weeks some begin with a month", name)
		require.GreaterOrEqual(t, firsts, weeks/5, name)
	}
}

func TestSVGWords(t *testing.T) {
	root := parse(t, svg(t, small(t)))
	require.Equal(t, "img", root.attrs["role"])
	require.Equal(t, "gantt-title gantt-desc", root.attrs["aria-labelledby"])
	require.Equal(t, "gantt-title", root.children[0].attrs["id"])
	require.Equal(t, "Migration schedule", root.children[0].text)
	require.Equal(t, "gantt-desc", root.children[1].attrs["id"])
	if diff := cmp.Diff("3 batches in 2 waves with 1,241 mailboxes. From Fri 23 Oct 2026 20:00 until Mon 26 Oct 2026 07:00, Mon 26 Oct 2026 09:00 at the latest. "+
		"Times are in Europe/Berlin. These do not fit: StagedBatch002, StagedBatch003.", root.children[1].text); diff != "" {
		t.Error(diff)
	}
	rows := root.all("g", "batch")
	want := []string{
		"StagedBatch002\nWave Rest: 1,200 mailboxes, 90.0 GB and 3 of unknown size.\nStart: Sat 24 Oct 2026 20:00 CEST.\n" +
			"Done early: Sun 25 Oct 2026 03:00 CET.\nDone likely: Sun 25 Oct 2026 04:00 CET.\nDone late: Sun 25 Oct 2026 06:00 CET.\n" +
			"Over the limit of users on 2026-10-25 by 7.",
		"StagedBatch003\nWave Rest: 1 mailbox, 110.0 GB.\nStart: Sun 25 Oct 2026 20:00 CET.\n" +
			"Done early: Mon 26 Oct 2026 06:00 CET.\nDone likely: Mon 26 Oct 2026 07:00 CET.\nDone late: Mon 26 Oct 2026 09:00 CET.\n" +
			"Over the end of its window by 3 h.",
	}
	for i, w := range want {
		if diff := cmp.Diff(w, rows[i+1].all("title")[0].text); diff != "" {
			t.Error(diff)
		}
	}
	misfits := root.all("text", "misfit")
	require.Len(t, misfits, 2)
	require.Equal(t, "Sun 25 Oct 04:00, +7 users", misfits[0].text)
	require.Equal(t, "Mon 26 Oct 07:00, +3 h", misfits[1].text)
	require.Len(t, root.all("g", "wave", "w0"), 2, "the legend and the first wave")
	require.Len(t, root.all("g", "wave", "w1"), 1)
}

func TestSVGOptions(t *testing.T) {
	got := drawn(t, func(w io.Writer) error {
		return gantt.SVG(w, small(t), &gantt.SVGOptions{Title: "Contoso <&> \"Fabrikam\"", ID: "plan-2_b"})
	})
	root := parse(t, got)
	require.Equal(t, `Contoso <&> "Fabrikam"`, root.all("title")[0].text)
	require.Equal(t, "plan-2_b", root.attrs["id"])
	require.NotContains(t, got, "gantt", "of ids and styles of another image")
	for _, id := range []string{"2a", "a b", "a\"", "-", "ä", "a:b", "_a"} {
		require.Error(t, gantt.SVG(io.Discard, small(t), &gantt.SVGOptions{ID: id}), id)
	}
}

// An image needs nothing from elsewhere and runs nothing.
func TestSVGSelfContained(t *testing.T) {
	for name, tl := range various(t) {
		root := parse(t, svg(t, tl))
		var walk func(e *element)
		walk = func(e *element) {
			allowed := []string{"svg", "title", "desc", "style", "defs", "pattern", "rect", "line", "path", "text", "g"}
			require.Contains(t, allowed, e.name, name)
			for attr, value := range e.attrs {
				require.False(t, strings.HasPrefix(attr, "on") || attr == "href" || attr == "src" || attr == "style", attr)
				require.Equal(t, attr == "xmlns", strings.Contains(value, "://"), value)
			}
			for _, c := range e.children {
				walk(c)
			}
		}
		walk(root)
		style := root.all("style")[0].text
		require.NotContains(t, style, "@import")
		require.Equal(t, strings.Count(style, "url("), strings.Count(style, "url(#gantt-hatch)"))
	}
}
