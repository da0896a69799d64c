package synth

import (
	"fmt"
	"io"
	"strings"
)

// WriteWMI writes what the class Exchange_Mailbox of WMI tells of mailboxes, as
// PowerShell asks for it:
//
//	Get-WmiObject -Namespace root\MicrosoftExchangeV2 -Class Exchange_Mailbox -ComputerName OLDEX01 |
//	    Select LegacyDN, MailboxGUID, ... | Export-Csv statistics.csv -NoTypeInformation -Encoding UTF8
//
// Only Exchange 2003 has that class; to have sizes for a whole organization that a
// directory lists, the other servers answer here too. Sizes are in KB and rounded
// down, so that they are up to 1,023 bytes smaller than those of the shell.
//
// Source: learn.microsoft.com, previous-versions of the Exchange Server 2003 SDK,
// aa143732 (the class) and aa144767 (Size, which says bytes; every script reads
// KB). The GUID is in braces and capitals, as scripts put it into object paths;
// times are in the form of DMTF.
func (o *Organization) WriteWMI(w io.Writer, f Format) error {
	e := newExporter(w, f, "Selected.System.Management.ManagementObject")
	e.row("LegacyDN", "MailboxGUID", "ServerName", "StoreName", "MailboxDisplayName", "Size", "TotalItems", "DateDiscoveredAbsentInDS")
	for _, server := range servers {
		for i, m := range o.statisticsOf(server) {
			size := fmt.Sprint(m.Size >> 10)
			if o.lacksSize(i) {
				size = noSize
			}
			e.row(m.statisticsDN(), "{"+strings.ToUpper(m.ExchangeID)+"}", m.Server, m.store(), m.DisplayName, size,
				fmt.Sprint(m.Items), m.disconnected("20060102150405.000000+000"))
		}
	}
	return e.finish()
}

// store is the name of the database alone.
func (m *Mailbox) store() string {
	if m.Database == "" { // what is not somebody's is in the first
		return "Mailbox Database 1"
	}
	return m.Database[strings.LastIndex(m.Database, `\`)+1:]
}
