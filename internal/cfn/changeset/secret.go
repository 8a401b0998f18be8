package changeset

import "strings"

// secretWords mark a property whose value is never written anywhere: not to a terminal, a file or a pull request.
var secretWords = []string{"password", "secretstring", "authtoken", "privatekey", "apikey", "accesskey", "credential"}

const (
	hidden            = "(hidden)"
	knownAfterApply   = "{{changeSet:KNOWN_AFTER_APPLY}}"
	knownAfterApplyIs = "(known after apply)"
)

// shown returns a property's value as it may be written. A dynamic reference is not a secret, only the place of one.
func shown(path, value string) string {
	if value == "" || strings.HasPrefix(value, "{{resolve:") {
		return value
	}
	name := strings.ToLower(path)
	for _, word := range secretWords {
		if strings.Contains(name, word) && !strings.HasSuffix(name, "arn") {
			return hidden
		}
	}
	return strings.ReplaceAll(value, knownAfterApply, knownAfterApplyIs)
}
