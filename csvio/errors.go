package csvio

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// RowError says that a row of a file, or a file as a whole, could not be read.
type RowError struct {
	File   string // as the caller named it
	Line   int    // from 1
	Column int    // from 1, in characters; where the cell begins
	Header string // of the column, or the key path in JSON; "" if it is about the row
	Err    error  // what is wrong
}

// Error returns "file:line:column: header: what is wrong", on one line; a long header
// is cut.
func (e *RowError) Error() string {
	header := ""
	if e.Header != "" {
		header = label(e.Header) + ": "
	}
	return fmt.Sprintf("%s:%d:%d: %s%v", e.File, e.Line, e.Column, header, e.Err)
}

// label makes a name that comes from a file fit for a message.
func label(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, clip([]byte(name)))
}

// Unwrap returns what is wrong.
func (e *RowError) Unwrap() error { return e.Err }

// The causes of a [RowError], beside those of package inventory.
var (
	// ErrFormat: the file is no export that can be used here.
	ErrFormat = errors.New("not a usable export")
	// ErrTruncated: the file ends where it cannot have been meant to.
	ErrTruncated = errors.New("the file is cut off")
	// ErrEncoding: from some byte on the file is not in its encoding.
	ErrEncoding = errors.New("the encoding changes")
	// ErrLost: the export has lost what was there.
	ErrLost = errors.New("the export has lost data")
	// ErrRow: the row does not fit the header.
	ErrRow = errors.New("the row does not fit the header")
	// ErrValue: the text of a cell is no value of its column.
	ErrValue = errors.New("not a value of this column")
	// ErrAmbiguous: it may mean more than one thing.
	ErrAmbiguous = errors.New("ambiguous")
	// ErrDuplicate: an earlier row is about the same thing.
	ErrDuplicate = errors.New("already there")
)
