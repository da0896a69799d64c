package csvio_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
)

// The same instant as machines of several cultures write it, read with the layout that
// the caller names, and never without one.
func TestTimes(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	march4 := time.Date(2007, 3, 4, 15, 30, 0, 0, time.UTC)
	tests := []struct {
		reason, cell, layout string
		zone                 *time.Location
		want                 time.Time
		err                  string
	}{
		{"of the United States, the month first", "3/4/2007 3:30:00 PM", "1/2/2006 3:04:05 PM", nil, march4, ""},
		{"of Britain, the day first", "04/03/2007 15:30:00", "02/01/2006 15:04:05", nil, march4, ""},
		{"of Germany, on a clock there", "04.03.2007 16:30:00", "02.01.2006 15:04:05", berlin, march4, ""},
		{"nobody says which is the month", "3/4/2007 3:30:00 PM", "", nil, time.Time{}, ""},
		{"nobody ever logged on", "", "1/2/2006 3:04:05 PM", nil, time.Time{}, ""},
		{"WMI says it all itself: 15:30 UTC is 16:30 an hour east", "20070304163000.000000+060", "", nil, march4, ""},
		{"WMI west of Greenwich, beside a layout", "20070304103000.000000-300", "1/2/2006 3:04:05 PM", nil, march4, ""},
		{"nearly WMI", "20070304163000.000000*060", "", nil, time.Time{}, ""},
		{"nearly WMI, with a layout", "20071304163000.000000+060", "2006-01-02", nil, time.Time{},
			`s.csv:2:9: LastLogonTime: not a value of this column: "20071304163000.000000+060" is not written as 2006-01-02`},
		{"another culture than was said", "04.03.2007 15:30:00", "1/2/2006 3:04:05 PM", nil, time.Time{},
			`s.csv:2:9: LastLogonTime: not a value of this column: "04.03.2007 15:30:00" is not written as 1/2/2006 3:04:05 PM`},
		{"a 13th month: the day comes first after all", "13/4/2007 3:30:00 PM", "1/2/2006 3:04:05 PM", nil, time.Time{},
			`s.csv:2:9: LastLogonTime: not a value of this column: "13/4/2007 3:30:00 PM" is no time: month out of range`},
	}
	for _, tt := range tests {
		text := "mail,LastLogonTime,ItemCount\na@x.com,here,1\n"
		opts := &csvio.ReadOptions{File: "s.csv", TimeLayout: tt.layout, TimeZone: tt.zone}
		for row, err := range csvio.Statistics(strings.NewReader(strings.Replace(text, "here", tt.cell, 1)), opts) {
			if tt.err != "" {
				require.EqualError(t, err, tt.err, tt.reason)
				require.ErrorIs(t, err, csvio.ErrValue, tt.reason)
				continue
			}
			require.NoError(t, err, tt.reason)
			if !row.LastLogon.Equal(tt.want) {
				t.Errorf("%s: %q is %v, want %v", tt.reason, tt.cell, row.LastLogon, tt.want)
			}
		}
	}
}

// A device row has what identifies the device and when it was last in sync.
func TestDeviceRows(t *testing.T) {
	const text = "Mailbox,DeviceID,LastSuccessSync,RecoveryPassword\na@x.com,ABC123,04.03.2007 15:30:00,secret\na@x.com,,,\n"
	rows, err := collect(csvio.Devices(strings.NewReader(text), &csvio.ReadOptions{TimeLayout: "02.01.2006 15:04:05"}))
	require.NoError(t, err)
	type row struct {
		ID       string
		LastSync time.Time
	}
	var got []row
	for _, r := range rows {
		got = append(got, row{r.ID, r.LastSync})
	}
	want := []row{{"ABC123", time.Date(2007, 3, 4, 15, 30, 0, 0, time.UTC)}, {}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
