package csvio

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
)

var (
	bomUTF8    = []byte{0xEF, 0xBB, 0xBF}
	bomUTF16LE = []byte{0xFF, 0xFE}
	bomUTF16BE = []byte{0xFE, 0xFF}
)

// decoded returns the text of r in UTF-8. A byte order mark decides on the
// encoding and is dropped; without one the text is taken to be UTF-8 as it is.
// UTF-16 that ends in the middle of a character is ErrTruncated.
func decoded(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(3)
	if err != nil && err != io.EOF {
		return nil, err
	}
	var order unicode.Endianness
	switch {
	case bytes.HasPrefix(head, bomUTF8):
		_, err := b.Discard(len(bomUTF8))
		return b, err
	case bytes.HasPrefix(head, bomUTF16LE):
		order = unicode.LittleEndian
	case bytes.HasPrefix(head, bomUTF16BE):
		order = unicode.BigEndian
	case bytes.IndexByte(head, 0) >= 0:
		return nil, fmt.Errorf("%w: there are NUL bytes in it: it is no text, or UTF-16 without byte order mark", ErrFormat)
	default:
		return b, nil
	}
	if _, err := b.Discard(len(bomUTF16LE)); err != nil {
		return nil, err
	}
	return unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Reader(&pairs{src: b}), nil
}

// pairs hands out an even number of bytes. If the source ends within a pair, the
// half is dropped and the error is ErrTruncated.
type pairs struct {
	src *bufio.Reader
	n   int64 // bytes handed out
	err error
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
				err = fmt.Errorf("%w: its UTF-16 text ends in the middle of a character, at byte %d", ErrTruncated, p.n+int64(n)+int64(len(bomUTF16LE))+1)
			}
		}
	}
	p.n += int64(n)
	if err != nil {
		p.err = err
	}
	return n, err
}
