package csvio

import (
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/staged-migration/staged/rules"
)

// ReadRules reads rules from JSON: an object whose key rules is a list of objects with
// the keys of [rules.Declaration], and compiles them, in the order of the file. Any error
// is a [RowError] with file, line, column and the path of the key; one about a key, a
// field or an operator that is not known names the nearest that is. Two rules with one
// name are such an error too. The text may have a byte order mark and be in UTF-16.
func ReadRules(r io.Reader, file string) ([]*rules.Rule, error) {
	d, err := newObjectDecoder(r, file)
	if err != nil {
		return nil, err
	}
	var set struct {
		Rules []rules.Declaration `json:"rules"`
	}
	if err := d.object(reflect.ValueOf(&set).Elem(), ""); err != nil {
		return nil, err
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	out := make([]*rules.Rule, 0, len(set.Rules))
	seen := make(map[string]int)
	for i, declaration := range set.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		rule, err := declaration.Rule()
		if err != nil {
			return nil, d.declarationError(path, err)
		}
		if first, twice := seen[rule.Name]; twice {
			return nil, d.fail(d.places[path+".name"], path+".name", fmt.Errorf("%w: rules[%d] has the name %q", ErrDuplicate, first, rule.Name))
		}
		seen[rule.Name] = i
		out = append(out, rule)
	}
	return out, nil
}

// declarationError returns the error of a rule at the place of the key that it is about,
// or of the rule if the file does not have the key.
func (d *objectDecoder) declarationError(path string, err error) error {
	wrong, ok := errors.AsType[*rules.DeclarationError](err)
	if !ok {
		return d.fail(d.places[path], path, err)
	}
	err = wrong.Err
	if len(wrong.Known) > 0 {
		err = fmt.Errorf("%w; the nearest is %q", err, nearest(wrong.Name, wrong.Known))
	}
	at, ok := d.places[path+"."+wrong.Path]
	if !ok {
		at = d.places[path]
	}
	return d.fail(at, path+"."+wrong.Path, err)
}
