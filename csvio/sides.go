package csvio

import (
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// UMMailbox says whether a mailbox is enabled for Unified Messaging. It names the
// mailbox as the export does; see [Permission].
type UMMailbox struct {
	Mailbox string
	Enabled inventory.Fact
	Source  inventory.Source
}

// UMMailboxes reads an export of Get-UMMailbox, or of any list with a column
// UMEnabled: one mailbox a row, in the order of the file. The sequence can be ranged
// over once. Get-UMMailbox lists enabled mailboxes only, so that without a column
// UMEnabled all are. Errors are as with [Mailboxes].
//
// Source: learn.microsoft.com/powershell/module/exchange/get-ummailbox.
func UMMailboxes(r io.Reader, opts *ReadOptions) iter.Seq2[*UMMailbox, error] {
	return rows(r, opts, func(s *sheet) (reader[UMMailbox], error) {
		names, err := s.mailboxNames()
		if err != nil {
			return nil, err
		}
		enabled := s.find("umenabled")
		if enabled == absent && s.find("ummailboxpolicy", "umdialplan", "extensions", "umaddresses", "sipresourceidentifier") == absent {
			return nil, s.missing("anything about Unified Messaging, such as UMMailboxPolicy or UMEnabled of Get-UMMailbox", "ummailboxpolicy", "umenabled")
		}
		return one(func() (*UMMailbox, error) {
			row := &UMMailbox{Enabled: inventory.Yes, Source: s.source()}
			if row.Mailbox, err = s.mailboxName(names); err != nil {
				return nil, err
			}
			if enabled != absent {
				if row.Enabled, err = s.fact(enabled); err != nil {
					return nil, err
				}
			}
			return row, nil
		}), nil
	})
}

// Device says that a mailbox has ActiveSync devices. It names the mailbox as the
// export does; see [Permission].
type Device struct {
	Mailbox string
	// Devices is how many the row is about: one for a device, and for a mailbox
	// whether there are any.
	Devices inventory.Count
	ID      string // DeviceId; "" if the row is about no single device, or it has none
	// LastSync is when the device last synchronized with success; zero if unknown. It is
	// read as [ReadOptions.TimeLayout] says.
	LastSync time.Time
	Source   inventory.Source
}

// Devices reads an export of Get-ActiveSyncDeviceStatistics, one device a row, to which
// a column with the mailbox was added, or whose Identity begins with the canonical name
// of the mailbox; or one of Get-CASMailbox with HasActiveSyncDevicePartnership, one
// mailbox a row. Rows come in the order of the file; the sequence can be ranged over
// once. Cells are not kept: such exports can hold recovery passwords. Errors are as
// with [Mailboxes].
//
// Source: learn.microsoft.com/powershell/module/exchange/get-activesyncdevicestatistics.
func Devices(r io.Reader, opts *ReadOptions) iter.Seq2[*Device, error] {
	return rows(r, opts, func(s *sheet) (reader[Device], error) {
		names, err := s.mailboxNames()
		if err != nil {
			return nil, err
		}
		partnership := s.find("hasactivesyncdevicepartnership")
		if partnership == absent && s.find("deviceid", "devicetype", "devicefriendlyname", "deviceuseragent", "firstsynctime", "lastsuccesssync") == absent {
			return nil, s.missing("anything about devices, such as DeviceId of Get-ActiveSyncDeviceStatistics or HasActiveSyncDevicePartnership of Get-CASMailbox", "deviceid", "hasactivesyncdevicepartnership")
		}
		id, lastSync := s.find("deviceid"), s.find("lastsuccesssync")
		return one(func() (*Device, error) {
			row := &Device{Source: s.source()}
			if row.Mailbox, err = s.mailboxName(names); err != nil {
				return nil, err
			}
			if partnership != absent {
				row.Devices.Exist, err = s.fact(partnership)
				return row, err
			}
			row.Devices = inventory.Count{Number: 1, Exist: inventory.Yes}
			row.ID = s.text(id)
			row.LastSync, err = s.timeOf(lastSync)
			return row, err
		}), nil
	})
}

// CloudRecipient is a recipient of the tenant.
type CloudRecipient struct {
	Address inventory.Address
	Aliases []inventory.Address
	Kind    inventory.Kind // MailUser, UserMailbox, …
	Source  inventory.Source
}

// CloudRecipients reads an export of Get-Recipient, Get-MailUser or Get-Mailbox of
// Exchange Online: one recipient a row, in the order of the file. The sequence can be
// ranged over once. Columns are found as with [Mailboxes]; an export without a type is
// taken to be one of Get-MailUser. Errors are as with [Mailboxes].
func CloudRecipients(r io.Reader, opts *ReadOptions) iter.Seq2[*CloudRecipient, error] {
	return func(yield func(*CloudRecipient, error) bool) {
		for m, err := range Mailboxes(r, opts) {
			if err != nil {
				yield(nil, err)
				return
			}
			row := &CloudRecipient{Address: m.Address, Aliases: m.Aliases, Kind: m.Kind, Source: m.Source}
			if row.Kind == "" {
				row.Kind = mailUser
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// mailUser is the type of a mail-enabled user without mailbox.
const mailUser inventory.Kind = "MailUser"

// mailboxNames finds the columns that may name a mailbox, the surest first.
func (s *sheet) mailboxNames() ([]column, error) {
	var found []column
	for _, name := range []string{
		"primarysmtpaddress", "windowsemailaddress", "emailaddress", "mailbox", "mail", "legacyexchangedn", "userprincipalname", "upn",
		"distinguishedname", "identity", "samaccountname", "user", "owner", "displayname", "name", "alias",
	} {
		if c := s.find(name); c != absent {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return nil, s.missing("what names a mailbox, such as PrimarySmtpAddress or Identity", "primarysmtpaddress", "identity")
	}
	return found, nil
}

// deviceFolder is where the directory keeps the devices of a mailbox, below it. Source:
// the Identity that Get-ActiveSyncDevice prints; general knowledge.
const deviceFolder = "/ExchangeActiveSyncDevices/"

// mailboxName returns the first name of a mailbox that the row has.
func (s *sheet) mailboxName(columns []column) (string, error) {
	for _, c := range columns {
		if name, _, _ := strings.Cut(s.text(c), deviceFolder); name != "" {
			return name, nil
		}
	}
	return "", s.at(int(columns[0]), fmt.Errorf("%w: nothing names a mailbox", ErrValue))
}
