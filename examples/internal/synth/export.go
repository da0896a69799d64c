package synth

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Format is how Export-Csv writes: the switches that an admin may have set.
type Format struct {
	Delimiter byte // 0 is a comma
	UTF16     bool // -Encoding Unicode; else -Encoding UTF8
	NoType    bool // -NoTypeInformation
	NoBOM     bool // UTF-8 without byte order mark, as PowerShell 6 and later
}

// Files are the exports of an organization, by their names.
func (o *Organization) Files() []File {
	return []File{
		{"mailboxes.csv", o.WriteMailboxes},
		{"statistics.csv", o.WriteStatistics},
		{"permissions.csv", o.WritePermissions},
	}
}

// File is an export of an organization.
type File struct {
	Name  string
	Write func(io.Writer, Format) error
}

// exporter writes rows as Export-Csv of Windows PowerShell does: every value in
// quotes, null as nothing, lines that end with CRLF.
type exporter struct {
	out   *bufio.Writer
	close io.Closer
	sep   byte
}

func newExporter(w io.Writer, f Format, typeName string) *exporter {
	e := &exporter{sep: f.Delimiter}
	if e.sep == 0 {
		e.sep = ','
	}
	if f.UTF16 {
		t := transform.NewWriter(w, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder())
		e.out, e.close = bufio.NewWriter(t), t
	} else {
		e.out = bufio.NewWriter(w)
		if !f.NoBOM {
			_, _ = e.out.WriteString("\uFEFF")
		}
	}
	if !f.NoType {
		_, _ = e.out.WriteString("#TYPE " + typeName + "\r\n")
	}
	return e
}

// null is written as nothing at all, as Export-Csv writes $null.
const null = "\x00"

func (e *exporter) row(cells ...string) {
	for i, c := range cells {
		if i > 0 {
			_ = e.out.WriteByte(e.sep)
		}
		if c != null {
			_, _ = e.out.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
		}
	}
	_, _ = e.out.WriteString("\r\n")
}

func (e *exporter) finish() error {
	if err := e.out.Flush(); err != nil || e.close == nil {
		return err
	}
	return e.close.Close()
}

const (
	exchangeOrg   = "/o=Contoso"
	adminGroup    = exchangeOrg + "/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)"
	cultureFormat = "1/2/2006 3:04:05 PM"
)

func (m *Mailbox) legacyDN() string { return adminGroup + "/cn=Recipients/cn=" + m.Alias }

