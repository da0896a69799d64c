package rulestest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/staged-migration/staged/rules"
)

// expectation is a finding that a case wants.
type expectation struct {
	place      string // file:line
	text       string // as it was written
	subject    string
	severity   rules.Severity
	unverified bool
	phase      rules.Phase
	message    *regexp.Regexp
	met        bool
}

func (e *expectation) fits(f *rules.Finding) bool {
	return e.subject == f.Subject && e.severity == f.Severity && e.unverified == f.Unverified && e.phase == f.Phase &&
		e.message.MatchString(f.Message)
}

// head is an expectation up to its message, which is in quotes.
var head = regexp.MustCompile("^(task|warning|blocker)(\\?)?(?:/(before|during|after))?\\s+[\"`]")

// parse reads any number of expectations about a subject.
func parse(text, subject, place string) ([]expectation, error) {
	var all []expectation
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		h := head.FindStringSubmatch(rest)
		if h == nil {
			return nil, fmt.Errorf("%s: want an expectation such as blocker \"hidden\" or task?/after \"not known\", not %s", place, rest)
		}
		e := expectation{place: place, subject: subject, unverified: h[2] != "", phase: rules.Before}
		_ = e.severity.UnmarshalText([]byte(h[1])) // it is one of those
		if h[3] != "" {
			_ = e.phase.UnmarshalText([]byte(h[3]))
		}
		quoted, err := strconv.QuotedPrefix(rest[len(h[0])-1:])
		if err != nil {
			return nil, fmt.Errorf("%s: the message is no Go string (which doubles backslashes in quotes, not in backquotes): %s", place, rest)
		}
		message, _ := strconv.Unquote(quoted) // it is valid
		if e.message, err = regexp.Compile(message); err != nil {
			return nil, fmt.Errorf("%s: %w", place, err)
		}
		end := len(h[0]) - 1 + len(quoted)
		e.text, rest = rest[:end], rest[end:]
		all = append(all, e)
	}
	return all, nil
}

// parseLine reads a line of want.txt: a subject, if any, and expectations about it.
func parseLine(line, place string) ([]expectation, error) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return nil, nil
	}
	if head.MatchString(line) {
		return parse(line, "", place)
	}
	if quoted, err := strconv.QuotedPrefix(line); err == nil {
		subject, _ := strconv.Unquote(quoted)
		rest, ok := strings.CutPrefix(line[len(quoted):], ":")
		if !ok {
			return nil, fmt.Errorf("%s: want a colon behind the subject %s", place, quoted)
		}
		return parse(rest, subject, place)
	}
	subject, rest, ok := strings.Cut(line, ": ")
	if !ok {
		return parse(line, "", place) // which says what is wrong
	}
	return parse(rest, subject, place)
}

// notation returns the expectation that wants a finding.
func notation(f *rules.Finding) string {
	text := f.Severity.String()
	if f.Unverified {
		text += "?"
	}
	if f.Phase != rules.Before {
		text += "/" + f.Phase.String()
	}
	return text + " " + quote(regexp.QuoteMeta(f.Message))
}

func quote(s string) string {
	if strconv.CanBackquote(s) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

// cell returns a text as a cell of a CSV file.
func cell(text string) string {
	if strings.ContainsAny(text, "\",\r\n") {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}

// subject returns a subject as a line of want.txt begins with it.
func subject(s string) string {
	if strings.Contains(s, ": ") || strings.ContainsAny(s[:1], "\"`'#") || strings.TrimSpace(s) != s || !strconv.CanBackquote(s) {
		return strconv.Quote(s)
	}
	return s
}
