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
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"
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
	forms    form // of any cell
	scratch  []byte

	// Offsets in the record that is being scanned: there are no line ends before
	// firstEnd, nor from the place that was scanned on before nextEnd.
	firstEnd, nextEnd int
}

// cell is the raw text of a cell: rec[start:end]. That of a quoted one begins
// behind the opening quote and ends before the closing one, unless it is escaped.
//
// It has no more than four fields: the compiler keeps larger structs in memory.
type cell struct {
	start, end int32
	form       form
}

// form says how a cell is written.
type form uint8

const (
	quoted  form = 1 << iota
	escaped      // a quoted cell whose raw text is to be unquoted
	tailed       // text other than blanks follows the closing quote
)

// New returns a Reader of text in UTF-8.
func New(src io.Reader, comma byte) *Reader {
	return &Reader{Comma: comma, src: src, line: 1, buf: make([]byte, 2*minRead)}
}

// minRead is how much room the source gets at least.
const minRead = 64 << 10

// more reads more text behind what is there, and reports whether there was any.
// It moves the text: offsets from start stay right, others and the record do
// not.
func (r *Reader) more() bool {
	if r.srcErr != nil {
		return false
	}
	if len(r.buf)-r.end < minRead {
		copy(r.buf, r.buf[r.start:r.end])
		r.end -= r.start
		r.start = 0
	}
	if len(r.buf)-r.end < minRead {
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
		if i := lineEnd(text, 0); i < len(text) {
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
	reach, err := r.scan()
	if _, broken := err.(*Error); broken {
		if !r.mayReread(reach) {
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
	i := lineEnd(r.rec, 0)
	if i == len(r.rec) {
		return
	}
	r.consumed -= int64(r.start - r.recStart)
	r.start, r.line = r.recStart, r.recLine
	if r.mayReread(len(r.rec)) {
		r.consumeLine(i)
	} else {
		_ = r.giveUp()
	}
	r.rec, r.cells, r.forms = nil, r.cells[:0], 0
}

// giveUp makes ErrBroken final, and returns it.
func (r *Reader) giveUp() error {
	r.srcErr, r.end = ErrBroken, r.start
	return ErrBroken
}

// scan finds the cells of the record that begins at start and consumes it. If it
// cannot, reach is the offset from start up to which it looked.
func (r *Reader) scan() (reach int, err error) {
	r.cells, r.forms = r.cells[:0], 0
	r.firstEnd = lineEnd(r.buf[r.start:r.end], 0)
	r.nextEnd = r.firstEnd
	for at, ended := 0, false; ; at++ {
		if at, ended = r.scanUsual(at); !ended {
			var c cell
			if c, at, err = r.scanCell(at); err != nil {
				return at, err
			}
			r.cells, r.forms = append(r.cells, c), r.forms|c.form
			if at > MaxRecord || len(r.cells) > MaxCells {
				return at, r.broken(0, ErrRecord)
			}
			if !r.has(at) {
				if r.srcErr != io.EOF {
					return at, r.srcErr
				}
				r.finish(at)
				return at, nil
			}
			ended = r.buf[r.start+at] != r.Comma
		}
		if ended {
			r.finish(at)
			r.consumeLine(0)
			return at, nil
		}
	}
}

// finish makes the text up to an offset from start the record, and consumes it.
func (r *Reader) finish(offset int) {
	r.rec, r.recStart, r.recLine = r.buf[r.start:r.start+offset], r.start, r.line
	if offset > r.firstEnd {
		r.line += lineEnds(r.rec)
	}
	r.start += offset
	r.consumed += int64(offset)
}

// scanUsual finds cells at an offset from start and behind it at a glance, as long
// as they are of the usual forms and the buffer has them. It returns the offset of
// the cell behind them, or, if they end the record, of its line end.
func (r *Reader) scanUsual(at int) (next int, ended bool) {
	if r.blank(r.Comma) {
		return at, false // it is no separator everywhere
	}
	// In a part of that size no record passes the limit.
	text := r.buf[r.start:min(r.start+MaxRecord, r.end)]
	for was := -1; was < at && !ended; {
		was = at
		if r.cells, at, ended = appendQuoted(r.cells, text, at, r.Comma); ended {
			break
		}
		if r.nextEnd < at {
			r.nextEnd = lineEnd(text, at)
		}
		r.cells, at, ended = appendUnquoted(r.cells, text, at, r.nextEnd, r.Comma)
	}
	return at, ended
}

// appendQuoted is scanUsual for cells as Export-Csv writes them: in quotes with
// none inside, or after the first nothing at all. It finds all quotes of a block
// of text at once: to look for one after the other takes longer, since none can be
// looked for before the one before it is found.
func appendQuoted(cells []cell, text []byte, at int, comma byte) (_ []cell, next int, ended bool) {
	if at >= len(text) || text[at] != '"' {
		return cells, at, false
	}
	between := '"' | uint32(comma)<<8 | '"'<<16 // two such cells
	for block := at; block+blockSize+4 <= len(text) && block+blockSize-at <= MaxCell && len(cells)+blockSize <= MaxCells; block += blockSize {
		cells = slices.Grow(cells, blockSize) // no more than one ends at each byte of the block
		quotes := quotesIn((*[blockSize]byte)(text[block:]))
		if at >= block {
			quotes &^= 1 << uint(at-block) // the one that opens the cell
		}
		for quotes != 0 {
			i := bits.TrailingZeros64(quotes)
			n, q := len(cells), block+i
			cells = cells[:n+1] // quicker than append
			cells[n] = cell{int32(at + 1), int32(q), quoted}
			behind := binary.LittleEndian.Uint32(text[q:])
			if behind&0xFFFFFF == between {
				at = q + 2
				quotes &^= 0b101 << uint(i)
				continue
			}
			if c := byte(behind >> 8); c == '\r' || c == '\n' {
				return cells, q + 1, true
			} else if c != comma {
				return cells[:n], at, false
			}
			for at = q + 2; at < len(text) && text[at] == comma && len(cells) < MaxCells; at++ {
				cells = append(cells, cell{int32(at), int32(at), 0})
			}
			if at == len(text) || text[at] != '"' {
				return cells, at, false
			}
			quotes = quotes & (quotes - 1) &^ (1 << uint(at-block))
		}
	}
	return cells, at, false
}

// blockSize is how many bytes quotesIn takes.
const blockSize = 64

// quotesIn returns the places of the quotes in a block of text, a bit each, that
// of the first byte lowest. Inside of its caller it would be slower for want of
// registers.
//
//go:noinline
func quotesIn(b *[blockSize]byte) uint64 {
	return quotesInWord(b[:]) | quotesInWord(b[8:])<<8 | quotesInWord(b[16:])<<16 | quotesInWord(b[24:])<<24 |
		quotesInWord(b[32:])<<32 | quotesInWord(b[40:])<<40 | quotesInWord(b[48:])<<48 | quotesInWord(b[56:])<<56
}

// quotesInWord is quotesIn for 8 bytes.
func quotesInWord(b []byte) uint64 {
	const low = 0x7F7F7F7F7F7F7F7F
	x := binary.LittleEndian.Uint64(b) ^ 0x2222222222222222
	// Of each byte that is 0 now, and of no other, set the high bit; then move
	// these bits together.
	x = ^(x&low + low | x | low)
	return x * 0x0002040810204081 >> 56
}

// appendUnquoted is scanUsual for cells without quotes and blanks around them. No
// line end is in text[at:line].
func appendUnquoted(cells []cell, text []byte, at, line int, comma byte) (_ []cell, next int, ended bool) {
	line = min(line, len(text))
	for at <= line && len(cells) < MaxCells {
		end := line
		if n := bytes.IndexByte(text[at:line], comma); n >= 0 {
			end = at + n
		}
		if end == len(text) || end-at > MaxCell || end > at && (text[at] <= '"' || text[end-1] <= ' ') {
			break
		}
		if c := text[end]; c == '\r' || c == '\n' {
			return append(cells, cell{int32(at), int32(end), 0}), end, true
		} else if c != comma {
			break // the line goes on
		}
		cells = append(cells, cell{int32(at), int32(end), 0})
		at = end + 1
	}
	return cells, at, false
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
	return cell{int32(at), int32(end), 0}, next, err
}

func (r *Reader) blank(c byte) bool { return c == ' ' || c == '\t' && r.Comma != '\t' }

// scanPlain returns the offset of what ends the text without quotes at an offset
// from start.
func (r *Reader) scanPlain(from int) (next int, err error) {
	for at := from; ; {
		text := r.buf[r.start+at : r.end]
		n := 0
		for n < len(text) && text[n] != r.Comma && text[n] != '\n' && text[n] != '\r' {
			n++
		}
		if at += n; at-from > MaxCell {
			return at, r.broken(from, ErrCell)
		}
		if n < len(text) || !r.more() {
			return at, nil
		}
	}
}

// scanQuoted is scanCell behind an opening quote.
func (r *Reader) scanQuoted(from int) (c cell, next int, err error) {
	c = cell{start: int32(from), form: quoted}
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
			c.form |= escaped
			at += 2
		case r.Comma, '\r', '\n':
			c.end = int32(at)
			return c, at + 1, nil
		default:
			c.form |= escaped
			next, err = r.scanPlain(at + 1)
			c.end = int32(next)
			if err == nil && len(bytes.Trim(r.buf[r.start+at+1:r.start+next], " \t")) > 0 {
				c.form |= tailed
			}
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

// lineEnd returns the offset of the first line end at an offset or behind it, and
// that of the end of the text if there is none.
func lineEnd(text []byte, at int) int {
	const stretch = 1 << 10 // so that an LF is not looked for far behind a CR
	for ; at < len(text); at += stretch {
		part := text[at:min(at+stretch, len(text))]
		lf := bytes.IndexByte(part, '\n')
		if lf >= 0 {
			part = part[:lf]
		}
		if cr := bytes.IndexByte(part, '\r'); cr >= 0 {
			return at + cr
		}
		if lf >= 0 {
			return at + lf
		}
	}
	return len(text)
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
// call of any method but Len, Null, Suspect and Pos.
func (r *Reader) Text(i int) []byte {
	if c := r.cells[i]; c.form&escaped == 0 {
		return r.rec[c.start:c.end]
	}
	return r.unquoted(i)
}

// Trimmed returns the same without white space around it.
func (r *Reader) Trimmed(i int) []byte {
	c := r.cells[i]
	if c.form&escaped == 0 {
		if text := r.rec[c.start:c.end]; len(text) == 0 || visible(text[0]) && visible(text[len(text)-1]) {
			return text // as nearly always
		}
	}
	return r.trimmed(i)
}

// trimmed is Trimmed for any cell; apart from it, the usual ones need no call.
func (r *Reader) trimmed(i int) []byte { return bytes.TrimSpace(r.Text(i)) }

// visible reports whether a byte is a character of ASCII that is no white space.
func visible(c byte) bool { return c-'!' < utf8.RuneSelf-'!' }

// unquoted returns the text of a quoted cell with quotes inside.
func (r *Reader) unquoted(i int) []byte {
	c := r.cells[i]
	raw, out := r.rec[c.start:c.end], r.scratch[:0]
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

// Null reports whether cell i of the record is null: nothing, or blanks alone, is
// between its separators, as Export-Csv writes $null. A quoted cell is not null:
// "" is an empty string.
func (r *Reader) Null(i int) bool {
	c := r.cells[i]
	return c.form&quoted == 0 && c.start == c.end
}

// Suspect reports whether cell i of the record has line breaks inside its quotes
// and text behind them. Nothing writes that on purpose: most likely the quote that
// should close the cell is missing and it goes on to the next one.
func (r *Reader) Suspect(i int) bool {
	c := r.cells[i]
	return c.form&tailed != 0 && lineEnd(r.rec[:c.end], int(c.start)) < int(c.end)
}

// MaySuspect reports whether it may be that Suspect is true of a cell of the
// record. It takes no time, and is hardly ever true.
func (r *Reader) MaySuspect() bool { return r.forms&tailed != 0 }

// Pos returns the line and the column, in characters, where cell i of the record
// begins, both from 1.
func (r *Reader) Pos(i int) (line, column int) {
	start := r.cells[i].start
	if r.cells[i].form&quoted != 0 {
		start--
	}
	if start == 0 {
		return r.recLine, 1
	}
	lines, column := place(r.rec[:start])
	return r.recLine + lines, column
}
