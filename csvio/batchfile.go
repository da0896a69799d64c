package csvio

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// The bounds on a batch file here. The service takes 2,000 rows, the Exchange admin
// center 10 MiB.
const (
	maxBatchFile  = 16 << 20 // bytes
	maxBatchRows  = 10_000   // that are kept
	maxBatchCells = 1 << 20  // that are kept
)

// BatchFileOptions says how to read a batch file. The zero BatchFileOptions, and a nil
// *BatchFileOptions, are those of a batch that is created without further parameters.
type BatchFileOptions struct {
	// File is the name of the file in messages and Sources; "" stands for "input".
	File string

	// UnknownColumns says that the batch is created with -AllowUnknownColumnsInCsv $true.
	UnknownColumns bool
}

// ReadBatchFile reads a batch file as the migration service does, which is not the
// lenient way in which this package reads exports:
//
//   - a byte order mark tells the encoding, which is UTF-8 without one;
//   - cells are separated by commas, rows by line ends, also U+2028 and U+2029; blank
//     lines are passed over, a line of blanks is a row, and a #TYPE line is the header;
//   - blanks around a cell are dropped, but for those inside quotes;
//   - a cell is what lies between two separators and has no quote in it, or what quotes
//     enclose right up to the separator behind them. What fits neither is dropped, up to
//     where a cell can begin: of "a@b.com" ,x the first cell is the blank, and
//     a"b@c.com is b@c.com.
//
// Whatever is wrong with the file is for the rules to say; see [Validate]. Only a file
// of over 16 MiB, one with over a million columns, and an error of the reader are errors,
// which are [RowError]s. Reading takes time linear in the size of the file.
//
// Source: what servers of the Exchange 15 generation were seen to do; it is not
// documented. That quotes may enclose a line end follows from the third rule and was
// not seen.
func ReadBatchFile(r io.Reader, opts *BatchFileOptions) (*rules.BatchFile, error) {
	var o BatchFileOptions
	if opts != nil {
		o = *opts
	}
	f := &rules.BatchFile{Name: cmp.Or(o.File, unnamed), UnknownColumns: o.UnknownColumns}
	data, err := io.ReadAll(io.LimitReader(r, maxBatchFile+1))
	if err == nil && len(data) > maxBatchFile {
		err = fmt.Errorf("%w: it is over %d MiB", ErrFormat, maxBatchFile>>20)
	}
	if err != nil {
		return nil, &RowError{f.Name, 1, 1, "", err}
	}
	f.Size = int64(len(data))
	text, encoding, bad := serviceText(data)
	f.Encoding = encoding
	if err := readBatchRows(f, newServiceReader(text)); err != nil {
		return nil, err
	}
	if bad >= 0 {
		at := place{text: text, line: 1, column: 1}
		at.move(bad)
		f.Undecodable = &rules.FileCell{Line: at.line, Column: at.column}
	}
	return f, nil
}

// readBatchRows reads the header and the rows.
func readBatchRows(f *rules.BatchFile, s *serviceReader) error {
	f.Header = slices.Clone(s.next(maxBatchCells + 1))
	cells := len(f.Header)
	if cells > maxBatchCells {
		return &RowError{f.Name, f.Header[0].Line, f.Header[0].Column, "", fmt.Errorf("%w: it has over %d columns", ErrFormat, maxBatchCells)}
	}
	f.Separator = separator(s.text, f.Column(rules.ColumnEmailAddress) >= 0)
	email, user, force := f.Column(rules.ColumnEmailAddress), f.Column(rules.ColumnUsername), f.Column(rules.ColumnForceChangePassword)
	if email < 0 && user < 0 && force < 0 && f.Column(rules.ColumnPassword) < 0 {
		// It may be a row of data.
		for i := range f.Header {
			hide(&f.Header[i])
		}
	}
	for row := s.next(maxBatchCells + 1 - cells); row != nil; row = s.next(maxBatchCells + 1 - cells) {
		f.RowCount++
		if cells = min(cells+len(row), maxBatchCells+1); cells > maxBatchCells || f.RowCount > maxBatchRows {
			cells = maxBatchCells // nothing more is kept
			continue
		}
		for i := range row {
			visible := false
			switch i {
			case email, user:
				visible = isAddress(row[i].Text)
			case force:
				visible = isTruthWord(row[i].Text)
			}
			if !visible {
				hide(&row[i])
			}
		}
		f.Rows = append(f.Rows, rules.FileRow{Line: row[0].Line, Cells: slices.Clone(row)})
	}
	return nil
}

// separators are what programs put between the cells of a table.
const separators = ",;\t|"

// separator returns what separates the names in the first line of a text: a comma if
// the service finds the column that it must have, or else what occurs most.
func separator(text string, found bool) rune {
	best := ','
	if found {
		return best
	}
	line := strings.TrimLeft(text, lineEnds)
	if i := strings.IndexAny(line, lineEnds); i >= 0 {
		line = line[:i]
	}
	most := 0
	for _, sep := range separators {
		if n := strings.Count(line, string(sep)); n > most {
			best, most = sep, n
		}
	}
	return best
}

// hide makes the text of a cell secret.
func hide(c *rules.FileCell) {
	if c.Text != "" {
		c.Text, c.Secret = "", rules.NewSecret(c.Text)
	}
}

func isAddress(text string) bool {
	_, err := inventory.ParseAddress(text)
	return err == nil
}

func isTruthWord(text string) bool {
	return slices.Contains(truthWords, strings.ToLower(strings.TrimSpace(text)))
}

// truthWords are what people write for True and False.
var truthWords = []string{
	"true", "false", "$true", "$false", "yes", "no", "y", "n", "1", "0", "-1", "on", "off", "null", "n/a", "-",
	"wahr", "falsch", "ja", "nein", "vrai", "faux", "oui", "non", "verdadero", "falso", "si", "sí",
}
