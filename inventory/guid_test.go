package inventory_test

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/inventory"
)

func TestParseGUID(t *testing.T) {
	// The sample of section 3 of RFC 4122, whose bytes are in the order of the text.
	want := inventory.GUID{0xf8, 0x1d, 0x4f, 0xae, 0x7d, 0xec, 0x11, 0xd0, 0xa7, 0x65, 0x00, 0xa0, 0xc9, 0x1e, 0x6b, 0xf6}
	for text, reason := range map[string]string{
		"f81d4fae-7dec-11d0-a765-00a0c91e6bf6":      "as Get-Mailbox prints it",
		"F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6":      "in capitals",
		"{F81D4FAE-7DEC-11d0-A765-00a0c91e6bf6}":    "in braces, as WMI has it",
		" f81d4fae-7dec-11d0-a765-00a0c91e6bf6\r\n": "with blanks around it",
	} {
		got, err := inventory.ParseGUID(text)
		require.NoError(t, err, reason)
		require.Equal(t, want, got, reason)
	}
	none, err := inventory.ParseGUID("{00000000-0000-0000-0000-000000000000}")
	require.NoError(t, err)
	require.True(t, none.IsZero(), "what Exchange writes for none")
	require.Equal(t, "", none.String())
	require.False(t, want.IsZero())
	require.False(t, inventory.GUID{15: 1}.IsZero())

	for text, reason := range map[string]string{
		"":                                        "ParseGUID wants one",
		"0":                                       "a number",
		"f81d4fae7dec11d0a76500a0c91e6bf6":        "bytes in whichever order",
		"f81d4fae-7dec-11d0-a765-00a0c91e6bf":     "a digit is missing",
		"f81d4fae-7dec-11d0-a765-00a0c91e6bf66":   "a digit more",
		"f81d4fae-7dec-11d0-a765-...":             "cut at the edge of the screen",
		"{f81d4fae-7dec-11d0-a765-00a0c91e6bf6":   "a brace without the other",
		"f81d4fae-7dec-11d0-a765-00a0c91e6bf6}":   "likewise",
		"f81d4faeg7dec-11d0-a765-00a0c91e6bf6":    "no dash",
		"f81d4fae-7decg11d0-a765-00a0c91e6bf6":    "likewise",
		"f81d4fae-7dec-11d0ga765-00a0c91e6bf6":    "likewise",
		"f81d4fae-7dec-11d0-a765g00a0c91e6bf6":    "likewise",
		"g81d4fae-7dec-11d0-a765-00a0c91e6bf6":    "no digit",
		"f81d4fae-7dec-11d0-a765-00a0c91e6bf/":    "the character before 0",
		"f81d4fae-7dec-11d0-a765-00a0c91e6b:6":    "the one behind 9",
		"f81d4fae-7dec-11d0-a765-00a0c91e6b@6":    "the one before A",
		"f81d4fae-7dec-11d0-a765-00a0c91e6b`6":    "the one before a",
		"f81d4fae-7dec-11d0-a765-00a0c91e\uff116": "a digit of another script, in as many bytes",
		"(f81d4fae-7dec-11d0-a765-00a0c91e6bf6)":  "other brackets",
	} {
		_, err := inventory.ParseGUID(text)
		require.ErrorIs(t, err, inventory.ErrGUID, "%q: %s", text, reason)
	}
	_, err = inventory.ParseGUID("soon")
	require.EqualError(t, err, `not a GUID: "soon"`)
}

// Sixteen bytes other than zeros are the digits of their text, in lower case between
// dashes, and that reads back as they.
func TestGUIDRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want inventory.GUID
		copy(want[:], rapid.SliceOfN(rapid.Byte(), len(want), len(want)).Filter(func(b []byte) bool { return strings.Trim(string(b), "\x00") != "" }).Draw(t, "bytes"))
		text := want.String()
		if digits := strings.Join(strings.Split(text, "-"), ""); digits != hex.EncodeToString(want[:]) {
			t.Fatalf("%x became %s", want[:], text)
		}
		if got, err := inventory.ParseGUID(strings.ToUpper(text)); err != nil || got != want {
			t.Fatalf("%s became %s, %v", text, got, err)
		}
	})
}

func TestGUIDJSON(t *testing.T) {
	type mailbox struct {
		GUID inventory.GUID `json:"guid,omitzero"`
	}
	const text = `{"guid":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}`
	var m mailbox
	require.NoError(t, json.Unmarshal([]byte(text), &m))
	data, err := json.Marshal(m)
	require.NoError(t, err)
	require.Equal(t, text, string(data))
	require.ErrorIs(t, json.Unmarshal([]byte(`{"guid":"soon"}`), &m), inventory.ErrGUID)
	require.NoError(t, json.Unmarshal([]byte(`{"guid":""}`), &m))
	data, err = json.Marshal(m)
	require.NoError(t, err)
	require.Equal(t, `{}`, string(data), "an unknown one can be left out")
}
