package csvio

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

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
