package gantt

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// px is how many units a pixel has: what SVG is told in decimals is reckoned in whole
// numbers.
const px = 100

// canvas is the text of an SVG image. Its coordinates are in units.
type canvas struct{ b bytes.Buffer }

func (c *canvas) bytes() []byte { return c.b.Bytes() }

// raw writes text as it is.
func (c *canvas) raw(parts ...string) {
	for _, p := range parts {
		c.b.WriteString(p)
	}
}

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// escaped writes clean text.
func (c *canvas) escaped(s string) { _, _ = xmlEscapes.WriteString(&c.b, s) }

// num writes units as pixels.
func (c *canvas) num(units int) {
	if units < 0 {
		c.raw("-")
		units = -units
	}
	c.raw(strconv.Itoa(units / px))
	if f := units % px; f > 0 {
		c.raw(".", strings.TrimRight(strconv.Itoa(px + f)[1:], "0"))
	}
}

func (c *canvas) attr(name string, units int) {
	c.raw(" ", name, `="`)
	c.num(units)
	c.raw(`"`)
}

func (c *canvas) rect(class string, x, y, w, h, round int) {
	c.raw(`<rect class="`, class, `"`)
	c.attr("x", x)
	c.attr("y", y)
	c.attr("width", w)
	c.attr("height", h)
	if round > 0 {
		c.attr("rx", round)
	}
	c.raw("/>\n")
}

func (c *canvas) line(class string, x1, y1, x2, y2 int) {
	c.raw(`<line class="`, class, `"`)
	c.attr("x1", x1)
	c.attr("y1", y1)
	c.attr("x2", x2)
	c.attr("y2", y2)
	c.raw("/>\n")
}

// text writes one line, cut off where it would be wider than w.
func (c *canvas) text(class, anchor string, x, y, w, font int, s string) {
	c.raw("<text")
	if class != "" {
		c.raw(` class="`, class, `"`)
	}
	if anchor != "" {
		c.raw(` text-anchor="`, anchor, `"`)
	}
	c.attr("x", x)
	c.attr("y", y)
	c.attr("font-size", font)
	c.raw(">")
	c.escaped(shorten(s, w, font))
	c.raw("</text>\n")
}

// textWidth returns about how wide a text is, rather too much than too little: fonts
// differ, and the reader's is not known.
func textWidth(s string, font int) int {
	w := 0
	for _, r := range s {
		w += runeWidth(r)
	}
	return w * font / 100
}

// runeWidth returns the width of a character in percent of the size of the font.
func runeWidth(r rune) int {
	switch {
	case r >= utf8.RuneSelf && r < 0x0530: // Latin, Greek, Cyrillic
		return 68
	case r >= utf8.RuneSelf:
		return 105
	case strings.ContainsRune("MW@%", r):
		return 95
	case r >= 'A' && r <= 'Z':
		return 70
	case strings.ContainsRune("ijl.,:;'|!()[] ", r):
		return 36
	}
	return 60
}

// shorten cuts a text that is wider than w and puts an ellipsis behind it.
func shorten(s string, w, font int) string {
	if textWidth(s, font) <= w {
		return s
	}
	w -= font
	for i, r := range s {
		if w -= runeWidth(r) * font / 100; w < 0 {
			return s[:i] + "…"
		}
	}
	return s
}
