// Package table reads the CSV dialect of PowerShell, one record at a time.
//
// The dialect is that of Import-Csv: LF, CR and CRLF end a record, blank lines
// are skipped, blanks around an unquoted cell are dropped, a quote opens a
// quoted cell only at its beginning, a doubled quote inside quotes stands for
// one, and text behind the closing quote is appended.
//
// Source: ImportCsvHelper in CsvCommands.cs of PowerShell.
package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Bounds on one cell, in bytes, and on one record, in bytes and cells.
const (
	MaxCell   = 1 << 20
	MaxRecord = 16 << 20
	MaxCells  = 10_000
)

// How many bytes may be read again to go on behind broken records: freeReread,
// and rereadShare for each byte of the text. That makes reading linear whatever
// the input, and is far more than any export needs whose quotes are missing here
// and there.
const (
	freeReread  = 64 << 20
	rereadShare = 4
)

// The causes of an [Error].
var (
	ErrQuote  = errors.New("a quote opens a cell here and nothing closes it: the file is cut off, or a quote is missing")
	ErrCell   = fmt.Errorf("a cell of over %d bytes begins here", MaxCell)
	ErrRecord = fmt.Errorf("a record of over %d bytes or %d cells begins here", MaxRecord, MaxCells)
)

// ErrBroken is the final error of a text with too many broken records.
var ErrBroken = errors.New("too many broken records")

// Error says that a record could not be read.
type Error struct {
	Line, Column int // from 1; the column counts characters
	Err          error
}

func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %v", e.Line, e.Column, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Reader reads records. [New] makes one.
type Reader struct {
	Comma byte // separates cells; may be changed between records

	src    io.Reader
	srcErr error

	consumed, reread int64 // bytes

	// The text that was read from src and is not consumed is buf[start:end]. The
	// record, its terminator and what was skipped before it precede it.
	buf        []byte
	start, end int
	line       int  // of buf[start], from 1
	afterCR    bool // the text before start ended with CR, to which an LF may belong

	rec      []byte // the record, without its terminator; a part of buf
	recStart int    // its offset in buf
	recLine  int
	cells    []cell
	scratch  []byte
}

// cell is the raw text of a cell: rec[start:end]. That of a quoted one begins
// behind the opening quote and ends before the closing one if it is plain.
type cell struct {
	start, end int32
	quoted     bool
	plain      bool // the raw text needs no unquoting
	tail       bool // text other than blanks follows the closing quote
}

// New returns a Reader of text in UTF-8.
func New(src io.Reader, comma byte) *Reader {
	return &Reader{Comma: comma, src: src, line: 1, buf: make([]byte, 64<<10)}
}

// more reads more text behind what is there, and reports whether there was any.
// It moves the text: offsets from start stay right, others and the record do
// not.
func (r *Reader) more() bool {
	if r.srcErr != nil {
		return false
	}
	if r.start > 0 {
		copy(r.buf, r.buf[r.start:r.end])
		r.end -= r.start
		r.start = 0
	}
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		r.srcErr = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	r.srcErr = io.ErrNoProgress
	return false
}

// has reports whether there is text at an offset from start.
func (r *Reader) has(offset int) bool {
	for r.start+offset >= r.end {
		if !r.more() {
			return false
		}
	}
	return true
}

// Peek returns the text up to the next line end, at most limit bytes, without
// consuming it.
func (r *Reader) Peek(limit int) []byte {
	r.dropLF()
	for at := 0; at < limit && r.has(at); at++ {
		if c := r.buf[r.start+at]; c == '\r' || c == '\n' {
			return r.buf[r.start : r.start+at]
		}
	}
	return r.buf[r.start:min(r.start+limit, r.end)]
}

// SkipLine consumes the text up to and with the next line end.
func (r *Reader) SkipLine() {
	r.dropLF()
	for {
		text := r.buf[r.start:r.end]
		if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
			r.consumeLine(i)
			return
		}
		r.consumed += int64(len(text))
		r.start = r.end
		if !r.more() {
			return
		}
	}
}

