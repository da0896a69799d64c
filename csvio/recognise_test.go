package csvio_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
)

// A file that is given for another says what it is.
func TestWrongExports(t *testing.T) {
	for header, want := range map[string]string{
		"DN,objectClass,cn":                       "this looks like an export of csvde",
		"PrimarySmtpAddress,SuggestedBatch":       "this looks like the schedule of Find-MailboxDelegates, which has sizes",
		"Batch,User":                              "this looks like the batches of Find-MailboxDelegates",
		"Mailbox,User,AccessRights":               "this looks like an export of permissions",
		"Identity,User,Access Rights":             "this looks like an export of Get-MailboxPermission",
		"Identity,User,ExtendedRights":            "this looks like an export of Get-ADPermission",
		"LegacyDN,MailboxDisplayName,Size":        "this looks like an export of Exchange_Mailbox from WMI, which has sizes",
		"LegacyDN,TotalItemSize":                  "this looks like an export of Get-MailboxStatistics",
		"PrimarySmtpAddress,Name":                 "this looks like an export of Get-Mailbox",
		"Identity,HasActiveSyncDevicePartnership": "this looks like an export of Get-CASMailbox",
		"Identity,DeviceID":                       "this looks like an export of ActiveSync devices",
		"dn: CN=a":                                "this looks like an export of ldifde, which has mailboxes",
		"DisplayName,UM MailboxPolcy":             `is it "UM MailboxPolcy"?`,
		"DisplayName,Color":                       `the columns are ["DisplayName" "Color"]`,
	} {
		_, err := collect(csvio.UMMailboxes(strings.NewReader(header+"\n"), nil))
		require.ErrorIs(t, err, csvio.ErrFormat, header)
		require.True(t, strings.HasSuffix(err.Error(), want), "%s: %v", header, err)
	}
	_, err := collect(csvio.Mailboxes(strings.NewReader("PrimarySmtpAdress,Name\n"), nil))
	require.ErrorContains(t, err, `is it "PrimarySmtpAdress"?`)
	_, err = collect(csvio.Permissions(strings.NewReader("Identity,UMMailboxPolicy\n"), nil))
	require.ErrorContains(t, err, "this looks like an export of Get-UMMailbox")
}

// What is in a file that is no export ends up in messages cut and on one line, and what
// may be a row of a file without header does not.
func TestMessagesAreBounded(t *testing.T) {
	for reason, text := range map[string]string{
		"a line of a megabyte":             strings.Repeat("a", 1<<19) + "," + strings.Repeat("b", 1<<19) + "\n",
		"a header of half a megabyte":      "mail," + strings.Repeat(" ", 1<<10) + strings.Repeat("x", 1<<19) + "\nnobody,1\n",
		"a header with a line break":       "\"Primary\r\nSmtp\r\nAddress\"\nnobody\n",
		"a row in the place of the header": "a@x.com,Passw0rd1,False\n",
	} {
		_, err := collect(csvio.Mailboxes(strings.NewReader(text), nil))
		require.Error(t, err, reason)
		require.Less(t, len(err.Error()), 400, reason)
		require.NotContains(t, err.Error(), "\n", reason)
		require.NotContains(t, err.Error(), "Passw0rd1", reason)
	}
	_, err := csvio.ReadOrganization(strings.NewReader(`{"a\nb`+strings.Repeat("c", 1000)+`": 1}`), "o.json")
	require.Error(t, err)
	require.Less(t, len(err.Error()), 300)
	require.NotContains(t, err.Error(), "\n")
}
