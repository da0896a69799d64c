// Package powershell has commands of PowerShell as data: a cmdlet, its parameters and
// the shell that it runs in. They render as text in which no value, whatever is in it,
// is anything but a value.
package powershell

// Shell is where a command runs. The zero Shell is none.
type Shell uint8

// The shells of a staged migration. Exchange 2003 has none.
const (
	Exchange2007   Shell = iota + 1 // the Exchange Management Shell of Exchange 2007
	ExchangeOnline                  // Exchange Online PowerShell
)

// Command is one call of a cmdlet.
type Command struct {
	Shell      Shell
	Cmdlet     string // such as Set-Mailbox
	Parameters []Parameter
	// Into is the command that takes what this one gives, if any, in the same shell.
	Into *Command
}

// Parameter is a named argument of a command. Item, Text, Texts, Bool, Int, Switch,
// Variable and FileBytes make them.
type Parameter struct {
	Name string

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

// Item is a parameter whose value is what the command is repeated for, such as the
// address of a mailbox.
func Item(name string) Parameter { return Parameter{Name: name, kind: kindItem} }

// Text is a parameter with a text as its value.
func Text(name, value string) Parameter { return Parameter{Name: name, kind: kindText, text: value} }

// Texts is a parameter with a list of texts as its value.
func Texts(name string, values ...string) Parameter {
	return Parameter{Name: name, kind: kindTexts, list: values}
}

// Bool is a parameter with $true or $false as its value.
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
// its $, such as a credential.
func Variable(name, variable string) Parameter {
	return Parameter{Name: name, kind: kindVariable, text: variable}
}

// FileBytes is a parameter whose value is what a file holds, as -CSVData takes it.
func FileBytes(name, path string) Parameter {
	return Parameter{Name: name, kind: kindFileBytes, text: path}
}
