package conformance

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

const (
	ready     = "CREATE_COMPLETE AVAILABLE"
	fromRoot  = "CREATE_COMPLETE UNAVAILABLE Only executable from the root change set."
	unchanged = "FAILED UNAVAILABLE The submitted information didn't contain changes. Submit different information to create a change set."
)

// nestedSet is the change set of a nested stack in a root's.
func (j *journey) nestedSet(rootSet, logicalID string) string {
	j.t.Helper()
	for _, c := range j.describe(rootSet, false).Changes {
		if *c.ResourceChange.LogicalResourceId == logicalID && c.ResourceChange.ChangeSetId != nil {
			return *c.ResourceChange.ChangeSetId
		}
	}
	j.t.Fatalf("%s has no nested change set for %s", rootSet, logicalID)
	return ""
}

func (j *journey) state(id string) string {
	j.t.Helper()
	d := j.describe(id, false)
	return j.tidy(final(d.Status, d.ExecutionStatus, d.StatusReason))
}

func planCreation(j *journey) {
	id := j.plan(creation, j.site("v1", "one"))
	j.same("root's state", j.state(id), ready)
	j.same("root's changes", summaries(j.describe(id, false).Changes), []string{"Add App", "Add Data"})
	app := j.nestedSet(id, "App")
	j.same("nested state", j.state(app), fromRoot)
	j.same("nested changes", summaries(j.describe(app, false).Changes), []string{"Add Uses", "Add Version"})
	d := j.describe(app, false)
	j.same("parent", []string{aws.ToString(d.ParentChangeSetId), aws.ToString(d.RootChangeSetId)}, []string{id, id})
	root, child := j.find(j.stack), j.find(*d.StackId)
	j.same(
		"root in review", []string{string(root.StackStatus), aws.ToString(root.StackStatusReason)},
		[]string{"REVIEW_IN_PROGRESS", "User Initiated"},
	)
	j.same("nested in review", child != nil && child.StackStatus == types.StackStatusReviewInProgress, true)
	j.same(
		"nested stack's parent",
		child != nil && aws.ToString(child.ParentId) == *root.StackId && aws.ToString(child.RootId) == *root.StackId,
		true,
	)
	j.same("root's events", j.events(j.stack), []string{". REVIEW_IN_PROGRESS User Initiated"})
	_, err := j.cfn.ExecuteChangeSet(j.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &app})
	j.same("nested is not executed alone", err != nil, true)
}

func nothingToChange(j *journey) {
	template := j.site("v1", "one")
	j.deploy(creation, template)
	id := j.plan(update, template)
	j.same("root's state", j.state(id), unchanged)
	j.same("root's changes", summaries(j.describe(id, false).Changes), []string{})
	j.same("nested change sets stay", len(j.setsOf(j.child("App"))), 2)
	_, err := j.cfn.ExecuteChangeSet(j.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &id})
	j.refused(
		"execution", err, "InvalidChangeSetStatus",
		"ChangeSet [{plan-2}] cannot be executed in its current status of [FAILED]",
	)
}

// setsOf lists a stack's change sets by their state.
func (j *journey) setsOf(stack string) []string {
	j.t.Helper()
	out, err := j.cfn.ListChangeSets(j.t.Context(), &cloudformation.ListChangeSetsInput{StackName: &stack})
	j.must(err)
	all := []string{}
	for _, s := range out.Summaries {
		all = append(all, j.tidy(final(s.Status, s.ExecutionStatus, s.StatusReason)))
	}
	return all
}

