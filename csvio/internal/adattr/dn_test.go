package adattr

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestServerOf(t *testing.T) {
	tests := []struct{ legacyDN, want, reason string }{
		{"/o=Contoso/ou=First Administrative Group/cn=Configuration/cn=Servers/cn=MBX1", "MBX1", "as Exchange writes it"},
		{"/O=CONTOSO/OU=FIRST/CN=CONFIGURATION/CN=SERVERS/CN=MBX1", "MBX1", "in capitals"},
		{"/o=Contoso/cn=Servers/cn=MBX1 ", "MBX1", "with a blank behind"},
		{"/o=Contoso/cn=MBX1/ou=x", "MBX1", "up to a slash"},
		{"/cn=a/cn=", "", "an empty name"},
		{"/o=Contoso/ou=First", "", "no name"},
		{"cn=MBX1", "", "a slash is part of what is looked for"},
		{"MBX1", "", "a name alone"},
		{"", "", "an absent attribute"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, ServerOf(tt.legacyDN), "%q: %s", tt.legacyDN, tt.reason)
	}
}

func TestDatabaseOf(t *testing.T) {
	tests := []struct{ dn, want, reason string }{
		{
			"CN=Mailbox Database,CN=First Storage Group,CN=InformationStore,CN=MBX1,CN=Servers,CN=Exchange Administrative Group (FYDIBOHF23SPDLT),DC=contoso,DC=com",
			"Mailbox Database", "as Exchange 2007 writes it",
		},
		{`CN=Sales\, East,CN=SG1,DC=x`, "Sales, East", "an escaped comma"},
		{`CN=A\2C B\5CC\c3\A4,DC=x`, `A, B\Cä`, "characters in hexadecimal digits, also those of one in several bytes"},
		{`CN=\ a \ ,DC=x`, " a  ", "escaped blanks belong to the name"},
		{`cn = a , DC=x`, "a", "others do not"},
		{`CN=a\+b\"c\<d\=e`, `a+b"c<d=e`, "other escapes"},
		{`CN=a\`, `a\`, "nothing follows the backslash"},
		{`CN=a=b+c`, "a=b+c", "an equal sign and a plus in a name"},
		{"CN=", "", "an empty name"},
		{"Mailbox Database", "", "no DN"},
		{"", "", "an absent attribute"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, DatabaseOf(tt.dn), "%q: %s", tt.dn, tt.reason)
	}
}

func TestCanonicalName(t *testing.T) {
	tests := []struct{ dn, want, reason string }{
		{"CN=Anna Roth,OU=Users,DC=contoso,DC=com", "contoso.com/Users/Anna Roth", "as AD writes it"},
		{"CN=Administrator,CN=Users,DC=test,DC=com", "test.com/Users/Administrator", "a container instead of a unit"},
		{"CN=a,OU=b,OU=c,DC=emea,DC=contoso,DC=com", "emea.contoso.com/c/b/a", "units in units"},
		{`CN=Roth\, Anna,OU=Users,DC=contoso,DC=com`, "contoso.com/Users/Roth, Anna", "an escaped comma"},
		{`CN=Roth\2C Anna,OU=Users,DC=contoso,DC=com`, "contoso.com/Users/Roth, Anna", "in hexadecimal digits"},
		{`CN=R\C3\B6th,DC=x`, "x/Röth", "a character in two bytes"},
		{`CN=a/b,OU=c\\d,DC=x`, `x/c\\d/a\/b`, "slashes and backslashes of names are escaped"},
		{`CN=a\,OU=b,DC=x`, `x/a,OU=b`, "an escaped comma separates nothing"},
		{`CN=a\\,OU=b,DC=x`, `x/b/a\\`, "a comma behind an escaped backslash does"},
		{" cn=a , ou = b , dc = x ", "x/b/a", "blanks around parts, and small letters"},
		{"DC=@,DC=zone,CN=DNS,DC=contoso,DC=com", "contoso.com/DNS/zone/@", "components of domains that are not at the end"},
		{`CN=a\0ACNF:1,DC=x`, "x/a\nCNF:1", "an object in conflict with another has a line feed in its name"},
		{"DC=contoso,DC=com", "contoso.com", "a domain"},
		{"CN=a,O=b", "", "no domain"},
		{"CN=a,DC=x,", "", "nothing behind a comma"},
		{"CN=a,Users,DC=x", "", "a part without a name"},
		{`CN=a,=b,DC=x`, "", "or an empty one"},
		{`C\N=a,DC=x`, "", "or one with an escape"},
		{"contoso.com/Users/Anna Roth", "", "a canonical name is no DN"},
		{"", "", "an absent attribute"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, CanonicalName(tt.dn), "%q: %s", tt.dn, tt.reason)
	}
}

// escapeDN writes a value as RFC 4514 has it, or with hexadecimal digits for all
// bytes.
func escapeDN(value string, digits bool) string {
	if digits {
		var out strings.Builder
		for i := range len(value) {
			fmt.Fprintf(&out, `\%02X`, value[i])
		}
		return out.String()
	}
	return strings.NewReplacer(`\`, `\\`, ",", `\,`, " ", `\ `, "+", `\+`, "\t", `\09`, "\r", `\0D`, "\n", `\0A`).Replace(value)
}

// splitCanonical is the inverse of how CanonicalName joins names.
func splitCanonical(name string) []string {
	parts := []string{""}
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '/':
			parts = append(parts, "")
			continue
		case '\\':
			i++
		}
		parts[len(parts)-1] += name[i : i+1]
	}
	return parts
}

func TestCanonicalNameUndoesEscaping(t *testing.T) {
	name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[aF0,=/\\ +]{0,6}`))
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(name, 1, 4).Draw(t, "names")
		dn := ""
		for _, n := range names {
			dn = "OU=" + escapeDN(n, rapid.Bool().Draw(t, "digits")) + "," + dn
		}
		dn += "DC=contoso,DC=com"
		want := append([]string{"contoso.com"}, names...)
		require.Equal(t, want, splitCanonical(CanonicalName(dn)), dn)
		require.Equal(t, names[len(names)-1], DatabaseOf(dn), dn)
	})
}

