package csvio

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/staged-migration/staged/inventory"
)

// MailboxStatistics is a row of an export of Get-MailboxStatistics. It names its
// mailbox by LegacyDN or GUID; there is no address in such an export, though one
// made by hand may have it.
type MailboxStatistics struct {
	LegacyDN    string
	GUID        inventory.GUID
	Address     inventory.Address
	DisplayName string

	Size             inventory.Opt[inventory.Size]
	Items            inventory.Opt[int64]
	Server, Database string

	// LastLogon is when somebody last opened the mailbox; zero if unknown. It is read
	// as [ReadOptions.TimeLayout] says.
	LastLogon time.Time

	// System says that the mailbox belongs to Exchange and to nobody: the System
	// Attendant's, and SystemMailbox{…} of each database.
	System bool
	// Disconnected says that the mailbox belongs to no account any more.
	Disconnected bool
	// Archive says that it is the archive beside a mailbox.
	Archive bool

	Source inventory.Source
}

// Statistics reads an export of Get-MailboxStatistics, or any other list of the sizes
// of mailboxes: one mailbox a row, in the order of the file. The sequence can be ranged
// over once.
//
// It needs a column that names the mailbox (LegacyDN, MailboxGuid, an address, or a
// display name) and one with its size or its number of items. Beside those of
// Get-MailboxStatistics it knows the columns of Exchange 2003, from WMI
// (Exchange_Mailbox: Size, which is in KB, TotalItems, MailboxDisplayName) and from the
// list of Exchange System Manager (Mailbox, Size (KB), Total Items), the schedule of
// Find-MailboxDelegates (MailboxSize(MB)), and columns that admins make, whose headers
// tell the unit: Size(MB), MailboxSizeMB, or the expression $_.TotalItemSize.Value.ToKB().
// An empty cell, Unlimited and n/a are unknown. Errors are as with [Mailboxes]; a row
// whose MailboxGuid is no GUID is bad if it has neither LegacyDN nor address.
//
// Sources: learn.microsoft.com, previous versions, Exchange_Mailbox (aa143732), whose
// Size is documented as bytes while every script takes it for KB;
// Find-MailboxDelegates.ps1. The columns of the list are general knowledge.
func Statistics(r io.Reader, opts *ReadOptions) iter.Seq2[*MailboxStatistics, error] {
	return kept(statisticsRows(r, opts))
}

// statisticsRows is Statistics whose rows are valid until the next.
func statisticsRows(r io.Reader, opts *ReadOptions) iter.Seq2[*MailboxStatistics, error] {
	return rows(r, opts, bindStatistics)
}

// maxMailbox is more than any mailbox can hold: the size to which a database of
// Exchange can grow. Source: learn.microsoft.com, Exchange 2007 editions and
// limits, which gives 16 TB.
const maxMailbox = 16 * inventory.TB

type statisticsColumns struct {
	*sheet
	legacyDN, guid, address, displayName column
	size                                 sizeColumn
	items                                column
	server, database                     column
	disconnected, archive, lastLogon     column

	row   MailboxStatistics // which is returned
	texts []byte            // of a row, one behind the other
	kept  textBlock
}

func bindStatistics(s *sheet) (reader[MailboxStatistics], error) {
	c := &statisticsColumns{
		sheet:        s,
		legacyDN:     s.find("legacydn", "legacyexchangedn"),
		guid:         s.find("mailboxguid", "exchangeguid"),
		address:      s.find("primarysmtpaddress", "windowsemailaddress", "emailaddress", "mail"),
		displayName:  s.find("displayname", "mailboxdisplayname", "mailbox"),
		items:        s.find("itemcount", "totalitems", "items"),
		server:       s.find("servername", "server"),
		database:     s.find("databasename", "database", "storename"),
		disconnected: s.find("disconnectdate", "datediscoveredabsentinds"),
		archive:      s.find("isarchivemailbox"),
		lastLogon:    s.find("lastlogontime"),
	}
	c.size = s.findSize(sizeNames)
	if c.size.column == absent && c.items == absent {
		return nil, s.missing("the size of a mailbox, TotalItemSize of Get-MailboxStatistics", "totalitemsize", "mailboxsize", "itemcount")
	}
	if c.legacyDN == absent && c.guid == absent && c.address == absent && c.displayName == absent {
		return nil, s.missing("what names a mailbox, LegacyDN or MailboxGuid of Get-MailboxStatistics", "legacydn", "mailboxguid")
	}
	if s.find("suggestedbatch") != absent {
		s.surplus = 1 // the schedule has one cell more where a user was not found
	}
	return one(c.read), nil
}

