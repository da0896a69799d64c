package rules

import (
	"iter"
	"strings"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

// batchRow is a row of a batch file, taken apart. A cell whose column is not in the file
// is nil.
type batchRow struct {
	line                             int
	email, password, force, username *FileCell
	address                          inventory.Address // in email; "" if that is none
	source                           inventory.Address // that the service looks up on the source side; "" if there is none
}

// rows returns the rows that have as many cells as the header. The service rejects a
// file that has others, and what is in which of their cells is anybody's guess.
func (f *BatchFile) rows() iter.Seq[*batchRow] {
	columns := [...]int{
		f.Column(ColumnEmailAddress), f.Column(ColumnPassword), f.Column(ColumnForceChangePassword), f.Column(ColumnUsername),
	}
	return func(yield func(*batchRow) bool) {
		for i := range f.Rows {
			row := &f.Rows[i]
			if len(row.Cells) != len(f.Header) {
				continue
			}
			r := &batchRow{line: row.Line}
			for j, cell := range []**FileCell{&r.email, &r.password, &r.force, &r.username} {
				if columns[j] >= 0 {
					*cell = &row.Cells[columns[j]]
				}
			}
			r.address = cellAddress(r.email)
			if r.source = r.address; r.username != nil && r.username.Value() != "" {
				r.source = cellAddress(r.username)
			}
			if !yield(r) {
				return
			}
		}
	}
}

// cellAddress returns the address in a cell, "" if there is none. The service takes an
// address as it stands, without the prefix and the blanks that other exports have.
func cellAddress(c *FileCell) inventory.Address {
	if c == nil {
		return ""
	}
	a, _ := inventory.ParseAddress(c.Value()) // "" if it is none
	if strings.ToLower(c.Value()) != string(a) {
		return ""
	}
	return a
}

// at returns a finding about a cell of the row, with a message as of fmt.Sprintf. It has
// no commands: what is wrong is in the file.
func (r *batchRow) at(f *BatchFile, c *FileCell, format string, args ...any) Finding {
	finding := f.at(ScopeRow, c.Line, c.Column, format, args...)
	finding.Subject, finding.Commands = string(r.address), []powershell.Command{}
	return finding
}

func csvAddressNotSourcePrimary() *Rule {
	return &Rule{
		Name: "csv-address-not-source-primary",
		Doc: "A row of a batch file names a mailbox by its address: its primary address, which is also its WindowsEmailAddress (the " +
			"attribute mail), and which no other mailbox has. A batch file of package csvio has the primary address.",
		Why: "The service looks the address up on both sides. Where it finds none the row fails: \"A source e-mail address couldn't be " +
			"found in the on-premises domain\", or \"A valid primary e-mail address couldn't be found in the cloud-based service\".",
		URL: urlCSV,
		Sources: []string{
			docsExchange + "csv-files-for-migration.md, line 72; perform-a-staged-migration.md, line 155",
			"Troubleshoot Active Migration Errors, help.outlook.com, 2012",
		},
		Doubt: "One page wants the primary address of the on-premises mailbox, another its WindowsEmailAddress; where the two differ " +
			"one of them fails. The steps of the new admin center even ask for that of an existing Microsoft 365 mailbox.",
		Severity: Blocker,
		Remedy:   "Name the mailbox by its primary address, and make that its WindowsEmailAddress. Then let a synchronization run.",
		Remedy2003: "Active Directory Users and Computers has both: the primary address among the user's E-mail Addresses, the attribute " +
			"mail on the page General.",
		Commands: []powershell.Command{{Shell: powershell.Exchange2007, Cmdlet: "Set-Mailbox",
			Parameters: []powershell.Parameter{powershell.Item("Identity"), powershell.Item("WindowsEmailAddress")}}},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch m.WindowsEmailAddress {
			case m.Address:
			case "":
				p.Report(Finding{Severity: Warning, Unverified: true,
					Message: "Whether its WindowsEmailAddress is its primary address is not known; export WindowsEmailAddress with Get-Mailbox."})
			default:
				p.Report(Finding{Severity: Warning,
					Message: text("Its WindowsEmailAddress is %s, not its primary address.", []any{m.WindowsEmailAddress})})
			}
		},
		File: checkAddresses,
	}
}

