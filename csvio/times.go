package csvio

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// timeOf reads a point in time in a column, the zero Time if the cell is empty, the
// column absent, or the layout not known: exports write dates as the culture of the
// machine has them, and whether 3/4/2007 is in March or in April cannot be told from
// the file.
//
// Source: the documentation of Export-Csv and office-docs-powershell issue 8246, which
// shows dates of two cultures.
func (s *sheet) timeOf(c column) (time.Time, error) {
	text := s.bytes(c)
	if len(text) == 0 {
		return time.Time{}, nil
	}
	if t, ok := parseDMTF(string(text)); ok {
		return t, nil
	}
	if s.opts.TimeLayout == "" {
		return time.Time{}, nil
	}
	zone := s.opts.TimeZone
	if zone == nil {
		zone = time.UTC
	}
	t, err := time.ParseInLocation(s.opts.TimeLayout, string(text), zone)
	if err != nil {
		if p, ok := errors.AsType[*time.ParseError](err); ok && p.Message != "" {
			return t, s.at(int(c), fmt.Errorf("%w: %q is no time%s", ErrValue, clip(text), p.Message))
		}
		return t, s.at(int(c), fmt.Errorf("%w: %q is not written as %s", ErrValue, clip(text), s.opts.TimeLayout))
	}
	return t, nil
}

// parseDMTF reads a time as WMI writes it, yyyymmddHHMMSS.mmmmmm+UUU with the distance
// from UTC in minutes, which is the same in every culture.
//
// Source: learn.microsoft.com/windows/win32/wmisdk/cim-datetime.
func parseDMTF(text string) (t time.Time, ok bool) {
	const layout = "20060102150405.000000"
	if len(text) != len(layout)+len("+000") {
		return t, false
	}
	sign := text[len(layout)]
	minutes, err := strconv.ParseUint(text[len(layout)+1:], 10, 16)
	if err != nil || sign != '+' && sign != '-' {
		return t, false
	}
	offset := int(minutes) * 60
	if sign == '-' {
		offset = -offset
	}
	t, err = time.ParseInLocation(layout, text[:len(layout)], time.FixedZone("", offset))
	return t, err == nil
}