// No text makes it panic, and the canonical name has as many parts as the DN.
func FuzzCanonicalName(f *testing.F) {
	for _, s := range []string{"", "CN=a,DC=x", `CN=Roth\, Anna,OU=Users,DC=contoso,DC=com`, `CN=\2C\5C\,DC=/`, `DC=\`, " = ,dc=", "CN=a,O=b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, dn string) {
		name := CanonicalName(dn)
		_ = ServerOf(dn)
		parts, ok := parseDN(dn)
		if !ok {
			if name != "" || DatabaseOf(dn) != "" {
				t.Fatalf("%q is no DN, and is %q", dn, name)
			}
			return
		}
		if DatabaseOf(dn) != parts[0].value {
			t.Fatalf("%q begins with %q", dn, DatabaseOf(dn))
		}
		domain := 0
		for domain < len(parts) && strings.EqualFold(parts[len(parts)-1-domain].name, "dc") {
			domain++
		}
		if domain == 0 {
			if name != "" {
				t.Fatalf("%q has no domain, and is %q", dn, name)
			}
			return
		}
		above := ""
		for i, p := range parts[len(parts)-domain:] {
			if i > 0 {
				above += "."
			}
			above += p.value
		}
		rest, ok := strings.CutPrefix(name, above)
		if !ok {
			t.Fatalf("%q is %q, which is not in %q", dn, name, above)
		}
		path := splitCanonical(rest)[1:]
		if len(path) != len(parts)-domain {
			t.Fatalf("%q has %d parts, and is %q", dn, len(parts), name)
		}
		for i, n := range path {
			if n != parts[len(path)-1-i].value {
				t.Fatalf("part %d of %q is %q in %q", i, dn, n, name)
			}
		}
	})
}
