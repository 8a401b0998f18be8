// Package spelling finds the word that was probably meant by a mistyped one.
package spelling

import "slices"

// Nearest returns the word of known that was probably meant, or "" if none is near enough: a third of the letters may be wrong, two
// in a short word.
func Nearest(word string, known []string) string {
	best, distance := "", max(2, len(word)/3)+1
	for _, candidate := range known {
		// The lengths differ by more than the best distance: no need to compare, however long the word is.
		if gap := len(candidate) - len(word); gap >= distance || -gap >= distance {
			continue
		}
		if d := edits(word, candidate); d < distance && d < len(candidate) {
			best, distance = candidate, d
		}
	}
	return best
}

// edits counts the single-letter changes between two words (Levenshtein's distance), upper and lower case counted as one letter.
func edits(a, b string) int {
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current := []int{i + 1}
		for j := range len(b) {
			change := previous[j]
			if lower(a[i]) != lower(b[j]) {
				change++
			}
			current = append(current, slices.Min([]int{change, previous[j+1] + 1, current[j] + 1}))
		}
		previous = current
	}
	return previous[len(b)]
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
