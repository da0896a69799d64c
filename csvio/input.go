package csvio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// File is an export under its name.
type File struct {
	Name   string // for messages and Sources
	Reader io.Reader
}

// Exports are the files that describe an organization.
type Exports struct {
	Organization *File  // JSON; see [ReadOrganization]; nil leaves all facts unknown
	Mailboxes    []File // see [Mailboxes]
	Statistics   []File // see [Statistics]
	Grants       []File // see [Grants]

	// MaxBadRows bounds how many bad rows are kept one by one; all are counted.
	// 0 means 10,000.
	MaxBadRows int
}

// Input is what was read.
type Input struct {
	Inventory *inventory.Inventory
	BadRows   []*RowError // in the order of reading, the first Exports.MaxBadRows
	BadCount  int         // of all bad rows
	Files     []FileReport
}

// FileReport says what became of the rows of a file: Rows is the sum of Used,
// Bad, and those in Skipped.
type FileReport struct {
	Name      string
	Rows      int
	Used, Bad int
	Skipped   []Skipped // by reason, in the order of their first rows
}

// Skipped says why rows that could be read were not used.
type Skipped struct {
	Reason string
	Rows   int
	First  int // line of the first
}

// ReadInventory reads all exports of an organization, each in turn from start to
// end, and joins them.
//
// Statistics are joined to mailboxes by legacyExchangeDN or mailbox GUID, without
// regard to case, or by address where an export has it. A mailbox without a row
// of statistics keeps an unknown size. Rows of system mailboxes, disconnected
// ones, archives, and mailboxes that are not in the inventory are skipped.
//
// A row that cannot be read is bad and left out. So is a mailbox whose address an
// earlier row has, a row of statistics that several mailboxes could own, and one
// that contradicts an earlier one.
//
// A file that cannot be read at all is an error; all files are read to find all
// such errors, of which each is a [RowError]. The Input then comes without an
// Inventory. A canceled context ends reading with the context's cause.
func ReadInventory(ctx context.Context, e Exports) (*Input, error) {
	j := &joiner{
		ctx: ctx, in: &Input{}, maxBad: e.MaxBadRows,
		byAddress: make(map[inventory.Address]int32),
		byKey:     make(map[string]int32),
	}
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
		errs = append(errs, read(j, f, Mailboxes, j.addMailbox))
	}
	j.rows = make([]*MailboxStatistics, len(j.mailboxes))
	for _, f := range e.Statistics {
		errs = append(errs, read(j, f, Statistics, j.addStatistics))
	}
	for _, f := range e.Grants {
		errs = append(errs, read(j, f, Grants, j.addGrant))
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if err := errors.Join(errs...); err != nil {
		return j.in, err
	}
	inv, err := inventory.New(org, j.mailboxes, j.grants)
	if err != nil {
		return j.in, err
	}
	j.in.Inventory = inv
	return j.in, nil
}

// joiner collects what the files say.
type joiner struct {
	ctx    context.Context
	in     *Input
	maxBad int
	report *FileReport // of the file being read
	line   int         // of the row being added

	mailboxes []inventory.Mailbox
	byAddress map[inventory.Address]int32
	byKey     map[string]int32     // by legacyExchangeDN or GUID in lower case; several if more than one has it
	rows      []*MailboxStatistics // that a mailbox got its size from
	grants    []inventory.Grant
}

// several marks a key of more than one mailbox.
const several = int32(-1)

// read reads one file and passes its rows on to add, which sets j.line and returns
// why it skips a row, or an error if the row is bad.
func read[T any](j *joiner, f File, rows func(io.Reader, *ReadOptions) iter.Seq2[*T, error], add func(*T) (skip string, err error)) error {
	j.in.Files = append(j.in.Files, FileReport{Name: f.Name})
	j.report = &j.in.Files[len(j.in.Files)-1]
	n := 0
	for row, err := range rows(f.Reader, &ReadOptions{File: f.Name, Bad: j.bad}) {
		if err != nil {
			return err
		}
		if n++; n%1024 == 0 && j.ctx.Err() != nil {
			return context.Cause(j.ctx)
		}
		skip, err := add(row)
		if err != nil {
			j.bad(&RowError{f.Name, j.line, 1, "", err})
			continue
		}
		j.report.Rows++
		if skip == "" {
			j.report.Used++
		} else {
			j.report.skip(skip, j.line)
		}
	}
	return nil
}

