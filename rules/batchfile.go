package rules

import "strings"

// BatchFile is a CSV file for New-MigrationBatch, as the service reads it. ReadBatchFile
// of package csvio makes it of a file.
//
// No password in it shows when it is printed, in JSON or in a log.
type BatchFile struct {
	Name string // in messages and Sources
	Size int64  // in bytes

	// Encoding is the text encoding that the service takes the file to be in: UTF-8,
	// UTF-16LE, UTF-16BE, UTF-32LE or UTF-32BE.
	Encoding string
	// Undecodable is the place of the first bytes that are no text in that encoding, nil
	// if there are none. Its Text is empty. The service reads such bytes as U+FFFD.
	Undecodable *FileCell

	// Separator is what separates the names in the first line: a comma, a semicolon, a
	// tab or a vertical bar. The service takes a comma only. It is a comma wherever the
	// service finds a column EmailAddress.
	Separator rune

	Header []FileCell // as the service divides the first line; nil if the file is empty

	// Rows are the rows of data. If the file has far more than the service takes, they
	// are the first of them only.
	Rows     []FileRow
	RowCount int // of all rows of data

	// UnknownColumns says that the batch is created with -AllowUnknownColumnsInCsv $true.
	UnknownColumns bool
}

// FileRow is a row of data.
type FileRow struct {
	Line  int // from 1, where it begins
	Cells []FileCell
}

// FileCell is a cell with its place, both from 1; the column counts characters.
type FileCell struct {
	// Text is what is in the cell, if it is surely no password: an address in a column of
	// addresses, what may be meant for a truth value in ForceChangePassword, and the names
	// in the header. Otherwise Text is empty and Secret has it: passwords are also found
	// under a misspelt header, in a file without one, and in the wrong column.
	Text   string
	Secret Secret

	Line, Column int

	// Partial says that the service drops some of what is written in the cell, since a
	// quote is in the wrong place.
	Partial bool
}

// Value returns what is in the cell, be it secret or not. It belongs in no message, log
// or report.
func (c *FileCell) Value() string {
	if c.Text != "" {
		return c.Text
	}
	return c.Secret.Reveal()
}

// The names of the columns that the service knows.
//
// Sources: learn.microsoft.com, csv-files-for-migration; Username, which is not
// documented for staged migrations, is what servers of the Exchange 15 generation take.
const (
	ColumnEmailAddress        = "EmailAddress"
	ColumnPassword            = "Password"
	ColumnForceChangePassword = "ForceChangePassword"
	ColumnUsername            = "Username"
)

// Column returns the position of the first column that has a header, without regard to
// case, and -1 if there is none.
func (f *BatchFile) Column(header string) int {
	for i := range f.Header {
		if strings.EqualFold(f.Header[i].Value(), header) {
			return i
		}
	}
	return -1
}
