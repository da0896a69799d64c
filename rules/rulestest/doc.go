// Package rulestest tests rules with expectations that are written into the input, as
// package analysistest of golang.org/x/tools tests analyzers.
//
//	func TestVIP(t *testing.T) {
//		rulestest.Run(t, os.DirFS("testdata/vip"), vip)
//	}
//
// # Cases
//
// Each folder of the file system is a case, named for its reason, such as
// board-member-in-lower-case. It holds any of these files:
//
//	org.json        facts about the organization, as csvio.ReadOrganization reads them
//	mailboxes.csv   an export of mailboxes, and so on: what csvio.ReadInventory joins.
//	statistics.csv  One that is not there leaves unknown what it would tell.
//	grants.csv
//	um.csv
//	devices.csv
//	cloud.csv
//	packing.csv     EmailAddress, Batch and want: the packing to check; a mailbox that
//	                is not listed is held
//	limits.json     its limits: mailboxes, sizeBytes, unknownSizeBytes
//	batch.csv       a batch file, as csvio.ReadBatchFile reads it
//	batch.json      how the batch is created: unknownColumns, true or false
//	status.json     an inventory.Status
//	want.txt        expectations that belong to no row
//
// The Organization and Mailbox funcs of the rule are run in every case, its Packing
// func where there is a packing.csv, its File func where there is a batch.csv, its Status
// func where there is a status.json. A case with nothing for any func of the rule is an
// error, as is a file of another name. Of the columns that have no field in
// inventory.Mailbox, those are kept that rules.Rule.Attributes names.
//
// # Expectations
//
// An expectation is the severity of a finding, a question mark if it is unverified, the
// phase unless that is before, and a regular expression that its message must match,
// anywhere, as a Go string:
//
//	blocker "hidden from address lists"
//	warning? "not known"
//	task/after `can be set up again\.$`
//
// The files mailboxes.csv and packing.csv have a column want, whose cells hold any number
// of expectations about the mailbox of their row. In a quoted cell, which one with a comma
// must be, quotes are doubled, so that backquotes are easier to read there. These two
// files must be UTF-8 with commas.
//
// A line of want.txt holds expectations about one subject, which comes first, with a
// colon behind it; what is about the organization or the plan as a whole has none. A
// subject that has a colon and a blank in it, or begins with a quote, is given as a
// Go string. Lines that begin with # are comments.
//
//	warning "There are public folders"
//	EX2: blocker "runs Exchange 2010"
//
// Each finding must be expected and each expectation must be met, one by one: a finding
// meets the first that fits it and is left, whichever func of the rule it is from.
package rulestest
