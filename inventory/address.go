package inventory

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Address is a normalized SMTP address: lower-case, without prefix or blanks.
// [ParseAddress] is the only way in from text; a converted string that is not
// in that form will not be found again. The empty Address names nobody.
type Address string

// ErrAddress is the cause of every error of [ParseAddress].
var ErrAddress = errors.New("not an SMTP address")

// ParseAddress reads an SMTP address. Blanks around it and the prefix that
// Exchange writes in proxy address lists ("SMTP:", "smtp:") are dropped, and
// letters are made lower-case, as Exchange compares addresses without regard to
// case.
//
// The local part is a dot-atom or a quoted string of RFC 5321 in ASCII, at most
// 64 characters: Exchange 2003 and 2007 know no other. The domain has at least
// two labels, since a domain without a dot cannot be verified in a tenant; its
// labels hold letters, digits and inner hyphens, where letters outside ASCII
// stand for an internationalized name. The whole is at most 254 bytes long.
// Errors wrap ErrAddress and say what is wrong.
func ParseAddress(text string) (Address, error) {
	if isPlain(text) {
		return Address(text), nil
	}
	// Lower case comes first: it can make a letter longer.
	s := strings.ToLower(strings.TrimSpace(text))
	if rest, ok := strings.CutPrefix(s, "smtp:"); ok {
		s = strings.TrimSpace(rest)
	}
	if s == "" {
		return "", fmt.Errorf("%w: it is empty", ErrAddress)
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", addressError(text, "there is no @")
	}
	if len(s) > 254 {
		return "", addressError(text, "it is longer than 254 bytes")
	}
	if why := checkLocal(s[:at]); why != "" {
		return "", addressError(text, why)
	}
	if why := checkDomain(s[at+1:]); why != "" {
		return "", addressError(text, why)
	}
	return Address(s), nil
}

// isPlain reports whether a text is an address in normal form of the plainest kind,
// which nearly all are: lower-case letters and digits of ASCII, and single dots,
// hyphens and underscores between them. It is a short cut; of others it says nothing.
func isPlain(s string) bool {
	at, dot, label := -1, false, 0 // where the @ is; a dot behind it; length of the label
	after := true                  // whether a separator or the beginning precedes
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			after = false
			if label++; label > 63 {
				return false
			}
			continue
		case after:
			return false
		case c == '@' && at < 0:
			at, label = i, 0
		case c == '.':
			dot, label = dot || at >= 0, 0
		case c == '-' || c == '_' && at < 0:
			label++
		default:
			return false
		}
		after = true
	}
	return !after && dot && at <= 64 && len(s) <= 254
}

func addressError(text, why string) error {
	return fmt.Errorf("%w: %q: %s", ErrAddress, clip(text), why)
}

// clip shortens text from a file for a message: a cell can be very long, and what
// is in it need not be what its column promises.
func clip(text string) string {
	const most = 60
	n := 0
	for i := range text {
		if n++; n > most {
			return text[:i] + "…"
		}
	}
	return text
}

// isNormal reports whether a is what ParseAddress would return for it.
func (a Address) isNormal() bool {
	parsed, err := ParseAddress(string(a))
	return err == nil && parsed == a
}

// atomText marks the characters of an RFC 5321 atom beside letters and digits.
const atomText = "!#$%&'*+-/=?^_`{|}~"

func checkLocal(s string) string {
	if s == "" {
		return "nothing stands before the @"
	}
	if len(s) > 64 {
		return "the part before the @ is longer than 64 characters"
	}
	if s[0] == '"' {
		return checkQuotedLocal(s)
	}
	if s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return "a dot is first, last or doubled before the @"
	}
	for _, r := range s {
		if !isASCIIAlnum(r) && r != '.' && (r >= utf8.RuneSelf || !strings.ContainsRune(atomText, r)) {
			return fmt.Sprintf("%q cannot stand before the @", r)
		}
	}
	return ""
}

func checkQuotedLocal(s string) string {
	if len(s) < 3 || s[len(s)-1] != '"' {
		return "the quotes before the @ are not closed"
	}
	inner := s[1 : len(s)-1]
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		switch {
		case c < ' ' || c >= 0x7f:
			return fmt.Sprintf("%q cannot stand in quotes before the @", c)
		case c == '"':
			return "a quote inside quotes needs a backslash"
		case c == '\\':
			i++
			if i == len(inner) {
				return "a backslash has nothing to escape"
			}
		}
	}
	return ""
}

func checkDomain(s string) string {
	if s == "" {
		return "nothing stands behind the @"
	}
	if !strings.Contains(s, ".") {
		return fmt.Sprintf("the domain %q has no dot", s)
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" {
			return "a dot is first, last or doubled in the domain"
		}
		if len(label) > 63 {
			return "a label of the domain is longer than 63 characters"
		}
		if label[0] == '-' || label[len(label)-1] == '-' {
			return "a label of the domain begins or ends with a hyphen"
		}
		for _, r := range label {
			letter := r >= utf8.RuneSelf && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r))
			if !isASCIIAlnum(r) && r != '-' && !letter {
				return fmt.Sprintf("%q cannot stand in a domain", r)
			}
		}
	}
	return ""
}

func isASCIIAlnum(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// MarshalText returns the address as it is.
func (a Address) MarshalText() ([]byte, error) { return []byte(a), nil }

// UnmarshalText reads what [ParseAddress] does. Empty or blank text gives the
// empty Address.
func (a *Address) UnmarshalText(text []byte) error {
	if isBlank(text) {
		*a = ""
		return nil
	}
	parsed, err := ParseAddress(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// isBlank reports whether there is nothing in text, as in an empty cell.
func isBlank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }

// Domain returns what stands behind the @.
func (a Address) Domain() string {
	return string(a[strings.LastIndexByte(string(a), '@')+1:])
}
