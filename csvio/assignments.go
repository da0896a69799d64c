package csvio

import (
	"fmt"
	"io"
	"iter"

	"github.com/staged-migration/staged/inventory"
)

// Assignment says which batch a mailbox is in.
type Assignment struct {
	Mailbox inventory.Address
	Batch   string
	Source  inventory.Source
}

// Assignments reads a list of who is in which batch: one mailbox a row, in the order of
// the file. The sequence can be ranged over once. It may be one that [WriteAssignments]
// wrote (EmailAddress, Batch), or from the script Find-MailboxDelegates its batches
// (Batch, User), in which a user can be twice with different case, or its schedule
// (PrimarySMTPAddress, SuggestedBatch). Errors are as with [Mailboxes].
//
// Source: Find-MailboxDelegates.ps1 of microsoft/FastTrack.
func Assignments(r io.Reader, opts *ReadOptions) iter.Seq2[*Assignment, error] {
	return rows(r, opts, func(s *sheet) (reader[Assignment], error) {
		mailbox, batch := s.find("emailaddress", "primarysmtpaddress", "user"), s.find("batch", "suggestedbatch")
		if mailbox == absent || batch == absent {
			return nil, s.missing("a mailbox and its batch: EmailAddress and Batch, or Batch and User of Find-MailboxDelegates", "emailaddress", "batch")
		}
		s.surplus = 1 // the schedule has one cell more where a user was not found
		return one(func() (*Assignment, error) {
			a := &Assignment{Batch: s.name(batch), Source: s.source()}
			var err error
			if a.Mailbox, err = inventory.ParseAddress(string(s.bytes(mailbox))); err != nil {
				return nil, s.at(int(mailbox), err)
			}
			if a.Batch == "" {
				return nil, s.at(int(batch), fmt.Errorf("%w: it is empty", ErrValue))
			}
			return a, nil
		}), nil
	})
}
