package schema

import "distributed-moodle/internal/spelling"

// meant returns the end of a message about an unknown name: the nearest known name, or
// nothing if none is near.
func meant(name string, known []string) string {
	if near := spelling.Nearest(name, known); near != "" {
		return ", did you mean " + near + "?"
	}
	return ""
}
