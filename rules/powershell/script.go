package powershell

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Script is commands for one shell, in groups. Its text depends on nothing else: the
// same script is the same bytes.
type Script struct {
	// Title is the comment that the script begins with; it may have several lines, or
	// none.
	Title string

	// Variables are values of variables that commands use. The script sets those, and
	// stops at once where another one that it uses is not set in the session.
	Variables map[string]string

	Groups []Group
}

// Group is commands that are done for the same items. Without commands it is a comment,
// with its items one a line: what is to be done by hand.
type Group struct {
	// Comment is what the commands are preceded by; it may have several lines, or none.
	Comment string

	// Commands are done in this order: those without an [Item] once, the others for
	// each of the items, those that follow one another in one loop.
	Commands []Command

	Items []string
}

// WriteTo writes the script. Lines end in CR LF. Values and code are ASCII; comments
// may be any UTF-8, without a byte order mark, and say nothing to PowerShell however
// they are decoded. See [Quote].
//
// A script that is not valid, having an invalid command or an item that is no UTF-8, or
// commands of two shells, is not begun; the error wraps [ErrInvalid] and names the
// group. All of the text is in memory before any of it is written.
func (s *Script) WriteTo(w io.Writer) (int64, error) {
	b, err := s.appendText(nil)
	if err != nil {
		return 0, err
	}
	n, err := w.Write(b)
	return int64(n), err
}

func (s *Script) appendText(b []byte) ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.Title != "" {
		b = appendComment(b, s.Title)
	}
	b, err := s.appendVariables(b)
	if err != nil {
		return nil, err
	}
	for i := range s.Groups {
		if len(b) > 0 {
			b = append(b, "\r\n"...)
		}
		if b, err = s.Groups[i].appendText(b); err != nil {
			return nil, fmt.Errorf("%w, in group %d (%.50q)", err, i+1, s.Groups[i].Comment)
		}
	}
	return b, nil
}

// check reports what is wrong with the commands.
func (s *Script) check() error {
	var shell Shell
	for i := range s.Groups {
		for _, c := range s.Groups[i].Commands {
			err := c.Validate()
			if shell == 0 {
				shell = c.Shell
			}
			if err == nil && c.Shell != shell {
				err = invalid("script: %s is for the %s, and what is before for the %s", c.Cmdlet, c.Shell, shell)
			}
			if err != nil {
				return fmt.Errorf("%w, in group %d (%.50q)", err, i+1, s.Groups[i].Comment)
			}
		}
	}
	return nil
}

// appendVariables appends what sets the variables that are given, and stops without
// those that are not.
func (s *Script) appendVariables(b []byte) ([]byte, error) {
	given := slices.Sorted(maps.Keys(s.Variables))
	for _, name := range given {
		if err := checkVariable(name); err != nil {
			return nil, err
		}
		var err error
		if b, err = appendQuoted(append(b, "$"+name+" = "...), s.Variables[name]); err != nil {
			return nil, fmt.Errorf("%w ($%s)", err, name)
		}
		b = append(b, "\r\n"...)
	}
	for _, name := range s.used() {
		if !slices.ContainsFunc(given, func(g string) bool { return strings.EqualFold(g, name) }) {
			b = fmt.Appendf(b, "if ($null -eq $%s) { throw 'Set $%s first.' }\r\n", name, name)
		}
	}
	return b, nil
}

// used returns the names of the variables that the commands use, in the order of their
// first use. Names that differ in case only are the same.
func (s *Script) used() []string {
	var names []string
	for i := range s.Groups {
		for _, c := range s.Groups[i].Commands {
			_ = c.each(func(c *Command) error {
				for _, p := range c.Parameters {
					if p.kind == kindVariable && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, p.text) }) {
						names = append(names, p.text)
					}
				}
				return nil
			})
		}
	}
	return names
}

func (g *Group) appendText(b []byte) ([]byte, error) {
	if g.Comment != "" {
		b = appendComment(b, g.Comment)
	}
	if len(g.Commands) == 0 {
		for _, item := range g.Items {
			b = appendComment(b, item)
		}
	}
	for from := 0; from < len(g.Commands); {
		takes := g.Commands[from].TakesItem()
		to := from + 1
		for to < len(g.Commands) && g.Commands[to].TakesItem() == takes {
			to++
		}
		var err error
		switch run := g.Commands[from:to]; {
		case !takes:
			b, err = appendCommands(b, run, "", "")
		case len(g.Items) == 1:
			var item string
			if item, err = Quote(g.Items[0]); err == nil {
				b, err = appendCommands(b, run, "", item)
			}
		default:
			b, err = g.appendLoop(b, run)
		}
		if err != nil {
			return nil, err
		}
		from = to
	}
	return b, nil
}

// fewItems is how many items of a loop stand in one line.
const fewItems = 3

// appendLoop appends a loop over the items; none if there are none.
func (g *Group) appendLoop(b []byte, commands []Command) ([]byte, error) {
	if len(g.Items) == 0 {
		return b, nil
	}
	before, between, behind := "", ", ", ""
	if len(g.Items) > fewItems {
		before, between, behind = "\r\n    ", ",\r\n    ", "\r\n"
	}
	b = append(b, "foreach ("+itemReference+" in @("...)
	b = append(b, before...)
	for i, item := range g.Items {
		if i > 0 {
			b = append(b, between...)
		}
		var err error
		if b, err = appendQuoted(b, item); err != nil {
			return nil, err
		}
	}
	b = append(b, behind...)
	b = append(b, ")) {\r\n"...)
	b, err := appendCommands(b, commands, "    ", itemReference)
	return append(b, "}\r\n"...), err
}

// appendCommands appends a line for each command.
func appendCommands(b []byte, commands []Command, indent, item string) ([]byte, error) {
	for i := range commands {
		line, err := commands[i].render(indent, item)
		if err != nil {
			return nil, err
		}
		b = append(append(b, line...), "\r\n"...)
	}
	return b, nil
}
