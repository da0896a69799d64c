package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// readAll reads all records: the cells of each behind its line, and errors in
// their places.
func readAll(r *Reader) []string {
	var out []string
	for {
		err := r.Read()
		if err == io.EOF {
			return out
		}
		if err != nil {
			out = append(out, err.Error())
			if broken := (*Error)(nil); errors.As(err, &broken) {
				continue
			}
			return out
		}
		line, _ := r.Pos(0)
		record := fmt.Sprint(line)
		for i := range r.Len() {
			record += "|" + string(r.Text(i))
		}
		out = append(out, record)
	}
}

func TestRead(t *testing.T) {
	tests := []struct {
		text   string
		want   []string
		reason string
	}{
		{"", nil, "nothing"},
		{"a,b", []string{"1|a|b"}, "without a line end"},
		{"a,b\r\nc,d\r\n", []string{"1|a|b", "2|c|d"}, "CRLF, as Export-Csv ends lines"},
		{"a\nb\n", []string{"1|a", "2|b"}, "LF"},
		{"a\rb\r", []string{"1|a", "2|b"}, "CR"},
		{"a\r\rb\n\rc\r\n", []string{"1|a", "3|b", "5|c"}, "mixed, with blank lines between: CR, LF and CRLF count one each"},
		{"\r\n\n  \na\n", []string{"3|", "4|a"}, "blank lines are skipped; one with blanks is a record"},
		{`"a","","c"`, []string{"1|a||c"}, "an empty string"},
		{`"a",,"c"`, []string{"1|a||c"}, "nothing at all, as Export-Csv writes $null"},
		{`,`, []string{"1||"}, "two of them"},
		{`"a,b";c`, []string{"1|a,b;c"}, "text behind a closing quote is appended, up to the separator"},
		{`"a""b"`, []string{`1|a"b`}, "a doubled quote"},
		{`""""`, []string{`1|"`}, "a quote alone"},
		{"\"a\r\nb\",c\nd\n", []string{"1|a\r\nb|c", "3|d"}, "a line break in a cell stays as it is and counts"},
		{`"foo bar" "more"`, []string{`1|foo bar "more"`}, "text behind a closing quote, quotes in it kept"},
		{`"foo bar"  `, []string{"1|foo bar"}, "blanks behind a closing quote are dropped"},
		{`"foo" ,b`, []string{"1|foo|b"}, "also before a separator"},
		{`foo "ba,r"`, []string{`1|foo "ba|r"`}, "a quote in mid-cell opens nothing"},
		{`  a b  ,` + "\t c", []string{"1|a b|c"}, "blanks around an unquoted cell are dropped"},
		{`  "a "`, []string{"1|a "}, "blanks before a quote too; those inside stay"},
		{`a,b,c` + "\n" + `d`, []string{"1|a|b|c", "2|d"}, "records may have different lengths"},
		{`"a` + "\n" + `b` + "\n" + `c,"d"` + "\n" + `e`, []string{"1|a\nb\nc,d\"", "4|e"}, "a missing quote swallows lines up to the next quote"},
		{`"a`, []string{"1:1: " + ErrQuote.Error()}, "a quote that is never closed"},
		{"x\ny,\"ä\n\"\"\nz\n", []string{"1|x", "2:3: " + ErrQuote.Error(), "3|", "4|z"}, "reading goes on with the next line; the place counts characters"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, readAll(New(strings.NewReader(tt.text), ',')), "%q: %s", tt.text, tt.reason)
		require.Equal(t, tt.want, readAll(New(iotest.OneByteReader(strings.NewReader(tt.text)), ',')), "%q one byte at a time", tt.text)
		require.Equal(t, tt.want, readAll(New(iotest.DataErrReader(strings.NewReader(tt.text)), ',')), "%q with data and the end at once", tt.text)
	}
	require.Equal(t, []string{"1|a|b,c", "2|d|"}, readAll(New(strings.NewReader("a;b,c\nd;"), ';')))
	require.Equal(t, []string{"1|a|b c|"}, readAll(New(strings.NewReader("a\tb c\t"), '\t')), "a tab separates and is no blank")
}

func TestPos(t *testing.T) {
	r := New(strings.NewReader("é,\"ü\n\r\nx\",  y,\"z\"\n"), ',')
	require.NoError(t, r.Read())
	var got []string
	for i := range r.Len() {
		line, column := r.Pos(i)
		got = append(got, fmt.Sprintf("%d:%d", line, column))
	}
	require.Equal(t, []string{"1:1", "1:3", "3:6", "3:8"}, got, "where the cells begin, in characters, the quote included")
}

