package csvio

import (
	"cmp"
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
// regard to case, or by address where an export has it. Several rows may complete
// what is known of a mailbox; one without any keeps an unknown size. Rows of system
// mailboxes, disconnected ones, archives, and mailboxes that are not in the
// inventory are skipped.
//
// A row that cannot be read is bad and left out. So is a mailbox whose address an
// earlier row has, a row of statistics whose keys are those of several mailboxes,
// and one that contradicts an earlier one.
//
// A file that cannot be read at all is an error; all files are read to find all
// such errors, of which each is a [RowError]. The Input then comes without an
// Inventory. A canceled context ends reading with the context's cause.
func ReadInventory(ctx context.Context, e Exports) (*Input, error) {
	j := &joiner{
		ctx: ctx, in: &Input{}, maxBad: e.MaxBadRows,
		byAddress: make(map[string]int32), byDN: make(map[string]int32), byGUID: make(map[string]int32),
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
	j.statistics = make([]inventory.Source, len(j.mailboxes))
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

	mailboxes  []inventory.Mailbox
	byAddress  map[string]int32
	byDN       map[string]int32   // by legacyExchangeDN in lower case; several if more than one has it
	byGUID     map[string]int32   // likewise
	statistics []inventory.Source // where the size of each mailbox is from
	grants     []inventory.Grant
}

// several marks a key of more than one mailbox.
const several = int32(-1)

// read reads one file and passes its rows on to add, which sets j.line and returns
// why it skips a row, or an error if the row is bad.
func read[T any](j *joiner, f File, rows func(io.Reader, *ReadOptions) iter.Seq2[*T, error], add func(*T) (skip string, err error)) error {
	j.in.Files = append(j.in.Files, FileReport{Name: f.Name})
	j.report = &j.in.Files[len(j.in.Files)-1]
	name := cmp.Or(f.Name, unnamed)
	for row, err := range rows(contextReader{j.ctx, f.Reader}, &ReadOptions{File: name, Bad: j.bad}) {
		if err != nil {
			return err
		}
		skip, err := add(row)
		if err != nil {
			j.bad(&RowError{name, j.line, 1, "", err})
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

// contextReader ends reading when its context is canceled.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
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
	if first, twice := j.byAddress[string(m.Address)]; twice {
		return "", fmt.Errorf("%w: mailbox %s, from %s", ErrDuplicate, m.Address, j.mailboxes[first].Source)
	}
	i := int32(len(j.mailboxes))
	j.mailboxes = append(j.mailboxes, *m)
	j.byAddress[string(m.Address)] = i
	claim(j.byDN, strings.ToLower(m.LegacyDN), i)
	claim(j.byGUID, m.GUID, i)
	return "", nil
}

// claim makes a key that of mailbox i, unless another has it.
func claim(by map[string]int32, key string, i int32) {
	if _, taken := by[key]; taken {
		by[key] = several
	} else if key != "" {
		by[key] = i
	}
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
		return "", fmt.Errorf("%w: the LegacyDN, GUID and address of %q are those of more than one mailbox", ErrDuplicate, row.DisplayName)
	}
	return j.merge(i, row)
}

// merge adds what a row of statistics says to a mailbox. Rows of several exports
// may complete one another, and may not contradict one another.
func (j *joiner) merge(i int32, row *MailboxStatistics) (skip string, err error) {
	m := &j.mailboxes[i]
	if conflict(m.Size, row.Size) || conflict(m.Items, row.Items) {
		return "", fmt.Errorf("%w: other statistics of %s, from %s", ErrDuplicate, m.Address, j.statistics[i])
	}
	isNew := row.Size.Known() && !m.Size.Known() || row.Items.Known() && !m.Items.Known()
	if earlier := j.statistics[i] != (inventory.Source{}); earlier && !isNew {
		return skipRepeated, nil
	}
	j.statistics[i] = row.Source
	if row.Size.Known() {
		m.Size = row.Size
	}
	if row.Items.Known() {
		m.Items = row.Items
	}
	m.Server, m.Database = cmp.Or(m.Server, row.Server), cmp.Or(m.Database, row.Database)
	return "", nil
}

// conflict reports whether two values are known and differ.
func conflict[T comparable](a, b inventory.Opt[T]) bool { return a.Known() && b.Known() && a != b }

// owner returns the mailbox that a row of statistics is about: the one that its
// keys name. Keys that no mailbox has do not count, nor do keys that several have
// if another names one; several if that leaves none, or if keys name different
// mailboxes.
func (j *joiner) owner(row *MailboxStatistics) (owner int32, ok bool) {
	owner = several
	for _, k := range []struct {
		by  map[string]int32
		key string
	}{{j.byDN, strings.ToLower(row.LegacyDN)}, {j.byGUID, row.GUID}, {j.byAddress, string(row.Address)}} {
		i, found := k.by[k.key]
		if !found || k.key == "" {
			continue
		}
		ok = true
		if i == several {
			continue
		}
		if owner != several && owner != i {
			return several, true
		}
		owner = i
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
