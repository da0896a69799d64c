package csvio

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// missing returns the error that the file has no column for something: what it has
// instead, what it may be, or which column may be meant. Names are those of columns
// that would do.
func (s *sheet) missing(what string, names ...string) error {
	text := fmt.Sprintf("no column has %s; %s", what, s.columns())
	if guess := s.looksLike(); guess != "" {
		text += "; this looks like " + guess
	} else if near := s.nearColumn(names); near != "" {
		text += fmt.Sprintf("; is it %q?", clip([]byte(near)))
	}
	return &RowError{s.file, s.line, 1, "", fmt.Errorf("%w: %s", ErrFormat, text)}
}

// columns says what the columns are, at most eight of them. A first line with an
// address is a row of a file without header, which may hold what nobody should see.
func (s *sheet) columns() string {
	const most = 8
	var names []string
	for i, h := range s.header {
		if _, err := inventory.ParseAddress(h); err == nil {
			return "the first line has an address and is no header"
		}
		if i < most {
			names = append(names, clip([]byte(h)))
		}
	}
	more := ""
	if n := len(s.header) - most; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("the columns are %q%s", names, more)
}

// signatures tell exports by columns that no other has, the most telling first.
var signatures = []struct {
	columns []string // all of them
	what    string
}{
	{[]string{"dn", "objectclass"}, "an export of csvde"},
	{[]string{"suggestedbatch"}, "the schedule of Find-MailboxDelegates, which has sizes"},
	{[]string{"batch", "user"}, "the batches of Find-MailboxDelegates"},
	{[]string{"mailbox", "user", "accessrights"}, "an export of permissions"},
	{[]string{"identity", "user", "accessrights"}, "an export of Get-MailboxPermission"},
	{[]string{"extendedrights"}, "an export of Get-ADPermission"},
	{[]string{"ummailboxpolicy"}, "an export of Get-UMMailbox"},
	{[]string{"hasactivesyncdevicepartnership"}, "an export of Get-CASMailbox"},
	{[]string{"deviceid"}, "an export of ActiveSync devices"},
	{[]string{"mailboxdisplayname"}, "an export of Exchange_Mailbox from WMI, which has sizes"},
	{[]string{"totalitemsize"}, "an export of Get-MailboxStatistics"},
	{[]string{"primarysmtpaddress"}, "an export of Get-Mailbox"},
}

// looksLike returns what the file looks like, or "".
func (s *sheet) looksLike() string {
	has := make(map[string]bool)
	for _, h := range s.normal {
		has[h] = true
	}
	for _, sig := range signatures {
		all := true
		for _, c := range sig.columns {
			all = all && has[c]
		}
		if all {
			return sig.what
		}
	}
	if s.looksLikeLDIF() {
		return "an export of ldifde, which has mailboxes"
	}
	return ""
}

// looksLikeLDIF reports whether a text that was opened as a table is LDIF.
func (s *sheet) looksLikeLDIF() bool {
	first := strings.ToLower(strings.Join(s.header, ","))
	return strings.HasPrefix(first, "dn:") || strings.HasPrefix(first, "version:") || strings.HasPrefix(first, "#")
}

// farthest is how many letters two names may differ in for one to be taken for the
// other, misspelt.
const farthest = 2

// nearColumn returns the column whose name is all but one of the given, or "".
func (s *sheet) nearColumn(names []string) string {
	for _, name := range names {
		for i, n := range s.normal {
			if len(n) > 2*farthest && len(n) <= 64 && distance(n, name) <= farthest {
				return s.header[i]
			}
		}
	}
	return ""
}
