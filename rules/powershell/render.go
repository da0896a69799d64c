package powershell

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrInvalid is the cause of every error about a command or a script that cannot be
// rendered.
var ErrInvalid = errors.New("powershell: invalid")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w "+format, append([]any{ErrInvalid}, args...)...)
}

// itemVariable is what an Item is in a loop.
const itemVariable = "item"

// maxPipeline bounds how many commands go into one another. No pipeline of people has
// that many, and one that leads back into itself has no end.
const maxPipeline = 16

// each calls f for the command and those that it goes into, in order, until f fails.
func (c *Command) each(f func(*Command) error) error {
	n := 0
	for ; c != nil; c = c.Into {
		if n++; n > maxPipeline {
			return invalid("command: a pipeline of more than %d commands", maxPipeline)
		}
		if err := f(c); err != nil {
			return err
		}
	}
	return nil
}

// Validate reports why a command cannot be rendered: names that are none, texts that
// are no UTF-8, no shell or two of them. Names of cmdlets are Verb-Noun in letters, and
// digits in the noun; those of parameters and variables are letters and digits, a letter
// first, and no variable is named item. Errors wrap [ErrInvalid].
func (c Command) Validate() error {
	_, err := c.render("", itemReference)
	return err
}

// itemReference is what stands for an Item inside of a loop.
const itemReference = "$" + itemVariable

// For returns the command as one line that does it for an item. The item plays no part
// in a command without an Item. The errors are those of [Command.Validate], and of an
// item that is no UTF-8.
func (c Command) For(item string) (string, error) {
	quoted, err := Quote(item)
	if err != nil {
		return "", err
	}
	return c.render("", quoted)
}

// String returns the command as it is in a loop, with $item for the item. If it is not
// valid, that is a comment that says so.
func (c Command) String() string {
	text, err := c.render("", itemReference)
	if err != nil {
		return strings.TrimSuffix(string(appendComment(nil, err.Error())), "\r\n")
	}
	return text
}

// render returns the command as a line that begins with indent. The item is the code
// that stands for it.
func (c *Command) render(indent, item string) (string, error) {
	if c.Shell != Exchange2007 && c.Shell != ExchangeOnline {
		return "", invalid("command %q: no shell", c.Cmdlet)
	}
	b := []byte(indent)
	first := true
	err := c.each(func(k *Command) (err error) {
		if !first {
			b = append(b, " | "...)
		}
		first = false
		if k.Shell != 0 && k.Shell != c.Shell {
			return invalid("command %q: it goes into one of another shell", c.Cmdlet)
		}
		b, err = k.appendCall(b, item)
		return err
	})
	return string(b), err
}

func (c *Command) appendCall(b []byte, item string) ([]byte, error) {
	verb, noun, _ := strings.Cut(c.Cmdlet, "-")
	if !isName(verb, false) || !isName(noun, true) {
		return nil, invalid("cmdlet %q: not Verb-Noun", c.Cmdlet)
	}
	b = append(b, c.Cmdlet...)
	for _, p := range c.Parameters {
		if !isName(p.Name, true) {
			return nil, invalid("parameter %q of %s: not letters and digits", p.Name, c.Cmdlet)
		}
		b = append(b, " -"...)
		b = append(b, p.Name...)
		var err error
		if b, err = p.appendValue(b, item); err != nil {
			return nil, fmt.Errorf("%w (-%s of %s)", err, p.Name, c.Cmdlet)
		}
	}
	return b, nil
}

// appendValue appends the value with what parts it from the name. A switch takes its
// value behind a colon only.
func (p *Parameter) appendValue(b []byte, item string) ([]byte, error) {
	switch p.kind {
	case kindSwitch:
		return b, nil
	case kindBool:
		return append(append(b, ":$"...), strconv.FormatBool(p.num != 0)...), nil
	}
	b = append(b, ' ')
	switch p.kind {
	case kindItem:
		return append(b, item...), nil
	case kindInt:
		if p.num < 0 { // as an argument, -5 could be a parameter
			return fmt.Appendf(b, "(%d)", p.num), nil
		}
		return strconv.AppendInt(b, p.num, 10), nil
	case kindVariable:
		if err := checkVariable(p.text); err != nil {
			return nil, err
		}
		return append(append(b, '$'), p.text...), nil
	case kindTexts:
		b = append(b, "@("...)
		for i, text := range p.list {
			if i > 0 {
				b = append(b, ", "...)
			}
			var err error
			if b, err = appendQuoted(b, text); err != nil {
				return nil, err
			}
		}
		return append(b, ')'), nil
	case kindFileBytes:
		b, err := appendQuoted(append(b, "([System.IO.File]::ReadAllBytes("...), p.text)
		return append(b, "))"...), err
	}
	return appendQuoted(b, p.text)
}

// checkVariable reports whether a name can be that of a variable that the commands
// use. The loops of a script use itemVariable for themselves.
func checkVariable(name string) error {
	if !isName(name, true) || strings.EqualFold(name, itemVariable) {
		return invalid("variable %q: not letters and digits, or the name of the loop's own", name)
	}
	return nil
}

// isName reports whether a name is of ASCII letters, the first included, and digits if
// those are allowed.
func isName(name string, digits bool) bool {
	for i := range len(name) {
		c := name[i] | 0x20
		if (c < 'a' || c > 'z') && (!digits || i == 0 || name[i] < '0' || name[i] > '9') {
			return false
		}
	}
	return name != ""
}
