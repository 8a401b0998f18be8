package manifest

import "strings"

// The end of a root template's description, around the version of gen that made the template.
const madeByBegin, madeByEnd = " (made by gen ", ")"

// MadeBy adds to the description of a root template which version of gen made it. CloudFormation keeps the template, so
// that the account itself says what a site was deployed from.
func MadeBy(description, version string) string {
	return description + madeByBegin + version + madeByEnd
}

// MakerIn returns the version that [MadeBy] added to a description, or "" if there is none.
func MakerIn(description string) string {
	_, version, _ := strings.Cut(description, madeByBegin)
	version, whole := strings.CutSuffix(version, madeByEnd)
	if !whole {
		return ""
	}
	return version
}
