package csvio

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// extraColumns is where an export of mailboxes has what Get-Mailbox does not say, and
// what people add by hand or from other tools. A nil *extraColumns is none.
type extraColumns struct {
	*sheet
	largest                        sizeColumn
	outOfOffice, licensed, outlook column
	versions                       map[string]inventory.Version
}

// findExtra returns nil if the export has none of these columns, so that it costs nothing
// to read.
func (s *sheet) findExtra() *extraColumns {
	c := &extraColumns{
		sheet:       s,
		largest:     s.findSize([]string{"largestitem", "largestitemsize"}),
		outOfOffice: s.find("outofoffice", "oofenabled", "autoreplystate"),
		licensed:    s.find("islicensed", "licensed"),
		outlook:     s.find("outlookversion", "clientversion"),
		versions:    make(map[string]inventory.Version),
	}
	if c.largest.column == absent && c.outOfOffice == absent && c.licensed == absent && c.outlook == absent {
		return nil
	}
	return c
}

// read reads them into a mailbox.
func (c *extraColumns) read(m *inventory.Mailbox) (err error) {
	if c == nil {
		return nil
	}
	if m.LargestItem, err = c.sizeOf(c.largest); err != nil {
		return err
	}
	if m.OutOfOffice, err = c.replies(); err != nil {
		return err
	}
	if m.Licensed, err = c.fact(c.licensed); err != nil {
		return err
	}
	m.OutlookVersion, err = c.outlookVersion()
	return err
}

// replies reads whether automatic replies are on: True and False, or the states of
// Get-MailboxAutoReplyConfiguration. Disabled is taken for no, though there may be a text
// that is not in use.
//
// Source: learn.microsoft.com/powershell/module/exchange/get-mailboxautoreplyconfiguration.
func (c *extraColumns) replies() (inventory.Fact, error) {
	switch strings.ToLower(string(c.bytes(c.outOfOffice))) {
	case "enabled", "scheduled":
		return inventory.Yes, nil
	case "disabled":
		return inventory.No, nil
	}
	return c.fact(c.outOfOffice)
}

// outlookVersion reads a version of Outlook, or the oldest of a list of them.
func (c *extraColumns) outlookVersion() (oldest inventory.Version, err error) {
	text := c.bytes(c.outlook)
	if len(text) == 0 {
		return oldest, nil
	}
	if v, ok := c.versions[string(text)]; ok {
		return v, nil
	}
	for part := range strings.FieldsFuncSeq(string(text), func(r rune) bool { return strings.ContainsRune(",;\r\n", r) }) {
		v, ok := parseOutlook(part)
		if !ok {
			return oldest, c.at(int(c.outlook), fmt.Errorf("%w: %q is no version of Outlook, such as 2007 or 12.0.6607.1000", ErrValue, clip(text)))
		}
		if v.Known() && (!oldest.Known() || v.Compare(oldest) < 0) {
			oldest = v
		}
	}
	c.versions[string(text)] = oldest
	return oldest, nil
}

// outlookYears are the versions of Outlook by what people call them. From 2016 on all
// have the number 16. That is general knowledge, as is the year of each.
var outlookYears = map[string]uint16{
	"97": 8, "98": 8, "2000": 9, "xp": 10, "2002": 10, "2003": 11, "2007": 12, "2010": 14, "2013": 15,
	"2016": 16, "2019": 16, "2021": 16, "2024": 16, "365": 16,
}

// parseOutlook reads one version: by its year, as in "Microsoft Outlook 2010 SP2", or by
// its numbers, as in "14.0.7015.1000". The zero Version is what says that it is not known.
func parseOutlook(text string) (v inventory.Version, ok bool) {
	words := strings.Fields(strings.ToLower(text))
	for len(words) > 0 && (words[0] == "microsoft" || words[0] == "ms" || words[0] == "office" || words[0] == "outlook") {
		words = words[1:]
	}
	if len(words) == 0 || len(words) == 1 && (words[0] == "n/a" || words[0] == "none" || words[0] == "unknown" || words[0] == "-") {
		return v, true
	}
	if major, ok := outlookYears[words[0]]; ok {
		return inventory.Version{Major: major}, true
	}
	parts := strings.Split(words[0], ".")
	numbers := []*uint16{&v.Major, &v.Minor, &v.Build, &v.Revision}
	if len(words) > 1 || len(parts) > len(numbers) {
		return v, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return v, false
		}
		*numbers[i] = uint16(n)
	}
	return v, 8 <= v.Major && v.Major < 100 // 3585.0 is a version of MAPI, which counts otherwise
}
