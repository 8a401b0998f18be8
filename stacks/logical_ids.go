package stacks

import (
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/manifest"
)

const logicalIDsHeader = `# Logical ids of the resources that hold data, as stack/id and type. CloudFormation knows a resource by its logical id alone: under
# another id it creates a new, empty one. So gen refuses a change that removes a resource listed here.
# To remove one all the same, delete its line in the same change: the reviewer sees it, and deploy asks again.
`

// KeepLogicalIDs returns an error if the site lacks a logical id that out/<environment>/logical-ids.txt lists, and else writes that
// list again. previous is the file's content so far, empty the first time.
func (s *Site) KeepLogicalIDs(previous []byte) error {
	var now []string
	for _, r := range s.Manifest.Resources {
		if r.Stateful {
			now = append(now, r.Stack+"/"+r.ID+" "+r.Type)
		}
	}
	slices.Sort(now)
	var missing []string
	for line := range strings.Lines(string(previous)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") && !slices.Contains(now, line) {
			missing = append(missing, line)
		}
	}
	if len(missing) > 0 {
		name := "out/" + s.Manifest.Environment + "/" + manifest.LogicalIDsName
		return fmt.Errorf("generate %s: this change removes resources that %s protects, because they hold data:\n  %s\nTheir data would be left behind, and CloudFormation would create new, empty resources.\n"+
			"Give each its old logical id again. If its data is no longer needed, delete its line from %s and generate again",
			s.Manifest.Environment, name, strings.Join(missing, "\n  "), name)
	}
	s.Files[manifest.LogicalIDsName] = []byte(logicalIDsHeader + strings.Join(now, "\n") + "\n")
	return nil
}
