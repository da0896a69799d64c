package partition

import "math"

// tournament knows which of some parts has the largest key, of equal ones the first. To
// change a key takes time in proportion to the logarithm of the number of parts.
type tournament struct {
	keys   []int64 // of each part
	winner []int32 // of each match: those of match i are the winners of 2i and 2i+1; the parts are behind the matches
}

// lost is the key of a part that cannot win.
const lost = math.MinInt64

// resize makes it one of so many parts, all of which lose.
func (t *tournament) resize(parts int) {
	t.keys, t.winner = resized(t.keys, parts), resized(t.winner, 2*parts)
	t.reset()
}

// reset makes all parts lose.
func (t *tournament) reset() {
	parts := len(t.keys)
	for part := range t.keys {
		t.keys[part] = lost
		t.winner[parts+part] = int32(part)
	}
	for match := parts - 1; match > 0; match-- {
		t.play(match)
	}
}

func (t *tournament) play(match int) {
	a, b := t.winner[2*match], t.winner[2*match+1]
	if t.keys[b] > t.keys[a] || t.keys[b] == t.keys[a] && b < a {
		a = b
	}
	t.winner[match] = a
}

// set changes the key of a part.
func (t *tournament) set(part int32, key int64) {
	if t.keys[part] == key {
		return
	}
	t.keys[part] = key
	for match := (len(t.keys) + int(part)) / 2; match > 0; match /= 2 {
		t.play(match)
	}
}

// best returns the part with the largest key, or none if all have lost.
func (t *tournament) best() int32 {
	if len(t.keys) == 0 || t.keys[t.winner[1]] == lost {
		return none
	}
	return t.winner[1]
}
