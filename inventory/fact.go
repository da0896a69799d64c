package inventory

import (
	"bytes"
	"fmt"
)

// Fact is the answer to a yes-or-no question that nobody may have asked yet.
// The zero value is Unknown.
//
// In JSON a Fact is true, false or null; an absent key leaves it Unknown.
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
