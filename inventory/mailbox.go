package inventory

import (
	"fmt"
	"strings"
)

// Source is the place that a value was read from. The zero Source says that it
// was not read from a file.
type Source struct {
	File string `json:"file"` // as the caller named it
	Line int    `json:"line"` // from 1; 0 if unknown
}

// String returns "file:line", or "" for the zero Source.
func (s Source) String() string {
	if s == (Source{}) {
		return ""
	}
	return fmt.Sprintf("%s:%d", s.File, s.Line)
}

// Kind is the recipient type of a mailbox in the words of Exchange
// (RecipientTypeDetails). The empty Kind is unknown. [ParseKind] gives the names
// below their spelling; any other name is kept as it is.
//
// Source: learn.microsoft.com/powershell/module/exchange/get-mailbox.
type Kind string

// The mailbox types of Exchange 2007. A LegacyMailbox is one that the tools of
// Exchange 2003 made.
const (
	UserMailbox      Kind = "UserMailbox"
	LinkedMailbox    Kind = "LinkedMailbox"
	LegacyMailbox    Kind = "LegacyMailbox"
	SharedMailbox    Kind = "SharedMailbox"
	RoomMailbox      Kind = "RoomMailbox"
	EquipmentMailbox Kind = "EquipmentMailbox"
)

var kinds = func() map[string]Kind {
	m := make(map[string]Kind)
	for _, k := range []Kind{UserMailbox, LinkedMailbox, LegacyMailbox, SharedMailbox, RoomMailbox, EquipmentMailbox} {
		m[strings.ToLower(string(k))] = k
	}
	return m
}()

// ParseKind returns the Kind that text names, in any case. It accepts any name:
// whether a mailbox of that kind can move is for a rule to say.
func ParseKind(text string) Kind {
	s := strings.TrimSpace(text)
	if k, ok := kinds[strings.ToLower(s)]; ok {
		return k
	}
	return Kind(s)
}

// MarshalText returns the name of the kind.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k), nil }

// UnmarshalText reads the name of a kind as [ParseKind] does. Empty or blank text
// gives the empty Kind.
func (k *Kind) UnmarshalText(text []byte) error {
	*k = ParseKind(string(text))
	return nil
}

// Cloud is what the tenant has under the address of a mailbox. The zero value is
// CloudUnknown.
type Cloud uint8

// What there may be in the tenant.
const (
	CloudUnknown  Cloud = iota
	CloudNothing        // no recipient
	CloudMailUser       // a mail-enabled user, which the service turns into the mailbox
	CloudMailbox        // a mailbox already
	CloudOther          // a contact, a group
)

// Mailbox is one mailbox of the source organization and what is known of it.
// Only Address is required.
type Mailbox struct {
	// Address is the primary SMTP address. It is what a batch file names.
	Address Address
	// WindowsEmailAddress is the address in the directory's attribute mail; empty if
	// unknown. The service looks mailboxes up by it too.
	WindowsEmailAddress Address
	// Aliases are further addresses of the mailbox, in any order. Grants may
	// name any of them.
	Aliases []Address

	DisplayName string
	Kind        Kind
	// Version is the Exchange build that the mailbox belongs to: the later of
	// its own and its server's if both are known.
	Version  Version
	Server   string // name of the mailbox server; "" if unknown
	Database string // as Exchange names it; "" if unknown

	// LegacyDN (legacyExchangeDN) and GUID (msExchMailboxGuid) identify the mailbox in
	// other exports. The former is compared without regard to case.
	LegacyDN string
	GUID     GUID

	Size  Opt[Size]  // what the mailbox holds, without its dumpster
	Items Opt[int64] // number of items

	// ActiveSyncDevices is how many device partnerships there are.
	ActiveSyncDevices Count

	HiddenFromAddressLists Fact
	UMEnabled              Fact
	OutlookCachedMode      Fact
	// OutOfOffice says whether an automatic reply is on or has a text.
	OutOfOffice Fact
	// Licensed says whether the user has a license for Exchange Online.
	Licensed Fact
	// Cloud is what the tenant has under the address.
	Cloud Cloud
	// Delegated says whether somebody else holds a right on the mailbox. New
	// sets it from the grants; it stays as it is for a mailbox that no grant
	// mentions as its object.
	Delegated Fact

	// OutlookVersion is the oldest Outlook that opens the mailbox: 12 is 2007, 16 is
	// 2016 and later.
	OutlookVersion Version
	// LargestItem is the size of the largest item.
	LargestItem Opt[Size]

	// Attrs are what else an export says of the mailbox, in columns that have no
	// field here.
	Attrs Attrs

	Source Source
}
