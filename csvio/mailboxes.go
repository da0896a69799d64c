package csvio

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"github.com/staged-migration/staged/inventory"
)

// Mailboxes reads an export of Get-Mailbox, or of the directory by csvde or ldifde:
// one mailbox a row or entry, in the order of the file. The sequence can be ranged over
// once.
//
// An export of Get-Mailbox needs a column with the address, PrimarySmtpAddress or else
// WindowsEmailAddress, EmailAddress or mail, and takes from the others what it
// knows: WindowsEmailAddress and the SMTP addresses of EmailAddresses as
// aliases, DisplayName, RecipientTypeDetails (or RecipientType), ExchangeVersion
// and AdminDisplayVersion (the later of both), ServerName, Database,
// HiddenFromAddressListsEnabled, UMEnabled, LegacyExchangeDN, ExchangeGuid. What
// has no column or an empty cell is unknown. Sizes are in another export; see
// [Statistics].
//
// An export of csvde begins with a column DN, one of ldifde with the dn of an entry.
// Objects without a mailbox (homeMDB, msExchHomeServerName, msExchMailboxGuid) are
// skipped. The primary address is the one with SMTP: in capitals among proxyAddresses,
// or else mail. An object without msExchVersion is one of Exchange 2003. The directory
// keeps what was set only, so that hidden and UM-enabled mailboxes are known and of
// others nothing is, until [ReadInventory] has seen whether the export has those
// attributes.
//
// A row whose address or any other value cannot be read is bad; see
// [ReadOptions.Bad]. An error that ends the sequence comes last, with a nil
// mailbox. Two rows with the same address are both returned.
func Mailboxes(r io.Reader, opts *ReadOptions) iter.Seq2[*inventory.Mailbox, error] {
	return func(yield func(*inventory.Mailbox, error) bool) {
		for row, err := range mailboxRows(r, opts, false) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&row.Mailbox, nil) {
				return
			}
		}
	}
}

// mailboxRow is a mailbox with what only joining it to other exports needs.
type mailboxRow struct {
	inventory.Mailbox
	*names // nil if nobody asked for them

	// at returns an error at the place of the address. It is valid while the row is
	// the last that was read.
	at func(error) error
}

// mailboxRows reads mailboxes in whatever form they come, with their names if those
// are asked for.
func mailboxRows(r io.Reader, opts *ReadOptions, named bool) iter.Seq2[*mailboxRow, error] {
	return func(yield func(*mailboxRow, error) bool) {
		var o ReadOptions
		if opts != nil {
			o = *opts
		}
		source, err := o.source(r)
		if err != nil {
			yield(nil, &RowError{o.name(), 1, 1, "", err})
			return
		}
		text := bufio.NewReaderSize(source, 64<<10)
		if isLDIF(text) {
			readLDIF(text, &o, yield)
			return
		}
		readSheet(text, &o, func(s *sheet) (reader[mailboxRow], error) { return bindMailboxes(s, named) }, yield)
	}
}

// mailboxColumns is where an export of Get-Mailbox has what.
type mailboxColumns struct {
	*sheet
	named                                        bool
	address, windows, proxies, displayName, kind column
	objectVersion, serverVersion                 column
	server, database, legacyDN, guid             column
	hidden, um                                   column
	principal, account, dn, canonical            column
	common, alias, onBehalf                      column
	versions                                     map[string]inventory.Version

	atAddress func(error) error

	lastKind   string // in the row before, and what it means
	lastKindIs inventory.Kind
	lastLost   string // a list of proxy addresses that was none
	texts      []byte // of a row, one behind the other
}

func bindMailboxes(s *sheet, named bool) (reader[mailboxRow], error) {
	if s.isCSVDE() {
		e := &sheetEntry{sheet: s, columns: make(map[string]column)}
		if s.opts.seen != nil {
			s.opts.seen(e.exported)
		}
		return directoryMailboxes(e), nil
	}
	c := &mailboxColumns{
		sheet:         s,
		named:         named,
		address:       s.find("primarysmtpaddress", "windowsemailaddress", "emailaddress", "mail"),
		windows:       s.find("windowsemailaddress", "mail"),
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
		principal:     s.find("userprincipalname"),
		account:       s.find("samaccountname"),
		dn:            s.find("distinguishedname"),
		canonical:     s.find("identity", "id"),
		common:        s.find("name"),
		alias:         s.find("alias"),
		onBehalf:      s.find("grantsendonbehalfto"),
		versions:      make(map[string]inventory.Version),
	}
	if c.address == absent {
		return nil, s.missing("the address of a mailbox, such as PrimarySmtpAddress of Get-Mailbox", "primarysmtpaddress", "windowsemailaddress", "emailaddress")
	}
	c.atAddress = func(err error) error { return c.at(int(c.address), err) }
	return one(c.read), nil
}

