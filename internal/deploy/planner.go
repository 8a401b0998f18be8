package deploy

import (
	"context"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/planfile"
	"distributed-moodle/internal/deploy/preflight"
	"distributed-moodle/internal/manifest"
)

// Planner makes plans: what [Up] and [Preview] have in common.
type Planner struct {
	Site     *manifest.Site
	Stacks   UpStacks
	Bucket   func(account.Caller) Keeper
	Identify func(context.Context) (account.Caller, error)
	View     UpView
	Revision func() string // of the folder, in git's words; may be empty. Asked only when there is something to deploy
	Token    string        // unique for this run

	Accepted  []gate.Acceptance
	Upgrade   bool // let nodes upgrade the database, once there is a snapshot of it
	Fallback  Fallback
	Observe   Observe   // nil looks at nothing
	Fetch     Fetch     // gets what nodes need and the site's bucket lacks; nil only says what is missing
	Databases Databases // for an upgrade
}

// UpStacks is what planning and deploying need of CloudFormation.
type UpStacks interface {
	ChangeSets
	Discarding
	events.Source
	Template(ctx context.Context, stack string) (string, error)
	PlannedTemplate(ctx context.Context, changeSet string) (string, error)
	Resources(ctx context.Context, stack string) ([]cfn.Resource, error)
	Importers(ctx context.Context, export string) ([]string, error)
	CreateChangeSet(ctx context.Context, r cfn.ChangeSetRequest) (id, stackID string, err error)
	PlanDetails(ctx context.Context, changeSet string) ([]events.Detail, error)
	Execute(ctx context.Context, id, token string) error
	Protect(ctx context.Context, stack string) error
}

// Observe looks at what only AWS knows beside CloudFormation: certificates, quotas, drift. Deployed gives the ids of the stacks that
// there are, by their path; holds reports whether a resource, as Data/Database, holds data.
type Observe func(ctx context.Context, stacks []gate.Stack, deployed map[string]string, holds func(name string) bool) preflight.Report

// Plan is what a deployment would do, and where.
type Plan struct {
	Manifest *manifest.Manifest
	Caller   account.Caller
	Changes  *changeset.Stack
	Create   bool // nothing is there yet

	Findings []gate.Finding     // what gates found, accepted or not
	Open     []gate.Finding     // those that nobody accepted: nothing is deployed while there are any
	Accepted []gate.Acceptance  // why the others pass
	Opens    []string           // what the internet will reach in stacks that are new
	Notes    []string           // what else is good to know before deploying
	Upgrade  *planfile.Upgrade  // set when nodes may find an older database
	Fallback *planfile.Fallback // set when CloudFormation has not checked the nested stacks

	unfit    error         // an acceptance that fits nothing here
	before   cfn.Stack     // the root as it stands
	mark     events.Cursor // where the events of the root end, before this plan is carried out
	snapshot string        // of the database from before an upgrade, once it is there
	kept     bool          // somebody saved the plan: it is not taken back when it is not executed now
}

// Reason is why a finding was accepted; false when it was not.
func (p *Plan) Reason(f gate.Finding) (string, bool) {
	for _, a := range p.Accepted {
		if open, err := gate.Judge([]gate.Finding{f}, []gate.Acceptance{a}); err == nil && len(open) == 0 {
			return a.Reason, true
		}
	}
	return "", false
}

// Unchanged names the nested stacks in which nothing changes, as they are deployed.
func (p *Plan) Unchanged() []string {
	var all []string
	for _, s := range p.Manifest.Stacks {
		if !slices.ContainsFunc(p.Changes.Children, func(c *changeset.Stack) bool { return c.LogicalID() == s.LogicalID && c.Changed() }) {
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
			all = append(all, strings.Join(s.Path, "/"))
		}
	})
	return all
}

// currentState is what there is before anything is done.
type currentState struct {
	caller   account.Caller
	stack    cfn.Stack
	status   stackState
	template string // of the root, as it is deployed
}
