package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/staged-migration/staged/examples/internal/synth"
)

// call runs the program in the test's own process.
func call(t testing.TB, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// skipLong leaves a test out of short ones, which the race detector runs: those that plan
// the sample again and again.
func skipLong(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it plans thousands of mailboxes")
	}
}

// write writes files into a fresh folder and returns it.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	return dir
}

// tree returns the files below a folder and what is in them; nil if there is no
// such folder.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	files := make(map[string]string)
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var data []byte
			data, err = os.ReadFile(filepath.Join(dir, name))
			files[name] = string(data)
		}
		return err
	}))
	return files
}

func TestSample(t *testing.T) {
	code, stdout, stderr := call(t)
	require.Equal(t, exitPlanned, code)
	require.Equal(t, 2, strings.Count(stderr, "\n"), "two bad rows: %s", stderr)
	require.Regexp(t, `sample/mailboxes\.csv:\d+:\d+: PrimarySmtpAddress: not an SMTP address: it is empty`, stderr)
	require.Regexp(t, `sample/statistics\.csv:\d+:\d+: TotalItemSize: not a size: "12 items"`, stderr)
	for _, part := range []string{
		"Staged migration of Contoso",
		"5,199 mailboxes",
		"SharedMailbox",
		"mailboxes of unknown size",
		"  Published: throughput (10 to 14 GB per hour), lanes (20)\n",
		"unknown size (empty, for 2 mailboxes)\n",
		"Assumed to be none: time per item, time per mailbox, queue,",
		"mailbox-hidden-from-address-lists",
		"mailbox-um-enabled",
		"StagedBatch003",
		"Split grants: ",
		"Unverified",
		"migration-admin-targetaddress-write",
		"What to do next: not ready to start",
	} {
		require.Contains(t, stdout, part)
	}
	again, second, _ := call(t)
	require.Equal(t, code, again)
	require.Equal(t, stdout, second)

	dir := filepath.Join(t.TempDir(), "new", "dir")
	code, stdout, _ = call(t, "-out", dir)
	require.Equal(t, exitPlanned, code)
	require.Contains(t, stdout, `New-MigrationBatch -Name $_.BaseName`)
	d := readPlan(t, dir)
	require.Positive(t, d.Counts.SplitGrants, "the sample has a component that does not fit")
	require.Less(t, d.Counts.SplitGrants, d.Counts.Grants/100, "and few of its grants are split")
	require.Equal(t, 2, d.Counts.BadRows)
	requireOneObstacle(t, dir)
}

// A service account with rights on every tenth mailbox parts nobody, and is named.
func TestSummaryNamesHubs(t *testing.T) {
	files := make(map[string]string)
	var account string
	for _, f := range synth.Generate(synth.Config{Seed: 5, Mailboxes: 1500, Giant: 0.5, ServiceAccounts: 1}).Files() {
		var text strings.Builder
		require.NoError(t, f.Write(&text, synth.Format{}))
		files[f.Name] = text.String()
		if at := strings.Index(text.String(), "svc.app1@"); at >= 0 && account == "" {
			account, _, _ = strings.Cut(text.String()[at:], "\"")
		}
	}
	dir := write(t, files)
	var stdout, stderr strings.Builder
	code := run(t.Context(), []string{
		"-mailboxes", filepath.Join(dir, "mailboxes.csv"), "-grants", filepath.Join(dir, "permissions.csv"), "-max-mailboxes", "700",
	}, &stdout, &stderr)
	require.Equal(t, exitPlanned, code, stderr.String())
	// The exports hold 1,500 mailboxes, about each tenth of which the account has a right on.
	require.Regexp(t, `  `+regexp.QuoteMeta(account)+` holds 1\d\d grants and keeps nobody together; \d+ of them are split\n`, stdout.String())
	require.NotContains(t, stdout.String(), "for "+account+" (", "its grants are counted, not listed")
}

