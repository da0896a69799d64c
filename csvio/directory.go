package csvio

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/staged-migration/staged/csvio/internal/adattr"
	"github.com/staged-migration/staged/csvio/internal/ldif"
	"github.com/staged-migration/staged/inventory"
)

// entry is an object of Active Directory, as csvde or ldifde exports it. Names of
// attributes are in lower case.
type entry interface {
	// value returns the first value of an attribute, which is text or binary, undone
	// from the form of the file; nil if there is none.
	value(attribute string, binary bool) ([]byte, error)
	// values returns all of its values that are not empty.
	values(attribute string) ([]string, error)
	// exported reports whether the file has had the attribute so far.
	exported(attribute string) bool
	at(attribute string, err error) error
	source() inventory.Source
}

// sheetEntry is the row of an export of csvde.
type sheetEntry struct {
	*sheet
	columns map[string]column
}

// isCSVDE reports whether a sheet is an export of csvde: its first column is DN.
func (s *sheet) isCSVDE() bool {
	return len(s.header) > 1 && strings.EqualFold(s.header[0], "DN") &&
		s.find("legacyexchangedn", "homemdb", "msexchhomeservername", "msexchmailboxguid", "proxyaddresses", "mail") != absent
}

func (e *sheetEntry) column(attribute string) column {
	c, ok := e.columns[attribute]
	if !ok {
		c = e.find(attribute)
		e.columns[attribute] = c
	}
	return c
}

func (e *sheetEntry) value(attribute string, binary bool) (value []byte, err error) {
	cell := e.bytes(e.column(attribute))
	if len(cell) == 0 {
		return nil, nil
	}
	if binary {
		value, err = adattr.Binary(cell)
	} else {
		var text string
		text, err = adattr.Text(cell)
		value = []byte(text)
	}
	if err != nil {
		return nil, e.at(attribute, err)
	}
	return value, nil
}

func (e *sheetEntry) values(attribute string) (list []string, err error) {
	for _, item := range adattr.SplitList(string(e.bytes(e.column(attribute)))) {
		text, err := adattr.Text([]byte(item))
		if err != nil {
			return nil, e.at(attribute, err)
		}
		if text = strings.TrimSpace(text); text != "" {
			list = append(list, text)
		}
	}
	return list, nil
}

func (e *sheetEntry) exported(attribute string) bool { return e.column(attribute) != absent }

func (e *sheetEntry) at(attribute string, err error) error {
	return e.sheet.at(int(max(e.column(attribute), 0)), err)
}

// ldifEntry is the entry of an export of ldifde.
type ldifEntry struct {
	file string
	r    *ldif.Reader
	seen map[string]bool
}

func (e *ldifEntry) value(attribute string, _ bool) ([]byte, error) {
	b, ok := e.r.Value(attribute)
	if ok {
		e.seen[attribute] = true
	}
	return b, nil
}

func (e *ldifEntry) values(attribute string) (list []string, err error) {
	for v := range e.r.Values(attribute) {
		if text := strings.TrimSpace(strings.ToValidUTF8(string(v), "\uFFFD")); text != "" {
			list = append(list, text)
		}
	}
	return list, nil
}

func (e *ldifEntry) exported(attribute string) bool { return e.seen[attribute] }

func (e *ldifEntry) at(attribute string, err error) error {
	line, column := e.r.Pos(attribute, 0)
	if line == 0 {
		line, column = e.r.Line(), 1
	}
	return &RowError{e.file, line, column, attribute, err}
}

func (e *ldifEntry) source() inventory.Source {
	return inventory.Source{File: e.file, Line: e.r.Line()}
}

// isLDIF reports whether a text is LDIF: its first line that is no comment is the
// version or the name of an entry.
func isLDIF(text *bufio.Reader) bool {
	head, _ := text.Peek(4 << 10) // an error shows when it is read
	for line := range bytes.Lines(head) {
		line = bytes.ToLower(bytes.TrimSpace(line))
		if len(line) > 0 && line[0] != '#' {
			return bytes.HasPrefix(line, []byte("dn:")) || bytes.HasPrefix(line, []byte("version:"))
		}
		if bytes.HasPrefix(line, []byte("#type")) {
			return false
		}
	}
	return false
}

