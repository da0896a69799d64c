package csvio

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/staged-migration/staged/inventory"
)

// maxObject bounds the size of a file of JSON.
const maxObject = 16 << 20

// ReadOrganization reads the facts about an organization from a JSON object,
// whose keys are those of [inventory.Organization]. A key that is absent or null
// leaves the fact unknown. A key that is not known is an error that names the
// nearest known one; it and any other error is a [RowError] with file, line,
// column and the path of the key; so is a number below zero. Points in time are as RFC
// 3339 has them, with their offset. The text may have a byte order mark and be in
// UTF-16, as PowerShell writes it.
func ReadOrganization(r io.Reader, file string) (*inventory.Organization, error) {
	d, err := newObjectDecoder(r, file)
	if err != nil {
		return nil, err
	}
	org := &inventory.Organization{}
	if err := d.object(reflect.ValueOf(org).Elem(), ""); err != nil {
		return nil, err
	}
	return org, d.end()
}

// objectDecoder decodes JSON into structs and knows where it is.
type objectDecoder struct {
	file   string
	data   []byte
	dec    *json.Decoder
	places map[string]int // where the value of each path begins
}

// newObjectDecoder reads all of a text.
func newObjectDecoder(r io.Reader, file string) (*objectDecoder, error) {
	file = cmp.Or(file, unnamed)
	text, err := decoded(r, nil)
	if err != nil {
		return nil, &RowError{file, 1, 1, "", err}
	}
	data, err := io.ReadAll(io.LimitReader(text, maxObject+1))
	if err == nil && len(data) > maxObject {
		err = fmt.Errorf("%w: it is over %d bytes", ErrFormat, maxObject)
	}
	if err != nil {
		return nil, &RowError{file, 1, 1, "", err}
	}
	d := &objectDecoder{file: file, data: data, dec: json.NewDecoder(bytes.NewReader(data)), places: make(map[string]int)}
	d.dec.UseNumber()
	return d, nil
}

// end makes sure that nothing follows.
func (d *objectDecoder) end() error {
	behind := d.here()
	if _, err := d.dec.Token(); err != io.EOF {
		return d.fail(behind, "", fmt.Errorf("%w: something follows the object", ErrFormat))
	}
	return nil
}

// here returns the offset of the next value or key.
func (d *objectDecoder) here() int {
	at := int(d.dec.InputOffset())
	return at + len(d.data[at:]) - len(bytes.TrimLeft(d.data[at:], " \t\r\n,:"))
}

