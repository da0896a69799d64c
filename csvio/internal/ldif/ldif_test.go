package ldif

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// readAll reads all entries: the line of each, and its values with their names and
// places. Errors stand in their places, with the line of their entry.
func readAll(r *Reader) []string {
	var out []string
	for {
		err := r.Read()
		if err == io.EOF {
			return out
		}
		if err != nil {
			out = append(out, fmt.Sprintf("%d! %v", r.Line(), err))
			if broken := (*Error)(nil); errors.As(err, &broken) {
				continue
			}
			return out
		}
		entry := fmt.Sprint(r.Line())
		for _, v := range r.values {
			entry += fmt.Sprintf("|%s %d:%d %s", r.data[v.name:v.text], v.line, v.column, r.data[v.text:v.end])
		}
		out = append(out, entry)
	}
}

func TestRead(t *testing.T) {
	tests := []struct {
		text   string
		want   []string
		reason string
	}{
		{"", nil, "nothing"},
		{"\n\r\n\r", nil, "blank lines only"},
		{"version: 1\n", nil, "a version and no entry"},
		{"# nothing here", nil, "a comment only"},
		{
			"dn: CN=Anna Roth,OU=Users,DC=contoso,DC=com\r\nchangetype: add\r\nmail: anna@contoso.com\r\n" +
				"proxyAddresses: SMTP:anna@contoso.com\r\nproxyAddresses: smtp:a.roth@contoso.com\r\n\r\n" +
				"dn: CN=Ben,DC=contoso,DC=com\r\nchangetype: add\r\nmail: ben@contoso.com\r\n\r\n",
			[]string{
				"1|dn 1:5 CN=Anna Roth,OU=Users,DC=contoso,DC=com|mail 3:7 anna@contoso.com|proxyAddresses 4:17 SMTP:anna@contoso.com|proxyAddresses 5:17 smtp:a.roth@contoso.com",
				"7|dn 7:5 CN=Ben,DC=contoso,DC=com|mail 9:7 ben@contoso.com",
			},
			"as ldifde writes it: changetype is no attribute, repeated attributes stay in order",
		},
		{"dn: a", []string{"1|dn 1:5 a"}, "an entry without line end"},
		{"version: 1\ndn: a\nb: c\n", []string{"2|dn 2:5 a|b 3:4 c"}, "a version right before an entry"},
		{"\n# x\nVERSION:1 \n\n\ndn: a\n", []string{"6|dn 6:5 a"}, "a version behind blanks, in any case, without and with blanks around"},
		{"dn: a\n\nversion: 1\n\ndn: b\n", []string{"1|dn 1:5 a", "5|dn 5:5 b"}, "files joined to one"},
		{"version: 2\ndn: a\n", []string{"1! 1:10: " + ErrVersion.Error(), "2|dn 2:5 a"}, "an unknown version is said, and reading goes on"},
		{"dn: a\nversion: 3\n", []string{"1|dn 1:5 a|version 2:10 3"}, "an attribute that is called version"},
		{"dn: a\nb: c\rb: d\r\rdn: e\r", []string{"1|dn 1:5 a|b 2:4 c|b 3:4 d", "5|dn 5:5 e"}, "CR"},
		{"dn: a\r\rdn: b\n\ndn: c\r\n\r\ndn: d", []string{"1|dn 1:5 a", "3|dn 3:5 b", "5|dn 5:5 c", "7|dn 7:5 d"}, "CR, LF and CRLF count one each"},
		{"dn:: Q049w4ssREM9eA==\nname:: w4TDlg==\nx::  AP8=  \n", []string{"1|dn 1:6 CN=Ë,DC=x|name 2:8 ÄÖ|x 3:6 \x00\xff"}, "base64, also of bytes that are no text"},
		{"dn:: w4Q\n", []string{"1! 1:6: " + ErrBase64.Error()}, "base64 without its padding was cut off"},
		{"dn: a\nb:: w4!Q\nc: d\n\ndn: e\n", []string{"1! 2:5: " + ErrBase64.Error(), "5|dn 5:5 e"}, "no base64: the entry is dropped, and the next one read"},
		{"dn:: /w==\n\ndn: \xff\n", []string{"1! 1:6: " + ErrUTF8.Error(), "3! 3:5: " + ErrUTF8.Error()}, "a dn is text in either form"},
		{"dn: a\nb:: \nc::\nd:\ne: \n", []string{"1|dn 1:5 a|b 2:5 |c 3:4 |d 4:3 |e 5:4 "}, "empty values are values"},
		{"dn:\nb: c\n", []string{"1|dn 1:4 |b 2:4 c"}, "the root of the directory has an empty dn"},
		{"DN:a\nB:c\nb:   d\n", []string{"1|DN 1:4 a|B 2:3 c|b 3:6 d"}, "no or many blanks before a value; names are kept as they are"},
		{"dn: a\nb: c \n", []string{"1|dn 1:5 a|b 2:4 c "}, "blanks behind a value belong to it"},
		{"dn: a\nb: : c:d\n", []string{"1|dn 1:5 a|b 2:4 : c:d"}, "colons in a value are text"},
		{"dn: CN=Anna,\n OU=Users,\n  DC=x\nb: c\n", []string{"1|dn 1:5 CN=Anna,OU=Users, DC=x|b 4:4 c"}, "a continuation: one blank is dropped, a second belongs to the value"},
		{"dn: a\r\nb: on\r\n e\r\n  two\r\nc: d", []string{"1|dn 1:5 a|b 2:4 one two|c 5:4 d"}, "likewise with CRLF"},
		{"d\n n: a\nb\n :\n : \n AP\n 8=\n", []string{"1|dn 1:2 a|b 3:2 \x00\xff"}, "a line may be broken anywhere; what begins behind its end is placed there"},
		{"dn: a\n \nb: \n c\n", []string{"1|dn 1:5 a|b 3:4 c"}, "an empty continuation adds nothing"},
		{"dn: a\nb: \xc3\n \xa4\n", []string{"1|dn 1:5 a|b 2:4 ä"}, "broken in the middle of a character"},
		{"dn: a\n# c: d\nb: x\n#e\n  f\n \n y: z\n", []string{"1|dn 1:5 a|b 3:4 x"}, "comments, also in mid-entry and continued"},
		{"dn: a\n#\n\n# c\ndn: b", []string{"1|dn 1:5 a", "5|dn 5:5 b"}, "a blank line behind a comment ends the entry; a comment begins none"},
		{"dn: a\n#:\n ::<\nb: c#d\n", []string{"1|dn 1:5 a|b 4:4 c#d"}, "a hash begins a comment at the start of a line alone"},
		{"dn: a\nb: c\n\t\ndn: d\n", []string{"1|dn 1:5 a|b 2:4 c", "4|dn 4:5 d"}, "a line of a tab is a blank line"},
		{"dn: a\n\n  \ndn: b\n", []string{"1|dn 1:5 a", "4|dn 4:5 b"}, "a line of blanks that continues nothing is a blank line"},
		{"dn: a\n\n b\n", []string{"1|dn 1:5 a", "3! 3:1: " + ErrDN.Error()}, "a continuation of a blank line is none"},
		{"dn: a\nb: c\ndn: d\nb: e\n", []string{"1|dn 1:5 a|b 2:4 c", "3|dn 3:5 d|b 4:4 e"}, "a dn begins an entry also without a blank line"},
		{"dn: a\nb;binary: c\nB;Binary:: ZA==\n", []string{"1|dn 1:5 a|b 2:11 c|B 3:12 d"}, "how a value is written is not part of the name"},
		{"dn: a\nm;range=0-1499: c\nm;range=1500-*: d\nm;range=: e\n", []string{"1|dn 1:5 a|m 2:17 c|m 3:17 d|m;range= 4:11 e"}, "nor is which of many values it is"},
		{"dn: a\nb;lang-de: c\nb;lang-de;binary: d\n;binary: e", []string{"1! 4:1: " + ErrLine.Error()}, "an option is no attribute"},
		{"dn: a\nb;lang-de: c\nb;lang-de;binary: d\n", []string{"1|dn 1:5 a|b;lang-de 2:12 c|b;lang-de 3:19 d"}, "a language makes another attribute"},
		{"dn: a\n2.5.4.3: c\nms-x_y: d\n", []string{"1|dn 1:5 a|2.5.4.3 2:10 c|ms-x_y 3:9 d"}, "what a name is made of"},
		{"dn: a\nb:< file:///etc/passwd\nc: d\n\ndn: e", []string{"1! 2:5: " + ErrURL.Error(), "5|dn 5:5 e"}, "a value in another file"},
		{"dn: a\nb: <c\n", []string{"1|dn 1:5 a|b 2:4 <c"}, "which < in a value does not mean"},
		{"dn: a\nChangeType:: YWRk\nb: c\n\ndn: d\nchangetype: ADD \n", []string{"1|dn 1:5 a|b 3:4 c", "5|dn 5:5 d"}, "an addition in other words"},
		{
			"dn: a\nchangetype: modify\nreplace: b\nb: c\n-\n\ndn: d\nchangetype: delete\ndn: e\nb: f\n\n",
			[]string{"1! 2:13: " + ErrChange.Error(), "7! 8:13: " + ErrChange.Error(), "9|dn 9:5 e|b 10:4 f"}, "other changes are refused",
		},
		{"dn: a\nb: c\n-\nd: e\n-\n\n", []string{"1|dn 1:5 a|b 2:4 c|d 4:4 e"}, "a hyphen on its own"},
		{"dn: a\nb: c\n--\n", []string{"1! 3:1: " + ErrLine.Error()}, "two are something else"},
		{"mail: x\ndn: a\n\ndn: b\n", []string{"1! 1:1: " + ErrDN.Error(), "2|dn 2:5 a", "4|dn 4:5 b"}, "an entry begins with its dn, which may follow"},
		{"-\n\ndn: b\n", []string{"1! 1:1: " + ErrDN.Error(), "3|dn 3:5 b"}, "and with nothing else"},
		{"DN,mail\na,b\n\nc,d\n", []string{"1! 1:1: " + ErrDN.Error(), "4! 4:1: " + ErrDN.Error()}, "an export of csvde, one error for each stretch"},
		{"dn: a\nno colon\nb: c\n", []string{"1! 2:1: " + ErrLine.Error()}, "a line that names nothing"},
		{"dn: a\nLast Name: c\n\ndn: b\nä: c\n\ndn: c\na=b: c\n\ndn: d\n: e", []string{
			"1! 2:1: " + ErrLine.Error(), "4! 5:1: " + ErrLine.Error(), "7! 8:1: " + ErrLine.Error(), "10! 11:1: " + ErrLine.Error(),
		}, "or names what is no attribute"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, readAll(New(strings.NewReader(tt.text))), "%q: %s", tt.text, tt.reason)
		require.Equal(t, tt.want, readAll(New(iotest.OneByteReader(strings.NewReader(tt.text)))), "%q one byte at a time", tt.text)
		require.Equal(t, tt.want, readAll(New(iotest.DataErrReader(strings.NewReader(tt.text)))), "%q with data and the end at once", tt.text)
	}
}

