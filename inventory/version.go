package inventory

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Version is a build of Exchange Server. The zero Version is unknown.
//
// In JSON it is a string in any form that [ParseVersion] reads, or a year as a
// number; it is written as its four numbers, "8.3.83.6". In text, such as a cell
// of a CSV file, it is the same four numbers, or nothing if it is unknown.
type Version struct{ Major, Minor, Build, Revision uint16 }

// ErrVersion is the cause of every error of [ParseVersion].
var ErrVersion = errors.New("not an Exchange version")

// product is a release of Exchange Server, known by the first two numbers of
// its builds.
type product struct {
	year         int
	major, minor uint16
	anyMinor     bool // service packs count in the minor number
}

// Source: learn.microsoft.com/exchange/new-features/build-numbers-and-release-dates.
var products = []product{
	{year: 2000, major: 6, minor: 0},
	{year: 2003, major: 6, minor: 5},
	{year: 2007, major: 8, anyMinor: true},
	{year: 2010, major: 14, anyMinor: true},
	{year: 2013, major: 15, minor: 0},
	{year: 2016, major: 15, minor: 1},
	{year: 2019, major: 15, minor: 2},
}

var (
	// "0.1 (8.0.535.0)": the version of a directory object; the build in
	// brackets is that of the Exchange which wrote it.
	objectVersion = regexp.MustCompile(`^\d+\.\d+ ?\((\d+)\.(\d+)\.(\d+)\.(\d+)\)$`)
	// "Version 8.3 (Build 83.6)", "Version 6.5 (Build 7638.2: Service Pack 2)":
	// the version of a server.
	serverVersion = regexp.MustCompile(`(?i)^version (\d+)\.(\d+) ?\(build (\d+)\.(\d+)(?::[^)]*)?\)$`)
	// "8.3.83.6", "8.3".
	plainVersion = regexp.MustCompile(`^(\d+)\.(\d+)(?:\.(\d+)(?:\.(\d+))?)?$`)
	// "Exchange 2007 (8.3.83.6)": what String returns.
	ownVersion = regexp.MustCompile(`(?i)^exchange(?: \d{4} \(| )(\d+)\.(\d+)\.(\d+)\.(\d+)\)?$`)
	// "2007", "Exchange 2007", "Microsoft Exchange Server 2007 SP3".
	productName = regexp.MustCompile(`(?i)^(?:microsoft )?(?:exchange ?)?(?:server ?)?(\d{4})(?: (?:sp ?\d|service pack \d|rtm|cu ?\d|ru ?\d|standard|enterprise)\b.*)?$`)
)

// ParseVersion reads a version in one of the forms in which Exchange and its
// admins write it:
//
//   - "0.1 (8.0.535.0)", the ExchangeVersion of a mailbox;
//   - "Version 8.3 (Build 83.6)" and "Version 6.5 (Build 7638.2: Service Pack
//     2)", the AdminDisplayVersion of a server;
//   - "8.3.83.6" or "8.3";
//   - "2007", "Exchange 2007", "Exchange Server 2007 SP3": a release, whose
//     service pack is not kept;
//   - what [Version.String] returns.
//
// Errors wrap ErrVersion.
func ParseVersion(text string) (Version, error) {
	if v, ok := quickVersion(text); ok {
		return v, nil
	}
	s := strings.Join(strings.Fields(text), " ")
	for _, form := range []*regexp.Regexp{objectVersion, serverVersion, plainVersion, ownVersion} {
		if m := form.FindStringSubmatch(s); m != nil {
			return versionOf(text, m[1:])
		}
	}
	if m := productName.FindStringSubmatch(s); m != nil {
		year, _ := strconv.Atoi(m[1])
		for _, p := range products {
			if p.year == year {
				return Version{Major: p.major, Minor: p.minor}, nil
			}
		}
	}
	return Version{}, fmt.Errorf("%w: %q", ErrVersion, clip(text))
}

// quickVersion reads the two forms that exports are full of. It is a short cut around
// the expressions, which take many times as long; of other text it says nothing.
func quickVersion(text string) (v Version, ok bool) {
	if n, ok := numbersIn(text, "#.# (#.#.#.#)"); ok {
		v = Version{n[2], n[3], n[4], n[5]}
	} else if n, ok := numbersIn(text, "Version #.# (Build #.#)"); ok {
		v = Version{n[0], n[1], n[2], n[3]}
	}
	return v, 0 < v.Major && v.Major <= maxMajor
}

