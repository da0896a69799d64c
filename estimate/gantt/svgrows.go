package gantt

import (
	"strconv"
	"strings"

	"github.com/staged-migration/staged/estimate"
)

// rowsHeight returns how high all rows are.
func (p *picture) rowsHeight() int {
	h := len(p.t.Batches) * p.row
	if hasWaves(p.groups) {
		h += len(p.groups) * p.head
	}
	return h
}

// background draws windows and the lines of the axis.
func (p *picture) background(rows int) {
	for _, s := range p.open {
		p.rect("window", s.from, p.top, s.to-s.from, rows, 0)
	}
	fine := p.scale.marks(p.level.fine)
	for _, m := range fine[1:] {
		p.line("grid", m.x, p.top-6*px, m.x, p.top+rows)
	}
	week := p.level.coarse
	if p.level.fine.about == day {
		week = weeksUnit(0, "2")
	}
	for _, m := range p.scale.marks(week)[1:] {
		p.line("grid week", m.x, p.top-6*px, m.x, p.top+rows)
	}
	for _, m := range p.scale.marks(p.level.coarse)[1:] {
		p.line("grid month", m.x, p.top-26*px, m.x, p.top+rows)
	}
	p.line("grid month", p.scale.left, p.top, p.right, p.top)
	p.line("grid month", p.scale.left, p.top+rows, p.right, p.top+rows)
}

// axis writes the labels of the axis, the fine and the coarse ones.
func (p *picture) axis(fine, coarse int) {
	u := p.level.fine
	marks := p.scale.marks(u)
	for i, m := range marks {
		wide := textWidth(m.label, 11*px)
		at := m.x
		switch {
		case u.cell && i+1 < len(marks):
			at = (m.x + marks[i+1].x) / 2
		case u.cell:
			at = (m.x + p.right) / 2
		case i == 0:
			continue // the beginning of the axis is not that of a unit
		}
		if at-wide/2 >= p.scale.left && at+wide/2 <= p.right {
			p.text("dim", "middle", at, fine, wide, 11*px, m.label)
		}
	}
	marks = p.scale.marks(p.level.coarse)
	for i, m := range marks {
		end := p.right
		if i+1 < len(marks) {
			end = marks[i+1].x
		}
		if w := textWidth(m.label, 12*px); m.x+w+12*px <= end {
			p.text("strong", "", m.x+4*px, coarse, w, 12*px, m.label)
		}
	}
}

// rows draws all batches under the headings of their waves.
func (p *picture) rows() {
	p.text("dim", "", margin+gap, p.top-12*px, p.names, 11*px, "Batch")
	p.text("dim", "end", p.scale.left-gap, p.top-12*px, counts, 11*px, "Mailboxes")
	y := p.top
	for i := range p.groups {
		g := &p.groups[i]
		p.raw(`<g class="wave w`, strconv.Itoa(g.number%colors), "\">\n")
		if hasWaves(p.groups) {
			p.line("grid", margin, y, p.right, y)
			p.text("strong", "", margin+gap, y+p.head-p.head/3, p.names+counts, p.font, g.waveName())
			y += p.head
		}
		h := (g.to - g.from) * p.row
		p.rect("fill", margin, y+px, 4*px, max(px, h-2*px), 2*px)
		for j := g.from; j < g.to; j++ {
			p.batch(&p.t.Batches[j], y, (j-g.from)%p.every == 0)
			y += p.row
		}
		p.raw("</g>\n")
	}
}

// batch draws the row of a batch.
func (p *picture) batch(s *estimate.Slot, y int, named bool) {
	p.raw(`<g class="batch"><title>`)
	p.escaped(clean(s.Name) + "\n" + strings.Join(facts(s, p.scale.loc), "\n"))
	p.raw("</title>\n")
	p.rect("row", margin, y, p.right-margin, p.row, 0) // what the pointer is over
	base := y + p.row/2 + p.font*36/100
	if named {
		p.text("", "", margin+gap, base, p.names, p.font, clean(s.Name))
		p.text("dim", "end", p.scale.left-gap, base, counts, p.font, thousands(s.Mailboxes))
	}
	x := p.scale.x
	if named {
		p.line("grid", p.scale.left, y+p.row/2, x(s.Start), y+p.row/2)
	}
	top := y + (p.row-p.bar)/2
	middle := y + p.row/2
	copies, early, likely, late := x(s.Copy), x(s.Finish.Early), x(s.Finish.Likely), x(s.Finish.Late)
	if start := x(s.Start); copies > start {
		p.rect("fill queue", start, middle-p.bar/8, copies-start, p.bar/4, 0)
	}
	round := 0
	if p.bar >= 9*px {
		round = 2 * px
	}
	p.rect("fill bar", copies, top, max(leastBar, likely-copies), p.bar, round)
	if solid := max(likely, copies+leastBar); late > solid {
		p.rect("fill late", solid, top+p.bar/6, late-solid, p.bar-p.bar/3, 0)
	}
	if s.Over > 0 {
		from := max(copies, x(s.Finish.Late.Add(-s.Over)))
		p.rect("over", from, top, max(leastBar, late-from), p.bar, round)
	}
	if p.hasWhisker(s) {
		for _, class := range []string{"halo", "whisker"} {
			p.whisker(class, early, likely, late, middle, p.bar*3/10)
		}
	}
	p.beside(s, x(s.Start), late, base, named)
	p.raw("</g>\n")
}

