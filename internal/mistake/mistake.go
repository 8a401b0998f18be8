// Package mistake describes what is wrong in a file that a person writes or reviews: each mistake with its line and
// column.
package mistake

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Mistake is one thing that is wrong in a file. Line and Column count from 1; Column is 0 where the parser
// knows no column.
type Mistake struct {
	Path    string // the file as it was named, with forward slashes
	Line    int
	Column  int
	Key     string // network.zones[0]; empty where the file as a whole is meant
	Message string // what is wrong and what is allowed, in one line
}

func (m Mistake) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:", m.Path, m.Line)
	if m.Column > 0 {
		fmt.Fprintf(&b, "%d:", m.Column)
	}
	if m.Key != "" {
		fmt.Fprintf(&b, " %s:", m.Key)
	}
	return b.String() + " " + m.Message
}

// Mistakes are all the mistakes of one file, sorted by place. It is the type of the error of those who read such a
// file; find it with errors.As.
type Mistakes []Mistake

// Error returns one line per mistake. Of a file with very many mistakes, which is probably another kind of file, it
// returns the first ones.
func (m Mistakes) Error() string {
	const most = 200
	var lines []string
	for i, mistake := range m {
		if i == most {
			lines = append(lines, fmt.Sprintf("%s: and %d mistakes more", mistake.Path, len(m)-most))
			break
		}
		lines = append(lines, mistake.String())
	}
	return strings.Join(lines, "\n")
}

// Sort sorts mistakes by their place.
func (m Mistakes) Sort() {
	slices.SortStableFunc(m, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Key, b.Key))
	})
}

// Show returns a text of the file for a message: shortened, and without control characters that a terminal would
// interpret.
func Show(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most-1]) + "…"
	}
	if text == "" || strings.TrimSpace(text) != text ||
		strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
