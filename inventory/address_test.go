package inventory_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/inventory"
)

func TestParseAddress(t *testing.T) {
	long := strings.Repeat("a", 64) + "@" + strings.Repeat("b", 63) + ".com"
	tests := []struct {
		text   string
		want   inventory.Address
		reason string
	}{
		{"pilarp@contoso.com", "pilarp@contoso.com", "plain"},
		{"PilarP@Contoso.COM", "pilarp@contoso.com", "case does not matter"},
		{"  pilarp@contoso.com\t", "pilarp@contoso.com", "blanks around it"},
		{"SMTP:pilarp@contoso.com", "pilarp@contoso.com", "the primary of a proxy address list"},
		{"smtp: pilarp@contoso.com", "pilarp@contoso.com", "a further one, with a blank as some tools write it"},
		{"o'brien@contoso.com", "o'brien@contoso.com", "an apostrophe is allowed"},
		{"a+b_c-d.e@sub.contoso.co.uk", "a+b_c-d.e@sub.contoso.co.uk", "other signs of an atom"},
		{`"a b"@contoso.com`, `"a b"@contoso.com`, "a quoted local part"},
		{`"a\"b@c"@contoso.com`, `"a\"b@c"@contoso.com`, "with an escaped quote and an @"},
		{"info@münchen.example", "info@münchen.example", "an internationalized domain"},
		{"a@1.2-3.x", "a@1.2-3.x", "digits and inner hyphens in labels"},
		{long, inventory.Address(long), "parts of the greatest length"},
	}
	for _, tt := range tests {
		got, err := inventory.ParseAddress(tt.text)
		require.NoError(t, err, "%q: %s", tt.text, tt.reason)
		require.Equal(t, tt.want, got, "%q: %s", tt.text, tt.reason)
	}
	require.Equal(t, "contoso.com", inventory.Address("a@contoso.com").Domain())
	require.Equal(t, "contoso.com", inventory.Address(`"a@b"@contoso.com`).Domain())
	require.Equal(t, "", inventory.Address("").Domain())
}

func TestParseAddressRefuses(t *testing.T) {
	tests := []struct{ text, why, reason string }{
		{"", "empty", "nothing"},
		{"smtp:", "empty", "a prefix alone"},
		{"None", "no @", "what the FastTrack script writes for nobody"},
		{"@contoso.com", "before the @", "no local part"},
		{"a@", "behind the @", "no domain"},
		{"a@contoso", "no dot", "a domain that cannot be verified"},
		{"a@.com", "dot is first", "an empty label"},
		{"a@contoso..com", "doubled", "an empty label"},
		{"a@contoso.com.", "dot is first, last", "a final dot"},
		{".a@contoso.com", "dot is first", "a dot first"},
		{"a.@contoso.com", "dot is first, last", "a dot last"},
		{"a..b@contoso.com", "doubled", "two dots"},
		{"a b@contoso.com", "' '", "a blank"},
		{"müller@contoso.com", "'ü'", "a letter that Exchange 2003 and 2007 do not take"},
		{"a@con_toso.com", "'_'", "an underscore in a domain"},
		{"a@-contoso.com", "hyphen", "a label that begins with a hyphen"},
		{"a@contoso-.com", "hyphen", "a label that ends with one"},
		{`"a@contoso.com`, "not closed", "an open quote"},
		{`"@contoso.com`, "not closed", "one quote alone"},
		{`"a"b"@contoso.com`, "needs a backslash", "a bare quote in quotes"},
		{`"a\"@contoso.com`, "nothing to escape", "a backslash that escapes the closing quote"},
		{"\"a\tb\"@contoso.com", "in quotes", "a control character in quotes"},
		{"X400:c=us;a= ;p=Test;o=Exchange;s=User;", "no @", "another kind of proxy address"},
		{strings.Repeat("a", 65) + "@contoso.com", "64", "a local part too long"},
		{"a@" + strings.Repeat("b", 64) + ".com", "63", "a label too long"},
		{"a@" + strings.Repeat("bbbbbbbbb.", 30) + "com", "254", "too long altogether"},
		{"a@contoso.com, b@contoso.com", "'@'", "two addresses"},
		{"a@" + strings.Repeat("\u023A", 31) + ".com", "63", "a letter that is longer in lower case"},
		{"a@cont\xffoso.com", "domain", "invalid UTF-8"},
	}
	for _, tt := range tests {
		_, err := inventory.ParseAddress(tt.text)
		require.ErrorIs(t, err, inventory.ErrAddress, "%q: %s", tt.text, tt.reason)
		require.ErrorContains(t, err, tt.why, "%q: %s", tt.text, tt.reason)
	}
}

// A cell can hold anything; a message must not.
func TestErrorsAreShort(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	for name, parse := range map[string]func(string) error{
		"address": func(s string) error { _, err := inventory.ParseAddress(s); return err },
		"local":   func(s string) error { _, err := inventory.ParseAddress(s + "@x.com"); return err },
		"size":    func(s string) error { _, err := inventory.ParseSize(s); return err },
		"units":   func(s string) error { _, err := inventory.ParseSize(s + ".1 GB"); return err },
		"groups":  func(s string) error { _, err := inventory.ParseSize(s + ",1"); return err },
		"version": func(s string) error { _, err := inventory.ParseVersion(s); return err },
		"numbers": func(s string) error { _, err := inventory.ParseVersion(strings.Repeat("9", len(s)) + ".1"); return err },
		"GUID":    func(s string) error { _, err := inventory.ParseGUID(s); return err },
		"right":   func(s string) error { _, err := inventory.ParseRight(s); return err },
	} {
		require.Less(t, len(parse(long).Error()), 400, name)
	}
}

// An address that was parsed must parse to itself, or it would not be found
// again.
func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"a@" + strings.Repeat("\u023A", 31) + ".com", "A@b.c", `"x y"@b.c`, "smtp:smtp:a@b.c", "a@İ.com", "a@b.c\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := inventory.ParseAddress(text)
		if err != nil {
			return
		}
		again, err := inventory.ParseAddress(string(a))
		if err != nil || again != a {
			t.Errorf("ParseAddress(%q) = %q, and that parses to %q, %v", text, a, again, err)
		}
	})
}

func TestParseAddressIgnoresCase(t *testing.T) {
	address := rapid.StringMatching(`[a-z0-9]{1,10}(\.[a-z]{1,5})?@[a-z]{1,10}\.[a-z]{2,3}`)
	rapid.Check(t, func(t *rapid.T) {
		lower := address.Draw(t, "address")
		got, err := inventory.ParseAddress(strings.ToUpper(lower))
		if err != nil || string(got) != lower {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

// The short cut for plain addresses takes none that the rules would not take as it is:
// a blank at the end leads around it.
func TestPlainAddressesFollowTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-b0.@_-]{0,12}|[a-c]{1,70}@[a-c]{1,70}\.[a-c]{1,70}|[a-z0-9]{1,3}([._-][a-z]{1,3}){0,2}@([a-z]{1,2}[.-]){1,3}[a-z]{2}`).Draw(t, "text")
		got, err := inventory.ParseAddress(text)
		want, wantErr := inventory.ParseAddress(text + " ")
		if got != want || (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %q, %v; by the rules %q, %v", text, got, err, want, wantErr)
		}
	})
}