func changeNested(j *journey) {
	j.deploy(creation, j.site("v1", "one"))
	before, data := j.events(j.stack), j.events(j.child("Data"))
	id := j.plan(update, j.site("v2", "one"))
	j.same("root's state", j.state(id), ready)
	root := j.describe(id, false)
	j.same("root's changes", summaries(root.Changes), []string{"Modify App replacement False Properties"})
	app := j.nestedSet(id, "App")
	j.same("nested state", j.state(app), fromRoot)
	j.same(
		"nested changes", summaries(j.describe(app, false).Changes),
		[]string{"Modify Version replacement False Properties"},
	)
	j.same(
		"details", details(j.describe(app, false).Changes[0]),
		[]string{"Properties Value Never Static DirectModification"},
	)
	valued := j.describe(app, true)
	j.same(
		"details with values", details(valued.Changes[0]),
		[]string{`Properties Value Never Static DirectModification /Properties/Value "v1" to "v2"`},
	)
	j.same(
		"before", parsed(valued.Changes[0].ResourceChange.BeforeContext),
		parsed(aws.String(`{"Properties":{"Type":"String","Value":"v1"}}`)),
	)
	j.same("unchanged sibling's set", j.setsOf(j.child("Data"))[1:], []string{unchanged})
	child := j.events(j.child("App"))
	j.execute(id)
	j.wait()
	j.same("root's events", since(j.events(j.stack), before), []string{
		". UPDATE_IN_PROGRESS User Initiated", "Data UPDATE_IN_PROGRESS", "Data UPDATE_COMPLETE",
		"App UPDATE_IN_PROGRESS", "App UPDATE_COMPLETE", ". UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", ". UPDATE_COMPLETE",
	})
	j.same("nested events", since(j.events(j.child("App")), child), []string{
		". UPDATE_IN_PROGRESS", "Version UPDATE_IN_PROGRESS", "Version UPDATE_COMPLETE",
		". UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", ". UPDATE_COMPLETE",
	})
	j.same("sibling's events", since(j.events(j.child("Data")), data), []string{})
	j.same("sibling's status", j.status(j.child("Data")), "CREATE_COMPLETE")
	j.same("executed", j.state(app), "CREATE_COMPLETE EXECUTE_COMPLETE Only executable from the root change set.")
}

func replaceReferred(j *journey) {
	second := topic("Second", "second", "!Ref First")
	j.deploy(creation, resources(topic("First", "first", "one"), second))
	before := j.events(j.stack)
	id := j.plan(update, resources(topic("First", "other", "one"), second))
	plain := j.describe(id, false)
	j.same("changes", summaries(plain.Changes), []string{
		"Modify First replacement True policy ReplaceAndDelete Properties",
		"Modify Second replacement False Properties",
	})
	j.same("replaced", details(plain.Changes[0]), []string{"Properties TopicName Always Static DirectModification"})
	j.same(
		"refers to it", details(plain.Changes[1]),
		[]string{"Properties DisplayName Never Static ResourceReference of First"},
	)
	valued := j.describe(id, true)
	j.same("with values", summaries(valued.Changes), summaries(plain.Changes))
	j.same(
		"replaced, with values", details(valued.Changes[0]),
		[]string{`Properties TopicName Always Static DirectModification /Properties/TopicName "first" to "other"`},
	)
	j.execute(id)
	j.wait()
	events := since(j.events(j.stack), before)
	j.same("events", of(events, "First"), []string{
		"First UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.",
		"First UPDATE_IN_PROGRESS Resource creation Initiated", "First UPDATE_COMPLETE", "First DELETE_IN_PROGRESS",
		"First DELETE_COMPLETE",
	})
	j.same("referrer's events", of(events, "Second"), []string{"Second UPDATE_IN_PROGRESS", "Second UPDATE_COMPLETE"})
	j.same(
		"stack's events", of(events, "."),
		[]string{". UPDATE_IN_PROGRESS User Initiated", ". UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", ". UPDATE_COMPLETE"},
	)
}

func replaceAndRetain(j *journey) {
	named := func(name string) string {
		return resources(parameter("Kept", "x\n      Name: "+name, "UpdateReplacePolicy: Retain"))
	}
	j.deploy(creation, named("first"))
	before := j.events(j.stack)
	id := j.plan(update, named("second"))
	j.same(
		"changes", summaries(j.describe(id, false).Changes),
		[]string{"Modify Kept replacement True policy ReplaceAndRetain Properties"},
	)
	j.execute(id)
	j.wait()
	j.same("events", of(since(j.events(j.stack), before), "Kept"), []string{
		"Kept UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.",
		"Kept UPDATE_IN_PROGRESS Resource creation Initiated", "Kept UPDATE_COMPLETE", "Kept DELETE_SKIPPED",
	})
	j.same("status", j.status(j.stack), "UPDATE_COMPLETE")
}

