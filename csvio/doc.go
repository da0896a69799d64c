// Package csvio reads the exports that describe an organization and writes the
// files that plan its migration.
//
// # Reading
//
// [ReadInventory] reads all exports of an organization and joins them into one
// inventory. [Mailboxes], [Statistics] and [Grants] read one export each, as a
// stream of rows, and [ReadOrganization] reads the facts about the organization
// from JSON.
//
// Exports come from Windows PowerShell's Export-Csv or from tools that write the
// same: UTF-8 with or without byte order mark, or UTF-16 with one; comma,
// semicolon or tab between the cells; any cell quoted, with commas, quotes and
// line breaks inside; a first line that begins with #TYPE. Columns are found by
// their names, whatever their order, case, blanks and punctuation; columns that
// nobody asks for are passed over.
//
// # What cannot be read
//
// A row that cannot be read is a [RowError] with file, line, column and header.
// It never vanishes, and it never stops the other rows unless the caller wants
// it to: [ReadOptions.Bad] receives it, and without that it ends the reading. A
// file that is no export, or not the one that was asked for, is an error.
//
// # Writing
//
// [WriteBatch] writes the file that New-MigrationBatch takes. The other Write
// functions write the lists that go with a plan.
package csvio
