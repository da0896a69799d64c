package csvio

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/staged-migration/staged/rules"
)

// ReadRules reads rules from JSON: an object whose key rules is a list of objects with
// the keys of [rules.Declaration], and compiles them, in the order of the file. Any error
// is a [RowError] with file, line, column and the path of the key; one about a key, a
// field or an operator that is not known names the nearest that is. Two rules with one
// name are such an error too, also if one of them is in beside, which are the rules that
// these will be checked with. The text may have a byte order mark and be in UTF-16.
func ReadRules(r io.Reader, file string, beside ...*rules.Rule) ([]*rules.Rule, error) {
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
	taken := make(map[string]string) // who has a name
	for _, rule := range beside {
		taken[rule.Name] = "another rule"
	}
	for i, declaration := range set.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		rule, err := declaration.Rule()
		if err != nil {
			return nil, d.declarationError(path, err)
		}
		if owner := taken[rule.Name]; owner != "" {
			return nil, d.fail(d.places[path+".name"], path+".name", fmt.Errorf("%w: %s has the name %q", ErrDuplicate, owner, rule.Name))
		}
		taken[rule.Name] = path
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
	return d.wrongName(path+"."+wrong.Path, wrong.Err, wrong.Name, wrong.Known)
}

// wrongName returns the error of the value at a path, at its place or at that of the
// nearest value around it that the file has. It names the known name that is nearest
// to the one that is there, if any is wanted.
func (d *objectDecoder) wrongName(path string, err error, name string, known []string) error {
	if len(known) > 0 {
		err = fmt.Errorf("%w; the nearest is %q", err, nearest(name, known))
	}
	around := path
	at, ok := d.places[around]
	for !ok && around != "" {
		around = around[:max(0, strings.LastIndexAny(around, ".["))]
		at, ok = d.places[around]
	}
	return d.fail(at, path, err)
}

// ReadPolicy reads a policy for a set of rules from a JSON object with the keys of
// [rules.Policy]. An error is a [RowError] with file, line, column and the path of the
// key. What [rules.Policy.Apply] refuses is reported in the same way, all of it, joined in
// the order of the file; for a rule that the set does not have, with the nearest name. The text may have
// a byte order mark and be in UTF-16.
func ReadPolicy(r io.Reader, file string, set []*rules.Rule) (rules.Policy, error) {
	var policy rules.Policy
	d, err := newObjectDecoder(r, file)
	if err != nil {
		return policy, err
	}
	if err := d.object(reflect.ValueOf(&policy).Elem(), ""); err != nil {
		return rules.Policy{}, err
	}
	if err := d.end(); err != nil {
		return rules.Policy{}, err
	}
	_, err = policy.Apply(set)
	if err == nil {
		return policy, nil
	}
	var errs []error
	for _, one := range err.(interface{ Unwrap() []error }).Unwrap() {
		wrong := one.(*rules.PolicyError)
		errs = append(errs, d.wrongName(wrong.Path, wrong.Err, wrong.Name, wrong.Known))
	}
	slices.SortStableFunc(errs, func(a, b error) int {
		p, q := a.(*RowError), b.(*RowError)
		return cmp.Or(p.Line-q.Line, p.Column-q.Column)
	})
	return rules.Policy{}, errors.Join(errs...)
}
