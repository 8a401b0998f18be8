package changeset

import "strings"

// Redact returns a value as it may be written anywhere, by the path of its property: a value whose name is like that of
// a secret is hidden, and so is JSON that has such a name in it.
func Redact(path, value string) string {
	if (strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "{{")) || strings.HasPrefix(value, "[") {
		path += "." + value
	}
	return shown(path, value)
}
