package csvio

import "strings"

// foldIndex finds positions of a list by a key of its elements, without regard to
// case. It keeps no keys, only positions, so that a million elements take a few MB. The
// zero foldIndex is empty; key must be set.
type foldIndex struct {
	key   func(i int32) string // of element i, which must not change once it was added
	slots []int32              // 0 if free; i+1, or -(i+1) if more elements than i have the key
	used  int
}

// hashFold hashes a key so that keys which are equal but for case have the same hash.
// Letters outside ASCII do not count.
func hashFold[K ~string | ~[]byte](key K) uint64 {
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
	return h ^ h>>29
}

// slot returns where the key is, or would be.
func (x *foldIndex) slot(key string) int {
	mask := len(x.slots) - 1
	for at := int(hashFold(key)) & mask; ; at = (at + 1) & mask {
		s := x.slots[at]
		if s == 0 || strings.EqualFold(x.key(max(s, -s)-1), key) {
			return at
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
	at := x.slot(key)
	switch s := x.slots[at]; {
	case s == 0:
		x.slots[at] = i + 1
		x.used++
	case s > 0:
		x.slots[at] = -s
	}
}

func (x *foldIndex) grow() {
	old := x.slots
	x.slots = make([]int32, max(16, 2*len(old)))
	for _, s := range old {
		if s != 0 {
			x.slots[x.slot(x.key(max(s, -s)-1))] = s
		}
	}
}

// find returns the element with the key, several if more than one has it.
func (x *foldIndex) find(key string) (i int32, found bool) {
	if len(x.slots) == 0 || key == "" {
		return 0, false
	}
	switch s := x.slots[x.slot(key)]; {
	case s == 0:
		return 0, false
	case s < 0:
		return several, true
	default:
		return s - 1, true
	}
}
