package rules

import (
	"strings"

	"github.com/staged-migration/staged/rules/powershell"
)

// Instructions returns what to do about the finding, for a person, on one line: Remedy,
// and behind it the Commands for the Subject by the shells that they run in. Those of the
// Exchange 2007 shell are left out for what is known to be on Exchange 2003; so is a
// command that cannot be written for the Subject.
func (f *Finding) Instructions() string {
	if len(f.Commands) == 0 {
		return f.Remedy
	}
	var b strings.Builder
	b.WriteString(f.Remedy)
	var in powershell.Shell
	for _, c := range f.Commands {
		if f.On2003 && c.Shell == powershell.Exchange2007 {
			continue
		}
		text, err := c.For(f.Subject)
		switch {
		case err != nil:
			continue
		case c.Shell == in:
			b.WriteString("; ")
		default:
			in = c.Shell
			b.WriteString(" " + in.String() + ": ")
		}
		b.WriteString(text)
	}
	return strings.TrimSpace(b.String())
}
