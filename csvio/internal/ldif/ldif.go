// Package ldif reads LDIF as ldifde exports it, one entry at a time.
//
// An entry begins with its dn line and ends at a blank line, at the dn line of the
// next entry, or with the text. Each of its other lines is a value of an
// attribute: "name: text", or "name:: base64". An attribute that repeats has
// several values. A line that begins with a blank continues the one before it, at
// whatever character that was broken; a line that begins with # is a comment, with
// the lines that continue it. LF, CR and CRLF end a line.
//
// Beyond RFC 2849, an entry may follow another without a blank line, for there is
// no attribute of the name dn; a version line may stand before any entry, as in
// files that were joined; lines of nothing but blanks are blank lines where they
// continue none; and a line of one hyphen, which ends a part of a modification, is
// passed over.
//
// Sources: RFC 2849; learn.microsoft.com/windows/win32/ad/ldif-scripts, which says
// what ldifde writes.
package ldif

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"
)

// Bounds on one value, in bytes as it is written, and on one entry, in bytes as it
// is written and in values. Line ends and the blanks before continuations do not
// count, and comments neither: they are not kept.
const (
	MaxValue  = 1 << 20
	MaxEntry  = 16 << 20
	MaxValues = 10_000 // without the dn
)

// maxLine bounds what is kept of a line and those that continue it: a value, and
// before it more of a name than any attribute has.
const maxLine = MaxValue + 1<<10

// The causes of an [Error].
var (
	ErrVersion = errors.New("not version 1, the only one there is of LDIF")
	ErrDN      = errors.New("an entry begins with a line dn: or dn::, and this is none")
	ErrLine    = errors.New(`neither "attribute: value" nor a comment nor the continuation of a line`)
	ErrBase64  = errors.New("not base64")
	ErrUTF8    = errors.New("a dn is UTF-8, and this is not")
	ErrURL     = errors.New("the value is in another file, and nothing but this one is read")
	ErrChange  = errors.New("an entry that changes another; an export adds its entries (changetype: add) and does nothing else")
	ErrValue   = fmt.Errorf("a value of over %d bytes begins here", MaxValue)
	ErrEntry   = fmt.Errorf("an entry of over %d bytes or %d values begins here", MaxEntry, MaxValues)
)

// Error says that an entry could not be read.
type Error struct {
	Line, Column int // from 1; the column counts characters
	Err          error
}

func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %v", e.Line, e.Column, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Reader reads entries. [New] makes one. It is not safe for concurrent use.
type Reader struct {
	src    io.Reader
	srcErr error

	// The text that was read from src and is not consumed is buf[start:end].
	buf        []byte
	start, end int
	here       int  // line of buf[start], from 1
	afterCR    bool // the text before start ended with CR, to which an LF may belong

	// The line that was read last, with those that continue it.
	text   []byte // at most maxLine bytes
	length int    // of the text with what was dropped of it
	first  int    // of the part of the text on the first line
	line   int    // of the first line, from 1
	name   []byte // what names the attribute, with its options; nil if nothing does
	held   bool   // it begins the next entry
	skip   bool   // it belongs to a broken entry

	// The entry.
	entryLine int
	size      int    // as it is written
	data      []byte // names and values
	values    []value
}

// value is a value in data, with its attribute. The dn is the first of an entry.
type value struct {
	name, text, end int32 // the name is data[name:text], the value data[text:end]
	line, column    int
}

// New returns a Reader of text in UTF-8.
func New(src io.Reader) *Reader {
	return &Reader{src: src, here: 1, buf: make([]byte, 64<<10)}
}

// Read reads the next entry. At the end it returns io.EOF. An [Error] leaves out
// the entry, and the next Read goes on with the entry behind it. Any other error is
// that of the source, which drops the entry that it cut short, and is final.
//
// Nothing but the dn has to be UTF-8.
func (r *Reader) Read() error {
	r.clear()
	if err := r.begin(); err != nil {
		return err
	}
	for r.next() {
		if r.blank() {
			return nil
		}
		if r.isDN() {
			r.held = true
			return nil
		}
		if err := r.add(); err != nil {
			return err
		}
	}
	if r.srcErr != io.EOF {
		return r.final()
	}
	return nil
}

