package powershell_test

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// What follows reads PowerShell back, by the lexical chapter of its language
// specification 3.0 and by nothing in this package, and says what a script would call.
// It knows the part of the language that scripts here need, and fails on all else.

// call is one cmdlet with its arguments, each as "-Name value".
type call []string

// token is a piece of code: what it is, and its value or text.
type token struct{ kind, text string }

const (
	singleQuotes = "'\u2018\u2019\u201a\u201b"
	dashes       = "-\u2013\u2014\u2015"
)

// lex takes a script apart. Blanks and comments are dropped.
func lex(script string) (tokens []token, err error) {
	in := []rune(script)
	word := func(from int) int {
		to := from
		for to < len(in) && (unicode.IsLetter(in[to]) || unicode.IsDigit(in[to]) || in[to] == '_') {
			to++
		}
		return to
	}
	for i := 0; i < len(in); {
		c, rest := in[i], in[i:]
		next := func() rune {
			if len(rest) > 1 {
				return rest[1]
			}
			return 0
		}
		emit := func(kind, text string, n int) { tokens, i = append(tokens, token{kind, text}), i+n }
		switch {
		case c == '\r' && next() == '\n':
			emit("line", "", 2)
		case c == '\r' || c == '\n':
			emit("line", "", 1)
		case c == '\t' || c == '\v' || c == '\f' || c == 0x85 || unicode.Is(unicode.Zs, c):
			i++
		case c == '#':
			n := i
			for n < len(in) && in[n] != '\r' && in[n] != '\n' {
				n++
			}
			if text := strings.ToLower(strings.Join(strings.Fields(string(in[i:n])), "")); strings.HasPrefix(text, "#requires") || text == "#sig#beginsignatureblock" {
				return nil, fmt.Errorf("a comment that is none: %q", text)
			}
			i = n
		case strings.ContainsRune(singleQuotes, c):
			text, n := "", 1
			for ; ; n++ {
				if n >= len(rest) {
					return nil, fmt.Errorf("a string that does not end: %q", string(rest))
				}
				if strings.ContainsRune(singleQuotes, rest[n]) {
					if n+1 >= len(rest) || !strings.ContainsRune(singleQuotes, rest[n+1]) {
						break
					}
					n++
				}
				text += string(rest[n])
			}
			emit("text", text, n+1)
		case c == '$':
			emit("variable", string(in[i+1:word(i+1)]), word(i+1)-i)
		case strings.ContainsRune(dashes, c) && unicode.IsLetter(next()):
			emit("parameter", string(in[i+1:word(i+1)]), word(i+1)-i)
		case c == '@' && next() == '(':
			emit("@(", "", 2)
		case c == ':' && next() == ':':
			emit("::", "", 2)
		case strings.ContainsRune("(){},|=+:[].-", c):
			emit(string(c), "", 1)
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			n := word(i)
			if n < len(in) && in[n] == '-' { // Verb-Noun
				n = word(n + 1)
			}
			emit("word", string(in[i:n]), n-i)
		default:
			return nil, fmt.Errorf("%q at character %d", c, i)
		}
	}
	return tokens, nil
}

// machine runs tokens, that is, notes the calls.
type machine struct {
	tokens []token
	at     int
	item   string
	calls  [][]call // of each pipeline
	notes  []string // of variables that are set, or must be
}

// run returns the pipelines that a script calls, loops unrolled, and its variables.
func run(script string) (m *machine, err error) {
	m = new(machine)
	if m.tokens, err = lex(script); err != nil {
		return m, err
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%v, at token %d", v, m.at)
		}
	}()
	for m.at < len(m.tokens) {
		m.statement()
	}
	return m, nil
}

func (m *machine) peek() token {
	if m.at < len(m.tokens) {
		return m.tokens[m.at]
	}
	return token{kind: "end"}
}

func (m *machine) take(kind string) string {
	t := m.peek()
	if t.kind != kind {
		panic(fmt.Sprintf("%v where %s should be", t, kind))
	}
	m.at++
	return t.text
}

func (m *machine) takeWord(text string) {
	if got := m.take("word"); got != text {
		panic(got + " where " + text + " should be")
	}
}

