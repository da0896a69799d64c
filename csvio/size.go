package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/staged-migration/staged/inventory"
)

// sizeColumn is a column with sizes.
type sizeColumn struct {
	column column
	unit   inventory.Size // of a number without one
	bare   bool           // whether nobody says which
	cut    bool           // whether ToKB, ToMB or ToGB has cut sizes to whole units
	whole  bool           // whether sizes are whole numbers of it, which the culture groups
}

// sizeNames are what columns with the size of a mailbox are called, without their unit,
// the surest first. The second to fourth are what normalHeader leaves of an expression
// that has become the name of its column, as in $_.TotalItemSize.Value.ToKB(): a
// calculated column without a name gets that. Source:
// blogs.technet.microsoft.com/evand/2006/09/07.
var sizeNames = []string{"totalitemsize", "totalitemsizevalueto", "totalitemsizeto", "totalitemsizevalue", "mailboxsize", "totalsize", "size"}

var headerUnits = []struct {
	suffix string
	unit   inventory.Size
}{
	{"", 0}, {"bytes", inventory.Byte}, {"inbytes", inventory.Byte}, {"kb", inventory.KB}, {"inkb", inventory.KB},
	{"mb", inventory.MB}, {"inmb", inventory.MB}, {"gb", inventory.GB}, {"ingb", inventory.GB},
}

// findSize finds the column with a size, such as that of a mailbox: of several that with
// the surest name, and of those the one with the smallest unit. A name without unit means
// bytes, and KB in an export of WMI, or what the options say. The list of Exchange System
// Manager has whole KB.
func (s *sheet) findSize(names []string) sizeColumn {
	for _, name := range names {
		for _, u := range headerUnits {
			c := s.find(name + u.suffix)
			if c == absent {
				continue
			}
			found := sizeColumn{column: c, unit: u.unit, cut: strings.HasSuffix(name, "to") && u.unit > inventory.Byte}
			switch {
			case found.unit > 0:
			case s.opts.SizeUnit > 0:
				found.unit = s.opts.SizeUnit
			case name == "size" && s.find("storename", "storagegroupname", "mailboxdisplayname") != absent:
				found.unit = inventory.KB
			default:
				found.unit, found.bare = inventory.Byte, true
			}
			found.whole = name == "size" && u.suffix == "kb" && s.find("totalitems") != absent
			return found
		}
	}
	return sizeColumn{column: absent}
}

// plainNumber returns a size in which a lone separator before three digits means what it
// must here, if its column says so: it groups whole numbers, and a comma begins a
// fraction where semicolons separate the cells, as in cultures that write fractions so.
// PowerShell itself groups no digits.
func (s *sheet) plainNumber(c sizeColumn, text []byte) string {
	at := bytes.IndexAny(text, ".,")
	if at < 1 || len(text)-at != 4 || c.unit == inventory.Byte {
		return string(text)
	}
	for i, digit := range text {
		if i != at && (digit < '0' || digit > '9') {
			return string(text)
		}
	}
	switch {
	case c.whole:
		return string(text[:at]) + string(text[at+1:])
	case text[at] == ',' && s.t.Comma == ';':
		return string(text[:at]) + "." + string(text[at+1:])
	}
	return string(text)
}

// sizeOf reads the size of the row; an empty cell, Unlimited and n/a are unknown.
func (s *sheet) sizeOf(c sizeColumn) (size inventory.Opt[inventory.Size], err error) {
	text := s.bytes(c.column)
	if len(text) == 0 {
		return size, nil
	}
	n, err := inventory.ParseSizeIn(s.plainNumber(c, text), c.unit)
	switch {
	case errors.Is(err, inventory.ErrUnknown):
		return size, nil
	case err != nil:
		return size, s.at(int(c.column), err)
	case n > maxMailbox:
		return size, s.at(int(c.column), fmt.Errorf("%w: %s are more than a mailbox database can hold", ErrValue, n))
	}
	if c.bare && n > 0 && !bytes.ContainsFunc(text, unicode.IsLetter) {
		s.noteLost(c.column, func(rows int) error {
			return fmt.Errorf("%w: %d sizes have no unit and count as bytes; name the unit in the header, as in Size(MB), or export TotalItemSize itself", ErrLost, rows)
		})
	}
	if c.cut {
		s.noteLost(c.column, func(rows int) error {
			return fmt.Errorf("%w: %d sizes are cut to whole %s; export TotalItemSize itself", ErrLost, rows, strings.TrimPrefix(c.unit.String(), "1 "))
		})
	}
	return inventory.Known(n), nil
}
