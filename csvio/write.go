package csvio

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gocarina/gocsv"
	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// The lengths of a password that the service takes, as of the rule csv-password-policy.
const (
	MinPasswordLength = rules.MinPasswordLength
	MaxPasswordLength = rules.MaxPasswordLength
)

// WriteOptions says how to write a batch file. The zero WriteOptions, and a nil
// *WriteOptions, write addresses only.
type WriteOptions struct {
	// Credentials, if not nil, adds the columns Password and
	// ForceChangePassword; it is called once for each mailbox, in their order.
	Credentials func(*inventory.Mailbox) Credentials

	// MaxPasswordLength replaces the constant of that name if it is not 0.
	MaxPasswordLength int
}

// Credentials are what the account of a mailbox gets when it is provisioned. The
// zero Credentials leave both cells empty.
type Credentials struct {
	Password Secret
	// ForceChange says whether the user must change the password at the first
	// sign-in. It must be No for an account that is federated.
	ForceChange inventory.Fact
}

// ErrBatch is the cause of the errors of [WriteBatch], but those of the writer.
var ErrBatch = errors.New("not a batch that the service takes")

// WriteBatch writes the CSV file of a batch, as New-MigrationBatch takes it with
// -CSVData: a header EmailAddress, and with credentials Password and
// ForceChangePassword; a row for each mailbox in the order of the batch, which is
// the order in which the service migrates them; UTF-8 without byte order mark,
// lines that end with CRLF, quotes only where a cell needs them.
//
// A batch that the service would refuse is an error, and nothing is written: one
// that is empty or exceeds 2,000 mailboxes, one that has a mailbox twice, and a
// password that is too short, too long, begins or ends with white space, or has a
// character that ends a row or that UTF-8 does not have.
//
// Source: learn.microsoft.com, csv-files-for-migration and
// perform-a-staged-migration.
func WriteBatch(w io.Writer, b *batch.Batch, opts *WriteOptions) error {
	var o WriteOptions
	if opts != nil {
		o = *opts
	}
	if n := len(b.Mailboxes); n == 0 || n > batch.MaxMailboxes {
		return fmt.Errorf("%w: %s has %d mailboxes, not 1 to %d", ErrBatch, b.Name, n, batch.MaxMailboxes)
	}
	var buf bytes.Buffer
	out := csv.NewWriter(&buf)
	out.UseCRLF = true
	row := []string{"EmailAddress"}
	if o.Credentials != nil {
		row = append(row, "Password", "ForceChangePassword")
	}
	_ = out.Write(row) // a bytes.Buffer takes all
	seen := make(map[inventory.Address]bool, len(b.Mailboxes))
	for _, m := range b.Mailboxes {
		if seen[m.Address] {
			return fmt.Errorf("%w: %s has %s twice", ErrBatch, b.Name, m.Address)
		}
		seen[m.Address] = true
		row = append(row[:0], string(m.Address))
		if o.Credentials != nil {
			c := o.Credentials(m)
			if err := o.checkPassword(c.Password.Reveal()); err != nil {
				return fmt.Errorf("%w: the password for %s %w", ErrBatch, m.Address, err)
			}
			row = append(row, c.Password.Reveal(), trueFalse(c.ForceChange))
		}
		_ = out.Write(row)
	}
	out.Flush()
	_, err := buf.WriteTo(w)
	return err
}

// checkPassword returns what is wrong with a password that is not empty.
func (o *WriteOptions) checkPassword(password string) error {
	most := o.MaxPasswordLength
	if most == 0 {
		most = MaxPasswordLength
	}
	n := len(utf16.Encode([]rune(password))) // as .NET counts
	switch {
	case n == 0:
	case n < MinPasswordLength || n > most:
		return fmt.Errorf("has %d characters, not %d to %d", n, MinPasswordLength, most)
	case strings.TrimSpace(password) != password:
		return errors.New("begins or ends with white space")
	case strings.ContainsFunc(password, unicode.IsControl) || strings.ContainsAny(password, lineEnds):
		return errors.New("has a control character")
	case !utf8.ValidString(password):
		return errors.New("is no text in UTF-8")
	}
	return nil
}

func trueFalse(f inventory.Fact) string {
	switch f {
	case inventory.Yes:
		return "True"
	case inventory.No:
		return "False"
	}
	return ""
}