func TestLookup(t *testing.T) {
	r := New(strings.NewReader("dn: CN=ä,DC=x\nproxyAddresses: SMTP:a@x\nmail: a@x\nPROXYADDRESSES;binary:: c210cDpi\n\ndn: b\n"))
	require.Equal(t, "", r.DN(), "nothing was read yet")
	require.NoError(t, r.Read())
	require.Equal(t, "CN=ä,DC=x", r.DN())

	got, ok := r.Value("ProxyAddresses")
	require.True(t, ok)
	require.Equal(t, "SMTP:a@x", string(got), "the first value, whatever the case")
	_, ok = r.Value("proxyAddress")
	require.False(t, ok, "a name is not the beginning of another")

	var all []string
	for v := range r.Values("proxyaddresses") {
		all = append(all, string(v))
	}
	require.Equal(t, []string{"SMTP:a@x", "smtp:b"}, all)
	for range r.Values("homeMDB") {
		t.Error("there is no such value")
	}

	places := func(name string, i int) string {
		line, column := r.Pos(name, i)
		return fmt.Sprintf("%d:%d", line, column)
	}
	require.Equal(t, "1:5", places("DN", 0))
	require.Equal(t, "2:17", places("proxyAddresses", 0))
	require.Equal(t, "4:25", places("proxyAddresses", 1))
	require.Equal(t, "0:0", places("proxyAddresses", 2), "there is no third")
	require.Equal(t, "0:0", places("homeMDB", 0))

	require.NoError(t, r.Read())
	require.Equal(t, "b", r.DN())
	_, ok = r.Value("mail")
	require.False(t, ok, "that was the entry before")

	require.ErrorIs(t, r.Read(), io.EOF)
	require.Equal(t, "", r.DN(), "no entry, no dn")
	require.ErrorIs(t, r.Read(), io.EOF, "the end is final")
}

func TestSourceErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		text   string
		want   []string
		line   int
		reason string
	}{
		{"", nil, 1, "at once"},
		{"dn: a\n\ndn: b\nc: d", []string{"a"}, 4, "in a line: its entry is dropped"},
		{"dn: a\n\ndn: b\nc: d\n", []string{"a"}, 5, "between lines: the entry might go on"},
		{"dn: a\nb: c\n\n", []string{"a"}, 4, "behind a blank line: the entry is complete"},
		{"dn: a\n# b", nil, 2, "in a comment"},
		{"x\ny: z", nil, 2, "behind a broken entry"},
	} {
		r := New(io.MultiReader(strings.NewReader(tt.text), iotest.ErrReader(broken)))
		var got []string
		err := r.Read()
		for ; !errors.Is(err, broken); err = r.Read() {
			if err == nil {
				got = append(got, r.DN())
			}
		}
		require.Equal(t, tt.want, got, tt.reason)
		require.Equal(t, tt.line, r.Line(), "%s: the line on which it was met", tt.reason)
		require.Equal(t, "", r.DN())
		require.ErrorIs(t, r.Read(), broken, "%s: it is final", tt.reason)
	}
	require.ErrorIs(t, New(iotest.ErrReader(nil)).Read(), io.ErrNoProgress)
}

