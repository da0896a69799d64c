package csvio

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/staged-migration/staged/inventory"
)

// joiner collects what the files say.
type joiner struct {
	ctx    context.Context
	in     *Input
	maxBad int
	report *FileReport // of the file being read
	line   int         // of the row being added

	exports *Exports
	named   bool // whether an export may call mailboxes by any name

	mailboxes  []inventory.Mailbox
	index      *index
	statistics []inventory.Source // where the size of each mailbox is from
	onBehalf   []onBehalf         // from the exports of mailboxes
	grants     grants
	devices    map[deviceKey]bool // that were counted
	fetched    int                // what fetching read, of no other use
}

// read reads one file and passes its rows on to add, which sets j.line and returns
// why it skips a row, or an error if the row is bad. The file is read ahead of that, and
// coming prepares for rows that are added next.
func read[T any](j *joiner, f File, rows func(io.Reader, *ReadOptions) iter.Seq2[*T, error], coming func([]T), add func(*T) (skip string, err error)) error {
	j.in.Files = append(j.in.Files, FileReport{Name: f.Name})
	j.report = &j.in.Files[len(j.in.Files)-1]
	name := cmp.Or(f.Name, unnamed)
	opts := ReadOptions{File: name, Bad: j.bad, Skip: j.skip, Warn: j.warn, CodePage: j.exports.CodePage, SizeUnit: j.exports.SizeUnit, Attributes: j.exports.Attributes}
	first := len(j.mailboxes)
	var exported func(attribute string) bool // of an export of a directory; set while the file is read, used behind its end
	opts.seen = func(in func(string) bool) { exported = in }
	if progress := j.exports.Progress; progress != nil {
		opts.Progress = func(bytes int64) { progress(name, bytes) }
	}
	err := readAhead(contextReader{j.ctx, f.Reader}, opts, rows, coming, func(row *T) {
		skip, err := add(row)
		switch {
		case err != nil:
			j.bad(placed(err, name, j.line))
		case skip != "":
			j.skip(skip, j.line)
		default:
			j.report.Rows++
			j.report.Used++
		}
	})
	if err != nil {
		return err
	}
	for i := first; exported != nil && i < len(j.mailboxes); i++ {
		j.settle(&j.mailboxes[i], exported)
	}
	return nil
}

// claimed is a mailbox of an export that has claimed its address.
type claimed struct {
	mailboxRow
	twice *duplicate // nil if nobody has its address yet
}

// duplicate says which mailbox has the address of another already, and where the other
// has it: an error without a cause.
type duplicate struct {
	first int32
	place error
}

// mailboxRows reads mailboxes, with their names if those are needed, and adds their
// addresses to the index. Nothing else uses those while mailboxes are read.
func (j *joiner) mailboxRows(r io.Reader, opts *ReadOptions) iter.Seq2[*claimed, error] {
	return func(yield func(*claimed, error) bool) {
		var row claimed
		for m, err := range mailboxRows(r, opts, j.named) {
			if err != nil {
				yield(nil, err)
				return
			}
			row = claimed{mailboxRow: *m}
			if first, taken := j.index.claimAddress(m.Address); taken {
				row.twice = &duplicate{first, m.at(nil)}
			}
			if !yield(&row, nil) {
				return
			}
		}
	}
}

// placed returns the error with a place: its own, if it has one.
func placed(err error, file string, line int) *RowError {
	if row, ok := err.(*RowError); ok {
		return row
	}
	return &RowError{file, line, 1, "", err}
}

func (j *joiner) skip(reason string, line int) {
	j.report.Rows++
	j.report.skip(reason, line)
}

func (j *joiner) warn(e *RowError) { j.in.Warnings = append(j.in.Warnings, e) }

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

func (j *joiner) bad(e *RowError) {
	j.report.Rows++
	j.report.Bad++
	if j.in.BadCount++; j.in.BadCount <= j.maxBad {
		j.in.BadRows = append(j.in.BadRows, e)
	}
}