// checkAddresses checks the addresses of a batch file against the inventory, if there
// is one.
func checkAddresses(p *Pass, f *BatchFile) {
	known := indexAddresses(p.Inventory)
	unchecked := 0
	for r := range f.rows() {
		if r.email == nil {
			continue
		}
		bad := false
		for _, c := range []*FileCell{r.email, r.username} {
			if why := addressFault(c); why != "" && (c == r.email || c.Value() != "") {
				p.Report(r.at(f, c, "%s", why))
				bad = true
			}
		}
		switch {
		case bad:
		case p.Inventory.Len() == 0:
			unchecked++
		default:
			checkSource(p, f, r, known)
		}
	}
	if unchecked > 0 {
		finding := f.at(ScopeFile, 0, 0, "Whether its %s are those of mailboxes is not known; give the exports of the mailboxes.",
			counted(unchecked, "address"))
		finding.Severity, finding.Unverified = Task, true
		p.Report(finding)
	}
}

// addressFault says what keeps a cell from having an address, without what is in it,
// which may be a password.
func addressFault(c *FileCell) string {
	if c == nil || cellAddress(c) != "" {
		return ""
	}
	switch v := c.Value(); {
	case strings.TrimSpace(v) == "":
		return "The address is blank."
	case strings.TrimSpace(v) != v:
		return "The address has blanks before or behind it inside its quotes."
	case !strings.Contains(v, "@"):
		return "This is no SMTP address: there is no @ in it."
	case strings.ContainsAny(v, ";,\t"):
		return "This is no SMTP address: it holds several values."
	}
	return "This is no SMTP address that a mailbox can have."
}

// addressIndex finds mailboxes by address.
type addressIndex struct {
	inv  *inventory.Inventory
	mail map[inventory.Address][]*inventory.Mailbox // by WindowsEmailAddress where that is not the primary address
}

func indexAddresses(inv *inventory.Inventory) addressIndex {
	x := addressIndex{inv, make(map[inventory.Address][]*inventory.Mailbox)}
	for m := range inv.Mailboxes() {
		if w := m.WindowsEmailAddress; w != "" && w != m.Address {
			x.mail[w] = append(x.mail[w], m)
		}
	}
	return x
}

// checkSource reports what is wrong with the address by which a row names a mailbox.
func checkSource(p *Pass, f *BatchFile, r *batchRow, known addressIndex) {
	cell := r.email
	if r.source != r.address {
		cell = r.username
	}
	m, found := known.inv.Lookup(r.source)
	primary := found && m.Address == r.source
	others := known.mail[r.source]
	switch {
	case primary && len(others) > 0:
		p.Report(r.at(f, cell, "%s is the primary address of one mailbox and the WindowsEmailAddress of %s.", r.source, others[0].Address))
	case len(others) > 1:
		p.Report(r.at(f, cell, "%s is the WindowsEmailAddress of several mailboxes: %s and %s.", r.source, others[0].Address, others[1].Address))
	case primary && m.WindowsEmailAddress != "" && m.WindowsEmailAddress != r.source:
		finding := r.at(f, cell, "%s is the primary address of its mailbox, but %s is its WindowsEmailAddress.", r.source, m.WindowsEmailAddress)
		finding.Severity = Warning
		p.Report(finding)
	case primary:
	case len(others) == 1:
		finding := r.at(f, cell, "%s is the WindowsEmailAddress of a mailbox whose primary address is %s.", r.source, others[0].Address)
		finding.Severity = Warning
		p.Report(finding)
	case found:
		p.Report(r.at(f, cell, "%s is a further address of a mailbox; its primary address is %s.", r.source, m.Address))
	case strings.HasSuffix(r.source.Domain(), ".onmicrosoft.com"):
		p.Report(r.at(f, cell, "%s is an address of the tenant; no mailbox of the old side has it.", r.source))
	default:
		p.Report(r.at(f, cell, "No mailbox has the address %s.", r.source))
	}
}

