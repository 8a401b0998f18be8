package deploy

import (
	"context"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/preflight"
)

// currentReport is what is known of a site beside what CloudFormation plans for it. None of it depends on the plan, so
// it is read while CloudFormation works that out.
type currentReport struct {
	ids        map[string]string // of the stacks that there are, by path; none before the first deployment
	stacks     []gate.Stack      // the templates of the tree, but for stacks that only a nested stack names
	report     preflight.Report
	cursor     events.Cursor // where the root's events end
	limitNotes []string      // notes on stacks with very many change sets
}

// begin begins a survey, which ends when wait has been called, or early with stop.
func (c *checker) begin(ctx context.Context, current currentState) (wait func() (*currentReport, error), stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var known *currentReport
	var group errgroup.Group
	group.Go(func() (err error) {
		known, err = c.survey(ctx, current)
		return err
	})
	wait = func() (*currentReport, error) {
		err := group.Wait()
		return known, err
	}
	return wait, func() {
		cancel()
		_ = group.Wait() // wait, so that no goroutine outlives the plan
	}
}

func (c *checker) survey(ctx context.Context, current currentState) (*currentReport, error) {
	var s currentReport
	group, groupCtx := errgroup.WithContext(ctx)
	if current.status == operation.Updatable {
		group.Go(func() (err error) {
			s.cursor, err = events.CursorNow(groupCtx, c.Stacks, current.stack.ID)
			return err
		})
	}
	group.Go(func() error { return c.surveyTree(groupCtx, current, &s) })
	return &s, group.Wait()
}

// surveyTree looks at the stacks that there are, once it is known which.
func (c *checker) surveyTree(ctx context.Context, current currentState, s *currentReport) (err error) {
	if s.ids, err = c.reader.deployed(ctx, current); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		if s.stacks, err = c.reader.templates(groupCtx, current, s.ids); err == nil {
			s.report = c.observe(groupCtx, s.stacks, s.ids)
		}
		return err
	})
	group.Go(func() (err error) {
		s.limitNotes, err = changeSetLimitNotes(groupCtx, c.Stacks, s.ids)
		return err
	})
	return group.Wait()
}

func (c *checker) observe(ctx context.Context, stacks []gate.Stack, ids map[string]string) preflight.Report {
	if c.Observe == nil {
		return preflight.Report{}
	}
	return c.Observe(ctx, preflight.Site{
		Stacks: stacks, Deployed: ids, Holds: holdsNamed(c.Site.Manifest),
		Address: c.Site.Application.OrDefaults().Outputs.Address,
	})
}
