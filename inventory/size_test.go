package inventory_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
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
		{"8388607.5 TB", 8388607<<40 + 1<<39, "the half TB below 8 EiB"},
		{"1,234,567 Bytes", 1234567, "commas group in the invariant culture"},
		{"1.234.567 Bytes", 1234567, "points group in German"},
		{"1 234 567 bytes", 1234567, "blanks group in Swedish"},
		{"1\u00a0234\u00a0567", 1234567, "no-break blanks group in French"},
		{"1\u202f234\u00a0567\u202fB", 1234567, "blanks of any width are one kind"},
		{"1'234'567 B", 1234567, "apostrophes group in Switzerland"},
		{"1\u2019234\u2019567 B", 1234567, "in print too"},
		{"1.234,56 MB", 1294529987, "1234.56 x 1048576 = 1294529986.56"},
		{"1,234.56 MB", 1294529987, "the same in English"},
		{"1 234,56 MB", 1294529987, "the same in French"},
		{"1'234.56 MB", 1294529987, "the same in Switzerland"},
		{"1234,56MB", 1294529987, "the same without groups"},
		{"1.234.567,5 KB", 1264197120, "1234567.5 x 1024"},
		{"1,5 GB", 1610612736, "one digit behind a comma is no group: 1.5 x 1024^3"},
		{"12,34 KB", 12636, "nor are two: 12.34 x 1024 = 12636.16"},
		{"1,2345 KB", 1264, "nor are four: 1.2345 x 1024 = 1264.128"},
		{"1234,567 KB", 1264197, "four digits before it are none either: 1234.567 x 1024 = 1264196.608"},
		{"0,125 GB", 134217728, "no group begins with 0: 1024^3 / 8"},
		{"1,234.567 KB", 1264197, "a point behind a comma begins the fraction though three digits follow"},
		{"1.234,567 KB", 1264197, "so does a comma behind a point"},
		{"1,024 KB", 1 << 20, "a comma alone groups up to MB"},
		{"4.719 GB", 5066987667, "a point alone begins the fraction: 4.719 x 1073741824 = 5066987667.456"},
		{"1.234 Bytes", 1234, "but not of bytes, which have none"},
		{"1,234", 1234, "a comma alone in bytes groups"},
		{"1,234 GB (1,324,997,410,816 bytes)", 1324997410816, "the brackets settle what the comma leaves open"},
		{"1,15 GB (1.234.803.098 Bytes)", 1234803098, "brackets that went through a German spreadsheet"},
		{"1.21 KB (1.234 bytes)", 1234, "brackets hold bytes, which have no fraction"},
		{"99999999999999999999 TB (5 bytes)", 5, "the brackets win against what is too large"},
		{"6672.00", 6672, "a number format that adds decimal places adds no fraction"},
		{"0.5 KB", 512, "half of 1024"},
		{"0.00048828125 KB", 1, "exactly half a byte is rounded up"},
		{"0.000488281249999999 KB", 0, "less is not"},
		{"0.000000000000454748 TB", 1, "the 18th digit counts: 2^-41 TB, half a byte, is 0.00000000000045474735…"},
		{"0.000000000000454747 TB", 0, "likewise"},
		{"0.99999999 KB", 1024, "a fraction can round to a whole unit"},
		{"1.12589990684262 TB", 1237940039285, "15 digits: 1.12589990684262 x 1024^4 = 1237940039285.376"},
		{"8191.99999999999 TB", 9007199254740981, "15 digits: 2^53 - 10.995…"},
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
		"1,234 GB":                      "a thousand or a rounded fraction",
		"123,456TB":                     "likewise",
		"1.234":                         "rather a number that has lost its unit than bytes",
		"1.000":                         "likewise, or a thousand",
		"1,5":                           "a fraction of bytes",
		"0,125":                         "a fraction of bytes",
		"12,34,567 KB":                  "not grouped in thousands",
		"1,2345,678 KB":                 "not grouped in thousands",
		"1234,567,890 KB":               "not grouped in thousands",
		"1 23 MB":                       "not grouped in thousands, and a blank begins no fraction",
		"1  234 MB":                     "two blanks make no group",
		"1\n234 KB":                     "two lines are no group",
		"1,234 567 KB":                  "groups of two kinds",
		"1.234,567.890 KB":              "no notation",
		"1,234.567,890 KB":              "no notation",
		"1,5x GB":                       "no digits behind the comma",
		"1. GB":                         "nothing behind the point",
		"1,":                            "nothing behind the comma",
		",024 KB":                       "nothing before the first comma",
		".5 GB":                         "nothing before the point",
		", GB":                          "no digit",
		"1.234.567 bytes (5 items)":     "brackets that hold no bytes",
		"1 GB (1.5 bytes)":              "a fraction of bytes",
		"1 GB (5 bytes) or so":          "something behind the brackets",
		"1 GB (x bytes)":                "no number in brackets",
		"1 GB (5 bytes":                 "brackets that do not close",
		"1 GB (5)":                      "brackets without a unit",
		"? (5 bytes)":                   "no number before the brackets",
		"Unlimited":                     "no size of a mailbox",
		"9223372036854775808":           "over 8 EiB",
		"99999999999999999999999999 TB": "far over 8 EiB",
		"18446744073709551616":          "2^64, which is 0 in 64 bits",
		"8388607.9999999999999 TB":      "8 EiB when rounded",
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

