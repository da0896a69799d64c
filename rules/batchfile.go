package rules

import "strings"

// BatchFile is a CSV file for New-MigrationBatch, as the service sees it. Package csvio
// makes it of a file; see its Validate.
type BatchFile struct {
	Name string // in messages and Sources

	// Encoding is the text encoding that was found: "UTF-8", "UTF-16LE", "UTF-16BE".
	Encoding string
	// Undecodable is the first place with bytes that are no text in that encoding; nil
	// if there is none.
	Undecodable *FileCell

	// Comma is what separates cells, as the header has it; the service takes a comma
	// only.
	Comma byte

	Header []FileCell
	Rows   []FileRow

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
	Text         string
	Line, Column int
}

// Column returns the position of the column that has a header, without regard to case,
// and -1 if there is none.
func (f *BatchFile) Column(header string) int {
	for i := range f.Header {
		if strings.EqualFold(f.Header[i].Text, header) {
			return i
		}
	}
	return -1
}