// The embedded sample is what the generator makes.
func TestSampleIsFresh(t *testing.T) {
	org := synth.Generate(synth.Config{Seed: 7, Mailboxes: 5200, Giant: 0.55})
	for _, f := range org.Files() {
		var want bytes.Buffer
		require.NoError(t, f.Write(&want, synth.Format{}))
		got := sampleText(t, f.Name)
		require.Equal(t, want.String() == got, true, "%s is stale: run go generate ./examples/plan", f.Name)
	}
	require.Equal(t, org.Facts(), sampleText(t, "org.json"))
}

func sampleText(t testing.TB, name string) string {
	t.Helper()
	f := openSample(name)
	var buf bytes.Buffer
	_, err := buf.ReadFrom(f.Reader)
	require.NoError(t, err)
	return buf.String()
}

const (
	goodMailboxes = "\"Name\",\"PrimarySmtpAddress\",\"LegacyExchangeDN\"\r\n\"a\",\"a@x.com\",\"/cn=a\"\r\n\"b\",\"b@x.com\",\"/cn=b\"\r\n"
	goodStats     = "\"LegacyDN\",\"TotalItemSize\"\r\n\"/cn=a\",\"1B\"\r\n\"/cn=b\",\"2B\"\r\n"
	goodGrants    = "\"Mailbox\",\"User\",\"AccessRights\"\r\n\"a@x.com\",\"b@x.com\",\"Send As\"\r\n"
)

