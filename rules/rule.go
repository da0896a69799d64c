package rules

import (
	"errors"
	"fmt"
	"slices"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

// Rule is one thing that must hold. Fields may be added.
type Rule struct {
	// Name identifies the rule in findings: lower-case letters, digits and
	// hyphens, such as "mailbox-um-enabled".
	Name string

	// Doc says in a sentence or more what the rule asks.
	Doc string

	// Why says what happens where it does not hold. It may be empty if Doc says so.
	Why string

	// URL leads to where the rule is published. It may be empty.
	URL string

	// Sources name what else the rule draws on: documents, articles, field reports.
	Sources []string

	// Doubt says what about the rule is uncertain: what sources contradict, what no
	// source says. It is empty if nothing is.
	Doubt string

	Severity Severity
	Phase    Phase // zero is Before

	// Scope is what findings are about unless they say otherwise; zero is
	// ScopeOrganization for Organization, ScopePlan for Packing, ScopeFile for File, and
	// ScopePlan for Status. Findings of Mailbox are about the mailbox.
	Scope Scope

	// Remedy says what to do about a finding, whatever the version of Exchange.
	Remedy string

	// Remedy2003 says how it is done with the tools of Exchange 2003, where there is no
	// PowerShell. It follows Remedy in findings about what runs on Exchange 2003, or
	// may do so.
	Remedy2003 string

	// Commands do it, each finding's Subject being the item that they are for. Those of
	// the Exchange 2007 shell are for what runs on Exchange 2007. They go with Remedy:
	// findings in the rule's Phase have them, but for those with a Remedy of their own.
	Commands []powershell.Command

	// Final says that a mailbox the rule holds cannot be made fit for a staged
	// migration: its Remedy is another way to move it.
	Final bool

	// Attributes are the names of those of [inventory.Mailbox.Attrs] that the rule asks
	// for. A program that reads exports has these columns kept, since it cannot see what
	// a func asks for; nothing else depends on them.
	Attributes []string

	// The checks, at least one of them: once for the organization, once for each
	// mailbox, once for the packing, once for each batch file, once for what the
	// service reports of a migration that runs. They may be called by several goroutines at
	// a time, so they must not change anything but what they are given to
	// report to.
	Organization func(*Pass)
	Mailbox      func(*Pass, *inventory.Mailbox)
	Packing      func(*Pass, *batch.Packing)
	File         func(*Pass, *BatchFile)
	Status       func(*Pass, *inventory.Status)

	// What a Policy says: the highest severity of a finding, and the reasons for which
	// findings are waived, by their subjects in lower case.
	most   Severity
	waived map[string]string
}

// Severity is how much a finding matters. The zero Severity is none.
type Severity uint8

// The severities, the least first.
const (
	Task    Severity = iota + 1 // work for somebody
	Warning                     // something is lost or gets worse
	Blocker                     // the move fails or is not supported
)

// Phase is when a finding must be dealt with: relative to the migration of the
// batch that it concerns. The zero Phase is none.
type Phase uint8

// The phases.
const (
	Before Phase = iota + 1
	During
	After
)

// Scope is what a finding is about. The zero Scope is none.
type Scope uint8

// The scopes.
const (
	ScopeOrganization Scope = iota + 1
	ScopeEndpoint           // how the service reaches the organization
	ScopeMailbox
	ScopeBatch
	ScopePlan
	ScopeFile // a batch file as a whole
	ScopeRow  // one row of a batch file
)

var (
	severityNames = []string{"", "task", "warning", "blocker"}
	phaseNames    = []string{"", "before", "during", "after"}
	scopeNames    = []string{"", "organization", "endpoint", "mailbox", "batch", "plan", "file", "row"}
)

// String returns "task", "warning" or "blocker".
func (s Severity) String() string { return nameOf(severityNames, uint8(s)) }

// MarshalText writes what String returns.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Severity) UnmarshalText(text []byte) (err error) {
	*s, err = valueOf[Severity](severityNames, text)
	return err
}

// String returns "before", "during" or "after".
func (p Phase) String() string { return nameOf(phaseNames, uint8(p)) }

// MarshalText writes what String returns.
func (p Phase) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (p *Phase) UnmarshalText(text []byte) (err error) {
	*p, err = valueOf[Phase](phaseNames, text)
	return err
}

// String returns "organization", "endpoint", "mailbox", "batch", "plan", "file" or "row".
func (s Scope) String() string { return nameOf(scopeNames, uint8(s)) }

// MarshalText writes what String returns.
func (s Scope) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Scope) UnmarshalText(text []byte) (err error) {
	*s, err = valueOf[Scope](scopeNames, text)
	return err
}

func nameOf(names []string, i uint8) string {
	if int(i) < len(names) {
		return names[i]
	}
	return fmt.Sprint(i)
}

func valueOf[T ~uint8](names []string, text []byte) (T, error) {
	i := slices.Index(names, string(text))
	if i < 0 {
		return 0, fmt.Errorf("rules: %q is none of %q", text, names[1:])
	}
	return T(i), nil
}

// ErrRules is the cause of every error of [Validate].
var ErrRules = errors.New("invalid rules")

// Validate reports what is wrong with a set of rules, each by its name: one that
// has no valid name, the name of another, no doc, no severity, no func, or a command
// that is not valid. A set that is not valid is refused as a whole by [Check] and its
// like. Errors wrap ErrRules.
func Validate(rules []*Rule) error {
	var errs []error
	fail := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: "+format, append([]any{ErrRules}, args...)...))
	}
	seen := make(map[string]bool)
	for i, r := range rules {
		switch {
		case r == nil:
			fail("rule %d of the set is nil", i+1)
			continue
		case r.Name == "":
			fail("rule %d of the set has no name", i+1)
		case !validName(r.Name):
			fail("%q is not a name of lower-case letters, digits and hyphens", r.Name)
		case seen[r.Name]:
			fail("%s is there twice", r.Name)
		}
		seen[r.Name] = true
		if r.Doc == "" {
			fail("%s has no doc", r.Name)
		}
		if r.Severity < Task || r.Severity > Blocker {
			fail("%s has no severity", r.Name)
		}
		if r.Phase > After || r.Scope > ScopeRow {
			fail("%s has an unknown phase or scope", r.Name)
		}
		if r.Organization == nil && r.Mailbox == nil && r.Packing == nil && r.File == nil && r.Status == nil {
			fail("%s has no func", r.Name)
		}
		for _, c := range r.Commands {
			if err := c.Validate(); err != nil {
				fail("%s has a bad command: %w", r.Name, err)
			}
		}
	}
	return errors.Join(errs...)
}

func validName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || i == 0) {
			return false
		}
	}
	return name != ""
}