func TestNull(t *testing.T) {
	r := New(strings.NewReader("a,,\"\", ,\"\" , \"\",\"b\",,\n,a\n \n\"\"\n\"a\",\t"), ',')
	var got [][]bool
	for r.Read() == nil {
		var nulls []bool
		for i := range r.Len() {
			nulls = append(nulls, r.Null(i))
			require.True(t, !r.Null(i) || len(r.Text(i)) == 0, "a null has no text")
		}
		got = append(got, nulls)
	}
	require.Equal(t, [][]bool{
		{false, true, false, true, false, false, false, true, true}, // blanks are nothing; quotes are something, with blanks around them or not
		{true, false},
		{true},        // a row of one cell; without the blank there is no row
		{false},       // "" alone
		{false, true}, // without a line end
	}, got)
}

func TestTrimmed(t *testing.T) {
	r := New(strings.NewReader("\" a \",b,\"\u00a0ü\t\",\"\u3000\u2003\",\"c \"\"d\"\" \",\"ü\",\"\xff \",\n"), ',')
	require.NoError(t, r.Read())
	var got []string
	for i := range r.Len() {
		got = append(got, string(r.Trimmed(i)))
	}
	require.Equal(t, []string{"a", "b", "ü", "", `c "d"`, "ü", "\xff", ""}, got, "white space is that of Unicode")
}

// Quoted cells are found wherever the blocks end in which they are looked for, and nulls
// of any number between them.
func TestBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.SampledFrom([]string{"", "", "a", "#1", "a,b", "ü", "\n", strings.Repeat("x", 61), strings.Repeat("y", 130)})
		var text strings.Builder
		var want []string
		for i := range rapid.IntRange(1, 200).Draw(t, "cells") {
			if i > 0 {
				text.WriteByte(',')
			}
			c := cell.Draw(t, "cell")
			if want = append(want, c); c != "" || rapid.Bool().Draw(t, "quoted") {
				fmt.Fprintf(&text, "%q", strings.ReplaceAll(c, "\n", "~"))
			}
		}
		line := strings.ReplaceAll(text.String(), "~", "\n")
		if line == "" {
			return // a blank line is no record
		}
		r := New(strings.NewReader(line+"\r\n"+strings.Repeat("z", 100)), ',')
		require.NoError(t, r.Read())
		var got []string
		for i := range r.Len() {
			got = append(got, string(r.Text(i)))
		}
		require.Equal(t, want, got, "%q", line)
	})
}

func TestSuspect(t *testing.T) {
	r := New(strings.NewReader("\"a\nb\",\"c\" d,\"e\nf\"g,h,\"i\nj\" \t,k\n"), ',')
	require.NoError(t, r.Read())
	var got []bool
	for i := range r.Len() {
		got = append(got, r.Suspect(i))
	}
	require.Equal(t, []bool{false, false, true, false, false, false}, got, "blanks behind a quote are no text")
	require.True(t, r.MaySuspect())
	r = New(strings.NewReader("\"a\nb\",\"c\"\"d\",e\"f,\"g\" \n"), ',')
	require.NoError(t, r.Read())
	require.False(t, r.MaySuspect())
}

func TestSourceErrors(t *testing.T) {
	broken := errors.New("broken")
	source := func(text string) io.Reader {
		return io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))
	}
	r := New(source("a,b\nc,d"), ',')
	require.NoError(t, r.Read())
	require.ErrorIs(t, r.Read(), broken, "a record that the source cut short is dropped")
	require.ErrorIs(t, r.Read(), broken, "and the error is final")
	require.Equal(t, 2, r.Line())

	r = New(source("\"a"), ',')
	require.ErrorIs(t, r.Read(), broken, "the source is to blame, not a missing quote")
	r = New(source(""), ',')
	require.ErrorIs(t, r.Read(), broken)
	r = New(iotest.ErrReader(nil), ',')
	require.ErrorIs(t, r.Read(), io.ErrNoProgress)
}

func TestPeekAndSkipLine(t *testing.T) {
	r := New(strings.NewReader("#TYPE x\r\na\rb\nc"), ',')
	require.Equal(t, "#TYPE", string(r.Peek(5)))
	require.Equal(t, "#TYPE x", string(r.Peek(100)))
	r.SkipLine()
	require.Equal(t, "a", string(r.Peek(100)))
	require.Equal(t, 2, r.Line())
	r.SkipLine()
	r.SkipLine()
	require.Equal(t, []string{"4|c"}, readAll(r))
	r.SkipLine()
	require.Empty(t, r.Peek(5))
}

