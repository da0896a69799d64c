package inventory

import (
	"errors"
	"fmt"
	"strings"
)

// Right is a permission that ties two mailboxes together. The zero Right is none.
//
// In text and in JSON it is its name as it is declared here, or nothing if it is none.
type Right uint8

// The rights that delegates hold. Their order here is the order in which grants
// of one pair are listed.
const (
	FullAccess   Right = iota + 1 // open the mailbox and all in it
	SendAs                        // send as the mailbox
	SendOnBehalf                  // send on behalf of the mailbox
	Calendar                      // a right on its calendar folder
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
	return 0, fmt.Errorf("%w: %q", ErrRight, clip(text))
}

// declared reports whether r is one of the rights above.
func (r Right) declared() bool { return FullAccess <= r && r <= Calendar }

// String returns the name of the right as it is declared, "" for none.
func (r Right) String() string {
	switch r {
	case 0:
		return ""
	case FullAccess:
		return "FullAccess"
	case SendAs:
		return "SendAs"
	case SendOnBehalf:
		return "SendOnBehalf"
	case Calendar:
		return "Calendar"
	}
	return fmt.Sprintf("Right(%d)", uint8(r))
}

// MarshalText returns the name of the right, or nothing for none. A right that is not
// declared has no text; its error wraps ErrRight.
func (r Right) MarshalText() ([]byte, error) {
	if r != 0 && !r.declared() {
		return nil, fmt.Errorf("%w: %q", ErrRight, r)
	}
	return []byte(r.String()), nil
}

// UnmarshalText reads what [ParseRight] does. Empty or blank text gives the zero
// Right.
func (r *Right) UnmarshalText(text []byte) error {
	if isBlank(text) {
		*r = 0
		return nil
	}
	parsed, err := ParseRight(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
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
