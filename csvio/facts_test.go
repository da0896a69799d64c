package csvio_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

func TestExtraColumns(t *testing.T) {
	outlook := func(numbers ...uint16) (m inventory.Mailbox) {
		n := append(numbers, 0, 0, 0)
		m.OutlookVersion = inventory.Version{Major: n[0], Minor: n[1], Build: n[2], Revision: n[3]}
		return m
	}
	largest := func(n inventory.Size) inventory.Mailbox { return inventory.Mailbox{LargestItem: inventory.Known(n)} }
	replies := func(f inventory.Fact) inventory.Mailbox { return inventory.Mailbox{OutOfOffice: f} }
	licensed := func(f inventory.Fact) inventory.Mailbox { return inventory.Mailbox{Licensed: f} }
	for _, tt := range []struct {
		header, cell string
		want         inventory.Mailbox
	}{
		{"LargestItem", "151 MB (158,334,976 bytes)", largest(158334976)},
		{"LargestItemSize", "6672B", largest(6672)},
		{"Largest Item Size (MB)", "36.5", largest(36*inventory.MB + inventory.MB/2)},
		{"LargestItemKB", "100", largest(100 * inventory.KB)},
		{"LargestItemSizeInBytes", "0", largest(0)},
		{"LargestItem", "n/a", inventory.Mailbox{}},
		{"LargestItem", "", inventory.Mailbox{}},

		{"OutOfOffice", "True", replies(inventory.Yes)},
		{"OutOfOffice", "0", replies(inventory.No)},
		{"OOF-Enabled", "FALSE", replies(inventory.No)},
		{"AutoReplyState", "Enabled", replies(inventory.Yes)},
		{"AutoReplyState", "scheduled", replies(inventory.Yes)},
		{"AutoReplyState", " Disabled ", replies(inventory.No)},
		{"AutoReplyState", "", inventory.Mailbox{}},

		{"IsLicensed", "True", licensed(inventory.Yes)},
		{"Licensed", "False", licensed(inventory.No)},
		{"Licensed", "", inventory.Mailbox{}},

		{"OutlookVersion", "2007", outlook(12)},
		{"OutlookVersion", "Microsoft Office Outlook 2003", outlook(11)},
		{"ClientVersion", "Outlook 2010 SP2", outlook(14)},
		{"ClientVersion", "Microsoft 365 Apps", outlook(16)},
		{"ClientVersion", "Outlook XP", outlook(10)},
		{"OutlookVersion", "12.0.6607.1000", outlook(12, 0, 6607, 1000)},
		{"OutlookVersion", "16", outlook(16)},
		{"OutlookVersion", "Outlook 15.0", outlook(15)},
		{"OutlookVersion", "2016; 14.0.7015.1000; 2013", outlook(14, 0, 7015, 1000)},
		{"OutlookVersion", "n/a, 2013", outlook(15)},
		{"OutlookVersion", "None", inventory.Mailbox{}},
		{"OutlookVersion", "", inventory.Mailbox{}},
	} {
		text := "PrimarySmtpAddress;" + tt.header + "\r\na@contoso.com;" + `"` + tt.cell + `"` + "\r\n"
		rows, err := collect(csvio.Mailboxes(strings.NewReader(text), nil))
		require.NoError(t, err, "%s %q", tt.header, tt.cell)
		tt.want.Address, tt.want.Source = "a@contoso.com", inventory.Source{File: rows[0].Source.File, Line: 2}
		require.Empty(t, cmp.Diff([]*inventory.Mailbox{&tt.want}, rows, comparable), "%s %q", tt.header, tt.cell)
	}
}

func TestBadExtraColumns(t *testing.T) {
	for header, cells := range map[string][]string{
		"LargestItemSize": {"big", "-1", "17 TB"},
		"OutOfOffice":     {"yes", "On"},
		"IsLicensed":      {"E3"},
		"OutlookVersion":  {"Thunderbird", "3585.0.32903.28", "7.5", "12.x", "12.0.6607.1000.1", "12.0 (x64)", "2008", "70000", "2013, 5"},
	} {
		for _, cell := range cells {
			text := "PrimarySmtpAddress," + header + "\na@contoso.com,\n" + `b@contoso.com,"` + cell + `"` + "\n"
			good, bad, err := badRows(csvio.Mailboxes, text)
			require.NoError(t, err)
			require.Equal(t, 1, good)
			require.Len(t, bad, 1, "%s %q", header, cell)
			require.Contains(t, bad[0], "3:15")
			require.Contains(t, bad[0], header)
		}
	}
}

func TestExtraColumnsAreCounted(t *testing.T) {
	in, err := read(t, []string{"PrimarySmtpAddress,LargestItemMB,OutOfOffice,IsLicensed,OutlookVersion\n" +
		"a@x.com,1,True,False,2007\nb@x.com,2,False,True,\nc@x.com,3,,,\nd@x.com,,,,\n"}, nil)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]csvio.Facts{{"largest item", 3}, {"out of office", 2}, {"license", 2}, {"Outlook", 1}}, in.Files[0].Facts))
}
