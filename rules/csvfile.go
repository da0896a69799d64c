package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// at returns a finding about a place in the file, with a message as of fmt.Sprintf. The
// column 0 is the whole line, and the line 0 the whole file.
func (f *BatchFile) at(scope Scope, line, column int, format string, args ...any) Finding {
	return Finding{Scope: scope, Source: inventory.Source{File: f.Name, Line: line}, Column: column, Message: text(format, args)}
}

func csvEmpty() *Rule {
	return &Rule{
		Name: "csv-empty",
		Doc:  "A batch file has rows of data.",
		Why:  "The service rejects a file without any when it is uploaded.",
		URL:  urlPerform,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, line 299",
		},
		Severity: Blocker,
		Scope:    ScopeFile,
		Remedy:   "Add a row for each mailbox below the header.",
		File: func(p *Pass, f *BatchFile) {
			switch {
			case f.RowCount > 0:
			case f.Header == nil:
				p.Report(f.at(ScopeFile, 1, 0, "The file is empty."))
			default:
				p.Report(f.at(ScopeFile, f.Header[0].Line, 0, "The file has no row behind its first line, which is the header."))
			}
		},
	}
}

var separatorNames = map[rune]string{';': "semicolons", '\t': "tabs", '|': "vertical bars"}

func csvDelimiter() *Rule {
	return &Rule{
		Name: "csv-delimiter",
		Doc:  "The cells of a batch file are separated by commas.",
		Why:  "The service knows no other separator and takes the whole first line for one name. Excel writes semicolons in much of Europe.",
		URL:  urlPerform,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, lines 174 and 301",
		},
		Severity: Blocker,
		Scope:    ScopeFile,
		Remedy:   "Save the file with commas, as .csv or .txt; Export-Csv does so unless -Delimiter or -UseCulture says otherwise.",
		File: func(p *Pass, f *BatchFile) {
			if name := separatorNames[f.Separator]; name != "" {
				p.Report(f.at(ScopeFile, f.Header[0].Line, f.Header[0].Column,
					"The first line is separated by %s; the service takes commas only.", name))
			}
		},
	}
}

// maxUpload is how large a file the Exchange admin center takes, in bytes, as observed.
const maxUpload = 10 << 20

func csvRowLimit() *Rule {
	return &Rule{
		Name: "csv-row-limit",
		Doc: "One CSV file describes one batch, of up to 2,000 mailboxes; there is no limit on the number of batches in all. Packages " +
			"batch and staged never exceed that; a batch made by hand can. The Exchange admin center takes files of up to 10 MiB.",
		Why: "The service rejects a file with more rows.",
		URL: urlCSV,
		Sources: []string{
			"the training unit, on batches",
			docsExchange + "perform-a-staged-migration.md, lines 147 and 303; csv-files-for-migration.md, line 66",
		},
		Doubt:    "Older help pages give 1,000 rows. The limit on the size of the file was observed and is not documented.",
		Severity: Blocker,
		Scope:    ScopeBatch,
		Remedy:   "Split the batch.",
		Packing: func(p *Pass, packing *batch.Packing) {
			for _, b := range packing.Batches {
				if n := len(b.Mailboxes); n > batch.MaxMailboxes {
					p.Report(Finding{Scope: ScopeBatch, Subject: b.Name,
						Message: fmt.Sprintf("It has %d mailboxes; a batch takes %d.", n, batch.MaxMailboxes)})
				}
			}
		},
		File: func(p *Pass, f *BatchFile) {
			if f.RowCount > batch.MaxMailboxes {
				line := 0
				if len(f.Rows) > batch.MaxMailboxes {
					line = f.Rows[batch.MaxMailboxes].Line
				}
				p.Report(f.at(ScopeFile, line, 0, "The file has %d rows; a batch takes %d mailboxes.", f.RowCount, batch.MaxMailboxes))
			}
			if f.Size > maxUpload {
				finding := f.at(ScopeFile, 0, 0, "The file has %d bytes; the Exchange admin center takes up to %d.", f.Size, maxUpload)
				finding.Severity = Warning
				finding.Remedy = "Create the batch with New-MigrationBatch, or split it."
				p.Report(finding)
			}
		},
	}
}

