package inventory

import (
	"iter"
	"slices"
	"strings"
)

// Attrs are named texts of a mailbox that this package gives no meaning to, such as
// CustomAttribute1 or Department. The zero Attrs has none. It takes one word where
// there are none, and its names are shared by the mailboxes of a file.
type Attrs struct{ p *attrs }

type attrs struct {
	names  []string
	values []Opt[string]
}

// NewAttrs returns attributes with these names and their values, an unknown one for an
// attribute without a value. Both slices have the same length, and must not be changed
// afterwards; names differ without regard to case.
func NewAttrs(names []string, values []Opt[string]) Attrs {
	if len(names) == 0 {
		return Attrs{}
	}
	return Attrs{&attrs{names, values[:len(names)]}}
}

// Get returns the value of an attribute, whose name is compared without regard to case,
// and whether it is known. An empty text may be known.
func (a Attrs) Get(name string) (value string, known bool) {
	if a.p == nil {
		return "", false
	}
	for i, n := range a.p.names {
		if n == name || strings.EqualFold(n, name) {
			return a.p.values[i].Get()
		}
	}
	return "", false
}

// All returns the attributes that are known, in the order of NewAttrs.
func (a Attrs) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		if a.p == nil {
			return
		}
		for i, n := range a.p.names {
			if v, known := a.p.values[i].Get(); known && !yield(n, v) {
				return
			}
		}
	}
}

// Equal reports whether both have the same names in the same order, with the same
// values.
func (a Attrs) Equal(b Attrs) bool {
	if a.p == nil || b.p == nil {
		return a.p == b.p
	}
	return slices.Equal(a.p.names, b.p.names) && slices.Equal(a.p.values, b.p.values)
}
