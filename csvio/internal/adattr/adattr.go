// Package adattr reads values of Active Directory attributes as csvde and ldifde
// export them.
//
// csvde writes one cell for each attribute of an object: see [SplitList], [Text]
// and [Binary]. ldifde writes one line for each value, which needs none of these.
// The other functions take values from either, without blanks around them.
//
// Sources: learn.microsoft.com/windows/win32/ad/comma-separated-value-csv-scripts
// and ldif-scripts there, for what the tools write; office-docs-powershell,
// filter-properties.md and recipientfilter-properties.md, for what the attributes
// mean. What rests on neither is marked as an assumption, or has its own source.
package adattr

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/staged-migration/staged/inventory"
)

// ErrValue is the cause of every error of this package.
var ErrValue = errors.New("not a value of this attribute")

// blanks may stand around an item of a list: other tools than csvde write blanks
// and line breaks between items.
const blanks = " \t\r\n"

// SplitList returns the values in a cell of csvde, in their order, without blanks
// around them and without empty ones. It returns nil if there are none.
//
// A semicolon separates values, and one that belongs to a value has a backslash
// before it, as in "X400:c=us\;a= \;p=Contoso\;" (the source is what real exports
// look like). Assumption: a backslash of a value is doubled. Where it is not, as
// in "CN=Roth\, Anna" written as it is, it stays: a backslash before anything but a
// semicolon or a backslash is part of the value. Two in a row become one in any
// case.
//
// A value can be text in hexadecimal digits, and has to go through [Text].
func SplitList(cell string) []string {
	var values []string
	for cell != "" {
		var value string
		value, cell = cutItem(cell)
		if value = strings.Trim(value, blanks); value != "" {
			values = append(values, value)
		}
	}
	return values
}

// cutItem returns the value up to the first separator, unescaped, and what follows
// that.
func cutItem(list string) (value, rest string) {
	if i := strings.IndexAny(list, `;\`); i < 0 {
		return list, ""
	} else if list[i] == ';' {
		return list[:i], list[i+1:]
	}
	out := make([]byte, 0, len(list))
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == ';':
			return string(out), list[i+1:]
		case c == '\\' && i+1 < len(list) && (list[i+1] == ';' || list[i+1] == '\\'):
			i++
			out = append(out, list[i])
		default:
			out = append(out, c)
		}
	}
	return string(out), ""
}

// Text returns the text in a cell of csvde. Assumption: where a text has characters
// that the encoding of the file has not, csvde writes it as it writes bytes, X'…'
// with the hexadecimal digits of its UTF-8. It is an error if what stands there is
// no such thing. All other text is returned as it is.
func Text(cell []byte) (string, error) {
	digits, ok := quoted(cell)
	if !ok {
		return string(cell), nil
	}
	text, err := unhex(cell, digits)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(text) {
		return "", wrong(string(cell), "its bytes are no text in UTF-8")
	}
	return string(text), nil
}

// Binary returns the bytes in a cell of csvde, which writes X'…' with their
// hexadecimal digits, in either case.
func Binary(cell []byte) ([]byte, error) {
	digits, ok := quoted(cell)
	if !ok {
		return nil, wrong(string(cell), "not bytes, which are X'…' with hexadecimal digits")
	}
	return unhex(cell, digits)
}

// quoted returns what stands in X'…', and whether the cell is such.
func quoted(cell []byte) ([]byte, bool) {
	if len(cell) < len(`X''`) || cell[0] != 'X' || cell[1] != '\'' || cell[len(cell)-1] != '\'' {
		return nil, false
	}
	return cell[2 : len(cell)-1], true
}

func unhex(cell, digits []byte) ([]byte, error) {
	out := make([]byte, hex.DecodedLen(len(digits)))
	if _, err := hex.Decode(out, digits); err != nil {
		return nil, wrong(string(cell), "no pairs of hexadecimal digits between the quotes")
	}
	return out, nil
}

// GUID returns the GUID in the 16 bytes of an attribute such as msExchMailboxGuid or
// objectGUID. Assumption: the first three groups of its text have their bytes in
// reverse, as in a GUID of Windows in memory.
func GUID(b []byte) (inventory.GUID, error) {
	if len(b) != 16 {
		return inventory.GUID{}, fmt.Errorf("%w: a GUID has 16 bytes, and these are %d", ErrValue, len(b))
	}
	g := inventory.GUID(b)
	g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7] = b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]
	return g, nil
}

// ExchangeVersion returns the build in an msExchVersion: that of the Exchange which
// made the object. Objects of Exchange 2003 have no such attribute.
//
// The number is that of "major.minor (build major.minor.build.revision)" in bits,
// from the top: 14 bits major, 8 minor, and of the build 8 major, 8 minor, 16 build,
// 10 revision. Source: the values of Exchange 2007, 2010 and 2013 in
// prep-mailboxes-for-cross-forest-moves.md of OfficeDocs-Exchange and in
// ldaptools/ldaptools, which this reproduces; the layout itself is undocumented.
func ExchangeVersion(decimal string) (major, minor, build, revision uint16, err error) {
	n, err := strconv.ParseUint(decimal, 10, 63)
	if err != nil {
		return 0, 0, 0, 0, wrong(decimal, "not an msExchVersion, which is a number from 0 to 9223372036854775807")
	}
	return uint16(n >> 34 & 0xFF), uint16(n >> 26 & 0xFF), uint16(n >> 10 & 0xFFFF), uint16(n & 0x3FF), nil
}

// recipientTypes are the names of the bits of msExchRecipientTypeDetails, from the
// lowest.
var recipientTypes = []string{
	"UserMailbox", "LinkedMailbox", "SharedMailbox", "LegacyMailbox", "RoomMailbox", "EquipmentMailbox",
	"MailContact", "MailUser", "MailUniversalDistributionGroup", "MailNonUniversalGroup", "MailUniversalSecurityGroup",
	"DynamicDistributionGroup", "PublicFolder", "SystemAttendantMailbox", "SystemMailbox", "MailForestContact",
	"User", "Contact",
}

// RecipientType returns the name that Get-Mailbox and Get-Recipient print for an
// msExchRecipientTypeDetails, and whether it is known here. Known are the powers of
// two up to 131072, among which all mailboxes of Exchange 2007 are; sums of them
// have no name. Objects of Exchange 2003 have no such attribute.
//
// Sources: blog.cpolydorou.net/2016/11, for the numbers; the members of
// RecipientTypeDetails at
// learn.microsoft.com/previous-versions/office/exchange-server-api/ff344739, for
// the names.
func RecipientType(decimal string) (name string, ok bool) {
	n, err := strconv.ParseUint(decimal, 10, 64)
	if err != nil {
		return "", false
	}
	for bit, name := range recipientTypes {
		if n == 1<<bit {
			return name, true
		}
	}
	return "", false
}

// UMEnabled reports whether an msExchUMEnabledFlags has bit 1, which says that
// Unified Messaging is enabled. The number may be negative, as all integers of the
// directory may whose highest bit is set.
// Assumption: some tools write it without sign.
func UMEnabled(decimal string) (bool, error) {
	n, err := strconv.ParseInt(decimal, 10, 64)
	if err != nil || n < -1<<31 || n >= 1<<32 {
		return false, wrong(decimal, "not a number of 32 bits")
	}
	return n&1 != 0, nil
}

// wrong returns the error that a text is no value, and why.
func wrong(text, why string) error {
	const most = 40
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return fmt.Errorf("%w: %q: %s", ErrValue, text, why)
}
