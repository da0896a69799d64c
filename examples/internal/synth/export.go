package synth

import (
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
)

const (
	exchangeOrg   = "/o=Contoso"
	adminGroup    = exchangeOrg + "/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)"
	cultureFormat = "1/2/2006 3:04:05 PM"
)

func (m *Mailbox) legacyDN() string { return adminGroup + "/cn=Recipients/cn=" + m.Alias }

// name is the account's name, which others in the organization may have too.
func (m *Mailbox) name() string { return strings.TrimSpace(m.First + " " + m.Last) }

// path is the canonical name, which the shell calls Identity.
func (m *Mailbox) path() string {
	return fmt.Sprintf("%s/Division %d/%s", domain, m.Division+1, m.name())
}

// typedAddress is the primary address as people have typed it, or nothing in the
// row that is to have none.
func (o *Organization) typedAddress(i int) string {
	address := o.Mailboxes[i].Address
	switch {
	case o.lacksAddress(i):
		return ""
	case i%7 == 3:
		return strings.ToUpper(address[:1]) + address[1:]
	}
	return address
}

// lacksAddress and lacksSize pick the mailboxes of the two bad rows.
func (o *Organization) lacksAddress(i int) bool {
	return len(o.Mailboxes) >= badRowsFrom && i == len(o.Mailboxes)/2
}

func (o *Organization) lacksSize(i int) bool {
	return len(o.Mailboxes) >= badRowsFrom && i == len(o.Mailboxes)/3
}

// noSize is what stands for the size that is no size.
const noSize = "12 items"

