package csvio

// slotTable is a hash table of positions in a list, by keys of its elements. It keeps no
// keys, only positions and hashes, so that a million elements take some MB. The zero
// slotTable is empty.
type slotTable struct {
	slots []slot // a power of two of them
	used  int
}

// slot is free if at is 0; at is i+1 for element i, or -(i+1) if more elements than i have
// the key.
type slot struct {
	hash uint32
	at   int32
}

// room makes room for one more.
func (x *slotTable) room() {
	if 4*(x.used+1) <= 3*len(x.slots) {
		return
	}
	old := x.slots
	x.slots = make([]slot, max(16, 2*len(old)))
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

// fill adds element i in the slot of its key.
func (x *slotTable) fill(s *slot, hash uint32, i int32) {
	switch {
	case s.at == 0:
		*s = slot{hash, i + 1}
		x.used++
	case s.at > 0:
		s.at = -s.at
	}
}

// element returns an element with the key of the slot, which is not free.
func (s *slot) element() int32 { return max(s.at, -s.at) - 1 }

// found returns the element with the key of the slot, several if more than one has it.
func (s *slot) found() (i int32, ok bool) {
	switch {
	case s.at == 0:
		return 0, false
	case s.at < 0:
		return several, true
	default:
		return s.at - 1, true
	}
}
