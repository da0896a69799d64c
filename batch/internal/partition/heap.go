package partition

// entry is a vertex in a heap.
type entry struct {
	key    int64
	size   int64
	turn   int32
	vertex int32
}

func (e entry) before(f entry) bool {
	switch {
	case e.key != f.key:
		return e.key < f.key
	case e.size != f.size:
		return e.size < f.size
	case e.turn != f.turn:
		return e.turn < f.turn
	}
	return e.vertex < f.vertex
}

// heap hands out the entry with the least key first, of equal ones the one with the
// least size, then the least turn, then the lowest vertex. An entry is never changed
// in it: its owner pushes another and passes over what is out of date.
type heap struct{ entries []entry }

func (h *heap) len() int { return len(h.entries) }
func (h *heap) reset()   { h.entries = h.entries[:0] }

func (h *heap) push(e entry) {
	h.entries = append(h.entries, e)
	i := len(h.entries) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !h.entries[i].before(h.entries[parent]) {
			break
		}
		h.entries[i], h.entries[parent] = h.entries[parent], h.entries[i]
		i = parent
	}
}

func (h *heap) pop() entry {
	top := h.entries[0]
	last := len(h.entries) - 1
	h.entries[0] = h.entries[last]
	h.entries = h.entries[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if h.entries[child].before(h.entries[least]) {
				least = child
			}
		}
		if least == i {
			return top
		}
		h.entries[i], h.entries[least] = h.entries[least], h.entries[i]
		i = least
	}
}
