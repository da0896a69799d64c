package gantt

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/staged-migration/staged/estimate"
)

// Mermaid writes a timeline as a Gantt diagram in the language of Mermaid, which many
// sites draw in Markdown. An empty title means Migration schedule.
//
// Each batch is a bar from its start until its likely finish; the language has no
// whiskers. What does not fit is critical in its words, and told behind the name. Waves are
// sections. Starts are by the clock of the timeline's location, whatever that of the
// reader. Mermaid reads no more than 50,000 characters unless it is told to, which is
// about 700 batches.
func Mermaid(w io.Writer, t *estimate.Timeline, title string) error {
	if err := check(t); err != nil {
		return err
	}
	if title == "" {
		title = defaultTitle
	}
	lo, hi := extent(t)
	axis := "%d %b"
	if hi.Sub(lo) < 3*day {
		axis = "%a %H:%M"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "gantt\n    title %s\n    dateFormat YYYY-MM-DD HH:mm:ss\n    axisFormat %s\n    todayMarker off\n", mermaidText(title), axis)
	all := groups(t)
	for _, g := range all {
		if hasWaves(all) {
			fmt.Fprintf(&b, "    section %s\n", mermaidText(g.waveName()))
		}
		for i := g.from; i < g.to; i++ {
			s := &t.Batches[i]
			name, tag := s.Name, ""
			if s.Over > 0 {
				name, tag = name+", +"+length(s.Over), "crit, "
			}
			if s.UsersOver > 0 {
				name, tag = name+", +"+plural(s.UsersOver, "user", "users"), "crit, "
			}
			fmt.Fprintf(&b, "    %s :%sb%d, %s, %s\n", mermaidText(name), tag, i+1,
				s.Start.In(lo.Location()).Format(time.DateTime), mermaidLength(s.Finish.Likely.Sub(s.Start)))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// mermaidLength returns how long a bar is. A length rather than an end is the same
// where clocks change.
func mermaidLength(d time.Duration) string {
	s := int64((d + time.Second - 1) / time.Second)
	switch {
	case s > 0 && s%3600 == 0:
		return strconv.FormatInt(s/3600, 10) + "h"
	case s > 0 && s%60 == 0:
		return strconv.FormatInt(s/60, 10) + "m"
	}
	return strconv.FormatInt(s, 10) + "s"
}

// mermaidWords begin a line that is no batch. Source: the grammar of Gantt diagrams in
// Mermaid 11, which has them in any case.
var mermaidWords = []string{"gantt", "dateformat", "inclusiveenddates", "topaxis", "axisformat", "tickinterval", "includes", "excludes",
	"todaymarker", "weekday", "weekend", "title", "acctitle", "accdescr", "accdescription", "section", "click", "call", "href"}

// mermaidText returns text in which nothing means anything to Mermaid: all but letters,
// digits and a few marks are entities of it, and so is the first character of what would be
// taken for a word of the language or a date. Text of nothing is a dash.
func mermaidText(s string) string {
	s = strings.TrimSpace(clean(s))
	if s == "" {
		return "-"
	}
	lower := strings.ToLower(s)
	special := '0' <= s[0] && s[0] <= '9' ||
		slices.ContainsFunc(mermaidWords, func(word string) bool { return strings.HasPrefix(lower, word) })
	var b strings.Builder
	for i, r := range s {
		plain := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune(" ,.-_+()/@", r)
		if plain && (i > 0 || !special) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}
