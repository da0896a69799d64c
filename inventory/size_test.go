package inventory_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/inventory"
)

func TestParseSize(t *testing.T) {
	tests := []struct {
		text   string
		want   inventory.Size
		reason string
	}{
		{"6672B", 6672, "Exchange 2007, as its developers' blog shows it"},
		{"0B", 0, "the System Attendant's in the same source"},
		{"369231B", 369231, "a SystemMailbox's in the same source"},
		{"1.07 GB (1,148,963,652 bytes)", 1148963652, "Exchange 2010 and later: the bytes in brackets are exact"},
		{"30 GB (32,212,254,720 bytes)", 32212254720, "30 x 1024^3, as documented"},
		{"256 KB (262,144 bytes)", 262144, "256 x 1024"},
		{"4.719 MB (4,947,968 bytes)", 4947968, "a real figure of Get-MailboxStatistics"},
		{"0 B (0 bytes)", 0, "an empty mailbox"},
		{"2 GB (5 bytes)", 5, "the brackets win even against the figure before them"},
		{"1 KB", 1024, "units are powers of 1024"},
		{"1kb", 1024, "case and blanks do not matter"},
		{"1.5 GB", 1610612736, "1.5 x 1024^3"},
		{"0.1 KB", 102, "102.4 bytes are rounded"},
		{"2 TB", 2 << 40, "TB is a unit"},
		{"1,024 MB", 1 << 30, "commas group thousands"},
		{" 12 B ", 12, "blanks around it"},
		{"12345", 12345, "without a unit it is bytes"},
		{"8388607 TB", 8388607 << 40, "the largest whole number of TB below 8 EiB"},
		{"9223372036854775807", 9223372036854775807, "the largest of all"},
	}
	for _, tt := range tests {
		got, err := inventory.ParseSize(tt.text)
		require.NoError(t, err, "%q: %s", tt.text, tt.reason)
		require.Equal(t, tt.want, got, "%q: %s", tt.text, tt.reason)
	}
}

func TestParseSizeRefuses(t *testing.T) {
	for text, reason := range map[string]string{
		"":                              "empty",
		"  ":                            "blank",
		"B":                             "a unit alone",
		"GB":                            "a unit alone",
		"12 items":                      "no size",
		"-5B":                           "negative",
		"1.5":                           "a fraction of bytes",
		"1.5B":                          "a fraction of bytes",
		"1.5.2 GB":                      "two points",
		"1e3 KB":                        "no plain number",
		"0x10":                          "no decimal number",
		"1,5 GB":                        "a decimal comma, which would be 15 GB if it were dropped",
		"12,34 KB":                      "not grouped in thousands",
		",024 KB":                       "nothing before the first comma",
		"1 GB (x bytes)":                "no number in brackets",
		"1 GB (5 bytes":                 "brackets that do not close",
		"1 GB (5)":                      "brackets without a unit",
		"? (5 bytes)":                   "no number before the brackets",
		"Unlimited":                     "no size of a mailbox",
		"9223372036854775808":           "over 8 EiB",
		"99999999999999999999999999 TB": "far over 8 EiB",
		"8388608 TB":                    "8 EiB exactly",
		"8388608.5 TB":                  "over 8 EiB with a fraction",
		"\u0661 KB":                     "a digit of another script",
	} {
		_, err := inventory.ParseSize(text)
		require.ErrorIs(t, err, inventory.ErrSize, "%q: %s", text, reason)
	}
}

func TestSizeString(t *testing.T) {
	for size, want := range map[inventory.Size]string{
		0:            "0 B",
		1023:         "1023 B",
		1024:         "1 KB",
		6672:         "6.516 KB", // 6672/1024 = 6.515625
		4947968:      "4.719 MB", // as Exchange prints it before the brackets
		1148963652:   "1.07 GB",  // likewise
		32212254720:  "30 GB",
		1 << 40:      "1 TB",
		1023 << 30:   "1023 GB",
		1500 << 40:   "1500 TB",
		-2048:        "-2 KB",
		1<<30 - 1:    "1024 MB",
		1234567 * 10: "11.77 MB",
	} {
		require.Equal(t, want, size.String(), "%d bytes", int64(size))
	}
	require.InDelta(t, 1.5, (3 * inventory.GB / 2).GBytes(), 0)
}

// What Exchange prints for a size must read back as that size, whatever it is.
func TestParseSizeReadsWhatExchangePrints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := inventory.Size(rapid.Int64Min(0).Draw(t, "bytes"))
		for _, text := range []string{
			fmt.Sprintf("%dB", int64(n)),
			fmt.Sprintf("%s (%s bytes)", n, grouped(int64(n))),
			grouped(int64(n)) + " B",
		} {
			got, err := inventory.ParseSize(text)
			if err != nil || got != n {
				t.Fatalf("ParseSize(%q) = %d, %v; want %d", text, got, err, n)
			}
		}
	})
}

func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"6672B", "1.07 GB (1,148,963,652 bytes)", "1,5 GB", "(", "9223372036854775807 KB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := inventory.ParseSize(text)
		if err == nil && n < 0 {
			t.Errorf("ParseSize(%q) = %d", text, n)
		}
	})
}