// numbersIn returns the numbers of a text of a form, in which # stands for a number of
// 16 bits.
func numbersIn(text, form string) (numbers [6]uint16, ok bool) {
	count := 0
	for _, want := range []byte(form) {
		if want != '#' {
			if text == "" || text[0] != want {
				return numbers, false
			}
			text = text[1:]
			continue
		}
		n, digits := 0, 0
		for ; digits < min(len(text), 5) && '0' <= text[digits] && text[digits] <= '9'; digits++ {
			n = n*10 + int(text[digits]-'0')
		}
		if digits == 0 || n > math.MaxUint16 {
			return numbers, false
		}
		numbers[count], text = uint16(n), text[digits:]
		count++
	}
	return numbers, text == ""
}

// maxMajor bounds the first number of a version: 2007.0 is a year that became a
// fraction.
const maxMajor = 99

func versionOf(text string, parts []string) (Version, error) {
	var v Version
	for i, dst := range []*uint16{&v.Major, &v.Minor, &v.Build, &v.Revision} {
		if parts[i] == "" {
			continue
		}
		n, err := strconv.ParseUint(parts[i], 10, 16)
		if err != nil {
			return Version{}, fmt.Errorf("%w: %q: a number is over 65535", ErrVersion, clip(text))
		}
		*dst = uint16(n)
	}
	if v.Major == 0 || v.Major > maxMajor {
		return Version{}, fmt.Errorf("%w: %q", ErrVersion, clip(text))
	}
	return v, nil
}

// Known reports whether v is known.
func (v Version) Known() bool { return v != Version{} }

// IsZero reports whether v is unknown.
func (v Version) IsZero() bool { return !v.Known() }

// Year returns the release that v is a build of, such as 2003 or 2007, and 0 if
// v is unknown or of no release from 2000 to 2019. Later releases count as the
// one whose build numbers they continue.
//
// A mailbox whose version says 2003 need not live on an Exchange 2003 server:
// one made by the tools of 2003 on a 2007 server keeps that version.
func (v Version) Year() int {
	for _, p := range products {
		if v.Major == p.major && (p.anyMinor || v.Minor == p.minor) {
			return p.year
		}
	}
	return 0
}

// Compare returns -1, 0 or +1 as v is before, the same as, or after w. Unknown
// is before everything.
func (v Version) Compare(w Version) int { return cmp.Compare(v.ordinal(), w.ordinal()) }

// ordinal returns a number that is greater the later a version is.
func (v Version) ordinal() uint64 {
	return uint64(v.Major)<<48 | uint64(v.Minor)<<32 | uint64(v.Build)<<16 | uint64(v.Revision)
}

// String returns the release and the build, as in "Exchange 2007 (8.3.83.6)";
// "Exchange 2007" if only the release is known; and "unknown".
func (v Version) String() string {
	if !v.Known() {
		return "unknown"
	}
	build := string(v.appendBuild(nil))
	year := v.Year()
	switch {
	case year == 0:
		return "Exchange " + build
	case v.Build == 0 && v.Revision == 0:
		return fmt.Sprintf("Exchange %d", year)
	}
	return fmt.Sprintf("Exchange %d (%s)", year, build)
}

// appendBuild appends the four numbers of v.
func (v Version) appendBuild(b []byte) []byte {
	return fmt.Appendf(b, "%d.%d.%d.%d", v.Major, v.Minor, v.Build, v.Revision)
}

// MarshalText returns the numbers of v, as in "8.3.83.6", or nothing.
func (v Version) MarshalText() ([]byte, error) {
	if !v.Known() {
		return nil, nil
	}
	return v.appendBuild(nil), nil
}

// UnmarshalText reads what [ParseVersion] does. Empty or blank text makes the
// version unknown.
func (v *Version) UnmarshalText(text []byte) error {
	if isBlank(text) {
		*v = Version{}
		return nil
	}
	parsed, err := ParseVersion(string(text))
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}

// MarshalJSON writes the numbers of v, as in "8.3.83.6", or null.
func (v Version) MarshalJSON() ([]byte, error) {
	if !v.Known() {
		return []byte("null"), nil
	}
	return append(v.appendBuild([]byte{'"'}), '"'), nil
}

// UnmarshalJSON reads a string in any form of [ParseVersion], a year as a
// number, or null.
func (v *Version) UnmarshalJSON(data []byte) error {
	text := string(bytes.TrimSpace(data))
	if text == "null" {
		*v = Version{}
		return nil
	}
	if strings.HasPrefix(text, `"`) {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	parsed, err := ParseVersion(text)
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}
