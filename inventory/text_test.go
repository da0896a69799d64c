package inventory_test

import (
	"bytes"
	"encoding"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"testing"
	"time"

	"github.com/gocarina/gocsv"
	"github.com/jszwec/csvutil"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/inventory"
)

// Each text reads as the value, and the value writes the text that the last
// column gives.
func TestText(t *testing.T) {
	exchange2007 := inventory.Version{Major: 8, Minor: 3, Build: 83, Revision: 6}
	guid := inventory.GUID{0xf8, 0x1d, 0x4f, 0xae, 0x7d, 0xec, 0x11, 0xd0, 0xa7, 0x65, 0x00, 0xa0, 0xc9, 0x1e, 0x6b, 0xf6}
	tests := []struct {
		text   string
		want   any
		back   string
		reason string
	}{
		{" SMTP:Anna@Contoso.com", inventory.Address("anna@contoso.com"), "anna@contoso.com", "an address is normalized"},
		{"", inventory.Address(""), "", "the address of nobody"},
		{" ", inventory.Address(""), "", "a blank cell is an empty one"},
		{"sharedmailbox", inventory.SharedMailbox, "SharedMailbox", "a kind gets its spelling"},
		{" PublicFolder", inventory.Kind("PublicFolder"), "PublicFolder", "any name is a kind"},
		{"", inventory.Kind(""), "", "an unknown kind"},
		{"Send-As", inventory.SendAs, "SendAs", "a right in another spelling"},
		{"", inventory.Right(0), "", "no right, which a Grant can hold"},
		{"\t", inventory.Right(0), "", "a blank cell is an empty one"},
		{" {F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6}", guid, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "a GUID in any form"},
		{"00000000-0000-0000-0000-000000000000", inventory.GUID{}, "", "the GUID of nothing"},
		{"", inventory.GUID{}, "", "an unknown GUID"},
		{" ", inventory.GUID{}, "", "a blank cell is an empty one"},
		{"6672B", inventory.Size(6672), "6672B", "Exchange 2007's form"},
		{"1.5 GB", inventory.Size(3 << 29), "1610612736B", "any other form"},
		{"9223372036854775807B", inventory.Size(9223372036854775807), "9223372036854775807B", "the largest size"},
		{"0.1 (8.3.83.6)", exchange2007, "8.3.83.6", "a version in any form"},
		{"2007", inventory.Version{Major: 8}, "8.0.0.0", "a release"},
		{"", inventory.Version{}, "", "an unknown version"},
		{" ", inventory.Version{}, "", "a blank cell is an empty one"},
		{"True", inventory.Yes, "True", "as Exchange prints it"},
		{"FALSE", inventory.No, "False", "as spreadsheets print it"},
		{"1", inventory.Yes, "True", "as WMI and scripts print it"},
		{" 0 ", inventory.No, "False", "with blanks"},
		{"", inventory.Unknown, "", "an unknown fact"},
		{" ", inventory.Unknown, "", "a blank cell is an empty one"},

		{"", inventory.Opt[inventory.Size]{}, "", "an unknown size"},
		{" ", inventory.Opt[inventory.Size]{}, "", "a blank cell is an empty one"},
		{"n/a", inventory.Opt[inventory.Size]{}, "", "a size that the text calls unknown"},
		{"Unlimited", inventory.Opt[inventory.Size]{}, "", "likewise"},
		{"0", inventory.Known(inventory.Size(0)), "0B", "a known size of nothing"},
		{"2 KB", inventory.Known(2 * inventory.KB), "2048B", "a known size"},
		{"anna@contoso.com", inventory.Known(inventory.Address("anna@contoso.com")), "anna@contoso.com", "whatever has a text"},
		{"2026-01-02T03:04:05Z", inventory.Known(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), "2026-01-02T03:04:05Z", "of other packages too"},
		{"8.3", inventory.Known(inventory.Known(inventory.Version{Major: 8, Minor: 3})), "8.3.0.0", "an Opt itself included"},
		{"", inventory.Opt[string]{}, "", "an unknown string"},
		{" x ", inventory.Known(" x "), " x ", "the blanks of a string are its own"},
		{" ", inventory.Known(" "), " ", "even if there is nothing else"},
		{"", inventory.Opt[int]{}, "", "an unknown number"},
		{" ", inventory.Opt[int64]{}, "", "a blank cell is an empty one"},
		{"0", inventory.Known(0), "0", "a known number of none"},
		{" 010 ", inventory.Known(10), "10", "decimal, whatever it begins with"},
		{"-9223372036854775808", inventory.Known(int64(-1 << 63)), "-9223372036854775808", "the least int64"},
		{"", inventory.Opt[float64]{}, "", "an unknown number"},
		{" 1234567.5", inventory.Known(1234567.5), "1234567.5", "without an exponent, which spreadsheets would show"},
		{"1e21", inventory.Known(1e21), "1000000000000000000000", "in digits, however many"},
	}
	for _, tt := range tests {
		got := reflect.New(reflect.TypeOf(tt.want))
		require.NoError(t, got.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(tt.text)), "%T %q: %s", tt.want, tt.text, tt.reason)
		require.Equal(t, tt.want, got.Elem().Interface(), "%T %q: %s", tt.want, tt.text, tt.reason)
		back, err := tt.want.(encoding.TextMarshaler).MarshalText()
		require.NoError(t, err, "%T %q: %s", tt.want, tt.text, tt.reason)
		require.Equal(t, tt.back, string(back), "%T %q: %s", tt.want, tt.text, tt.reason)
	}
}