func (j *joiner) addMailbox(m *claimed) (skip string, err error) {
	j.line = m.Source.Line
	if m.twice != nil {
		err := fmt.Errorf("%w: mailbox %s, from %s", ErrDuplicate, m.Address, j.mailboxes[m.twice.first].Source)
		if at, ok := m.twice.place.(*RowError); ok {
			at.Err = err
			return "", at
		}
		return "", err
	}
	i := int32(len(j.mailboxes))
	j.mailboxes = append(roomy(j.mailboxes), m.Mailbox)
	j.report.knows("type", m.Kind != "")
	j.report.knows("version", m.Version.Known())
	j.report.knows("hidden", m.HiddenFromAddressLists != inventory.Unknown)
	j.report.knows("Unified Messaging", m.UMEnabled != inventory.Unknown)
	j.report.knows("largest item", m.LargestItem.Known())
	j.report.knows("out of office", m.OutOfOffice != inventory.Unknown)
	j.report.knows("license", m.Licensed != inventory.Unknown)
	j.report.knows("Outlook", m.OutlookVersion.Known())
	j.index.add(i, &m.Mailbox, m.names)
	if m.names == nil {
		return "", nil
	}
	for _, user := range m.onBehalf {
		j.onBehalf = append(j.onBehalf, onBehalf{
			&Permission{Mailbox: string(m.Address), User: user, Right: inventory.SendOnBehalf, Source: m.Source, listed: true}, m.onBehalfAt,
		})
	}
	return "", nil
}

// roomy returns a list with room for more. It doubles: append grows a long list by a
// quarter, and so copies each element several times.
func roomy[T any](list []T) []T {
	if len(list) == cap(list) {
		return slices.Grow(list, max(len(list), 64))
	}
	return list
}

// Reasons to skip a row of statistics.
const (
	skipSystem       = "system mailbox"
	skipDisconnected = "disconnected mailbox"
	skipArchive      = "archive"
	skipUnknown      = "mailbox that no mailbox export has"
	skipStranger     = "right of somebody who is no mailbox here"
	skipRepeated     = "the same again"
	skipSelf         = "right of a mailbox on itself"
)

// fetchStatistics brings into the cache what adding statistics takes.
func (j *joiner) fetchStatistics(rows []MailboxStatistics) {
	key := func(i int) string { return rows[i].LegacyDN }
	j.fetched += j.index.byDN.fetch(len(rows), key, func(i int32) int {
		m := &j.mailboxes[i]
		return len(m.Server) + int(m.GUID[0]) + int(m.Size.Or(0)) + j.statistics[i].Line
	})
}

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
	if row.LegacyDN == "" && row.GUID.IsZero() && row.Address == "" {
		return j.addByDisplayName(row)
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

// addByDisplayName adds statistics that have no other name of their mailbox.
func (j *joiner) addByDisplayName(row *MailboxStatistics) (skip string, err error) {
	i, err := j.index.findDisplayName(row.DisplayName)
	switch {
	case err == errStranger:
		return skipUnknown, nil
	case err != nil:
		return "", fmt.Errorf("%q: %w", clip([]byte(row.DisplayName)), err)
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
	j.report.knows("size", row.Size.Known())
	j.report.knows("items", row.Items.Known())
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
	dn, byDN := j.index.byDN.find(row.LegacyDN)
	if byDN && dn != several && row.Address == "" && row.GUID == j.mailboxes[dn].GUID {
		return dn, true // its GUID can name no other
	}
	guid, byGUID := j.index.byGUID.find(row.GUID)
	address, byAddress := j.index.byAddress.find(string(row.Address))
	if !byAddress { // the schedule of Find-MailboxDelegates has WindowsEmailAddress for it
		address, byAddress = j.index.byProxy[row.Address]
	}
	for _, key := range []struct {
		mailbox int32
		found   bool
	}{{dn, byDN}, {guid, byGUID}, {address, byAddress}} {
		switch {
		case !key.found:
		case owner != several && key.mailbox != several && owner != key.mailbox:
			return several, true
		case key.mailbox != several:
			owner, ok = key.mailbox, true
		default:
			ok = true
		}
	}
	return owner, ok
}

// settle answers the facts that the object of a mailbox in a directory does not have,
// once the whole file has been read: the directory keeps what was set only, so that
// no is not there, unless the export does not have the attribute at all.
func (j *joiner) settle(m *inventory.Mailbox, exported func(attribute string) bool) {
	for _, f := range []struct {
		attribute, name string
		fact            *inventory.Fact
	}{
		{attributeHidden, "hidden", &m.HiddenFromAddressLists},
		{attributeUM, "Unified Messaging", &m.UMEnabled},
	} {
		if *f.fact == inventory.Unknown && exported(f.attribute) {
			*f.fact = inventory.No
			j.report.knows(f.name, true)
		}
	}
}
