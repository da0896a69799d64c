package rules

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/staged-migration/staged/inventory"
)

// compiledCondition is a [Condition] that can be evaluated: holds says whether it holds.
//
// The common ones are there a second time, as their parts, for a rule that has no other:
// a fact that is to be yes, a number that is to lie between two, a text that compares
// with a word. Each call of a func saved is a third of what such a rule costs.
type compiledCondition struct {
	field     string
	attribute string // its name, if the field is one of those
	show      func(*inventory.Mailbox) string
	holds     func(*inventory.Mailbox) inventory.Fact

	fact func(*inventory.Mailbox) inventory.Fact
	yes  inventory.Fact

	number      func(*inventory.Mailbox) (int64, bool)
	least, most int64

	text    func(*inventory.Mailbox) (string, bool)
	compare func(s, word string) bool
	word    string
}

// The operators, by the kind of field.
var (
	equality = []string{"equals", "notEquals"}
	lists    = []string{"in", "notIn"}
	order    = []string{"lessThan", "atMost", "moreThan", "atLeast"}
	texts    = []string{"startsWith", "endsWith", "contains", "matches"}

	operators = map[fieldKind][]string{
		textField:    slices.Concat(equality, lists, texts),
		sizeField:    slices.Concat(equality, lists, order),
		numberField:  slices.Concat(equality, lists, order),
		factField:    equality,
		versionField: slices.Concat(equality, lists, order),
	}
)

// compile makes a condition that can be evaluated of one whose keys have the prefix.
func (c Condition) compile(prefix string) (compiledCondition, error) {
	f, err := fieldNamed(c.Field, prefix+"field")
	if err != nil {
		return compiledCondition{}, err
	}
	known := operators[f.kind]
	at := slices.IndexFunc(known, func(o string) bool { return strings.EqualFold(o, c.Operator) })
	if at < 0 {
		return compiledCondition{}, unknownName(prefix+"operator", "operator of "+f.name, c.Operator, known)
	}
	values := []any{c.Value}
	if list, ok := c.Value.([]any); slices.Contains(lists, known[at]) {
		if !ok || len(list) == 0 {
			return compiledCondition{}, declarationError(prefix+"value", "%s wants a list that is not empty", known[at])
		}
		values = list
	}
	compiled := compiledCondition{field: f.name, attribute: f.attribute, show: f.show}
	if err := compiled.bind(&f, known[at], values); err != nil {
		return compiledCondition{}, declarationError(prefix+"value", "%w", err)
	}
	return compiled, nil
}

// bind sets what evaluates an operator on a field with values, of which operators other
// than in and notIn have one.
func (c *compiledCondition) bind(f *field, operator string, values []any) (err error) {
	switch f.kind {
	case factField:
		return c.bindFact(f, operator, values[0])
	case versionField:
		c.holds, err = f.versionCondition(operator, values)
	case textField:
		return c.bindText(f, operator, values)
	default:
		return c.bindNumber(f, operator, values)
	}
	return err
}

func (c *compiledCondition) bindFact(f *field, operator string, value any) error {
	b, ok := value.(bool)
	if !ok {
		return fmt.Errorf("%s is true or false, not %s", f.name, showValue(value))
	}
	get, yes := f.fact, inventory.FactOf(b != isNegated(operator))
	c.fact, c.yes = get, yes
	c.holds = func(m *inventory.Mailbox) inventory.Fact {
		v := get(m)
		return answer(v != inventory.Unknown, v == yes)
	}
	return nil
}

