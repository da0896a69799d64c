package estimate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Windows are the times of a week at which work may run, by the clock on the wall. The
// zero Windows are all of it. [ParseWindows] makes others.
type Windows struct {
	text string
	days *[7][]span // by weekday, Sunday first; nil is all
}

// span is a stretch of a day in minutes, from until before to.
type span struct{ from, to int }

const (
	minutesOfDay  = 24 * 60
	minutesOfWeek = 7 * minutesOfDay
)

var wholeDay = []span{{0, minutesOfDay}}

// String returns what ParseWindows was given, and "" for the zero Windows.
func (w Windows) String() string { return w.text }

// of returns the stretches of a weekday, in order. They do not overlap or touch.
func (w Windows) of(day time.Weekday) []span {
	if w.days == nil {
		return wholeDay
	}
	return w.days[day]
}

// always reports whether the windows are all of the week.
func (w Windows) always() bool {
	for d := range 7 {
		if !slices.Equal(w.of(time.Weekday(d)), wholeDay) {
			return false
		}
	}
	return true
}

// ParseWindows reads maintenance windows such as "Mon-Fri 20:00-06:00; Sat,Sun":
//
//	windows = entry { ";" entry }
//	entry   = days [ times ] | times
//	days    = day [ "-" day ] { "," day [ "-" day ] }
//	times   = time "-" time { "," time "-" time }
//
// A day is Monday to Sunday in English, in any case, of which the first three letters
// are enough. A range of days may go over the end of the week, as Fri-Mon. Days
// without times are whole days; times without days are those of every day.
//
// A time is hours and minutes from 0:00 to 23:59. A window begins at the first time and
// ends before the second, which may be 24:00; if that is the earlier one, it is
// on the next day, so that "Fri 20:00-06:00" ends on Saturday. Windows may overlap or
// touch, and count as one then. Blanks may be anywhere between words.
//
// An error says at which character of the text it is, counted from 1.
func ParseWindows(text string) (Windows, error) {
	p := windowParser{text: text}
	for {
		if err := p.entry(); err != nil {
			return Windows{}, fmt.Errorf("estimate: windows %q: character %d: %w", text, utf8.RuneCountInString(text[:p.at])+1, err)
		}
		if !p.take(";") {
			break
		}
	}
	days := new([7][]span)
	for d := range days {
		for m := 0; m < minutesOfDay; m++ {
			if !p.open[d*minutesOfDay+m] {
				continue
			}
			from := m
			for m < minutesOfDay && p.open[d*minutesOfDay+m] {
				m++
			}
			days[d] = append(days[d], span{from, m})
		}
	}
	return Windows{text, days}, nil
}

// windowParser is at a place of the text.
type windowParser struct {
	text string
	at   int                 // in bytes
	open [minutesOfWeek]bool // from Sunday
}

var (
	errWantEntry = errors.New("want a day such as Mon, or a time such as 20:00")
	errWantDay   = errors.New("want a day such as Mon or Monday")
	errWantTime  = errors.New("want a time such as 20:00; other days go behind a semicolon")
	errWantTo    = errors.New("want a dash and the time at which the window ends")
	errWantMore  = errors.New("want a comma, a semicolon or the end")
	errTime      = errors.New("no such time: hours go from 0 to 23 and minutes from 00 to 59")
	err24        = errors.New("a window can end at 24:00, not begin")
	errEqual     = errors.New("the window ends when it begins; a whole day is 00:00-24:00")
)

// entry reads an entry up to the semicolon behind it, or to the end. On error it
// stands where the error is.
func (p *windowParser) entry() error {
	days := [7]bool{true, true, true, true, true, true, true}
	switch c := p.peek(); {
	case isLetter(c):
		days = [7]bool{}
		if err := p.days(&days); err != nil {
			return err
		}
	case !isDigit(c):
		return errWantEntry
	}
	if !isDigit(p.peek()) {
		p.mark(&days, 0, minutesOfDay)
		return p.end()
	}
	for {
		if err := p.times(&days); err != nil {
			return err
		}
		if !p.take(",") {
			return p.end()
		}
	}
}

// end reports whether the entry may end here.
func (p *windowParser) end() error {
	if c := p.peek(); c != 0 && c != ';' || c == 0 && p.at < len(p.text) {
		return errWantMore
	}
	return nil
}

func (p *windowParser) days(days *[7]bool) error {
	for {
		from, err := p.day()
		if err != nil {
			return err
		}
		to := from
		if p.dash() {
			if to, err = p.day(); err != nil {
				return err
			}
		}
		for d := from; ; d = (d + 1) % 7 {
			days[d] = true
			if d == to {
				break
			}
		}
		if !p.take(",") {
			return nil
		}
	}
}

func (p *windowParser) day() (time.Weekday, error) {
	p.peek()
	n := 0
	for p.at+n < len(p.text) && isLetter(p.text[p.at+n]) {
		n++
	}
	word := strings.ToLower(p.text[p.at : p.at+n])
	for d := time.Sunday; d <= time.Saturday; d++ {
		if n >= 3 && strings.HasPrefix(strings.ToLower(d.String()), word) {
			p.at += n
			return d, nil
		}
	}
	return 0, errWantDay
}

func (p *windowParser) times(days *[7]bool) error {
	p.peek()
	begin := p.at
	from, err := p.time()
	if err != nil {
		return err
	}
	if from == minutesOfDay {
		p.at = begin
		return err24
	}
	if !p.dash() {
		p.peek()
		return errWantTo
	}
	to, err := p.time()
	if err != nil {
		return err
	}
	if from == to {
		p.at = begin
		return errEqual
	}
	if to < from {
		to += minutesOfDay
	}
	p.mark(days, from, to)
	return nil
}

// time reads a time of the day in minutes.
func (p *windowParser) time() (int, error) {
	if !isDigit(p.peek()) {
		return 0, errWantTime
	}
	hour, minute, found := strings.Cut(p.text[p.at:], ":")
	if !found || len(hour) > 2 || !isDigit(hour[len(hour)-1]) || len(minute) < 2 || !isDigit(minute[0]) || !isDigit(minute[1]) ||
		len(minute) > 2 && isDigit(minute[2]) {
		return 0, errWantTime
	}
	h, m := number(hour), number(minute[:2])
	if h > 24 || m > 59 || h == 24 && m > 0 {
		return 0, errTime
	}
	p.at += len(hour) + len(":00")
	return h*60 + m, nil
}

// mark opens a stretch of minutes on days, which may end on the next.
func (p *windowParser) mark(days *[7]bool, from, to int) {
	for d, on := range days {
		if !on {
			continue
		}
		for m := from; m < to; m++ {
			p.open[(d*minutesOfDay+m)%minutesOfWeek] = true
		}
	}
}

// peek skips blanks and returns the byte behind them, 0 at the end.
func (p *windowParser) peek() byte {
	p.at = len(p.text) - len(strings.TrimLeft(p.text[p.at:], " \t\r\n"))
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// take skips blanks and a mark, if that is what is next.
func (p *windowParser) take(mark string) bool {
	p.peek()
	if !strings.HasPrefix(p.text[p.at:], mark) {
		return false
	}
	p.at += len(mark)
	return true
}

// dash takes a dash, also the one that word processors make of it.
func (p *windowParser) dash() bool { return p.take("-") || p.take("\u2013") }

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// number returns the number that one or two digits are.
func number(digits string) (n int) {
	for _, c := range []byte(digits) {
		n = n*10 + int(c-'0')
	}
	return n
}
