package csvio

import (
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// attributeColumns is where an export has the attributes that were asked for. A nil
// *attributeColumns is nowhere.
type attributeColumns struct {
	*sheet
	names   []string
	columns []column
}

// findAttributes returns nil if none of the attributes is there.
func (s *sheet) findAttributes(names []string) *attributeColumns {
	c := &attributeColumns{sheet: s}
	for _, name := range names {
		if found := s.find(normalHeader(name)); found != absent {
			c.names, c.columns = append(c.names, name), append(c.columns, found)
		}
	}
	if len(c.names) == 0 {
		return nil
	}
	return c
}

// read returns the attributes of the row. Null is unknown, as Export-Csv writes it, and
// an empty text is not.
func (c *attributeColumns) read() inventory.Attrs {
	if c == nil {
		return inventory.Attrs{}
	}
	values := make([]inventory.Opt[string], len(c.columns))
	for i, col := range c.columns {
		if !c.t.Null(int(col)) {
			values[i] = inventory.Known(c.name(col))
		}
	}
	return inventory.NewAttrs(c.names, values)
}

// directoryName returns what the directory calls an attribute, in lower case. Names there
// have no blanks, but may have hyphens.
// Source: learn.microsoft.com/powershell/exchange/filter-properties.
func directoryName(attribute string) string {
	const shell, directory = "customattribute", "extensionattribute"
	if number, ok := strings.CutPrefix(normalHeader(attribute), shell); ok {
		return directory + number
	}
	return strings.ToLower(strings.ReplaceAll(attribute, " ", ""))
}

// attributes reads attributes of the object. The directory has no empty ones: what is
// not there is unknown.
func (d *directoryReader) attributes(names []string) inventory.Attrs {
	if len(names) == 0 {
		return inventory.Attrs{}
	}
	values := make([]inventory.Opt[string], len(names))
	for i, name := range names {
		if text := d.text(directoryName(name)); text != "" {
			values[i] = inventory.Known(text)
		}
	}
	return inventory.NewAttrs(names, values)
}
