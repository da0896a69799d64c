package csvio

import (
	"fmt"
	"slices"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// owned calls set with the mailbox that a name of another export means.
func (j *joiner) owned(name string, source inventory.Source, set func(*inventory.Mailbox) error) (skip string, err error) {
	j.line = source.Line
	switch i, err := j.index.find(name); {
	case err == nil:
		return "", set(&j.mailboxes[i])
	case err == errStranger:
		return skipUnknown, nil
	default:
		return "", fmt.Errorf("%q: %w", clip([]byte(name)), err)
	}
}

func (j *joiner) addUM(row *UMMailbox) (skip string, err error) {
	return j.owned(row.Mailbox, row.Source, func(m *inventory.Mailbox) error {
		if m.UMEnabled != inventory.Unknown && row.Enabled != inventory.Unknown && m.UMEnabled != row.Enabled {
			return fmt.Errorf("%w: an earlier export says that Unified Messaging is %s for %s", ErrDuplicate, onOff(m.UMEnabled), m.Address)
		}
		m.UMEnabled = row.Enabled.Or(m.UMEnabled)
		j.report.knows("Unified Messaging", row.Enabled != inventory.Unknown)
		return nil
	})
}

func onOff(f inventory.Fact) string {
	if f == inventory.Yes {
		return "on"
	}
	return "off"
}

// deviceKey is a device of a mailbox.
type deviceKey struct {
	mailbox inventory.Address
	id      string // in lower case
}

func (j *joiner) addDevice(row *Device) (skip string, err error) {
	again := false
	skip, err = j.owned(row.Mailbox, row.Source, func(m *inventory.Mailbox) error {
		if row.ID != "" {
			key := deviceKey{m.Address, strings.ToLower(row.ID)}
			if again = j.devices[key]; again {
				return nil
			}
			j.devices[key] = true
		}
		j.report.knows("devices", row.Devices.Exists() != inventory.Unknown)
		m.ActiveSyncDevices.Number += row.Devices.Number
		m.ActiveSyncDevices.Exist = max(m.ActiveSyncDevices.Exist, row.Devices.Exist)
		return nil
	})
	if again {
		skip = skipRepeated
	}
	return skip, err
}

// addCloud notes what the tenant has under the addresses of a recipient. A recipient
// may have the addresses of several mailboxes, and most have none of these.
func (j *joiner) addCloud(row *CloudRecipient) (skip string, err error) {
	j.line = row.Source.Line
	skip = skipUnknown
	for _, a := range append(row.Aliases, row.Address) {
		if i, ok := j.index.byAddress.find(string(a)); ok {
			m := &j.mailboxes[i]
			m.Cloud = max(m.Cloud, cloudOf(row.Kind))
			skip = ""
		}
	}
	j.report.knows("cloud", skip == "")
	return skip, nil
}

// cloudOf returns what a recipient of a type is.
func cloudOf(kind inventory.Kind) inventory.Cloud {
	switch lower := strings.ToLower(string(kind)); {
	case strings.HasSuffix(lower, "mailbox"):
		return inventory.CloudMailbox
	case lower == strings.ToLower(string(mailUser)) || lower == "guestmailuser":
		return inventory.CloudMailUser
	}
	return inventory.CloudOther
}

// completeSides notes of the mailboxes that no export mentions that they are not
// enabled for Unified Messaging, have no device, and are not in the tenant. A kind of
// exports with bad rows is not complete: one of them may be about the mailbox.
func (j *joiner) completeSides() {
	um, devices, cloud := j.complete(j.exports.UM), j.complete(j.exports.Devices), j.complete(j.exports.Cloud)
	for i := range j.mailboxes {
		m := &j.mailboxes[i]
		if um {
			m.UMEnabled = m.UMEnabled.Or(inventory.No)
		}
		if devices && m.ActiveSyncDevices.Exists() == inventory.Unknown {
			m.ActiveSyncDevices.Exist = inventory.No
		}
		if cloud && m.Cloud == inventory.CloudUnknown {
			m.Cloud = inventory.CloudNothing
		}
	}
}

// complete reports whether there are files of a kind and none has a bad row.
func (j *joiner) complete(files []File) bool {
	for _, r := range j.in.Files {
		if r.Bad > 0 && slices.ContainsFunc(files, func(f File) bool { return f.Name == r.Name }) {
			return false
		}
	}
	return len(files) > 0
}
