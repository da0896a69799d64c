package synth

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Format is how exports are written: the switches that an admin may have set.
type Format struct {
	Delimiter byte // 0 is a comma, the only one that csvde has
	UTF16     bool // -Encoding Unicode, and -u of csvde and ldifde
	NoType    bool // -NoTypeInformation
	NoBOM     bool // UTF-8 without byte order mark, as PowerShell 6 and later
	LF        bool // lines end with LF, as PowerShell 7 ends them outside of Windows
}

// Directory is the program that lists the mailboxes of an organization, on which
// it depends what files there are.
type Directory int

const (
	Shell  Directory = iota // Get-Mailbox of the Exchange Management Shell
	CSVDE                   // csvde, where there is no shell
	LDIFDE                  // ldifde, likewise
)

// formats are the directories and formats that have names. Windows PowerShell
// writes a type line, and a byte order mark in all its Unicode encodings;
// PowerShell 7 neither, unless it is told to. Sources: MicrosoftDocs/PowerShell-Docs,
// reference/5.1/Microsoft.PowerShell.Utility/Export-Csv.md and
// reference/7.4/Microsoft.PowerShell.Utility/Export-Csv.md.
var formats = []struct {
	name      string
	directory Directory
	format    Format
}{
	{"ps51", Shell, Format{}},
	{"ps51-utf16", Shell, Format{UTF16: true}},
	{"ps7", Shell, Format{NoType: true, NoBOM: true}},
	{"csvde", CSVDE, Format{NoType: true}},
	{"ldifde", LDIFDE, Format{NoType: true}},
}

// FormatNames are the names that ParseFormat knows.
func FormatNames() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// ParseFormat returns the directory and the format that go by a name. An unknown
// name is an error.
func ParseFormat(name string) (Directory, Format, error) {
	for _, f := range formats {
		if f.name == name {
			return f.directory, f.format, nil
		}
	}
	return 0, Format{}, fmt.Errorf("no format %q; there are %s", name, strings.Join(FormatNames(), ", "))
}

// File is an export of an organization.
type File struct {
	Name  string
	Write func(io.Writer, Format) error
}

// Files are the exports that every plan needs, as a shell makes them.
func (o *Organization) Files() []File { return o.Exports(Shell, false) }

// Exports are the exports of an organization whose mailboxes are listed by the
// directory: the mailboxes, their sizes and the rights on them, and if all is
// set what else an admin can ask for. They are about the same mailboxes whatever
// the directory is.
func (o *Organization) Exports(from Directory, all bool) []File {
	files := []File{
		{"mailboxes.csv", o.WriteMailboxes},
		{"statistics.csv", o.WriteStatistics},
		{"permissions.csv", o.WritePermissions},
	}
	switch from {
	case CSVDE:
		files[0], files[1] = File{"directory.csv", o.WriteCSVDE}, File{"statistics.csv", o.WriteWMI}
	case LDIFDE:
		files[0], files[1] = File{"directory.ldf", o.WriteLDIFDE}, File{"statistics.csv", o.WriteWMI}
	}
	if all {
		files = append(files,
			File{"um.csv", o.WriteUM},
			File{"devices.csv", o.WriteDevices},
			File{"cas.csv", o.WriteCAS},
			File{"cloud.csv", o.WriteCloud},
			File{"mailbox-permissions.csv", o.WriteMailboxPermissions},
			File{"ad-permissions.csv", o.WriteADPermissions},
		)
	}
	return files
}

// text writes lines in the encoding of a format. Errors wait in the buffer for
// finish.
type text struct {
	out   *bufio.Writer
	close io.Closer
	eol   string
}

// newText begins with a byte order mark where the format has one, which UTF-16
// always does.
func newText(w io.Writer, f Format) text {
	t := text{out: bufio.NewWriter(w), eol: "\r\n"}
	if f.LF {
		t.eol = "\n"
	}
	if f.UTF16 {
		encoder := transform.NewWriter(w, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder())
		t.out, t.close = bufio.NewWriter(encoder), encoder
	} else if !f.NoBOM {
		_, _ = t.out.WriteString("\uFEFF")
	}
	return t
}

func (t *text) line(s string) {
	_, _ = t.out.WriteString(s)
	_, _ = t.out.WriteString(t.eol)
}

func (t *text) finish() error {
	if err := t.out.Flush(); err != nil || t.close == nil {
		return err
	}
	return t.close.Close()
}

// exporter writes rows as Export-Csv does: every value in quotes, null as
// nothing.
type exporter struct {
	text
	sep byte
}

func newExporter(w io.Writer, f Format, typeName string) *exporter {
	e := &exporter{text: newText(w, f), sep: f.Delimiter}
	if e.sep == 0 {
		e.sep = ','
	}
	if !f.NoType {
		e.line("#TYPE " + typeName)
	}
	return e
}

// null is written as nothing at all, as Export-Csv writes $null.
const null = "\x00"

func (e *exporter) row(cells ...string) {
	for i, c := range cells {
		if i > 0 {
			_ = e.out.WriteByte(e.sep)
		}
		if c != null {
			_, _ = e.out.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
		}
	}
	e.line("")
}