func csvEmailColumnMissing() *Rule {
	return &Rule{
		Name: "csv-email-column-missing",
		Doc: "The header of a batch file has the column EmailAddress, in one word, in any case and at any place. It is the only one " +
			"that must be there.",
		Why: "The service rejects the file: it finds no mailboxes in it.",
		URL: urlPerform,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, line 305; csv-files-for-migration.md, line 72; csv-files-for-imap-migrations.md",
		},
		Doubt: "The page on performing a staged migration wants a value for each column, the CSV page calls Password and " +
			"ForceChangePassword optional. The steps of the new admin center name a column Gmail Username, which is of another kind of migration.",
		Severity: Blocker,
		Scope:    ScopeFile,
		Remedy:   "Name the column of the addresses EmailAddress, in the first line of the file.",
		File: func(p *Pass, f *BatchFile) {
			if f.Header != nil && f.Column(ColumnEmailAddress) < 0 {
				at := f.Header[0]
				p.Report(f.at(ScopeFile, at.Line, at.Column, "The header has no column EmailAddress%s.", instead(f)))
			}
		},
	}
}

// addressColumns are names that other exports give to a column of addresses, in letters
// only.
var addressColumns = []string{
	"emailaddress", "emailaddresses", "email", "mail", "mailaddress", "address", "smtpaddress", "smtp",
	"primarysmtpaddress", "windowsemailaddress", "targetaddress", "userprincipalname", "upn", "identity",
}

// instead says what a header without EmailAddress has instead, as far as that shows no
// password: the header may be a row of data.
func instead(f *BatchFile) string {
	first := f.Header[0].Value()
	switch {
	case strings.HasPrefix(first, "#"):
		return ": the first line is a comment, which the service takes for the header. Export-Csv leaves it out with -NoTypeInformation"
	case strings.HasPrefix(strings.ToLower(first), "sep="):
		return ": the first line is a hint for Excel, which the service takes for the header"
	case hasNUL(f):
		return ", since the service does not read the text as it was written"
	case f.Separator != ',':
		return ", since the service does not divide its first line"
	}
	for i := range f.Header {
		name := f.Header[i].Value()
		if len(name) <= 40 && slices.Contains(addressColumns, lettersOf(name)) {
			return fmt.Sprintf("; it has %q", name)
		}
	}
	if slices.ContainsFunc(f.Header, func(c FileCell) bool { return strings.Contains(c.Value(), "@") }) {
		return ": the first line seems to be a row already"
	}
	return ""
}

// hasNUL reports whether the header has a NUL character, as that of UTF-16 has if it is
// read as UTF-8.
func hasNUL(f *BatchFile) bool {
	return slices.ContainsFunc(f.Header, func(c FileCell) bool { return strings.ContainsRune(c.Value(), 0) })
}

