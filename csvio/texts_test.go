package csvio

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// What is done letter by letter or eight at a time comes to what package bytes does.
func TestTexts(t *testing.T) {
	text := rapid.OneOf(
		rapid.StringMatching(`[@-\[`+"`"+`-{]{0,40}`), // the letters and their neighbours
		rapid.StringMatching(`[A-Zb]{0,20}[ÜİK\xff\x80]?[A-Zb]{0,20}`),
		rapid.String(),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(text.Draw(t, "text"))
		before := []byte(text.Draw(t, "before"))
		check := func(name string, got, want []byte) {
			if !bytes.Equal(got, append(bytes.Clone(before), want...)) {
				t.Fatalf("%s of %q is %q, want %q", name, b, got[len(before):], want)
			}
		}
		check("appendLower", appendLower(bytes.Clone(before), b), bytes.ToLower(b))
		check("appendValid", appendValid(bytes.Clone(before), b), bytes.ToValidUTF8(b, []byte("\uFFFD")))
	})
}
