package powershell

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// commentWidth is how many characters a line of a comment has at most, but for words
// that are longer.
const commentWidth = 100

// appendComment appends lines of comment with the words of a text, wrapped; lines of
// the text remain lines. There is always one, and none can end but where it ends here.
func appendComment(b []byte, text string) []byte {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for line := range strings.SplitSeq(text, "\n") {
		var words []byte
		width := 0
		for word := range strings.FieldsSeq(line) {
			word = visible(word)
			n := utf8.RuneCountInString(word)
			if width > 0 && width+1+n > commentWidth {
				b = appendCommentLine(b, words)
				words, width = words[:0], 0
			}
			if width > 0 {
				words, width = append(words, ' '), width+1
			}
			words, width = append(words, word...), width+n
		}
		b = appendCommentLine(b, words)
	}
	return b
}

// appendCommentLine appends a comment with one line of visible characters. The blank
// behind the # keeps it from being a #requires.
//
// Line ends are CR LF, also because a program that reads UTF-8 as a code page of two
// bytes a character may take the byte behind such a character for its second half.
func appendCommentLine(b, line []byte) []byte {
	b = append(b, '#')
	if len(line) > 0 {
		b = append(b, ' ')
	}
	if resemblesSignature(line) {
		b = append(b, notSignature...)
	}
	return append(append(b, line...), "\r\n"...)
}

// visible returns a word with what cannot be seen or is no character as U+ and its
// number.
func visible(word string) string {
	seen := func(r rune) bool { return r != utf8.RuneError && unicode.IsGraphic(r) }
	if strings.IndexFunc(word, func(r rune) bool { return !seen(r) }) < 0 {
		return word
	}
	var b strings.Builder
	for _, r := range word {
		if seen(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	return b.String()
}

// PowerShell runs no script that goes on behind a comment like the one that signatures
// begin with. Since 3.0 that is a comment whose text, blanks aside, is less than ten
// edits from it, so that nothing hides behind a false signature; source:
// ScanToEndOfCommentLine in tokenizer.cs of PowerShell. Before, it was that text
// itself.
const (
	signature         = "sig#beginsignatureblock\n"
	signatureDistance = 10

	// notSignature adds that many edits, none of its characters being in a signature.
	notSignature = "---------- "
)

// resemblesSignature reports whether PowerShell would take a comment for the beginning
// of a signature.
func resemblesSignature(line []byte) bool {
	text := []rune(strings.Join(strings.Fields(strings.ToLower(string(line))), "") + "\n")
	const least, most = len(signature) - signatureDistance, len(signature) + signatureDistance
	return len(text) >= least && len(text) <= most && editDistance(text, []rune(signature)) < signatureDistance
}

// editDistance is how many characters must be inserted, deleted or replaced to make a
// of b.
func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			replaced := diagonal
			if x != y {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
