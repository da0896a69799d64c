package csvio

import (
	"encoding/binary"
	"math/bits"

	"github.com/staged-migration/staged/inventory"
)

// guidIndex finds positions of a list by a GUID of its elements. The zero guidIndex is
// empty; key must be set.
type guidIndex struct {
	slotTable
	key func(i int32) inventory.GUID // of element i, which must not change once it was added
}

func hashGUID(key inventory.GUID) uint32 {
	first, last := binary.LittleEndian.Uint64(key[:8]), binary.LittleEndian.Uint64(key[8:])
	high, low := bits.Mul64(first^goldenRatio, last^bits.ReverseBytes64(goldenRatio))
	h := high ^ low
	return uint32(h ^ h>>32)
}

// slot returns where the key with a hash is, or would be.
func (x *guidIndex) slot(key inventory.GUID, hash uint32) *slot {
	mask := uint32(len(x.slots) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		s := &x.slots[at]
		if s.at == 0 || s.hash == hash && x.key(s.element()) == key {
			return s
		}
	}
}

// add adds element i, unless its key is unknown.
func (x *guidIndex) add(i int32) {
	key := x.key(i)
	if key.IsZero() {
		return
	}
	x.room()
	hash := hashGUID(key)
	x.fill(x.slot(key, hash), hash, i)
}

// find returns the element with the key, several if more than one has it.
func (x *guidIndex) find(key inventory.GUID) (i int32, found bool) {
	if x.used == 0 || key.IsZero() {
		return 0, false
	}
	return x.slot(key, hashGUID(key)).found()
}