// repeated repeats a text for ever.
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
		head, text string
		want       string
	}{
		"a value without end":           {"b: ", strings.Repeat("a", 1000), "3:4: " + ErrValue.Error()},
		"a value in base64 without end": {"b:: ", strings.Repeat("QUJD", 250), "3:5: " + ErrValue.Error()},
		"a value continued without end": {"b: ", "\n " + strings.Repeat("a", 76), "3:4: " + ErrValue.Error()},
		"blanks without end":            {"b: ", strings.Repeat(" ", 1000), "3:1049601: " + ErrValue.Error()}, // behind the blanks that were kept
		"a comment without end":         {"# ", strings.Repeat("a", 1000) + "\n b", ""},
		"comments without end":          {"", "# " + strings.Repeat("a", 1000) + "\n", ""}, // they are not kept
		"a line that names nothing":     {"", strings.Repeat("a", 1000), "3:1: " + ErrLine.Error()},
		"values without end":            {"", "b:" + strings.Repeat(" ", 1000) + "\n", "2:1: " + ErrEntry.Error()},
		"large values without end":      {"", "b: " + strings.Repeat("a", 1<<20) + "\n", "2:1: " + ErrEntry.Error()},
		"additions without end":         {"", "changetype:" + strings.Repeat(" ", 1000) + "add\n", "2:1: " + ErrEntry.Error()},
	} {
		r := New(io.MultiReader(
			strings.NewReader("\ndn: a\n"+tt.head),
			io.LimitReader(&repeated{text: tt.text}, int64(most/len(tt.text)*len(tt.text))),
			strings.NewReader("\n\ndn: next\n"),
		))
		err := r.Read()
		if tt.want == "" {
			require.NoError(t, err, name)
		} else {
			require.EqualError(t, err, tt.want, name)
		}
		require.Equal(t, 2, r.Line(), name)
		require.NoError(t, r.Read(), "%s: reading goes on with the next entry", name)
		require.Equal(t, "next", r.DN(), name)
		require.LessOrEqual(t, cap(r.text), 2*maxLine, "%s: memory is bounded", name)
		require.LessOrEqual(t, cap(r.data), 2*MaxEntry, "%s: memory is bounded", name)
	}
	dn := strings.Repeat("d", MaxValue-1) + "ä" // one byte over
	require.Equal(t, []string{"1! 1:5: " + ErrValue.Error()}, readAll(New(strings.NewReader("dn: "+dn))))

	// What could be cut off unseen: a value behind more blanks than are kept.
	r := New(strings.NewReader("dn: a\nb:" + strings.Repeat(" ", maxLine) + "c\n"))
	require.ErrorIs(t, r.Read(), ErrValue)

	r = New(strings.NewReader("dn: a\n" + strings.Repeat("b: c\n", MaxValues) + "changetype: add\n-\n\ndn: d\nb: " + strings.Repeat("x", MaxValue) + "\n"))
	require.NoError(t, r.Read(), "as many values as may be; what is no value does not count")
	line, _ := r.Pos("b", MaxValues-1)
	require.Equal(t, MaxValues+1, line)
	require.NoError(t, r.Read(), "a value as long as it may be")
	b, _ := r.Value("b")
	require.Len(t, b, MaxValue)
}

// An export is read without allocation once the buffers have grown, but for the dn
// as a string.
func TestAllocations(t *testing.T) {
	entry := "dn: CN=a,DC=x\nchangetype: add\nmail: a@x\nproxyAddresses: SMTP:a@x\nproxyAddresses: smtp:b\n @x\nobjectGUID:: AAECAwQFBgcICQoLDA0ODw==\n\n"
	r := New(&repeated{text: entry})
	require.NoError(t, r.Read())
	n := 0
	got := testing.AllocsPerRun(1000, func() {
		if r.Read() != nil {
			n = -1 << 30
		}
		for v := range r.Values("proxyAddresses") {
			n += len(v)
		}
		v, _ := r.Value("objectGUID")
		n += len(v)
	})
	require.Zero(t, got)
	require.Equal(t, 1001*(8+8+16), n)
}

