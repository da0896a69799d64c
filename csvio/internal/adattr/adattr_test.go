package adattr

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSplitList(t *testing.T) {
	tests := []struct {
		cell   string
		want   []string
		reason string
	}{
		{"", nil, "an absent attribute"},
		{"domainDNS", []string{"domainDNS"}, "one value"},
		{"domainDNS;container", []string{"domainDNS", "container"}, "two, as in the sample of the documentation"},
		{
			`SMTP:test@contoso.com;X400:c=us\;a= \;p=Test\;o=Exchange\;s=User\;;smtp:user@contoso.com`,
			[]string{"SMTP:test@contoso.com", "X400:c=us;a= ;p=Test;o=Exchange;s=User;", "smtp:user@contoso.com"},
			"an X.400 address is full of semicolons, and ends with one",
		},
		{`X400:c=us\;`, []string{"X400:c=us;"}, "at the end of the cell too"},
		{"smtp: a@contoso.com ;\r\n\tsmtp: b@contoso.com  ", []string{"smtp: a@contoso.com", "smtp: b@contoso.com"}, "other tools write blanks and line breaks around values"},
		{"a b;c", []string{"a b", "c"}, "blanks inside stay"},
		{";a;;b; ;", []string{"a", "b"}, "empty values are none"},
		{";", nil, "not even alone"},
		{`NOTES:\\server\\share;b`, []string{`NOTES:\server\share`, "b"}, "doubled backslashes"},
		{`a\\;b`, []string{`a\`, "b"}, "a value that ends with a backslash"},
		{`a\\\;b`, []string{`a\;b`}, "a backslash and a semicolon in a value"},
		{`CN=Roth\, Anna,DC=x;CN=Ben,DC=x`, []string{`CN=Roth\, Anna,DC=x`, "CN=Ben,DC=x"}, "a backslash that is not doubled"},
		{`CN=Roth\\, Anna,DC=x`, []string{`CN=Roth\, Anna,DC=x`}, "and the same one doubled"},
		{`a\`, []string{`a\`}, "nothing follows the backslash"},
		{`X'c3a4';b`, []string{`X'c3a4'`, "b"}, "digits are not text yet"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, SplitList(tt.cell), "%q: %s", tt.cell, tt.reason)
	}
}

// joinList is what csvde does.
func joinList(values []string) string {
	escape := strings.NewReplacer(`\`, `\\`, ";", `\;`)
	var cells []string
	for _, v := range values {
		cells = append(cells, escape.Replace(v))
	}
	return strings.Join(cells, ";")
}

func TestSplitListUndoesJoining(t *testing.T) {
	value := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a;\\ ,]{1,6}`)).
		Filter(func(s string) bool { return s != "" && strings.Trim(s, blanks) == s })
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(value).Draw(t, "values")
		if diff := cmp.Diff(want, SplitList(joinList(want))); diff != "" && len(want) > 0 {
			t.Fatal(diff)
		}
	})
}

func TestText(t *testing.T) {
	tests := []struct{ cell, want, wantErr, reason string }{
		{"", "", "", "an absent attribute"},
		{"Anna Roth", "Anna Roth", "", "plain text"},
		{"X'c384676e6573'", "Ägnes", "", "UTF-8 in digits"},
		{"X'C384'", "Ä", "", "capital ones"},
		{"X''", "", "", "none"},
		{"X'", "X'", "", "a quote that is not closed is text"},
		{"X'avier", "X'avier", "", "likewise"},
		{"x'c384'", "x'c384'", "", "a small x is text"},
		{" X'c384'", " X'c384'", "", "text in front"},
		{"\xff", "\xff", "", "all other text is returned as it is"},
		{"X'avier'", "", `"X'avier'": no pairs of hexadecimal digits between the quotes`, "no digits"},
		{"X'c38'", "", `"X'c38'": no pairs of hexadecimal digits between the quotes`, "half a byte"},
		{"X'c3'", "", `"X'c3'": its bytes are no text in UTF-8`, "half a character"},
		{"X'" + strings.Repeat("ff", 40) + "'", "", `"X'ffffffffffffffffffffffffffffffffffffff…": its bytes are no text in UTF-8`, "long cells are cut"},
	}
	for _, tt := range tests {
		got, err := Text([]byte(tt.cell))
		requireValue(t, tt.want, got, tt.wantErr, err, "%q: %s", tt.cell, tt.reason)
	}
}

// requireValue requires a value, or the error that there is none.
func requireValue[V any](t *testing.T, want, got V, wantErr string, err error, format string, args ...any) {
	t.Helper()
	if wantErr != "" {
		require.ErrorIs(t, err, ErrValue, fmt.Sprintf(format, args...))
		require.EqualError(t, err, ErrValue.Error()+": "+wantErr, fmt.Sprintf(format, args...))
	} else {
		require.NoError(t, err, fmt.Sprintf(format, args...))
	}
	require.Equal(t, want, got, fmt.Sprintf(format, args...))
}

