package inventory

import (
	"bytes"
	"fmt"
	"strings"
)

// Fact is the answer to a yes-or-no question that nobody may have asked yet.
// The zero value is Unknown.
//
// In JSON a Fact is true, false or null; an absent key leaves it Unknown. In text,
// such as a cell of a CSV file, it is True, False or nothing, as Exchange prints
// it. Since encoding/json writes the keys of an object as text, a map with facts
// for keys can be written as JSON, but not be read back.
type Fact uint8

// The answers.
const (
	Unknown Fact = iota
	No
	Yes
)

// FactOf returns Yes for true and No for false.
func FactOf(b bool) Fact {
	if b {
		return Yes
	}
	return No
}

// Or returns f if it is known and fallback otherwise.
func (f Fact) Or(fallback Fact) Fact {
	if f == Unknown {
		return fallback
	}
	return f
}

// String returns "unknown", "no" or "yes".
func (f Fact) String() string {
	switch f {
	case Unknown:
		return "unknown"
	case No:
		return "no"
	case Yes:
		return "yes"
	}
	return fmt.Sprintf("Fact(%d)", uint8(f))
}

// MarshalText returns "True", "False" or nothing.
func (f Fact) MarshalText() ([]byte, error) {
	switch f {
	case Yes:
		return []byte("True"), nil
	case No:
		return []byte("False"), nil
	}
	return nil, nil
}

// UnmarshalText accepts True and False in any case and 1 and 0. Empty or blank
// text makes the fact Unknown.
func (f *Fact) UnmarshalText(text []byte) error {
	switch strings.ToLower(strings.TrimSpace(string(text))) {
	case "true", "1":
		*f = Yes
	case "false", "0":
		*f = No
	case "":
		*f = Unknown
	default:
		return fmt.Errorf("want True, False or nothing, not %q", clip(string(text)))
	}
	return nil
}

// MarshalJSON writes true, false or null.
func (f Fact) MarshalJSON() ([]byte, error) {
	switch f {
	case Yes:
		return []byte("true"), nil
	case No:
		return []byte("false"), nil
	}
	return []byte("null"), nil
}

// UnmarshalJSON accepts true, false and null, and nothing else: a quoted
// "false" is an error rather than a guess.
func (f *Fact) UnmarshalJSON(data []byte) error {
	switch string(bytes.TrimSpace(data)) {
	case "true":
		*f = Yes
	case "false":
		*f = No
	case "null":
		*f = Unknown
	default:
		return fmt.Errorf("want true, false or null, not %s", data)
	}
	return nil
}
