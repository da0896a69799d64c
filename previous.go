package staged

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

// ReadPrevious reads the batches of an earlier plan from its plan.json, for
// [batch.Previous]: those that were frozen in it already, as such, and then the others.
// Who knows which have run since says so.
//
// It reads nothing else of the file, which it holds in memory one batch at a time. Any
// error is a [csvio.RowError] with file and line, among them that the schema is not
// [Schema], or that an address is none.
func ReadPrevious(r io.Reader, file string) ([]batch.PreviousBatch, error) {
	d := &planDecoder{file: cmp.Or(file, "plan.json"), src: r}
	d.dec = json.NewDecoder(d)
	frozen, open, err := d.plan()
	if err != nil {
		return nil, &csvio.RowError{File: d.file, Line: d.line(), Column: 1, Err: err}
	}
	return append(frozen, open...), nil
}

// planDecoder reads a plan.json token by token, and knows where lines end.
type planDecoder struct {
	file string
	src  io.Reader
	dec  *json.Decoder
	read int64   // bytes
	ends []int64 // offsets of the line ends
}

// maxValue is how long a token may be, and what the decoder looks at ahead: far more than
// any address is, or any text in a finding.
const maxValue = 16 << 20

var errNotPlan = fmt.Errorf("%w: it is no plan.json", csvio.ErrFormat)

// Read reads for the decoder.
func (d *planDecoder) Read(p []byte) (int, error) {
	if d.read-d.dec.InputOffset() > maxValue {
		return 0, fmt.Errorf("%w: a value of over %d bytes", errNotPlan, maxValue)
	}
	n, err := d.src.Read(p)
	for at := 0; ; at++ {
		i := bytes.IndexByte(p[at:n], '\n')
		if i < 0 {
			break
		}
		at += i
		d.ends = append(d.ends, d.read+int64(at))
	}
	d.read += int64(n)
	return n, err
}

// line returns the line of what the decoder reads next.
func (d *planDecoder) line() int {
	line := 1
	for _, end := range d.ends {
		if end >= d.dec.InputOffset() {
			break
		}
		line++
	}
	return line
}

// plan reads the whole.
func (d *planDecoder) plan() (frozen, open []batch.PreviousBatch, err error) {
	schema := ""
	err = d.object(func(key string) error {
		switch key {
		case "schema":
			if err := d.dec.Decode(&schema); err != nil {
				return err
			}
			if schema != Schema {
				return fmt.Errorf("%w: its schema is %q, not %q", errNotPlan, schema, Schema)
			}
			return nil
		case "frozenBatches":
			return d.batches(&frozen, true)
		case "batches":
			return d.batches(&open, false)
		}
		return d.skip()
	})
	if err == nil && schema == "" {
		err = fmt.Errorf("%w: it has no schema", errNotPlan)
	}
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: the JSON object is not complete", csvio.ErrTruncated)
	}
	return frozen, open, err
}

// object reads an object, whose values value reads.
func (d *planDecoder) object(value func(key string) error) error {
	if err := d.open('{', "an object"); err != nil {
		return err
	}
	for d.dec.More() {
		key, err := d.dec.Token()
		if err != nil {
			return err
		}
		if err := value(key.(string)); err != nil { // a key is nothing else
			return err
		}
	}
	_, err := d.dec.Token()
	return err
}

func (d *planDecoder) open(delim json.Delim, what string) error {
	token, err := d.dec.Token()
	if err == nil && token != delim {
		err = fmt.Errorf("%w: want %s", errNotPlan, what)
	}
	return err
}

// list reads a list, whose elements element reads.
func (d *planDecoder) list(element func() error) error {
	if err := d.open('[', "a list"); err != nil {
		return err
	}
	for d.dec.More() {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := d.dec.Token()
	return err
}

func (d *planDecoder) batches(to *[]batch.PreviousBatch, frozen bool) error {
	return d.list(func() error {
		b := batch.PreviousBatch{Frozen: frozen}
		err := d.object(func(key string) error {
			switch key {
			case "name":
				return d.dec.Decode(&b.Name)
			case "wave":
				return d.dec.Decode(&b.Wave)
			case "mailboxes":
				return d.list(func() error {
					var a inventory.Address
					err := d.dec.Decode(&a)
					b.Mailboxes = append(b.Mailboxes, a)
					return err
				})
			}
			return d.skip()
		})
		*to = append(*to, b)
		return err
	})
}

// skip reads past a value.
func (d *planDecoder) skip() error {
	for depth := 0; ; {
		token, err := d.dec.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}