func TestBinary(t *testing.T) {
	tests := []struct {
		cell    string
		want    []byte
		wantErr string
		reason  string
	}{
		{"X'9a6b3176'", []byte{0x9A, 0x6B, 0x31, 0x76}, "", "as in the sample of the documentation"},
		{"X'00FF'", []byte{0x00, 0xFF}, "", "capital digits"},
		{"X''", []byte{}, "", "no bytes"},
		{"", nil, `"": not bytes, which are X'…' with hexadecimal digits`, "an absent attribute is for the caller to see"},
		{"9a6b", nil, `"9a6b": not bytes, which are X'…' with hexadecimal digits`, "digits alone"},
		{"X'9a6b", nil, `"X'9a6b": not bytes, which are X'…' with hexadecimal digits`, "cut off"},
		{"X'9a6'", nil, `"X'9a6'": no pairs of hexadecimal digits between the quotes`, "half a byte"},
	}
	for _, tt := range tests {
		got, err := Binary([]byte(tt.cell))
		requireValue(t, tt.want, got, tt.wantErr, err, "%q: %s", tt.cell, tt.reason)
	}
}

func TestCellsUndoWriting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.String().Draw(t, "text")
		cell := fmt.Appendf(nil, "X'%x'", want)
		if got, err := Text(cell); err != nil || got != want {
			t.Fatalf("%q, %v", got, err)
		}
		if got, err := Binary(cell); err != nil || string(got) != want {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

func TestGUID(t *testing.T) {
	ordered := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xA, 0xB, 0xC, 0xD, 0xE, 0xF}
	tests := []struct {
		b       []byte
		want    string
		wantErr string
		reason  string
	}{
		{ordered, "03020100-0504-0706-0809-0a0b0c0d0e0f", "", "three groups in reverse, two as they are"},
		{
			[]byte{0xFF, 0x19, 0x96, 0x6F, 0x86, 0x8B, 0x11, 0xD0, 0xB4, 0x2D, 0x00, 0xC0, 0x4F, 0xC9, 0x64, 0xFF},
			"6f9619ff-8b86-d011-b42d-00c04fc964ff", "", "the sample of RFC 4122's author, as Windows has it in memory",
		},
		{nil, "", "a GUID has 16 bytes, and these are 0", "none"},
		{ordered[1:], "", "a GUID has 16 bytes, and these are 15", "too few"},
		{append(ordered, 0), "", "a GUID has 16 bytes, and these are 17", "too many"},
	}
	for _, tt := range tests {
		got, err := GUID(tt.b)
		requireValue(t, tt.want, got.String(), tt.wantErr, err, "%x: %s", tt.b, tt.reason)
	}
}

// bytesOf is the inverse of GUID.
func bytesOf(guid string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(guid, "-", ""))
	if err != nil || len(b) != 16 || len(guid) != 36 {
		return nil
	}
	b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7] = b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]
	return b
}

func TestExchangeVersion(t *testing.T) {
	const notNumber = "not an msExchVersion, which is a number from 0 to 9223372036854775807"
	tests := []struct{ decimal, want, wantErr, reason string }{
		{"4535486012416", "8.0.535.0", "", "0.1 (8.0.535.0): Exchange 2007"},
		{"44220983382016", "14.0.100.0", "", "0.10 (14.0.100.0): Exchange 2010"},
		{"88218628259840", "15.0.0.0", "", "0.20 (15.0.0.0): Exchange 2013 and 2016"},
		{"0", "0.0.0.0", "", "no build"},
		{"1126037547207684", "8.3.83.4", "", "1<<50 + 8<<34 + 3<<26 + 83<<10 + 4: the number before the build does not count"},
		{"9223372036854775807", "255.255.65535.1023", "", "the largest integer of the directory"},
		{"9223372036854775808", "", `"9223372036854775808": ` + notNumber, "one more"},
		{"-1", "", `"-1": ` + notNumber, "negative"},
		{"+1", "", `"+1": ` + notNumber, "a sign"},
		{"", "", `"": ` + notNumber, "nothing"},
		{"0.1 (8.0.535.0)", "", `"0.1 (8.0.535.0)": ` + notNumber, "as Get-Mailbox prints it"},
	}
	for _, tt := range tests {
		major, minor, build, revision, err := ExchangeVersion(tt.decimal)
		got := fmt.Sprintf("%d.%d.%d.%d", major, minor, build, revision)
		if err != nil && got == "0.0.0.0" {
			got = ""
		}
		requireValue(t, tt.want, got, tt.wantErr, err, "%q: %s", tt.decimal, tt.reason)
	}
}

