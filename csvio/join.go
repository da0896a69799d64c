package csvio

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// joiner collects what the files say.
type joiner struct {
	ctx    context.Context
	in     *Input
	maxBad int
	report *FileReport // of the file being read
	line   int         // of the row being added

	exports  *Exports
	named    bool                        // whether an export may call mailboxes by any name
	exported func(attribute string) bool // of the export of a directory being read

	mailboxes  []inventory.Mailbox
	index      *index
	statistics []inventory.Source // where the size of each mailbox is from
	grants     []inventory.Grant
	onBehalf   []onBehalf                   // from the exports of mailboxes
	ends       map[string]inventory.Address // what names that are no primary address mean
	devices    map[deviceKey]bool           // that were counted
}

// read reads one file and passes its rows on to add, which sets j.line and returns
// why it skips a row, or an error if the row is bad.
func read[T any](j *joiner, f File, rows func(io.Reader, *ReadOptions) iter.Seq2[*T, error], add func(*T) (skip string, err error)) error {
	j.in.Files = append(j.in.Files, FileReport{Name: f.Name})
	j.report = &j.in.Files[len(j.in.Files)-1]
	name := cmp.Or(f.Name, unnamed)
	opts := &ReadOptions{File: name, Bad: j.bad, Skip: j.skip, Warn: j.warn, CodePage: j.exports.CodePage, SizeUnit: j.exports.SizeUnit}
	first := len(j.mailboxes)
	opts.seen = func(exported func(string) bool) { j.exported = exported }
	j.exported = nil
	if progress := j.exports.Progress; progress != nil {
		opts.Progress = func(bytes int64) { progress(name, bytes) }
	}
	for row, err := range rows(contextReader{j.ctx, f.Reader}, opts) {
		if err != nil {
			return err
		}
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
	}
	for i := first; j.exported != nil && i < len(j.mailboxes); i++ {
		j.settle(&j.mailboxes[i])
	}
	return nil
}

// mailboxRows reads mailboxes, with their names if those are needed.
func (j *joiner) mailboxRows(r io.Reader, opts *ReadOptions) iter.Seq2[*mailboxRow, error] {
	return mailboxRows(r, opts, j.named)
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

func (j *joiner) addMailbox(m *mailboxRow) (skip string, err error) {
	j.line = m.Source.Line
	if first, twice := j.index.byAddress.find(string(m.Address)); twice {
		return "", m.at(fmt.Errorf("%w: mailbox %s, from %s", ErrDuplicate, m.Address, j.mailboxes[first].Source))
	}
	i := int32(len(j.mailboxes))
	j.mailboxes = append(j.mailboxes, m.Mailbox)
	j.report.knows("type", m.Kind != "")
	j.report.knows("version", m.Version.Known())
	j.report.knows("hidden", m.HiddenFromAddressLists != inventory.Unknown)
	j.report.knows("Unified Messaging", m.UMEnabled != inventory.Unknown)
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
	if row.LegacyDN == "" && row.GUID == "" && row.Address == "" {
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

// addPermission adds the grant that a permission is between the mailboxes that its
// names mean.
func (j *joiner) addPermission(p *Permission) (skip string, err error) {
	j.line = p.Source.Line
	mailbox, err := j.end(p.Mailbox)
	switch {
	case err == errStranger:
		return skipUnknown, nil
	case err != nil:
		return "", p.at(p.mailboxColumn, err)
	}
	g := inventory.Grant{Mailbox: mailbox, Right: p.Right, Source: p.Source}
	if p.User != "" {
		g.Trustee, err = j.end(p.User)
		switch {
		case err == errStranger && p.listed && j.addEach(g, p.User):
			return "", nil
		case err == errStranger:
			return skipStranger, nil
		case err != nil:
			return "", p.at(p.userColumn, err)
		}
	}
	j.grants = append(j.grants, g)
	if g.Mailbox == g.Trustee {
		return skipSelf, nil
	}
	return "", nil
}

// addEach adds the grant for each of the users that a text joins with commas, and
// reports whether it could: every part must be the display name of one mailbox. A name
// with a comma in it is found before it comes to this.
func (j *joiner) addEach(g inventory.Grant, users string) bool {
	var trustees []inventory.Address
	for user := range strings.SplitSeq(users, ",") {
		i, err := j.index.findDisplayName(user)
		if err != nil {
			return false
		}
		trustees = append(trustees, j.mailboxes[i].Address)
	}
	for _, t := range trustees {
		g.Trustee = t
		j.grants = append(j.grants, g)
	}
	return true
}

// end returns the address of the mailbox that a name means, or the address that the
// name is if no mailbox has it. Any other name that no mailbox has is errStranger.
func (j *joiner) end(name string) (inventory.Address, error) {
	if i, ok := j.index.byAddress.find(name); ok {
		return j.mailboxes[i].Address, nil
	}
	if a, ok := j.ends[name]; ok {
		return a, nil
	}
	var a inventory.Address
	i, err := j.index.find(name)
	switch {
	case err == nil:
		a = j.mailboxes[i].Address
	case err != errStranger:
		return "", err
	default:
		var notAddress error
		if a, notAddress = inventory.ParseAddress(name); notAddress != nil {
			return "", err
		}
	}
	j.ends[name] = a
	return a, nil
}

// settle answers the facts that the object of a mailbox in a directory does not have,
// once the whole file has been read: the directory keeps what was set only, so that
// no is not there, unless the export does not have the attribute at all.
func (j *joiner) settle(m *inventory.Mailbox) {
	for _, f := range []struct {
		attribute, name string
		fact            *inventory.Fact
	}{
		{attributeHidden, "hidden", &m.HiddenFromAddressLists},
		{attributeUM, "Unified Messaging", &m.UMEnabled},
	} {
		if *f.fact == inventory.Unknown && j.exported(f.attribute) {
			*f.fact = inventory.No
			j.report.knows(f.name, true)
		}
	}
}

// onBehalf is a permission that an export of mailboxes lists, and an error without a
// cause at its place.
type onBehalf struct {
	*Permission
	place error
}

// addOnBehalf adds the grants that exports of mailboxes list. Who is in such a list
// and not exactly one mailbox is a warning, one for each file.
func (j *joiner) addOnBehalf() {
	type loss struct {
		at    *RowError
		count int
		first error
	}
	var losses []*loss
	for _, p := range j.onBehalf {
		skip, err := j.addPermission(p.Permission)
		if skip == skipStranger {
			err = errStranger
		}
		at, ok := p.place.(*RowError)
		if err == nil || !ok {
			continue
		}
		if n := len(losses); n == 0 || losses[n-1].at.File != at.File {
			losses = append(losses, &loss{at: at, first: fmt.Errorf("%q: %w", clip([]byte(p.User)), err)})
		}
		losses[len(losses)-1].count++
	}
	for _, l := range losses {
		l.at.Err = fmt.Errorf("%w: %d names in it are not those of one mailbox each, such as %w", ErrLost, l.count, l.first)
		j.warn(l.at)
	}
}