// What is no text of a type is an error and leaves the value as it was.
func TestTextRefuses(t *testing.T) {
	tests := []struct {
		text   string
		was    any
		cause  error
		reason string
	}{
		{"anna@contoso", inventory.Address("a@contoso.com"), inventory.ErrAddress, "no address"},
		{"None", inventory.SendAs, inventory.ErrRight, "no right"},
		{"f81d4fae-7dec-11d0-a765-00a0c91e6bfg", inventory.GUID{7}, inventory.ErrGUID, "no GUID, though its digits begin well"},
		{"", inventory.Size(7), inventory.ErrSize, "a Size cannot be unknown"},
		{"n/a", inventory.Size(7), inventory.ErrUnknown, "not even if the text says so"},
		{"-1B", inventory.Size(7), inventory.ErrSize, "negative"},
		{"soon", inventory.Version{Major: 8}, inventory.ErrVersion, "no version"},
		{"maybe", inventory.Yes, nil, "no fact"},
		{"unknown", inventory.Yes, nil, "nothing says that"},
		{"soon", inventory.Known(7 * inventory.KB), inventory.ErrSize, "no size"},
		{"x", inventory.Known(7), nil, "no number"},
		{"1,234", inventory.Known(7), nil, "no plain number"},
		{"1.5", inventory.Known(int64(7)), nil, "no whole number"},
		{"x", inventory.Known(7.5), nil, "no number"},
		{"true", inventory.Known(true), nil, "a type without a text"},
	}
	for _, tt := range tests {
		got := reflect.New(reflect.TypeOf(tt.was))
		got.Elem().Set(reflect.ValueOf(tt.was))
		err := got.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(tt.text))
		require.Error(t, err, "%T %q: %s", tt.was, tt.text, tt.reason)
		if tt.cause != nil {
			require.ErrorIs(t, err, tt.cause, "%T %q: %s", tt.was, tt.text, tt.reason)
		}
		require.Equal(t, tt.was, got.Elem().Interface(), "%T %q: %s", tt.was, tt.text, tt.reason)
	}
	for _, v := range []encoding.TextMarshaler{inventory.Size(-1), inventory.Known(inventory.Size(-1)), inventory.Known(true)} {
		_, err := v.MarshalText()
		require.Error(t, err, "%T", v)
	}
}

func TestSizeJSON(t *testing.T) {
	for text, want := range map[string]inventory.Size{
		`6672`:                  6672,
		`"6672B"`:               6672,
		` "1.5 GB" `:            3 << 29,
		`"1.07 GB (7 bytes)"`:   7,
		`-1`:                    -1, // as any number of bytes, since sizes are subtracted too
		`9223372036854775807`:   9223372036854775807,
		"\"1\\u00a0234 bytes\"": 1234,
	} {
		var got inventory.Size
		require.NoError(t, got.UnmarshalJSON([]byte(text)), text)
		require.Equal(t, want, got, text)
		data, err := json.Marshal(want)
		require.NoError(t, err)
		var number int64
		require.NoError(t, json.Unmarshal(data, &number), "%s is a number", data)
		require.Equal(t, int64(want), number)
	}
	got := inventory.Size(7)
	for _, text := range []string{`""`, `"soon"`, `1.5`, `1e3`, `true`, `{}`, `9223372036854775808`, `"`, ``} {
		require.Error(t, got.UnmarshalJSON([]byte(text)), text)
		require.Equal(t, inventory.Size(7), got, text)
	}
	require.NoError(t, json.Unmarshal([]byte(`null`), &got))
	require.Equal(t, inventory.Size(7), got, "null changes nothing, as of any number")

	opt := inventory.Known(got)
	require.NoError(t, json.Unmarshal([]byte(`"Unlimited"`), &opt))
	require.False(t, opt.Known(), "a string can say that the size is unknown")
	require.ErrorIs(t, json.Unmarshal([]byte(`"1,234 GB"`), &opt), inventory.ErrSize)
}

