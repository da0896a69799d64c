package csvio

import (
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// ValidateOptions says how to validate a batch file. The zero ValidateOptions, and a nil
// *ValidateOptions, check it against the rules of the catalogue alone.
type ValidateOptions struct {
	// File and UnknownColumns are as in [BatchFileOptions].
	File           string
	UnknownColumns bool

	// Inventory is that of the organization, whose mailboxes the rows name; nil leaves
	// open whether they are there.
	Inventory *inventory.Inventory

	// Rules are what the file is checked against, by their File funcs; nil stands for
	// [rules.Catalogue].
	Rules []*rules.Rule
}

// Validation says what the service would do with a batch file.
type Validation struct {
	File *rules.BatchFile
	Rows int // of data

	// Accepted says whether the service takes the file: there are no FileErrors. Rows of
	// a file that it takes may fail all the same.
	Accepted bool

	// FileErrors are why the service rejects the file as a whole: the verified blockers
	// that are about no single row. RowErrors are why single rows fail, while the others
	// are migrated: the verified blockers about rows. What is waived is in neither. Both are
	// in the order of the file.
	FileErrors, RowErrors []rules.Finding

	// Report has all findings in the order of the file, with warnings and what could not
	// be verified. Those about the file as a whole are first, and those about the same
	// place are in the order of the rules.
	Report *rules.Report
}

// Validate says whether the migration service would take a batch file, and which rows
// would fail, without a service at hand: it reads the file with [ReadBatchFile] and
// checks it against rules. It finds all that is wrong, where the service stops at the
// first thing that makes it reject the file; only of a row with another number of cells
// than the header it says no more than that. No message has a password.
//
// The service rejects a file that is empty, has too many rows, lacks EmailAddress, has
// unknown columns or one twice, or a row with another number of cells than the header
// (its CsvFileIsEmptyException, CsvTooManyRowsException,
// CsvRequiredColumnMissingException, CsvUnknownColumnsException,
// CsvDuplicatedColumnException and CsvWrongNumberOfColumnsException). An address, a
// password or a truth value that it does not take fails the row and ends up in
// MigrationErrors.csv.
//
// Errors are those of [ReadBatchFile] and [rules.CheckFile]; a rule that panics gives a
// Validation without its findings, beside the error.
//
// Sources: learn.microsoft.com, perform-a-staged-migration and csv-files-for-migration;
// what servers of the Exchange 15 generation were seen to do.
func Validate(r io.Reader, opts *ValidateOptions) (*Validation, error) {
	var o ValidateOptions
	if opts != nil {
		o = *opts
	}
	f, err := ReadBatchFile(r, &BatchFileOptions{File: o.File, UnknownColumns: o.UnknownColumns})
	if err != nil {
		return nil, err
	}
	set := o.Rules
	if set == nil {
		set = rules.Catalogue()
	}
	report, err := rules.CheckFile(context.Background(), f, o.Inventory, set)
	if report == nil {
		return nil, err
	}
	slices.SortStableFunc(report.Findings, func(a, b rules.Finding) int {
		return cmp.Or(cmp.Compare(a.Source.Line, b.Source.Line), cmp.Compare(a.Column, b.Column))
	})
	v := &Validation{File: f, Rows: f.RowCount, Report: report}
	for _, found := range report.Findings {
		switch {
		case found.Severity != rules.Blocker || found.Unverified || found.Waived != "":
		case found.Scope == rules.ScopeRow:
			v.RowErrors = append(v.RowErrors, found)
		default:
			v.FileErrors = append(v.FileErrors, found)
		}
	}
	v.Accepted = len(v.FileErrors) == 0
	return v, err
}
