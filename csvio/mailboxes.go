package csvio

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"strings"

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
// Columns that Get-Mailbox does not have are read as well where somebody has added them:
// the size of the largest item in LargestItem or LargestItemSize, with its unit in the
// header as with other sizes; OutOfOffice, OofEnabled or AutoReplyState; IsLicensed or
// Licensed; and the oldest Outlook in OutlookVersion or ClientVersion, as 2007, Outlook
// 2007 or 12.0.6607.1000, of which a list gives the oldest.
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
// [ReadOptions.Bad]. An ExchangeGuid that is no GUID is unknown instead, with a warning
// for the column: the address names the mailbox without it. An error that ends the
// sequence comes last, with a nil mailbox. Two rows with the same address are both returned.
//
// Mailboxes and their texts stand in memory in blocks of 4 KB, and each that is kept keeps
// its blocks. An inventory loses nothing by that, since it copies mailboxes and keeps all
// of their texts; whoever keeps a few of very many may copy theirs with [strings.Clone].
func Mailboxes(r io.Reader, opts *ReadOptions) iter.Seq2[*inventory.Mailbox, error] {
	var room []inventory.Mailbox // for those to come
	return readMailboxes(r, opts, mailboxForm[inventory.Mailbox]{
		of: func(row *mailboxRow) *inventory.Mailbox { return &row.Mailbox },
		read: func(c *mailboxColumns) (*inventory.Mailbox, error) {
			if len(room) == 0 {
				room = make([]inventory.Mailbox, mailboxesAtOnce)
			}
			m := &room[0]
			room = room[1:]
			return m, c.read(m)
		},
	})
}

// mailboxesAtOnce is how many mailboxes memory is taken for at once: what fits into the
// 4 KB of a size class of the Go runtime.
const mailboxesAtOnce = 15

// mailboxRow is a mailbox with what only joining it to other exports needs. The next
// row may take its place.
type mailboxRow struct {
	inventory.Mailbox
	*names // nil if nobody asked for them

	// at returns an error at the place of the address.
	at func(error) error
}

// mailboxRows reads mailboxes with their names, if those are asked for.
func mailboxRows(r io.Reader, opts *ReadOptions, named bool) iter.Seq2[*mailboxRow, error] {
	return readMailboxes(r, opts, mailboxForm[mailboxRow]{
		named: named,
		of:    func(row *mailboxRow) *mailboxRow { return row },
		read: func(c *mailboxColumns) (*mailboxRow, error) {
			c.row.Mailbox = inventory.Mailbox{}
			return &c.row, c.read(&c.row.Mailbox)
		},
	})
}

// mailboxForm says what mailboxes are read as.
type mailboxForm[T any] struct {
	named bool                                // whether other names are asked for
	of    func(*mailboxRow) *T                // of a directory
	read  func(c *mailboxColumns) (*T, error) // of Get-Mailbox
}

// readMailboxes reads mailboxes from whatever export it is.
func readMailboxes[T any](r io.Reader, opts *ReadOptions, form mailboxForm[T]) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
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
		if !isLDIF(text) {
			readSheet(text, &o, func(s *sheet) (reader[T], error) { return bindMailboxes(s, form) }, yield)
			return
		}
		readLDIF(text, &o, func(row *mailboxRow, err error) bool {
			if err != nil {
				return yield(nil, err)
			}
			return yield(form.of(row), nil)
		})
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
	extra                                        *extraColumns
	attributes                                   *attributeColumns

	row mailboxRow // that was read last, if rows are asked for

	versions     map[string]meaning[inventory.Version]
	lastVersions [2]meaning[inventory.Version] // of objectVersion and serverVersion
	lastKind     meaning[inventory.Kind]
	lastLost     string // a list of proxy addresses that was none
	texts        []byte // of a row, one behind the other
	kept         textBlock
}

// meaning is what a text of a column means. The last one is worth remembering, since rows
// that follow one another are much alike.
type meaning[T any] struct {
	text string
	is   T
}