// Keys of an object are texts.
func TestKeysJSON(t *testing.T) {
	type keys struct {
		A map[inventory.Address]int
		K map[inventory.Kind]int
		R map[inventory.Right]int
		S map[inventory.Size]int
		V map[inventory.Version]int
		G map[inventory.GUID]int
	}
	want := keys{
		A: map[inventory.Address]int{"anna@contoso.com": 1},
		K: map[inventory.Kind]int{inventory.RoomMailbox: 1, "": 2},
		R: map[inventory.Right]int{inventory.SendAs: 1},
		S: map[inventory.Size]int{inventory.KB: 1},
		V: map[inventory.Version]int{{Major: 8, Minor: 3}: 1},
		G: map[inventory.GUID]int{{}: 1, {15: 1}: 2},
	}
	data, err := json.Marshal(want)
	require.NoError(t, err)
	require.JSONEq(t, `{"A":{"anna@contoso.com":1},"K":{"RoomMailbox":1,"":2},"R":{"SendAs":1},"S":{"1024B":1},"V":{"8.3.0.0":1},"G":{"":1,"00000000-0000-0000-0000-000000000001":2}}`, string(data))
	var back keys
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, want, back)

	data, err = json.Marshal(map[inventory.Fact]int{inventory.Yes: 1, inventory.No: 2, inventory.Unknown: 3})
	require.NoError(t, err)
	require.JSONEq(t, `{"True":1,"False":2,"":3}`, string(data))
	require.Error(t, json.Unmarshal(data, &map[inventory.Fact]int{}), "as documented")
}

// everything has a field of each type, by value, by pointer, and with the
// options of tags that libraries treat apart.
type everything struct {
	Address    inventory.Address
	Kind       inventory.Kind
	Right      inventory.Right
	Size       inventory.Size
	Version    inventory.Version
	Fact       inventory.Fact
	GUID       inventory.GUID
	OptSize    inventory.Opt[inventory.Size]
	OptGUID    inventory.Opt[inventory.GUID]
	OptAddress inventory.Opt[inventory.Address]
	OptText    inventory.Opt[string]
	OptInt     inventory.Opt[int]
	OptInt64   inventory.Opt[int64]
	OptFloat   inventory.Opt[float64]

	OmitKind    inventory.Kind                `csv:"OmitKind,omitempty" json:",omitempty"`
	OmitSize    inventory.Size                `csv:"OmitSize,omitempty" json:",omitempty"`
	OmitFact    inventory.Fact                `csv:"OmitFact,omitempty" json:",omitempty"`
	OmitVersion inventory.Version             `csv:"OmitVersion,omitempty" json:",omitzero"`
	OmitGUID    inventory.GUID                `csv:"OmitGUID,omitempty" json:",omitzero"`
	OmitOpt     inventory.Opt[inventory.Size] `csv:"OmitOpt,omitempty" json:",omitzero"`

	PointerSize    *inventory.Size
	PointerFact    *inventory.Fact
	PointerVersion *inventory.Version  `csv:"PointerVersion,omitempty"`
	PointerOpt     *inventory.Opt[int] `csv:"PointerOpt,omitempty"`
	PointerRight   *inventory.Right    `csv:"PointerRight,omitempty"`
	PointerGUID    *inventory.GUID     `csv:"PointerGUID,omitempty"`
}

func drawOpt[T any](t *rapid.T, g *rapid.Generator[T], name string) inventory.Opt[T] {
	if rapid.Bool().Draw(t, name+" is known") {
		return inventory.Known(g.Draw(t, name))
	}
	return inventory.Opt[T]{}
}

