package conformance

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/cfntest"
)

func create(j *journey) {
	id := j.plan(creation, j.site("v1", "one"))
	j.execute(id)
	j.wait()
	j.same("root's events", j.events(j.stack), []string{
		". REVIEW_IN_PROGRESS User Initiated", ". CREATE_IN_PROGRESS User Initiated",
		"Data CREATE_IN_PROGRESS", "Data CREATE_IN_PROGRESS Resource creation Initiated", "Data CREATE_COMPLETE",
		"App CREATE_IN_PROGRESS", "App CREATE_IN_PROGRESS Resource creation Initiated", "App CREATE_COMPLETE",
		". CREATE_COMPLETE",
	})
	j.same("nested events", j.events(j.child("Data")), []string{
		". REVIEW_IN_PROGRESS", ". CREATE_IN_PROGRESS", "Database CREATE_IN_PROGRESS",
		"Database CREATE_IN_PROGRESS Resource creation Initiated", "Database CREATE_COMPLETE", ". CREATE_COMPLETE",
	})
	root := j.find(j.stack)
	j.same("change set of the stack", aws.ToString(root.ChangeSetId), id)
	j.same("executed", j.state(id), "CREATE_COMPLETE EXECUTE_COMPLETE")
	j.same("tokens", j.tokens(j.stack), []string{"", "token-" + id[len(id)-12:]})
	child := j.find(j.child("Data"))
	j.same(
		"nested stack's parent", []string{aws.ToString(child.ParentId), aws.ToString(child.RootId)},
		[]string{*root.StackId, *root.StackId},
	)
	template, err := j.cfn.GetTemplate(
		j.t.Context(),
		&cloudformation.GetTemplateInput{StackName: &j.stack, TemplateStage: types.TemplateStageOriginal},
	)
	j.must(err)
	j.same("template", aws.ToString(template.TemplateBody), j.site("v1", "one"))
	j.same(
		"resources", j.resources(j.child("App")),
		[]string{"Uses AWS::SSM::Parameter CREATE_COMPLETE", "Version AWS::SSM::Parameter CREATE_COMPLETE"},
	)
}

// tokens are the client request tokens of a stack's events in the order in which they first appear.
func (j *journey) tokens(stack string) []string {
	j.t.Helper()
	var all []string
	for _, e := range j.history(stack) {
		token := aws.ToString(e.ClientRequestToken)
		if len(all) == 0 || all[len(all)-1] != token {
			all = append(all, token)
		}
	}
	return all
}

func (j *journey) resources(stack string) []string {
	j.t.Helper()
	out, err := j.cfn.ListStackResources(j.t.Context(), &cloudformation.ListStackResourcesInput{StackName: &stack})
	j.must(err)
	var all []string
	for _, r := range out.StackResourceSummaries {
		all = append(all, *r.LogicalResourceId+" "+*r.ResourceType+" "+string(r.ResourceStatus))
	}
	slices.Sort(all)
	return all
}

func (j *journey) remove() {
	j.t.Helper()
	_, err := j.cfn.DeleteStack(j.t.Context(), &cloudformation.DeleteStackInput{StackName: &j.stack})
	j.must(err)
	j.wait()
}

func deleteSite(j *journey) {
	j.deploy(creation, j.root(
		nested{
			id:       "Data",
			template: resources(parameter("Kept", "x", "DeletionPolicy: RetainExceptOnCreate"), parameter("Gone", "x")),
		},
		nested{id: "App", after: "Data", template: resources(parameter("Version", "v1"))},
	))
	root, data := *j.find(j.stack).StackId, j.child("Data")
	before, child := j.events(root), j.events(data)
	j.remove()
	j.same("by its name", j.status(j.stack), "gone")
	j.same("by its id", j.status(root), "DELETE_COMPLETE")
	j.same("nested", j.status(data), "DELETE_COMPLETE")
	j.same("root's events", since(j.events(root), before), []string{
		". DELETE_IN_PROGRESS User Initiated", "App DELETE_IN_PROGRESS", "App DELETE_COMPLETE",
		"Data DELETE_IN_PROGRESS", "Data DELETE_COMPLETE", ". DELETE_COMPLETE",
	})
	events := since(j.events(data), child)
	j.same("nested stack's events", of(events, "."), []string{". DELETE_IN_PROGRESS", ". DELETE_COMPLETE"})
	j.same("retained", of(events, "Kept"), []string{"Kept DELETE_SKIPPED"})
	j.same("deleted", of(events, "Gone"), []string{"Gone DELETE_IN_PROGRESS", "Gone DELETE_COMPLETE"})
}

func discardPlan(j *journey) {
	id := j.plan(creation, j.site("v1", "one"))
	child := *j.describe(j.nestedSet(id, "App"), false).StackId
	_, err := j.cfn.DeleteChangeSet(j.t.Context(), &cloudformation.DeleteChangeSetInput{ChangeSetName: &id})
	j.must(err)
	for range 500 {
		if _, err = j.cfn.DescribeChangeSet(j.t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: &id}); err != nil {
			break
		}
		j.pause()
	}
	j.refused("the change set", err, "ChangeSetNotFound", "ChangeSet [{plan-1}] does not exist")
	status := j.status(child)
	j.same("nested stack", status == "gone" || status == "DELETE_COMPLETE", true)
	j.same("root stack", j.status(j.stack), "REVIEW_IN_PROGRESS")
	j.remove()
	j.same("root stack, deleted", j.status(j.stack), "gone")
}