func TestRetry(t *testing.T) {
	r := New(strings.NewReader("\"a,b\r\nc,d\r\n\"e\",f\r\n"), ',')
	require.NoError(t, r.Read())
	require.Equal(t, "a,b\r\nc,d\r\ne\"", string(r.Text(0)), "one record up to the next quote")
	r.Retry()
	require.Equal(t, []string{"2|c|d", "3|e|f"}, readAll(r), "the lines behind the first, on their own")

	r = New(strings.NewReader("a\nb\n"), ',')
	require.NoError(t, r.Read())
	r.Retry() // there is no other line to begin with
	require.Equal(t, []string{"2|b"}, readAll(r))
}

// endless repeats a text, up to a number of bytes.
func endless(text string, bytes int64) io.Reader {
	return io.LimitReader(&repeated{text: text}, bytes)
}

type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		k := copy(p[n:], r.text[r.at:])
		n += k
		r.at = (r.at + k) % len(r.text)
	}
	return n, nil
}

func TestBounds(t *testing.T) {
	const most = 24 << 20 // over all bounds
	for name, tt := range map[string]struct {
		source io.Reader
		want   error
	}{
		"a cell without end":         {endless("a", most), ErrCell},
		"a quoted cell without end":  {io.MultiReader(strings.NewReader(`"`), endless("a", most)), ErrCell},
		"blanks without end":         {endless(" ", most), ErrCell},
		"doubled quotes without end": {io.MultiReader(strings.NewReader(`"`), endless(`""`, most)), ErrCell},
		"text behind a quote":        {io.MultiReader(strings.NewReader(`"a"`), endless(`b`, most)), ErrCell},
		"cells without end":          {endless("a,", most), ErrRecord},
		"large cells without end":    {endless(strings.Repeat("a", 1<<20-1)+",", most), ErrRecord},
	} {
		r := New(io.MultiReader(tt.source, strings.NewReader("\nnext")), ',')
		require.ErrorIs(t, r.Read(), tt.want, name)
		require.NoError(t, r.Read(), "%s: reading goes on with the next line", name)
		require.Equal(t, "next", string(r.Text(0)), name)
		require.LessOrEqual(t, len(r.buf), 2*(MaxRecord+MaxCell), "%s: memory is bounded", name)
	}
	r := New(strings.NewReader(strings.Repeat("a", MaxCell)+"\n"+strings.Repeat(",", MaxCells-1)), ',')
	require.NoError(t, r.Read(), "a cell at the limit")
	require.NoError(t, r.Read(), "a record at the limit")
	require.Equal(t, MaxCells, r.Len())
}

// The bounds hold for quoted cells in text that was read before.
func TestBoundsOfQuotedCells(t *testing.T) {
	large := func(n int) string { return `"` + strings.Repeat("a", n) + "\"\r\n" }
	text := strings.Repeat(strings.Repeat("a", 1<<20-1)+",", 17) + "\n" + // so that the buffer has room for the rest
		large(MaxCell+1) + large(MaxCell) +
		strings.Repeat(`"b",`, MaxCells) + "\"b\"\r\n" + strings.Repeat(`"c",`, MaxCells-1) + "\"c\"\r\n" + strings.Repeat(" ", 100)
	r := New(strings.NewReader(text), ',')
	require.ErrorIs(t, r.Read(), ErrRecord)
	require.ErrorIs(t, r.Read(), ErrCell)
	require.NoError(t, r.Read())
	require.Len(t, r.Text(0), MaxCell)
	require.ErrorIs(t, r.Read(), ErrRecord)
	require.NoError(t, r.Read())
	require.Equal(t, MaxCells, r.Len())
}

// counted counts the bytes that are read from a source.
type counted struct {
	src io.Reader
	n   int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n += int64(n)
	return n, err
}

