package powershell

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Quote returns PowerShell code whose value is the text, to be used as an argument or
// in an expression:
//
//	'it''s'
//	('M' + [char]252 + 'ller')
//
// An error, which wraps [ErrInvalid], says that the text is no UTF-8.
//
// The code is of printable ASCII characters, whatever the text. That keeps out what
// PowerShell takes for a quote beside ' (U+2018 to U+201B), line ends, controls, which a
// script cannot hold, and characters that look like others or turn the line around. It
// also makes the value independent of how a script is read: without a byte order mark
// Windows PowerShell takes files to be in the code page of the machine, and there the
// UTF-8 bytes of Ñ, say, end in a curly quote.
func Quote(text string) (string, error) {
	b, err := appendQuoted(make([]byte, 0, len(text)+2), text)
	return string(b), err
}

func appendQuoted(b []byte, text string) ([]byte, error) {
	at := len(b)
	b = append(b, '\'')
	open, parts := true, false // open: inside of quotes; parts: there is more than one
	for i, r := range text {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return nil, invalid("text %q: not UTF-8 at byte %d", text, i+1)
			}
		}
		if r < ' ' || r > '~' {
			if open {
				b = append(b, '\'')
			}
			open, parts = false, true
			for _, unit := range utf16.AppendRune(nil, r) {
				b = strconv.AppendUint(append(b, " + [char]"...), uint64(unit), 10)
			}
			continue
		}
		if !open {
			b = append(b, " + '"...)
			open = true
		}
		if b = append(b, byte(r)); r == '\'' {
			b = append(b, '\'')
		}
	}
	if open {
		b = append(b, '\'')
	}
	if !parts {
		return b, nil
	}
	b = append(b, "()"...)
	copy(b[at+1:], b[at:len(b)-2])
	b[at] = '('
	return b, nil
}
