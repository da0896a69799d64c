package inventory

import (
	"errors"
	"fmt"
	"strings"
)

// Right is a permission that ties two mailboxes together. The empty Right is
// none.
type Right string

// The rights that delegates hold. Their order here is the order in which grants
// of one pair are listed.
const (
	FullAccess   Right = "FullAccess"   // open the mailbox and all in it
	SendAs       Right = "SendAs"       // send as the mailbox
	SendOnBehalf Right = "SendOnBehalf" // send on behalf of the mailbox
	Calendar     Right = "Calendar"     // a right on its calendar folder
)

// ErrRight is the cause of every error of [ParseRight].
var ErrRight = errors.New("not a right that this library knows")

// rightNames are the spellings that exports use, without blanks, hyphens and
// case. Source: Find-MailboxDelegates.ps1 of microsoft/FastTrack, which writes
// "Full Access", "Send As", "SendOnBehalfTo" and "Calendar Folder".
var rightNames = map[string]Right{
	"fullaccess":        FullAccess,
	"sendas":            SendAs,
	"sendonbehalf":      SendOnBehalf,
	"sendonbehalfto":    SendOnBehalf,
	"grantsendonbehalf": SendOnBehalf,
	"calendar":          Calendar,
	"calendarfolder":    Calendar,
}

// ParseRight reads the name of a right in any of the spellings that exports
// use: "Full Access", "Send-As", "SendOnBehalfTo", "Calendar Folder". Errors
// wrap ErrRight.
func ParseRight(text string) (Right, error) {
	key := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' {
			return -1
		}
		return r
	}, strings.ToLower(text))
	if r, ok := rightNames[key]; ok {
		return r, nil
	}
	return "", fmt.Errorf("%w: %q", ErrRight, clip(text))
}

// MarshalText returns the name of the right as it is declared.
func (r Right) MarshalText() ([]byte, error) { return []byte(r), nil }

// UnmarshalText reads what [ParseRight] does. Empty or blank text gives the empty
// Right.
func (r *Right) UnmarshalText(text []byte) error {
	if isBlank(text) {
		*r = ""
		return nil
	}
	parsed, err := ParseRight(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// rank orders rights as they are declared.
func (r Right) rank() int {
	switch r {
	case FullAccess:
		return 1
	case SendAs:
		return 2
	case SendOnBehalf:
		return 3
	case Calendar:
		return 4
	}
	return 0
}

// Grant is one right of a trustee on a mailbox. A staged migration carries none
// of them over, and while the two ends are on different sides of it the right
// does not work, so grants decide who moves together.
//
// A Grant without Trustee and Right says that somebody looked and found none on
// Mailbox; [New] takes it as the answer that the mailbox is not delegated.
type Grant struct {
	Mailbox Address // the object of the right
	Trustee Address // who holds it; need not be a mailbox of the inventory
	Right   Right
	Source  Source
}
