package synth

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteUM writes what Get-UMMailbox | Export-Csv gives, which lists only mailboxes
// that are enabled for unified messaging.
//
// Source: MicrosoftDocs/office-docs-powershell, exchange/exchange-ps/
// ExchangePowerShell/Get-UMMailbox.md, for what is listed; the choice of columns is
// presumed.
func (o *Organization) WriteUM(w io.Writer, f Format) error {
	e := newExporter(w, f, "Microsoft.Exchange.Data.Directory.Management.UMMailbox")
	e.row("DisplayName", "LegacyExchangeDN", "PrimarySmtpAddress", "SamAccountName", "ServerName", "UMEnabled",
		"UMMailboxPolicy", "Extensions", "Identity")
	for i := range o.Mailboxes {
		if m := &o.Mailboxes[i]; m.UM {
			e.row(m.DisplayName, m.legacyDN(), o.typedAddress(i), m.Alias, strings.ToLower(m.Server), "True",
				"Contoso Default Policy", "Microsoft.Exchange.Data.MultiValuedProperty`1[System.String]", m.path())
		}
	}
	return e.finish()
}

// WriteCAS writes what Get-CASMailbox -ResultSize Unlimited | Export-Csv gives.
// HasActiveSyncDevicePartnership is what Exchange 2010 and later say of it.
//
// Source: MicrosoftDocs/office-docs-powershell, exchange/docs-conceptual/
// filter-properties.md; the choice of the other columns is presumed.
func (o *Organization) WriteCAS(w io.Writer, f Format) error {
	e := newExporter(w, f, "Microsoft.Exchange.Data.Directory.Management.CASMailbox")
	e.row("ActiveSyncEnabled", "HasActiveSyncDevicePartnership", "DisplayName", "ImapEnabled", "LegacyExchangeDN", "MAPIEnabled",
		"OWAEnabled", "PopEnabled", "PrimarySmtpAddress", "SamAccountName", "ServerName", "Identity")
	for i := range o.Mailboxes {
		m := &o.Mailboxes[i]
		e.row("True", boolText(m.Devices > 0), m.DisplayName, "False", m.legacyDN(), "True",
			"True", "False", o.typedAddress(i), m.Alias, strings.ToLower(m.Server), m.path())
	}
	return e.finish()
}

// deviceTypes are kinds of devices and what they call themselves.
var deviceTypes = [][2]string{{"PocketPC", "MSFT-PPC/5.2.5082"}, {"iPhone", "Apple-iPhone/701.341"}, {"NokiaE71", "MailforExchange"}}

// WriteDevices writes what Get-ActiveSyncDeviceStatistics gives for each mailbox: a
// row for each device. The cmdlet does not say whose it is, so admins call it in a
// loop and add a column. Some rows have a password for recovery, which nobody who
// reads the file should repeat.
//
// Source: learn.microsoft.com, previous-versions aa996908, for the times and
// DeviceFriendlyName; the columns from DeviceType on are presumed.
func (o *Organization) WriteDevices(w io.Writer, f Format) error {
	e := newExporter(w, f, "System.Management.Automation.PSCustomObject")
	e.row("Mailbox", "FirstSyncTime", "LastPolicyUpdateTime", "LastSyncAttemptTime", "LastSuccessSync", "DeviceFriendlyName",
		"DeviceType", "DeviceID", "DeviceUserAgent", "RecoveryPassword")
	for i := range o.Mailboxes {
		m := &o.Mailboxes[i]
		for n := range m.Devices {
			kind := deviceTypes[(i+n)%len(deviceTypes)]
			first := m.Created.AddDate(0, n, 0).Format(cultureFormat)
			last := time.Date(2009, 11, 1+i%28, 8+n, 0, 0, 0, time.UTC).Format(cultureFormat)
			password := null
			if i%10 == 0 {
				password = fmt.Sprintf("%016d", i)
			}
			id := strings.ToUpper(strings.ReplaceAll(m.GUID, "-", "")[n:][:28])
			e.row(o.typedAddress(i), first, first, last, last, kind[0]+" of "+m.First, kind[0], id, kind[1], password)
		}
	}
	return e.finish()
}

// WriteCloud writes what Get-Recipient -ResultSize Unlimited | Select | Export-Csv
// gives in Exchange Online: what directory synchronization has made of the
// mailboxes, and the mailbox for searches that every tenant has.
//
// Source: MicrosoftDocs/office-docs-powershell, exchange/exchange-ps/
// ExchangePowerShell/Get-Recipient.md.
func (o *Organization) WriteCloud(w io.Writer, f Format) error {
	e := newExporter(w, f, "Selected.Deserialized.Microsoft.Exchange.Data.Directory.Management.ReducedRecipient")
	e.row("Name", "DisplayName", "Alias", "PrimarySmtpAddress", "ExternalEmailAddress", "RecipientType", "RecipientTypeDetails")
	search := "DiscoverySearchMailbox{D919BA05-46A6-415f-80AD-7E09334BB852}"
	e.row(search, "Discovery Search Mailbox", search, search+"@contoso.onmicrosoft.com", null, "UserMailbox", "DiscoveryMailbox")
	for i := range o.Mailboxes {
		m := &o.Mailboxes[i]
		external := null
		if m.Cloud == "MailUser" {
			external = "SMTP:" + m.Address
		}
		if m.Cloud != "" {
			e.row(m.name(), m.DisplayName, m.Alias, m.Address, external, m.Cloud, m.Cloud)
		}
	}
	return e.finish()
}
