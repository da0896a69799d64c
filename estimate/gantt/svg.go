package gantt

import (
	"errors"
	"io"
	"strings"

	"github.com/staged-migration/staged/estimate"
)

// SVGOptions say how an image is made. The zero SVGOptions will do.
type SVGOptions struct {
	Title string // "" means Migration schedule

	// ID is the id of the image, and what all ids and styles within it begin with; ""
	// means gantt. Images that stand in one page need different ones. It is a
	// letter and then letters, digits, hyphens and underscores.
	ID string
}

// SVG draws a timeline as an image that needs nothing else: no script, no font, no other
// file. It follows the reader's choice of a light or dark screen.
//
// Each batch is a row. A bar goes from when its first mailbox is copied until it is likely
// done, and on in a lighter color until it is done at the latest; a whisker goes from the
// early to the late finish where there is room for it. A thin line before the bar is the time in
// the queue. What is past the end of its window is hatched and told in words. Windows are
// shaded unless all is one. Waves have headings and colors. Rows are the lower the
// more there are, and then only some have their name beside them; all have their facts as
// a title, which viewers show under the pointer. A bar is at least two pixels wide, and the
// image is from about 1,200 pixels to 3,600, by the days that there are.
//
// The axis has the days, weeks or months of the timeline's location. It is linear in
// time, so that a day on which clocks change is shorter or longer than others.
func SVG(w io.Writer, t *estimate.Timeline, opts *SVGOptions) error {
	if err := check(t); err != nil {
		return err
	}
	var o SVGOptions
	if opts != nil {
		o = *opts
	}
	if o.Title == "" {
		o.Title = defaultTitle
	}
	if o.ID == "" {
		o.ID = "gantt"
	}
	if !validID(o.ID) {
		return errors.New("gantt: an id must be a letter and then letters, digits, hyphens and underscores")
	}
	p := newPicture(t)
	p.draw(&o)
	_, err := w.Write(p.bytes())
	return err
}

func validID(id string) bool {
	for i, c := range []byte(id) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c != '-' && c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return true
}

// picture is a timeline while it is drawn.
type picture struct {
	canvas
	t      *estimate.Timeline
	groups []group
	look
	scale scale
	level level

	names, right, top int // the widths of names and of the whole, and where rows begin
	open              []span
}

// look is how rows look, in units.
type look struct {
	row, bar, font, head int
	every                int  // which row has its name
	finish               bool // whether bars have their finish beside them
}

// lookOf returns how so many rows look.
func lookOf(rows int) look {
	switch {
	case rows <= 15:
		return look{30 * px, 14 * px, 13 * px, 34 * px, 1, true}
	case rows <= 60:
		return look{22 * px, 12 * px, 12 * px, 30 * px, 1, true}
	case rows <= 150:
		return look{15 * px, 9 * px, 11 * px, 26 * px, 1, false}
	case rows <= 400:
		return look{9 * px, 6 * px, 10 * px, 24 * px, 2, false}
	default:
		return look{5 * px, 3 * px, 10 * px, 24 * px, 3, false}
	}
}

const (
	margin    = 24 * px
	leastBar  = 2 * px
	leastWide = 960  // pixels of the axis
	mostWide  = 3200 // likewise
	perDay    = 7    // pixels that a day should have
	counts    = 76 * px
	axisRoom  = 44 * px
	gap       = 14 * px
)

func newPicture(t *estimate.Timeline) *picture {
	p := &picture{t: t, groups: groups(t), look: lookOf(len(t.Batches))}
	p.names = 90 * px
	for i := range t.Batches {
		p.names = max(p.names, textWidth(clean(t.Batches[i].Name), p.font))
	}
	if hasWaves(p.groups) {
		for i := range p.groups {
			p.names = max(p.names, textWidth(p.groups[i].waveName(), p.font)-counts)
		}
	}
	p.names = min(p.names, 240*px)
	lo, hi := extent(t)
	wide := min(max(leastWide, int(hi.Sub(lo)/day)*perDay), mostWide)
	p.scale = newScale(t, margin+p.names+counts+2*gap, wide*px)
	p.level = p.scale.level(px)
	p.right = p.scale.left + p.scale.width
	p.open = p.windows()
	return p
}

// span is a stretch of the axis.
type span struct{ from, to int }

// windows returns where windows are, those less than a pixel apart as one.
func (p *picture) windows() []span {
	var out []span
	for _, w := range p.t.Windows {
		s := span{p.scale.x(w.Start), p.scale.x(w.End)}
		if n := len(out); n > 0 && s.from-out[n-1].to < px {
			out[n-1].to = s.to
			continue
		}
		out = append(out, s)
	}
	if len(out) == 1 {
		lo, hi := extent(p.t)
		if out[0].from <= p.scale.x(lo) && out[0].to >= p.scale.x(hi) {
			return nil // work may always run
		}
	}
	return out
}

// draw draws all of the image.
func (p *picture) draw(o *SVGOptions) {
	rows := p.rowsHeight()
	p.top = 104*px + axisRoom
	below := margin
	if rows > 600*px {
		below += axisRoom
	}
	if len(p.t.Batches) == 0 {
		p.top, rows = 84*px, 0
	}
	height := p.top + rows + below
	p.preamble(o, p.right+margin, height)
	p.heading(o.Title)
	if len(p.t.Batches) > 0 {
		p.legend(92 * px)
		p.background(rows)
		p.axis(p.top-12*px, p.top-30*px)
		if below > margin {
			p.axis(p.top+rows+20*px, p.top+rows+38*px)
		}
		p.rows()
	}
	p.raw("</svg>\n")
}

// preamble begins the image and says in words what it shows.
func (p *picture) preamble(o *SVGOptions, width, height int) {
	p.raw(`<svg xmlns="http://www.w3.org/2000/svg" id="`, o.ID, `" role="img" aria-labelledby="`, o.ID, `-title `, o.ID, `-desc" width="`)
	p.num(width)
	p.raw(`" height="`)
	p.num(height)
	p.raw(`" viewBox="0 0 `)
	p.num(width)
	p.raw(` `)
	p.num(height)
	p.raw("\">\n<title id=\"", o.ID, `-title">`)
	p.escaped(clean(o.Title))
	p.raw("</title>\n<desc id=\"", o.ID, `-desc">`)
	p.escaped(strings.Join(append(summary(p.t), misfitting(p.t)...), " "))
	p.raw("</desc>\n<style>\n", strings.ReplaceAll(styles, "#ID", "#"+o.ID), "</style>\n",
		`<defs><pattern id="`, o.ID, `-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">`,
		`<rect class="over-gap" width="5" height="5"/><rect class="over-line" width="2.6" height="5"/></pattern></defs>`, "\n")
	p.rect("page", 0, 0, width, height, 0)
}

// heading draws the title and what there is in words.
func (p *picture) heading(title string) {
	p.text("title", "", margin, 40*px, p.right-margin, 20*px, clean(title))
	p.text("dim", "", margin, 63*px, p.right-margin, 13*px, strings.Join(summary(p.t), " "))
}
