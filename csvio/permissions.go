package csvio

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// Permission is one right of a user on a mailbox, as an export has it: each end by
// the name that the export gives it, which may be an address, DOMAIN\account, a user
// principal name, a canonical name, a distinguished name, a legacyExchangeDN or a
// display name. [ReadInventory] finds out whose it is.
//
// A Permission without User and Right says that somebody looked and found none on
// Mailbox.
type Permission struct {
	Mailbox, User string
	Right         inventory.Right
	Source        inventory.Source

	mailboxAt, userAt cellPlace
	listed            bool // whether User is from a cell that lists users
}

// cellPlace is where a cell is. The zero cellPlace is that of none.
type cellPlace struct {
	sheet        *sheet // whose name and header alone count
	column       column
	line, letter int
}

// place returns the place of a cell of the row.
func (s *sheet) place(c column) cellPlace {
	line, letter := s.t.Pos(int(c))
	return cellPlace{s, c, line, letter}
}

// error returns err at the place.
func (p cellPlace) error(err error) error {
	if p.sheet == nil {
		return err
	}
	return &RowError{p.sheet.file, p.line, p.letter, clip([]byte(p.sheet.header[p.column])), err}
}

// Permissions reads an export of permissions: one right a row, in the order of the
// file. The sequence can be ranged over once. Which export it is shows by its columns:
//
//   - Mailbox, User, AccessRights: the file of the script Find-MailboxDelegates of
//     microsoft/FastTrack, in which a user None says that there is none; and User,
//     Delegate, Permissions, an older form of it in which User is the mailbox.
//   - Identity, User, AccessRights: Get-MailboxPermission. Inherited and denied rights,
//     rights of the mailbox itself, of the system and of accounts that no longer
//     exist, and rights that tie nobody to the mailbox, are skipped.
//   - Identity, User, ExtendedRights: Get-ADPermission, likewise; Send-As counts.
//   - Identity, User without rights: what is left when somebody selects these columns
//     only. The right is that of the file's name: SendAs, FullAccess, SendOnBehalf.
//   - A mailbox (an address, Identity or Name) and GrantSendOnBehalfTo of Get-Mailbox.
//   - A mailbox and columns named FullAccess, SendAs, SendOnBehalf, with the users in
//     the cells.
//
// Errors are as with [Mailboxes].
func Permissions(r io.Reader, opts *ReadOptions) iter.Seq2[*Permission, error] {
	return kept(permissionRows(r, opts))
}

// permissionRows is Permissions whose rows are valid until the next.
func permissionRows(r io.Reader, opts *ReadOptions) iter.Seq2[*Permission, error] {
	return rows(r, opts, bindPermissions)
}