func csvDuplicateMailbox() *Rule {
	return &Rule{
		Name: "csv-duplicate-mailbox",
		Doc:  "A mailbox is in one row of one batch, without regard to the case of its address, as long as the batch is there.",
		Why: "While the batch runs, the service fails the further rows of a file that name the same mailbox, and a row whose mailbox is " +
			"in another batch.",
		Sources: []string{
			docsPowerShell + "New-MigrationBatch.md, on Users, UserIds and DisableOnCopy",
			observed,
		},
		Doubt: "That an address may be there only once is not a published rule: servers were observed to ask for it, and field reports quote " +
			"the error that the user is already included in another migration batch. The only documented way to put a user into a second " +
			"batch is New-MigrationBatch -Users.",
		Severity: Blocker,
		Scope:    ScopeFile,
		Remedy: "Take out all rows for the mailbox but one. To migrate again users that have failed, create a batch with " +
			"New-MigrationBatch -Users (Get-MigrationUser -Status Failed).",
		Packing: func(p *Pass, packing *batch.Packing) {
			in := make(map[inventory.Address]string)
			for _, b := range packing.Batches {
				for _, m := range b.Mailboxes {
					if first, twice := in[m.Address]; twice {
						p.Report(Finding{Scope: ScopeMailbox, Subject: string(m.Address),
							Message: text("It is in a batch twice: in %s and in %s.", []any{first, b.Name})})
						continue
					}
					in[m.Address] = b.Name
				}
			}
		},
		File:   checkRowsTwice,
		Status: checkLiveBatches,
	}
}

// checkRowsTwice reports the rows of a batch file whose mailbox an earlier one names.
func checkRowsTwice(p *Pass, f *BatchFile) {
	lines := make(map[inventory.Address]int)
	for r := range f.rows() {
		if r.address == "" {
			continue
		}
		mailbox := r.address
		if m, ok := p.Inventory.Lookup(mailbox); ok {
			mailbox = m.Address
		}
		if first, twice := lines[mailbox]; twice {
			p.Report(r.at(f, r.email, "Line %d already names this mailbox.", first))
			continue
		}
		lines[mailbox] = r.line
	}
}

// checkLiveBatches reports users that are in two batches which both still work for them.
// One whose migration failed or was stopped may be tried again in another batch.
func checkLiveBatches(p *Pass, s *inventory.Status) {
	in := make(map[inventory.Address]*inventory.MigrationUser)
	for i := range s.Users {
		u := &s.Users[i]
		if u.Batch == "" || u.State.Is(inventory.Failed, inventory.Stopped, inventory.Corrupted, inventory.Removing) {
			continue
		}
		first, twice := in[u.Address]
		switch {
		case !twice:
			in[u.Address] = u
		case strings.EqualFold(first.Batch, u.Batch):
		case first.State == "" || u.State == "":
			p.reportUser(u, Finding{Severity: Task, Phase: During, Unverified: true, Message: text(
				"It is in %s and in %s; whether both still work for it is not known: give state.", []any{first.Batch, u.Batch})})
		default:
			p.reportUser(u, Finding{Phase: During, Message: text(
				"It is in two batches: in %s, where it is %s, and in %s, where it is %s.", []any{first.Batch, first.State, u.Batch, u.State}),
				Remedy: "Take the user out of one of them with Remove-MigrationUser."})
		}
	}
}

func csvScopeBypass(params Params) *Rule {
	return &Rule{
		Name: "csv-scope-bypass",
		Doc:  "A batch file names mailboxes that the operator who creates the batch may manage, and no others.",
		Why: "The service does not look at the management scope of the operator: it migrates every mailbox that is listed. Whoever can " +
			"write to the file is in effect an administrator of all mailboxes.",
		URL: urlCSV,
		Sources: []string{
			docsExchange + "csv-files-for-migration.md, line 62",
			docsPowerShell + "New-MigrationBatch.md",
		},
		Severity: Warning,
		Scope:    ScopeFile,
		Remedy: "Have somebody review the list, and keep the file where only administrators can write. Passwords in it are in clear " +
			"text.",
		File: func(p *Pass, f *BatchFile) {
			unknown, all := 0, 0
			for r := range f.rows() {
				if r.source == "" {
					continue
				}
				all++
				in := inventory.Unknown
				if params.InScope != nil {
					in = params.InScope(r.source)
				}
				switch in {
				case inventory.No:
					p.Report(r.at(f, r.email, "The operator may not manage %s, and the service migrates it all the same.", r.source))
				case inventory.Unknown:
					unknown++
				}
			}
			if unknown > 0 {
				finding := f.at(ScopeFile, 0, 0, "Whether the operator may manage %d of the %s is not known, and the service does not ask; "+
					"give Params.InScope, or review the list.", unknown, counted(all, "mailbox"))
				finding.Severity, finding.Unverified = Task, true
				p.Report(finding)
			}
		},
	}
}
