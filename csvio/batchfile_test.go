package csvio_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/rules"
)

// cells reads a batch file and returns its header and rows.
func cells(t *testing.T, text string) [][]string {
	t.Helper()
	f, err := csvio.ReadBatchFile(strings.NewReader(text), nil)
	require.NoError(t, err)
	var out [][]string
	header := []string{}
	for i := range f.Header {
		header = append(header, f.Header[i].Value())
	}
	if f.Header != nil {
		out = append(out, header)
	}
	for _, r := range f.Rows {
		row := []string{}
		for i := range r.Cells {
			row = append(row, r.Cells[i].Value())
		}
		out = append(out, row)
	}
	require.Equal(t, len(f.Rows), f.RowCount)
	return out
}

// The first group is how servers were seen to read; the second follows from it.
func TestReadBatchFile(t *testing.T) {
	tests := []struct {
		reason, text string
		want         [][]string
	}{
		{"nothing", "", nil},
		{"a header", "EmailAddress\r\n", [][]string{{"EmailAddress"}}},
		{"rows", "EmailAddress,Password\r\na@x.com,p\r\nb@x.com,\r\n", [][]string{{"EmailAddress", "Password"}, {"a@x.com", "p"}, {"b@x.com", ""}}},
		{"no line end behind the last row", "EmailAddress\na@x.com", [][]string{{"EmailAddress"}, {"a@x.com"}}},
		{"a semicolon is no separator", "EmailAddress;Password\na@x.com;p", [][]string{{"EmailAddress;Password"}, {"a@x.com;p"}}},
		{"a #TYPE line is the header", "#TYPE X\nEmailAddress\n", [][]string{{"#TYPE X"}, {"EmailAddress"}}},
		{"blank lines are passed over", "\n\r\nEmailAddress\r\r\na@x.com\n\n\u2028\u2029b@x.com\u2028c@x.com\r\n\r\n",
			[][]string{{"EmailAddress"}, {"a@x.com"}, {"b@x.com"}, {"c@x.com"}}},
		{"a line of blanks is a row", "EmailAddress\n  \n", [][]string{{"EmailAddress"}, {""}}},
		{"cells are trimmed", "EmailAddress, Password \n\ta@x.com ,\u00a0p\u00a0q\n", [][]string{{"EmailAddress", "Password"}, {"a@x.com", "p\u00a0q"}}},
		{"inside quotes they are not", "E,P\n\" a \",\"p \"\n", [][]string{{"E", "P"}, {" a ", "p "}}},
		{"a quoted comma and quote", `E,P` + "\n" + `a,"p,""q"` + "\n", [][]string{{"E", "P"}, {"a", `p,"q`}}},
		{"a blank between closing quote and comma", `"a@b.com" ,x`, [][]string{{"", "x"}}},
		{"a quote inside", `a"b@c.com,x`, [][]string{{"b@c.com", "x"}}},
		{"text behind a closing quote", `"a@b.com"x,y`, [][]string{{"x", "y"}}},

		{"a blank before the opening quote", `x, "a@b.com"`, [][]string{{"x", "a@b.com"}}},
		{"a blank behind the last closing quote", "x,\"a\" \ny,\"b\"", [][]string{{"x", ""}, {"y", "b"}}},
		{"empty cells at either end", ",x,\n,", [][]string{{"", "x", ""}, {"", ""}}},
		{"quotes around nothing", `"",""""`, [][]string{{"", `"`}}},
		{"a quote that nothing closes", "E,P\na,\"p\nb,q\n", [][]string{{"E", "P"}, {"a", "p"}, {"b", "q"}}},
		{"only quotes", `""""""`, [][]string{{`""`}}},
		{"only quotes, an odd number", `"""`, [][]string{{``}}},
		{"quotes in the wrong place around a comma", `"a,b"x,y`, [][]string{{"a", "x", "y"}}},
		{"quotes around a line end", "a,\"b\r\nc\",d\ne", [][]string{{"a", "b\r\nc", "d"}, {"e"}}},
		{"a closing quote is looked for across lines, but must end the cell", "a,\"b\nc\"d\ne", [][]string{{"a", "b"}, {"d"}, {"e"}}},
		{"characters that begin as a line end", "\u2027,a\u202a", [][]string{{"\u2027", "a\u202a"}}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, cells(t, tt.text)); diff != "" {
			t.Errorf("%s: %q\n%s", tt.reason, tt.text, diff)
		}
	}
}

// The reading is that of a regular expression that gives what servers were seen to do:
// the leftmost match of a cell with what ends it, over and over.
func TestReadBatchFileAsExpression(t *testing.T) {
	expression := regexp.MustCompile(`(?:([^",\r\n\x{2028}\x{2029}]*)|"((?:[^"]|"")*)")(,|[\r\n\x{2028}\x{2029}]+|$)`)
	reads := func(text string) (out [][]string) {
		text = strings.TrimLeft(text, "\r\n\u2028\u2029")
		row := []string{}
		for at, more := 0, text != ""; more; {
			m := expression.FindStringSubmatchIndex(text[at:])
			part := func(i int) string { return text[at+m[i] : at+m[i+1]] }
			if m[2] >= 0 {
				row = append(row, strings.TrimSpace(part(2)))
			} else {
				row = append(row, strings.ReplaceAll(part(4), `""`, `"`))
			}
			comma := part(6) == ","
			if at += m[1]; !comma {
				out, row = append(out, row), []string{}
			}
			more = at < len(text) || comma
		}
		return out
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`(["",ab \n]|""|\r\n|\x{2028}){0,24}`).Draw(rt, "text")
		if diff := cmp.Diff(reads(text), cells(t, text)); diff != "" {
			rt.Fatalf("%q\n%s", text, diff)
		}
	})
}

// A cell is where it can be seen in an editor: at its first character that is no blank, be
// that dropped or not, or at its beginning if there is none. Only CR and LF end a line
// there.
func TestBatchFilePlaces(t *testing.T) {
	f, err := csvio.ReadBatchFile(strings.NewReader("E, P \r\n\r  ,ä,\t\"b\"\n\"c\" x,\"d\ne\",f\u2028g,h"), nil)
	require.NoError(t, err)
	var got []string
	for _, row := range append([]rules.FileRow{{Cells: f.Header}}, f.Rows...) {
		for i := range row.Cells {
			c := &row.Cells[i]
			got = append(got, fmt.Sprintf("%q %d:%d %v", c.Value(), c.Line, c.Column, c.Partial))
		}
	}
	want := []string{
		`"E" 1:1 false`, `"P" 1:4 false`,
		`"" 3:1 false`, `"ä" 3:4 false`, `"b" 3:7 false`,
		`"x" 4:1 true`, `"d\ne" 4:7 false`, `"f" 5:4 false`,
		`"g" 5:6 false`, `"h" 5:8 false`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
