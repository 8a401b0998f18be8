package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
)

// Fallback says what to do where CloudFormation can't plan a nested stack since a value is not there yet: nothing, or
// the root's change set alone with a comparison of the nested templates, which CloudFormation has not checked. Empty is
// [FallbackAsk].
type Fallback string

// What can be done.
const (
	FallbackAsk    Fallback = "ask" // a person; where there is none, it is refused
	FallbackNever  Fallback = "never"
	FallbackAlways Fallback = "always"
)

// fallBack plans the root alone and compares what is nested in it, in the place of a plan that CloudFormation could not
// make.
func (p *Planner) fallBack(
	ctx context.Context, current currentState, draft *draft, known *currentReport, request cfn.ChangeSetRequest,
	failures []changeset.Failure,
) error {
	if fault := p.templateFaults(ctx, failures); fault != nil {
		return fault
	}
	limit := cannot(p.Site.Site, failures[0])
	if err := p.mayFallBack(ctx, limit); err != nil {
		return err
	}
	p.View.Step("planning only the root stack")
	if err := p.deletePlanned(ctx, draft); err != nil {
		return err
	}
	request.RootOnly = true
	request.Name += "-root"
	request.Token += "-root"
	request.Description = ownership.Unchecked(request.Description)
	description, err := p.create(ctx, draft, request, nil)
	if err != nil {
		return err
	}
	if failures := changeset.Failures(description); len(failures) > 0 {
		return p.templateFault(ctx, failures[0])
	}
	if changeset.StateOf(description.Plain) != changeset.Ready {
		return outcome.Errorf(outcome.Failed, "%w; and for the root stack alone it finds no changes", limit)
	}
	if !p.reader().sameTags(current) {
		draft.Notes = append(
			draft.Notes, "the stack's tags change, and with them every resource that takes tags, in place",
		)
	}
	p.View.Step("comparing the templates of nested stacks")
	changes, compared, err := p.reader().compareChildren(
		current, known.stacks, known.ids, changeset.Build(description, p.Site.HoldsData),
	)
	if err != nil {
		return err
	}
	draft.Changes, draft.Fallback = changes, &plan.Fallback{Reason: limit.Error(), Deployed: compared}
	return nil
}

// templateFaults is the first failure that no fallback helps against: a template is wrong. Nil when all are limits of
// planning.
func (p *Planner) templateFaults(ctx context.Context, failures []changeset.Failure) error {
	root, err := p.folderTemplate(p.Site.Root)
	if err != nil {
		return err
	}
	for _, f := range failures {
		if limit, ok := f.Limit(); !ok || !p.createdByThisDeployment(root, f, limit) {
			return p.templateFault(ctx, f)
		}
	}
	return nil
}

// templateFault words a failure as an error of the templates, with what a validation or a hook found: the reason only
// names it.
func (p *Planner) templateFault(ctx context.Context, f changeset.Failure) error {
	var lines []string
	details, err := p.Stacks.PlanDetails(ctx, f.ChangeSetID)
	for _, d := range details {
		lines = append(
			lines,
			strings.Join(
				slices.DeleteFunc(
					[]string{d.LogicalID, d.Reason, d.Path, d.Name}, func(s string) bool { return s == "" },
				),
				"  ",
			),
		)
	}
	if err != nil && strings.Contains(f.Reason, "DescribeEvents") {
		lines = append(lines, "what it found is not to be had: "+cfn.Message(err))
	}
	lines = append(lines, "nothing was deployed; correct the environment, generate and try again")
	return outcome.Errorf(outcome.Failed, "%w", cannot(p.Site.Site, f)).Advise("%s", strings.Join(lines, "\n"))
}

func cannot(site string, f changeset.Failure) error {
	return fmt.Errorf(
		"CloudFormation can't plan %s: %s", strings.Join(append([]string{site}, f.Path...), "/"), f.Reason,
	)
}

// createdByThisDeployment reports whether the deployment itself makes what CloudFormation missed: another stack of the
// tree has the export, or the value of the parameter is worked out.
func (p *Planner) createdByThisDeployment(root *template.Template, f changeset.Failure, l changeset.Limit) bool {
	path := f.Path.String()
	switch {
	case l.Export != "":
		return slices.ContainsFunc(p.Site.Stacks, func(s manifest.Stack) bool {
			next, err := p.folderTemplate(s.Template)
			_, made := next.Exports()[l.Export]
			return err == nil && made && s.LogicalID != path
		})
	case l.Parameter != "":
		return root.NestedParameter(path, l.Parameter).Computed()
	}
	return true
}

const (
	limitMeaning = "it would have to know a value that is only there once the deployment has made it; no template is at fault"
	fallbackIs   = `Instead the root stack can be planned alone. The changes of the nested stacks are then derived here, from the deployed and the new templates.
The gates judge them too, but CloudFormation has not checked them: a mistake that it would find now shows only during the deployment, and
changes made by hand are not included.`
)

// mayFallBack reports whether the fallback is wanted. A refusal names the cause and how to get it.
func (p *Planner) mayFallBack(ctx context.Context, limit error) error {
	const instead = "to have the nested templates compared here instead, pass --fallback=always"
	switch p.Fallback {
	case FallbackAlways:
		return nil
	case FallbackNever:
		return outcome.Errorf(outcome.Failed, "%w", limit).Advise("nothing was deployed: %s\n%s", limitMeaning, instead)
	}
	if p.View.CanAsk("") != nil {
		return outcome.Errorf(outcome.Refused, "%w", limit).
			Advise("nothing was deployed: %s\ncannot ask for confirmation; %s", limitMeaning, instead)
	}
	question := fmt.Sprintf("%v\nFor that %s.\n%s\nPlan like that?", limit, limitMeaning, fallbackIs)
	yes, err := p.View.Confirm(ctx, question)
	if err == nil && !yes {
		return outcome.Errorf(outcome.Refused, "%w; the plan without its check was not confirmed", limit).
			Advise("nothing was deployed: %s", limitMeaning)
	}
	return err
}

// deletePlanned takes the change sets of a plan back and keeps its stack, which the next one is for.
func (p *Planner) deletePlanned(ctx context.Context, draft *draft) error {
	id := draft.Changes.ChangeSetID
	err := p.Stacks.DeleteChangeSet(ctx, id)
	if err == nil {
		err = waitUntilGone(ctx, p.Stacks, id)
	}
	if err != nil && !errors.Is(err, cfn.ErrNotFound) {
		return outcome.Errorf(outcome.Failed, "take the failed plan back: %w", err).
			Advise("nothing was deployed; try again")
	}
	return nil
}
