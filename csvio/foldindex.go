package csvio

import (
	"math/bits"
	"strings"
)

// foldIndex finds positions of a list by a key of its elements, without regard to
// case. It keeps no keys, only positions and hashes, so that a million elements take
// some MB. The zero foldIndex is empty; key must be set.
type foldIndex struct {
	key   func(i int32) string // of element i, which must not change once it was added
	slots []foldSlot           // a power of two of them
	used  int
}

// foldSlot is free if at is 0; at is i+1 for element i, or -(i+1) if more elements than
// i have the key.
type foldSlot struct {
	hash uint32
	at   int32
}

// hashFold hashes a key so that keys which are equal but for case have the same hash.
// That two letters outside ASCII are other cases of k and s (U+212A, U+017F) is passed
// over.
func hashFold(key string) uint32 {
	const (
		bits6 = 0x2020202020202020 // set in lower case, of letters
		bits8 = 0x8080808080808080 // set outside ASCII
	)
	h := uint64(len(key))
	for rest := key; len(rest) > 0; {
		word := uint64(0)
		if len(rest) >= 8 {
			word = wordOf(rest)
			rest = rest[8:]
		} else {
			for i := range len(rest) {
				word = word<<8 | uint64(rest[i])
			}
			rest = ""
		}
		if word&bits8 != 0 {
			return hashLetters(key)
		}
		high, low := bits.Mul64(h^(word|bits6), 0x9E3779B97F4A7C15) // the golden ratio
		h = high ^ low
	}
	return uint32(h ^ h>>32)
}

// wordOf returns the first eight bytes of a text.
func wordOf(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// hashLetters is hashFold for a key with letters outside ASCII. They do not count: the
// cases of one may have different lengths.
func hashLetters(key string) uint32 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(offset)
	for i := range len(key) {
		c := key[i]
		if c >= 0x80 {
			continue
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		h = (h ^ uint64(c)) * prime
	}
	return uint32(h ^ h>>32)
}

// slot returns where the key with a hash is, or would be.
func (x *foldIndex) slot(key string, hash uint32) *foldSlot {
	mask := uint32(len(x.slots) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		s := &x.slots[at]
		if s.at == 0 {
			return s
		}
		if s.hash == hash {
			if k := x.key(max(s.at, -s.at) - 1); k == key || strings.EqualFold(k, key) {
				return s
			}
		}
	}
}

// add adds element i, unless its key is empty.
func (x *foldIndex) add(i int32) {
	key := x.key(i)
	if key == "" {
		return
	}
	if 4*(x.used+1) > 3*len(x.slots) {
		x.grow()
	}
	hash := hashFold(key)
	switch s := x.slot(key, hash); {
	case s.at == 0:
		*s = foldSlot{hash, i + 1}
		x.used++
	case s.at > 0:
		s.at = -s.at
	}
}

func (x *foldIndex) grow() {
	old := x.slots
	x.slots = make([]foldSlot, max(16, 2*len(old)))
	mask := uint32(len(x.slots) - 1)
	for _, s := range old {
		if s.at == 0 {
			continue
		}
		at := s.hash & mask
		for x.slots[at].at != 0 {
			at = (at + 1) & mask
		}
		x.slots[at] = s
	}
}

// find returns the element with the key, several if more than one has it.
func (x *foldIndex) find(key string) (i int32, found bool) {
	if len(x.slots) == 0 || key == "" {
		return 0, false
	}
	switch s := x.slot(key, hashFold(key)); {
	case s.at == 0:
		return 0, false
	case s.at < 0:
		return several, true
	default:
		return s.at - 1, true
	}
}
