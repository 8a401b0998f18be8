package conformance

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn/cfntest"
)

// without drops the reason of a resource's own failure, which is the target's to word.
func without(events []string, prefix string) []string {
	for i, e := range events {
		if strings.HasPrefix(e, prefix) {
			events[i] = prefix
		}
	}
	return events
}

func creationFails(j *journey) {
	j.account.Fails(j.t, "NeverMade", cfntest.Creating)
	j.deploy(creation, j.root(
		nested{id: "Data", template: resources(parameter("Made", "x", "DeletionPolicy: RetainExceptOnCreate"))},
		nested{id: "App", after: "Data", template: resources(parameter("NeverMade", "x"))},
		nested{id: "Last", after: "App", template: resources(parameter("NeverBegun", "x"))},
	))
	j.same("status", j.status(j.stack), "ROLLBACK_COMPLETE")
	root := j.events(j.stack)
	j.same("root's own events", of(root, "."), []string{
		". REVIEW_IN_PROGRESS User Initiated", ". CREATE_IN_PROGRESS User Initiated",
		". ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [App]. Rollback requested by user.",
		". ROLLBACK_COMPLETE",
	})
	j.same("nested stack in its parent", of(root, "App"), []string{
		"App CREATE_IN_PROGRESS", "App CREATE_IN_PROGRESS Resource creation Initiated",
		"App CREATE_FAILED Embedded stack <App> was not successfully created: The following resource(s) failed to create: [NeverMade].",
		"App DELETE_IN_PROGRESS", "App DELETE_COMPLETE",
	})
	app := j.physical("App")
	events := without(j.events(app), "NeverMade CREATE_FAILED")
	j.same("nested resource failed", slices.Contains(events, "NeverMade CREATE_FAILED"), true)
	j.same("nested stack's own events", of(events, "."), []string{
		". REVIEW_IN_PROGRESS", ". CREATE_IN_PROGRESS",
		". ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [NeverMade]. Rollback requested by user.",
		". ROLLBACK_COMPLETE",
		". DELETE_IN_PROGRESS", ". DELETE_COMPLETE",
	})
	data := j.events(j.physical("Data"))
	j.same(
		"a first creation leaves nothing", of(data, "Made")[3:],
		[]string{"Made DELETE_IN_PROGRESS", "Made DELETE_COMPLETE"},
	)
	j.remove()
	j.same("cleared away", j.status(j.stack), "gone")
	var left []string
	pages := cloudformation.NewDescribeStacksPaginator(j.cfn, &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(j.t.Context())
		j.must(err)
		for _, s := range page.Stacks {
			left = append(left, j.tidy(*s.StackName)+" "+string(s.StackStatus))
		}
	}
	j.same("nothing is left, not even what never began", left, []string(nil))
}

// creationLeaves fails a creation whose rollback fails too, and deletes what is left of it: what is to be kept stays.
func creationLeaves(j *journey) {
	j.account.Fails(j.t, "NotMade", cfntest.Creating)
	j.account.Fails(j.t, "NotTakenBack", cfntest.Deleting)
	j.deploy(creation, j.root(
		nested{id: "Data", template: resources(
			parameter("AlwaysKept", "x", "DeletionPolicy: Retain"),
			parameter("NotTakenBack", "x", "DeletionPolicy: RetainExceptOnCreate"),
		)},
		nested{id: "App", after: "Data", template: resources(parameter("NotMade", "x"))},
	))
	j.same("status", j.status(j.stack), "ROLLBACK_FAILED")
	data := j.physical("Data")
	before := j.events(data)
	j.same("kept for ever", of(before, "AlwaysKept")[3:], []string{"AlwaysKept DELETE_SKIPPED"})
	j.account.StopFailing(j.t)
	j.remove()
	j.same("cleared away", j.status(j.stack), "gone")
	j.same(
		"kept by any other operation", of(since(j.events(data), before), "NotTakenBack"),
		[]string{"NotTakenBack DELETE_SKIPPED"},
	)
}

// physical finds a nested stack's id in the events of its parent, where it stays when the stack is gone.
func (j *journey) physical(logicalID string) string {
	j.t.Helper()
	for _, e := range j.history(j.stack) {
		if *e.LogicalResourceId == logicalID && aws.ToString(e.PhysicalResourceId) != "" {
			return *e.PhysicalResourceId
		}
	}
	j.t.Fatalf("no nested stack %s", logicalID)
	return ""
}

// pair is a root whose two children each hold one resource, the second created after the first.
func (j *journey) pair(first, a, second, b string) string {
	return j.root(
		nested{id: "Data", template: resources(parameter(first, a))},
		nested{id: "App", after: "Data", template: resources(parameter(second, b))},
	)
}