// begin finds the dn line of an entry, behind the rest of a broken one.
func (r *Reader) begin() error {
	for r.next() {
		r.skip = r.skip && !r.blank() && !r.isDN()
		if r.skip || r.blank() {
			continue
		}
		r.entryLine = r.line
		if r.isDN() {
			return r.add()
		}
		if !isName(r.name, "version") {
			return r.broken(0, ErrDN)
		}
		if from := r.fill(len(r.name) + 1); string(bytes.TrimRight(r.text[from:], " ")) != "1" {
			return r.broken(from, ErrVersion)
		}
	}
	return r.final()
}

// add adds the line to the entry.
func (r *Reader) add() error {
	if string(r.text) == "-" {
		return nil
	}
	if r.name == nil {
		return r.broken(0, ErrLine)
	}
	form, from := byte(' '), len(r.name)+1
	if from < len(r.text) && (r.text[from] == ':' || r.text[from] == '<') {
		form = r.text[from]
		from++
	}
	from = r.fill(from)
	if form == '<' {
		return r.broken(from, ErrURL)
	}
	if r.length > len(r.text) || r.length-from > MaxValue {
		return r.broken(from, ErrValue)
	}
	return r.addValue(attribute(r.name), from, form == ':')
}

// addValue adds the value that begins at an offset in the line.
func (r *Reader) addValue(name []byte, from int, encoded bool) error {
	if r.size += r.length; r.size > MaxEntry {
		return r.large()
	}
	v := value{name: int32(len(r.data)), line: r.line, column: r.column(from)}
	r.data = append(r.data, name...)
	v.text = int32(len(r.data))
	if encoded {
		var err error
		if r.data, err = base64.StdEncoding.AppendDecode(r.data, bytes.TrimRight(r.text[from:], " ")); err != nil {
			return r.broken(from, ErrBase64)
		}
	} else {
		r.data = append(r.data, r.text[from:]...)
	}
	v.end = int32(len(r.data))
	text := r.data[v.text:]
	switch {
	case len(r.values) == 0 && !utf8.Valid(text):
		return r.broken(from, ErrUTF8)
	case !isName(name, "changetype"):
		if len(r.values) > MaxValues {
			return r.large()
		}
		r.values = append(r.values, v)
	case !bytes.EqualFold(bytes.TrimRight(text, " "), []byte("add")):
		return r.broken(from, ErrChange)
	}
	return nil
}

// attribute returns the name of an attribute without the options that say how or
// which of its values are written: binary, and the range of values that Active
// Directory answers with where an attribute has many. Any other option, such as a
// language, makes it another attribute.
func attribute(name []byte) []byte {
	for {
		i := bytes.LastIndexByte(name, ';')
		if i <= 0 {
			return name
		}
		option := name[i+1:]
		ranged := len(option) > len("range=") && isName(option[:len("range=")], "range=")
		if !ranged && !isName(option, "binary") {
			return name
		}
		name = name[:i]
	}
}

// nameOf returns what stands before the first colon of a line if it is an attribute
// with its options, and nil if not.
func nameOf(text []byte) []byte {
	name := text[:max(0, bytes.IndexByte(text, ':'))]
	options := false
	for i, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_':
		case c == ';' && i > 0:
			options = true
		case (c == '=' || c == '*') && options: // range=1500-*
		default:
			return nil
		}
	}
	if len(name) == 0 {
		return nil
	}
	return name
}

func (r *Reader) isDN() bool { return isName(r.name, "dn") }

// isName reports whether a name is the other one but for case.
func isName(name []byte, other string) bool {
	return len(name) == len(other) && bytes.EqualFold(name, []byte(other))
}

// fill returns the offset in the line behind the blanks at an offset.
func (r *Reader) fill(from int) int {
	for from < len(r.text) && r.text[from] == ' ' {
		from++
	}
	return from
}

// blank reports whether there is nothing but blanks on the line.
func (r *Reader) blank() bool {
	return r.length == len(r.text) && len(bytes.TrimLeft(r.text, " \t")) == 0
}

