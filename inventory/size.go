package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// Size is an amount of data in bytes. Its units are powers of 1024, as Exchange
// prints them. A size that may be unknown is an Opt[Size].
//
// In JSON a Size is its number of bytes; in text, such as a cell of a CSV file,
// it is that number with its unit, "6672B". Either is also read in any form of
// [ParseSize].
type Size int64

// The units that Exchange prints.
const (
	Byte Size = 1
	KB        = 1024 * Byte
	MB        = 1024 * KB
	GB        = 1024 * MB
	TB        = 1024 * GB
)

// ErrSize is the cause of every error of [ParseSize] and [ParseSizeIn].
var ErrSize = errors.New("not a size")

// ErrUnknown is a further cause, beside ErrSize, of their errors for text that
// says that there is no figure: "Unlimited", the other value that Exchange's
// type for sizes can have, and "n/a", which scripts write, both in any case. A
// reader can take such text as an unknown size; an [Opt] does.
var ErrUnknown = errors.New("it says that there is no figure")

var (
	errTooLarge  = errors.New("it is over 8 EiB")
	errFraction  = errors.New("it is a fraction of bytes")
	errAmbiguous = errors.New("its comma may group digits or begin a fraction; write a point for a fraction, and nothing between groups")
)

// ParseSize reads a size as Exchange prints it:
//
//   - "6672B", whole bytes, from Exchange 2007;
//   - "1.07 GB (1,148,963,652 bytes)" from Exchange 2010 and later, where the
//     figure in brackets is exact and therefore wins: the one before it is
//     rounded to four significant digits;
//
// and as people and spreadsheets write it:
//
//   - "1.5 GB" or "300MB", a number with a unit (B, Byte, Bytes, KB, MB, GB, TB,
//     in any case), rounded to the nearest whole byte, a half up;
//   - "6672", a whole number of bytes.
//
// Numbers may be in the notation of any culture. Groups of three digits may be
// separated by commas, points, apostrophes or blanks, no-break and thin ones
// included; the fraction begins at a point or a comma. What a point or comma is follows
// from where it stands:
//
//   - one that occurs more than once groups digits: "1.234.567 Bytes";
//   - one behind another separator begins the fraction: "1.234,56 MB",
//     "1,234.56 MB", "1 234,56 MB";
//   - one that stands alone begins the fraction unless it can be a group's: unless
//     one to three digits are before it, the first of them not 0, and three
//     behind it. So "1,5 GB" and "0,125 GB" have fractions.
//
// One that stands alone and can be a group's is what it is in the invariant
// culture, in which Exchange prints: the point in "4.719 MB" begins the fraction,
// the comma in "1,024 MB" groups. There are two exceptions. With a unit over MB
// both readings of a comma are likely, a thousand of the unit and a rounded
// fraction, so that "1,234 GB" is an error. Bytes have no fraction, so that
// "1.234 Bytes" are 1234; "1.234" without a unit is an error still, as it is
// rather a number that has lost its unit.
//
// The arithmetic is exact for fractions of up to 18 digits; further digits are
// ignored. A negative size, a fraction of bytes other than 0, and a size over
// 8 EiB are errors, as is empty text. All errors wrap ErrSize.
//
// Source of the forms: blogs.technet.microsoft.com/evand/2006/09/07
// (6672B) and the output of Get-MailboxStatistics from Exchange 2010 on.
func ParseSize(text string) (Size, error) {
	return parseSize(text, Byte, false)
}

// ParseSizeIn reads a size as [ParseSize] does, but a number without a unit is
// one of the given unit, which the caller knows, say from the header "Size (MB)".
// A unit or a figure in brackets in the text wins against it.
//
// The properties ToKB, ToMB and ToGB of an Exchange size drop its fraction: a 0
// in a column that was made with them says that a mailbox is smaller than the
// unit, not that it is empty.
//
// A unit that is not positive is an error, which wraps ErrSize too.
func ParseSizeIn(text string, unit Size) (Size, error) {
	if unit <= 0 {
		return 0, sizeError(text, fmt.Errorf("the unit of %d bytes is none", int64(unit)))
	}
	return parseSize(text, unit, true)
}

// parseSize reads a size. A number without a unit has the given one; given says
// that somebody chose it.
func parseSize(text string, unit Size, given bool) (Size, error) {
	s := strings.TrimSpace(text)
	if strings.EqualFold(s, "unlimited") || strings.EqualFold(s, "n/a") {
		return 0, sizeError(text, ErrUnknown)
	}
	number := s
	if open := strings.IndexByte(s, '('); open >= 0 {
		exact, found := cutSuffixFold(s[open+1:], "bytes)")
		if !found {
			return 0, sizeError(text, errors.New(`the brackets should hold "n bytes"`))
		}
		rounded, _, _ := cutUnit(strings.TrimSpace(s[:open]))
		if _, err := parseDecimal(rounded); err != nil && err != errTooLarge {
			return 0, sizeError(text, err)
		}
		number, unit, given = strings.TrimSpace(exact), Byte, true
	} else if rest, u, found := cutUnit(s); found {
		number, unit, given = rest, u, true
	}
	d, err := parseDecimal(number)
	if err != nil {
		return 0, sizeError(text, err)
	}
	n, err := d.in(unit, given)
	if err != nil {
		return 0, sizeError(text, err)
	}
	return n, nil
}

func sizeError(text string, why error) error {
	return fmt.Errorf("%w: %q: %w", ErrSize, clip(text), why)
}

// Of two names of which one ends with the other, the longer comes first.
var sizeUnits = []struct {
	name string
	size Size
}{{"kb", KB}, {"mb", MB}, {"gb", GB}, {"tb", TB}, {"bytes", Byte}, {"byte", Byte}, {"b", Byte}}

