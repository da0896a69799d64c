package csvio_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	stdutf16 "unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// places returns findings as "file:line:column rule subject", with a blank for what is
// not there.
func places(findings []rules.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s:%d:%d %s %s", f.Source.File, f.Source.Line, f.Column, f.Rule, f.Subject))
	}
	return out
}

func validate(t testing.TB, text string, opts *csvio.ValidateOptions) *csvio.Validation {
	t.Helper()
	v, err := csvio.Validate(strings.NewReader(text), opts)
	require.NoError(t, err)
	return v
}

// What rejects the file is told from what fails a row, each with its place and in the
// order of the file.
func TestValidate(t *testing.T) {
	inv, err := inventory.New(inventory.Organization{FederatedDomains: []string{"fed.com"}},
		[]inventory.Mailbox{{Address: "a@x.com", Aliases: []inventory.Address{"alias@x.com"}}, {Address: "b@fed.com"}}, nil)
	require.NoError(t, err)
	opts := &csvio.ValidateOptions{File: "b.csv", Inventory: inv}

	v := validate(t, "EmailAddress,Password,ForceChangePassword\r\n"+
		"a@x.com,Pa$$w0rd,False\r\n"+
		"b@fed.com,short, True\r\n"+
		"\r\n"+
		"c@x.com,,perhaps\r\n"+
		"A@x.com,,\r\n", opts)
	require.True(t, v.Accepted, "the service takes the file and fails three rows of four")
	require.Equal(t, 4, v.Rows)
	require.Empty(t, v.FileErrors)
	require.Equal(t, []string{
		"b.csv:3:11 csv-password-policy b@fed.com",
		"b.csv:3:18 csv-force-change-federated b@fed.com",
		"b.csv:5:1 csv-address-not-source-primary c@x.com",
		"b.csv:5:10 csv-force-change-value c@x.com",
		"b.csv:6:1 csv-duplicate-mailbox a@x.com",
	}, places(v.RowErrors))
	require.Equal(t, []string{"b.csv:0:0 csv-scope-bypass "}, places(v.Report.Findings[:1]), "what is about the whole file comes first")
	require.Len(t, v.Report.Findings, 6)

	v = validate(t, "Password,EmailAddress,Note\n,a@x.com\nä ,\"alias@x.com\",\n", opts)
	require.False(t, v.Accepted)
	require.Equal(t, []string{"b.csv:1:23 csv-unknown-column ", "b.csv:2:0 csv-ragged-row "}, places(v.FileErrors))
	require.Equal(t, []string{"b.csv:3:1 csv-password-policy alias@x.com", "b.csv:3:4 csv-address-not-source-primary alias@x.com"}, places(v.RowErrors))

	opts.UnknownColumns = true
	v = validate(t, "EmailAddress,Note\na@x.com,x\n", opts)
	require.True(t, v.Accepted)

	v = validate(t, "", nil)
	require.Equal(t, []string{"input:1:0 csv-empty "}, places(v.FileErrors), "a nil *ValidateOptions is fine")
}

func TestValidateRules(t *testing.T) {
	own := func(check func(*rules.Pass, *rules.BatchFile)) *rules.Rule {
		return &rules.Rule{Name: "own", Doc: "Test.", Severity: rules.Blocker, File: check}
	}
	says := own(func(p *rules.Pass, f *rules.BatchFile) { p.Reportf("%d rows", f.RowCount) })
	v := validate(t, "X\n", &csvio.ValidateOptions{Rules: []*rules.Rule{says}})
	require.Equal(t, []string{":0:0 own "}, places(v.FileErrors), "no other rules are checked")
	require.False(t, v.Accepted)

	policy := rules.Policy{Waivers: []rules.Waiver{{Rule: "own", Subjects: []string{""}, Reason: "known"}}}
	set, err := policy.Apply([]*rules.Rule{says})
	require.NoError(t, err)
	require.True(t, validate(t, "X\n", &csvio.ValidateOptions{Rules: set}).Accepted, "waived")
	guesses := own(func(p *rules.Pass, _ *rules.BatchFile) { p.Unverifiedf("who knows") })
	require.True(t, validate(t, "X\n", &csvio.ValidateOptions{Rules: []*rules.Rule{guesses}}).Accepted, "not verified")
	require.True(t, validate(t, "X\n", &csvio.ValidateOptions{Rules: []*rules.Rule{}}).Accepted, "no rules, and not those of the catalogue")

	v, err = csvio.Validate(strings.NewReader("X\n"), &csvio.ValidateOptions{Rules: []*rules.Rule{
		own(func(*rules.Pass, *rules.BatchFile) { panic("no") }),
	}})
	var panicked *rules.PanicError
	require.ErrorAs(t, err, &panicked)
	require.NotNil(t, v)
	v, err = csvio.Validate(strings.NewReader("X\n"), &csvio.ValidateOptions{Rules: []*rules.Rule{{}}})
	require.ErrorIs(t, err, rules.ErrRules)
	require.Nil(t, v)
}