func TestBadInput(t *testing.T) {
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(goodMailboxes)
	require.NoError(t, err)
	tests := []struct {
		reason string
		files  map[string]string // in place of the good ones
		strict bool              // whether -strict makes a difference
		code   int
		stderr string
	}{
		{"all is well", nil, false, exitPlanned, ""},
		{"a file that is no export", map[string]string{"m.csv": "Dear admin,\nhere is the list."}, false, exitFailed, "m.csv:1:1: not a usable export: no column has the address of a mailbox"},
		{"a binary file", map[string]string{"m.csv": "\x00\x01\x02\x03"}, false, exitFailed, "m.csv:1:1: not a usable export: there are NUL bytes"},
		{"an empty file", map[string]string{"s.csv": ""}, false, exitFailed, "s.csv:1:1: not a usable export: it is empty"},
		{"a missing file", map[string]string{"g.csv": "\x00missing"}, false, exitFailed, "g.csv:1:1: cannot open it: no such file or directory"},
		{"a truncated UTF-16 file", map[string]string{"m.csv": utf16[:len(utf16)-7]}, true, exitPlanned, "m.csv:3:1: the file is cut off: its UTF-16 text ends in the middle of a character"},
		{"a UTF-16 file cut in a cell", map[string]string{"m.csv": utf16[:len(utf16)-10]}, true, exitPlanned, "m.csv:3:15: a quote opens a cell here and nothing closes it"},
		{"a header without address", map[string]string{"m.csv": "#TYPE x\r\n\"Name\",\"Alias\"\r\n\"a\",\"b\"\r\n"}, false, exitFailed, "m.csv:2:1: not a usable export: no column has the address"},
		{"a size nobody can read", map[string]string{"s.csv": strings.Replace(goodStats, "1B", "one", 1)}, true, exitPlanned, `s.csv:2:9: TotalItemSize: not a size: "one"`},
		{"a duplicate mailbox", map[string]string{"m.csv": goodMailboxes + "\"c\",\"A@X.com\",\"\"\r\n"}, true, exitPlanned, "m.csv:4:5: PrimarySmtpAddress: already there: mailbox a@x.com, from"},
		{"a mailbox without address", map[string]string{"m.csv": goodMailboxes + "\"c\",\"\",\"\"\r\n"}, true, exitPlanned, "m.csv:4:5: PrimarySmtpAddress: not an SMTP address: it is empty"},
		{"a misspelt key", map[string]string{"o.json": "{\n  \"publicFolder\": 1}"}, false, exitFailed, `o.json:2:3: publicFolder: not a usable export: there is no such key; the nearest is "publicFolders"`},
		{"a header without rows", map[string]string{"m.csv": "PrimarySmtpAddress\n"}, false, exitFailed, "m.csv:1:1: there is no mailbox to plan for"},
		{"a folder in place of a file", map[string]string{"m.csv": "\x00folder"}, false, exitFailed, "m.csv:1:1: cannot open it: is a folder"},
		{"nothing but bad rows", map[string]string{"m.csv": "PrimarySmtpAddress\nnobody\n"}, true, exitFailed, "m.csv:2:1: PrimarySmtpAddress"},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			files := map[string]string{"m.csv": goodMailboxes, "s.csv": goodStats, "g.csv": goodGrants, "o.json": "{}"}
			for name, text := range tt.files {
				files[name] = text
				if strings.HasPrefix(text, "\x00missing") || strings.HasPrefix(text, "\x00folder") {
					delete(files, name)
				}
			}
			dir := write(t, files)
			there := len(files)
			for name, text := range tt.files {
				if text == "\x00folder" {
					require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o777))
					there++
				}
			}
			args := []string{
				"-mailboxes", filepath.Join(dir, "m.csv"), "-statistics", filepath.Join(dir, "s.csv"),
				"-grants", filepath.Join(dir, "g.csv"), "-org", filepath.Join(dir, "o.json"), "-out", filepath.Join(dir, "out"),
			}
			code, stdout, stderr := call(t, args...)
			require.Equal(t, tt.code, code, stderr)
			require.Contains(t, stderr, tt.stderr)
			out := tree(t, filepath.Join(dir, "out"))
			if code != exitPlanned {
				require.Empty(t, stdout)
				requireNothingLeft(t, dir, there)
				return
			}
			require.NotEmpty(t, out["plan.json"])
			d := readPlan(t, filepath.Join(dir, "out"))
			require.Len(t, d.BadRows, strings.Count(stderr, "\n"), "each message is in the plan too")

			require.NoError(t, os.RemoveAll(filepath.Join(dir, "out")))
			code, _, stderr = call(t, append(args, "-strict")...)
			if !tt.strict {
				require.Equal(t, exitPlanned, code)
				return
			}
			require.Equal(t, exitFailed, code, "-strict makes a bad row fatal")
			require.Contains(t, stderr, tt.stderr)
			require.Contains(t, stderr, "could not be read, and -strict makes that fatal")
			requireNothingLeft(t, dir, there)
		})
	}
}

// numbered returns the rows of so many mailboxes.
func numbered(n int) string {
	var rows strings.Builder
	for i := range n {
		fmt.Fprintf(&rows, "m%d@contoso.com\n", i)
	}
	return rows.String()
}

// requireNothingLeft fails if there is more in a folder than the files put there.
func requireNothingLeft(t testing.TB, dir string, files int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, files, "%v", entries)
}

func TestUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"want from 1 to 2000 mailboxes in a batch":   {"-max-mailboxes", "2001"},
		"want from 1 to 2000 mailboxes in a batch ":  {"-max-mailboxes", "0"},
		"want from 1 to 2000 mailboxes in a batch  ": {"-max-mailboxes", "many"},
		"not a size":                                          {"-max-size", "huge"},
		"it must be over 0":                                   {"-max-size", "0"},
		"want from 1 to 300 mailboxes at a time":              {"-concurrency", "0"},
		"want from 1 to 300 mailboxes at a time ":             {"-concurrency", "301"},
		"want two numbers of GB per hour":                     {"-rate", "fast"},
		"want two numbers of GB per hour ":                    {"-rate", "0-0"},
		"both must be positive and in this order":             {"-rate", "14-10"},
		"want two numbers of GB per hour  ":                   {"-rate", "-5"},
		"unexpected argument \"x.csv\"":                       {"x.csv"},
		"describe the mailboxes of -mailboxes":                {"-statistics", "s.csv"},
		"flag provided but not defined: -no-such":             {"-no-such"},
		"flag needs an argument: -out":                        {"-out"},
		"-window and -time-zone are about the dates":          {"-window", "Sat"},
		"cannot parse \"tomorrow\"":                           {"-start", "tomorrow"},
		"unknown time zone Atlantis":                          {"-time-zone", "Atlantis"},
		"invalid value \"Someday\" for flag -window":          {"-window", "Someday"},
		"-frozen and -failed are about the plan of -previous": {"-frozen", "B1"},
		"want from 1 to 2147483647 mailboxes in the pilot":    {"-pilot", "0"},
		"not an SMTP address":                                 {"-hub", "nobody"},
		"not an SMTP address ":                                {"-previous", "p.json", "-failed", "nobody"},
		"batch names hold letters and digits only, ":          {"-prefix", "Batch 1"},
		"invalid value \"\" for flag -out: it is empty":       {"-out", ""},
		"invalid value \"\" for flag -org: it is empty":       {"-org", ""},
		"invalid value \"\" for flag -prefix: it is empty":    {"-prefix", ""},
		"invalid value \"\" for flag -mailboxes: it is empty": {"-mailboxes", ""},
		"invalid value \"\" for flag -policy: it is empty":    {"-policy", ""},
		"invalid value \"\" for flag -rules: it is empty":     {"-rules", ""},
	} {
		code, stdout, stderr := call(t, args...)
		require.Equal(t, exitUsage, code, "%v: %s", args, stderr)
		require.Contains(t, stderr, strings.TrimSpace(want))
		require.Empty(t, stdout)
	}
}

// The README names every flag, and no other.
func TestFlagsAreInTheReadme(t *testing.T) {
	code, _, stderr := call(t, "-h")
	require.Equal(t, exitPlanned, code)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(readme), "| flag | meaning |")
	table, _, _ = strings.Cut(table, "\n\n")
	names := func(pattern, text string) (found []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			found = append(found, m[1])
		}
		slices.Sort(found)
		return found
	}
	require.Len(t, names(`(?m)^  -([a-z-]+)`, stderr), 29)
	require.Equal(t, names(`(?m)^  -([a-z-]+)`, stderr), names("`-([a-z-]+)", table))
}

func TestFlagsReachThePlan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	code, _, stderr := call(t, "-max-mailboxes", "500", "-max-size", "400GB", "-concurrency", "40", "-rate", "5-8", "-prefix", "Night", "-assume-remedied", "-out", dir)
	require.Equal(t, exitPlanned, code, stderr)
	d := readPlan(t, dir)
	require.Equal(t, 500, d.Limits.Mailboxes)
	require.EqualValues(t, 400<<30, d.Limits.SizeBytes)
	require.Equal(t, 40, d.Estimate.Concurrency)
	require.Equal(t, 5.0, d.Estimate.LowGBPerHour)
	require.Equal(t, 8.0, d.Estimate.HighGBPerHour)
	require.Equal(t, "Night001", d.Batches[0].Name)
	require.Zero(t, d.Counts.Held, "every blocker of the sample has a remedy")
	for _, b := range d.Batches {
		require.LessOrEqual(t, len(b.Mailboxes), 500)
		require.LessOrEqual(t, b.SizeBytes, int64(400<<30))
	}
}

