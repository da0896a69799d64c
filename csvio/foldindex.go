package csvio

import (
	"math/bits"
	"strings"
)

// foldIndex finds positions of a list by a text of its elements, without regard to case.
// The zero foldIndex is empty; key must be set.
type foldIndex struct {
	slotTable
	key func(i int32) string // of element i, which must not change once it was added
}

// goldenRatio is 2^64 divided by that ratio, whose bits have no pattern.
const goldenRatio = 0x9E3779B97F4A7C15

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
		high, low := bits.Mul64(h^(word|bits6), goldenRatio)
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
func (x *foldIndex) slot(key string, hash uint32) *slot {
	mask := uint32(len(x.slots) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		s := &x.slots[at]
		if s.at == 0 {
			return s
		}
		if s.hash == hash {
			if k := x.key(s.element()); k == key || strings.EqualFold(k, key) {
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
	x.room()
	hash := hashFold(key)
	x.fill(x.slot(key, hash), hash, i)
}

// find returns the element with the key, several if more than one has it.
func (x *foldIndex) find(key string) (i int32, found bool) {
	if x.used == 0 || key == "" {
		return 0, false
	}
	return x.slot(key, hashFold(key)).found()
}

// fetch brings into the cache what finding n keys takes, at most aheadRows, and what
// touch reads of the elements that they may be those of. A look-up waits for memory
// several times, one after the other; here those of all keys wait together, step by
// step. It returns something made of all that it read, so that the reading stays.
func (x *foldIndex) fetch(n int, key func(int) string, touch func(element int32) int) (read int) {
	if x.used == 0 {
		return 0
	}
	var at [aheadRows]uint32 // slots
	for i := range n {
		at[i] = hashFold(key(i)) & uint32(len(x.slots)-1)
	}
	var elements [aheadRows]int32
	found := 0
	for _, slot := range at[:n] {
		if s := x.slots[slot]; s.at != 0 {
			elements[found] = s.element()
			found++
		}
	}
	for _, e := range elements[:found] {
		read += len(x.key(e)) + touch(e)
	}
	for _, e := range elements[:found] {
		read += int(x.key(e)[0])
	}
	return read
}
