package gantt

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/staged-migration/staged/estimate"
)

// TextOptions say how a timeline is written as text. The zero TextOptions will do.
type TextOptions struct {
	Title string // "" means Migration schedule

	// Columns is how many characters the axis has, from 20 to 1,000; 0 means 60. Names
	// before it and dates behind it come to about 50 more.
	Columns int
}

// cell is how many pixels a character of text has on the axis.
const cell = 7

// Text writes a timeline as plain text with a line for each batch, for terminals and
// for code blocks. Names are cut off at 28 characters. Its signs are of ASCII:
//
//	~ in the queue
//	# copying
//	= from the early to the likely finish
//	- from the likely to the late finish
//	! past the end of its window
//	. in a window
//
// Of the signs for a column the first in this order counts, but ! before all.
// Behind the axis is the likely finish, and what does not fit.
func Text(w io.Writer, t *estimate.Timeline, opts *TextOptions) error {
	if err := check(t); err != nil {
		return err
	}
	var o TextOptions
	if opts != nil {
		o = *opts
	}
	if o.Title == "" {
		o.Title = defaultTitle
	}
	if o.Columns == 0 {
		o.Columns = 60
	}
	if o.Columns < 20 || o.Columns > 1000 {
		return fmt.Errorf("gantt: %d columns: there must be from 20 to 1,000", o.Columns)
	}
	p := plain{t: t, scale: newScale(t, 0, o.Columns*cell), columns: o.Columns}
	p.line(clean(o.Title))
	for _, s := range summary(t) {
		p.line(s)
	}
	if len(t.Batches) > 0 {
		p.chart()
	}
	_, err := w.Write(p.b.Bytes())
	return err
}

// plain is a timeline while it is written as text.
type plain struct {
	b       bytes.Buffer
	t       *estimate.Timeline
	scale   scale
	columns int
	names   int    // characters that names have
	open    []byte // the axis with windows alone
}

// line writes a line without the blanks at its end.
func (p *plain) line(parts ...string) {
	p.b.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	p.b.WriteByte('\n')
}

func (p *plain) chart() {
	all := groups(p.t)
	waves := hasWaves(all)
	for i := range p.t.Batches {
		p.names = max(p.names, utf8.RuneCountInString(clean(p.t.Batches[i].Name)))
	}
	p.names = min(p.names, 28)
	indent := ""
	if waves {
		indent = "  "
	}
	p.windows()
	l := p.scale.level(1)
	blank := strings.Repeat(" ", len(indent)+p.names+2)
	p.line()
	p.line(blank, p.labels(p.scale.marks(l.coarse)))
	p.line(blank, p.labels(p.scale.marks(l.fine)[1:]))
	signs := make(map[byte]bool)
	for _, g := range all {
		if waves {
			p.line(g.waveName())
		}
		for i := g.from; i < g.to; i++ {
			s := &p.t.Batches[i]
			axis := p.axis(s)
			for _, c := range axis {
				signs[c] = true
			}
			p.line(indent, p.name(s), "  ", string(axis), "  ", p.beside(s))
		}
	}
	p.line()
	var legend []string
	for _, sign := range []string{"~ in the queue", "# copying", "= from the early to the likely finish",
		"- from the likely to the late finish", "! past the end of its window", ". in a window"} {
		if signs[sign[0]] {
			legend = append(legend, sign)
		}
	}
	p.line(strings.Join(legend, ", "))
}

// name returns the name of a batch in as many characters as all names have.
func (p *plain) name(s *estimate.Slot) string {
	name := []rune(clean(s.Name))
	if len(name) > p.names {
		name = append(name[:p.names-3], '.', '.', '.')
	}
	return string(name) + strings.Repeat(" ", p.names-len(name))
}

// labels returns a line with labels where they begin, as far as there is room.
func (p *plain) labels(marks []mark) string {
	line := []byte(strings.Repeat(" ", p.columns))
	free := 0
	for i, m := range marks {
		at, end := m.x/cell, p.columns
		if i+1 < len(marks) {
			end = marks[i+1].x / cell
		}
		if at < free || at+len(m.label) > p.columns || at+len(m.label) >= end && i+1 < len(marks) {
			continue
		}
		copy(line[at:], m.label)
		free = at + len(m.label) + 1
	}
	return string(line)
}

// windows finds out what columns are mostly in windows.
func (p *plain) windows() {
	p.open = bytes.Repeat([]byte{' '}, p.columns)
	in := make([]int, p.columns) // pixels of the column
	for _, w := range p.t.Windows {
		from, to := p.scale.x(w.Start), p.scale.x(w.End)
		for c := from / cell; c < p.columns && c*cell < to; c++ {
			in[c] += min(to, (c+1)*cell) - max(from, c*cell)
		}
	}
	for c := range in {
		if 2*in[c] > cell {
			p.open[c] = '.'
		}
	}
}

// axis returns the axis with a batch.
func (p *plain) axis(s *estimate.Slot) []byte {
	axis := bytes.Clone(p.open)
	column := func(x int) int { return min(x/cell, p.columns-1) }
	x := p.scale.x
	early, likely, late := column(x(s.Finish.Early)), column(x(s.Finish.Likely)), column(x(s.Finish.Late))
	copies, start := column(x(s.Copy)), column(x(s.Start))
	for _, part := range []struct {
		sign     byte
		from, to int
	}{{'-', likely, late}, {'=', early, likely}, {'#', copies, early}, {'~', start, copies - 1}} {
		for c := part.from; c <= part.to; c++ {
			axis[c] = part.sign
		}
	}
	if s.Over > 0 {
		for c := max(start, column(x(s.Finish.Late.Add(-s.Over)))); c <= late; c++ {
			axis[c] = '!'
		}
	}
	return axis
}

// beside returns the likely finish of a batch and what of it does not fit.
func (p *plain) beside(s *estimate.Slot) string {
	text := s.Finish.Likely.In(p.scale.loc).Format(shortFormat)
	if s.Over > 0 {
		text += ", +" + length(s.Over)
	}
	if s.UsersOver > 0 {
		text += ", +" + plural(s.UsersOver, "user", "users")
	}
	return text
}
