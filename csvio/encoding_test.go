package csvio_test

import (
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/staged-migration/staged/csvio"
)

// names returns the display names that an export has, however its bytes arrive.
func names(t *testing.T, text string, opts csvio.ReadOptions) (names []string, err error) {
	t.Helper()
	read := func(byteByByte bool) (names []string, err error) {
		source := strings.NewReader(text)
		in := csvio.Mailboxes(source, &opts)
		if byteByByte {
			in = csvio.Mailboxes(iotest.OneByteReader(source), &opts)
		}
		for m, err := range in {
			if err != nil {
				return names, err
			}
			names = append(names, m.DisplayName)
		}
		return names, nil
	}
	names, err = read(false)
	again, errAgain := read(true)
	require.Empty(t, cmp.Diff(names, again))
	require.Equal(t, err, errAgain)
	return names, err
}

func TestMarkWinsOverCodePage(t *testing.T) {
	text := utf16(t, "mail,DisplayName\r\na@x.com,Jürgen Groß\r\nb@x.com,Łukasz 李\r\n", unicode.LittleEndian)
	got, err := names(t, text, csvio.ReadOptions{CodePage: charmap.Windows1252})
	require.NoError(t, err)
	require.Equal(t, []string{"Jürgen Groß", "Łukasz 李"}, got)
}

// What >> of Windows PowerShell makes of a UTF-16 file when another tool has appended
// to it. Its offset counts the bytes of the file from 1.
func TestUTF16WithTail(t *testing.T) {
	head := utf16(t, "mail,DisplayName\r\na@x.com,李小龍\r\n", unicode.LittleEndian)
	got, err := names(t, head+"b@x.com,appended later\r\nc@x.com,and more\r\n", csvio.ReadOptions{Bad: func(*csvio.RowError) {}})
	require.ErrorIs(t, err, csvio.ErrEncoding)
	require.ErrorContains(t, err, "goes on as 8-bit text at byte 65;", "2 for the mark, 2 for each of 31 characters")
	require.Equal(t, []string{"李小龍"}, got, "what stands before is read")

	// Characters in a row whose two bytes both are letters of ASCII.
	for _, name := range []string{"そのままにしておいてください", strings.Repeat("䁁", 40), strings.Repeat("《", 40)} {
		for _, order := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
			got, err = names(t, utf16(t, "mail,DisplayName\r\na@x.com,"+name+"\r\n", order), csvio.ReadOptions{})
			require.NoError(t, err)
			require.Equal(t, []string{name}, got, "a name is no tail")
		}
	}
}

func TestProgress(t *testing.T) {
	text := "mail\n" + strings.Repeat("a@x.com\n", 100_000)
	var seen []int64
	_, err := collect(csvio.Mailboxes(strings.NewReader(text), &csvio.ReadOptions{Progress: func(n int64) { seen = append(seen, n) }}))
	require.NoError(t, err)
	require.IsIncreasing(t, seen[:len(seen)-1])
	require.EqualValues(t, len(text), seen[len(seen)-1], "at the end all of the file")
}
