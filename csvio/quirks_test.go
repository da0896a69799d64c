package csvio_test

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	textencoding "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/csvio/internal/adattr"
	"github.com/staged-migration/staged/csvio/internal/ldif"
	"github.com/staged-migration/staged/csvio/internal/table"
	"github.com/staged-migration/staged/inventory"
)

// Each quirk of an export is a file below testdata/quirks, in the folder of what reads it,
// and beside it stands what a person reads there; see testdata/quirks/README.md.
func TestQuirks(t *testing.T) {
	quirks := readQuirks(t)
	require.NotEmpty(t, quirks)
	for _, name := range slices.Sorted(maps.Keys(quirks)) {
		t.Run(name, func(t *testing.T) {
			q := quirks[name]
			with, want := parseWant(t, q.want)
			got := q.read(t, with, func(text string) io.Reader { return strings.NewReader(text) })
			if diff := cmp.Diff(texts(want), likeWant(t, want, got)); diff != "" {
				t.Fatalf("wanted (-) and read (+):\n%s", diff)
			}
			got = q.read(t, with, func(text string) io.Reader { return iotest.OneByteReader(strings.NewReader(text)) })
			if diff := cmp.Diff(texts(want), likeWant(t, want, got)); diff != "" {
				t.Errorf("byte by byte: wanted (-) and read (+):\n%s", diff)
			}
		})
	}
}

// quirk is one case: files as exports have them, and the text of its expectation.
type quirk struct {
	folder string
	want   string
	files  map[string]string // text by name; "mailboxes.csv" and so on in the folder join
}

const quirkFolder = "testdata/quirks"

// readQuirks returns all quirks by folder and name. Each must have an expectation and a
// file: in the folder join one for each kind of exports, elsewhere one.
func readQuirks(t testing.TB) map[string]*quirk {
	t.Helper()
	quirks := make(map[string]*quirk)
	require.NoError(t, filepath.WalkDir(quirkFolder, func(path string, d fs.DirEntry, err error) error {
		folder := filepath.Base(filepath.Dir(path))
		if err != nil || d.IsDir() || folder == filepath.Base(quirkFolder) {
			return err
		}
		data, err := os.ReadFile(path)
		name, rest, _ := strings.Cut(d.Name(), ".")
		q := quirks[folder+"/"+name]
		if q == nil {
			q = &quirk{folder: folder, files: make(map[string]string)}
			quirks[folder+"/"+name] = q
		}
		switch {
		case rest == "want":
			q.want = string(data)
		case folder == "join":
			q.files[rest] = string(data)
		default:
			q.files[d.Name()] = string(data)
		}
		return err
	}))
	for name, q := range quirks {
		require.NotEmpty(t, q.want, "%s has no expectation", name)
		require.True(t, len(q.files) == 1 || q.folder == "join" && len(q.files) > 1, "%s has %d files", name, len(q.files))
	}
	return quirks
}

// item is a line of an expectation: what was read, where, and what it says.
type item struct {
	what, place string
	facts       []fact
}

type fact struct{ key, value string }

// of returns an item; an even number of keys and values follows.
func of(what string, place any, facts ...any) item {
	i := item{what: what, place: fmt.Sprint(place)}
	for at := 0; at < len(facts); at += 2 {
		i.facts = append(i.facts, fact{facts[at].(string), valueText(facts[at+1])})
	}
	return i
}

// valueText returns the text of a value; what is unknown, or false, has none.
func valueText(v any) string {
	switch v := v.(type) {
	case []inventory.Address:
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(v), " ", ","), "[]")
	case inventory.Cloud:
		return []string{"", "nothing", "mailuser", "mailbox", "other"}[v]
	case bool:
		return strings.TrimPrefix(fmt.Sprint(v), "false")
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		return string(text) + strings.TrimPrefix(fmt.Sprint(err), "<nil>")
	}
	return fmt.Sprint(v)
}

func (i item) String() string {
	text := i.what + " " + i.place
	for _, f := range i.facts {
		value := f.value
		if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r == '"' }) {
			value = fmt.Sprintf("%#q", value)
		}
		text += " " + f.key + "=" + value
	}
	return text
}

func texts(items []item) (lines []string) {
	for _, i := range items {
		lines = append(lines, i.String())
	}
	return lines
}