// lettersOf returns the letters of a text in lower case.
func lettersOf(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

func csvUnknownColumn() *Rule {
	return &Rule{
		Name: "csv-unknown-column",
		Doc: "A batch file has the columns EmailAddress, Password and ForceChangePassword, each once, and no others unless the batch is " +
			"created with -AllowUnknownColumnsInCsv $true. A column without a name is one that the service does not know. In a file " +
			"that has none of them, the rule csv-email-column-missing reports the header.",
		Why: "The service rejects the file. Where unknown columns are allowed it passes over them, and so over an optional column " +
			"whose name is misspelt.",
		URL: urlNewBatch,
		Sources: []string{
			docsPowerShell + "New-MigrationBatch.md, on AllowUnknownColumnsInCsv",
			docsExchange + "perform-a-staged-migration.md, line 151",
			"jabsto.com, Microsoft Office 365, page 598",
			observed,
		},
		Doubt: "Servers of the Exchange 15 generation also take a column Username; no documentation of staged migrations has it. " +
			"That duplicates are rejected was observed.",
		Severity: Blocker,
		Scope:    ScopeFile,
		Remedy: "Correct the spelling or take the column out; or, in Exchange Online, create the batch with New-MigrationBatch " +
			"-AllowUnknownColumnsInCsv $true.",
		File: func(p *Pass, f *BatchFile) {
			known := []string{ColumnEmailAddress, ColumnPassword, ColumnForceChangePassword, ColumnUsername}
			if !slices.ContainsFunc(known, func(name string) bool { return f.Column(name) >= 0 }) {
				return
			}
			seen := make(map[string]bool, len(f.Header))
			var unknown, twice []FileCell
			for _, c := range f.Header {
				name := strings.ToLower(c.Value())
				isKnown := slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
				if seen[name] && name != "" {
					twice = append(twice, c)
				} else if !isKnown {
					unknown = append(unknown, c)
				}
				seen[name] = true
			}
			reportColumns(p, f, unknown, twice)
		},
	}
}

// reportColumns reports the columns of a header that are unknown, that are there twice,
// and Username.
func reportColumns(p *Pass, f *BatchFile, unknown, twice []FileCell) {
	if len(twice) > 0 {
		p.Report(f.at(ScopeFile, twice[0].Line, twice[0].Column, "The header has a column twice: %s.", columnList(twice)))
	}
	if len(unknown) > 0 {
		finding := f.at(ScopeFile, unknown[0].Line, unknown[0].Column, "The header has columns that the service does not know: %s.", columnList(unknown))
		if f.UnknownColumns {
			finding.Message = fmt.Sprintf("The service passes over columns that it does not know: %s.", columnList(unknown))
			finding.Severity = Warning
			finding.Remedy = "See that none of them is an optional column whose name is misspelt."
		}
		p.Report(finding)
	}
	if i := f.Column(ColumnUsername); i >= 0 {
		finding := f.at(ScopeFile, f.Header[i].Line, f.Header[i].Column,
			"The header has a column %s: where it is filled, the service takes it for the address of the mailbox on the source side.", ColumnUsername)
		finding.Severity = Warning
		finding.Remedy = "Take the column out, unless it is meant so."
		p.Report(finding)
	}
}

// columnList lists names of columns, not more than a person reads.
func columnList(cells []FileCell) string {
	const most = 5
	var names []string
	for i, c := range cells {
		if i == most {
			return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), len(cells)-most)
		}
		name := "one without a name"
		if v := []rune(c.Text); len(v) > 40 {
			name = fmt.Sprintf("%q…", string(v[:40]))
		} else if len(v) > 0 {
			name = fmt.Sprintf("%q", string(v))
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func csvRaggedRow() *Rule {
	return &Rule{
		Name: "csv-ragged-row",
		Doc: "Every row of a batch file has as many cells as the header; an empty value still needs its comma. Quotes enclose a whole " +
			"cell, with nothing between them and the commas.",
		Why: "The service rejects the whole file for one row with another number of cells. Where a quote is inside a cell, or " +
			"something stands beside a quoted one, it drops a part of the cell without a word, and the rest is another value.",
		URL: urlPerform,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, line 307; csv-files-for-migration.md, line 49",
			observed,
		},
		Doubt:    "How the service takes cells with a quote in the wrong place was observed and is not documented.",
		Severity: Blocker,
		Scope:    ScopeFile,
		Remedy: "Give the row a cell for each column, and quote values that hold commas; double quotes inside quotes. " +
			"Export-Csv and package csvio write files like that.",
		File: func(p *Pass, f *BatchFile) {
			partial := func(cells []FileCell) {
				for _, c := range cells {
					if c.Partial {
						finding := f.at(ScopeRow, c.Line, c.Column, "A quote is in the wrong place, so that the service drops a part of this cell.")
						finding.Severity = Warning
						p.Report(finding)
					}
				}
			}
			partial(f.Header)
			for i, row := range f.Rows {
				if len(row.Cells) != len(f.Header) {
					p.Report(f.at(ScopeFile, row.Line, 0, "Row %d has %s, the header %d.", i+1, counted(len(row.Cells), "cell"), len(f.Header)))
				}
				partial(row.Cells)
			}
		},
	}
}

func csvEncoding() *Rule {
	return &Rule{
		Name: "csv-encoding",
		Doc:  "A batch file with characters outside ASCII is in UTF-8, or in UTF-16 or UTF-32 with a byte order mark.",
		Why: "The service takes a file without a mark for UTF-8. It does not reject what is not, but addresses and passwords in it become " +
			"others.",
		URL: urlPerform,
		Sources: []string{
			docsExchange + "perform-a-staged-migration.md, line 177; convert-exchange-2007-mailboxes.md, line 142, whose script writes cloud.csv in UTF-16",
			observed,
		},
		Doubt:    "What the service makes of other encodings was observed and is not documented.",
		Severity: Warning,
		Scope:    ScopeFile,
		Remedy:   "Save the file as UTF-8: Export-Csv -Encoding UTF8, or \"CSV UTF-8\" in Excel.",
		File: func(p *Pass, f *BatchFile) {
			switch {
			case f.Undecodable != nil:
				p.Report(f.at(ScopeFile, f.Undecodable.Line, f.Undecodable.Column,
					"Here are bytes that are no text in %s, which the service takes the file to be in.", f.Encoding))
			case hasNUL(f):
				p.Report(f.at(ScopeFile, f.Header[0].Line, f.Header[0].Column,
					"The file has NUL characters: it seems to be UTF-16 without a byte order mark, which the service reads as %s.", f.Encoding))
			}
		},
	}
}
