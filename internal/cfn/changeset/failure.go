package changeset

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Failure is a change set of a tree that CloudFormation could not make for a reason of its own.
type Failure struct {
	Path        []string // of its stack, logical ids from the root; empty for the root
	ChangeSetID string
	Reason      string // in CloudFormation's words
}

// Failures lists the change sets of a tree that failed for a reason of their own, the deepest first. One that failed only since another
// one in it did is not among them.
func Failures(d *Description) []Failure { return failures(d, nil) }

func failures(d *Description, path []string) []Failure {
	var all []Failure
	for _, id := range slices.Sorted(maps.Keys(d.Children)) {
		all = append(all, failures(d.Children[id], append(slices.Clone(path), id))...)
	}
	if len(all) == 0 && StateOf(d.Plain) == Broken {
		all = append(all, Failure{path, aws.ToString(d.Plain.ChangeSetId), aws.ToString(d.Plain.StatusReason)})
	}
	return all
}

// Limit is what CloudFormation would have to know in order to plan, and what may only be there once the deployment has made it.
type Limit struct {
	Export    string // the export that is not there; with neither, CloudFormation says itself that a value is a placeholder
	Parameter string // the parameter whose value does not fit, perhaps since it is only a placeholder
}

const placeholder = "{{IntrinsicFunction:"

var (
	noExport = regexp.MustCompile(`No export named ([A-Za-z0-9:-]+)`)
	unfit    = regexp.MustCompile(`^(?:Each value of )?[Pp]arameter '?([A-Za-z0-9]+)'? (?:must |failed to satisfy constraint)`)
)

// Limit reports whether the reason may be one that only planning has, and no fault of a template: a value is used that does not exist yet
// (cfn-language-discussion #152, cloudformation-coverage-roadmap #759, rain #526, copilot-cli #5014). Whether the deployment makes what
// is missing is for the caller to know. Every other reason is a fault.
func (f Failure) Limit() (Limit, bool) {
	if len(f.Path) == 0 { // the root has nothing beside it that could give it a value later
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
