package synth

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteCSVDE writes what csvde -f directory.csv -r "(homeMDB=*)" -l and the
// attributes gives. Of the classes it names only the last; values of one attribute
// stand in one cell with semicolons between, and semicolons in them after a
// backslash; bytes are in hexadecimal digits, and so is text that is not ASCII
// unless the file is in Unicode. Only what needs quotes has them.
//
// Sources: learn.microsoft.com/windows/win32/ad/comma-separated-value-csv-scripts
// for the sample of rows, and previous-versions cc757853 for the switches. That a
// backslash is doubled and that text which is not ASCII is in hexadecimal digits of
// its UTF-8 are presumed.
func (o *Organization) WriteCSVDE(w io.Writer, f Format) error {
	f.NoBOM, f.LF = true, false
	t := newText(w, f)
	t.line("DN," + strings.Join(attributeNames, ","))
	for a := range o.accounts() {
		cells := make([]string, 1+len(attributeNames))
		cells[0] = csvdeCell(csvdeValue("DN", a.dn, f))
		for _, attr := range a.attributes {
			cells[1+slices.Index(attributeNames, attr.name)] = csvdeCell(csvdeValues(attr, f))
		}
		t.line(strings.Join(cells, ","))
	}
	return t.finish()
}

var csvdeEscape = strings.NewReplacer(`\`, `\\`, `;`, `\;`)

func csvdeValues(attr attribute, f Format) string {
	values := attr.values
	if attr.name == "objectClass" {
		values = values[len(values)-1:]
	}
	var texts []string
	for _, v := range values {
		if f.plain(attr.name, v) {
			v = csvdeEscape.Replace(v)
		}
		texts = append(texts, csvdeValue(attr.name, v, f))
	}
	return strings.Join(texts, ";")
}

func csvdeValue(name, value string, f Format) string {
	if f.plain(name, value) {
		return value
	}
	return fmt.Sprintf("X'%x'", value)
}

func csvdeCell(s string) string {
	if strings.ContainsAny(s, `,"`) {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}