func boolText(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// WriteMailboxes writes what Get-Mailbox -ResultSize Unlimited | Export-Csv
// gives, with the columns that most admins keep. Collections come out as the name
// of their type, and null as nothing.
//
// Sources: MicrosoftDocs/office-docs-powershell,
// exchange/docs-conceptual/filter-properties.md, for the properties, and
// PowerShell/PowerShell, src/Microsoft.PowerShell.Commands.Utility/commands/utility/
// CsvCommands.cs, for the quotes. That Exchange 2007 writes unlimited in lower case
// and databases with server and storage group is presumed.
func (o *Organization) WriteMailboxes(w io.Writer, f Format) error {
	e := newExporter(w, f, "Selected.Microsoft.Exchange.Data.Directory.Management.Mailbox")
	e.row("Database", "ExchangeGuid", "ForwardingAddress", "ProhibitSendQuota", "IsMailboxEnabled", "ServerName", "UMEnabled",
		"Alias", "CustomAttribute1", "CustomAttribute10", "DisplayName", "EmailAddresses", "HiddenFromAddressListsEnabled",
		"LegacyExchangeDN", "PrimarySmtpAddress", "RecipientType", "RecipientTypeDetails", "WindowsEmailAddress", "Identity",
		"ExchangeVersion", "Name", "WhenCreated")
	for i := range o.Mailboxes {
		m := &o.Mailboxes[i]
		address := o.typedAddress(i)
		e.row(m.Database, m.ExchangeID, null, "unlimited", "True", strings.ToLower(m.Server), boolText(m.UM),
			m.Alias, m.Note, "", m.DisplayName, "Microsoft.Exchange.Data.ProxyAddressCollection", boolText(m.Hidden),
			m.legacyDN(), address, "UserMailbox", m.Kind, address, m.path(),
			m.Version, m.name(), m.Created.Format(cultureFormat))
	}
	return e.finish()
}

// WriteStatistics writes what Get-MailboxStatistics | Export-Csv gives: the
// mailboxes by server, without addresses, among them those of Exchange itself.
// Sizes are in turn as Exchange 2007 and as later versions write them.
//
// Sources: blogs.technet.microsoft.com/evand/2006/09/07/byte-quantified-size-and-some-powershell-tricks
// and petri.com/get-mailboxstatistics-cmdlet-wrong for sizes, and learn.microsoft.com,
// previous-versions ff340341, for the columns.
func (o *Organization) WriteStatistics(w io.Writer, f Format) error {
	e := newExporter(w, f, "Microsoft.Exchange.Data.Mapi.MailboxStatistics")
	e.row("AssociatedItemCount", "DeletedItemCount", "DisconnectDate", "DisplayName", "ItemCount", "LegacyDN", "MailboxGuid",
		"ObjectClass", "StorageLimitStatus", "TotalDeletedItemSize", "TotalItemSize", "DatabaseName", "ServerName", "StorageGroupName")
	for _, server := range servers {
		for i, m := range o.statisticsOf(server) {
			size := fmt.Sprintf("%dB", m.Size)
			switch {
			case o.lacksSize(i):
				size = noSize
			case i >= 0 && i%2 != 0:
				size = newSize(m.Size)
			}
			e.row("12", "0", m.disconnected(cultureFormat), m.DisplayName, fmt.Sprint(m.Items), m.statisticsDN(), m.ExchangeID,
				"Mailbox, ExOleDbSystemMailbox", "BelowLimit", "0B", size, "Mailbox Database", m.Server, "First Storage Group")
		}
	}
	return e.finish()
}

// statisticsOf is everything that takes space on a server: first what is not a
// mailbox of somebody, with the index -1, then the mailboxes.
func (o *Organization) statisticsOf(server string) iter.Seq2[int, *Mailbox] {
	return func(yield func(int, *Mailbox) bool) {
		for i := range o.System {
			if m := &o.System[i]; m.Server == server && !yield(-1, m) {
				return
			}
		}
		for i := range o.Mailboxes {
			if m := &o.Mailboxes[i]; m.Server == server && !m.NoStats && !yield(i, m) {
				return
			}
		}
	}
}

// statisticsDN is the legacyExchangeDN as the store has it, in capitals.
func (m *Mailbox) statisticsDN() string {
	if m.Kind == "System" {
		return adminGroup + "/cn=Configuration/cn=Servers/cn=" + m.Server + "/cn=" + m.DisplayName
	}
	return strings.ToUpper(m.legacyDN())
}

// disconnected is when the mailbox lost its account, in a layout of the time
// package, or null.
func (m *Mailbox) disconnected(layout string) string {
	if m.Gone.IsZero() {
		return null
	}
	return m.Gone.Format(layout)
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

// Facts returns the organization's own file of facts, with gaps that rules will ask
// about. There is a fortnight for each 5,000 mailboxes that are begun, and what follows
// the last batch comes after that.
func (o *Organization) Facts() string {
	fortnights := max(1, (len(o.Mailboxes)+4999)/5000)
	start := time.Date(2026, time.March, 6, 18, 0, 0, 0, time.UTC)
	end := start.AddDate(0, 0, 14*fortnights)
	day := func(t time.Time) string { return t.Format(time.RFC3339) }
	return fmt.Sprintf(facts, len(o.Mailboxes)*3/2, 14*24*fortnights, day(start), day(end), day(end.AddDate(0, 0, 1)), day(end.AddDate(0, 3, 0)))
}

const facts = `{
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
  "writableDomainController": true,
  "netBIOSDomainName": "CONTOSO",
  "directoryObjects": %d,
  "sqlExpress": false,
  "verifiedDomains": ["contoso.com"],
  "federatedDomains": [],
  "subscription": "Office 365 E3",
  "outlookAnywhere": {
    "enabled": true, "externalHostName": "mail.contoso.com", "certificateTrusted": true, "certificateName": "mail.contoso.com",
    "openPorts": [6001, 6002, 6004]
  },
  "migrationAccount": {"name": "CONTOSO\\migadmin", "domainAdmin": false, "mailboxAccess": "ReceiveAs"},
  "endpoint": {"maxConcurrentMigrations": 20, "maxConcurrentIncrementalSyncs": 20, "autodiscover": false, "capacityMeasured": true},
  "sourceConnections": {"total": 200, "perAddress": 100},
  "requiredFeatures": [],
  "publicFolders": 1204,
  "dynamicDistributionGroups": 14,
  "uplinkMbps": 100,
  "mxTTLSeconds": 86400,
  "windowHours": %d,
  "procedure": {
    "start": "%s",
    "batchFiles": true,
    "finalization": false,
    "pilotMailboxes": 3,
    "queueHours": 2,
    "mxSwitch": "%s",
    "autodiscoverSwitch": "%s",
    "decommission": "%s",
    "directorySyncStays": false
  },
  "outlookCachedMode": true
}
`
