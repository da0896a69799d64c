package csvio

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/staged-migration/staged/rules"
)

// lineEnds are the characters that end a row for the service.
const lineEnds = "\r\n\u2028\u2029"

// serviceText returns the text of a file as the service decodes it, the encoding, and
// the offset in the text of the first bytes that are none in that encoding, or -1. Such
// bytes become U+FFFD.
func serviceText(data []byte) (text, encoding string, bad int) {
	switch {
	case bytes.HasPrefix(data, bomUTF8):
		data = data[len(bomUTF8):]
	case bytes.HasPrefix(data, bomUTF32LE):
		text, bad = decodeUnits(data[4:], 4, func(b []byte) uint32 { return binary.LittleEndian.Uint32(b) })
		return text, "UTF-32LE", bad
	case bytes.HasPrefix(data, bomUTF32BE):
		text, bad = decodeUnits(data[4:], 4, func(b []byte) uint32 { return binary.BigEndian.Uint32(b) })
		return text, "UTF-32BE", bad
	case bytes.HasPrefix(data, bomUTF16LE):
		text, bad = decodeUnits(data[2:], 2, func(b []byte) uint32 { return uint32(binary.LittleEndian.Uint16(b)) })
		return text, "UTF-16LE", bad
	case bytes.HasPrefix(data, bomUTF16BE):
		text, bad = decodeUnits(data[2:], 2, func(b []byte) uint32 { return uint32(binary.BigEndian.Uint16(b)) })
		return text, "UTF-16BE", bad
	}
	if utf8.Valid(data) {
		return string(data), "UTF-8", -1
	}
	bad = 0
	for {
		r, size := utf8.DecodeRune(data[bad:])
		if r == utf8.RuneError && size == 1 {
			return strings.ToValidUTF8(string(data), string(utf8.RuneError)), "UTF-8", bad
		}
		bad += size
	}
}

// decodeUnits decodes UTF-16 and UTF-32, whose units have a size in bytes.
func decodeUnits(data []byte, size int, unit func([]byte) uint32) (text string, bad int) {
	var out strings.Builder
	out.Grow(len(data)/size + len(data)/8)
	bad = -1
	for len(data) > 0 {
		r, n := utf8.RuneError, min(size, len(data))
		if n == size {
			r = rune(min(unit(data), utf8.MaxRune+1))
		}
		if size == 2 && utf16.IsSurrogate(r) && len(data) >= 4 {
			if pair := utf16.DecodeRune(r, rune(unit(data[2:]))); pair != utf8.RuneError {
				r, n = pair, 4
			}
		}
		if n < size || !utf8.ValidRune(r) {
			if r = utf8.RuneError; bad < 0 {
				bad = out.Len()
			}
		}
		out.WriteRune(r)
		data = data[n:]
	}
	return out.String(), bad
}

// place is a position in a text, which moves forward only.
type place struct {
	text         string
	at           int // offset
	line, column int // from 1
}

// move moves to an offset. Lines end with CR, LF or CRLF, as in an editor.
func (p *place) move(to int) {
	for p.at < to {
		r, n := utf8.DecodeRuneInString(p.text[p.at:])
		p.at += n
		p.column++
		if r == '\n' || r == '\r' && !strings.HasPrefix(p.text[p.at:], "\n") {
			p.line, p.column = p.line+1, 1
		}
	}
}

// serviceReader divides a text into rows and cells; see [ReadBatchFile]. It takes time
// linear in the length of the text.
type serviceReader struct {
	text string
	at   int   // offset of the next cell
	pos  place // not behind at
	row  []rules.FileCell

	quotes quoteRuns
}

func newServiceReader(text string) *serviceReader {
	return &serviceReader{text: text, pos: place{text: text, line: 1, column: 1}, quotes: quoteRuns{text: text}}
}

