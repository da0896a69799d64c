package inventory

import (
	"cmp"
	"slices"
	"strings"
)

// sorted returns a copy of the mailboxes in the order of their addresses, and of
// the input where they are equal. It sorts positions: a Mailbox is large.
func sorted(mailboxes []Mailbox) []Mailbox {
	order := make([]addressKey, len(mailboxes))
	for i := range order {
		order[i].at = int32(i)
	}
	sortFrom(0, order, mailboxes)
	out := make([]Mailbox, len(mailboxes))
	inParts(len(out), func(lo, hi int) struct{} {
		n := 0
		for _, key := range order[lo:hi] {
			n += len(mailboxes[key.at].Aliases)
		}
		aliases := make([]Address, 0, n) // of all in the part: one block of memory instead of many
		for to := lo; to < hi; to++ {
			m := &out[to]
			*m = mailboxes[order[to].at]
			if m.Aliases != nil {
				first := len(aliases)
				aliases = append(aliases, m.Aliases...)
				m.Aliases = slices.Clip(aliases[first:])
			}
		}
		return struct{}{}
	})
	return out
}

// addressKey is a mailbox while mailboxes are sorted: its position, and eight bytes of
// its address, so that most comparisons need not fetch that from memory.
type addressKey struct {
	word uint64
	at   int32
}

// sortFrom sorts keys of addresses that do not differ in their first bytes. It compares
// the next eight, and sorts by what follows where those are equal.
func sortFrom(first int, keys []addressKey, mailboxes []Mailbox) {
	const few = 12      // keys that are sooner compared as a whole
	const longest = 256 // no address is longer
	longer := false
	for i := range keys {
		a := mailboxes[keys[i].at].Address
		longer = longer || len(a) > first+8
		keys[i].word = wordAt(a, first)
	}
	if len(keys) <= few || first >= longest || !longer { // or they differ in NUL bytes at most, which wordAt passes over
		slices.SortFunc(keys, func(a, b addressKey) int {
			return cmp.Or(strings.Compare(string(mailboxes[a.at].Address), string(mailboxes[b.at].Address)), cmp.Compare(a.at, b.at))
		})
		return
	}
	slices.SortFunc(keys, func(a, b addressKey) int { return cmp.Compare(a.word, b.word) })
	for len(keys) > 0 {
		n := 1
		for n < len(keys) && keys[n].word == keys[0].word {
			n++
		}
		if n > 1 {
			sortFrom(first+8, keys[:n], mailboxes)
		}
		keys = keys[n:]
	}
}

// wordAt returns eight bytes of an address, which compare as the text does. Behind its
// end they are 0.
func wordAt(a Address, first int) (word uint64) {
	rest := a[min(first, len(a)):]
	if len(rest) >= 8 {
		return uint64(rest[7]) | uint64(rest[6])<<8 | uint64(rest[5])<<16 | uint64(rest[4])<<24 |
			uint64(rest[3])<<32 | uint64(rest[2])<<40 | uint64(rest[1])<<48 | uint64(rest[0])<<56
	}
	for i := range len(rest) {
		word |= uint64(rest[i]) << (56 - 8*i)
	}
	return word
}
