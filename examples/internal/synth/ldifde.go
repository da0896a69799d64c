package synth

import (
	"encoding/base64"
	"io"
	"strings"
)

// WriteLDIFDE writes what ldifde -f directory.ldf with the same switches gives:
// LDIF, in which each value has a line of its own, and bytes and text that is not
// ASCII are in base64, the latter unless the file is in Unicode.
//
// Sources: RFC 2849, and learn.microsoft.com/windows/win32/ad/ldif-scripts for what
// ldifde makes of it.
func (o *Organization) WriteLDIFDE(w io.Writer, f Format) error {
	f.NoBOM, f.LF = true, false
	t := newText(w, f)
	for a := range o.accounts() {
		t.line(ldifLine("dn", a.dn, f))
		t.line("changetype: add")
		for _, attr := range a.attributes {
			for _, v := range attr.values {
				t.line(ldifLine(attr.name, v, f))
			}
		}
		t.line("")
	}
	return t.finish()
}

// ldifLine is the line of a value. No value here begins or ends with what RFC 2849
// would have in base64 besides: a space, a colon or a less-than sign.
func ldifLine(name, value string, f Format) string {
	line := name + ": " + value
	if !f.plain(name, value) {
		line = name + ":: " + base64.StdEncoding.EncodeToString([]byte(value))
	}
	return folded(line)
}

// ldifColumns is how long a line may be before it goes on in the next, which then
// begins with a space.
const ldifColumns = 76

func folded(line string) string {
	var b strings.Builder
	column := 0
	for _, r := range line {
		if column == ldifColumns {
			b.WriteString("\r\n ")
			column = 1
		}
		b.WriteRune(r)
		column++
	}
	return b.String()
}