// fail returns err at an offset. A syntax error may be further on, in the value
// that begins there; reading all of it at once tells where.
func (d *objectDecoder) fail(offset int, path string, err error) error {
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		var all any
		if at, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(d.data, &all)); ok {
			offset = max(offset, int(at.Offset)-1)
		}
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		offset, err = len(d.data), fmt.Errorf("%w: the JSON object is not complete", ErrTruncated)
	}
	before := d.data[:min(offset, len(d.data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return &RowError{d.file, bytes.Count(before, []byte{'\n'}) + 1, utf8.RuneCount(before[start:]) + 1, clip([]byte(path)), err}
}

// object decodes a JSON object into a struct; null leaves it as it is.
func (d *objectDecoder) object(v reflect.Value, path string) error {
	return d.keys(path, func(key, keyPath string, at int) error {
		field, known := fieldFor(v, key)
		if !known {
			return d.fail(at, keyPath, fmt.Errorf("%w: there is no such key; the nearest is %q", ErrFormat, nearest(key, keysOf(v))))
		}
		return d.value(field, keyPath)
	})
}

// mapping decodes a JSON object into a map; null leaves it as it is. The place of a path
// is that of the key.
func (d *objectDecoder) mapping(v reflect.Value, path string) error {
	v.Set(reflect.MakeMap(v.Type()))
	return d.keys(path, func(key, keyPath string, at int) error {
		element := reflect.New(v.Type().Elem()).Elem()
		err := d.value(element, keyPath)
		v.SetMapIndex(reflect.ValueOf(key), element)
		d.places[keyPath] = at
		return err
	})
}

// keys reads a JSON object, whose values add decodes: it gets each key, its path and
// where it is. There are none in null.
func (d *objectDecoder) keys(path string, add func(key, keyPath string, at int) error) error {
	start := d.here()
	token, err := d.dec.Token()
	if err != nil {
		return d.fail(start, path, err)
	}
	if token == nil && path != "" {
		return nil
	}
	if token != json.Delim('{') {
		return d.fail(start, path, fmt.Errorf("%w: want an object", ErrValue))
	}
	seen := make(map[string]bool)
	for d.dec.More() {
		at := d.here()
		token, err := d.dec.Token()
		if err != nil {
			return d.fail(at, path, err)
		}
		key, _ := token.(string)
		keyPath := strings.TrimPrefix(path+"."+key, ".")
		if seen[key] {
			return d.fail(at, keyPath, fmt.Errorf("%w: the key is there twice", ErrDuplicate))
		}
		seen[key] = true
		if err := add(key, keyPath, at); err != nil {
			return err
		}
	}
	if _, err := d.dec.Token(); err != nil { // the closing brace
		return d.fail(d.here(), path, err)
	}
	return nil
}

// value decodes a value: a struct and a map by their keys, a list by its elements, and
// anything else as encoding/json does.
func (d *objectDecoder) value(v reflect.Value, path string) error {
	d.places[path] = d.here()
	_, decodes := v.Addr().Interface().(json.Unmarshaler)
	switch {
	case decodes:
	case v.Kind() == reflect.Struct:
		return d.object(v, path)
	case v.Kind() == reflect.Map:
		return d.mapping(v, path)
	case v.Kind() == reflect.Slice:
		return d.list(v, path)
	}
	at := d.here()
	if err := d.dec.Decode(v.Addr().Interface()); err != nil {
		_, isTime := v.Interface().(time.Time)
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			err = fmt.Errorf("%w: want a %s, not a %s", ErrValue, plainType(wrong.Type), wrong.Value)
		} else if _, ok := errors.AsType[*json.SyntaxError](err); isTime && !ok && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("%w: want a time such as \"2026-03-06T18:00:00+01:00\", not %s", ErrValue, clip(d.data[at:d.dec.InputOffset()]))
		}
		return d.fail(at, path, err)
	}
	if isNegative(v.Interface()) {
		return d.fail(at, path, fmt.Errorf("%w: it is negative", ErrValue))
	}
	return nil
}

// isNegative reports whether a value is a number below zero.
func isNegative(v any) bool {
	switch n := v.(type) {
	case inventory.Opt[int]:
		return n.Or(0) < 0
	case inventory.Opt[float64]:
		return n.Or(0) < 0
	case int:
		return n < 0
	}
	return false
}

// plainType names a Go type in terms of JSON.
func plainType(t reflect.Type) string {
	if t.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) { // a pointer to a word, such as a severity
		return "string"
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Slice:
		return "list"
	case reflect.Int, reflect.Int64:
		return "whole number"
	}
	return "number"
}

func (d *objectDecoder) list(v reflect.Value, path string) error {
	start := d.here()
	token, err := d.dec.Token()
	if err != nil {
		return d.fail(start, path, err)
	}
	if token == nil {
		return nil
	}
	if token != json.Delim('[') {
		return d.fail(start, path, fmt.Errorf("%w: want a list, not %s", ErrValue, jsonKind(token)))
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for i := 0; d.dec.More(); i++ {
		element, at := reflect.New(v.Type().Elem()).Elem(), fmt.Sprintf("%s[%d]", path, i)
		if err := d.value(element, at); err != nil {
			return err
		}
		v.Set(reflect.Append(v, element))
	}
	if _, err := d.dec.Token(); err != nil { // the closing bracket
		return d.fail(d.here(), path, err)
	}
	return nil
}

// jsonKind names the value that a token begins.
func jsonKind(token json.Token) string {
	switch token.(type) {
	case string:
		return "a string"
	case bool:
		return "a bool"
	case json.Number:
		return "a number"
	}
	return "an object"
}

func jsonKey(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return key
}

func fieldFor(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if jsonKey(v.Type().Field(i)) == key {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func keysOf(v reflect.Value) []string {
	var keys []string
	for i := range v.NumField() {
		keys = append(keys, jsonKey(v.Type().Field(i)))
	}
	return keys
}

// nearest returns the candidate with the least edit distance, without regard to
// case; the first of equals.
func nearest(word string, candidates []string) string {
	best, least := "", -1
	word = strings.ToLower(word[:min(len(word), 64)]) // longer than any key
	for _, c := range candidates {
		if d := distance(word, strings.ToLower(c)); least < 0 || d < least {
			best, least = c, d
		}
	}
	return best
}

// distance is the edit distance of Levenshtein.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
