package stacks

import (
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/manifest"
)

const promisesHeader = `# Logical ids of what keeps data, as stack/id and type. CloudFormation knows a resource by its logical id alone: under another id
# it makes a new, empty one. So each line is a promise, and a site that breaks it is not generated.
# To give one up, remove its line here by hand, in the same change: the reviewer sees it, and the deployer asks again.
`

// KeepPromises holds the site against the logical ids that out/<environment>/logical-ids.txt promised so far, and writes the list
// anew. previous is that file's content, empty the first time.
func (s *Site) KeepPromises(previous []byte) error {
	var now []string
	for _, r := range s.Manifest.Resources {
		if r.Stateful {
			now = append(now, r.Stack+"/"+r.ID+" "+r.Type)
		}
	}
	slices.Sort(now)
	var broken []string
	for line := range strings.Lines(string(previous)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") && !slices.Contains(now, line) {
			broken = append(broken, line)
		}
	}
	if len(broken) > 0 {
		name := "out/" + s.Manifest.Environment + "/" + manifest.PromisesName
		return fmt.Errorf("generate %s: %s promises what is not generated any more:\n  %s\nits data would be left behind, and a new, empty resource made where one of another id stands.\n"+
			"Give the resource its old logical id again; or, if its data may go, remove the line from %s by hand and generate again",
			s.Manifest.Environment, name, strings.Join(broken, "\n  "), name)
	}
	s.Files[manifest.PromisesName] = []byte(promisesHeader + strings.Join(now, "\n") + "\n")
	return nil
}