// kept returns rows that stay valid.
func kept[T any](rows iter.Seq2[*T, error]) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for row, err := range rows {
			if err == nil {
				own := *row
				row = &own
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// permissionColumns is where an export of permissions has what.
type permissionColumns struct {
	*sheet
	mailbox, user, right  column
	inherited, deny       column
	fixed                 inventory.Right // of all rows, if right is absent
	wide                  []wideColumn
	lastMailbox, lastUser inventory.Address          // of Find-MailboxDelegates
	rights                map[string]inventory.Right // that texts mean, likewise

	row   Permission // which is emitted
	lower []byte     // a text in lower case
}

// wideColumn is a column that lists the users of a right.
type wideColumn struct {
	right  inventory.Right
	column column
}

var wideColumns = []struct {
	right inventory.Right
	names []string
}{
	{inventory.FullAccess, []string{"fullaccess"}},
	{inventory.SendAs, []string{"sendas"}},
	{inventory.SendOnBehalf, []string{"grantsendonbehalfto", "sendonbehalfto", "sendonbehalf"}},
}

func bindPermissions(s *sheet) (reader[Permission], error) {
	c := &permissionColumns{sheet: s, inherited: s.find("isinherited"), deny: s.find("deny"), rights: make(map[string]inventory.Right)}
	identity := s.find("identity", "mailbox", "primarysmtpaddress", "primarysmtp", "windowsemailaddress", "emailaddress", "distinguishedname", "displayname", "name", "alias")
	if c.mailbox, c.user, c.right = s.delegateColumns(); c.mailbox != absent {
		return c.delegates, nil
	}
	if c.mailbox, c.user = s.find("identity"), s.find("user"); c.mailbox != absent && c.user != absent {
		c.right = s.find("extendedrights", "accessrights", "rights", "permissions")
		if c.fixed = rightOfFile(s.file); c.right == absent && c.fixed == 0 {
			return nil, s.missing("AccessRights or ExtendedRights, and the name of the file does not tell the right as SendAs.csv does", "accessrights", "extendedrights")
		}
		return c.cmdlet, nil
	}
	for _, w := range wideColumns {
		if col := s.find(w.names...); col != absent {
			c.wide = append(c.wide, wideColumn{w.right, col})
		}
	}
	if len(c.wide) > 0 && identity != absent {
		c.mailbox = identity
		return c.lists, nil
	}
	return nil, s.missing("the rights of users on mailboxes: Mailbox, User and AccessRights of Find-MailboxDelegates, "+
		"or Identity, User and AccessRights of Get-MailboxPermission", "mailbox", "accessrights", "identity")
}

// delegateColumns returns the columns of Find-MailboxDelegates, absent if it is another
// export.
func (s *sheet) delegateColumns() (mailbox, user, right column) {
	for _, names := range [][3]string{{"mailbox", "user", "accessrights"}, {"user", "delegate", "permissions"}} {
		mailbox, user, right = s.find(names[0]), s.find(names[1]), s.find(names[2])
		if mailbox != absent && user != absent && right != absent {
			return mailbox, user, right
		}
	}
	return absent, absent, absent
}

// rightOfFile returns the right that the name of a file tells.
func rightOfFile(name string) inventory.Right {
	name = normalHeader(name[strings.LastIndexAny(name, `/\`)+1:])
	for _, r := range []inventory.Right{inventory.SendOnBehalf, inventory.SendAs, inventory.FullAccess} {
		if strings.Contains(name, strings.ToLower(r.String())) {
			return r
		}
	}
	return 0
}

// permission returns the right of a user on the mailbox of the row.
func (c *permissionColumns) permission(user string, userColumn column, right inventory.Right) *Permission {
	c.row = Permission{
		Mailbox: c.name(c.mailbox), User: user, Right: right, Source: c.source(),
		mailboxAt: c.place(c.mailbox), userAt: c.place(userColumn),
	}
	return &c.row
}

// delegates reads a row of Find-MailboxDelegates.
func (c *permissionColumns) delegates(emit func(*Permission) bool) error {
	mailbox, err := c.end(c.mailbox, &c.lastMailbox)
	if err != nil {
		return err
	}
	p := &c.row
	*p = Permission{Mailbox: mailbox, Source: c.source(), mailboxAt: c.place(c.mailbox), userAt: c.place(c.user)}
	if !bytes.EqualFold(c.bytes(c.user), []byte("None")) {
		if p.User, err = c.end(c.user, &c.lastUser); err != nil {
			return err
		}
		if p.Right, err = c.readRight(); err != nil {
			return err
		}
	}
	emit(p)
	return nil
}

// end reads one end of a row of Find-MailboxDelegates, an address. Rows of a mailbox
// follow one another.
func (c *permissionColumns) end(col column, last *inventory.Address) (string, error) {
	text := c.bytes(col)
	if len(text) == 0 || !isLower(text, string(*last)) {
		c.lower = appendLower(c.lower[:0], text)
		a, err := inventory.ParseAddress(string(c.lower))
		if err != nil { // or say it as the file has it
			if a, err = inventory.ParseAddress(string(text)); err != nil {
				return "", c.at(int(col), err)
			}
		}
		*last = a
	}
	return string(*last), nil
}

// readRight reads the right of a row of Find-MailboxDelegates. There are a few texts for
// them all.
func (c *permissionColumns) readRight() (inventory.Right, error) {
	text := c.bytes(c.right)
	if right, ok := c.rights[string(text)]; ok {
		return right, nil
	}
	right, err := inventory.ParseRight(c.text(c.right))
	if err != nil {
		return 0, c.at(int(c.right), err)
	}
	c.rights[string(text)] = right
	return right, nil
}

// Reasons to skip a row of permissions.
const (
	skipInherited = "inherited right"
	skipDeny      = "right that is denied"
	skipWindows   = "right of the mailbox itself or of the system"
	skipOrphan    = "right of an account that no longer exists"
	skipNoTie     = "right that ties nobody to the mailbox"
)

// cmdlet reads a row of Get-MailboxPermission or Get-ADPermission.
//
// Sources: the documentation of Get-MailboxPermission, which shows the inherited rows
// that deny beside those that allow; Find-MailboxDelegates.ps1, which leaves out the
// same.
func (c *permissionColumns) cmdlet(emit func(*Permission) bool) error {
	for _, f := range []struct {
		column column
		skip   string
	}{{c.inherited, skipInherited}, {c.deny, skipDeny}} {
		set, err := c.fact(f.column)
		if err != nil {
			return err
		}
		if set == inventory.Yes {
			return skipped(f.skip)
		}
	}
	user := c.name(c.user)
	switch {
	case len(c.bytes(c.mailbox)) == 0:
		return c.at(int(c.mailbox), fmt.Errorf("%w: it is empty", ErrValue))
	case user == "":
		return c.at(int(c.user), fmt.Errorf("%w: it is empty", ErrValue))
	case isSystemPrincipal(user):
		return skipped(skipWindows)
	case isOrphan(user):
		return skipped(skipOrphan)
	}
	for _, col := range []column{c.mailbox, c.user} {
		if err := checkCut(c.name(col)); err != nil {
			return c.at(int(col), err)
		}
		c.noteLetters(col, c.name(col))
	}
	if c.right == absent {
		emit(c.permission(user, c.user, c.fixed))
		return nil
	}
	names, err := splitList(string(c.bytes(c.right)))
	if err != nil {
		return c.at(int(c.right), fmt.Errorf(`%w; export the rights as text: Select-Object Identity,User,IsInherited,Deny,@{Name="AccessRights";Expression={[string]::Join(";",$_.AccessRights)}}`, err))
	}
	found := false
	for _, name := range names {
		words := []string{name}
		if _, err := inventory.ParseRight(name); err != nil { // rights have no blanks here, and a list may be joined by them
			words = strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == ',' })
		}
		for _, word := range words {
			if right, err := inventory.ParseRight(word); err == nil {
				emit(c.permission(user, c.user, right))
				found = true
			}
		}
	}
	if !found {
		return skipped(skipNoTie)
	}
	return nil
}

// selfSID is the well-known security identifier of SELF. Source: Find-MailboxDelegates.ps1.
const selfSID = "S-1-5-10"

// isSystemPrincipal reports whether a principal is one of Windows' own, such as
// NT AUTHORITY\SELF: in any language the name of their authority has the word NT, as
// NT-AUTORITÄT has in German. That it does in all of them is general knowledge, and so
// is that domains are not named so.
func isSystemPrincipal(user string) bool {
	if user == selfSID {
		return true
	}
	authority, _, found := strings.Cut(user, `\`)
	if !found {
		return false
	}
	words := strings.FieldsFunc(authority, func(r rune) bool { return r == ' ' || r == '-' })
	for _, w := range words {
		if len(words) > 1 && strings.EqualFold(w, "NT") {
			return true
		}
	}
	return false
}

// isOrphan reports whether a principal is a security identifier, which stands where its
// account no longer exists.
func isOrphan(user string) bool { return strings.HasPrefix(strings.ToUpper(user), "S-1-5-") }

// lists reads a row that lists the users of each right in a cell.
func (c *permissionColumns) lists(emit func(*Permission) bool) error {
	if len(c.bytes(c.mailbox)) == 0 {
		return c.at(int(c.mailbox), fmt.Errorf("%w: it is empty", ErrValue))
	}
	found := false
	for _, w := range c.wide {
		users, err := splitList(string(c.bytes(w.column)))
		if err != nil {
			return c.at(int(w.column), fmt.Errorf(`%w; export it as text: @{Name=%q;Expression={[string]::Join(";",$_.%[2]s)}}`, err, c.header[w.column]))
		}
		for _, user := range users {
			switch {
			case strings.EqualFold(user, "None"), strings.EqualFold(user, "n/a"), isSystemPrincipal(user), isOrphan(user):
			default:
				p := c.permission(user, w.column, w.right)
				p.listed = true
				emit(p)
				found = true
			}
		}
	}
	switch {
	case found:
	case len(c.wide) == len(wideColumns):
		emit(c.permission("", c.mailbox, 0))
	default: // of the other rights it says nothing
		return skipped(skipNoTie)
	}
	return nil
}
