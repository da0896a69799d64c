// Package powershell has commands of PowerShell as data: a cmdlet, its parameters and
// the shell that it runs in. They render as text in which no value, whatever is in it,
// is anything but a value.
//
// A [Command] is rendered by itself, for one item ([Command.For]), or in a [Script], in
// which a loop repeats it for a list of items. The text keeps to what PowerShell 1.0
// knows, since that is what Exchange 2007 came with.
package powershell

import (
	"fmt"
	"slices"
)

// Shell is where a command runs. The zero Shell is none.
type Shell uint8

// The shells of a staged migration. Exchange 2003 has none.
const (
	Exchange2007   Shell = iota + 1 // the Exchange Management Shell of Exchange 2007
	ExchangeOnline                  // Exchange Online PowerShell
)

// String returns what an admin calls the shell.
func (s Shell) String() string {
	switch s {
	case Exchange2007:
		return "Exchange Management Shell (Exchange 2007)"
	case ExchangeOnline:
		return "Exchange Online PowerShell"
	}
	return fmt.Sprintf("Shell(%d)", uint8(s))
}

// Command is one call of a cmdlet. It must not be changed once it is in use.
type Command struct {
	Shell      Shell
	Cmdlet     string // such as Set-Mailbox
	Parameters []Parameter
	// Into is the command that takes what this one gives, if any, in the same shell;
	// its Shell may be zero.
	Into *Command
}

// Parameter is a named argument of a command. Item, Text, Texts, Bool, Int, Switch,
// Variable and FileBytes make them.
type Parameter struct {
	Name string // such as Identity, without the dash

	kind kind
	text string
	list []string
	num  int64
}

type kind uint8

const (
	kindSwitch kind = iota
	kindItem
	kindText
	kindTexts
	kindBool
	kindInt
	kindVariable
	kindFileBytes
)

// Equal reports whether both are the same argument.
func (p Parameter) Equal(q Parameter) bool {
	return p.Name == q.Name && p.kind == q.kind && p.text == q.text && p.num == q.num && slices.Equal(p.list, q.list)
}

// Item is a parameter whose value is what the command is repeated for, such as the
// address of a mailbox.
func Item(name string) Parameter { return Parameter{Name: name, kind: kindItem} }

// Text is a parameter with a text as its value.
func Text(name, value string) Parameter { return Parameter{Name: name, kind: kindText, text: value} }

// Texts is a parameter with a list of texts as its value, which may be empty.
func Texts(name string, values ...string) Parameter {
	return Parameter{Name: name, kind: kindTexts, list: values}
}

// Bool is a parameter with $true or $false as its value. It may be a switch, such as
// Confirm, that is to be turned off.
func Bool(name string, value bool) Parameter {
	p := Parameter{Name: name, kind: kindBool}
	if value {
		p.num = 1
	}
	return p
}

// Int is a parameter with a whole number as its value.
func Int(name string, value int64) Parameter { return Parameter{Name: name, kind: kindInt, num: value} }

// Switch is a parameter without a value.
func Switch(name string) Parameter { return Parameter{Name: name, kind: kindSwitch} }

// Variable is a parameter whose value is in a variable of the session, named without
// its $, such as a credential. See [Script.Variables].
func Variable(name, variable string) Parameter {
	return Parameter{Name: name, kind: kindVariable, text: variable}
}

// FileBytes is a parameter whose value is what a file holds, as -CSVData takes it. The
// path should be a full one: .NET, which reads the file, does not know the location of
// the session.
func FileBytes(name, path string) Parameter {
	return Parameter{Name: name, kind: kindFileBytes, text: path}
}

// TakesItem reports whether the command, or one that it goes into, has an Item: whether
// it is another one for each item.
func (c Command) TakesItem() bool {
	takes := false
	_ = c.each(func(c *Command) error {
		takes = takes || slices.ContainsFunc(c.Parameters, func(p Parameter) bool { return p.kind == kindItem })
		return nil
	})
	return takes
}
