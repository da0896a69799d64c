package csvio

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/inventory"
)

// The index answers as a map does in which the unknown GUID is nobody's.
func TestGUIDIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		guid := rapid.Custom(func(t *rapid.T) (g inventory.GUID) {
			g[0], g[15] = rapid.ByteMax(3).Draw(t, "first"), rapid.ByteMax(9).Draw(t, "last")
			return g
		})
		guids := rapid.SliceOfN(guid, 0, 60).Draw(t, "guids")
		x := guidIndex{key: func(i int32) inventory.GUID { return guids[i] }}
		want := make(map[string]int32)
		for i, g := range guids {
			x.add(int32(i))
			claim(want, g.String(), int32(i))
		}
		for _, g := range append(guids, inventory.GUID{}, inventory.GUID{7: 1}) {
			i, found := x.find(g)
			j, known := want[g.String()]
			if found != known || found && i != j {
				t.Fatalf("%s is %d, %v; want %d, %v", g, i, found, j, known)
			}
		}
	})
}

// GUIDs that differ in two bytes alone, wherever these are, spread over the slots: if 4096
// fall into 65536 slots by chance, they take about 3970 of them.
func TestGUIDsSpread(t *testing.T) {
	sample := inventory.GUID{0x6f, 0x96, 0x19, 0xff, 0x8b, 0x86, 0xd0, 0x11, 0xb4, 0x2d, 0x00, 0xc0, 0x4f, 0xc9, 0x64, 0xff}
	for at := range len(sample) - 1 {
		slots := make(map[uint16]bool)
		for n := range uint16(4096) {
			g := sample
			binary.BigEndian.PutUint16(g[at:], n)
			slots[uint16(hashGUID(g))] = true
		}
		require.Greater(t, len(slots), 3800, "bytes from %d", at)
	}
}