func TestValidateErrors(t *testing.T) {
	_, err := csvio.Validate(iotest.ErrReader(errors.New("no such disk")), &csvio.ValidateOptions{File: "b.csv"})
	require.EqualError(t, err, "b.csv:1:1: no such disk")
	var row *csvio.RowError
	require.ErrorAs(t, err, &row)

	_, err = csvio.ReadBatchFile(strings.NewReader(strings.Repeat("\n", 16<<20)), nil)
	require.NoError(t, err, "16 MiB are read")
	_, err = csvio.ReadBatchFile(strings.NewReader(strings.Repeat("\n", 16<<20+1)), nil)
	require.ErrorIs(t, err, csvio.ErrFormat)
	_, err = csvio.ReadBatchFile(strings.NewReader(strings.Repeat(",", 1<<20)), nil)
	require.ErrorIs(t, err, csvio.ErrFormat, "a million columns")
}

// Of a file that is far too long, what is kept is bounded and all is counted.
func TestBatchFileIsBounded(t *testing.T) {
	f, err := csvio.ReadBatchFile(strings.NewReader("EmailAddress\n"+strings.Repeat("a@x.com\n", 10_001)), nil)
	require.NoError(t, err)
	require.Len(t, f.Rows, 10_000)
	require.Equal(t, 10_001, f.RowCount)

	f, err = csvio.ReadBatchFile(strings.NewReader("EmailAddress\na\n"+strings.Repeat(",", 1<<20)+"\nb\nc\n"), nil)
	require.NoError(t, err)
	require.Len(t, f.Rows, 1, "nothing is kept from the row on that has a million cells")
	require.Equal(t, 4, f.RowCount)
}

// Encodings as byte order marks tell them, and the place of what is no text in them.
func TestBatchFileEncoding(t *testing.T) {
	const text = "EmailAddress\r\nä🔑"
	units := func(s string, bytes ...func(uint16) []byte) []byte {
		var out []byte
		for _, u := range stdutf16.Encode([]rune(s)) {
			out = append(out, bytes[0](u)...)
		}
		return out
	}
	le := func(u uint16) []byte { return []byte{byte(u), byte(u >> 8)} }
	be := func(u uint16) []byte { return []byte{byte(u >> 8), byte(u)} }
	wide := func(s string, order ...int) []byte {
		var out []byte
		for _, r := range s {
			for _, shift := range order {
				out = append(out, byte(r>>shift))
			}
		}
		return out
	}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	tests := []struct {
		reason, encoding string
		data             []byte
		bad              string // line:column
		last             string // cell
	}{
		{"no mark", "UTF-8", []byte(text), "", "ä🔑"},
		{"a mark of UTF-8", "UTF-8", []byte("\ufeff" + text), "", "ä🔑"},
		{"UTF-16", "UTF-16LE", join([]byte{0xff, 0xfe}, units(text, le)), "", "ä🔑"},
		{"UTF-16, big endian", "UTF-16BE", join([]byte{0xfe, 0xff}, units(text, be)), "", "ä🔑"},
		{"UTF-32", "UTF-32LE", join([]byte{0xff, 0xfe, 0, 0}, wide(text, 0, 8, 16, 24)), "", "ä🔑"},
		{"UTF-32, big endian", "UTF-32BE", join([]byte{0, 0, 0xfe, 0xff}, wide(text, 24, 16, 8, 0)), "", "ä🔑"},
		{"a byte of Windows-1252", "UTF-8", []byte("EmailAddress\r\nä\xe4b\xe4"), "2:2", "ä\ufffdb\ufffd"},
		{"half a character of UTF-16", "UTF-16LE", join([]byte{0xff, 0xfe}, units("EmailAddress\nab", le), []byte{'c'}), "2:3", "ab\ufffd"},
		{"half a surrogate pair", "UTF-16LE", join([]byte{0xff, 0xfe}, units("EmailAddress\na", le), le(0xd83d), le('b')), "2:2", "a\ufffdb"},
		{"no character of UTF-32", "UTF-32LE", join([]byte{0xff, 0xfe, 0, 0}, wide("EmailAddress\na", 0, 8, 16, 24), []byte{0, 0, 0, 0xff}), "2:2", "a\ufffd"},
		{"a character that is written as U+FFFD is text", "UTF-8", []byte("EmailAddress\n\ufffd"), "", "\ufffd"},
	}
	for _, tt := range tests {
		f, err := csvio.ReadBatchFile(bytes.NewReader(tt.data), nil)
		require.NoError(t, err)
		require.Equal(t, tt.encoding, f.Encoding, tt.reason)
		require.EqualValues(t, len(tt.data), f.Size)
		require.Equal(t, "EmailAddress", f.Header[0].Text, tt.reason)
		require.Equal(t, tt.last, f.Rows[0].Cells[0].Value(), tt.reason)
		bad := ""
		if f.Undecodable != nil {
			bad = fmt.Sprintf("%d:%d", f.Undecodable.Line, f.Undecodable.Column)
		}
		require.Equal(t, tt.bad, bad, tt.reason)
	}
}