func TestExchangeVersionUndoesPacking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		field := func(name string, bits int) uint64 { return rapid.Uint64Range(0, 1<<bits-1).Draw(t, name) }
		a, b, c, d := field("major", 8), field("minor", 8), field("build", 16), field("revision", 10)
		n := field("object major", 13)<<50 | field("object minor", 8)<<42 | a<<34 | b<<26 | c<<10 | d
		major, minor, build, revision, err := ExchangeVersion(fmt.Sprint(n))
		if err != nil || uint64(major) != a || uint64(minor) != b || uint64(build) != c || uint64(revision) != d {
			t.Fatalf("%d: %d.%d.%d.%d, %v", n, major, minor, build, revision, err)
		}
	})
}

func TestRecipientType(t *testing.T) {
	for decimal, want := range map[string]string{
		"1": "UserMailbox", "2": "LinkedMailbox", "4": "SharedMailbox", "8": "LegacyMailbox", "16": "RoomMailbox", "32": "EquipmentMailbox",
		"64": "MailContact", "128": "MailUser", "256": "MailUniversalDistributionGroup", "512": "MailNonUniversalGroup",
		"1024": "MailUniversalSecurityGroup", "2048": "DynamicDistributionGroup", "4096": "PublicFolder",
		"8192": "SystemAttendantMailbox", "16384": "SystemMailbox", "32768": "MailForestContact", "65536": "User", "131072": "Contact",
	} {
		got, ok := RecipientType(decimal)
		require.True(t, ok, decimal)
		require.Equal(t, want, got, decimal)
	}
	for decimal, reason := range map[string]string{
		"": "nothing", "0": "no type", "3": "two types at once", "-1": "negative", "262144": "beyond those known here",
		"18446744073709551616": "overlong", "UserMailbox": "a name", "1 ": "blanks are for the caller to drop",
	} {
		got, ok := RecipientType(decimal)
		require.False(t, ok, "%q: %s", decimal, reason)
		require.Empty(t, got)
	}
}

func TestUMEnabled(t *testing.T) {
	tests := []struct {
		decimal   string
		umEnabled bool
		wantErr   string
		reason    string
	}{
		{"0", false, "", "no bits"},
		{"1", true, "", "UM is enabled, and nothing of it"},
		{"831", true, "", "1+2+4+8+16+32+256+512: UM as it is enabled by default"},
		{"830", false, "", "all features of UM, but not UM"},
		{"-1", true, "", "all bits"},
		{"-2", false, "", "all but the first"},
		{"-2147483648", false, "", "the highest alone"},
		{"4294967295", true, "", "all bits, without sign"},
		{"-2147483649", false, `"-2147483649": not a number of 32 bits`, "too small"},
		{"4294967296", false, `"4294967296": not a number of 32 bits`, "too large"},
		{"99999999999999999999", false, `"99999999999999999999": not a number of 32 bits`, "far too large"},
		{"", false, `"": not a number of 32 bits`, "an absent attribute is for the caller to see"},
		{"TRUE", false, `"TRUE": not a number of 32 bits`, "another attribute"},
	}
	for _, tt := range tests {
		got, err := UMEnabled(tt.decimal)
		requireValue(t, tt.umEnabled, got, tt.wantErr, err, "%q: %s", tt.decimal, tt.reason)
	}
}

// A list loses nothing but separators, escapes and blanks, and its values are what
// comes out of a list that is made of them.
func FuzzSplitList(f *testing.F) {
	for _, s := range []string{"", "a;b", `X400:c=us\;a= \;;b`, `\\;\;`, " ;a\r\n;", `a\`, `\a;\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		values := SplitList(cell)
		for _, v := range values {
			if v == "" || strings.Trim(v, blanks) != v {
				t.Fatalf("a value is %q", v)
			}
		}
		if again := SplitList(joinList(values)); !cmp.Equal(values, again) {
			t.Fatalf("joined and split again: %s", cmp.Diff(values, again))
		}
		const dropped = `;\` + blanks
		letters := func(s string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune(dropped, r) {
					return -1
				}
				return r
			}, strings.ToValidUTF8(s, "?"))
		}
		if want, got := letters(cell), letters(strings.Join(values, ";")); want != got {
			t.Fatalf("letters %q became %q", want, got)
		}
	})
}

// Every 16 bytes have a GUID that gives them back, and no other bytes have one.
func FuzzGUID(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("0123456789abcdef"))
	f.Fuzz(func(t *testing.T, b []byte) {
		guid, err := GUID(b)
		if (err == nil) != (len(b) == 16) {
			t.Fatalf("%q, %v", guid, err)
		}
		if text := fmt.Sprintf("%x-%x-%x-%x-%x", guid[:4], guid[4:6], guid[6:8], guid[8:10], guid[10:]); err == nil && string(bytesOf(text)) != string(b) {
			t.Fatalf("%x became %s", b, text)
		}
	})
}
