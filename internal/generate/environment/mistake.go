package environment

import (
	"fmt"
	"strings"

	"distributed-moodle/internal/mistake"
)

// Mistake is one thing that is wrong in an environment file.
type Mistake = mistake.Mistake

// Mistakes are all the mistakes of one environment file. It is the type of [Parse]'s error; find it with errors.As.
type Mistakes = mistake.Mistakes

func show(text string) string { return mistake.Show(text) }

// list returns "a, b, c" for a message.
func list[T any](items []T) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = fmt.Sprint(item)
	}
	return strings.Join(texts, ", ")
}