// bindNumber binds an operator on a number or a size.
func (c *compiledCondition) bindNumber(f *field, operator string, values []any) error {
	numbers := make([]int64, len(values))
	for i, v := range values {
		n, err := f.numberOf(v)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	get, negated, least, most := f.number, isNegated(operator), int64(0), int64(math.MaxInt64)
	switch first := numbers[0]; operator {
	case "lessThan":
		most = first - 1
	case "atMost":
		most = first
	case "moreThan":
		if least = first + 1; first == math.MaxInt64 {
			least, most = 1, 0 // there are none
		}
	case "atLeast":
		least = first
	default:
		c.holds = func(m *inventory.Mailbox) inventory.Fact {
			n, known := get(m)
			return answer(known, slices.Contains(numbers, n) != negated)
		}
		return nil
	}
	c.number, c.least, c.most = get, least, most
	c.holds = func(m *inventory.Mailbox) inventory.Fact {
		n, known := get(m)
		return answer(known, least <= n && n <= most)
	}
	return nil
}

func isNegated(operator string) bool { return operator == "notEquals" || operator == "notIn" }

// answer is whether something holds, as far as that is known.
func answer(known, holds bool) inventory.Fact {
	switch {
	case !known:
		return inventory.Unknown
	case holds:
		return inventory.Yes
	}
	return inventory.No
}

// numberOf reads the value of a number or a size, which is not negative.
func (f *field) numberOf(v any) (n int64, err error) {
	ok := true
	switch v := v.(type) {
	case string:
		if f.kind != sizeField {
			ok = false
			break
		}
		size, err := inventory.ParseSize(v)
		if err != nil {
			return 0, err
		}
		n = int64(size)
	case int:
		n = int64(v)
	case float64:
		n = int64(v)
		ok = float64(n) == v && math.Abs(v) < 1<<53
	case json.Number:
		n, err = v.Int64()
		ok = err == nil
	default:
		ok = false
	}
	switch {
	case ok && n >= 0:
		return n, nil
	case f.kind == sizeField:
		return 0, fmt.Errorf(`%s is a size such as "50 GB" or a whole number of bytes from 0, not %s`, f.name, showValue(v))
	}
	return 0, fmt.Errorf("%s is a whole number from 0, not %s", f.name, showValue(v))
}

// versionCondition is the condition of a version. A value without a build, such as
// "2007", equals every build of its release.
func (f *field) versionCondition(operator string, values []any) (func(*inventory.Mailbox) inventory.Fact, error) {
	versions := make([]inventory.Version, len(values))
	for i, v := range values {
		text, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf(`%s is a string such as "2007" or "8.3.83.6", not %s`, f.name, showValue(v))
		}
		if f.name == "outlookVersion" && strings.HasPrefix(text, "20") {
			return nil, fmt.Errorf(`%s is a version number such as "12.0", which is that of Outlook 2007, not %q`, f.name, text)
		}
		var err error
		if versions[i], err = inventory.ParseVersion(text); err != nil {
			return nil, err
		}
	}
	get, negated := f.version, isNegated(operator)
	first := versions[0]
	return func(m *inventory.Mailbox) inventory.Fact {
		v := get(m)
		c := v.Compare(first)
		var holds bool
		switch operator {
		case "lessThan":
			holds = c < 0
		case "atMost":
			holds = c <= 0 || isRelease(v, first)
		case "moreThan":
			holds = c > 0 && !isRelease(v, first)
		case "atLeast":
			holds = c >= 0
		default:
			holds = slices.ContainsFunc(versions, func(w inventory.Version) bool { return v == w || isRelease(v, w) }) != negated
		}
		return answer(v.Known(), holds)
	}, nil
}

// isRelease reports whether v is a build of the release that w stands for.
func isRelease(v, w inventory.Version) bool {
	return w.Build == 0 && w.Revision == 0 && v.Major == w.Major && (v.Minor == w.Minor || w.Minor == 0 && v.Year() == w.Year())
}

func (c *compiledCondition) bindText(f *field, operator string, values []any) error {
	words := make([]string, len(values))
	for i, v := range values {
		text, ok := v.(string)
		if !ok {
			return fmt.Errorf("%s is a string, not %s", f.name, showValue(v))
		}
		words[i] = text
	}
	get, word, negated := f.text, words[0], isNegated(operator)
	var compare func(s, word string) bool
	switch operator {
	case "equals":
		compare = strings.EqualFold
	case "startsWith":
		compare = prefixFold
	case "endsWith":
		compare = suffixFold
	case "contains":
		compare = containsFold
	case "matches":
		pattern, err := regexp.Compile(word)
		if err != nil {
			return err
		}
		compare = func(s, _ string) bool { return pattern.MatchString(s) }
	default:
		c.holds = func(m *inventory.Mailbox) inventory.Fact {
			s, known := get(m)
			is := func(word string) bool { return strings.EqualFold(s, word) }
			return answer(known, slices.ContainsFunc(words, is) != negated)
		}
		return nil
	}
	c.text, c.compare, c.word = get, compare, word
	c.holds = func(m *inventory.Mailbox) inventory.Fact {
		s, known := get(m)
		return answer(known, known && compare(s, word))
	}
	return nil
}

// showValue is a value of a declaration as it is written there.
func showValue(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("a %T", v)
	}
	return string(text[:min(len(text), 60)])
}

// foldLen returns how many bytes of s a prefix takes that is word but for case, and -1
// if there is none. Other cases of a letter may take another number of bytes.
func foldLen(s, word string) int {
	i := 0
	for i < len(word) && i < len(s) && s[i]|word[i] < utf8.RuneSelf {
		if a, b := s[i], word[i]; a != b && (a^b != 'a'-'A' || a|b < 'a' || a|b > 'z') {
			return -1
		}
		i++
	}
	rest := s[i:]
	for _, w := range word[i:] {
		r, n := utf8.DecodeRuneInString(rest)
		if n == 0 || !equalFoldRune(r, w) {
			return -1
		}
		rest = rest[n:]
	}
	return len(s) - len(rest)
}

func equalFoldRune(a, b rune) bool {
	if a == b {
		return true
	}
	for r := unicode.SimpleFold(a); r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return false
}

func prefixFold(s, word string) bool { return foldLen(s, word) >= 0 }

func suffixFold(s, word string) bool {
	skip := utf8.RuneCountInString(s) - utf8.RuneCountInString(word)
	for i := range s {
		if skip == 0 {
			return foldLen(s[i:], word) >= 0
		}
		skip--
	}
	return skip == 0 && word == ""
}

func containsFold(s, word string) bool {
	for i := range s {
		if foldLen(s[i:], word) >= 0 {
			return true
		}
	}
	return word == ""
}