// writeRows writes a header and rows, of which a few are in memory at a time. Lines end
// with CRLF.
func writeRows[T any](w io.Writer, rows iter.Seq[T]) error {
	out := csv.NewWriter(bufio.NewWriterSize(w, 64<<10)) // which csv takes as its own
	out.UseCRLF = true
	marshal := gocsv.MarshalCSV
	some := make([]T, 0, 256)
	flush := func() error {
		err := marshal(some, gocsv.NewSafeCSVWriter(out))
		marshal, some = gocsv.MarshalCSVWithoutHeaders, some[:0]
		return err
	}
	for row := range rows {
		if some = append(some, row); len(some) == cap(some) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

type assignmentRow struct {
	EmailAddress string `csv:"EmailAddress"`
	Batch        string `csv:"Batch"`
	SizeBytes    string `csv:"SizeBytes"`
	Items        string `csv:"Items"`
	Server       string `csv:"Server"`
}

// WriteAssignments writes a CSV file that says which batch each planned mailbox
// is in, in the order of the batches and of the mailboxes in them: EmailAddress,
// Batch, SizeBytes, Items, Server. What is unknown is empty.
func WriteAssignments(w io.Writer, p *batch.Packing) error {
	return writeRows(w, func(yield func(assignmentRow) bool) {
		for _, b := range p.Batches {
			for _, m := range b.Mailboxes {
				row := assignmentRow{EmailAddress: string(m.Address), Batch: b.Name, Server: m.Server}
				if n, ok := m.Size.Get(); ok {
					row.SizeBytes = fmt.Sprint(int64(n))
				}
				if n, ok := m.Items.Get(); ok {
					row.Items = fmt.Sprint(n)
				}
				if !yield(row) {
					return
				}
			}
		}
	})
}

type heldRow struct {
	EmailAddress string `csv:"EmailAddress"`
	Rule         string `csv:"Rule"`
	Message      string `csv:"Message"`
	Remedy       string `csv:"Remedy"`
}

// WriteHeld writes a CSV file of the mailboxes that a report holds, with a row
// for each rule that holds one, in the order of the findings: EmailAddress, Rule,
// Message, Remedy.
func WriteHeld(w io.Writer, r *rules.Report) error {
	return writeRows(w, func(yield func(heldRow) bool) {
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Holds() && !yield(heldRow{f.Subject, f.Rule, f.Message, f.Instructions()}) {
				return
			}
		}
	})
}

type splitRow struct {
	Mailbox      string `csv:"Mailbox"`
	Trustee      string `csv:"Trustee"`
	Right        string `csv:"Right"`
	MailboxBatch string `csv:"MailboxBatch"`
	TrusteeBatch string `csv:"TrusteeBatch"`
}

// WriteSplitGrants writes a CSV file of the grants whose ends are in different
// batches: Mailbox, Trustee, Right, MailboxBatch, TrusteeBatch.
func WriteSplitGrants(w io.Writer, p *batch.Packing) error {
	return writeRows(w, func(yield func(splitRow) bool) {
		for _, s := range p.Split {
			if !yield(splitRow{string(s.Mailbox), string(s.Trustee), s.Right.String(), s.MailboxBatch, s.TrusteeBatch}) {
				return
			}
		}
	})
}

type findingRow struct {
	Severity   string `csv:"Severity"`
	Phase      string `csv:"Phase"`
	Rule       string `csv:"Rule"`
	Scope      string `csv:"Scope"`
	Subject    string `csv:"Subject"`
	Unverified string `csv:"Unverified"`
	Message    string `csv:"Message"`
	Remedy     string `csv:"Remedy"`
	File       string `csv:"File"`
	Line       string `csv:"Line"`
	Waived     string `csv:"Waived"`
}

// WriteFindings writes a CSV file of all findings of a report, in their order:
// Severity, Phase, Rule, Scope, Subject, Unverified, Message, Remedy, File, Line, Waived.
func WriteFindings(w io.Writer, r *rules.Report) error {
	return writeRows(w, func(yield func(findingRow) bool) {
		for i := range r.Findings {
			f := &r.Findings[i]
			row := findingRow{
				Severity: f.Severity.String(), Phase: f.Phase.String(), Rule: f.Rule,
				Scope: f.Scope.String(), Subject: f.Subject,
				Unverified: trueFalse(inventory.FactOf(f.Unverified)), Message: f.Message, Remedy: f.Instructions(),
				File: f.Source.File, Waived: f.Waived,
			}
			if f.Source.Line > 0 {
				row.Line = fmt.Sprint(f.Source.Line)
			}
			if !yield(row) {
				return
			}
		}
	})
}
