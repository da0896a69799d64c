package csvio

import (
	"bytes"
	"io"
	"iter"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// Mailboxes reads an export of Get-Mailbox: one mailbox a row, in the order of
// the file. The sequence can be ranged over once.
//
// It needs a column with the address, PrimarySmtpAddress or else
// WindowsEmailAddress, EmailAddress or mail, and takes from the others what it
// knows: WindowsEmailAddress and the SMTP addresses of EmailAddresses as
// aliases, DisplayName, RecipientTypeDetails (or RecipientType), ExchangeVersion
// and AdminDisplayVersion (the later of both), ServerName, Database,
// HiddenFromAddressListsEnabled, UMEnabled, LegacyExchangeDN, ExchangeGuid. What
// has no column or an empty cell is unknown. Sizes are in another export; see
// [Statistics].
//
// A row whose address or any other value cannot be read is bad; see
// [ReadOptions.Bad]. An error that ends the sequence comes last, with a nil
// mailbox. Two rows with the same address are both returned.
func Mailboxes(r io.Reader, opts *ReadOptions) iter.Seq2[*inventory.Mailbox, error] {
	return rows(r, opts, bindMailboxes)
}

// mailboxColumns is where an export of Get-Mailbox has what.
type mailboxColumns struct {
	*sheet
	address, windows, proxies, displayName, kind column
	objectVersion, serverVersion                 column
	server, database, legacyDN, guid             column
	hidden, um                                   column
	versions                                     map[string]inventory.Version
}

func bindMailboxes(s *sheet) (func() (*inventory.Mailbox, error), error) {
	c := &mailboxColumns{
		sheet:         s,
		address:       s.find("primarysmtpaddress", "windowsemailaddress", "emailaddress", "mail"),
		windows:       s.find("windowsemailaddress"),
		proxies:       s.find("emailaddresses"),
		displayName:   s.find("displayname"),
		kind:          s.find("recipienttypedetails", "recipienttype"),
		objectVersion: s.find("exchangeversion"),
		serverVersion: s.find("admindisplayversion"),
		server:        s.find("servername"),
		database:      s.find("database"),
		legacyDN:      s.find("legacyexchangedn", "legacydn"),
		guid:          s.find("exchangeguid", "mailboxguid"),
		hidden:        s.find("hiddenfromaddresslistsenabled"),
		um:            s.find("umenabled"),
		versions:      make(map[string]inventory.Version),
	}
	if c.address == absent {
		guess := ""
		switch {
		case s.find("totalitemsize") != absent:
			guess = "this looks like an export of Get-MailboxStatistics"
		case s.find("accessrights") != absent:
			guess = "this looks like an export of permissions"
		}
		return nil, s.missing("the address of a mailbox, such as PrimarySmtpAddress of Get-Mailbox", guess)
	}
	return c.read, nil
}

func (c *mailboxColumns) read() (*inventory.Mailbox, error) {
	address, err := inventory.ParseAddress(string(c.bytes(c.address)))
	if err != nil {
		return nil, c.at(int(c.address), err)
	}
	m := &inventory.Mailbox{
		Address:     address,
		DisplayName: c.text(c.displayName),
		Kind:        inventory.ParseKind(c.name(c.kind)),
		Server:      c.name(c.server),
		Database:    c.name(c.database),
		LegacyDN:    c.text(c.legacyDN),
		GUID:        normalGUID(c.bytes(c.guid)),
		Source:      c.source(),
	}
	if m.Aliases, err = c.aliases(address); err != nil {
		return nil, err
	}
	for _, col := range []column{c.objectVersion, c.serverVersion} {
		v, err := c.version(col)
		if err != nil {
			return nil, err
		}
		if v.Compare(m.Version) > 0 {
			m.Version = v
		}
	}
	if m.HiddenFromAddressLists, err = c.fact(c.hidden); err != nil {
		return nil, err
	}
	if m.UMEnabled, err = c.fact(c.um); err != nil {
		return nil, err
	}
	return m, nil
}

func (c *mailboxColumns) version(col column) (inventory.Version, error) {
	b := c.bytes(col)
	if len(b) == 0 {
		return inventory.Version{}, nil
	}
	if v, ok := c.versions[string(b)]; ok {
		return v, nil
	}
	v, err := inventory.ParseVersion(string(b))
	if err != nil {
		return v, c.at(int(col), err)
	}
	c.versions[string(b)] = v
	return v, nil
}

// aliases returns the SMTP addresses of the row beside the primary one. In the
// list of proxy addresses everything else is passed over: addresses of other
// kinds, an address that is cut off, and the type name that Export-Csv writes in
// place of the list.
func (c *mailboxColumns) aliases(primary inventory.Address) ([]inventory.Address, error) {
	var aliases []inventory.Address
	if text := c.bytes(c.windows); len(text) > 0 {
		a, err := inventory.ParseAddress(string(text))
		if err != nil {
			return nil, c.at(int(c.windows), err)
		}
		if a != primary {
			aliases = append(aliases, a)
		}
	}
	list := bytes.Trim(c.bytes(c.proxies), "{}")
	for _, item := range strings.FieldsFunc(string(list), func(r rune) bool { return strings.ContainsRune(" ,;\r\n", r) }) {
		if len(item) < 5 || !strings.EqualFold(item[:5], "smtp:") {
			continue
		}
		if a, err := inventory.ParseAddress(item); err == nil && a != primary {
			aliases = append(aliases, a)
		}
	}
	return aliases, nil
}

// normalGUID returns a GUID in lower case without braces, and "" for the one that
// stands for none.
func normalGUID(b []byte) string {
	guid := string(bytes.ToLower(bytes.Trim(b, "{}")))
	if strings.Trim(guid, "0-") == "" {
		return ""
	}
	return guid
}
