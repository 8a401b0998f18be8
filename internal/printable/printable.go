// Package printable makes text from outside harmless to whoever reads it: a name, a description or a line of a log that
// somebody else wrote must neither steer a terminal nor look like something else than it is.
//
// What is invisible, moves the cursor or turns the direction of writing is written as an escape, such as \u202e: it is
// seen, and in JSON it still means the character.
package printable

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns a text whose every character is one that a reader sees. Lines and tabs stay.
func Text(s string) string {
	if !strings.ContainsFunc(s, harmful) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s { // a byte that is not UTF-8 becomes U+FFFD
		switch {
		case !harmful(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r) // as JSON has it
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// Lines returns [Line] of each.
func Lines(all []string) []string {
	one := make([]string, len(all))
	for i, s := range all {
		one[i] = Line(s)
	}
	return one
}

// Line returns [Text] in one line: a line break in a name or a description would let it pretend to be lines of ours.
func Line(s string) string {
	return Text(strings.NewReplacer("\r\n", " ", "\n", " ").Replace(s))
}

// harmful reports whether a character is one that nobody sees: controls of a terminal (C0, DEL, C1), line separators,
// marks and overrides of the direction (Unicode Standard Annex 9), and characters without any width. The joiners U+200C
// and U+200D stay: languages and emoji need them.
func harmful(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < ' ' || r >= 0x7f && r < 0xa0:
		return true
	}
	switch r {
	case 0x061c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x2060, 0xfeff:
		return true
	}
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r >= 0xe0000 && r <= 0xe007f
}

// ours are the sequences that this program itself writes: colours, and what redraws a block at a terminal's end.
var ours = regexp.MustCompile(`\r?\x1b\[(\d{0,3}(;\d{1,3})*m|\d{0,4}A|0?J)`)

// Writer writes what a program says, and nothing that steers a terminal but the program's own colours and redrawing.
// Each write is a whole piece of text: no character and no sequence is split over two.
type Writer struct {
	To io.Writer
	// Failed gets the first error of a write. Those who print do not look at errors; without somebody who hears,
	// a full disk would look like success.
	Failed func(error)
}

// Write implements [io.Writer].
func (w *Writer) Write(p []byte) (int, error) {
	text, clean, at := string(p), strings.Builder{}, 0
	for _, m := range ours.FindAllStringIndex(text, -1) {
		clean.WriteString(Text(text[at:m[0]]))
		clean.WriteString(text[m[0]:m[1]])
		at = m[1]
	}
	clean.WriteString(Text(text[at:]))
	if _, err := io.WriteString(w.To, clean.String()); err != nil {
		if w.Failed != nil {
			w.Failed(err)
			w.Failed = nil
		}
		return 0, err
	}
	return len(p), nil
}