// readLDIF reads the mailboxes of an export of ldifde, as rows does of a sheet.
func readLDIF(text io.Reader, o *ReadOptions, yield func(*mailboxRow, error) bool) {
	e := &ldifEntry{file: o.name(), r: ldif.New(text), seen: make(map[string]bool)}
	read := directoryMailboxes(e, o.attributes())
	more := true
	for more {
		err := e.r.Read()
		if err == nil {
			err = read(func(m *mailboxRow) bool {
				more = yield(m, nil)
				return more
			})
		}
		broken, isBroken := errors.AsType[*ldif.Error](err)
		row, isRow := errors.AsType[*RowError](err)
		why, isSkipped := err.(skipped)
		switch {
		case err == nil:
		case err == io.EOF:
			if o.seen != nil {
				o.seen(e.exported)
			}
			return
		case isSkipped:
			if o.Skip != nil {
				o.Skip(string(why), e.r.Line())
			}
		case isBroken && o.Bad != nil:
			o.Bad(&RowError{e.file, broken.Line, broken.Column, "", broken.Err})
		case isRow && o.Bad != nil:
			o.Bad(row)
		case isRow:
			yield(nil, row)
			return
		default:
			at := &RowError{e.file, e.r.Line(), 1, "", err}
			if isBroken {
				at = &RowError{e.file, broken.Line, broken.Column, "", broken.Err}
			}
			yield(nil, at)
			return
		}
	}
}

const skipNoMailbox = "object without a mailbox"

// neverUpgraded is the version of a mailbox whose object has none: one that the tools
// of Exchange 2003 made and none later has changed. Get-Mailbox prints it so.
var neverUpgraded = inventory.Version{Major: 6, Minor: 5, Build: 6500}

// directoryMailboxes reads the mailboxes among the objects of a directory. An object
// with a mailbox has a database, a server, or the GUID of the mailbox.
//
// Source of what attributes mean: learn.microsoft.com/powershell/exchange/filter-properties.
func directoryMailboxes(e entry, attributes []string) reader[mailboxRow] {
	atMail := func(err error) error { return e.at("mail", err) }
	servers, databases := make(map[string]string), make(map[string]string)
	return func(emit func(*mailboxRow) bool) error {
		d := &directoryReader{entry: e}
		m := &mailboxRow{Mailbox: inventory.Mailbox{Source: e.source()}, names: &names{}, at: atMail}
		database, server, guid := d.text("homemdb"), d.text("msexchhomeservername"), d.bytes("msexchmailboxguid", true)
		if d.err == nil && database == "" && server == "" && len(guid) == 0 {
			return skipped(skipNoMailbox)
		}
		m.DisplayName, m.LegacyDN = d.text("displayname"), d.text("legacyexchangedn")
		if isSystemMailbox(m.DisplayName, m.LegacyDN) || isSystemMailbox(d.text("cn"), "") {
			return skipped(skipSystem)
		}
		m.Server, m.Database = remembered(servers, server, serverName), remembered(databases, database, databaseName)
		m.GUID = d.guid(guid)
		d.addresses(m)
		d.kindAndVersion(m)
		d.facts(m)
		d.otherNames(m)
		m.Attrs = d.attributes(attributes)
		if d.err != nil {
			return d.err
		}
		emit(m)
		return nil
	}
}

// directoryReader reads the attributes of an entry up to the first that cannot be
// read.
type directoryReader struct {
	entry
	err error
}

func (d *directoryReader) fail(attribute string, err error) {
	if d.err == nil && err != nil {
		d.err = d.at(attribute, err)
	}
}

func (d *directoryReader) bytes(attribute string, binary bool) []byte {
	b, err := d.value(attribute, binary)
	if d.err == nil {
		d.err = err
	}
	return b
}

func (d *directoryReader) text(attribute string) string {
	return strings.TrimSpace(strings.ToValidUTF8(string(d.bytes(attribute, false)), "\uFFFD"))
}

func (d *directoryReader) list(attribute string) []string {
	list, err := d.values(attribute)
	if d.err == nil {
		d.err = err
	}
	return list
}

func (d *directoryReader) guid(b []byte) inventory.GUID {
	if len(b) == 0 {
		return inventory.GUID{}
	}
	guid, err := adattr.GUID(b)
	d.fail("msexchmailboxguid", err)
	return guid
}

