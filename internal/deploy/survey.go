package deploy

import (
	"context"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/preflight"
)

// currentReport is what is known of a site beside what CloudFormation plans for it. None of it depends on the plan, so it is read while
// CloudFormation works that out.
type currentReport struct {
	ids    map[string]string // of the stacks that there are, by path; none before the first deployment
	stacks []gate.Stack      // the templates of the tree, but for stacks that only a nested stack names
	report preflight.Report
	mark   events.Cursor // where the root's events end
	crowds []string      // notes on stacks with very many change sets
}

// begin begins a survey, which ends when wait has been called, or early with stop.
func (u *Planner) begin(ctx context.Context, f currentState) (wait func() (*currentReport, error), stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var known *currentReport
	var group errgroup.Group
	group.Go(func() (err error) {
		known, err = u.survey(ctx, f)
		return err
	})
	wait = func() (*currentReport, error) {
		err := group.Wait()
		return known, err
	}
	return wait, func() {
		cancel()
		_ = group.Wait() // nothing goes on behind the plan's back
	}
}

func (u *Planner) survey(ctx context.Context, f currentState) (*currentReport, error) {
	var s currentReport
	group, groupCtx := errgroup.WithContext(ctx)
	if f.status == updatable {
		group.Go(func() (err error) {
			s.mark, err = events.CursorNow(groupCtx, u.Stacks, f.stack.ID)
			return err
		})
	}
	group.Go(func() error { return u.surveyTree(groupCtx, f, &s) })
	return &s, group.Wait()
}

// surveyTree looks at the stacks that there are, once it is known which.
func (u *Planner) surveyTree(ctx context.Context, f currentState, s *currentReport) (err error) {
	if s.ids, err = u.deployed(ctx, f); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		if s.stacks, err = u.templates(groupCtx, f, s.ids); err == nil {
			s.report = u.observe(groupCtx, s.stacks, s.ids)
		}
		return err
	})
	group.Go(func() (err error) {
		s.crowds, err = changeSetLimitNotes(groupCtx, u.Stacks, s.ids)
		return err
	})
	return group.Wait()
}

func (u *Planner) observe(ctx context.Context, stacks []gate.Stack, ids map[string]string) preflight.Report {
	if u.Observe == nil {
		return preflight.Report{}
	}
	return u.Observe(ctx, stacks, ids, holdsNamed(u.Site.Manifest))
}