func (m *machine) lines() {
	for m.peek().kind == "line" {
		m.at++
	}
}

func (m *machine) statement() {
	switch t := m.peek(); {
	case t.kind == "line":
		m.at++
	case t.kind == "variable":
		m.at++
		m.take("=")
		m.notes = append(m.notes, fmt.Sprintf("$%s is %q", t.text, m.expression()))
		m.take("line")
	case t == token{"word", "if"}:
		m.at++
		m.take("(")
		if m.take("variable") != "null" || m.take("parameter") != "eq" {
			panic("another condition")
		}
		m.notes = append(m.notes, "$"+m.take("variable")+" must be set")
		m.take(")")
		m.take("{")
		m.takeWord("throw")
		m.expression()
		m.take("}")
		m.take("line")
	case t == token{"word", "foreach"}:
		m.loop()
	default:
		m.pipeline()
	}
}

func (m *machine) loop() {
	m.at++
	m.take("(")
	if m.take("variable") != "item" {
		panic("another variable")
	}
	m.takeWord("in")
	items := m.list()
	m.take(")")
	m.take("{")
	m.take("line")
	body := m.at
	for _, m.item = range items {
		m.at = body
		for m.peek().kind != "}" {
			m.pipeline()
		}
	}
	m.take("}")
	m.take("line")
}

// list is an array of texts.
func (m *machine) list() (items []string) {
	m.take("@(")
	for m.lines(); m.peek().kind != ")"; m.lines() {
		if len(items) > 0 {
			m.take(",")
			m.lines()
		}
		items = append(items, m.expression())
	}
	m.take(")")
	return items
}

// expression is a text, or a sum of texts and characters in parentheses.
func (m *machine) expression() string {
	if m.peek().kind == "text" {
		return m.take("text")
	}
	m.take("(")
	units := utf16.Encode([]rune(m.take("text")))
	for m.peek().kind == "+" {
		m.at++
		if m.peek().kind == "text" {
			units = append(units, utf16.Encode([]rune(m.take("text")))...)
			continue
		}
		m.take("[")
		m.takeWord("char")
		m.take("]")
		unit, err := strconv.ParseUint(m.take("word"), 10, 16)
		if err != nil {
			panic(err)
		}
		units = append(units, uint16(unit))
	}
	m.take(")")
	return string(utf16.Decode(units))
}

func (m *machine) pipeline() {
	calls := []call{m.call()}
	for m.peek().kind == "|" {
		m.at++
		calls = append(calls, m.call())
	}
	m.take("line")
	m.calls = append(m.calls, calls)
}

func (m *machine) call() call {
	c := call{m.take("word")}
	for m.peek().kind == "parameter" {
		c = append(c, "-"+m.take("parameter")+m.argument())
	}
	return c
}

// argument is the value of a parameter; "" if it has none.
func (m *machine) argument() string {
	switch t := m.peek(); t.kind {
	case ":":
		m.at++
		return " $" + m.take("variable")
	case "variable":
		m.at++
		if t.text == "item" {
			return fmt.Sprintf(" %q", m.item)
		}
		return " $" + t.text
	case "word":
		m.at++
		return " " + t.text
	case "@(":
		return fmt.Sprintf(" %q", m.list())
	case "text":
		return fmt.Sprintf(" %q", m.expression())
	case "(":
		switch m.tokens[m.at+1].kind {
		case "-":
			m.at += 2
			n := m.take("word")
			m.take(")")
			return " -" + n
		case "[":
			return " " + m.fileBytes()
		}
		return fmt.Sprintf(" %q", m.expression())
	}
	return ""
}

func (m *machine) fileBytes() string {
	for _, t := range []token{{"(", ""}, {"[", ""}, {"word", "System"}, {".", ""}, {"word", "IO"}, {".", ""}, {"word", "File"},
		{"]", ""}, {"::", ""}, {"word", "ReadAllBytes"}, {"(", ""}} {
		if m.take(t.kind) != t.text {
			panic("another method")
		}
	}
	path := m.expression()
	m.take(")")
	m.take(")")
	return fmt.Sprintf("bytes of %q", path)
}
