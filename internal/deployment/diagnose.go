package deployment

import (
	"context"
	"fmt"
	"time"

	"distributed-moodle/internal/account"
	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/diagnosis"
	"distributed-moodle/internal/events"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/outcome"
)

// Detailed is a CloudFormation that knows more about a failure than the events say. Not every source does, and not everybody may
// ask: a diagnosis goes without it and says so.
type Detailed interface {
	Details(ctx context.Context, stackID, operation string) ([]diagnosis.Detail, error)
}

// DiagnoseStacks is what [Diagnose] needs of CloudFormation.
type DiagnoseStacks interface {
	events.Source
	Detailed
	Stack(ctx context.Context, stack string) (cfn.Stack, error)
}

// DiagnoseView shows a diagnosis.
type DiagnoseView interface {
	Failed(f Failure)
	Done(text string)
}

// Diagnose finds the first real cause of the last operation that failed, afterwards and from any machine.
type Diagnose struct {
	Site     *manifest.Manifest
	Stacks   DiagnoseStacks
	Identify func(context.Context) (account.Caller, error)
	View     DiagnoseView
}

// looksBack is how many operations are looked at for one that failed.
const looksBack = 20

// Run diagnoses. That something failed is no error of this command.
func (d *Diagnose) Run(ctx context.Context) error {
	if _, err := d.Identify(ctx); err != nil {
		return err
	}
	root, err := d.Stacks.Stack(ctx, d.Site.Site)
	if cfn.IsNotFound(err) {
		return notDeployed(d.Site)
	}
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	all, err := events.Operations(ctx, d.Stacks, root.ID, looksBack)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	for i, o := range all {
		if o.Failed != "" {
			return d.tell(ctx, root, o, i)
		}
	}
	d.View.Done(fmt.Sprintf("nothing to diagnose: none of the last %s of %s failed", plural(len(all), "operation"), d.Site.Site))
	return nil
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// tell looks for the cause of an operation that failed, and says how many have ended well since.
func (d *Diagnose) tell(ctx context.Context, root cfn.Stack, o events.Operation, since int) error {
	happened, err := events.Collect(ctx, d.Stacks, root.ID, o)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	var causes events.Causes
	for _, e := range happened {
		causes.Add(e)
	}
	d.View.Failed(explain(ctx, d.Stacks, d.Site, &causes))
	text := TellOperation(o).Words(time.Now())
	if since > 0 {
		text += fmt.Sprintf("\nsince then: %s that did not fail; %s is %s", plural(since, "operation"), d.Site.Site, root.Status)
	}
	d.View.Done(text)
	return nil
}

// explain words why an operation failed, with the details that CloudFormation gives to who may ask.
func explain(ctx context.Context, source events.Source, site *manifest.Manifest, causes *events.Causes) Failure {
	cause, known := causes.First()
	failure := Failure{Site: site.Site, Left: causes.Left()}
	if !known {
		return failure
	}
	var details []diagnosis.Detail
	note := ""
	if detailed, ok := source.(Detailed); ok {
		all, err := detailed.Details(ctx, cause.StackID, cause.Operation)
		if err != nil {
			note = "without the details of validations and hooks: " + cfn.Message(err)
		}
		for _, detail := range all {
			if cause.OfStack() || detail.LogicalID == cause.LogicalID {
				details = append(details, detail)
			}
		}
	}
	failure.Diagnosis = diagnosis.Explain(cause, details, diagnosis.Place{Environment: site.Environment, Site: site.Site, Region: site.Region})
	failure.Note = note
	return failure
}
