package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode"

	"github.com/staged-migration/staged/csvio/internal/table"
	"github.com/staged-migration/staged/inventory"
)

// reader makes values of the row that a sheet is at and emits them, until emit
// reports false. An error says that the row is bad, or why it is skipped.
type reader[T any] func(emit func(*T) bool) error

// skipped is the error of a row that is left out, with the reason.
type skipped string

func (s skipped) Error() string { return string(s) }

// one is the reader of an export with one value a row.
func one[T any](read func() (*T, error)) reader[T] {
	return func(emit func(*T) bool) error {
		row, err := read()
		if err == nil {
			emit(row)
		}
		return err
	}
}

// rows reads an export whose columns bind finds: as a stream of what the reader it
// returns makes of each row.
func rows[T any](r io.Reader, opts *ReadOptions, bind func(*sheet) (reader[T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		var o ReadOptions
		if opts != nil {
			o = *opts
		}
		text, err := o.source(r)
		if err != nil {
			yield(nil, &RowError{o.name(), 1, 1, "", err})
			return
		}
		readSheet(text, &o, bind, yield)
	}
}

// readSheet reads a text in rows.
func readSheet[T any](text io.Reader, o *ReadOptions, bind func(*sheet) (reader[T], error), yield func(*T, error) bool) {
	s, err := openSheet(text, o)
	if err != nil {
		yield(nil, err)
		return
	}
	read, err := bind(s)
	if s.twice != nil {
		err = s.twice
	}
	if err != nil {
		yield(nil, err)
		return
	}
	more := true
	emit := func(row *T) bool {
		more = more && yield(row, nil)
		return more
	}
	for more && s.next() {
		if err := read(emit); err != nil {
			s.leaveOut(err)
		}
	}
	if !more {
		return
	}
	s.warnLost()
	if s.err != nil {
		yield(nil, s.err)
	}
}

// sheet is an export that is being read.
type sheet struct {
	file   string
	opts   ReadOptions
	t      *table.Reader
	header []string // as the file has it
	normal []string // the same as normalHeader makes it
	line   int      // of the header
	err    error    // what ended the reading, if not the end of the file
	names  map[string]string
	last   []string // what name returned last, by column
	lost   []loss

	surplus int   // how many cells a row may have behind the last column
	twice   error // two columns with the same name were asked for
}

// formatTable begins the header that Format-Table and Format-List leave behind
// when they are piped into Export-Csv. Source: the documentation of Export-Csv.
const formatTable = "ClassId2e4f51ef21dd47e99d3c952918aff9cd"

// openSheet reads what precedes the rows.
func openSheet(text io.Reader, o *ReadOptions) (*sheet, error) {
	s := &sheet{file: o.name(), opts: *o, names: make(map[string]string), t: table.New(text, ',')}
	// Import-Csv passes over these lines too. Source: ImportCsvHelper of PowerShell.
	for head := s.t.Peek(len(fields)); hasTypeLine(head) || len(head) > 0 && head[0] == '#' && string(head) != fields; head = s.t.Peek(len(fields)) {
		s.t.SkipLine()
	}
	s.t.Comma = guessComma(s.t.Peek(table.MaxCell))
	if err := s.t.Read(); err != nil {
		if err == io.EOF {
			err = fmt.Errorf("%w: it is empty", ErrFormat)
		}
		return nil, s.placed(err)
	}
	return s, s.readHeader()
}

// fields begins the header of a log of the W3C form, and does not belong to the name of
// the first column.
const fields = "#Fields: "

// hasTypeLine reports whether Export-Csv named the type of what it wrote.
func hasTypeLine(head []byte) bool {
	return len(head) >= 5 && bytes.EqualFold(head[:5], []byte("#TYPE"))
}

// guessComma returns the separator that a header has most of outside quotes; the
// comma if it has none.
func guessComma(header []byte) byte {
	var counts [256]int
	quoted := false
	for _, c := range header {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// readHeader takes the record just read as the header.
func (s *sheet) readHeader() error {
	s.line, _ = s.t.Pos(0)
	seen := make(map[string]int)
	for i := range s.t.Len() {
		name := strings.TrimSpace(string(s.t.Text(i)))
		if i == 0 {
			name = strings.TrimPrefix(name, fields)
		}
		s.header = append(s.header, name)
		if strings.HasPrefix(name, formatTable) {
			return s.at(i, fmt.Errorf("%w: it was made by Format-Table or Format-List; pipe the objects into Export-Csv without them", ErrFormat))
		}
		if first, twice := seen[strings.ToLower(name)]; twice && name != "" {
			return s.at(i, fmt.Errorf("%w: column %d has the name of column %d, %q", ErrFormat, i+1, first+1, clip([]byte(name))))
		}
		seen[strings.ToLower(name)] = i
	}
	for len(s.header) > 0 && s.header[len(s.header)-1] == "" {
		s.header = s.header[:len(s.header)-1]
	}
	for _, h := range s.header {
		s.normal = append(s.normal, normalHeader(h))
	}
	s.last = make([]string, len(s.header))
	return nil
}

// next moves to the next row that fits the header.
func (s *sheet) next() bool {
	for s.err == nil {
		err := s.t.Read()
		if err == io.EOF {
			return false
		}
		if err != nil {
			if _, broken := errors.AsType[*table.Error](err); broken || errors.Is(err, ErrTruncated) {
				s.reject(s.placed(err))
				if broken {
					continue
				}
				return false
			}
			s.err = s.placed(err)
			return false
		}
		if err := s.checkRow(); err != nil {
			s.reject(err)
			continue
		}
		return true
	}
	return false
}

// checkRow refuses a row with too few cells or too many, since what is in its
// cells may belong to other columns, and one that seems to have swallowed others,
// which it gives back. Empty cells behind the last column do no harm. The error
// has the line on which the row begins.
func (s *sheet) checkRow() error {
	n := s.t.Len()
	for i := 0; i < n && s.t.MaySuspect(); i++ {
		if s.t.Suspect(i) {
			line, column := s.t.Pos(i)
			err := s.atRow(fmt.Errorf("%w: it seems that a quote is missing in the cell at %d:%d, which goes on over lines", ErrRow, line, column))
			s.t.Retry()
			return err
		}
	}
	for n > len(s.header) && len(s.t.Text(n-1)) == 0 {
		n--
	}
	if n >= len(s.header) && n <= len(s.header)+s.surplus {
		return nil
	}
	return s.atRow(fmt.Errorf("%w: it has %d cells, the header has %d", ErrRow, s.t.Len(), len(s.header)))
}

// leaveOut passes on why a row is left out.
func (s *sheet) leaveOut(err error) {
	if why, ok := err.(skipped); ok {
		if s.opts.Skip != nil {
			s.opts.Skip(string(why), s.source().Line)
		}
		return
	}
	s.reject(err)
}

// reject passes on that a row cannot be read.
func (s *sheet) reject(err error) {
	row, ok := errors.AsType[*RowError](err)
	if s.opts.Bad == nil || !ok {
		s.err = err
		return
	}
	s.opts.Bad(row)
}

// at returns err at the place of cell i of the row.
func (s *sheet) at(i int, err error) error {
	line, column := s.t.Pos(i)
	header := ""
	if i < len(s.header) {
		header = clip([]byte(s.header[i]))
	}
	return &RowError{s.file, line, column, header, err}
}

// atRow returns err at the place where the row begins.
func (s *sheet) atRow(err error) error {
	line, column := s.t.Pos(0)
	return &RowError{s.file, line, column, "", err}
}

// placed returns an error of the table with its place.
func (s *sheet) placed(err error) error {
	if broken, ok := errors.AsType[*table.Error](err); ok {
		return &RowError{s.file, broken.Line, broken.Column, "", broken.Err}
	}
	return &RowError{s.file, s.t.Line(), 1, "", err}
}

// source returns the place of the row.
func (s *sheet) source() inventory.Source {
	line, _ := s.t.Pos(0)
	return inventory.Source{File: s.file, Line: line}
}

// column is the position of a column, or absent.
type column int

const absent column = -1

// find returns the column with the first of the names that the header has.
// Case, blanks and punctuation do not matter. If two columns have that name, the
// file cannot be used.
func (s *sheet) find(names ...string) column {
	for _, name := range names {
		found := absent
		for i, h := range s.normal {
			if h != name {
				continue
			}
			if found != absent && s.twice == nil {
				s.twice = s.at(i, fmt.Errorf("%w: columns %d and %d have the same name, but for case, blanks and punctuation", ErrFormat, int(found)+1, i+1))
			}
			found = column(i)
		}
		if found != absent {
			return found
		}
	}
	return absent
}

// normalHeader keeps the letters and digits of a header, in lower case.
func normalHeader(h string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, h)
}

// bytes returns the text of the row in a column, without blanks around it. It is
// empty for a null, an empty cell and an absent column.
func (s *sheet) bytes(c column) []byte {
	if c == absent {
		return nil
	}
	return s.t.Trimmed(int(c))
}

// text returns the same as a string.
func (s *sheet) text(c column) string { return strings.ToValidUTF8(string(s.bytes(c)), "\uFFFD") }

// name returns the same for a column whose values repeat; equal ones share their
// memory.
func (s *sheet) name(c column) string {
	b := s.bytes(c)
	if len(b) == 0 {
		return ""
	}
	if s.last[c] == string(b) {
		return s.last[c]
	}
	name, ok := s.names[string(b)]
	if !ok {
		name = strings.ToValidUTF8(string(b), "\uFFFD")
		s.names[string(b)] = name
	}
	s.last[c] = name
	return name
}

// fact reads True or False; an empty cell is unknown.
func (s *sheet) fact(c column) (inventory.Fact, error) {
	b := s.bytes(c)
	switch string(b) { // as it is nearly always written
	case "":
		return inventory.Unknown, nil
	case "True", "1":
		return inventory.Yes, nil
	case "False", "0":
		return inventory.No, nil
	}
	switch {
	case bytes.EqualFold(b, []byte("True")):
		return inventory.Yes, nil
	case bytes.EqualFold(b, []byte("False")):
		return inventory.No, nil
	}
	return inventory.Unknown, s.at(int(c), fmt.Errorf("%w: %q is neither True nor False", ErrValue, clip(b)))
}

// clip shortens the text of a cell for a message.
func clip(b []byte) string {
	const most = 60
	text := []rune(strings.ToValidUTF8(string(b[:min(len(b), 4*most)]), "\uFFFD"))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}
