package csvio

import (
	"errors"
	"fmt"
	"strings"
)

// loss is what a column of an export has lost.
type loss struct {
	column column
	first  error // at the place of the first cell
	count  int
	what   func(count int) error
}

// lostAgain counts a cell of a column that has lost something before, and reports
// whether it has.
func (s *sheet) lostAgain(c column) bool {
	for i := range s.lost {
		if s.lost[i].column == c {
			s.lost[i].count++
			return true
		}
	}
	return false
}

// noteLost notes that a cell of the row has lost something; what says it for a number
// of cells of the column.
func (s *sheet) noteLost(c column, what func(count int) error) {
	if s.lostAgain(c) {
		return
	}
	s.lost = append(s.lost, loss{c, s.at(int(c), nil), 1, what})
}

// warnLost passes on what was noted.
func (s *sheet) warnLost() {
	for _, l := range s.lost {
		if row, ok := errors.AsType[*RowError](l.first); ok && s.opts.Warn != nil {
			row.Err = l.what(l.count)
			s.opts.Warn(row)
		}
	}
}

// noteGUID notes that a cell has no GUID, as the error says, so that it is unknown.
func (s *sheet) noteGUID(c column, err error) {
	s.noteLost(c, func(n int) error {
		return fmt.Errorf("%w; in %d rows the GUID cannot be read and is unknown", err, n)
	})
}

// appendName appends the name in a column, and notes that it may have lost letters.
func (s *sheet) appendName(dst []byte, c column) []byte {
	b := s.bytes(c)
	if isPlain(b) {
		return append(dst, b...)
	}
	begin := len(dst)
	dst = appendValid(dst, b)
	s.noteLetters(c, string(dst[begin:]))
	return dst
}

// noteLetters notes that a name may have lost letters to an encoding that does not
// have them: there is a question mark in it, or what is no UTF-8.
func (s *sheet) noteLetters(c column, name string) {
	if strings.IndexByte(name, '?') >= 0 || strings.Contains(name, "\uFFFD") {
		s.noteLost(c, func(n int) error {
			return fmt.Errorf("%w: in %d names letters have become ?; export with -Encoding Unicode", ErrLost, n)
		})
	}
}