// next returns the cells of the next row, at most limit of them, in memory that is used
// again, or nil at the end.
func (s *serviceReader) next(limit int) []rules.FileCell {
	for s.at < len(s.text) && s.lineEnd(s.at) > 0 {
		s.at += s.lineEnd(s.at)
	}
	if s.at == len(s.text) {
		return nil
	}
	s.row = s.row[:0]
	for more := true; more; {
		var c rules.FileCell
		if c, more = s.cell(); len(s.row) < limit {
			s.row = append(s.row, c)
		}
	}
	return s.row
}

// cell returns the next cell, and whether another one follows in its row.
func (s *serviceReader) cell() (c rules.FileCell, more bool) {
	first := s.at
	start, end := first, 0 // of what is taken of it
	for {
		end = s.plainEnd(start)
		if end == len(s.text) || s.text[end] != '"' {
			c.Text = strings.TrimFunc(s.text[start:end], unicode.IsSpace)
			break
		}
		if closing := s.quotes.closing(end); closing >= 0 && s.endsCell(closing+1) {
			start, end = end, closing+1
			c.Text = strings.ReplaceAll(s.text[start+1:closing], `""`, `"`)
			break
		}
		start = end + 1
	}
	blanks := s.text[first:end]
	blanks = blanks[:len(blanks)-len(strings.TrimLeftFunc(blanks, unicode.IsSpace))]
	if len(blanks) == end-first {
		blanks = ""
	}
	s.pos.move(first + len(blanks))
	c.Line, c.Column, c.Partial = s.pos.line, s.pos.column, start > first+len(blanks)
	s.at = end
	if end < len(s.text) && s.text[end] == ',' {
		s.at, more = end+1, true
	}
	return c, more
}

// plainEnd returns the offset of the first quote, comma or line end from an offset on.
func (s *serviceReader) plainEnd(at int) int {
	for ; at < len(s.text); at++ {
		if s.text[at] == '"' || s.endsCell(at) {
			break
		}
	}
	return at
}

// endsCell reports whether a comma, a line end, or nothing is at an offset.
func (s *serviceReader) endsCell(at int) bool {
	return at == len(s.text) || s.text[at] == ',' || s.lineEnd(at) > 0
}

// lineEnd returns how many bytes the line end at an offset has, 0 if there is none.
func (s *serviceReader) lineEnd(at int) int {
	switch s.text[at] {
	case '\r', '\n':
		return 1
	case "\u2028"[0]:
		if rest := s.text[at:]; strings.HasPrefix(rest, "\u2028") || strings.HasPrefix(rest, "\u2029") {
			return len("\u2028")
		}
	}
	return 0
}

// quoteRuns finds closing quotes. In a quoted cell two quotes stand for one, so that
// what closes it is the last quote of the first run of an odd number of them. It keeps
// the runs that it found, so that looking for any number of closing quotes is linear.
type quoteRuns struct {
	text             string
	runEnd           int // of the run that was looked at last
	oddStart, oddEnd int // of the first odd run behind it
}

// closing returns the offset of the quote that closes the cell whose opening quote is at
// an offset, or -1. The offset must not be before one that it was called with.
func (q *quoteRuns) closing(opening int) int {
	from := opening + 1
	if from > q.runEnd {
		q.runEnd = quotesEnd(q.text, from)
	}
	if (q.runEnd-from)%2 == 1 {
		return q.runEnd - 1
	}
	for from = q.runEnd; q.oddStart < from; {
		i := strings.IndexByte(q.text[max(from, q.oddEnd):], '"')
		if i < 0 {
			q.oddStart, q.oddEnd = len(q.text), len(q.text)
			break
		}
		q.oddStart = max(from, q.oddEnd) + i
		q.oddEnd = quotesEnd(q.text, q.oddStart)
		if (q.oddEnd-q.oddStart)%2 == 0 {
			q.oddStart = -1
		}
	}
	if q.oddStart == len(q.text) {
		return -1
	}
	return q.oddEnd - 1
}

// quotesEnd returns the offset behind the quotes at an offset.
func quotesEnd(text string, at int) int {
	for at < len(text) && text[at] == '"' {
		at++
	}
	return at
}
