package csvio

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding"

	"github.com/staged-migration/staged/inventory"
)

// unnamed stands for the name of a file that has none.
const unnamed = "input"

// ReadOptions says how to read one export. The zero ReadOptions, and a nil
// *ReadOptions, read strictly.
type ReadOptions struct {
	// File is the name of the file in messages and Sources; "" stands for
	// "input".
	File string

	// Bad is called for each row that cannot be read, in the order of the file
	// and from the goroutine that reads; the row is left out and reading goes on.
	// If Bad is nil, the first such row ends the reading with its RowError.
	Bad func(*RowError)

	// Warn is called at the end of a file for each column that the export did not
	// write as it was: lists that were replaced by their type names, names with ?
	// for letters that the encoding does not have, GUIDs that are none and therefore
	// unknown. The RowError is that of the first such cell and says how many there are.
	// Nil ignores them.
	Warn func(*RowError)

	// Skip is called for each row that is left out because it is about something
	// else, with the reason and its line. Nil ignores them.
	Skip func(reason string, line int)

	// SizeUnit is the unit of sizes that have none and whose column's name tells none;
	// 0 means bytes, and KB in an export of WMI.
	SizeUnit inventory.Size

	// Attributes are the columns of an export of mailboxes that are kept as
	// [inventory.Mailbox.Attrs] under these names, such as CustomAttribute1 or Department.
	// They are found as other columns are, and in exports of a directory by its names for
	// them. Those that the file does not have are unknown; one that is asked for twice,
	// also in another case, has the name that comes first.
	Attributes []string

	// CodePage is the encoding of a file that has neither a byte order mark nor is
	// UTF-16, such as charmap.Windows1252 of golang.org/x/text/encoding/charmap;
	// nil means UTF-8.
	CodePage encoding.Encoding

	// TimeLayout is how the file writes points in time, as of package time: "1/2/2006
	// 3:04:05 PM" for a machine in the United States, "02.01.2006 15:04:05" for one in
	// Germany. If it is empty they are not read, but for those of WMI, which are the
	// same everywhere.
	TimeLayout string

	// TimeZone is where the clock was that such times were read from; nil means UTC.
	TimeZone *time.Location

	// Progress is called after each piece of the file that was read, from the
	// goroutine that reads, with the number of bytes read so far. Nil is not called.
	Progress func(bytes int64)

	// seen is called at the end of an export of a directory with which attributes it
	// has.
	seen func(exported func(attribute string) bool)
}

// name returns the name of the file in messages.
func (o *ReadOptions) name() string { return cmp.Or(o.File, unnamed) }

// attributes returns the names of the attributes to keep, each once, as
// [inventory.NewAttrs] wants them.
func (o *ReadOptions) attributes() []string {
	var names []string
	for _, name := range o.Attributes {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			names = append(names, name)
		}
	}
	return names
}

// watched reports progress.
type watched struct {
	r        io.Reader
	progress func(int64)
	n        int64
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.n += int64(n)
	w.progress(w.n)
	return n, err
}

// sticky repeats the first error of a reader, which need not do so itself: to look
// ahead in a text uses an error up.
type sticky struct {
	r   io.Reader
	err error
}

func (s *sticky) Read(p []byte) (n int, err error) {
	if s.err == nil {
		n, s.err = s.r.Read(p)
	}
	return n, s.err
}

// source returns what to read from, with the options in force.
func (o *ReadOptions) source(r io.Reader) (io.Reader, error) {
	if o.Progress != nil {
		r = &watched{r: r, progress: o.Progress}
	}
	return decoded(&sticky{r: r}, o.CodePage)
}
