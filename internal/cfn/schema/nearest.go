package schema

import "distributed-moodle/internal/spelling"

// meant ends a message about an unknown name with the known name that is nearest to it, or
// with nothing where none is near.
func meant(name string, known []string) string {
	if near := spelling.Nearest(name, known); near != "" {
		return ", did you mean " + near + "?"
	}
	return ""
}