func updateFails(j *journey) {
	j.deploy(creation, j.pair("Changed", "one", "NotChanged", "one"))
	root, data, app := j.events(j.stack), j.events(j.child("Data")), j.events(j.child("App"))
	j.account.Fails(j.t, "NotChanged", cfntest.Updating)
	j.deploy(update, j.pair("Changed", "two", "NotChanged", "two"))
	j.same(
		"statuses", j.statuses(),
		[]string{"UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"},
	)
	events := since(j.events(j.stack), root)
	j.same("root's own events", of(events, "."), []string{
		". UPDATE_IN_PROGRESS User Initiated",
		". UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [App].",
		". UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", ". UPDATE_ROLLBACK_COMPLETE",
	})
	j.same("failed nested stack in its parent", of(events, "App"), []string{
		"App UPDATE_IN_PROGRESS",
		"App UPDATE_FAILED Embedded stack <App> was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to update: [NotChanged].",
		"App UPDATE_IN_PROGRESS", "App UPDATE_COMPLETE",
	})
	j.same("good nested stack in its parent", of(events, "Data"), []string{
		"Data UPDATE_IN_PROGRESS", "Data UPDATE_COMPLETE", "Data UPDATE_IN_PROGRESS", "Data UPDATE_COMPLETE",
	})
	j.same("good nested stack", since(j.events(j.child("Data")), data), []string{
		". UPDATE_IN_PROGRESS", "Changed UPDATE_IN_PROGRESS", "Changed UPDATE_COMPLETE",
		". UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
		". UPDATE_ROLLBACK_IN_PROGRESS", "Changed UPDATE_IN_PROGRESS", "Changed UPDATE_COMPLETE",
		". UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", ". UPDATE_ROLLBACK_COMPLETE",
	})
	j.same("failed nested stack", without(since(j.events(j.child("App")), app), "NotChanged UPDATE_FAILED"), []string{
		". UPDATE_IN_PROGRESS", "NotChanged UPDATE_IN_PROGRESS", "NotChanged UPDATE_FAILED",
		". UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [NotChanged].",
		"NotChanged UPDATE_IN_PROGRESS", "NotChanged UPDATE_COMPLETE", ". UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
		". UPDATE_ROLLBACK_COMPLETE",
	})
	j.account.StopFailing(j.t)
	j.deploy(update, j.pair("Changed", "two", "NotChanged", "two"))
	j.same(
		"statuses, without the failure", j.statuses(),
		[]string{"UPDATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE"},
	)
}

// statuses of the root, Data and App.
func (j *journey) statuses() []string {
	j.t.Helper()
	return []string{j.status(j.stack), j.status(j.child("Data")), j.status(j.child("App"))}
}

func rollbackFails(j *journey) {
	j.deploy(creation, j.pair("Blocked", "one", "Refused", "one"))
	root := j.events(j.stack)
	j.account.Fails(j.t, "Refused", cfntest.Updating)
	j.account.Fails(j.t, "Blocked", cfntest.RollingBack)
	j.deploy(update, j.pair("Blocked", "two", "Refused", "two"))
	j.same("statuses", j.statuses()[:2], []string{"UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"})
	j.same(
		"root's reason", j.tidy(aws.ToString(j.find(j.stack).StackStatusReason)),
		"The following resource(s) failed to update: [Data].",
	)
	own := of(since(j.events(j.stack), root), ".")
	j.same(
		"root's last event", own[len(own)-1],
		". UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [Data].",
	)
	proceed := func(skip ...string) error {
		_, err := j.cfn.ContinueUpdateRollback(
			j.t.Context(), &cloudformation.ContinueUpdateRollbackInput{StackName: &j.stack, ResourcesToSkip: skip},
		)
		if err == nil {
			j.wait()
		}
		return err
	}
	j.same("a name that did not fail", proceed("Blocked") != nil, true)
	j.must(proceed())
	j.same("statuses, continued", j.statuses()[:2], []string{"UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"})
	j.must(proceed(*j.find(j.child("Data")).StackName + ".Blocked"))
	j.same(
		"statuses, skipped", j.statuses(),
		[]string{"UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"},
	)
	j.account.StopFailing(j.t)
	j.deploy(update, j.pair("Blocked", "three", "Refused", "three"))
	j.same("statuses, deployed again", j.statuses(), []string{"UPDATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE"})
}

// keepFailure executes with rollback disabled, as one does to look at what failed, and goes back afterwards.
func keepFailure(j *journey) {
	j.deploy(creation, resources(parameter("Looked", "one")))
	j.account.Fails(j.t, "Looked", cfntest.Updating)
	id := j.plan(update, resources(parameter("Looked", "two")))
	_, err := j.cfn.ExecuteChangeSet(
		j.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &id, DisableRollback: aws.Bool(true)},
	)
	j.must(err)
	j.wait()
	j.same("status", j.status(j.stack), "UPDATE_FAILED")
	j.account.StopFailing(j.t)
	_, err = j.cfn.RollbackStack(j.t.Context(), &cloudformation.RollbackStackInput{StackName: &j.stack})
	j.must(err)
	j.wait()
	j.same("status, gone back", j.status(j.stack), "UPDATE_ROLLBACK_COMPLETE")
}