func boolText(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// WriteMailboxes writes what Get-Mailbox -ResultSize Unlimited | Export-Csv
// gives, with the columns that most admins keep.
func (o *Organization) WriteMailboxes(w io.Writer, f Format) error {
	e := newExporter(w, f, "Selected.Microsoft.Exchange.Data.Directory.Management.Mailbox")
	e.row("Database", "ExchangeGuid", "ForwardingAddress", "ProhibitSendQuota", "IsMailboxEnabled", "ServerName", "UMEnabled",
		"Alias", "CustomAttribute1", "CustomAttribute10", "DisplayName", "EmailAddresses", "HiddenFromAddressListsEnabled",
		"LegacyExchangeDN", "PrimarySmtpAddress", "RecipientType", "RecipientTypeDetails", "WindowsEmailAddress", "Identity",
		"ExchangeVersion", "Name", "WhenCreated")
	for i := range o.Mailboxes {
		m := &o.Mailboxes[i]
		address := m.Address
		if i%7 == 3 { // as people have typed them
			address = strings.ToUpper(address[:1]) + address[1:]
		}
		if len(o.Mailboxes) >= badRowsFrom && i == len(o.Mailboxes)/2 {
			address = ""
		}
		name := strings.TrimSpace(m.First + " " + m.Last)
		e.row(m.Database, m.ExchangeID, null, "unlimited", "True", strings.ToLower(m.Server), boolText(m.UM),
			m.Alias, m.Note, "", m.DisplayName, "Microsoft.Exchange.Data.ProxyAddressCollection", boolText(m.Hidden),
			m.legacyDN(), address, "UserMailbox", m.Kind, address, fmt.Sprintf("contoso.com/Division %d/%s", m.Division+1, name),
			m.Version, name, m.Created.Format(cultureFormat))
	}
	return e.finish()
}

// WriteStatistics writes what Get-MailboxStatistics | Export-Csv gives: the
// mailboxes by server, without addresses, among them those of Exchange itself.
func (o *Organization) WriteStatistics(w io.Writer, f Format) error {
	e := newExporter(w, f, "Microsoft.Exchange.Data.Mapi.MailboxStatistics")
	e.row("AssociatedItemCount", "DeletedItemCount", "DisconnectDate", "DisplayName", "ItemCount", "LegacyDN", "MailboxGuid",
		"ObjectClass", "StorageLimitStatus", "TotalDeletedItemSize", "TotalItemSize", "DatabaseName", "ServerName", "StorageGroupName")
	for _, server := range servers {
		for i := range o.System {
			if m := &o.System[i]; m.Server == server {
				o.statisticsRow(e, m, fmt.Sprintf("%dB", m.Size))
			}
		}
		for i := range o.Mailboxes {
			m := &o.Mailboxes[i]
			switch {
			case m.Server != server || m.NoStats:
			case len(o.Mailboxes) >= badRowsFrom && i == len(o.Mailboxes)/3:
				o.statisticsRow(e, m, "12 items")
			case i%2 == 0:
				o.statisticsRow(e, m, fmt.Sprintf("%dB", m.Size))
			default:
				o.statisticsRow(e, m, newSize(m.Size))
			}
		}
	}
	return e.finish()
}

func (o *Organization) statisticsRow(e *exporter, m *Mailbox, size string) {
	dn, gone := strings.ToUpper(m.legacyDN()), null
	if m.Kind == "System" {
		dn = adminGroup + "/cn=Configuration/cn=Servers/cn=" + m.Server + "/cn=" + m.DisplayName
	}
	if !m.Gone.IsZero() {
		gone = m.Gone.Format(cultureFormat)
	}
	e.row("12", "0", gone, m.DisplayName, fmt.Sprint(m.Items), dn, m.ExchangeID,
		"Mailbox, ExOleDbSystemMailbox", "BelowLimit", "0B", size, "Mailbox Database", m.Server, "First Storage Group")
}

// newSize writes a size as Exchange 2010 and later do: four significant digits,
// and the exact bytes in brackets.
func newSize(n int64) string {
	unit, f := "B", float64(n)
	for _, u := range []string{"KB", "MB", "GB"} {
		if f >= 1024 {
			unit, f = u, f/1024
		}
	}
	return fmt.Sprintf("%.4g %s (%s bytes)", f, unit, grouped(n))
}

func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// WritePermissions writes what Find-MailboxDelegates.ps1 of microsoft/FastTrack
// does: a row for each right of a user on a mailbox, None for mailboxes on which
// nobody has one, with rows that repeat and addresses in different case.
func (o *Organization) WritePermissions(w io.Writer, f Format) error {
	f.NoType, f.NoBOM = true, true
	e := newExporter(w, f, "")
	e.row("Mailbox", "User", "AccessRights")
	byMailbox := make([][]Grant, len(o.Mailboxes))
	for _, g := range o.Grants {
		byMailbox[g.Mailbox] = append(byMailbox[g.Mailbox], g)
	}
	for i := range o.Mailboxes {
		address := o.Mailboxes[i].Address
		if len(byMailbox[i]) == 0 {
			e.row(address, "None", "None")
		}
		for n, g := range byMailbox[i] {
			trustee := o.Mailboxes[g.Trustee].Address
			if (i+n)%5 == 0 {
				trustee = strings.ToUpper(trustee[:2]) + trustee[2:]
			}
			e.row(address, trustee, g.Right)
			if (i+n)%40 == 0 {
				e.row(strings.ToUpper(address[:2])+address[2:], trustee, g.Right)
			}
		}
	}
	return e.finish()
}

// Facts is the organization's own file of facts, with a gap that rules will ask
// about.
const Facts = `{
  "name": "Contoso",
  "exchangeServers": [
    {"name": "EXCH01", "version": "Version 8.3 (Build 83.6)"},
    {"name": "EXCH02", "version": "Version 8.3 (Build 83.6)"},
    {"name": "EXCH03", "version": "Version 8.3 (Build 83.6)"},
    {"name": "EXCH04", "version": "Version 8.3 (Build 83.6)"},
    {"name": "OLDEX01", "version": "Version 6.5 (Build 7638.2: Service Pack 2)"}
  ],
  "directorySynchronization": true,
  "forestFunctionalLevel": "Windows Server 2003",
  "verifiedDomains": ["contoso.com"],
  "federatedDomains": [],
  "outlookAnywhere": {"enabled": true, "externalHostName": "mail.contoso.com", "certificateTrusted": true, "certificateName": "mail.contoso.com"},
  "migrationAccount": {"name": "CONTOSO\\migadmin", "domainAdmin": false, "mailboxAccess": "ReceiveAs"},
  "requiredFeatures": [],
  "publicFolders": 1204,
  "dynamicDistributionGroups": 14,
  "uplinkMbps": 100,
  "outlookCachedMode": true
}
`