// likeWant returns the lines of what was read, with the facts of their expectations only.
// Of a message it takes the part that is expected, if that is in it.
func likeWant(t *testing.T, want, got []item) []string {
	t.Helper()
	for i := range min(len(want), len(got)) {
		if want[i].what != got[i].what {
			continue
		}
		var facts []fact
		for _, w := range want[i].facts {
			at := slices.IndexFunc(got[i].facts, func(f fact) bool { return f.key == w.key })
			require.GreaterOrEqual(t, at, 0, "%v: there is no %q", want[i], w.key)
			f := got[i].facts[at]
			if f.key == "says" && strings.Contains(f.value, w.value) {
				f.value = w.value
			}
			facts = append(facts, f)
		}
		got[i].facts = facts
	}
	return texts(got)
}

// parseWant reads an expectation: comments that begin with #, a line "with" of options,
// and the items.
func parseWant(t *testing.T, text string) (with map[string]string, items []item) {
	t.Helper()
	require.True(t, strings.HasPrefix(text, "# "), "an expectation begins with its reason")
	with = make(map[string]string)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		what, rest, _ := strings.Cut(line, " ")
		i := item{what: what}
		if what != "with" {
			i.place, rest, _ = strings.Cut(rest, " ")
		}
		for rest != "" {
			var f fact
			f, rest = cutFact(t, rest)
			i.facts = append(i.facts, f)
			if what == "with" {
				with[f.key] = f.value
			}
		}
		if what != "with" {
			items = append(items, i)
		}
	}
	return with, items
}

// cutFact reads key=value at the beginning of a line; the value may be quoted as in Go.
func cutFact(t *testing.T, line string) (f fact, rest string) {
	t.Helper()
	var found bool
	f.key, rest, found = strings.Cut(line, "=")
	require.True(t, found, "no value: %q", line)
	if quoted, err := strconv.QuotedPrefix(rest); err == nil {
		f.value, err = strconv.Unquote(quoted)
		require.NoError(t, err)
		rest = rest[len(quoted):]
	} else {
		f.value, rest, _ = strings.Cut(rest, " ")
	}
	return f, strings.TrimLeft(rest, " ")
}

var codePages = map[string]textencoding.Encoding{"": nil, "windows-1252": charmap.Windows1252, "ibm850": charmap.CodePage850}

var units = map[string]inventory.Size{"": 0, "B": inventory.Byte, "KB": inventory.KB, "MB": inventory.MB}

// read reads the quirk and returns what the reader of its folder yields, row by row.
func (q *quirk) read(t *testing.T, with map[string]string, open func(string) io.Reader) []item {
	t.Helper()
	codePage, ok := codePages[with["codepage"]]
	require.True(t, ok, "code page %q", with["codepage"])
	unit, ok := units[with["unit"]]
	require.True(t, ok, "unit %q", with["unit"])
	if q.folder == "join" {
		e := csvio.Exports{CodePage: codePage, SizeUnit: unit}
		for _, name := range slices.Sorted(maps.Keys(q.files)) {
			kind, _, _ := strings.Cut(name, ".")
			files := map[string]*[]csvio.File{
				"mailboxes": &e.Mailboxes, "statistics": &e.Statistics, "permissions": &e.Grants, "um": &e.UM, "devices": &e.Devices, "cloud": &e.Cloud,
			}[kind]
			require.NotNil(t, files, "a file of kind %q", kind)
			*files = append(*files, csvio.File{Name: name, Reader: open(q.files[name])})
		}
		return joined(csvio.ReadInventory(t.Context(), e))
	}
	name := slices.Sorted(maps.Keys(q.files))[0]
	r, opts := open(q.files[name]), csvio.ReadOptions{File: name, CodePage: codePage, SizeUnit: unit}
	switch q.folder {
	case "mailboxes", "directory":
		return stream(csvio.Mailboxes, r, opts, func(m *inventory.Mailbox) item { return mailboxItem(m.Source.Line, m) })
	case "statistics":
		return stream(csvio.Statistics, r, opts, statisticsItem)
	case "permissions":
		return stream(csvio.Permissions, r, opts, func(p *csvio.Permission) item {
			return of("right", p.Source.Line, "mailbox", p.Mailbox, "user", p.User, "right", p.Right)
		})
	case "um":
		return stream(csvio.UMMailboxes, r, opts, func(m *csvio.UMMailbox) item {
			return of("um", m.Source.Line, "mailbox", m.Mailbox, "enabled", m.Enabled)
		})
	case "devices":
		return stream(csvio.Devices, r, opts, func(d *csvio.Device) item {
			return of("device", d.Source.Line, "mailbox", d.Mailbox, "devices", d.Devices)
		})
	case "cloud":
		return stream(csvio.CloudRecipients, r, opts, func(c *csvio.CloudRecipient) item {
			return of("recipient", c.Source.Line, "address", c.Address, "aliases", c.Aliases, "kind", c.Kind)
		})
	case "assignments":
		return stream(csvio.Assignments, r, opts, func(a *csvio.Assignment) item {
			return of("assignment", a.Source.Line, "mailbox", a.Mailbox, "batch", a.Batch)
		})
	}
	t.Fatalf("nothing reads the folder %q", q.folder)
	return nil
}