// Lines each of which opens a quote that is closed nowhere near make reading give
// up instead of reading the same text again and again.
func TestRereadingIsBounded(t *testing.T) {
	line := "a\"b,\"c\n" // opens a quote at the end, inside and outside of another
	source := &counted{src: endless(line, 64<<20)}
	r := New(source, ',')
	var err error
	for err == nil || errors.Is(err, ErrRecord) || errors.Is(err, ErrCell) || errors.Is(err, ErrQuote) {
		err = r.Read()
	}
	require.ErrorIs(t, err, ErrBroken)
	require.LessOrEqual(t, r.reread, int64(freeReread+rereadShare*source.n+2*MaxRecord))
	require.ErrorIs(t, r.Read(), ErrBroken, "it is final")

	// The same for records that are tried again: every line swallows the megabyte
	// behind it.
	stretch := "\"a\n" + strings.Repeat("x\n", 400_000) + "\"b\"\n"
	r = New(endless(stretch, int64(len(stretch))*8), ',')
	retried := 0
	for err = r.Read(); err == nil; err = r.Read() {
		if r.Suspect(0) {
			r.Retry()
			r.Retry() // does nothing
			retried++
		}
	}
	require.ErrorIs(t, err, io.EOF, "once over each stretch is well within bounds")
	require.Equal(t, 8, retried)
	require.GreaterOrEqual(t, r.reread, int64(len(stretch)-4)*8, "what is read again is counted")

	// Beyond the bounds the next record is not read.
	r = New(strings.NewReader("\"a\nx\n\"b\nc\n"), ',')
	require.NoError(t, r.Read())
	r.reread = freeReread + 1000
	r.Retry()
	require.ErrorIs(t, r.Read(), ErrBroken, "rather than to lose the lines that were swallowed")
}

// Missing quotes, each of which swallows nearly a megabyte, cost the rows they are
// in and no others.
func TestMissingQuotesLoseNothingElse(t *testing.T) {
	const stretches, rows = 25, 25_000
	text := "x,\"y\n" + strings.Repeat("a,b,cccccccccccccccccccccccccccc\n", rows)
	source := endless(text, int64(len(text))*stretches)
	r := New(source, ',')
	good, bad := 0, 0
	for {
		err := r.Read()
		if err == io.EOF {
			break
		}
		if broken := (*Error)(nil); errors.As(err, &broken) {
			bad++
			continue
		}
		require.NoError(t, err)
		if r.Suspect(r.Len() - 1) {
			bad++
			r.Retry()
			continue
		}
		good++
	}
	require.Equal(t, stretches, bad)
	require.Equal(t, stretches*rows, good)
}

