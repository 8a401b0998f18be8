package deploy

import (
	"context"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
)

// readDeepTemplates pairs the templates of stacks within nested stacks, as far as they change. The folder knows nothing
// of them, and CloudFormation has both: the deployed one, and that of their change set. Where it has not planned them,
// their parent says that nobody can.
func (r reader) readDeepTemplates(ctx context.Context, changes *changeset.Stack) ([]gate.Stack, error) {
	var matches []*changeset.Stack
	changes.Walk(func(s *changeset.Stack) {
		if len(s.Path) > 1 && s.Changed() && !s.Unchecked {
			matches = append(matches, s)
		}
	})
	all := make([]gate.Stack, len(matches))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cfn.ConcurrentCalls)
	for i, s := range matches {
		all[i].Path = s.Path
		if s.Action != changeset.Add {
			group.Go(func() (err error) {
				all[i].Old, err = r.deployedTemplate(groupCtx, s.StackID)
				return err
			})
		}
		if s.ChangeSetID != "" {
			group.Go(func() error {
				body, err := r.Stacks.PlannedTemplate(groupCtx, s.ChangeSetID)
				if err == nil {
					all[i].New, err = template.ParseDeployed(body)
				}
				return err
			})
		}
	}
	return all, group.Wait()
}