// stream reads an export to its end and returns all that it says.
func stream[T any](read func(io.Reader, *csvio.ReadOptions) iter.Seq2[*T, error], r io.Reader, opts csvio.ReadOptions, show func(*T) item) (items []item) {
	place := func(e *csvio.RowError) string { return fmt.Sprintf("%d:%d", e.Line, e.Column) }
	opts.Bad = func(e *csvio.RowError) { items = append(items, errorItem("bad", place(e), e)) }
	opts.Warn = func(e *csvio.RowError) { items = append(items, errorItem("warning", place(e), e)) }
	opts.Skip = func(reason string, line int) { items = append(items, of("skip", line, "why", reason)) }
	for row, err := range read(r, &opts) {
		if e, ok := errors.AsType[*csvio.RowError](err); ok {
			items = append(items, errorItem("error", place(e), e))
		} else if err != nil {
			items = append(items, of("error", "nowhere", "says", err))
		} else {
			items = append(items, show(row))
		}
	}
	return items
}

// joined returns all that an inventory says, in its order, and then what was said of the
// files.
func joined(in *csvio.Input, err error) (items []item) {
	place := func(e *csvio.RowError) string { return fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column) }
	if in.Inventory != nil {
		for m := range in.Inventory.Mailboxes() {
			items = append(items, mailboxItem(m.Source, m))
		}
		for _, g := range in.Inventory.Grants() {
			items = append(items, of("grant", g.Source, "mailbox", g.Mailbox, "user", g.Trustee, "right", g.Right))
		}
	}
	for _, e := range in.BadRows {
		items = append(items, errorItem("bad", place(e), e))
	}
	for _, e := range in.Warnings {
		items = append(items, errorItem("warning", place(e), e))
	}
	for _, f := range in.Files {
		for _, s := range f.Skipped {
			items = append(items, of("skip", inventory.Source{File: f.Name, Line: s.First}, "rows", s.Rows, "why", s.Reason))
		}
	}
	if err != nil {
		items = append(items, of("error", "nowhere", "says", err))
	}
	return items
}

func mailboxItem(place any, m *inventory.Mailbox) item {
	return of("mailbox", place, "address", m.Address, "windows", m.WindowsEmailAddress, "aliases", m.Aliases, "name", m.DisplayName,
		"kind", m.Kind, "version", m.Version, "server", m.Server, "database", m.Database, "dn", m.LegacyDN, "guid", m.GUID,
		"hidden", m.HiddenFromAddressLists, "um", m.UMEnabled, "size", m.Size, "items", m.Items,
		"devices", m.ActiveSyncDevices, "cloud", m.Cloud, "delegated", m.Delegated)
}

func statisticsItem(s *csvio.MailboxStatistics) item {
	return of("statistics", s.Source.Line, "dn", s.LegacyDN, "guid", s.GUID, "address", s.Address, "name", s.DisplayName,
		"size", s.Size, "items", s.Items, "server", s.Server, "database", s.Database,
		"system", s.System, "disconnected", s.Disconnected, "archive", s.Archive)
}

// causes are the names of what errors wrap, in expectations.
var causes = []struct {
	err  error
	name string
}{
	{csvio.ErrFormat, "format"}, {csvio.ErrTruncated, "truncated"}, {csvio.ErrEncoding, "encoding"}, {csvio.ErrLost, "lost"},
	{csvio.ErrRow, "row"}, {csvio.ErrValue, "value"}, {csvio.ErrAmbiguous, "ambiguous"}, {csvio.ErrDuplicate, "duplicate"},
	{inventory.ErrAddress, "address"}, {inventory.ErrSize, "size"}, {inventory.ErrVersion, "version"}, {inventory.ErrGUID, "guid"}, {inventory.ErrRight, "right"},
	{adattr.ErrValue, "value"}, {ldif.ErrBase64, "base64"}, {ldif.ErrChange, "change"}, {ldif.ErrLine, "line"}, {table.ErrQuote, "quote"},
}

func errorItem(what, place string, e *csvio.RowError) item {
	cause := ""
	for _, c := range causes {
		if errors.Is(e, c.err) {
			cause = c.name
			break
		}
	}
	return of(what, place, "column", e.Header, "cause", cause, "says", e.Err)
}