func TestOut(t *testing.T) {
	dir := t.TempDir()
	full := filepath.Join(dir, "full")
	require.NoError(t, os.Mkdir(full, 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(full, "mine.txt"), []byte("x"), 0o666))
	code, stdout, stderr := call(t, "-out", full)
	require.Equal(t, exitFailed, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "is not empty")
	require.Equal(t, map[string]string{"mine.txt": "x"}, tree(t, full), "what was there stays")

	code, _, stderr = call(t, "-out", filepath.Join(full, "mine.txt"))
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "-out: ")

	empty := filepath.Join(dir, "empty")
	require.NoError(t, os.Mkdir(empty, 0o777))
	code, _, stderr = call(t, "-out", empty)
	require.Equal(t, exitPlanned, code, stderr)
	require.Contains(t, tree(t, empty), "plan.json", "an empty folder is filled")

	link := filepath.Join(dir, "link")
	target := filepath.Join(dir, "target")
	require.NoError(t, os.Mkdir(target, 0o777))
	require.NoError(t, os.Symlink(target, link))
	code, _, stderr = call(t, "-out", link)
	require.Equal(t, exitPlanned, code, stderr)
	require.Contains(t, tree(t, target), "plan.json", "also one behind a link")

	private := filepath.Join(dir, "private")
	require.NoError(t, os.Mkdir(private, 0o700))
	code, _, stderr = call(t, "-out", private)
	require.Equal(t, exitPlanned, code, stderr)
	info, err := os.Stat(private)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), "a folder stays as private as it was")
	entries, err := os.ReadDir(private)
	require.NoError(t, err)
	require.Len(t, entries, 6, "five files, the folder of the batches, and nothing of staging")

	nowhere := filepath.Join(dir, "nowhere")
	require.NoError(t, os.Symlink(filepath.Join(dir, "missing"), nowhere))
	code, _, stderr = call(t, "-out", nowhere)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "-out: ", "a link to nothing")
	requireNothingLeft(t, dir, 6)
}

// What fails leaves nothing behind, not even the folders on the way.
func TestOutOfWhatFails(t *testing.T) {
	// A bad row, and a mailbox more than three digits count.
	export := filepath.Join(write(t, map[string]string{"m.csv": "PrimarySmtpAddress\nnobody\n" + numbered(1000)}), "m.csv")
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	require.NoError(t, os.Mkdir(empty, 0o777))
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, fail := range map[string]func(out string) int{
		"canceled": func(out string) int {
			return run(canceled, []string{"-mailboxes", export, "-out", out}, io.Discard, io.Discard)
		},
		"no summary": func(out string) int {
			return run(t.Context(), []string{"-mailboxes", export, "-out", out}, failing{}, io.Discard)
		},
		"a bad row": func(out string) int {
			return run(t.Context(), []string{"-mailboxes", export, "-out", out, "-strict"}, io.Discard, io.Discard)
		},
		"a wrong limit": func(out string) int {
			return run(t.Context(), []string{"-mailboxes", export, "-out", out, "-prefix", strings.Repeat("a", 61), "-max-mailboxes", "1"}, io.Discard, io.Discard)
		},
	} {
		for _, out := range []string{filepath.Join(dir, "a", "b", "c"), filepath.Join(dir, "new"), empty} {
			require.Equal(t, exitFailed, fail(out), "%s: %s", name, out)
			requireNothingLeft(t, empty, 0)
			requireNothingLeft(t, dir, 1)
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("nobody listens") }

func TestPowerShellQuoted(t *testing.T) {
	require.Equal(t, `'a"b$c'`, powerShellQuoted(`a"b$c`))
	require.Equal(t, "'it''s \u2019\u2019'", powerShellQuoted("it's \u2019"))
}

func TestSummaryOfUnknownSizes(t *testing.T) {
	dir := write(t, map[string]string{"m.csv": goodMailboxes})
	code, stdout, _ := call(t, "-mailboxes", filepath.Join(dir, "m.csv"))
	require.Equal(t, exitPlanned, code)
	require.Regexp(t, `StagedBatch001 +2 +unknown +unknown +unknown\n`, stdout)
	code, _, stderr := call(t, "-mailboxes", filepath.Join(dir, "m.csv"), "-max-size", "1GB")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "a limit of 1 GB cannot be kept: not one size is known")
}
