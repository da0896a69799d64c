package csvio

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"
)

// textBlock makes strings that stand one behind the other in blocks of memory, which
// takes a fraction of the time and of the memory that a piece for each would. A string
// keeps its whole block. The zero textBlock is ready to use.
type textBlock struct{ block strings.Builder }

// blockSize is the size of a block: what some twenty rows take.
const blockSize = 4 << 10

// keep returns the text as a string.
func (t *textBlock) keep(text []byte) string {
	if len(text) > blockSize/4 {
		return string(text)
	}
	if t.block.Cap()-t.block.Len() < len(text) {
		t.block = strings.Builder{}
		t.block.Grow(blockSize)
	}
	at := t.block.Len()
	t.block.Write(text)
	return t.block.String()[at:]
}

// appendLower appends a text in lower case.
func appendLower(dst, b []byte) []byte {
	begin := len(dst)
	dst = slices.Grow(dst, len(b))[:begin+len(b)]
	text := dst[begin:]
	at := 0
	for ; len(b)-at >= 8; at += 8 {
		word := binary.LittleEndian.Uint64(b[at:])
		if word&highBits != 0 {
			break
		}
		binary.LittleEndian.PutUint64(text[at:], lowerWord(word))
	}
	for ; at < len(b); at++ {
		if b[at] >= utf8.RuneSelf {
			return append(dst[:begin+at], bytes.ToLower(b[at:])...)
		}
		text[at] = lowerASCII(b[at])
	}
	return dst
}

const highBits = 0x8080808080808080

// lowerWord returns 8 letters of ASCII in lower case.
func lowerWord(word uint64) uint64 {
	const each = 0x0101010101010101
	fromA, behindZ := word+(0x80-'A')*each, word+(0x80-'Z'-1)*each // by their high bits
	return word | (fromA&^behindZ&highBits)>>2
}

// isPlain reports whether a text is ASCII without a question mark, as nearly all are: it
// has lost no letter.
func isPlain(b []byte) bool {
	const each = 0x0101010101010101
	at := 0
	for ; len(b)-at >= 8; at += 8 {
		word := binary.LittleEndian.Uint64(b[at:])
		other := word ^ '?'*each // has a 0 in place of each question mark
		if (word|(other-each)&^other)&highBits != 0 {
			return false
		}
	}
	for ; at < len(b); at++ {
		if b[at] >= utf8.RuneSelf || b[at] == '?' {
			return false
		}
	}
	return true
}

// isLower reports whether a text is lower once its ASCII letters are in lower case.
func isLower(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if lowerASCII(c) != lower[i] {
			return false
		}
	}
	return true
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// appendValid appends a text with U+FFFD in place of what is no UTF-8.
func appendValid(dst, b []byte) []byte {
	if utf8.Valid(b) {
		return append(dst, b...)
	}
	return append(dst, bytes.ToValidUTF8(b, []byte("\uFFFD"))...)
}