func (c *mailboxColumns) read() (*mailboxRow, error) {
	// The texts of a row become one string, of which each is a part.
	c.texts = appendLower(c.texts[:0], c.bytes(c.address))
	displayName := len(c.texts)
	c.texts = appendValid(c.texts, c.bytes(c.displayName))
	legacyDN := len(c.texts)
	c.texts = appendValid(c.texts, c.bytes(c.legacyDN))
	guid := len(c.texts)
	c.texts = appendGUID(c.texts, c.bytes(c.guid))
	texts := string(c.texts)

	address, err := inventory.ParseAddress(texts[:displayName])
	if err != nil {
		_, err = inventory.ParseAddress(string(c.bytes(c.address))) // as the file has it
		return nil, c.at(int(c.address), err)
	}
	m := &mailboxRow{Mailbox: inventory.Mailbox{
		Address:     address,
		DisplayName: texts[displayName:legacyDN],
		Kind:        c.readKind(),
		Server:      c.name(c.server),
		Database:    c.name(c.database),
		LegacyDN:    texts[legacyDN:guid],
		GUID:        texts[guid:],
		Source:      c.source(),
	}, at: c.atAddress}
	c.noteLetters(c.displayName, m.DisplayName)
	if c.named {
		m.names = c.others()
	}
	if err := c.addresses(m); err != nil {
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

func (c *mailboxColumns) readKind() inventory.Kind {
	if text := c.name(c.kind); text != c.lastKind {
		c.lastKind, c.lastKindIs = text, inventory.ParseKind(text)
	}
	return c.lastKindIs
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

// addresses reads the addresses of the row beside the primary one. In the list of
// proxy addresses only those of SMTP and X500 are of use, and one that is no address
// is passed over.
func (c *mailboxColumns) addresses(m *mailboxRow) error {
	switch text := c.bytes(c.windows); {
	case len(text) == 0:
	case isLower(text, string(m.Address)):
		m.WindowsEmailAddress = m.Address
	default:
		a, err := inventory.ParseAddress(string(text))
		if err != nil {
			return c.at(int(c.windows), err)
		}
		if m.WindowsEmailAddress = a; a != m.Address {
			m.Aliases = append(m.Aliases, a)
		}
	}
	text := c.bytes(c.proxies)
	if len(text) == 0 || string(text) == c.lastLost && c.lostAgain(c.proxies) {
		return nil
	}
	smtp, x500, err := splitProxies(string(text))
	if err != nil {
		c.lastLost = string(text)
		c.lostList(c.proxies, err)
	}
	for _, proxy := range smtp {
		if a, err := inventory.ParseAddress(proxy); err == nil && a != m.Address {
			m.Aliases = append(m.Aliases, a)
		}
	}
	if m.names != nil {
		m.x500 = x500
	}
	return nil
}

// lostList notes that a cell has lost its list, with the calculated property that
// exports it as text. It joins by a method of .NET: -join came with PowerShell 2.0, and
// the shell of Exchange 2007 runs on 1.0 as well.
func (c *mailboxColumns) lostList(col column, err error) {
	property := c.header[col]
	c.noteLost(col, func(n int) error {
		return fmt.Errorf(`%w, in %d rows; export it as text: Select-Object *,@{Name=%q;Expression={[string]::Join(";",$_.%[3]s)}} -ExcludeProperty %[3]s`,
			err, n, property)
	})
}

// others reads what other exports may call the mailbox, and who may send on behalf of
// it.
func (c *mailboxColumns) others() *names {
	n := &names{
		principal: c.text(c.principal), account: c.text(c.account), dn: c.text(c.dn), canonical: c.text(c.canonical),
		common: c.text(c.common), alias: c.text(c.alias),
	}
	var err error
	if n.onBehalf, err = splitList(c.text(c.onBehalf)); err != nil {
		c.lostList(c.onBehalf, err)
	}
	if len(n.onBehalf) > 0 {
		n.onBehalfAt = c.at(int(c.onBehalf), nil)
	}
	return n
}

// normalGUID returns a GUID in lower case without braces, and "" for the one that
// stands for none.
func normalGUID(b []byte) string { return string(appendGUID(nil, b)) }

// appendGUID appends what normalGUID returns.
func appendGUID(dst, b []byte) []byte {
	b = bytes.Trim(b, "{}")
	if len(bytes.Trim(b, "0-")) == 0 {
		return dst
	}
	return appendLower(dst, b)
}

// appendLower appends a text in lower case.
func appendLower(dst, b []byte) []byte {
	for i, c := range b {
		if c >= utf8.RuneSelf {
			return append(dst, bytes.ToLower(b[i:])...)
		}
		dst = append(dst, lowerASCII(c))
	}
	return dst
}

// isLower reports whether a text is lower once its ASCII letters are in lower case.
func isLower(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if lowerASCII(c) != lower[i] {
			return false
		}
	}
	return true
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// appendValid appends a text with U+FFFD in place of what is no UTF-8.
func appendValid(dst, b []byte) []byte {
	if utf8.Valid(b) {
		return append(dst, b...)
	}
	return append(dst, bytes.ToValidUTF8(b, []byte("\uFFFD"))...)
}
