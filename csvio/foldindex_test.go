package csvio

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The index answers as a map of keys in lower case does.
func TestFoldIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SampledFrom([]string{"", "a", "A", "b", "/o=X/cn=a", "/O=x/CN=A", "Übung", "übung", "c", "C"})
		keys := rapid.SliceOfN(key, 0, 60).Draw(t, "keys")
		for i := range keys { // and many that differ
			if rapid.Bool().Draw(t, "other") {
				keys[i] = rapid.StringMatching(`[a-cA-C]{1,3}`).Draw(t, "text")
			}
		}
		x := foldIndex{key: func(i int32) string { return keys[i] }}
		want := make(map[string]int32)
		for i, k := range keys {
			x.add(int32(i))
			claim(want, strings.ToLower(k), int32(i))
		}
		for _, k := range append(keys, "", "nobody", "aB", "CBA") {
			i, found := x.find(k)
			j, known := want[strings.ToLower(k)]
			if found != known || found && i != j {
				t.Fatalf("%q is %d, %v; want %d, %v", k, i, found, j, known)
			}
		}
	})
}