// Whatever an exporter writes by RFC 2849 is read as it was, however its lines are
// folded and ended and the text is handed out.
func TestReadsWhatIsWritten(t *testing.T) {
	name := rapid.StringMatching(`[A-Za-z][A-Za-z0-9-]{0,8}`).Filter(func(s string) bool {
		return !isName([]byte(s), "dn") && !isName([]byte(s), "changetype")
	})
	text := rapid.OneOf(rapid.StringMatching(`[A-Za-z:<= ,#-]{0,20}`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		end := rapid.SampledFrom([]string{"\n", "\r", "\r\n"}).Draw(t, "line end")
		width := rapid.IntRange(1, 30).Draw(t, "width")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var out strings.Builder
		line := 0
		write := func(name, value string) (at int) {
			s := name + ": " + value
			if safe := strings.Trim(value, " ") == value && !strings.ContainsAny(value[:min(1, len(value))], ":<") && !strings.ContainsAny(value, "\r\n\x00"); !safe {
				s = name + ":: " + base64.StdEncoding.EncodeToString([]byte(value))
			}
			at = line + 1
			for {
				n := min(len(s), 1+random.IntN(width))
				out.WriteString(s[:n] + end)
				line++
				if s = s[n:]; s == "" {
					return at
				}
				out.WriteString(" ")
			}
		}
		var want []string
		for range rapid.IntRange(0, 4).Draw(t, "entries") {
			dn := text.Draw(t, "dn")
			at := write("dn", dn)
			entry := fmt.Sprintf("%d dn=%s", at, dn)
			for range rapid.IntRange(0, 4).Draw(t, "values") {
				n, v := name.Draw(t, "name"), text.Draw(t, "value")
				entry += fmt.Sprintf(" %d %s=%s", write(n, v), n, v)
			}
			want = append(want, entry)
			out.WriteString(end)
			line++
		}
		r := New(iotest.HalfReader(strings.NewReader(out.String())))
		var got []string
		for {
			err := r.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%q: %v", out.String(), err)
			}
			var values []string
			for _, v := range r.values {
				values = append(values, fmt.Sprintf("%d %s=%s", v.line, r.data[v.name:v.text], r.data[v.text:v.end]))
			}
			got = append(got, strings.Join(values, " "))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: %s", out.String(), diff)
		}
	})
}

// chunks hands out a text in pieces of different lengths.
type chunks struct {
	text   []byte
	random *rand.Rand
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.text[:min(len(c.text), c.random.IntN(8))])
	c.text = c.text[n:]
	return n, nil
}

// No input makes reading panic or go on for ever; the entries do not depend on how
// the source hands out its bytes; places are inside the text, and in order.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"version: 1\r\ndn: CN=a,DC=x\r\nchangetype: add\r\nb: c\r\n d\r\nb;binary:: AP8=\r\n\r\ndn:: w4Q=\r\n",
		"dn: a\n#b\n c\nd:< e\n\ndn: f\nchangetype: modify\n-\n", "dn: a\rb:\r\n\n c\n \ndn: d\n\t\n:", "DN:ä\nm;range=0-*: ü\n d\nn\nx",
	} {
		f.Add([]byte(s), uint64(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		want := readAll(New(bytes.NewReader(data)))
		if got := readAll(New(&chunks{data, rand.New(rand.NewPCG(seed, 0))})); !cmp.Equal(want, got) {
			t.Fatalf("in chunks: %s", cmp.Diff(want, got))
		}
		unix := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
		if got := readAll(New(strings.NewReader(unix))); !cmp.Equal(want, got) {
			t.Fatalf("with other line ends: %s", cmp.Diff(want, got))
		}
		lines := strings.Split(unix, "\n")
		last := 0
		inside := func(line, column int) {
			if line < last || line > len(lines) || column < 1 || column > len(lines[line-1])+1 {
				t.Fatalf("%d:%d comes behind line %d of %d", line, column, last, len(lines))
			}
			last = line
		}
		r := New(bytes.NewReader(data))
		for range len(data) + 2 {
			err := r.Read()
			if err == io.EOF {
				return
			}
			inside(r.Line(), 1)
			if broken := (*Error)(nil); errors.As(err, &broken) {
				inside(broken.Line, broken.Column)
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if dn, ok := r.Value("dn"); !ok || string(dn) != r.DN() {
				t.Fatalf("the dn is %q, and %q", r.DN(), dn)
			}
			for _, v := range r.values {
				inside(v.line, v.column)
			}
		}
		t.Fatal("there are more entries than bytes")
	})
}
