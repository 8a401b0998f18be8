package deploy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/diagnosis"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// DiagnoseStacks is what [Diagnose] needs of CloudFormation.
type DiagnoseStacks interface {
	operation.Stacks
	Stack(ctx context.Context, stack string) (cfn.Stack, error)
	Resources(ctx context.Context, stack string) ([]cfn.Resource, error)
}

// LastWords gives what the newest machines of an Auto Scaling group said last, the group itself may be gone.
type LastWords func(ctx context.Context, group string) ([]events.Detail, error)

// DiagnoseView shows a diagnosis.
type DiagnoseView interface {
	Failed(f operation.Failure)
	Done(text string)
}

// Diagnose finds the first real cause of the last operation that failed, afterwards and from any machine.
type Diagnose struct {
	Site     *manifest.Manifest
	Stacks   DiagnoseStacks
	Identify func(context.Context) (account.Caller, error)
	View     DiagnoseView

	LastWords LastWords // nil asks no machine
}

// daysOfEvents is how many operations are looked at for one that failed.
const daysOfEvents = 20

// Run diagnoses. That something failed is not an error of this command.
func (d *Diagnose) Run(ctx context.Context) error {
	if _, err := d.Identify(ctx); err != nil {
		return err
	}
	root, err := deployedRoot(ctx, d.Stacks, d.Site)
	if err != nil {
		return err
	}
	all, err := events.Operations(ctx, d.Stacks, root.ID, daysOfEvents)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	for i, o := range all {
		if o.Failed != "" {
			return d.report(ctx, root, o, i)
		}
	}
	d.View.Done("nothing to diagnose: " + noneFailed(len(all), d.Site.Site))
	return nil
}

// noneFailed says that none of a site's last operations failed.
func noneFailed(n int, site string) string {
	switch n {
	case 0:
		return "CloudFormation has no record of an operation of " + site
	case 1:
		return "the only operation of " + site + " did not fail"
	}
	return fmt.Sprintf("none of the last %d operations of %s failed", n, site)
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// report looks for the cause of an operation that failed, and says how many have ended well since.
func (d *Diagnose) report(ctx context.Context, root cfn.Stack, o events.Operation, since int) error {
	happened, err := events.Collect(ctx, d.Stacks, root.ID, o)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	var causes events.Causes
	for _, e := range happened {
		causes.Add(e)
	}
	failure := operation.Explain(ctx, d.Stacks, d.Site, &causes)
	d.consoleOutput(ctx, &failure)
	d.View.Failed(failure)
	text := operation.Parse(o).Summary(time.Now())
	if since > 0 {
		text += fmt.Sprintf(
			"\nsince then: %s that did not fail; %s is %s", plural(since, "operation"), d.Site.Site, root.Status,
		)
	}
	d.View.Done(text)
	return nil
}

// consoleOutput adds, where machines did not say in time that they are ready, what they said instead and where they
// write to. What can't be had costs only a note.
func (d *Diagnose) consoleOutput(ctx context.Context, f *operation.Failure) {
	if f.Code != diagnosis.SignalTimeout || f.Cause.Type != "AWS::AutoScaling::AutoScalingGroup" {
		return
	}
	if d.LastWords != nil && f.Cause.PhysicalID != "" {
		words, err := d.LastWords(ctx, f.Cause.PhysicalID)
		if f.Details = append(f.Details, words...); err != nil {
			f.Note = strings.TrimPrefix(f.Note+"; without what the nodes said: "+cfn.Message(err), "; ")
		}
	}
	resources, _ := d.Stacks.Resources(ctx, f.Cause.StackID)
	for _, r := range resources {
		if r.Type == "AWS::Logs::LogGroup" && !r.Gone() {
			f.Details = append(f.Details, events.Detail{
				LogicalID: r.LogicalID, Kind: events.LogGroup, Name: r.PhysicalID,
				Reason: "aws logs tail --since 1h --region " + d.Site.Region + " " + r.PhysicalID,
			})
		}
	}
}
