package csvio

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"golang.org/x/text/encoding"

	"github.com/staged-migration/staged/inventory"
)

// File is an export under its name.
type File struct {
	Name   string    // for messages and Sources
	Reader io.Reader // used by no other file
}

// Exports are the files that describe an organization.
type Exports struct {
	Organization *File  // JSON; see [ReadOrganization]; nil leaves all facts unknown
	Mailboxes    []File // see [Mailboxes]
	Statistics   []File // see [Statistics]
	Grants       []File // see [Permissions]
	UM           []File // see [UMMailboxes]
	Devices      []File // see [Devices]
	Cloud        []File // see [CloudRecipients]

	// Attributes are those of [ReadOptions].
	Attributes []string

	// CodePage, SizeUnit and Progress are those of [ReadOptions], for all files but the
	// organization's; Progress says which file it is.
	CodePage encoding.Encoding
	SizeUnit inventory.Size
	Progress func(file string, bytes int64)

	// MaxBadRows bounds how many bad rows are kept one by one; all are counted.
	// 0 means 10,000.
	MaxBadRows int
}

// Input is what was read.
type Input struct {
	Inventory *inventory.Inventory
	BadRows   []*RowError // in the order of reading, the first Exports.MaxBadRows
	BadCount  int         // of all bad rows
	Warnings  []*RowError // what files have lost; see [ReadOptions.Warn]
	Files     []FileReport
}

// ReadInventory reads all exports of an organization, each in turn from start to
// end, and joins them. Before that it reads the beginnings of those of mailboxes,
// statistics and permissions, to see what names them.
//
// A file is read in a goroutine of its own, a little ahead of the joining; that has ended
// when ReadInventory returns. Progress is called from the calling goroutine, and what
// comes out does not depend on how many there are cores for. Time and memory are in
// proportion to the number of rows, but for sorting: a million mailboxes with their
// statistics and two million rights take some seconds, and less than 500 MB in the end.
//
// Statistics are joined to mailboxes by legacyExchangeDN or mailbox GUID, without
// regard to case, or by address where an export has it. Several rows may complete
// what is known of a mailbox; one without any keeps an unknown size. Rows of system
// mailboxes, disconnected ones, archives, and mailboxes that are not in the
// inventory are skipped.
//
// The ends of a permission are found by any name that the exports of mailboxes give:
// an address, a proxy address, userPrincipalName, DOMAIN\account, canonical name,
// distinguished name, legacyExchangeDN, GUID, alias, name, or display name. An address
// that no mailbox has is kept as it is: it may be that of a group, or of somebody
// outside. Any other name that no mailbox has is skipped.
//
// Exports of Unified Messaging, devices and the tenant's recipients are taken to be
// complete, each kind all files together: a mailbox that none of them mentions is not
// enabled, has no device, is not in the tenant, unless a row of that kind is bad.
// Get-CASMailbox says so itself for the mailboxes that it lists. A device that several
// rows have under the same DeviceId counts once.
//
// A row that cannot be read is bad and left out. So is a mailbox whose address an
// earlier row has, a row of statistics whose keys are those of several mailboxes or
// that contradicts an earlier one, and a permission with a name of several.
//
// A file that cannot be read at all is an error; all files are read to find all
// such errors, of which each is a [RowError]. The Input then comes without an
// Inventory. A canceled context ends reading with the context's cause.
func ReadInventory(ctx context.Context, e Exports) (*Input, error) {
	j := &joiner{
		ctx: ctx, in: &Input{}, maxBad: e.MaxBadRows,
		devices: make(map[deviceKey]bool),
		exports: &e,
	}
	j.index = newIndex(&j.mailboxes)
	j.grants.ends = make(map[string]end)
	j.named = needNames(ctx, &e)
	if j.maxBad == 0 {
		j.maxBad = 10_000
	}
	var errs []error
	var org inventory.Organization
	if e.Organization != nil {
		facts, err := ReadOrganization(e.Organization.Reader, e.Organization.Name)
		if err != nil {
			errs = append(errs, err)
		} else {
			org = *facts
		}
	}
	for _, f := range e.Mailboxes {
		errs = append(errs, read(j, f, j.mailboxRows, nothing, j.addMailbox))
	}
	j.addOnBehalf()
	j.statistics = make([]inventory.Source, len(j.mailboxes))
	for _, f := range e.Statistics {
		errs = append(errs, read(j, f, statisticsRows, j.fetchStatistics, j.addStatistics))
	}
	for _, f := range e.Grants {
		errs = append(errs, read(j, f, permissionRows, j.fetchPermissions, j.addPermission))
	}
	for _, f := range e.UM {
		errs = append(errs, read(j, f, UMMailboxes, nothing, j.addUM))
	}
	for _, f := range e.Devices {
		errs = append(errs, read(j, f, Devices, nothing, j.addDevice))
	}
	for _, f := range e.Cloud {
		errs = append(errs, read(j, f, CloudRecipients, nothing, j.addCloud))
	}
	j.completeSides()
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if err := errors.Join(errs...); err != nil {
		return j.in, err
	}
	inv, err := inventory.New(org, j.mailboxes, j.grants.all(j.index.addresses))
	if err != nil {
		return j.in, err
	}
	j.in.Inventory = inv
	return j.in, nil
}

// needNames reports whether an export calls mailboxes otherwise than by address,
// legacyExchangeDN or GUID, so that their other names are worth keeping. It looks at the
// headers of the files, which can be read from the beginning still.
func needNames(ctx context.Context, e *Exports) bool {
	e.Mailboxes, e.Grants, e.Statistics = slices.Clone(e.Mailboxes), slices.Clone(e.Grants), slices.Clone(e.Statistics)
	need := len(e.UM)+len(e.Devices) > 0
	look := func(files []File, needs func(*sheet) bool) {
		for i := range files {
			if s := peekSheet(ctx, &files[i], e.CodePage); s != nil {
				need = need || needs(s)
			}
		}
	}
	look(e.Mailboxes, func(s *sheet) bool {
		return s.find("grantsendonbehalfto") != absent || s.isCSVDE() || s.looksLikeLDIF()
	})
	look(e.Grants, func(s *sheet) bool {
		mailbox, _, _ := s.delegateColumns()
		return mailbox == absent
	})
	look(e.Statistics, func(s *sheet) bool {
		return s.find("legacydn", "legacyexchangedn", "mailboxguid", "exchangeguid", "primarysmtpaddress", "windowsemailaddress", "emailaddress", "mail") == absent
	})
	return need
}

// peekSheet returns a file as far as its header, nil if that cannot be read.
func peekSheet(ctx context.Context, f *File, codePage encoding.Encoding) *sheet {
	const enough = 64 << 10
	text := bufio.NewReaderSize(&sticky{r: contextReader{ctx, f.Reader}}, enough)
	f.Reader = text
	head, _ := text.Peek(enough) // an error comes again when the file is read
	o := &ReadOptions{CodePage: codePage}
	source, err := o.source(bytes.NewReader(head))
	if err != nil {
		return nil
	}
	s, err := openSheet(source, o)
	if err != nil {
		return nil
	}
	return s
}

// nothing fetches nothing.
func nothing[T any]([]T) {}