func bindMailboxes[T any](s *sheet, form mailboxForm[T]) (reader[T], error) {
	if s.isCSVDE() {
		e := &sheetEntry{sheet: s, columns: make(map[string]column)}
		if s.opts.seen != nil {
			s.opts.seen(e.exported)
		}
		read := directoryMailboxes(e, s.opts.attributes())
		return func(emit func(*T) bool) error {
			return read(func(row *mailboxRow) bool { return emit(form.of(row)) })
		}, nil
	}
	c := &mailboxColumns{
		sheet:         s,
		named:         form.named,
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
		versions:      make(map[string]meaning[inventory.Version]),
		extra:         s.findExtra(),
		attributes:    s.findAttributes(s.opts.attributes()),
	}
	if c.address == absent {
		return nil, s.missing("the address of a mailbox, such as PrimarySmtpAddress of Get-Mailbox", "primarysmtpaddress", "windowsemailaddress", "emailaddress")
	}
	c.row.at = func(err error) error { return c.at(int(c.address), err) }
	return one(func() (*T, error) { return form.read(c) }), nil
}

// read reads the row into a zero Mailbox, and other names into row.
func (c *mailboxColumns) read(m *inventory.Mailbox) error {
	// The texts of a row become one string, of which each is a part.
	c.texts = appendLower(c.texts[:0], c.bytes(c.address))
	displayName := len(c.texts)
	c.texts = c.appendName(c.texts, c.displayName)
	legacyDN := len(c.texts)
	c.texts = appendValid(c.texts, c.bytes(c.legacyDN))
	texts := c.kept.keep(c.texts)

	address, err := inventory.ParseAddress(texts[:displayName])
	if err != nil {
		_, err = inventory.ParseAddress(string(c.bytes(c.address))) // as the file has it
		return c.at(int(c.address), err)
	}
	m.Address = address
	m.DisplayName, m.LegacyDN = texts[displayName:legacyDN], texts[legacyDN:]
	m.Kind, m.Server, m.Database = c.readKind(), c.name(c.server), c.name(c.database)
	m.Source = c.source()
	if err := m.GUID.UnmarshalText(c.bytes(c.guid)); err != nil {
		c.noteGUID(c.guid, err)
	}
	if c.named {
		c.row.names = c.others()
	}
	if err := c.addresses(m); err != nil {
		return err
	}
	for i, col := range [...]column{c.objectVersion, c.serverVersion} {
		v, err := c.version(col, &c.lastVersions[i])
		if err != nil {
			return err
		}
		if v.Compare(m.Version) > 0 {
			m.Version = v
		}
	}
	if m.HiddenFromAddressLists, err = c.fact(c.hidden); err != nil {
		return err
	}
	if m.UMEnabled, err = c.fact(c.um); err != nil {
		return err
	}
	m.Attrs = c.attributes.read()
	return c.extra.read(m)
}

func (c *mailboxColumns) readKind() inventory.Kind {
	if string(c.bytes(c.kind)) != c.lastKind.text {
		text := c.name(c.kind)
		c.lastKind = meaning[inventory.Kind]{text, inventory.ParseKind(text)}
	}
	return c.lastKind.is
}

func (c *mailboxColumns) version(col column, last *meaning[inventory.Version]) (inventory.Version, error) {
	b := c.bytes(col)
	if string(b) == last.text {
		return last.is, nil
	}
	known, ok := c.versions[string(b)]
	if !ok && len(b) > 0 {
		known.text = string(b)
		var err error
		if known.is, err = inventory.ParseVersion(known.text); err != nil {
			return inventory.Version{}, c.at(int(col), err)
		}
		c.versions[known.text] = known
	}
	*last = known
	return last.is, nil
}

// addresses reads the addresses of the row beside the primary one. In the list of
// proxy addresses only those of SMTP and X500 are of use, and one that is no address
// is passed over.
func (c *mailboxColumns) addresses(m *inventory.Mailbox) error {
	switch text := c.bytes(c.windows); {
	case len(text) == 0:
	case string(text) == string(m.Address) || isLower(text, string(m.Address)):
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
			m.Aliases = append(m.Aliases, inventory.Address(strings.Clone(string(a)))) // the cell can be long
		}
	}
	if c.named {
		c.row.x500 = x500
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