// What WriteBatch writes the service takes, and reads as what was meant.
func TestValidateTakesWhatIsWritten(t *testing.T) {
	character := rapid.SampledFrom([]rune("aZ09 ,;\"'\\#$@é🔑\u00a0\u2028\ufeff\t"))
	rapid.Check(t, func(rt *rapid.T) {
		addresses := rapid.SliceOfNDistinct(rapid.StringMatching(`([a-z0-9]{1,6}|"[a-z ,@]{1,6}")@x\.com`), 1, 20, rapid.ID).Draw(rt, "addresses")
		b := &batch.Batch{Name: "B"}
		credentials := make(map[inventory.Address]csvio.Credentials)
		for _, text := range addresses {
			a, err := inventory.ParseAddress(text)
			if err != nil {
				rt.Fatal(err)
			}
			b.Mailboxes = append(b.Mailboxes, &inventory.Mailbox{Address: a, WindowsEmailAddress: a})
			c := csvio.Credentials{
				Password:    csvio.NewSecret(rapid.StringOfN(character, 7, 17, -1).Draw(rt, "password")),
				ForceChange: rapid.SampledFrom([]inventory.Fact{inventory.Unknown, inventory.No, inventory.Yes}).Draw(rt, "change"),
			}
			alone := &csvio.WriteOptions{Credentials: func(*inventory.Mailbox) csvio.Credentials { return c }}
			if errors.Is(csvio.WriteBatch(io.Discard, batchOf(a), alone), csvio.ErrBatch) {
				c.Password = csvio.Secret{} // the service does not take it
			}
			credentials[a] = c
		}
		var opts *csvio.WriteOptions
		if rapid.Bool().Draw(rt, "credentials") {
			opts = &csvio.WriteOptions{Credentials: func(m *inventory.Mailbox) csvio.Credentials { return credentials[m.Address] }}
		}
		var file bytes.Buffer
		if err := csvio.WriteBatch(&file, b, opts); err != nil {
			rt.Fatal(err)
		}
		mailboxes := make([]inventory.Mailbox, len(b.Mailboxes))
		for i, m := range b.Mailboxes {
			mailboxes[i] = *m
		}
		inv, err := inventory.New(inventory.Organization{FederatedDomains: []string{}}, mailboxes, nil)
		if err != nil {
			rt.Fatal(err)
		}
		set := rules.Params{InScope: func(inventory.Address) inventory.Fact { return inventory.Yes }}.Catalogue()
		v, err := csvio.Validate(&file, &csvio.ValidateOptions{Inventory: inv, Rules: set})
		if err != nil {
			rt.Fatal(err)
		}
		if !v.Accepted || len(v.Report.Findings) > 0 || v.Rows != len(addresses) {
			rt.Fatal(v.Rows, v.Report.Findings)
		}
		for i, row := range v.File.Rows {
			a := b.Mailboxes[i].Address
			want := []string{string(a)}
			if opts != nil {
				want = append(want, credentials[a].Password.Reveal(), map[inventory.Fact]string{inventory.Yes: "True", inventory.No: "False"}[credentials[a].ForceChange])
			}
			var got []string
			for _, c := range row.Cells {
				got = append(got, c.Value())
			}
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatal(diff)
			}
		}
	})
}

