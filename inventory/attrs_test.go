package inventory_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/inventory"
)

func TestAttrs(t *testing.T) {
	names := []string{"Department", "CustomAttribute1", "Office"}
	a := inventory.NewAttrs(names, []inventory.Opt[string]{inventory.Known("R&D"), inventory.Known(""), {}})
	for _, tt := range []struct {
		name, want string
		known      bool
		reason     string
	}{
		{"Department", "R&D", true, "as it is named"},
		{"dePARTment", "R&D", true, "case does not matter"},
		{"CustomAttribute1", "", true, "an empty text is known"},
		{"Office", "", false, "an attribute without a value"},
		{"Title", "", false, "no attribute"},
		{"", "", false, "no name"},
	} {
		got, known := a.Get(tt.name)
		require.Equal(t, tt.want, got, tt.reason)
		require.Equal(t, tt.known, known, tt.reason)
	}
	require.Equal(t, map[string]string{"Department": "R&D", "CustomAttribute1": ""}, maps.Collect(a.All()))
	for range a.All() {
		break // the sequence can be left
	}
	var none inventory.Attrs
	_, known := none.Get("Department")
	require.False(t, known)
	require.Empty(t, maps.Collect(none.All()))
	same := inventory.NewAttrs(names, []inventory.Opt[string]{inventory.Known("R&D"), inventory.Known(""), {}})
	other := inventory.NewAttrs(names, []inventory.Opt[string]{inventory.Known("R&D"), {}, {}})
	require.True(t, a.Equal(same))
	require.False(t, a.Equal(other), "unknown is not empty")
	require.False(t, a.Equal(none))
	require.True(t, none.Equal(inventory.NewAttrs(nil, nil)))
}
