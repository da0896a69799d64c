package inventory

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Opt is a value that may be unknown. The zero Opt is unknown; [Known] makes a
// known one.
//
// In JSON an unknown value is null. In text, such as a cell of a CSV file, it is
// nothing, so that a known value whose text is empty, such as an empty string,
// reads back as unknown. A T has a text if it is an [encoding.TextMarshaler] and
// an [encoding.TextUnmarshaler], as [Size] is, or one of string, int, int64 and
// float64, which are written and read in decimal.
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

// MarshalText returns the text of the value, or nothing if it is unknown.
func (o Opt[T]) MarshalText() ([]byte, error) {
	if !o.known {
		return nil, nil
	}
	switch v := any(&o.value).(type) {
	case encoding.TextMarshaler:
		return v.MarshalText()
	case *string:
		return []byte(*v), nil
	case *int:
		return strconv.AppendInt(nil, int64(*v), 10), nil
	case *int64:
		return strconv.AppendInt(nil, *v, 10), nil
	case *float64:
		return strconv.AppendFloat(nil, *v, 'f', -1, 64), nil
	}
	return nil, o.errNoText()
}

// UnmarshalText reads a T. The value becomes unknown by empty text, by blank text
// too unless T is string, and by what the T itself calls unknown with
// [ErrUnknown], as a Size does "n/a".
func (o *Opt[T]) UnmarshalText(text []byte) error {
	var (
		v           T
		err         error
		_, isString = any(v).(string)
	)
	if len(text) == 0 || isBlank(text) && !isString {
		*o = Opt[T]{}
		return nil
	}
	s := string(text)
	switch v := any(&v).(type) {
	case encoding.TextUnmarshaler:
		err = v.UnmarshalText(text)
	case *string:
		*v = s
	case *int:
		*v, err = strconv.Atoi(strings.TrimSpace(s))
	case *int64:
		*v, err = strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	case *float64:
		*v, err = strconv.ParseFloat(strings.TrimSpace(s), 64)
	default:
		err = o.errNoText()
	}
	return o.set(v, err)
}

func (o Opt[T]) errNoText() error { return fmt.Errorf("a %T has no text", o.value) }

// set takes v over that was read with err.
func (o *Opt[T]) set(v T, err error) error {
	switch {
	case err == nil:
		*o = Known(v)
	case errors.Is(err, ErrUnknown):
		*o = Opt[T]{}
	default:
		return err
	}
	return nil
}

// MarshalJSON writes the value, or null if it is unknown.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.known {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a T. The value becomes unknown by null and by what the T
// itself calls unknown with [ErrUnknown].
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*o = Opt[T]{}
		return nil
	}
	var v T
	return o.set(v, json.Unmarshal(data, &v))
}
