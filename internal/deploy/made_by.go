package deploy

import (
	"cmp"
	"fmt"
	"slices"

	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/manifest"
)

// madeByAnother notes that another version of gen made what is deployed: a change that nobody made in the environment
// file comes from there.
func madeByAnother(site *manifest.Manifest, stacks []gate.Stack) []string {
	root := slices.IndexFunc(stacks, func(s gate.Stack) bool { return s.Path.IsRoot() })
	if root < 0 || stacks[root].Old == nil {
		return nil
	}
	deployed := manifest.MakerIn(stacks[root].Old.Description())
	if deployed == site.Program {
		return nil
	}
	const unknown = "a version that did not say so"
	return []string{fmt.Sprintf(
		"these changes may come from the program (%s → %s), not from your file",
		cmp.Or(deployed, unknown), cmp.Or(site.Program, unknown),
	)}
}