// consumeLine consumes the text up to and with the line end at an offset from
// start.
func (r *Reader) consumeLine(offset int) {
	r.afterCR = r.buf[r.start+offset] == '\r'
	r.start += offset + 1
	r.consumed += int64(offset + 1)
	r.line++
}

// dropLF consumes an LF that belongs to the CR before it.
func (r *Reader) dropLF() {
	if r.afterCR && r.has(0) && r.buf[r.start] == '\n' {
		r.start++
	}
	r.afterCR = false
}

// Line returns the line on which the next record is looked for.
func (r *Reader) Line() int { return r.line }

// Read reads the next record. At the end it returns io.EOF. After an [Error] the
// next Read goes on with the line behind the one on which the broken record
// began. Any other error is final: ErrBroken, or that of the source, which drops
// the record that it cut short; Line is then the line on which it was met.
func (r *Reader) Read() error {
	r.dropLF()
	for r.has(0) && (r.buf[r.start] == '\n' || r.buf[r.start] == '\r') {
		r.consumeLine(0)
		r.dropLF()
	}
	if !r.has(0) {
		return r.srcErr
	}
	err := r.scan()
	if broken := (*Error)(nil); errors.As(err, &broken) {
		if !r.mayReread(r.end - r.start) {
			return r.giveUp()
		}
		r.SkipLine()
	}
	return err
}

// mayReread reports whether n bytes may be read again, and counts them.
func (r *Reader) mayReread(n int) bool {
	r.reread += int64(n)
	return r.reread <= freeReread+rereadShare*r.consumed
}

// Retry makes the next Read go on with the line behind the one on which the
// record just read began, instead of behind the record. It is for a record on
// several lines that makes no sense because a quote is missing. Where too much was
// read twice already, the next Read returns ErrBroken instead.
func (r *Reader) Retry() {
	i := bytes.IndexAny(r.rec, "\r\n")
	if i < 0 {
		return
	}
	r.consumed -= int64(r.start - r.recStart)
	r.start, r.line = r.recStart, r.recLine
	if r.mayReread(len(r.rec)) {
		r.consumeLine(i)
	} else {
		_ = r.giveUp()
	}
	r.rec, r.cells = nil, r.cells[:0]
}

// giveUp makes ErrBroken final, and returns it.
func (r *Reader) giveUp() error {
	r.srcErr, r.end = ErrBroken, r.start
	return ErrBroken
}

// scan finds the cells of the record that begins at start and consumes it.
func (r *Reader) scan() error {
	r.cells = r.cells[:0]
	for at := 0; ; {
		c, next, err := r.scanCell(at)
		if err != nil {
			return err
		}
		r.cells = append(r.cells, c)
		if next > MaxRecord || len(r.cells) > MaxCells {
			return r.broken(0, ErrRecord)
		}
		if !r.has(next) {
			if r.srcErr != io.EOF {
				return r.srcErr
			}
			r.finish(next)
			return nil
		}
		if r.buf[r.start+next] != r.Comma {
			r.finish(next)
			r.consumeLine(0)
			return nil
		}
		at = next + 1
	}
}

// finish makes the text up to an offset from start the record, and consumes it.
func (r *Reader) finish(offset int) {
	r.rec, r.recStart, r.recLine = r.buf[r.start:r.start+offset], r.start, r.line
	r.line += lineEnds(r.rec)
	r.start += offset
	r.consumed += int64(offset)
}

// scanCell finds the cell at an offset from start, and the offset of the
// separator, line end or end of the text behind it.
func (r *Reader) scanCell(at int) (c cell, next int, err error) {
	for from := at; r.has(at) && r.blank(r.buf[r.start+at]); at++ {
		if at-from > MaxCell {
			return c, at, r.broken(from, ErrCell)
		}
	}
	if r.has(at) && r.buf[r.start+at] == '"' {
		return r.scanQuoted(at + 1)
	}
	next, err = r.scanPlain(at)
	end := next
	for end > at && r.blank(r.buf[r.start+end-1]) {
		end--
	}
	return cell{start: int32(at), end: int32(end), plain: true}, next, err
}

func (r *Reader) blank(c byte) bool { return c == ' ' || c == '\t' && r.Comma != '\t' }

