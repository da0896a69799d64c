package inventory_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/inventory"
)

func TestParseVersion(t *testing.T) {
	tests := []struct {
		text   string
		want   inventory.Version
		year   int
		reason string
	}{
		{"0.1 (8.0.535.0)", inventory.Version{Major: 8, Build: 535}, 2007, "a mailbox of Exchange 2007"},
		{"0.0 (6.5.6500.0)", inventory.Version{Major: 6, Minor: 5, Build: 6500}, 2003, "a mailbox of Exchange 2003"},
		{"0.10 (14.0.100.0)", inventory.Version{Major: 14, Build: 100}, 2010, "a mailbox of Exchange 2010"},
		{"0.20 (15.0.0.0)", inventory.Version{Major: 15}, 2013, "a mailbox of Exchange 2013 or later"},
		{"Version 8.3 (Build 83.6)", inventory.Version{Major: 8, Minor: 3, Build: 83, Revision: 6}, 2007, "a 2007 server"},
		{"Version 15.1 (Build 2507.6)", inventory.Version{Major: 15, Minor: 1, Build: 2507, Revision: 6}, 2016, "a 2016 server"},
		{"Version 6.5 (Build 7638.2: Service Pack 2)", inventory.Version{Major: 6, Minor: 5, Build: 7638, Revision: 2}, 2003, "a 2003 server"},
		{"8.3.83.6", inventory.Version{Major: 8, Minor: 3, Build: 83, Revision: 6}, 2007, "plain numbers"},
		{"6.0", inventory.Version{Major: 6}, 2000, "Exchange 2000 is not 2003"},
		{"14.3", inventory.Version{Major: 14, Minor: 3}, 2010, "2010 SP3"},
		{"15.2.1118", inventory.Version{Major: 15, Minor: 2, Build: 1118}, 2019, "three numbers"},
		{"2007", inventory.Version{Major: 8}, 2007, "a year"},
		{"Exchange 2003", inventory.Version{Major: 6, Minor: 5}, 2003, "a product name"},
		{"Microsoft Exchange Server 2007 SP3", inventory.Version{Major: 8}, 2007, "the whole of it"},
		{"exchange 2010 Service Pack 3", inventory.Version{Major: 14}, 2010, "in any case"},
		{"Exchange2007", inventory.Version{Major: 8}, 2007, "without a blank"},
		{"Exchange 2007 (8.3.83.6)", inventory.Version{Major: 8, Minor: 3, Build: 83, Revision: 6}, 2007, "as this library prints it"},
		{"  Version  8.3  (Build 83.6) ", inventory.Version{Major: 8, Minor: 3, Build: 83, Revision: 6}, 2007, "surplus blanks"},
		{"5.5", inventory.Version{Major: 5, Minor: 5}, 0, "an Exchange before 2000 has no year here"},
	}
	for _, tt := range tests {
		got, err := inventory.ParseVersion(tt.text)
		require.NoError(t, err, "%q: %s", tt.text, tt.reason)
		require.Equal(t, tt.want, got, "%q: %s", tt.text, tt.reason)
		require.Equal(t, tt.year, got.Year(), "%q: %s", tt.text, tt.reason)
	}
	for _, text := range []string{"", "8", "2008", "1999", "Exchange", "Version 8.3", "8.3.83.6.1", "0.1 (8.0.535)", "70000.1", "0.0", "Exchange 2007x", "-8.3", "2007.0", "100.1"} {
		_, err := inventory.ParseVersion(text)
		require.ErrorIs(t, err, inventory.ErrVersion, "%q", text)
	}
}

func TestVersionOrder(t *testing.T) {
	ascending := []string{"6.0", "6.5.6500.0", "6.5.7638.2", "8.0.535.0", "8.3.83.6", "14.0.100.0", "15.1.2507.6"}
	previous := inventory.Version{}
	require.False(t, previous.Known())
	for _, text := range ascending {
		v, err := inventory.ParseVersion(text)
		require.NoError(t, err)
		require.Equal(t, -1, previous.Compare(v), text)
		require.Equal(t, 1, v.Compare(previous), text)
		require.Equal(t, 0, v.Compare(v), text)
		previous = v
	}
}