// What encoding/csv writes is read the same, whatever it is.
func TestReadsWhatEncodingCSVWrites(t *testing.T) {
	cell := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ab",;\n\r \t]{0,6}`))
	rapid.Check(t, func(t *rapid.T) {
		comma := rapid.SampledFrom([]rune{',', ';', '\t'}).Draw(t, "comma")
		crlf := rapid.Bool().Draw(t, "crlf")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 1, 4), 0, 5).Draw(t, "rows")
		var buf bytes.Buffer
		w := csv.NewWriter(&buf)
		w.Comma, w.UseCRLF = comma, crlf
		var want [][]string
		for _, row := range rows {
			// Export-Csv quotes every value; encoding/csv leaves quotes out where
			// it needs none, so blanks at the end of such a cell would be dropped.
			for i, c := range row {
				if crlf {
					c = strings.ReplaceAll(strings.ReplaceAll(c, "\r", ""), "\n", "\r\n")
				}
				row[i] = strings.TrimRight(c, " \t")
			}
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
			if len(row) > 1 || row[0] != "" {
				want = append(want, row)
			}
		}
		w.Flush()
		text := buf.String()
		if crlf { // encoding/csv writes CRLF inside cells too
			text = strings.ReplaceAll(text, "\r\r\n", "\r\n")
		}
		r := New(iotest.HalfReader(strings.NewReader(text)), byte(comma))
		var got [][]string
		for {
			err := r.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			var row []string
			for i := range r.Len() {
				row = append(row, string(r.Text(i)))
			}
			if len(row) > 1 || row[0] != "" {
				got = append(got, row)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}

// chunks hands out a text n bytes at a time.
type chunks struct {
	text []byte
	n    int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.text[:min(c.n, len(c.text))])
	c.text = c.text[n:]
	return n, nil
}

// everything reads all records with all that a Reader says of them, and tries
// suspect ones again if told to.
func everything(r *Reader, retry bool) []string {
	var out []string
	for {
		err := r.Read()
		record := fmt.Sprintf("%d %v", r.Line(), err)
		if err == nil {
			for i := range r.Len() {
				line, column := r.Pos(i)
				record += fmt.Sprintf("|%d:%d %q %v %v", line, column, r.Text(i), r.Null(i), r.Suspect(i))
			}
		}
		out = append(out, record)
		if _, broken := errors.AsType[*Error](err); err != nil && !broken {
			return out
		}
		if err == nil && retry && r.Suspect(r.Len()-1) {
			r.Retry()
		}
	}
}

// What is read does not depend on how the source hands out its bytes, also where
// the buffer ends and at the limits.
func TestChunks(t *testing.T) {
	for _, quoted := range []bool{true, false} {
		text := exportOf(400, quoted) // more than the buffer holds
		for _, text := range [][]byte{
			text,
			bytes.ReplaceAll(text, []byte("\r\n"), []byte("\r")),
			bytes.ReplaceAll(text, []byte("@"), []byte("\n\n")),
			bytes.ReplaceAll(text, []byte("0@contoso.com\""), []byte("\n")),
		} {
			want := everything(New(&chunks{text, len(text)}, ','), true)
			for _, n := range []int{1, 7, 4096} {
				got := everything(New(&chunks{text, n}, ','), true)
				require.True(t, slices.Equal(want, got), "%d bytes at a time", n)
			}
		}
	}
	limits := func(text string) {
		t.Helper()
		want := readAll(New(&chunks{[]byte(text), len(text)}, ','))
		got := readAll(New(&chunks{[]byte(text), 4096}, ','))
		require.True(t, slices.Equal(want, got), "%d records, not %d", len(got), len(want))
	}
	for _, n := range []int{MaxCell, MaxCell + 1, MaxCell + 100} {
		a := strings.Repeat("a", n)
		limits("x," + a + "\ny,\"" + a + "\",z\n" + strings.Repeat(" ", n) + "b\n\"\"\"" + a + "\"c\n\"b\"" + a + ",c\n")
	}
	for _, n := range []int{MaxCells - 2, MaxCells - 1, MaxCells} {
		for _, cell := range []string{",", `"a",`, "a,", `"a",,`} {
			limits(strings.Repeat(cell, n) + "\n" + strings.Repeat(cell, n) + "\"a\n")
		}
	}
}

// Reading allocates nothing for a record.
func TestReadAllocates(t *testing.T) {
	for _, quoted := range []bool{true, false} {
		text := exportOf(1_000, quoted)
		allocs := testing.AllocsPerRun(5, func() { _, _ = readTable(text) })
		require.Less(t, allocs, 20.0, "for 1,000 records")
	}
}

// No input makes reading panic or go on for ever; the records and their places do
// not depend on how the source hands out its bytes; places are inside the text.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"#TYPE x\r\n\"a\",\"b\"\r\n\"1\",\r\n", `"a""b";c`, "\"a\nb\"x,\"", " \"", "a\rb\n\r\nc", "\"\"\"\n,\",\n\"\"", "ä,\"ö\n\"",
		strings.Repeat("\"Parker, Pilar\",,\"pilarp@contoso.com\",a,b , c\r\n", 4), strings.Repeat("\"a\",,", 30) + "\"b\"\n" + strings.Repeat("c,", 30),
		"\"a\"" + strings.Repeat(",", 90) + strings.Repeat("\" b\",\"c\"\"\",", 30),
	} {
		f.Add([]byte(s), byte(','))
		f.Add([]byte(s), byte(';'))
		f.Add([]byte(s), byte(' '))
	}
	f.Fuzz(func(t *testing.T, data []byte, comma byte) {
		if comma == '"' || comma == '\n' || comma == '\r' {
			return
		}
		for _, retry := range []bool{false, true} {
			want := everything(New(bytes.NewReader(data), comma), retry)
			for _, n := range []int{1, 7, 4 << 10} {
				if got := everything(New(&chunks{data, n}, comma), retry); !cmp.Equal(want, got) {
					t.Fatalf("%d bytes at a time: %s", n, cmp.Diff(want, got))
				}
			}
		}
		lines := 1 + bytes.Count(data, []byte{'\n'}) + bytes.Count(data, []byte{'\r'})
		r := New(bytes.NewReader(data), comma)
		for range len(data) + 2 {
			err := r.Read()
			if err == io.EOF {
				return
			}
			if err != nil {
				continue
			}
			line := 0
			for i := range r.Len() {
				at, column := r.Pos(i)
				if r.Suspect(i) && !r.MaySuspect() {
					t.Fatalf("cell %d is suspect", i)
				}
				if at < line || at > lines || column < 1 || column > len(data)+1 {
					t.Fatalf("cell %d is at %d:%d", i, at, column)
				}
				line = at
				if text := string(r.Text(i)); string(r.Trimmed(i)) != strings.TrimSpace(text) {
					t.Fatalf("%q is trimmed to %q", text, r.Trimmed(i))
				}
				if bytes.ContainsAny(r.Text(i), "\r\n") != bytes.ContainsAny(r.rec[r.cells[i].start:r.cells[i].end], "\r\n") {
					t.Fatalf("cell %d has other line breaks than its text", i)
				}
			}
		}
		t.Fatal("there are more records than bytes")
	})
}
