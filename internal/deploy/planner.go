package deploy

import (
	"context"

	"distributed-moodle/internal/acceptfile"
	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/preflight"
)

// Planner makes plans: what [Up] and [Preview] have in common.
type Planner struct {
	*Target
	Revision func() string // of the folder, in git's words; may be empty. Asked only when there is something to deploy
	Fallback Fallback

	Accepted []gate.Acceptance // with --accept
	Reviewed *acceptfile.File  // the site's accept file; nil has no entry
	Upgrade  bool              // let nodes upgrade the database, once there is a snapshot of it
	Observe  Observe           // nil looks at nothing
	Fetch    Fetch             // gets what nodes need and the site's bucket lacks; nil only says what is missing
}

// draft is a plan with what executing it needs and no file keeps.
type draft struct {
	*plan.Plan
	caller    account.Caller // who executes it
	before    cfn.Stack      // the root before the plan
	log       serviceLog     // before the plan, where it was read
	cursor    events.Cursor  // where the root's events end, before this plan is carried out
	snapshots []string       // of the databases from before an upgrade, once they are there
	kept      bool           // somebody saved the plan: it is not deleted when it is not executed now
}

// production reports whether the site counts as one in production: if its manifest says so, or its root stack has
// termination protection.
func (d *draft) production() bool { return d.Manifest.Production || d.before.Protected }

func (p *Planner) reader() reader { return reader{p.Target} }

func (p *Planner) checker() *checker {
	return &checker{
		Target:   p.Target,
		reader:   p.reader(),
		stager:   stager{p.Target, p.Fetch},
		Accepted: p.Accepted,
		Reviewed: p.Reviewed,
		Upgrade:  p.Upgrade,
		Observe:  p.Observe,
	}
}

// Observe looks at what only AWS and the DNS know outside CloudFormation; [preflight.Observer.Observe] is one.
type Observe func(ctx context.Context, site preflight.Site) preflight.Report