func obsoletePlan(j *journey) {
	template := resources(parameter("One", "x"))
	id := j.plan(creation, template)
	_, err := j.cfn.CreateStack(
		j.t.Context(), &cloudformation.CreateStackInput{StackName: &j.stack, TemplateBody: &template},
	)
	j.must(err)
	j.wait()
	j.same("stack", j.status(j.stack), "CREATE_COMPLETE")
	j.same("its plan", j.state(id), "CREATE_COMPLETE OBSOLETE")
	mine := j.plan(update, resources(parameter("One", "y")))
	others := j.plan(update, resources(parameter("One", "z")))
	j.execute(others)
	j.wait()
	j.same("the other plan", j.state(others), "CREATE_COMPLETE EXECUTE_COMPLETE")
	_, err = j.cfn.ExecuteChangeSet(j.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &mine})
	j.same("mine is not executed", err != nil, true)
}

func executeTwice(j *journey) {
	j.account.Hangs(j.t, "Twice")
	id := j.plan(creation, resources(parameter("Twice", "x")))
	run := func(token string) error {
		_, err := j.cfn.ExecuteChangeSet(
			j.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &id, ClientRequestToken: &token},
		)
		return err
	}
	j.must(run("one"))
	j.same("the same token again", run("one"), error(nil))
	j.same("another token", run("two") != nil, true)
	j.account.Release(j.t)
	j.wait()
	j.same("the same token afterwards", run("one"), error(nil))
	j.same(
		"events", of(j.events(j.stack), "."),
		[]string{". REVIEW_IN_PROGRESS User Initiated", ". CREATE_IN_PROGRESS User Initiated", ". CREATE_COMPLETE"},
	)
}

func cancelUpdate(j *journey) {
	version := func(value, other string) string {
		return j.root(nested{id: "Data", template: resources(parameter("Other", other))},
			nested{id: "App", after: "Data", template: resources(parameter("Cancelled", value))})
	}
	j.deploy(creation, version("v1", "one"))
	before, child := j.events(j.stack), j.events(j.child("App"))
	j.account.Hangs(j.t, "Cancelled")
	j.execute(j.plan(update, version("v2", "two")))
	j.until("App", "Cancelled UPDATE_IN_PROGRESS")
	_, err := j.cfn.CancelUpdateStack(j.t.Context(), &cloudformation.CancelUpdateStackInput{StackName: &j.stack})
	j.must(err)
	j.until("App", "Cancelled UPDATE_FAILED Resource update cancelled")
	j.account.Release(j.t)
	j.wait()
	j.same("status", j.status(j.stack), "UPDATE_ROLLBACK_COMPLETE")
	events := since(j.events(j.stack), before)
	j.same("root's own events", of(events, "."), []string{
		". UPDATE_IN_PROGRESS User Initiated", ". UPDATE_ROLLBACK_IN_PROGRESS User Initiated",
		". UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", ". UPDATE_ROLLBACK_COMPLETE",
	})
	j.same("nested resource", of(since(j.events(j.child("App")), child), "Cancelled"), []string{
		"Cancelled UPDATE_IN_PROGRESS", "Cancelled UPDATE_FAILED Resource update cancelled",
		"Cancelled UPDATE_IN_PROGRESS", "Cancelled UPDATE_COMPLETE",
	})
	j.same(
		"nested stacks", []string{j.status(j.child("App")), j.status(j.child("Data"))},
		[]string{"UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"},
	)
	_, err = j.cfn.CancelUpdateStack(j.t.Context(), &cloudformation.CancelUpdateStackInput{StackName: &j.stack})
	j.refused(
		"nothing to cancel", err, "ValidationError", "CancelUpdateStack cannot be called from current stack status",
	)
}

// until waits for an event of a nested stack.
func (j *journey) until(child, event string) {
	j.t.Helper()
	for range 500 {
		events := j.events(j.child(child))
		for _, e := range events {
			if e == event {
				return
			}
		}
		j.pause()
	}
	j.t.Fatalf("no event %q in %s: %q", event, child, j.events(j.child(child)))
}

func deletionFails(j *journey) {
	j.deploy(creation, j.root(nested{id: "Data", template: resources(parameter("Blocked", "x"))}))
	data := j.child("Data")
	before, child := j.events(j.stack), j.events(data)
	j.account.Fails(j.t, "Blocked", cfntest.Deleting)
	j.remove()
	j.same("status", j.status(j.stack), "DELETE_FAILED")
	j.same("nested status", j.status(data), "DELETE_FAILED")
	j.same(
		"root's own events",
		of(since(j.events(j.stack), before), "."),
		[]string{
			". DELETE_IN_PROGRESS User Initiated",
			". DELETE_FAILED The following resource(s) failed to delete: [Data].",
		},
	)
	j.same(
		"nested stack's own events", of(since(j.events(data), child), "."),
		[]string{". DELETE_IN_PROGRESS", ". DELETE_FAILED The following resource(s) failed to delete: [Blocked]."},
	)
	j.account.StopFailing(j.t)
	j.remove()
	j.same("status, without the failure", j.status(j.stack), "gone")
}