// Whatever is wrong with a file, and wherever a password is in it, nothing that is
// printed shows it.
func TestValidateShowsNoPassword(t *testing.T) {
	const password = "hunter2"
	inv, err := inventory.New(inventory.Organization{FederatedDomains: []string{"fed.com"}}, []inventory.Mailbox{{Address: "a@x.com"}}, nil)
	require.NoError(t, err)
	cell := rapid.SampledFrom([]string{
		password, password + "@", "x@" + password, password + ";", "\"" + password + " \"", "\"" + password + "\" ", "a\"" + password, " ",
		"a@x.com", "b@fed.com", "a@x.com;" + password, "False", "True", "", password + "\xe9", password + "\x00",
	})
	header := rapid.SampledFrom([]string{
		"EmailAddress,Password,ForceChangePassword", "EmailAddress", "Password,Pasword", "EmailAddress,Username", "Email;Password", "ForceChangePassword",
		`"EmailAddress";"Password"`, "#TYPE X", "sep=;", "a@x.com," + password, "a@x.com;" + password, "," + password + ",False", password + ",email",
	})
	rapid.Check(t, func(rt *rapid.T) {
		lines := []string{header.Draw(rt, "header")}
		for range rapid.IntRange(0, 4).Draw(rt, "rows") {
			lines = append(lines, strings.Join(rapid.SliceOfN(cell, 1, 4).Draw(rt, "cells"), ","))
		}
		v, err := csvio.Validate(strings.NewReader(strings.Join(lines, "\n")), &csvio.ValidateOptions{Inventory: inv})
		if err != nil {
			rt.Fatal(err)
		}
		if shown := fmt.Sprintf("%v %+v %#v %+v", v.File, v, v.File, v.Report.Findings); strings.Contains(shown, password) {
			rt.Fatalf("%q\n%s", lines, shown)
		}
	})
}

// Any bytes can be validated: findings are about places in the file, and how it comes
// in does not matter.
func FuzzValidate(f *testing.F) {
	for _, seed := range []string{
		"", "EmailAddress\r\na@x.com\r\n", "EmailAddress,Password,ForceChangePassword\na@x.com,Pa$$w0rd,False\n,\"x\"\"\" ,yes\n\n a\n",
		"\xff\xfeE\x00m\x00", "#TYPE X\nEmailAddress;Password\n", "\"\"\"\",\"a\nb\"c\u2028d", "EmailAddress,emailaddress,,Username\na@x.com,\xe9,,b\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := csvio.Validate(bytes.NewReader(data), nil)
		if err != nil {
			require.ErrorIs(t, err, csvio.ErrFormat)
			return
		}
		// A character is a byte or more, and a line end ends a line.
		lines := 1 + bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r"))
		for _, found := range v.Report.Findings {
			require.LessOrEqual(t, found.Source.Line, lines)
			require.LessOrEqual(t, found.Column, len(data)+1)
			require.GreaterOrEqual(t, found.Column, 0)
			require.True(t, utf8.ValidString(found.Message))
		}
		require.Equal(t, v.RowErrors == nil && v.FileErrors == nil, v.Report.Counts().Blockers == 0)
		require.Equal(t, v.Accepted, len(v.FileErrors) == 0)
		require.GreaterOrEqual(t, v.Rows, len(v.File.Rows))

		again, err := csvio.Validate(iotest.OneByteReader(bytes.NewReader(data)), nil)
		require.NoError(t, err)
		hidden := cmp.Comparer(func(a, b csvio.Secret) bool { return a.Reveal() == b.Reveal() })
		if diff := cmp.Diff(v, again, hidden, cmpopts.IgnoreUnexported(rules.Report{})); diff != "" {
			t.Error(diff)
		}
	})
}

// Reading takes time linear in the size of a file, also of one that is made of what a cell
// can go wrong by: in quadratic time this test would not end.
func TestValidateIsLinear(t *testing.T) {
	for _, piece := range []string{`"`, `""`, `"a`, `a"`, `"",`, `"" `, "\"\n", `"""a`, ",", "\n", "a\n", "\u2028", "\xe2\x80"} {
		_, err := csvio.ReadBatchFile(strings.NewReader("EmailAddress\n"+strings.Repeat(piece, 1<<20/len(piece))+"a"), nil)
		require.NoError(t, err)
	}
}