// cutUnit cuts a unit and the blanks before it from the end of s.
func cutUnit(s string) (number string, unit Size, found bool) {
	for _, u := range sizeUnits {
		if rest, ok := cutSuffixFold(s, u.name); ok {
			return strings.TrimSpace(rest), u.size, true
		}
	}
	return s, 0, false
}

func cutSuffixFold(s, suffix string) (string, bool) {
	at := len(s) - len(suffix)
	if at < 0 || !strings.EqualFold(s[at:], suffix) {
		return s, false
	}
	return s[:at], true
}

// decimal is a number as it is written.
type decimal struct {
	whole  int64
	places string // the digits of the fraction
	// alone is the only separator, a point or a comma, if it can be a group's as
	// well as the fraction's: from one to three digits that do not begin with 0
	// are before it, three behind it. It is 0 otherwise.
	alone byte
}

// parseDecimal reads digits with separators between them.
func parseDecimal(s string) (decimal, error) {
	var d decimal
	whole := s
	if at := fractionAt(s); at >= 0 {
		whole, d.places = s[:at], s[at+1:]
		if !allDigits(d.places) {
			return decimal{}, fmt.Errorf("%q is no number", clip(s))
		}
		if allDigits(whole) && len(whole) <= 3 && whole[0] != '0' && len(d.places) == 3 {
			d.alone = s[at]
		}
	}
	var err error
	d.whole, err = parseWhole(whole)
	return d, err
}

// fractionAt returns where the separator is that may begin the fraction: the
// last point or comma, if there is but one like it. It returns -1 if there is
// none.
func fractionAt(s string) int {
	at := strings.LastIndexAny(s, ".,")
	if at >= 0 && strings.IndexByte(s, s[at]) < at {
		return -1
	}
	return at
}

// parseWhole reads digits, which one kind of separator may group in threes.
func parseWhole(s string) (int64, error) {
	var (
		n         uint64
		run       int // digits since the last separator
		separator rune
		overflow  bool
	)
	for _, r := range s {
		if '0' <= r && r <= '9' {
			overflow = overflow || n >= 1<<60 // ten times that is over 8 EiB, but not over 64 bits
			n = n*10 + uint64(r-'0')
			run++
			continue
		}
		switch r {
		case '\u00a0', '\u2009', '\u202f': // blanks that cultures group with
			r = ' '
		}
		switch {
		case !strings.ContainsRune(",. '\u2019", r):
			return 0, fmt.Errorf("%q is no whole number", clip(s))
		case separator == 0 && (run == 0 || run > 3), separator != 0 && (run != 3 || r != separator):
			return 0, fmt.Errorf("%q is not grouped in thousands", clip(s))
		}
		separator, run = r, 0
	}
	switch {
	case s == "":
		return 0, errors.New("there is no number")
	case separator != 0 && run != 3:
		return 0, fmt.Errorf("%q is not grouped in thousands", clip(s))
	case overflow || n > math.MaxInt64:
		return 0, errTooLarge
	}
	return int64(n), nil
}

// in returns d of the unit. Given says that the unit is not only assumed.
func (d decimal) in(unit Size, given bool) (Size, error) {
	groups := d.alone == ',' || d.alone == '.' && unit == Byte && given
	switch {
	case groups && d.alone == ',' && unit > MB:
		return 0, errAmbiguous
	case groups:
		thousandths, _ := strconv.ParseInt(d.places, 10, 64)
		d.whole, d.places = d.whole*1000+thousandths, ""
	case unit == Byte && (d.alone != 0 || strings.Trim(d.places, "0") != ""):
		return 0, errFraction
	}
	part := d.partOf(unit)
	if d.whole > (math.MaxInt64-part)/int64(unit) {
		return 0, errTooLarge
	}
	return Size(d.whole*int64(unit) + part), nil
}

// partOf returns the fraction of d of the unit, rounded to a whole number of
// bytes.
func (d decimal) partOf(unit Size) int64 {
	var numerator, denominator uint64 = 0, 1
	for i := range min(len(d.places), 18) {
		numerator = numerator*10 + uint64(d.places[i]-'0')
		denominator *= 10
	}
	// The product needs 128 bits. Its upper half is less than the denominator,
	// as Div64 demands, since the numerator is, and the unit is below 2^63.
	hi, lo := bits.Mul64(numerator, uint64(unit))
	quotient, rest := bits.Div64(hi, lo, denominator)
	if rest >= denominator-rest {
		quotient++
	}
	return int64(quotient)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// MarshalText returns whole bytes with their unit, as Exchange 2007 prints them:
// "6672B". A negative size has no text and is an error.
func (s Size) MarshalText() ([]byte, error) {
	if s < 0 {
		return nil, fmt.Errorf("%w: %d bytes are less than none", ErrSize, int64(s))
	}
	return append(strconv.AppendInt(nil, int64(s), 10), 'B'), nil
}

// UnmarshalText reads what [ParseSize] does. Empty text is an error; where it is
// to be expected, an Opt[Size] is what takes it.
func (s *Size) UnmarshalText(text []byte) error {
	parsed, err := ParseSize(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// MarshalJSON writes the number of bytes.
func (s Size) MarshalJSON() ([]byte, error) {
	return strconv.AppendInt(nil, int64(s), 10), nil
}

// UnmarshalJSON reads a whole number of bytes, or a string in any form of
// [ParseSize].
func (s *Size) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte{'"'}) {
		return json.Unmarshal(data, (*int64)(s))
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	return s.UnmarshalText([]byte(text))
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