func TestParseSizeIn(t *testing.T) {
	tests := []struct {
		text   string
		unit   inventory.Size
		want   inventory.Size
		reason string
	}{
		{"12", inventory.MB, 12 << 20, "the header's unit"},
		{"0", inventory.GB, 0, "nothing of any unit"},
		{"1234.56", inventory.MB, 1294529987, "1234.56 x 1048576 = 1294529986.56"},
		{"1234.56738281", inventory.MB, 1294537728, "as FastTrack's script divides: 1294537727.997…"},
		{"0.8837890625", inventory.MB, 926720, "905 KB, divided by 1024"},
		{"1234,56", inventory.MB, 1294529987, "the same from a German spreadsheet"},
		{"1.234,56", inventory.MB, 1294529987, "with groups"},
		{"1,234", inventory.MB, 1234 << 20, "a comma alone groups up to MB"},
		{"1.234", inventory.MB, 1293943, "a point alone begins the fraction: 1.234 x 1048576 = 1293942.784"},
		{"1.234", inventory.GB, 1324997411, "likewise: 1.234 x 1073741824 = 1324997410.816"},
		{"1.234", inventory.Byte, 1234, "but not in a column of bytes"},
		{"1.234.567", inventory.KB, 1234567 << 10, "two points group"},
		{"2 KB", inventory.MB, 2048, "a unit in the text wins"},
		{"6672B", inventory.GB, 6672, "so does one of bytes"},
		{"5 GB (7 bytes)", inventory.MB, 7, "so do brackets"},
		{"5 (7 bytes)", inventory.MB, 7, "without a unit before them too"},
		{"2.5", 1000 * 1000, 2500000, "a unit may be any number of bytes"},
		{"1.5", 3, 5, "4.5 rounds up"},
	}
	for _, tt := range tests {
		got, err := inventory.ParseSizeIn(tt.text, tt.unit)
		require.NoError(t, err, "%q: %s", tt.text, tt.reason)
		require.Equal(t, tt.want, got, "%q: %s", tt.text, tt.reason)
	}
	for _, tt := range []struct {
		text   string
		unit   inventory.Size
		reason string
	}{
		{"", inventory.MB, "empty"},
		{"MB", inventory.MB, "a unit alone"},
		{"1,234", inventory.GB, "a thousand or a rounded fraction"},
		{"1.5", inventory.Byte, "a fraction of bytes"},
		{"-1", inventory.MB, "negative"},
		{"8388608", inventory.TB, "8 EiB exactly"},
		{"1", 0, "no unit"},
		{"1 KB", -1, "no unit, though the text has one"},
	} {
		_, err := inventory.ParseSizeIn(tt.text, tt.unit)
		require.ErrorIs(t, err, inventory.ErrSize, "%q: %s", tt.text, tt.reason)
		require.NotErrorIs(t, err, inventory.ErrUnknown, "%q: %s", tt.text, tt.reason)
	}
}

func TestParseSizeTellsUnknownApart(t *testing.T) {
	for text, unknown := range map[string]bool{
		"Unlimited": true, // Exchange
		"unlimited": true,
		"n/a":       true, // Find-MailboxDelegates.ps1
		" N/A ":     true,
		"":          false,
		"none":      false,
		"1,234 GB":  false,
		"n/a B":     false,
	} {
		_, err := inventory.ParseSize(text)
		require.ErrorIs(t, err, inventory.ErrSize, "%q", text)
		_, errIn := inventory.ParseSizeIn(text, inventory.MB)
		require.ErrorIs(t, errIn, inventory.ErrSize, "%q", text)
		require.Equal(t, unknown, errors.Is(err, inventory.ErrUnknown), "%q", text)
		require.Equal(t, unknown, errors.Is(errIn, inventory.ErrUnknown), "%q", text)
	}
}

