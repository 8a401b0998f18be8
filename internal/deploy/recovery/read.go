package recovery

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/poll"
)

// concurrency is how many stacks are read side by side.
const concurrency = 4

// maxEvents is how many events of a stack are looked through for the beginning of its last rollback.
const maxEvents = 2000

// read reads the tree below a root, each stack whole.
func read(ctx context.Context, api Stacks, root cfn.Stack) ([]Stack, error) {
	resources, err := api.Resources(ctx, root.ID)
	if err != nil {
		return nil, err
	}
	return below(ctx, api, Stack{Stack: root, Resources: resources})
}

// below reads what else there is to know of a stack, and the stacks nested in it.
func below(ctx context.Context, api Stacks, s Stack) ([]Stack, error) {
	children := make([][]Stack, len(s.Resources))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	group.Go(func() (err error) {
		s.Template, err = deployedTemplate(groupCtx, api, s.ID)
		return err
	})
	group.Go(func() (err error) {
		s.RollbackEvents, err = last(groupCtx, api, s.ID)
		return err
	})
	for i, r := range s.Resources {
		if !r.NestedStack() {
			continue
		}
		group.Go(func() (err error) {
			children[i], err = child(groupCtx, api, s.Path.Child(r.LogicalID), r.PhysicalID)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all := []Stack{s}
	for _, c := range children {
		all = append(all, c...)
	}
	return all, nil
}

func child(ctx context.Context, api Stacks, path address.Path, id string) ([]Stack, error) {
	stack, err := api.Stack(ctx, id)
	if cfn.IsNotFound(err) || err == nil && stack.Status == status.DeleteComplete {
		return []Stack{{Path: path, Gone: true}}, nil
	}
	if err != nil {
		return nil, err
	}
	resources, err := api.Resources(ctx, id)
	if err != nil {
		return nil, err
	}
	return below(ctx, api, Stack{Stack: stack, Path: path, Resources: resources})
}

// deployedTemplate is a stack's template, nil when it has none that can be read: then nothing is known of its
// protections.
func deployedTemplate(ctx context.Context, api Stacks, id string) (*template.Template, error) {
	body, err := api.Template(ctx, id)
	if cfn.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	parsed, _ := template.ParseDeployed(body)
	return parsed, nil
}

// last reads a stack's events back to where its last rollback began; fewer when there was none.
func last(ctx context.Context, api Stacks, id string) ([]events.Event, error) {
	var all []events.Event
	for page := ""; len(all) < maxEvents; {
		some, next, err := api.Events(ctx, id, page)
		switch {
		case errors.Is(err, events.ErrLater):
			if err := poll.Sleep(ctx, time.Second); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		}
		for _, e := range some {
			if e.OfStack() && (e.Status == status.UpdateRollbackInProgress || e.Status == status.RollbackInProgress) {
				return all, nil
			}
			all = append(all, e)
		}
		if page = next; page == "" {
			return all, nil
		}
	}
	return all, nil
}