func valuesHideAChange(j *journey) {
	second := topic("Second", "second", "!GetAtt First.TopicName")
	j.deploy(creation, resources(topic("First", "first", "one"), second))
	id := j.plan(update, resources(topic("First", "first", "two"), second))
	plain := j.describe(id, false)
	j.same(
		"changes", summaries(plain.Changes),
		[]string{"Modify First replacement False Properties", "Modify Second replacement False Properties"},
	)
	if len(plain.Changes) == 2 {
		j.same(
			"details", details(plain.Changes[1]),
			[]string{"Properties DisplayName Never Dynamic ResourceAttribute of First.TopicName"},
		)
	}
	j.same(
		"with values", summaries(j.describe(id, true).Changes), []string{"Modify First replacement False Properties"},
	)
}

func removeAndAdd(j *journey) {
	j.deploy(
		creation,
		resources(parameter("Old", "x", "DeletionPolicy: Retain"), parameter("Gone", "x"), parameter("Stays", "x")),
	)
	before := j.events(j.stack)
	id := j.plan(update, resources(parameter("New", "x"), parameter("Stays", "x")))
	j.same(
		"changes", summaries(j.describe(id, false).Changes),
		[]string{"Remove Gone policy Delete", "Add New", "Remove Old policy Retain"},
	)
	j.execute(id)
	j.wait()
	events := since(j.events(j.stack), before)
	j.same(
		"added", of(events, "New"),
		[]string{"New CREATE_IN_PROGRESS", "New CREATE_IN_PROGRESS Resource creation Initiated", "New CREATE_COMPLETE"},
	)
	j.same("removed", of(events, "Gone"), []string{"Gone DELETE_IN_PROGRESS", "Gone DELETE_COMPLETE"})
	j.same("retained", of(events, "Old"), []string{"Old DELETE_SKIPPED"})
	j.same("left alone", of(events, "Stays"), []string{})
}

func removeNested(j *journey) {
	data := nested{id: "Data", template: resources(parameter("Database", "x", "DeletionPolicy: Retain"))}
	app := nested{id: "App", template: resources(parameter("Version", "v1"))}
	j.deploy(creation, j.root(data, app))
	gone, before := j.child("Data"), j.events(j.stack)
	id := j.plan(update, j.root(app))
	j.same("changes", summaries(j.describe(id, false).Changes), []string{"Remove Data policy Delete"})
	j.execute(id)
	j.wait()
	j.same(
		"root's events", of(since(j.events(j.stack), before), "Data"),
		[]string{"Data DELETE_IN_PROGRESS", "Data DELETE_COMPLETE"},
	)
	j.same("nested stack", j.status(gone), "DELETE_COMPLETE")
	j.same("what it held", of(j.events(gone), "Database")[3:], []string{"Database DELETE_SKIPPED"})
}

func changeTags(j *journey) {
	template := resources(topic("Tagged", "tagged", "x"))
	j.execute(j.plan(creation, template, types.Tag{Key: aws.String("Site"), Value: aws.String("one")}))
	j.wait()
	id := j.plan(update, template, types.Tag{Key: aws.String("Site"), Value: aws.String("two")})
	j.same("state", j.state(id), ready)
	j.same("changes", summaries(j.describe(id, false).Changes), []string{"Modify Tagged replacement False Tags"})
	j.execute(id)
	j.wait()
	tags := map[string]string{}
	for _, t := range j.find(j.stack).Tags {
		tags[*t.Key] = *t.Value
	}
	j.same("tags", tags, map[string]string{"Site": "two"})
}

// changeOutput adds an export and changes no resource: that is a change too, with none in its list.
func changeOutput(j *journey) {
	template := resources(parameter("One", "x"))
	j.deploy(creation, template)
	before := j.events(j.stack)
	id := j.plan(update, template+outputs(export("Name", "!Ref One", "one-name")))
	j.same("state", j.state(id), ready)
	if j.state(id) != ready {
		return
	}
	j.same("changes", summaries(j.describe(id, false).Changes), []string{})
	j.execute(id)
	j.wait()
	j.same(
		"events", since(j.events(j.stack), before),
		[]string{". UPDATE_IN_PROGRESS User Initiated", ". UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", ". UPDATE_COMPLETE"},
	)
	j.same("outputs", len(j.find(j.stack).Outputs), 1)
}