// A number in any notation is the number that math/big makes of it, times the
// unit, rounded to the nearest byte, a half up.
func TestParseSizeIsExact(t *testing.T) {
	notations := []struct{ group, point string }{
		{"", "."}, {"", ","}, {",", "."}, {".", ","}, {" ", ","}, {"\u00a0", ","}, {"\u202f", ","}, {"'", "."}, {"\u2019", "."},
	}
	units := map[string]inventory.Size{"KB": inventory.KB, "mb": inventory.MB, "Gb": inventory.GB, "TB": inventory.TB}
	rapid.Check(t, func(t *rapid.T) {
		notation := rapid.SampledFrom(notations).Draw(t, "notation")
		name := rapid.SampledFrom([]string{"KB", "mb", "Gb", "TB"}).Draw(t, "unit")
		whole := rapid.Int64Range(0, 8388607).Draw(t, "whole") // below 8 EiB in TB
		places := rapid.StringMatching(`[0-9]{1,18}`).Draw(t, "places")
		text := strings.ReplaceAll(grouped(whole), ",", notation.group) + notation.point + places
		if strings.Count(text, ",") == 1 && len(places) == 3 && !strings.ContainsAny(text, ". '\u00a0\u202f\u2019") {
			t.Skip("a comma alone need not begin a fraction")
		}

		value, ok := new(big.Rat).SetString(fmt.Sprintf("%d.%s", whole, places))
		if !ok {
			t.Fatalf("big.Rat does not read %d.%s", whole, places)
		}
		value.Mul(value, new(big.Rat).SetInt64(int64(units[name])))
		value.Add(value, big.NewRat(1, 2)) // so that rounding down rounds to the nearest
		want := inventory.Size(new(big.Int).Quo(value.Num(), value.Denom()).Int64())

		for _, number := range []string{text + name, text + " " + name, text + "\u00a0" + name} {
			if got, err := inventory.ParseSize(number); err != nil || got != want {
				t.Fatalf("ParseSize(%q) = %d, %v; want %d", number, got, err, want)
			}
		}
		if got, err := inventory.ParseSizeIn(text, units[name]); err != nil || got != want {
			t.Fatalf("ParseSizeIn(%q, %d) = %d, %v; want %d", text, units[name], got, err, want)
		}
	})
}

func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"6672B", "1.07 GB (1,148,963,652 bytes)", "1,5 GB", "(", "9223372036854775807 KB", "1.234,56 MB", "1\u00a0234 bytes", "Unlimited"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := inventory.ParseSize(text)
		checkParsed(t, text, n, err)
		// A number without a unit is of bytes; only the point of "1.234" is taken
		// for a group's where bytes are asked for.
		if in, errIn := inventory.ParseSizeIn(text, inventory.Byte); err == nil && (errIn != nil || in != n) {
			t.Errorf("ParseSizeIn(%q, Byte) = %d, %v; ParseSize gives %d", text, in, errIn, n)
		}
	})
}

func FuzzParseSizeIn(f *testing.F) {
	for _, s := range []string{"1234.56", "1,234", "0.99999999", "5 (7 bytes)", "n/a", "9223372036854775807"} {
		for _, unit := range []inventory.Size{inventory.Byte, inventory.MB, inventory.TB, math.MaxInt64, -1} {
			f.Add(s, int64(unit))
		}
	}
	f.Fuzz(func(t *testing.T, text string, unit int64) {
		n, err := inventory.ParseSizeIn(text, inventory.Size(unit))
		checkParsed(t, text, n, err)
		if err == nil && unit <= 0 {
			t.Errorf("ParseSizeIn(%q, %d) took no unit for one", text, unit)
		}
	})
}

// checkParsed checks what holds of every size that is read: it is not negative,
// its text gives it back, and so does what String prints, but for the rounding to
// four digits or, from 1000 TB on, to whole ones.
func checkParsed(t *testing.T, text string, n inventory.Size, err error) {
	t.Helper()
	if err != nil {
		if !errors.Is(err, inventory.ErrSize) || n != 0 {
			t.Errorf("%q = %d, %v", text, n, err)
		}
		return
	}
	if n < 0 {
		t.Errorf("%q = %d", text, n)
	}
	data, err := n.MarshalText()
	if err != nil {
		t.Fatalf("MarshalText of %d: %v", n, err)
	}
	var back inventory.Size
	if err := back.UnmarshalText(data); err != nil || back != n {
		t.Errorf("%s reads back as %d, %v", data, back, err)
	}
	printed, err := inventory.ParseSize(n.String())
	if n > 8388607*inventory.TB && n.String() == "8388608 TB" {
		return // rounded up to 8 EiB, which is no Size
	}
	if off := math.Abs(float64(printed - n)); err != nil || off > 0.0005*float64(n)+0.5 {
		t.Errorf("%d prints as %q, which reads back as %d, %v", n, n, printed, err)
	}
}