func drawEverything(t *rapid.T) everything {
	var (
		addresses = rapid.SampledFrom([]inventory.Address{"anna@contoso.com", `"a,b"@contoso.com`, "o'hara@bücher.example"})
		kinds     = rapid.SampledFrom([]inventory.Kind{"", inventory.UserMailbox, "Public Folder, old"})
		rights    = rapid.SampledFrom([]inventory.Right{0, inventory.FullAccess, inventory.SendAs, inventory.SendOnBehalf, inventory.Calendar})
		sizes     = rapid.Map(rapid.Int64Min(0), func(n int64) inventory.Size { return inventory.Size(n) })
		facts     = rapid.SampledFrom([]inventory.Fact{inventory.Unknown, inventory.No, inventory.Yes})
		versions  = rapid.Custom(func(t *rapid.T) inventory.Version {
			numbers := rapid.Uint16()
			return inventory.Version{Major: rapid.Uint16Range(1, 99).Draw(t, "major"), Minor: numbers.Draw(t, "minor"),
				Build: numbers.Draw(t, "build"), Revision: numbers.Draw(t, "revision")}
		})
		guids = rapid.Custom(func(t *rapid.T) (g inventory.GUID) {
			g[0], g[15] = rapid.ByteMin(1).Draw(t, "first"), rapid.Byte().Draw(t, "last")
			return g
		})
		// An empty string reads back as unknown, and encoding/csv reads \r\n as \n.
		texts = rapid.StringMatching(`[ -~äß\x{a0}\n]+`)
	)
	size, fact, version := sizes.Draw(t, "pointed size"), facts.Filter(func(f inventory.Fact) bool { return f != inventory.Unknown }).Draw(t, "pointed fact"), versions.Draw(t, "pointed version")
	opt, right, guid := inventory.Known(rapid.Int().Draw(t, "pointed int")), inventory.SendAs, guids.Draw(t, "pointed guid")
	e := everything{
		Address: addresses.Draw(t, "address"), Kind: kinds.Draw(t, "kind"), Right: rights.Draw(t, "right"), Size: sizes.Draw(t, "size"),
		Version: versions.Draw(t, "version"), Fact: facts.Draw(t, "fact"),
		GUID:    rapid.OneOf(rapid.Just(inventory.GUID{}), guids).Draw(t, "guid"),
		OptSize: drawOpt(t, sizes, "opt size"), OptGUID: drawOpt(t, guids, "opt guid"), OptAddress: drawOpt(t, addresses, "opt address"), OptText: drawOpt(t, texts, "opt text"),
		OptInt: drawOpt(t, rapid.Int(), "opt int"), OptInt64: drawOpt(t, rapid.Int64(), "opt int64"), OptFloat: drawOpt(t, rapid.Float64(), "opt float"),
		OmitKind: kinds.Draw(t, "omitted kind"), OmitSize: sizes.Draw(t, "omitted size"), OmitFact: facts.Draw(t, "omitted fact"),
		OmitGUID:    rapid.OneOf(rapid.Just(inventory.GUID{}), guids).Draw(t, "omitted guid"),
		OmitVersion: rapid.OneOf(rapid.Just(inventory.Version{}), versions).Draw(t, "omitted version"), OmitOpt: drawOpt(t, sizes, "omitted opt"),
		PointerSize: &size, PointerFact: &fact,
	}
	if rapid.Bool().Draw(t, "points") {
		e.PointerVersion, e.PointerOpt, e.PointerRight, e.PointerGUID = &version, &opt, &right, &guid
	}
	return e
}

// Whatever the values, structs of them come back from each library as they went
// in.
func TestStructsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(drawEverything), 1, 3).Draw(t, "rows")
		for _, library := range []struct {
			name   string
			writes func([]everything) ([]byte, error)
			reads  func([]byte, *[]everything) error
		}{
			{"encoding/json", func(rows []everything) ([]byte, error) { return json.Marshal(rows) }, func(data []byte, rows *[]everything) error { return json.Unmarshal(data, rows) }},
			{"gocsv", func(rows []everything) ([]byte, error) { return gocsv.MarshalBytes(rows) }, func(data []byte, rows *[]everything) error { return gocsv.UnmarshalBytes(data, rows) }},
			{"gocsv, a row at a time", writeChannel, readUnmarshaller},
			{"csvutil", func(rows []everything) ([]byte, error) { return csvutil.Marshal(rows) }, func(data []byte, rows *[]everything) error { return csvutil.Unmarshal(data, rows) }},
		} {
			data, err := library.writes(want)
			if err != nil {
				t.Fatalf("%s writes: %v", library.name, err)
			}
			var got []everything
			if err := library.reads(data, &got); err != nil {
				t.Fatalf("%s reads %s: %v", library.name, data, err)
			}
			if !reflect.DeepEqual(want, got) {
				t.Fatalf("%s: %s\nwant %+v\n got %+v", library.name, data, want, got)
			}
		}
	})
}

// writeChannel hands gocsv values that it cannot take the address of, for which
// methods with pointer receivers would be out of its reach.
func writeChannel(rows []everything) ([]byte, error) {
	values := make(chan any, len(rows))
	for _, row := range rows {
		values <- row
	}
	close(values)
	var buf bytes.Buffer
	err := gocsv.MarshalChan(values, gocsv.NewSafeCSVWriter(csv.NewWriter(&buf)))
	return buf.Bytes(), err
}

// readUnmarshaller reads by the one API of gocsv that streams without a
// goroutine.
func readUnmarshaller(data []byte, rows *[]everything) error {
	u, err := gocsv.NewUnmarshaller(csv.NewReader(bytes.NewReader(data)), everything{})
	if err != nil {
		return err
	}
	for {
		row, err := u.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		*rows = append(*rows, row.(everything))
	}
}