func (r *FileReport) skip(reason string, line int) {
	for i := range r.Skipped {
		if r.Skipped[i].Reason == reason {
			r.Skipped[i].Rows++
			return
		}
	}
	r.Skipped = append(r.Skipped, Skipped{Reason: reason, Rows: 1, First: line})
}

func (j *joiner) bad(e *RowError) {
	j.report.Rows++
	j.report.Bad++
	if j.in.BadCount++; j.in.BadCount <= j.maxBad {
		j.in.BadRows = append(j.in.BadRows, e)
	}
}

func (j *joiner) addMailbox(m *inventory.Mailbox) (skip string, err error) {
	j.line = m.Source.Line
	if first, twice := j.byAddress[m.Address]; twice {
		return "", fmt.Errorf("%w: mailbox %s, from %s", ErrDuplicate, m.Address, j.mailboxes[first].Source)
	}
	i := int32(len(j.mailboxes))
	j.mailboxes = append(j.mailboxes, *m)
	j.byAddress[m.Address] = i
	for _, key := range []string{strings.ToLower(m.LegacyDN), m.GUID} {
		if _, taken := j.byKey[key]; taken {
			j.byKey[key] = several
		} else if key != "" {
			j.byKey[key] = i
		}
	}
	return "", nil
}

// Reasons to skip a row of statistics.
const (
	skipSystem       = "system mailbox"
	skipDisconnected = "disconnected mailbox"
	skipArchive      = "archive"
	skipUnknown      = "mailbox that no mailbox export has"
	skipRepeated     = "the same again"
	skipSelf         = "right of a mailbox on itself"
)

func (j *joiner) addStatistics(row *MailboxStatistics) (skip string, err error) {
	j.line = row.Source.Line
	switch {
	case row.System:
		return skipSystem, nil
	case row.Disconnected:
		return skipDisconnected, nil
	case row.Archive:
		return skipArchive, nil
	}
	i, ok := j.owner(row)
	if !ok {
		return skipUnknown, nil
	}
	if i == several {
		return "", fmt.Errorf("%w: more than one mailbox has the LegacyDN or GUID of %q", ErrDuplicate, row.DisplayName)
	}
	m := &j.mailboxes[i]
	if earlier := j.rows[i]; earlier != nil {
		if earlier.Size == row.Size && earlier.Items == row.Items {
			return skipRepeated, nil
		}
		return "", fmt.Errorf("%w: other statistics of %s, from %s", ErrDuplicate, m.Address, earlier.Source)
	}
	j.rows[i] = row
	m.Size, m.Items = row.Size, row.Items
	if m.Server == "" {
		m.Server = row.Server
	}
	if m.Database == "" {
		m.Database = row.Database
	}
	return "", nil
}

// owner returns the mailbox that a row of statistics is about: the one that a key
// of the row names alone, or several if it has only keys that do not.
func (j *joiner) owner(row *MailboxStatistics) (owner int32, ok bool) {
	for _, key := range []string{strings.ToLower(row.LegacyDN), row.GUID} {
		if i, found := j.byKey[key]; found {
			if owner, ok = i, true; i != several {
				return owner, true
			}
		}
	}
	if i, found := j.byAddress[row.Address]; found {
		return i, true
	}
	return owner, ok
}

func (j *joiner) addGrant(g *inventory.Grant) (skip string, err error) {
	j.line = g.Source.Line
	j.grants = append(j.grants, *g)
	if g.Mailbox == g.Trustee {
		return skipSelf, nil
	}
	return "", nil
}
