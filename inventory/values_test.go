package inventory_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/inventory"
)

func TestFact(t *testing.T) {
	var f inventory.Fact
	require.Equal(t, inventory.Unknown, f, "the zero Fact")
	require.Equal(t, inventory.Yes, inventory.FactOf(true))
	require.Equal(t, inventory.No, inventory.FactOf(false))
	require.Equal(t, inventory.No, f.Or(inventory.No))
	require.Equal(t, inventory.Yes, inventory.Yes.Or(inventory.No))
	require.Equal(t, "unknown no yes Fact(9)", f.String()+" "+inventory.No.String()+" "+inventory.Yes.String()+" "+inventory.Fact(9).String())

	for text, want := range map[string]inventory.Fact{"true": inventory.Yes, "false": inventory.No, "null": inventory.Unknown} {
		got := inventory.Fact(9)
		require.NoError(t, json.Unmarshal([]byte(text), &got))
		require.Equal(t, want, got)
		data, err := json.Marshal(want)
		require.NoError(t, err)
		require.Equal(t, text, string(data))
	}
	for _, text := range []string{`"true"`, `1`, `{}`, `"yes"`} {
		require.Error(t, json.Unmarshal([]byte(text), &f), "%s is no fact", text)
	}
}

func TestOpt(t *testing.T) {
	var unknown inventory.Opt[int]
	_, known := unknown.Get()
	require.False(t, known)
	require.False(t, unknown.Known())
	require.Equal(t, 7, unknown.Or(7))

	zero := inventory.Known(0)
	n, known := zero.Get()
	require.True(t, known, "zero is a value")
	require.Zero(t, n)
	require.Equal(t, 0, zero.Or(7))

	type holder struct {
		A inventory.Opt[int]     `json:"a,omitzero"`
		B inventory.Opt[float64] `json:"b"`
	}
	data, err := json.Marshal(holder{A: zero})
	require.NoError(t, err)
	require.JSONEq(t, `{"a":0,"b":null}`, string(data))
	data, err = json.Marshal(holder{})
	require.NoError(t, err)
	require.JSONEq(t, `{"b":null}`, string(data))
	h := holder{A: zero}
	require.NoError(t, json.Unmarshal([]byte(`{"a":null,"b":1.5}`), &h))
	require.Equal(t, holder{B: inventory.Known(1.5)}, h)
	require.Error(t, json.Unmarshal([]byte(`{"a":"x"}`), &h))
}

func TestParseKind(t *testing.T) {
	require.Equal(t, inventory.SharedMailbox, inventory.ParseKind(" sharedmailbox "))
	require.Equal(t, inventory.Kind("PublicFolder"), inventory.ParseKind("PublicFolder"), "a kind without a constant keeps its name")
	require.Equal(t, inventory.Kind(""), inventory.ParseKind(""))
}

func TestParseRight(t *testing.T) {
	for text, want := range map[string]inventory.Right{
		"Full Access":       inventory.FullAccess, // these four as Find-MailboxDelegates spells them
		"Send As":           inventory.SendAs,
		"SendOnBehalfTo":    inventory.SendOnBehalf,
		"Calendar Folder":   inventory.Calendar,
		"FullAccess":        inventory.FullAccess, // as Get-MailboxPermission does
		"Send-As":           inventory.SendAs,     // as Get-ADPermission does
		"GRANTSENDONBEHALF": inventory.SendOnBehalf,
		"calendar":          inventory.Calendar,
	} {
		got, err := inventory.ParseRight(text)
		require.NoError(t, err, "%q", text)
		require.Equal(t, want, got, "%q", text)
	}
	for _, text := range []string{"", "None", "ReadPermission", "Full", "Full Access, Send As"} {
		_, err := inventory.ParseRight(text)
		require.ErrorIs(t, err, inventory.ErrRight, "%q", text)
	}
}

// A right is a number in memory and its name everywhere else.
func TestRight(t *testing.T) {
	declared := []inventory.Right{inventory.FullAccess, inventory.SendAs, inventory.SendOnBehalf, inventory.Calendar}
	require.IsIncreasing(t, declared, "in the order in which grants of a pair are listed")
	for i, name := range []string{"FullAccess", "SendAs", "SendOnBehalf", "Calendar"} {
		require.Equal(t, name, declared[i].String())
		data, err := json.Marshal(declared[i])
		require.NoError(t, err)
		require.Equal(t, strconv.Quote(name), string(data))
	}
	require.Equal(t, "", inventory.Right(0).String(), "none")
	require.Equal(t, "Right(5)", inventory.Right(5).String(), "not declared")
	_, err := inventory.Right(5).MarshalText()
	require.ErrorIs(t, err, inventory.ErrRight, "so that nothing is written that cannot be read")
}

func TestCount(t *testing.T) {
	for text, want := range map[string]struct {
		count inventory.Count
		text  string
		back  string
	}{
		`12`:        {inventory.Count{Exist: inventory.Yes, Number: 12}, "12", `12`},
		`0`:         {inventory.Count{Exist: inventory.No}, "none", `false`},
		`true`:      {inventory.Count{Exist: inventory.Yes}, "some", `true`},
		`false`:     {inventory.Count{Exist: inventory.No}, "none", `false`},
		`null`:      {inventory.Count{}, "unknown", `null`},
		`["a","b"]`: {inventory.Count{Exist: inventory.Yes, Number: 2}, "2", `2`},
		`[]`:        {inventory.Count{Exist: inventory.No}, "none", `false`},
	} {
		var got inventory.Count
		require.NoError(t, json.Unmarshal([]byte(text), &got), text)
		require.Equal(t, want.count, got, text)
		require.Equal(t, want.text, got.String(), text)
		data, err := json.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, want.back, string(data), text)
	}
	require.Equal(t, inventory.Yes, inventory.Count{Number: 12}.Exists(), "a number says enough")
	require.Equal(t, "12", inventory.Count{Number: 12}.String())
	require.Equal(t, inventory.No, inventory.Count{Exist: inventory.No}.Exists())
	require.Equal(t, inventory.Unknown, inventory.Count{}.Exists())
	var c inventory.Count
	for _, text := range []string{`-1`, `1.5`, `"many"`, `{}`, `[1]`} {
		require.Error(t, json.Unmarshal([]byte(text), &c), text)
	}
}

func TestSourceString(t *testing.T) {
	require.Equal(t, "a.csv:7", inventory.Source{File: "a.csv", Line: 7}.String())
	require.Equal(t, "", inventory.Source{}.String())
}

// A Mailbox and a Grant have no more room than their fields need: there can be ten million
// of them.
func TestMailboxIsPacked(t *testing.T) {
	if strconv.IntSize == 64 {
		require.EqualValues(t, 64, unsafe.Sizeof(inventory.Grant{}), "2 strings of 16 bytes, a right, and a source of 24")
		require.EqualValues(t, 272, unsafe.Sizeof(inventory.Mailbox{}), "7 strings of 16 bytes, a GUID, a slice of 24, 2 versions of 8, 4 numbers of 16, 7 flags, a pointer, and a source of 24")
	}
}
