package adattr

import (
	"encoding/hex"
	"strings"
)

// ServerOf returns the name of the server in an msExchHomeServerName, such as
// "MBX1" of "/o=Contoso/ou=First/cn=Configuration/cn=Servers/cn=MBX1": what follows
// the last "/cn=", in any case, up to a slash. It returns "" if there is none.
func ServerOf(legacyDN string) string {
	const prefix = "/cn="
	for i := len(legacyDN) - len(prefix); i >= 0; i-- {
		if strings.EqualFold(legacyDN[i:i+len(prefix)], prefix) {
			name, _, _ := strings.Cut(legacyDN[i+len(prefix):], "/")
			return strings.Trim(name, blanks)
		}
	}
	return ""
}

// DatabaseOf returns the name of the database in a homeMDB, which is a DN: the value
// of its first part, such as "Mailbox Database" of
// "CN=Mailbox Database,CN=First Storage Group,CN=InformationStore,CN=MBX1,…". It
// returns "" for what is no DN.
func DatabaseOf(dn string) string {
	parts, ok := parseDN(dn)
	if !ok {
		return ""
	}
	return parts[0].value
}

// CanonicalName returns the canonical name of a DN, which is how Exchange prints
// where an object is: "contoso.com/Users/Anna Roth" for
// "CN=Anna Roth,OU=Users,DC=contoso,DC=com". It returns "" for what is no DN, and
// for one that does not end with a domain, which has none.
//
// A slash and a backslash of a name get a backslash before them, and no other
// character does. Source:
// learn.microsoft.com/archive/technet-wiki/5312.active-directory-characters-to-escape.
// Assumption: Exchange does the same as the attribute canonicalName of the
// directory.
func CanonicalName(dn string) string {
	parts, ok := parseDN(dn)
	if !ok {
		return ""
	}
	domain := len(parts)
	for domain > 0 && strings.EqualFold(parts[domain-1].name, "DC") {
		domain--
	}
	if domain == len(parts) {
		return ""
	}
	var out strings.Builder
	for i, p := range parts[domain:] {
		if i > 0 {
			out.WriteByte('.')
		}
		out.WriteString(p.value)
	}
	for i := domain - 1; i >= 0; i-- {
		out.WriteByte('/')
		_, _ = canonical.WriteString(&out, parts[i].value)
	}
	return out.String()
}

var canonical = strings.NewReplacer("/", `\/`, `\`, `\\`)

// part is a part of a DN, "name=value", unescaped.
type part struct{ name, value string }

// parseDN returns the parts of a DN, at least one, and whether it is one. A comma
// separates them, and blanks around names, values and commas do not count. In a value a
// backslash stands before two hexadecimal digits of a byte, or before a character
// that is to be taken as it is. Nothing checks that bytes written so are UTF-8.
//
// Source: RFC 4514, of which names in quotes, the older form of escaping, and parts
// of several names, "CN=a+OU=b", are no names of Active Directory: quotes and plus
// signs are text.
func parseDN(dn string) ([]part, bool) {
	var parts []part
	for more := true; more; {
		var text string
		text, dn, more = cutPart(dn)
		name, value, ok := strings.Cut(text, "=")
		name = strings.Trim(name, blanks)
		if !ok || name == "" || strings.Contains(name, `\`) {
			return nil, false
		}
		parts = append(parts, part{name, unescape(value)})
	}
	return parts, true
}

// cutPart returns the text up to the first comma that is not escaped, what follows
// that, and whether there is one.
func cutPart(dn string) (text, rest string, more bool) {
	for i := 0; i < len(dn); i++ {
		switch dn[i] {
		case '\\':
			i++
		case ',':
			return dn[:i], dn[i+1:], true
		}
	}
	return dn, "", false
}

// unescape returns a value without its escapes and without the blanks around it,
// but with those that are escaped. A backslash at the end stays.
func unescape(value string) string {
	value = strings.TrimLeft(value, blanks)
	out := make([]byte, 0, len(value))
	keep := 0 // what blanks may not be trimmed from
	for i := 0; i < len(value); i++ {
		if value[i] != '\\' || i+1 == len(value) {
			out = append(out, value[i])
			continue
		}
		if b, err := hex.DecodeString(value[i+1 : min(i+3, len(value))]); err == nil {
			out = append(out, b...)
			i += 2
		} else {
			out = append(out, value[i+1])
			i++
		}
		keep = len(out)
	}
	return string(out[:keep]) + strings.TrimRight(string(out[keep:]), blanks)
}
