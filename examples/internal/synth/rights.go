package synth

import (
	"fmt"
	"io"
)

// WriteMailboxPermissions writes what this gives:
//
//	Get-Mailbox -ResultSize Unlimited | Get-MailboxPermission |
//	    Select Identity, User, @{n="AccessRights"; e={$_.AccessRights -join ", "}}, IsInherited, Deny | Export-Csv
//
// Beside the grants of full access, each mailbox has the row of its owner and
// inherited ones, also such that deny full access to administrators; some have one
// of an account that is gone, of which only the SID is left.
//
// Source: MicrosoftDocs/office-docs-powershell, exchange/exchange-ps/
// ExchangePowerShell/Get-MailboxPermission.md.
func (o *Organization) WriteMailboxPermissions(w io.Writer, f Format) error {
	e := newExporter(w, f, "Selected.Microsoft.Exchange.Management.RecipientTasks.MailboxAcePresentationObject")
	e.row("Identity", "User", "AccessRights", "IsInherited", "Deny")
	identities, trustees := o.identities(), o.trustees(fullAccess)
	for i, identity := range identities {
		e.row(identity, `NT AUTHORITY\SELF`, "FullAccess, ReadPermission", "False", "False")
		for _, t := range trustees[i] {
			e.row(identity, o.Mailboxes[t].login(), "FullAccess", "False", "False")
		}
		if i%50 == 7 {
			e.row(identity, orphanSID(i), "FullAccess", "False", "False")
		}
		e.row(identity, `CONTOSO\Domain Admins`, "FullAccess", "True", "True")
		e.row(identity, `CONTOSO\Exchange Organization Administrators`, "FullAccess", "True", "True")
		e.row(identity, `NT AUTHORITY\SYSTEM`, "FullAccess", "True", "False")
	}
	return e.finish()
}

// WriteADPermissions writes what this gives:
//
//	Get-Mailbox -ResultSize Unlimited | Get-ADPermission |
//	    Select Identity, User, @{n="ExtendedRights"; e={$_.ExtendedRights -join ", "}}, IsInherited, Deny | Export-Csv
//
// Beside the grants of Send As, each account has the row of its owner and an
// inherited one without an extended right; some have one of an account that is
// gone.
//
// Source: MicrosoftDocs/office-docs-powershell, exchange/exchange-ps/
// ExchangePowerShell/Get-ADPermission.md.
func (o *Organization) WriteADPermissions(w io.Writer, f Format) error {
	e := newExporter(w, f, "Selected.Microsoft.Exchange.Management.RecipientTasks.ADAcePresentationObject")
	e.row("Identity", "User", "ExtendedRights", "IsInherited", "Deny")
	identities, trustees := o.identities(), o.trustees(sendAs)
	for i, identity := range identities {
		e.row(identity, `NT AUTHORITY\SELF`, "Send-As", "False", "False")
		for _, t := range trustees[i] {
			e.row(identity, o.Mailboxes[t].login(), "Send-As", "False", "False")
		}
		if i%50 == 7 {
			e.row(identity, orphanSID(i), "Send-As", "False", "False")
		}
		e.row(identity, `CONTOSO\Exchange Servers`, null, "True", "False")
	}
	return e.finish()
}

// identities are what permissions call the mailboxes: by their path, or by their
// address if another mailbox has the same path, which no real directory allows but
// mailboxes.csv does.
func (o *Organization) identities() []string {
	shared := o.pathsAreShared()
	identities := make([]string, len(o.Mailboxes))
	for i := range o.Mailboxes {
		identities[i] = o.Mailboxes[i].path()
		if shared[i] {
			identities[i] = o.Mailboxes[i].Address
		}
	}
	return identities
}

// login is the account's name with its domain.
func (m *Mailbox) login() string { return `CONTOSO\` + m.Alias }

func orphanSID(i int) string {
	return fmt.Sprintf("S-1-5-21-1844237615-1292428093-725345543-%d", 1000+i)
}
