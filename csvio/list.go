package csvio

import (
	"fmt"
	"regexp"
	"strings"
)

// typeName matches what Export-Csv writes in place of a list: the name of its .NET
// type, such as Microsoft.Exchange.Data.ProxyAddressCollection or System.String[].
var typeName = regexp.MustCompile("^(?:Microsoft|System)\\.[A-Za-z0-9.+]+(?:`[0-9]+)?(?:\\[[^ ]*\\])?$")

// splitList returns the items of a cell that lists several values, in any of the forms
// in which admins write them: {a, b} as on the screen; joined by semicolons, in which
// \; stands for one inside an item; joined by commas or line breaks; or joined by
// blanks, which is what a list that was made text becomes. Commas split only where they
// cannot be in a name, blanks only before what must be another item: where every part is
// an address, or between distinguished or canonical names. Items are trimmed and never
// empty.
//
// The name of a .NET type and an item that ends with dots, where the screen was too
// narrow, are ErrLost.
func splitList(cell string) ([]string, error) {
	if err := checkTypeName(cell); err != nil {
		return nil, err
	}
	text := strings.TrimSpace(cell)
	if inner, ok := strings.CutPrefix(text, "{"); ok {
		text = strings.TrimSuffix(inner, "}")
	}
	var items []string
	for _, item := range splitAtSeparators(text) {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		if err := checkCut(item); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// splitAtSeparators splits at the strongest separator that is there.
func splitAtSeparators(text string) []string {
	switch {
	case strings.Contains(text, ";"):
		return splitEscaped(text)
	case strings.ContainsAny(text, "\r\n"):
		return strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' })
	case strings.Contains(text, ","):
		return splitAtCommas(text)
	}
	words := strings.Fields(text)
	for _, w := range words {
		if !strings.Contains(w, "@") {
			return splitNames(text)
		}
	}
	return words
}

// splitAtCommas splits at the commas that surely stand between items: all where every
// part is an address, and otherwise those between distinguished or canonical names. Names
// like "Roth, Anna" have commas too, so that other text stays whole.
func splitAtCommas(text string) []string {
	parts := strings.Split(text, ",")
	for _, p := range parts {
		if !strings.Contains(p, "@") {
			return splitNames(text)
		}
	}
	return parts
}

// nextName matches what stands between two distinguished names, of which the first ends
// with a domain and the other is that of an object, or before a canonical name, which
// begins with a domain. The groups are what ends the first, what separates them, and the
// last label of the domain.
var nextName = regexp.MustCompile(`(?i)(dc=[^,;=\s]+)(,\s*|\s+)cn=|()(,\s*|\s+)[^,/\s]+\.([^.,/\s]+)/`)

// splitNames splits a list of distinguished or canonical names at commas and blanks, of
// which names have their own. Behind a blank alone a canonical name must be of a domain
// with the same last label as the first, so that a folder such as "Floor 2.OG" is none.
func splitNames(text string) (items []string) {
	domain, _, _ := strings.Cut(text, "/")
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	from := 0
	for _, at := range nextName.FindAllStringSubmatchIndex(text, -1) {
		separator := at[4:6]
		if at[10] >= 0 {
			separator = at[8:10]
			if text[separator[0]] != ',' && !strings.EqualFold(text[at[10]:at[11]], top) {
				continue
			}
		}
		items = append(items, text[from:separator[0]])
		from = separator[1]
	}
	return append(items, text[from:])
}

// splitEscaped splits at semicolons that no backslash escapes, and drops those
// backslashes.
func splitEscaped(text string) []string {
	var items []string
	var item strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == ';':
			i++
			item.WriteByte(';')
		case text[i] == ';':
			items = append(items, item.String())
			item.Reset()
		default:
			item.WriteByte(text[i])
		}
	}
	return append(items, item.String())
}

func checkTypeName(cell string) error {
	isType := strings.HasPrefix(cell, "Microsoft.") || strings.HasPrefix(cell, "System.") // tells most at once
	if isType && typeName.MatchString(cell) {
		return fmt.Errorf("%w: %q stands where the values were", ErrLost, clip([]byte(cell)))
	}
	return nil
}

func checkCut(item string) error {
	if strings.HasSuffix(item, "...") || strings.HasSuffix(item, "…") {
		return fmt.Errorf("%w: %q is cut off", ErrLost, clip([]byte(item)))
	}
	return nil
}

// proxyPrefix matches where a proxy address begins in a list of them: its kind and a
// colon, at the beginning or behind a separator.
var proxyPrefix = regexp.MustCompile(`(?:^|[ ,;{\r\n])[ ]*([A-Za-z][A-Za-z0-9]*) ?:`)

// splitProxies returns the values of the proxy addresses of SMTP and X500 that a cell
// lists. The kinds at their beginnings separate them, since those of X400 have
// semicolons and blanks in them and exports do not escape those. Errors are as with
// splitList.
func splitProxies(cell string) (smtp, x500 []string, err error) {
	if err := checkTypeName(cell); err != nil {
		return nil, nil, err
	}
	begins := proxyPrefix.FindAllStringSubmatchIndex(cell, -1)
	if len(begins) == 0 { // addresses alone
		smtp, err = splitList(cell)
		return smtp, nil, err
	}
	for i, at := range begins {
		end := len(cell)
		if i+1 < len(begins) {
			end = begins[i+1][0]
		}
		value := strings.Trim(cell[at[1]:end], " ,;}\r\n")
		if err := checkCut(value); err != nil {
			return smtp, x500, err
		}
		switch strings.ToLower(cell[at[2]:at[3]]) {
		case "smtp":
			smtp = append(smtp, value)
		case "x500":
			x500 = append(x500, value)
		}
	}
	return smtp, x500, nil
}
