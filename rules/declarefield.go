package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// fieldKind is what a field holds.
type fieldKind uint8

const (
	textField fieldKind = iota
	sizeField
	numberField
	factField
	versionField
)

// field is one of a mailbox that declarations can name. The getter of its kind is set;
// it says whether the value is known too.
type field struct {
	name    string
	kind    fieldKind
	text    func(*inventory.Mailbox) (string, bool)
	number  func(*inventory.Mailbox) (int64, bool) // also of a size
	fact    func(*inventory.Mailbox) inventory.Fact
	version func(*inventory.Mailbox) inventory.Version

	attribute string // its name, if it is one of [inventory.Attrs]
}

// attributePrefix begins the names of fields that are in [inventory.Attrs].
const attributePrefix = "attributes."

var cloudNames = [...]string{
	inventory.CloudUnknown: "", inventory.CloudNothing: "nothing", inventory.CloudMailUser: "mailUser",
	inventory.CloudMailbox: "mailbox", inventory.CloudOther: "other",
}

var fields = []field{
	{name: "address", kind: textField, text: func(m *inventory.Mailbox) (string, bool) { return textValue(m.Address) }},
	{name: "domain", kind: textField, text: func(m *inventory.Mailbox) (string, bool) { return textValue(m.Address.Domain()) }},
	{name: "windowsEmailAddress", kind: textField, text: func(m *inventory.Mailbox) (string, bool) { return textValue(m.WindowsEmailAddress) }},
	{name: "displayName", kind: textField, text: func(m *inventory.Mailbox) (string, bool) { return textValue(m.DisplayName) }},
	{name: "kind", kind: textField, text: func(m *inventory.Mailbox) (string, bool) { return textValue(m.Kind) }},
	{name: "server", kind: textField, text: func(m *inventory.Mailbox) (string, bool) { return textValue(m.Server) }},
	{name: "database", kind: textField, text: func(m *inventory.Mailbox) (string, bool) { return textValue(m.Database) }},
	{name: "legacyDN", kind: textField, text: func(m *inventory.Mailbox) (string, bool) { return textValue(m.LegacyDN) }},
	{name: "cloud", kind: textField, text: func(m *inventory.Mailbox) (string, bool) { return textValue(cloudNames[m.Cloud]) }},

	{name: "size", kind: sizeField, number: func(m *inventory.Mailbox) (int64, bool) { return sizeValue(m.Size) }},
	{name: "largestItem", kind: sizeField, number: func(m *inventory.Mailbox) (int64, bool) { return sizeValue(m.LargestItem) }},
	{name: "averageItemSize", kind: sizeField, number: averageItemSize},

	{name: "items", kind: numberField, number: func(m *inventory.Mailbox) (int64, bool) { return m.Items.Get() }},
	{name: "activeSyncDevices", kind: numberField, number: func(m *inventory.Mailbox) (int64, bool) {
		n := m.ActiveSyncDevices
		return int64(n.Number), n.Number > 0 || n.Exist == inventory.No
	}},
	{name: "aliases", kind: numberField, number: func(m *inventory.Mailbox) (int64, bool) { return int64(len(m.Aliases)), true }},

	{name: "hiddenFromAddressLists", kind: factField, fact: func(m *inventory.Mailbox) inventory.Fact { return m.HiddenFromAddressLists }},
	{name: "umEnabled", kind: factField, fact: func(m *inventory.Mailbox) inventory.Fact { return m.UMEnabled }},
	{name: "outlookCachedMode", kind: factField, fact: func(m *inventory.Mailbox) inventory.Fact { return m.OutlookCachedMode }},
	{name: "outOfOffice", kind: factField, fact: func(m *inventory.Mailbox) inventory.Fact { return m.OutOfOffice }},
	{name: "licensed", kind: factField, fact: func(m *inventory.Mailbox) inventory.Fact { return m.Licensed }},
	{name: "delegated", kind: factField, fact: func(m *inventory.Mailbox) inventory.Fact { return m.Delegated }},

	{name: "version", kind: versionField, version: func(m *inventory.Mailbox) inventory.Version { return m.Version }},
	{name: "outlookVersion", kind: versionField, version: func(m *inventory.Mailbox) inventory.Version { return m.OutlookVersion }},
}

// textValue says that a text which is not there is unknown.
func textValue[T ~string](s T) (string, bool) { return string(s), s != "" }

func sizeValue(size inventory.Opt[inventory.Size]) (int64, bool) {
	s, known := size.Get()
	return int64(s), known
}

// averageItemSize is unknown for a mailbox without items, of which there is no average.
func averageItemSize(m *inventory.Mailbox) (int64, bool) {
	size, a := m.Size.Get()
	items, b := m.Items.Get()
	if !a || !b || items == 0 {
		return 0, a && b && size == 0
	}
	return int64(size) / items, true
}

// fieldNamed returns the field with a name, without regard to case.
func fieldNamed(name, path string) (field, error) {
	if len(name) > len(attributePrefix) && strings.EqualFold(name[:len(attributePrefix)], attributePrefix) {
		attribute := name[len(attributePrefix):]
		return field{name: name, kind: textField, attribute: attribute, text: func(m *inventory.Mailbox) (string, bool) { return m.Attrs.Get(attribute) }}, nil
	}
	i := slices.IndexFunc(fields, func(f field) bool { return strings.EqualFold(f.name, name) })
	if i < 0 {
		names := make([]string, 0, len(fields)+1)
		for _, f := range fields {
			names = append(names, f.name)
		}
		return field{}, unknownName(path, "field", name, append(names, attributePrefix+"NAME"))
	}
	return fields[i], nil
}

// show returns the value of the field as a person reads it.
func (f *field) show(m *inventory.Mailbox) string {
	switch f.kind {
	case sizeField:
		n, _ := f.number(m)
		return inventory.Size(n).String()
	case numberField:
		n, _ := f.number(m)
		return fmt.Sprint(n)
	case factField:
		return f.fact(m).String()
	case versionField:
		return f.version(m).String()
	}
	s, _ := f.text(m)
	return s
}