// scanPlain returns the offset of what ends the text without quotes at an offset
// from start.
func (r *Reader) scanPlain(from int) (next int, err error) {
	for at := from; ; {
		text := r.buf[r.start+at : r.end]
		for i, c := range text {
			if c == r.Comma || c == '\n' || c == '\r' {
				return at + i, nil
			}
		}
		if at += len(text); at-from > MaxCell {
			return at, r.broken(from, ErrCell)
		}
		if !r.more() {
			return at, nil
		}
	}
}

// scanQuoted is scanCell behind an opening quote.
func (r *Reader) scanQuoted(from int) (c cell, next int, err error) {
	c = cell{start: int32(from), quoted: true, plain: true}
	for at := from; ; {
		i := bytes.IndexByte(r.buf[r.start+at:r.end], '"')
		if i < 0 {
			at = r.end - r.start
		} else {
			at += i
		}
		if at-from > MaxCell {
			return c, at, r.broken(from-1, ErrCell)
		}
		if i < 0 {
			if r.more() {
				continue
			}
			if r.srcErr != io.EOF {
				return c, at, r.srcErr
			}
			return c, at, r.broken(from-1, ErrQuote)
		}
		if !r.has(at + 1) {
			c.end = int32(at)
			return c, at + 1, nil
		}
		switch r.buf[r.start+at+1] {
		case '"':
			c.plain = false
			at += 2
		case r.Comma, '\r', '\n':
			c.end = int32(at)
			return c, at + 1, nil
		default:
			c.plain = false
			next, err = r.scanPlain(at + 1)
			c.end = int32(next)
			c.tail = err == nil && len(bytes.Trim(r.buf[r.start+at+1:r.start+next], " \t")) > 0
			return c, next, err
		}
	}
}

// broken returns the error that the record is broken at an offset from start.
func (r *Reader) broken(offset int, cause error) error {
	line, column := place(r.buf[r.start : r.start+offset])
	return &Error{Line: r.line + line, Column: column, Err: cause}
}

// place returns how many line ends the text has, and the column behind it.
func place(text []byte) (lines, column int) {
	last := bytes.LastIndexAny(text, "\r\n") + 1
	return lineEnds(text), utf8.RuneCount(text[last:]) + 1
}

// lineEnds counts the line ends in the text.
func lineEnds(text []byte) int {
	n := bytes.Count(text, []byte{'\n'})
	if cr := bytes.Count(text, []byte{'\r'}); cr > 0 {
		n += cr - bytes.Count(text, []byte("\r\n"))
	}
	return n
}

// Len returns the number of cells of the record.
func (r *Reader) Len() int { return len(r.cells) }

// Text returns the text of cell i of the record. It is valid until the next
// call of any method but Len, Suspect and Pos.
func (r *Reader) Text(i int) []byte {
	c := r.cells[i]
	raw := r.rec[c.start:c.end]
	if c.plain {
		return raw
	}
	out := r.scratch[:0]
	for {
		q := bytes.IndexByte(raw, '"')
		if q < 0 {
			break
		}
		out = append(out, raw[:q]...)
		if q+1 < len(raw) && raw[q+1] == '"' {
			out = append(out, '"')
			raw = raw[q+2:]
			continue
		}
		raw = bytes.TrimRight(raw[q+1:], " \t") // the text behind the closing quote
		break
	}
	r.scratch = append(out, raw...)
	return r.scratch
}

// Suspect reports whether cell i of the record has line breaks inside its quotes
// and text behind them. Nothing writes that on purpose: most likely the quote that
// should close the cell is missing and it goes on to the next one.
func (r *Reader) Suspect(i int) bool {
	c := r.cells[i]
	return c.tail && bytes.ContainsAny(r.rec[c.start:c.end], "\r\n")
}

// Pos returns the line and the column, in characters, where cell i of the record
// begins, both from 1.
func (r *Reader) Pos(i int) (line, column int) {
	start := r.cells[i].start
	if r.cells[i].quoted {
		start--
	}
	lines, column := place(r.rec[:start])
	return r.recLine + lines, column
}