// hasWhisker reports whether there is room for the whisker of a batch.
func (p *picture) hasWhisker(s *estimate.Slot) bool {
	return p.scale.x(s.Finish.Late)-p.scale.x(s.Finish.Early) >= 8*px
}

// whisker draws a line from the early to the late finish, with an end at either and a
// mark at the likely one.
func (p *picture) whisker(class string, early, likely, late, y, half int) {
	p.raw(`<path class="`, class, `" d="`)
	for _, c := range []struct {
		command string
		at      int
	}{{"M", early}, {" ", y}, {"H", late}, {"M", early}, {" ", y - half}, {"V", y + half}, {"M", late}, {" ", y - half}, {"V", y + half},
		{"M", likely}, {" ", y - half*17/10}, {"V", y + half*17/10}} {
		p.raw(c.command)
		p.num(c.at)
	}
	p.raw("\"/>\n")
}

// beside writes the likely finish of a batch behind its whisker, its name in low rows, and
// what of it does not fit. Where there is no room, that goes before the bar. A low row
// without its name has a mark if something does not fit.
func (p *picture) beside(s *estimate.Slot, start, late, base int, named bool) {
	var parts []string
	switch {
	case p.finish:
		parts = append(parts, s.Finish.Likely.In(p.scale.loc).Format(shortFormat))
	case named:
		parts = append(parts, clean(s.Name))
	}
	class := "dim"
	if s.Over > 0 || s.UsersOver > 0 {
		class = "misfit"
		if parts == nil {
			parts = []string{"!"}
		} else if s.Over > 0 {
			parts = append(parts, "+"+length(s.Over))
		}
		if s.UsersOver > 0 && (p.finish || named) {
			parts = append(parts, "+"+plural(s.UsersOver, "user", "users"))
		}
	}
	text := strings.Join(parts, ", ")
	font := min(p.font, 11*px)
	wide := textWidth(text, font)
	const off = 8 * px
	switch {
	case text == "":
	case late+off+wide <= p.right:
		p.text(class, "", late+off, base, wide, font, text)
	case start-off-wide >= p.scale.left:
		p.text(class, "end", start-off, base, wide, font, text)
	}
}

// legend explains the signs that the image has.
func (p *picture) legend(y int) {
	x := margin
	middle := y - 4*px
	item := func(label string, swatch int, draw func(x int)) {
		draw(x)
		x += swatch + 7*px
		w := textWidth(label, 12*px)
		p.text("dim", "", x, y, w, 12*px, label)
		x += w + 18*px
	}
	queue, over, whiskers := false, false, false
	for i := range p.t.Batches {
		s := &p.t.Batches[i]
		whiskers = whiskers || p.hasWhisker(s)
		queue = queue || s.Copy.After(s.Start)
		over = over || s.Over > 0
	}
	p.raw("<g class=\"wave w0\">\n")
	if queue {
		item("in the queue", 22*px, func(x int) { p.rect("fill", x, middle-2*px, 22*px, 4*px, 0) })
	}
	item("copying until the likely finish", 26*px, func(x int) { p.rect("fill", x, middle-6*px, 26*px, 12*px, 2*px) })
	if whiskers {
		item("early, likely and late finish", 34*px, func(x int) {
			p.rect("fill", x, middle-6*px, 17*px, 12*px, 2*px)
			p.whisker("halo", x+6*px, x+17*px, x+34*px, middle, 36*px/10)
			p.whisker("whisker", x+6*px, x+17*px, x+34*px, middle, 36*px/10)
		})
	} else {
		item("until the late finish", 26*px, func(x int) { p.rect("fill late", x, middle-4*px, 26*px, 8*px, 0) })
	}
	if over {
		item("past the end of its window", 26*px, func(x int) { p.rect("over", x, middle-6*px, 26*px, 12*px, 2*px) })
	}
	if len(p.open) > 0 {
		item("maintenance window", 22*px, func(x int) { p.rect("window key", x, middle-7*px, 22*px, 14*px, 0) })
	}
	p.raw("</g>\n")
}