// column returns the column of an offset in the line, or the end of its first line
// for one on a continuation.
func (r *Reader) column(offset int) int {
	return utf8.RuneCount(r.text[:min(offset, r.first)]) + 1
}

// broken returns the error that the entry is broken at an offset in the line, and
// drops it.
func (r *Reader) broken(offset int, cause error) error {
	r.clear()
	r.skip = true
	return &Error{Line: r.line, Column: r.column(offset), Err: cause}
}

// large returns the error that there is too much in the entry, and drops it.
func (r *Reader) large() error {
	r.clear()
	r.skip = true
	return &Error{Line: r.entryLine, Column: 1, Err: ErrEntry}
}

// final returns what ended the text, and drops the entry.
func (r *Reader) final() error {
	r.clear()
	r.entryLine = r.here
	return r.srcErr
}

// clear drops the entry.
func (r *Reader) clear() {
	r.size, r.data, r.values = 0, r.data[:0], r.values[:0]
}

// next reads the next line that is no comment, with those that continue it. At the
// end of the text, or if the source fails, it reports false.
func (r *Reader) next() bool {
	if r.held {
		r.held = false
		return true
	}
	for r.more() {
		r.text, r.length, r.name, r.line = r.text[:0], 0, nil, r.here
		r.rest()
		r.first = len(r.text)
		if r.length == 0 {
			return true
		}
		for r.more() && r.buf[r.start] == ' ' {
			r.start++
			r.rest()
		}
		if r.start == r.end && r.srcErr != io.EOF {
			return false
		}
		if r.text[0] != '#' {
			r.name = nameOf(r.text)
			return true
		}
	}
	return false
}

// rest adds the text up to the next line end to the line, and consumes it with the
// line end.
func (r *Reader) rest() {
	for r.start < r.end || r.read() {
		text := r.buf[r.start:r.end]
		i := bytes.IndexAny(text, "\r\n")
		if i >= 0 {
			text = text[:i]
		}
		r.text = append(r.text, text[:min(len(text), maxLine-len(r.text))]...)
		r.length += len(text)
		r.start += len(text)
		if i >= 0 {
			r.afterCR = r.buf[r.start] == '\r'
			r.start++
			r.here++
			return
		}
	}
}

// more drops an LF that belongs to the CR before it, and reports whether there is
// more text.
func (r *Reader) more() bool {
	if r.start == r.end && !r.read() {
		return false
	}
	if r.afterCR && r.buf[r.start] == '\n' {
		r.start++
	}
	r.afterCR = false
	return r.start < r.end || r.read()
}

// read reads text where there is none left, and reports whether there was any.
func (r *Reader) read() bool {
	if r.srcErr != nil {
		return false
	}
	for range 100 {
		n, err := r.src.Read(r.buf)
		r.start, r.end, r.srcErr = 0, n, err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	r.srcErr = io.ErrNoProgress
	return false
}

// Line returns the line on which the entry begins, a broken one too. After any
// other error it is the line on which that was met.
func (r *Reader) Line() int { return r.entryLine }

// DN returns the distinguished name of the entry, which may be empty: that is the
// root of a directory. It is also the value of the attribute dn.
func (r *Reader) DN() string {
	dn, _ := r.Value("dn")
	return string(dn)
}

// Value returns the first value of an attribute, whose name may be in any case, and
// whether there is one. It is valid until the next Read.
func (r *Reader) Value(name string) ([]byte, bool) {
	for text := range r.Values(name) {
		return text, true
	}
	return nil, false
}

// Values returns the values of an attribute, in their order. They are valid until
// the next Read.
func (r *Reader) Values(name string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, v := range r.values {
			if isName(r.data[v.name:v.text], name) && !yield(r.data[v.text:v.end:v.end]) {
				return
			}
		}
	}
}

// Pos returns the line and the column, in characters, where value i of an attribute
// begins, all but i from 1, or 0 and 0 if there is none. That of a value which begins
// on a continuation is the end of the line with its name.
func (r *Reader) Pos(name string, i int) (line, column int) {
	for _, v := range r.values {
		if isName(r.data[v.name:v.text], name) {
			if i == 0 {
				return v.line, v.column
			}
			i--
		}
	}
	return 0, 0
}
