package rules

import (
	"errors"
	"fmt"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// Declaration is a rule about mailboxes as data, for teams that keep their rules in a
// configuration: it fires where a field of a mailbox compares with a value as its
// operator says, and is unverified where the field is unknown. [Declaration.Rule] makes
// a [Rule] of it. In JSON it has the keys below; package csvio reads files of them with
// ReadRules.
//
// # Fields
//
//   - texts: address, domain, windowsEmailAddress, displayName, kind, server, database,
//     legacyDN, cloud (nothing, mailUser, mailbox or other), and attributes.NAME for
//     what exports have in other columns, which must be kept; see [Rule.Attributes];
//   - sizes: size, largestItem, averageItemSize;
//   - whole numbers: items, activeSyncDevices, aliases;
//   - facts: hiddenFromAddressLists, umEnabled, outlookCachedMode, outOfOffice, licensed,
//     delegated;
//   - versions: version, outlookVersion.
//
// # Operators
//
//   - of all: equals, notEquals;
//   - of all but facts: in, notIn, whose value is a list;
//   - of texts: startsWith, endsWith, contains, and matches, whose value is a regular
//     expression of package regexp; all but that ignore case;
//   - of sizes, numbers and versions: lessThan, atMost, moreThan, atLeast.
//
// The value of a text is a string, that of a size a string such as "50 GB" or a number
// of bytes, that of a fact true or false, that of a version a string such as "2007", which
// equals all builds of that release, or "8.3.83.6".
type Declaration struct {
	Name     string   `json:"name"`
	Doc      string   `json:"doc"`
	URL      string   `json:"url,omitempty"`
	Severity Severity `json:"severity"`
	Phase    Phase    `json:"phase,omitempty"` // zero is Before
	Remedy   string   `json:"remedy,omitempty"`

	// Field, Operator and Value say where the rule fires.
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    any    `json:"value"` // a string, bool, number, json.Number, or a list of those

	// And are further conditions, all of which must hold too.
	And []Condition `json:"and,omitempty"`

	// Message is that of the findings; {value} stands for the value of Field.
	Message string `json:"message"`
}

// Condition compares a field of a mailbox with a value; see [Declaration].
type Condition struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    any    `json:"value"`
}

// DeclarationError says which key of a [Declaration] is wrong.
type DeclarationError struct {
	Path string // of the key, as in "operator" and "and[0].value"
	Err  error

	// Name is a name that is not known where a field or an operator is wanted, and
	// Known are those that are; otherwise they are empty.
	Name  string
	Known []string
}

func (e *DeclarationError) Error() string {
	text := e.Path + ": " + e.Err.Error()
	if len(e.Known) > 0 {
		text += "; there are " + strings.Join(e.Known, ", ")
	}
	return text
}

// Unwrap returns what is wrong.
func (e *DeclarationError) Unwrap() error { return e.Err }

// ErrDeclaration is the cause of every [DeclarationError].
var ErrDeclaration = errors.New("invalid declaration of a rule")

// placeholder stands for the value of the field in a message.
const placeholder = "{value}"

// Rule compiles the declaration. An error is a [DeclarationError]. The rule's func allocates nothing on a
// mailbox on which it does not fire.
func (d Declaration) Rule() (*Rule, error) {
	conditions := append([]Condition{{d.Field, d.Operator, d.Value}}, d.And...)
	var compiled []compiledCondition
	var attributes []string
	for i, c := range conditions {
		prefix := ""
		if i > 0 {
			prefix = fmt.Sprintf("and[%d].", i-1)
		}
		one, err := c.compile(prefix)
		if err != nil {
			return nil, err
		}
		compiled = append(compiled, one)
		if one.attribute != "" {
			attributes = append(attributes, one.attribute)
		}
	}
	if d.Message == "" {
		return nil, declarationError("message", "it is empty")
	}
	r := &Rule{Name: d.Name, Doc: d.Doc, URL: d.URL, Severity: d.Severity, Phase: d.Phase, Remedy: d.Remedy, Attributes: attributes}
	r.Mailbox = declared(compiled, d.Message)
	if err := Validate([]*Rule{r}); err != nil {
		return nil, d.invalid(err)
	}
	return r, nil
}

// invalid finds the key that makes a rule invalid.
func (d Declaration) invalid(err error) error {
	path := "name"
	switch {
	case !validName(d.Name):
	case d.Doc == "":
		path = "doc"
	case d.Severity < Task || d.Severity > Blocker:
		path = "severity"
	default:
		path = "phase"
	}
	return &DeclarationError{Path: path, Err: fmt.Errorf("%w: %w", ErrDeclaration, err)}
}

func declarationError(path, format string, args ...any) error {
	return &DeclarationError{Path: path, Err: fmt.Errorf("%w: "+format, append([]any{ErrDeclaration}, args...)...)}
}

// unknownName is the error that a name is none of those that are known.
func unknownName(path, what, name string, known []string) error {
	return &DeclarationError{Path: path, Err: fmt.Errorf("%w: there is no %s %q", ErrDeclaration, what, name), Name: name, Known: known}
}

// declared returns the func of a rule. The first condition is the one whose value the
// message shows.
func declared(conditions []compiledCondition, message string) func(*Pass, *inventory.Mailbox) {
	report := func(p *Pass, m *inventory.Mailbox) {
		text := message
		if strings.Contains(text, placeholder) {
			text = strings.ReplaceAll(text, placeholder, conditions[0].show(m))
		}
		p.Report(Finding{Message: text})
	}
	if len(conditions) == 1 {
		return declaredOne(&conditions[0], report)
	}
	return func(p *Pass, m *inventory.Mailbox) {
		unknown := -1
		for i := range conditions {
			switch conditions[i].holds(m) {
			case inventory.No:
				return
			case inventory.Unknown:
				unknown = max(unknown, i)
			}
		}
		if unknown >= 0 {
			unknownField(p, conditions[unknown].field)
		} else {
			report(p, m)
		}
	}
}

// declaredOne is declared for one condition.
func declaredOne(c *compiledCondition, report func(*Pass, *inventory.Mailbox)) func(*Pass, *inventory.Mailbox) {
	finish := func(p *Pass, m *inventory.Mailbox, known bool) {
		if known {
			report(p, m)
		} else {
			unknownField(p, c.field)
		}
	}
	switch {
	case c.fact != nil:
		get, no := c.fact, inventory.FactOf(c.yes == inventory.No)
		return func(p *Pass, m *inventory.Mailbox) {
			if v := get(m); v != no {
				finish(p, m, v != inventory.Unknown)
			}
		}
	case c.number != nil:
		get, least, most := c.number, c.least, c.most
		return func(p *Pass, m *inventory.Mailbox) {
			if n, known := get(m); !known || least <= n && n <= most {
				finish(p, m, known)
			}
		}
	case c.text != nil:
		get, compare, word := c.text, c.compare, c.word
		return func(p *Pass, m *inventory.Mailbox) {
			if s, known := get(m); !known || compare(s, word) {
				finish(p, m, known)
			}
		}
	}
	return func(p *Pass, m *inventory.Mailbox) {
		if v := c.holds(m); v != inventory.No {
			finish(p, m, v == inventory.Yes)
		}
	}
}

func unknownField(p *Pass, name string) {
	p.Unverifiedf("Its %s is not known, which this rule asks for.", name)
}
