// Package plan is what a deployment would do: the changes, what the gates found in them, and who accepts which finding.
//
// A plan is pure. It is made by the deployer, printed by the views, and written to a file that one job makes, a person
// approves, and another job executes. It holds no value that a template does not show: what looks like a secret is
// hidden before it gets here, and dynamic references stay references. What a plan may do is decided by the change sets
// that it names, and who executes one reads those again.
package plan

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// Plan is what a deployment would do to a site, and where. Its fields are those of the file.
type Plan struct {
	Made     time.Time `json:"made"`
	By       string    `json:"by"`                 // ARN of who made it
	Revision string    `json:"revision,omitempty"` // of the folder, in git's words

	Account  string             `json:"account"`
	Region   string             `json:"region"`
	Manifest *manifest.Manifest `json:"manifest"` // with the checksum of every template and of the node's archive

	Create  bool      `json:"create"`            // the site does not exist yet
	StackID string    `json:"stackId,omitempty"` // of the root
	Updated time.Time `json:"updated,omitzero"`  // when the root was last updated; zero before its creation

	Changes  *changeset.Stack  `json:"changes"` // with the ids of all change sets of the tree
	Findings []gate.Finding    `json:"findings,omitempty"`
	Accepted []gate.Acceptance `json:"accepted,omitempty"`
	Opens    []string          `json:"newlyPublic,omitempty"`
	Notes    []string          `json:"notes,omitempty"`
	Fallback *Fallback         `json:"fallback,omitempty"`
	Upgrade  *Upgrade          `json:"upgrade,omitempty"`

	// Reviewed is what the site's accept file accepts of the findings. Whoever applies the plan reads that file again.
	Reviewed []gate.Acceptance `json:"-"`

	// Since are the keys of findings that a plan which is applied did not show, or showed with another content.
	Since []string `json:"-"`
}

// Upgrade is in a plan whose nodes may find an older database.
type Upgrade struct {
	What      string `json:"what"`                // Moodle goes from 5.2 to 5.3
	Permitted bool   `json:"permitted,omitempty"` // nodes may upgrade the database, once there is a snapshot of it
}

// Fallback is in a plan whose nested stacks CloudFormation could not plan: it has only the root's change set, and what
// changes in nested stacks was derived from their templates. Those stacks say "unchecked".
type Fallback struct {
	Reason   string            `json:"reason"`             // why CloudFormation could not
	Deployed map[string]string `json:"deployed,omitempty"` // checksum of what each deployed template said, by logical id
}

// Open returns the findings that nobody has accepted: nothing is deployed while there are any. An acceptance that fits
// nothing in the plan is an error, and leaves all findings open.
func (p *Plan) Open() ([]gate.Finding, error) { return gate.Judge(p.Findings, p.AllAccepted()) }

// AllAccepted returns what is accepted for this run, and what was reviewed.
func (p *Plan) AllAccepted() []gate.Acceptance { return slices.Concat(p.Accepted, p.Reviewed) }

// Reason is why a finding was accepted; false when it was not.
func (p *Plan) Reason(f gate.Finding) (string, bool) {
	for _, a := range p.AllAccepted() {
		if a.Covers(f) {
			return a.Reason, true
		}
	}
	return "", false
}

// Unchanged names the nested stacks in which nothing changes, as they are deployed.
func (p *Plan) Unchanged() []string {
	var all []string
	for _, s := range p.Manifest.Stacks {
		if !slices.ContainsFunc(
			p.Changes.Children, func(c *changeset.Stack) bool { return c.LogicalID() == s.LogicalID && c.Changed() },
		) {
			all = append(all, s.LogicalID)
		}
	}
	return all
}

// Unchecked names the nested stacks whose changes CloudFormation has not checked; none when it has planned all.
func (p *Plan) Unchecked() []string {
	var all []string
	p.Changes.Walk(func(s *changeset.Stack) {
		if s.Unchecked {
			all = append(all, s.Path.String())
		}
	})
	return all
}

// Refused is why a plan with open findings is not deployed; nil when there are none. The advice can be copied.
func (p *Plan) Refused() error {
	open, err := p.Open()
	switch {
	case err != nil:
		return outcome.Errorf(outcome.Refused, "%w", err).
			Advise("leave out what this plan does not have; nothing was deployed")
	case len(open) == 0:
		return nil
	}
	lines := []string{"read it with deploy explain CODE; to go on all the same, say why for each:"}
	for _, f := range open {
		lines = append(lines, "  "+f.Line())
	}
	return outcome.Errorf(
		outcome.Refused, "%s in the plan for %s%s; nothing was deployed", findings(len(open)), p.Manifest.Site, p.since(open),
	).
		Advise("%s", strings.Join(lines, "\n"))
}

// since names those findings that were found since the plan was made.
func (p *Plan) since(open []gate.Finding) string {
	var keys []string
	for _, f := range open {
		if slices.Contains(p.Since, f.Key()) {
			keys = append(keys, f.Key())
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return " (found since the plan was made: " + strings.Join(keys, ", ") + ")"
}

func findings(n int) string {
	if n == 1 {
		return "1 finding is not accepted"
	}
	return strconv.Itoa(n) + " findings are not accepted"
}

// UncheckedMeans says what to think of a nested stack that CloudFormation has not checked.
const UncheckedMeans = "their changes are derived from the deployed and the new templates, without changes made by hand"

// StartsNodes reports whether changes make new nodes, or may make some.
func StartsNodes(changes *changeset.Stack) bool {
	starts := false
	changes.Walk(func(s *changeset.Stack) {
		starts = starts || slices.ContainsFunc(s.Items, func(i changeset.Item) bool {
			return i.Action != changeset.Remove && i.Action != changeset.Sync &&
				(i.Type == "AWS::AutoScaling::AutoScalingGroup" || i.Type == "AWS::EC2::LaunchTemplate")
		})
	})
	return starts
}
