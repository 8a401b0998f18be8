package changeset

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/address"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Failure is a change set of a tree that CloudFormation could not create, and not only because a nested one failed.
type Failure struct {
	Path        address.Path // of its stack, logical ids from the root; empty for the root
	ChangeSetID string
	Reason      string // in CloudFormation's words
}

// Failures returns the change sets of a tree that failed for a reason of their own, the deepest first, without those
// that failed only because a nested one did.
func Failures(d *Description) []Failure { return failures(d, nil) }

func failures(d *Description, path address.Path) []Failure {
	var all []Failure
	for _, id := range slices.Sorted(maps.Keys(d.Children)) {
		all = append(all, failures(d.Children[id], path.Child(id))...)
	}
	if len(all) == 0 && StateOf(d.Plain) == Broken {
		all = append(all, Failure{path, aws.ToString(d.Plain.ChangeSetId), aws.ToString(d.Plain.StatusReason)})
	}
	return all
}

// Limit is a value that CloudFormation needs to plan, and that may exist only after the deployment has created it.
type Limit struct {
	Export    string // the missing export; with neither, CloudFormation itself says that a value is a placeholder
	Parameter string // the parameter whose value is not valid, perhaps because it is only a placeholder
}

const placeholder = "{{IntrinsicFunction:"

var (
	noExport = regexp.MustCompile(`No export named ([A-Za-z0-9:-]+)`)
	unfit    = regexp.MustCompile(
		`^(?:Each value of )?[Pp]arameter '?([A-Za-z0-9]+)'? (?:must |failed to satisfy constraint)`,
	)
)

// Limit reports whether the reason may be a limit of planning, and not a fault of a template: a value is used that does
// not exist yet (cfn-language-discussion #152, cloudformation-coverage-roadmap #759, rain #526, copilot-cli #5014).
// Whether the deployment creates that value is for the caller to decide. Every other reason is a fault.
func (f Failure) Limit() (Limit, bool) {
	if len(f.Path) == 0 { // no other stack could give the root a value later
		return Limit{}, false
	}
	if m := noExport.FindStringSubmatch(f.Reason); m != nil {
		return Limit{Export: m[1]}, true
	}
	if strings.Contains(f.Reason, placeholder) {
		return Limit{}, true
	}
	if m := unfit.FindStringSubmatch(f.Reason); m != nil {
		return Limit{Parameter: m[1]}, true
	}
	return Limit{}, false
}
