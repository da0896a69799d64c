package csvio

import (
	"io"
	"iter"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// Grants reads a list of permissions as the script Find-MailboxDelegates of
// microsoft/FastTrack writes it, with the columns Mailbox, User and AccessRights:
// one right of a user on a mailbox a row, in the order of the file. The sequence
// can be ranged over once.
//
// A row whose user is None says that the mailbox was looked at and nobody has a
// right on it; it comes as a Grant without Trustee and Right, which
// [inventory.New] understands. Rows may repeat, and write an address in different
// case. Errors are as with [Mailboxes].
func Grants(r io.Reader, opts *ReadOptions) iter.Seq2[*inventory.Grant, error] {
	return rows(r, opts, bindGrants)
}

type grantColumns struct {
	*sheet
	mailbox, user, right column
	addresses            map[string]inventory.Address
}

func bindGrants(s *sheet) (func() (*inventory.Grant, error), error) {
	c := &grantColumns{
		sheet:     s,
		mailbox:   s.find("mailbox"),
		user:      s.find("user"),
		right:     s.find("accessrights"),
		addresses: make(map[string]inventory.Address),
	}
	for _, need := range []struct {
		column column
		name   string
	}{{c.mailbox, "Mailbox"}, {c.user, "User"}, {c.right, "AccessRights"}} {
		if need.column == absent {
			return nil, s.missing(need.name+" of a list of permissions", "")
		}
	}
	return c.read, nil
}

func (c *grantColumns) read() (*inventory.Grant, error) {
	mailbox, err := c.parse(c.mailbox)
	if err != nil {
		return nil, err
	}
	g := &inventory.Grant{Mailbox: mailbox, Source: c.source()}
	if strings.EqualFold(string(c.bytes(c.user)), "None") {
		return g, nil
	}
	if g.Trustee, err = c.parse(c.user); err != nil {
		return nil, err
	}
	if g.Right, err = inventory.ParseRight(c.name(c.right)); err != nil {
		return nil, c.at(int(c.right), err)
	}
	return g, nil
}

// parse reads an address. Most occur many times.
func (c *grantColumns) parse(col column) (inventory.Address, error) {
	text := c.bytes(col)
	if a, ok := c.addresses[string(text)]; ok {
		return a, nil
	}
	a, err := inventory.ParseAddress(string(text))
	if err != nil {
		return "", c.at(int(col), err)
	}
	c.addresses[string(text)] = a
	return a, nil
}
