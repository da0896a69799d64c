package inventory

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is an amount of data in bytes. Its units are powers of 1024, as Exchange
// prints them. A size that may be unknown is an Opt[Size].
type Size int64

// The units that Exchange prints.
const (
	Byte Size = 1
	KB        = 1024 * Byte
	MB        = 1024 * KB
	GB        = 1024 * MB
	TB        = 1024 * GB
)

// ErrSize is the cause of every error of [ParseSize].
var ErrSize = errors.New("not a size")

var errTooLarge = errors.New("it is over 8 EiB")

// ParseSize reads a size as Exchange prints it:
//
//   - "6672B", whole bytes, from Exchange 2007;
//   - "1.07 GB (1,148,963,652 bytes)" from Exchange 2010 and later, where the
//     figure in brackets is exact and therefore wins: the one before it is
//     rounded to four significant digits;
//   - "1.5 GB" or "300MB", a number with a unit (B, KB, MB, GB, TB, in any
//     case), rounded to whole bytes;
//   - "6672", a whole number of bytes.
//
// Commas group digits, the decimal separator is a point. A negative size, a
// fraction of bytes, and a size over 8 EiB are errors, as is empty text; they
// wrap ErrSize.
//
// Source of the forms: blogs.technet.microsoft.com/evand/2006/09/07
// (6672B) and the output of Get-MailboxStatistics from Exchange 2010 on.
func ParseSize(text string) (Size, error) {
	s := strings.TrimSpace(text)
	if open := strings.IndexByte(s, '('); open >= 0 {
		exact, found := strings.CutSuffix(strings.ToLower(s[open+1:]), "bytes)")
		if !found {
			return 0, sizeError(text, `the brackets should hold "n bytes"`)
		}
		if _, err := parseQuantity(s[:open]); err != nil && err != errTooLarge {
			return 0, sizeError(text, err.Error())
		}
		n, err := parseWhole(strings.TrimSpace(exact))
		if err != nil {
			return 0, sizeError(text, err.Error())
		}
		return n, nil
	}
	n, err := parseQuantity(s)
	if err != nil {
		return 0, sizeError(text, err.Error())
	}
	return n, nil
}

func sizeError(text, why string) error {
	return fmt.Errorf("%w: %q: %s", ErrSize, clip(text), why)
}

var sizeUnits = []struct {
	suffix string
	size   Size
}{{"kb", KB}, {"mb", MB}, {"gb", GB}, {"tb", TB}, {"b", Byte}}

// parseQuantity reads a number with an optional unit.
func parseQuantity(s string) (Size, error) {
	number, unit := strings.ToLower(strings.TrimSpace(s)), Byte
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(number, u.suffix); ok {
			number, unit = strings.TrimSpace(rest), u.size
			break
		}
	}
	if unit == Byte || !strings.Contains(number, ".") {
		n, err := parseWhole(number)
		if err != nil {
			return 0, err
		}
		if n > math.MaxInt64/unit {
			return 0, errTooLarge
		}
		return n * unit, nil
	}
	whole, fraction, _ := strings.Cut(number, ".")
	if !allDigits(fraction) {
		return 0, fmt.Errorf("%q is no number", clip(number))
	}
	n, err := parseWhole(whole)
	if err != nil {
		return 0, err
	}
	part, err := strconv.ParseFloat("0."+fraction, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", clip(number))
	}
	if n >= math.MaxInt64/unit {
		return 0, errTooLarge
	}
	return n*unit + Size(math.Round(part*float64(unit))), nil
}

// parseWhole reads digits that commas may group in threes.
func parseWhole(s string) (Size, error) {
	digits := s
	if groups := strings.Split(s, ","); len(groups) > 1 {
		for i, g := range groups {
			if g == "" || len(g) > 3 || i > 0 && len(g) != 3 {
				return 0, fmt.Errorf("%q is not grouped in thousands", clip(s))
			}
		}
		digits = strings.Join(groups, "")
	}
	if !allDigits(digits) {
		return 0, fmt.Errorf("%q is no whole number", clip(s))
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, errTooLarge
	}
	return Size(n), nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// GBytes returns the size in GB, the unit that migration rates are given in.
func (s Size) GBytes() float64 { return float64(s) / float64(GB) }

// String returns the size in the largest unit that gives a number of at least
// one, with at most four significant digits: "6672 B" is "6.516 KB". This is
// the form Exchange 2010 and later print before the brackets.
func (s Size) String() string {
	for _, u := range []struct {
		name string
		size Size
	}{{"TB", TB}, {"GB", GB}, {"MB", MB}, {"KB", KB}} {
		if s >= u.size || s <= -u.size {
			return strconv.FormatFloat(roundTo4(float64(s)/float64(u.size)), 'f', -1, 64) + " " + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + " B"
}

// roundTo4 rounds to four significant digits, and to whole numbers from 1000 on.
func roundTo4(f float64) float64 {
	digits := 3 - int(math.Floor(math.Log10(math.Abs(f))))
	scale := math.Pow10(max(digits, 0))
	return math.Round(f*scale) / scale
}
