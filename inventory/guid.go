package inventory

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
)

// GUID identifies an object in 16 bytes, which are in the order of its text. The zero
// GUID is unknown; Exchange writes it where there is none.
//
// In text and in JSON a GUID is five groups of digits in lower case with dashes
// between them, or nothing if it is unknown.
type GUID [16]byte

// ErrGUID is the cause of every error of [ParseGUID].
var ErrGUID = errors.New("not a GUID")

// ParseGUID reads a GUID as Exchange prints it, 32 hexadecimal digits with dashes behind
// the 8th, 12th, 16th and 20th, in any case; or in braces, as WMI and Active Directory
// tools write it. Blanks around it are dropped. Errors wrap ErrGUID.
//
// Digits without dashes are an error: they may be the bytes in the order of the text, or
// in that of Windows in memory.
func ParseGUID(text string) (GUID, error) { return parseGUID([]byte(text)) }

const guidLength = 36

func parseGUID(text []byte) (g GUID, err error) {
	s := bytes.TrimSpace(text)
	if n := len(s); n == guidLength+2 && s[0] == '{' && s[n-1] == '}' {
		s = s[1 : n-1]
	}
	if len(s) != guidLength || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return GUID{}, guidError(text)
	}
	var digits [2 * len(g)]byte
	copy(digits[:8], s)
	copy(digits[8:12], s[9:])
	copy(digits[12:16], s[14:])
	copy(digits[16:20], s[19:])
	copy(digits[20:], s[24:])
	if _, err := hex.Decode(g[:], digits[:]); err != nil {
		return GUID{}, guidError(text)
	}
	return g, nil
}

func guidError(text []byte) error { return fmt.Errorf("%w: %q", ErrGUID, clip(string(text))) }

// IsZero reports whether the GUID is unknown.
func (g GUID) IsZero() bool { return g == GUID{} }

// String returns the text of the GUID, "" if it is unknown.
func (g GUID) String() string {
	text, _ := g.MarshalText()
	return string(text)
}

// MarshalText returns the text of the GUID, or nothing if it is unknown.
func (g GUID) MarshalText() ([]byte, error) {
	if g.IsZero() {
		return nil, nil
	}
	return fmt.Appendf(nil, "%x-%x-%x-%x-%x", g[:4], g[4:6], g[6:8], g[8:10], g[10:]), nil
}

// UnmarshalText reads what [ParseGUID] does. Empty or blank text makes the GUID
// unknown.
func (g *GUID) UnmarshalText(text []byte) error {
	if isBlank(text) {
		*g = GUID{}
		return nil
	}
	parsed, err := parseGUID(text)
	if err != nil {
		return err
	}
	*g = parsed
	return nil
}