func (c *statisticsColumns) read() (*MailboxStatistics, error) {
	// The texts of a row become one string, of which each is a part.
	c.texts = appendValid(c.texts[:0], c.bytes(c.legacyDN))
	displayName := len(c.texts)
	c.texts = c.appendName(c.texts, c.displayName)
	texts := c.kept.keep(c.texts)
	row := &c.row
	*row = MailboxStatistics{
		LegacyDN:     texts[:displayName],
		DisplayName:  texts[displayName:],
		Server:       c.name(c.server),
		Database:     c.name(c.database),
		Disconnected: len(c.bytes(c.disconnected)) > 0,
		Source:       c.source(),
	}
	notGUID := row.GUID.UnmarshalText(c.bytes(c.guid))
	row.System = isSystemMailbox(row.DisplayName, row.LegacyDN)
	if row.System {
		return row, nil
	}
	if text := c.bytes(c.address); len(text) > 0 {
		a, err := inventory.ParseAddress(string(text))
		if err != nil {
			return nil, c.at(int(c.address), err)
		}
		row.Address = a
	}
	if notGUID != nil {
		if row.LegacyDN == "" && row.Address == "" {
			return nil, c.at(int(c.guid), notGUID)
		}
		c.noteGUID(c.guid, notGUID)
	}
	var err error
	if row.Size, err = c.sizeOf(c.size); err != nil {
		return nil, err
	}
	if text := c.bytes(c.items); len(text) > 0 {
		n, err := parseCount(string(text))
		switch {
		case err == nil:
			row.Items = inventory.Known(n)
		case !errors.Is(err, inventory.ErrUnknown):
			return nil, c.at(int(c.items), fmt.Errorf("%w: %q is no number of items", ErrValue, clip(text)))
		}
	}
	if row.LastLogon, err = c.timeOf(c.lastLogon); err != nil {
		return nil, err
	}
	archive, err := c.fact(c.archive)
	row.Archive = archive == inventory.Yes
	return row, err
}

// isSystemMailbox tells the mailboxes of Exchange itself by what they are called
// and by where their directory objects are: below the servers of the
// configuration instead of among the recipients.
//
// Source of the names: blogs.technet.microsoft.com/evand/2006/09/07. That their
// objects are below the servers is general knowledge.
func isSystemMailbox(displayName, legacyDN string) bool {
	if strings.HasPrefix(displayName, "SystemMailbox{") || displayName == "Microsoft System Attendant" {
		return true
	}
	const servers = "/cn=configuration/cn=servers/"
	for at := range len(legacyDN) - len(servers) + 1 {
		if legacyDN[at] == '/' && strings.EqualFold(legacyDN[at:at+len(servers)], servers) {
			return true
		}
	}
	return false
}

// parseCount reads a whole number, which lists of Exchange System Manager group as the
// culture has it.
func parseCount(text string) (int64, error) {
	if n, err := strconv.ParseUint(text, 10, 63); err == nil {
		return int64(n), nil // as nearly always
	}
	n, err := inventory.ParseSizeIn(text, inventory.Byte)
	if err == nil && strings.ContainsFunc(text, unicode.IsLetter) {
		return 0, ErrValue
	}
	return int64(n), err
}
