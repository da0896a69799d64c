package inventory

import "encoding/json"

// Opt is a value that may be unknown. The zero Opt is unknown; [Known] makes a
// known one.
//
// In JSON an unknown value is null.
type Opt[T any] struct {
	value T
	known bool
}

// Known returns an Opt that holds v.
func Known[T any](v T) Opt[T] { return Opt[T]{value: v, known: true} }

// Get returns the value and whether it is known. An unknown value comes as the
// zero T.
func (o Opt[T]) Get() (T, bool) { return o.value, o.known }

// Or returns the value if it is known and fallback otherwise.
func (o Opt[T]) Or(fallback T) T {
	if o.known {
		return o.value
	}
	return fallback
}

// Known reports whether the value is known.
func (o Opt[T]) Known() bool { return o.known }

// IsZero reports whether the value is unknown, so that the omitzero tag of
// encoding/json leaves it out.
func (o Opt[T]) IsZero() bool { return !o.known }

// MarshalJSON writes the value, or null if it is unknown.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.known {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a T; null makes the value unknown.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*o = Opt[T]{}
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Known(v)
	return nil
}
