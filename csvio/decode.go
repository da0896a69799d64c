package csvio

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

var (
	bomUTF8    = []byte{0xEF, 0xBB, 0xBF}
	bomUTF16LE = []byte{0xFF, 0xFE}
	bomUTF16BE = []byte{0xFE, 0xFF}
	bomUTF32LE = []byte{0xFF, 0xFE, 0, 0}
	bomUTF32BE = []byte{0, 0, 0xFE, 0xFF}
)

// decoded returns the text of r in UTF-8. A byte order mark decides on the encoding
// and is dropped. Without one, NUL bytes beside the first letters tell UTF-16, as it
// is left when such files are cut or joined; any other text is in codePage, or in
// UTF-8 if that is nil.
//
// UTF-16 that ends in the middle of a character is ErrTruncated. UTF-16 that 8-bit text
// follows, and 8-bit text that UTF-16 follows, as >> of Windows PowerShell appends it, are
// ErrEncoding with the offset. What stands before is handed out.
func decoded(r io.Reader, codePage encoding.Encoding) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	mark, order := 0, unicode.LittleEndian
	switch {
	case bytes.HasPrefix(head, bomUTF8):
		_, err := b.Discard(len(bomUTF8))
		return &eightBit{src: b, offset: int64(len(bomUTF8))}, err
	case bytes.HasPrefix(head, bomUTF32LE):
		return utf32.UTF32(utf32.LittleEndian, utf32.ExpectBOM).NewDecoder().Reader(b), nil
	case bytes.HasPrefix(head, bomUTF32BE):
		return utf32.UTF32(utf32.BigEndian, utf32.ExpectBOM).NewDecoder().Reader(b), nil
	case bytes.HasPrefix(head, bomUTF16LE):
		mark = len(bomUTF16LE)
	case bytes.HasPrefix(head, bomUTF16BE):
		mark, order = len(bomUTF16BE), unicode.BigEndian
	case isUTF16(head, 1):
	case isUTF16(head, 0):
		order = unicode.BigEndian
	case bytes.IndexByte(head, 0) >= 0:
		return nil, fmt.Errorf("%w: there are NUL bytes in it: it is no text", ErrFormat)
	case codePage != nil:
		return codePage.NewDecoder().Reader(&eightBit{src: b}), nil
	default:
		return &eightBit{src: b}, nil
	}
	if _, err := b.Discard(mark); err != nil {
		return nil, err
	}
	return unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Reader(&pairs{src: b, offset: int64(mark)}), nil
}

// eightBit hands out 8-bit text up to the first NUL, which no text has: it is half a
// character of UTF-16 that was appended to the file.
type eightBit struct {
	src    *bufio.Reader
	offset int64 // of the next byte
	err    error
}

func (e *eightBit) Read(buf []byte) (n int, err error) {
	if e.err != nil {
		return 0, e.err
	}
	n, err = e.src.Read(buf)
	if at := bytes.IndexByte(buf[:n], 0); at >= 0 {
		n, err = at, fmt.Errorf("%w: there is a NUL at byte %d, as UTF-16 has it and 8-bit text does not; "+
			"append to a file in its own encoding", ErrEncoding, e.offset+int64(at)+1)
	}
	e.offset += int64(n)
	e.err = err
	return n, err
}

// isUTF16 reports whether the text begins as UTF-16 does without a mark: letters of
// ASCII, of which each has its NUL at position high of its pair.
func isUTF16(head []byte, high int) bool {
	if len(head) < 2 {
		return false
	}
	for i := 0; i+1 < len(head); i += 2 {
		if head[i+high] != 0 || !isText(head[i+1-high]) {
			return false
		}
	}
	return true
}

// tailPairs is how many pairs of ASCII bytes in a row may be 8-bit text in UTF-16. They
// may also be characters, Japanese and Chinese ones above all; what those never have is
// the line end of Windows in two bytes.
const tailPairs = 12

// pairs hands out an even number of bytes of UTF-16. If the source ends within a
// pair, the half is dropped and the error is ErrTruncated.
type pairs struct {
	src    *bufio.Reader
	offset int64 // of the next byte
	run    int64 // pairs of ASCII before it
	last   byte  // the byte before it
	ends   bool  // whether there is a line end among them
	err    error
}

func (p *pairs) Read(buf []byte) (n int, err error) {
	if p.err != nil {
		return 0, p.err
	}
	if len(buf) < 2 {
		return 0, io.ErrShortBuffer
	}
	n, err = p.src.Read(buf[:len(buf)&^1])
	if n%2 == 1 {
		// Complete the pair, or find that it has no other half.
		var half byte
		if half, err = p.src.ReadByte(); err == nil {
			buf[n] = half
			n++
		} else {
			n--
			if err == io.EOF {
				err = fmt.Errorf("%w: its UTF-16 text ends in the middle of a character, at byte %d", ErrTruncated, p.offset+int64(n)+1)
			}
		}
	}
	if at := p.tail(buf[:n]); at >= 0 {
		n, err = at, fmt.Errorf("%w: it begins as UTF-16 and goes on as 8-bit text at byte %d; "+
			"append to such a file with Out-File -Append -Encoding Unicode", ErrEncoding, p.offset+int64(at)-2*p.run+1)
	}
	p.offset += int64(n)
	if err != nil {
		p.err = err
	}
	return n, err
}

// tail returns the offset behind the pairs that show that the text is 8-bit text, or
// -1.
func (p *pairs) tail(text []byte) int {
	for i := 0; i+1 < len(text); i += 2 {
		a, b := text[i], text[i+1]
		if !isText(a) || !isText(b) {
			p.run, p.ends, p.last = 0, false, 0
			continue
		}
		p.ends = p.ends || p.last == '\r' && a == '\n' || a == '\r' && b == '\n'
		p.last = b
		if p.run++; p.run >= tailPairs && p.ends {
			return i + 2
		}
	}
	return -1
}

// isText reports whether a byte is a character of ASCII that texts have.
func isText(c byte) bool { return ' ' <= c && c < 0x7f || c == '\t' || c == '\r' || c == '\n' }