func TestVersionStringAndJSON(t *testing.T) {
	for text, want := range map[string]string{
		"0.1 (8.0.535.0)": "Exchange 2007 (8.0.535.0)",
		"2007":            "Exchange 2007",
		"5.5.2653.0":      "Exchange 5.5.2653.0",
	} {
		v, err := inventory.ParseVersion(text)
		require.NoError(t, err)
		require.Equal(t, want, v.String())
		printed, err := inventory.ParseVersion(v.String())
		require.NoError(t, err)
		require.Equal(t, v, printed)
		data, err := json.Marshal(v)
		require.NoError(t, err)
		var back inventory.Version
		require.NoError(t, json.Unmarshal(data, &back), "%s", data)
		require.Equal(t, v, back)
	}
	require.Equal(t, "unknown", inventory.Version{}.String())

	var v inventory.Version
	require.NoError(t, json.Unmarshal([]byte(`2003`), &v), "a year as a number")
	require.Equal(t, 2003, v.Year())
	require.NoError(t, json.Unmarshal([]byte(`null`), &v))
	require.False(t, v.Known())
	data, err := json.Marshal(v)
	require.NoError(t, err)
	require.Equal(t, "null", string(data))
	require.Error(t, json.Unmarshal([]byte(`"soon"`), &v))
	require.Error(t, json.Unmarshal([]byte(`{}`), &v))
	require.Error(t, json.Unmarshal([]byte(`2007.0`), &v))
	require.Error(t, v.UnmarshalJSON(nil))
}

// The short cut for the forms of exports reads what the expressions read, and as they do: a
// blank at the end leads around it.
func TestUsualVersionsFollowTheRules(t *testing.T) {
	number := `(0|00?[1-9]|[1-9][0-9]{0,2}|6553[56]|[0-9]{6})`
	form := rapid.StringMatching(`(#\.# ?\(#\.#\.#\.#\)|[Vv]ersion #\.# ?\(Build #\.#\)|#(\.#){0,4})[ )]?`)
	rapid.Check(t, func(t *rapid.T) {
		text := form.Draw(t, "form")
		for strings.Contains(text, "#") {
			text = strings.Replace(text, "#", rapid.StringMatching(number).Draw(t, "number"), 1)
		}
		checkRules(t, text)
	})
}

// checkRules fails if a text is another version than with a blank behind it.
func checkRules(t rapid.TB, text string) {
	got, err := inventory.ParseVersion(text)
	want, wantErr := inventory.ParseVersion(text + " ")
	if got != want || (err == nil) != (wantErr == nil) {
		t.Fatalf("%q: %v, %v; by the rules %v, %v", text, got, err, want, wantErr)
	}
}

// Versions are in the order of their numbers, the first of which differs.
func TestVersionOrderIsThatOfNumbers(t *testing.T) {
	number := rapid.SampledFrom([]uint16{0, 1, 255, 256, 32768, 65535})
	rapid.Check(t, func(t *rapid.T) {
		var numbers [2][]uint16
		for i := range numbers {
			numbers[i] = rapid.SliceOfN(number, 4, 4).Draw(t, "numbers")
		}
		version := func(n []uint16) inventory.Version {
			return inventory.Version{Major: n[0], Minor: n[1], Build: n[2], Revision: n[3]}
		}
		if got, want := version(numbers[0]).Compare(version(numbers[1])), slices.Compare(numbers[0], numbers[1]); got != want {
			t.Fatalf("%v: %d, want %d", numbers, got, want)
		}
	})
}

func FuzzParseVersion(f *testing.F) {
	f.Add("0.1 (8.0.535.0)")
	f.Add("Version 6.5 (Build 7638.2: Service Pack 2)")
	f.Add("Version 8.3 (Build 83.6)")
	f.Fuzz(func(t *testing.T, text string) {
		checkRules(t, text)
		if v, err := inventory.ParseVersion(text); err == nil && !v.Known() {
			t.Errorf("ParseVersion(%q) is unknown", text)
		}
	})
}
