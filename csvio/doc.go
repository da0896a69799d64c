// Package csvio reads the exports that describe an organization and writes the
// files that plan its migration.
//
// # Reading
//
// [ReadInventory] reads all exports of an organization and joins them into one
// inventory. The readers below read one export each, as a stream of rows, and
// [ReadOrganization] reads the facts about the organization from JSON. So do [ReadRules]
// and [ReadPolicy] with rules of one's own and with what is to be made of the rules.
//
// What a file is shows by its content:
//
//   - mailboxes: Get-Mailbox, csvde, ldifde; see [Mailboxes]
//   - sizes: Get-MailboxStatistics, Exchange_Mailbox of WMI, the list of Exchange System
//     Manager, and lists made by hand, whose headers tell the unit; see [Statistics]
//   - rights: Find-MailboxDelegates, Get-MailboxPermission, Get-ADPermission, lists of
//     GrantSendOnBehalfTo; see [Permissions]
//   - Unified Messaging, devices, the tenant's recipients: see [UMMailboxes], [Devices],
//     [CloudRecipients]
//   - who is in which batch: see [Assignments]
//
// Tables come from Windows PowerShell's Export-Csv or from tools that write the same:
// UTF-8 with or without byte order mark, UTF-16 likewise, or a code page that the caller
// names; comma, semicolon or tab between the cells; any cell quoted, with commas, quotes
// and line breaks inside; a first line that begins with #TYPE. Columns are found by
// their names, whatever their order, case, blanks and punctuation; columns that nobody
// asks for are passed over.
//
// # What cannot be read
//
// A row that cannot be read is a [RowError] with file, line, column and header.
// It never vanishes, and it never stops the other rows unless the caller wants
// it to: [ReadOptions.Bad] receives it, and without that it ends the reading. A
// file that is no export, or not the one that was asked for, is an error. What an export
// lost before it was read, such as a list that became the name of its type, is a
// warning; see [ReadOptions.Warn].
//
// # Writing
//
// [WriteBatch] writes the file that New-MigrationBatch takes, and [Validate] says of any
// such file whether the service would take it, and which rows would fail. The other
// Write functions write the lists that go with a plan.
package csvio