// remembered returns what name makes of a text, once for all rows that have it.
func remembered(names map[string]string, text string, name func(string) string) string {
	known, ok := names[text]
	if !ok {
		known = name(text)
		names[text] = known
	}
	return known
}

// serverName returns what Get-Mailbox prints for the legacyExchangeDN of a server.
func serverName(dn string) string { return strings.ToLower(adattr.ServerOf(dn)) }

// databaseName returns what Get-Mailbox of Exchange 2007 prints for the distinguished
// name of a database: SERVER\Storage Group\Database.
func databaseName(dn string) string {
	path := strings.Split(adattr.CanonicalName(dn), "/")
	if n := len(path); n >= 4 && path[n-3] == "InformationStore" {
		return path[n-4] + `\` + path[n-2] + `\` + path[n-1]
	}
	return adattr.DatabaseOf(dn)
}

// addresses reads the proxy addresses, of which the one with SMTP in capitals is the
// primary one, and mail, which is it where none is.
func (d *directoryReader) addresses(m *mailboxRow) {
	mail := d.text("mail")
	primary := mail
	var others []string
	for _, proxy := range d.list("proxyaddresses") {
		kind, value, _ := strings.Cut(proxy, ":")
		switch value = strings.TrimSpace(value); {
		case kind == "SMTP":
			primary = value
		case strings.EqualFold(kind, "smtp"):
			others = append(others, value)
		case strings.EqualFold(kind, "X500"):
			m.x500 = append(m.x500, value)
		}
	}
	address, err := inventory.ParseAddress(primary)
	d.fail("mail", err)
	m.Address = address
	if mail == primary {
		m.WindowsEmailAddress = m.Address
	} else if a, err := inventory.ParseAddress(mail); err == nil {
		m.WindowsEmailAddress = a
	}
	for _, text := range append(others, mail) {
		if a, err := inventory.ParseAddress(text); err == nil && a != m.Address {
			m.Aliases = append(m.Aliases, a)
		}
	}
}

// kindAndVersion reads the type and the version of the object. An object of Exchange
// 2003 has neither.
func (d *directoryReader) kindAndVersion(m *mailboxRow) {
	m.Version, m.Kind = neverUpgraded, inventory.LegacyMailbox
	if text := d.text("msexchversion"); text != "" {
		var err error
		v := &m.Version
		v.Major, v.Minor, v.Build, v.Revision, err = adattr.ExchangeVersion(text)
		d.fail("msexchversion", err)
		m.Kind = ""
	}
	if text := d.text("msexchrecipienttypedetails"); text != "" {
		m.Kind = inventory.Kind(text) // a number that no name is known for
		if name, ok := adattr.RecipientType(text); ok {
			m.Kind = inventory.ParseKind(name)
		}
	}
}

// Attributes whose absence from an object says no, if the export has them at all.
const (
	attributeHidden = "msexchhidefromaddresslists"
	attributeUM     = "msexchumenabledflags"
)

func (d *directoryReader) facts(m *mailboxRow) {
	switch text := d.text(attributeHidden); {
	case strings.EqualFold(text, "TRUE"):
		m.HiddenFromAddressLists = inventory.Yes
	case strings.EqualFold(text, "FALSE"):
		m.HiddenFromAddressLists = inventory.No
	case text != "":
		d.fail(attributeHidden, fmt.Errorf("%w: %q is neither TRUE nor FALSE", ErrValue, clip([]byte(text))))
	}
	if text := d.text(attributeUM); text != "" {
		on, err := adattr.UMEnabled(text)
		d.fail(attributeUM, err)
		m.UMEnabled = inventory.FactOf(on)
	}
}

func (d *directoryReader) otherNames(m *mailboxRow) {
	m.dn = d.text("dn")
	m.canonical = adattr.CanonicalName(m.dn)
	m.principal, m.account = d.text("userprincipalname"), d.text("samaccountname")
	m.common, m.alias = d.text("cn"), d.text("mailnickname")
	if m.onBehalf = d.list("publicdelegates"); len(m.onBehalf) > 0 {
		m.onBehalfAt = d.at("publicdelegates", nil)
	}
}
