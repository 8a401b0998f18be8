package deploy_test

import (
	"context"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

func TestUpCreatesThenFindsNoChanges(t *testing.T) {
	localawstest.New(t).Use(t)
	out := localawstest.Small("first").Write(t, t.TempDir())
	first := up(t, out)
	wantWords(t, first.stderr.String(), "first in account 1", "+ Network", "+ 4 to add", "CREATE_COMPLETE", "Data/Database", "first is deployed")
	wantWords(t, first.stdout.String(), "export first-network-VpcId", "export first-data-Name")
	second := up(t, out)
	wantWords(t, second.stderr.String(), "no changes: first is what environments/dev.yaml says")
	if second.stdout.Len() > 0 {
		t.Errorf("nothing was deployed, but standard output got %q", &second.stdout)
	}
}

func TestUpChangesWhatChanged(t *testing.T) {
	localawstest.New(t).Use(t)
	site, dir := localawstest.Small("second"), t.TempDir()
	up(t, site.Write(t, dir))
	site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
	r := up(t, site.Write(t, dir))
	wantWords(t, r.stderr.String(), "~ App", "~ Version", "Value: v1 → v2", "= unchanged: Network, Data", "~ 1 to change", "UPDATE_COMPLETE")
	wantWords(t, up(t, dir).stderr.String(), "no changes")
}

func TestUpSeesThatOnlyTagsChanged(t *testing.T) {
	localawstest.New(t).Use(t)
	site, dir := localawstest.Small("tags"), t.TempDir()
	up(t, site.Write(t, dir))
	site.Tags = map[string]string{"Site": "tags", "Owner": "jane"}
	wantWords(t, up(t, site.Write(t, dir)).stderr.String(), "planning", "~ Version", "tags is deployed")
	wantWords(t, up(t, dir).stderr.String(), "no changes")
}

func TestUpDeploysOutputsThatAloneChanged(t *testing.T) {
	localawstest.New(t).Use(t)
	site, dir := localawstest.Small("outputs"), t.TempDir()
	up(t, site.Write(t, dir))
	site.Stacks["Network"] = strings.Replace(site.Stacks["Network"], "Outputs:\n", "Outputs:\n  More:\n    Value: more than before\n", 1)
	r := up(t, site.Write(t, dir))
	wantWords(t, r.stderr.String(), "~ Network", "= unchanged: Data, App", "no resource changes", "outputs is deployed")
	wantWords(t, r.stdout.String(), "more than before")
}

func TestAFailedCreationNamesItsCauseAndCanBeClearedAway(t *testing.T) {
	aws := localawstest.New(t)
	aws.Use(t)
	site, dir := localawstest.Small("broken"), t.TempDir()
	site.Stacks["Data"] = localawstest.Parameter("BrokenDatabase", "!ImportValue broken-network-VpcId") + localawstest.Export("Name", "broken-data-Name", "!Ref BrokenDatabase")
	aws.Set(t, map[string]any{"fail": map[string]int{"BrokenDatabase": 1}})
	r := &run{t: t, out: site.Write(t, dir)}
	wantCode(t, r.up(), outcome.RolledBack, "the creation of broken failed", "Injected by localaws", "deploy recover dev")
	wantWords(t, r.stderr.String(), "the first cause:", "stack     Data", "resource  BrokenDatabase  AWS::SSM::Parameter", "status    CREATE_FAILED")

	again := &run{t: t, out: dir}
	wantCode(t, again.up(), outcome.NeedsRecovery, "stack broken is ROLLBACK_COMPLETE", "its creation failed", "deploy recover")
	if err := (&run{t: t, out: dir}).destroy(); err != nil {
		t.Fatal(err)
	}
	up(t, dir)
}

func TestAFailedUpdateLeavesWhatWasThere(t *testing.T) {
	aws := localawstest.New(t)
	aws.Use(t)
	site, dir := localawstest.Small("update"), t.TempDir()
	up(t, site.Write(t, dir))
	site.Stacks["App"] += "  FragileThing:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Type: String\n      Value: x\n"
	aws.Set(t, map[string]any{"fail": map[string]int{"FragileThing": 1}})
	r := &run{t: t, out: site.Write(t, dir)}
	wantCode(t, r.up(), outcome.RolledBack, "update is as it was before", "Injected by localaws")
	wantWords(t, r.stderr.String(), "stack     App", "resource  FragileThing")
	if got := stackStatus(t, dir, "update"); got != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("the stack is %s", got)
	}
	up(t, dir)
}

func TestNoOnAFirstUpLeavesNothing(t *testing.T) {
	localawstest.New(t).Use(t)
	out := localawstest.Small("nothing").Write(t, t.TempDir())
	r := &run{t: t, out: out, ask: true, answer: func() bool { return false }}
	wantCode(t, r.up(), outcome.Refused, "the plan was not confirmed")
	if got := stackStatus(t, out, "nothing"); got != "" {
		t.Errorf("the stack is %s, want none", got)
	}
}

func TestNoOnAFirstUpLeavesWhatSomebodyElsePlans(t *testing.T) {
	localawstest.New(t).Use(t)
	site, dir := localawstest.Small("shared"), t.TempDir()
	out := site.Write(t, dir)
	other := &run{t: t, out: out, ask: true}
	other.answer = func() bool {
		mine := &run{t: t, out: out, ask: true, answer: func() bool { return false }}
		wantCode(t, mine.up(), outcome.Refused)
		if got := stackStatus(t, out, "shared"); got != "REVIEW_IN_PROGRESS" {
			t.Errorf("the stack is %q, but another plan for it is pending", got)
		}
		return true
	}
	if err := other.up(); err != nil {
		t.Fatal(err)
	}
}

func TestNoOnAnUpdateTakesThePlanBack(t *testing.T) {
	localawstest.New(t).Use(t)
	site, dir := localawstest.Small("kept"), t.TempDir()
	up(t, site.Write(t, dir))
	site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
	r := &run{t: t, out: site.Write(t, dir), ask: true, answer: func() bool { return false }}
	wantCode(t, r.up(), outcome.Refused)
	pending, err := stacks(t, dir).ChangeSetsOf(t.Context(), "kept")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pending {
		if p.ExecutionStatus == "AVAILABLE" {
			t.Errorf("change set %s is still there", p.Name)
		}
	}
}

func TestAPlanThatNoLongerHoldsIsNotExecuted(t *testing.T) {
	localawstest.New(t).Use(t)
	site, dir := localawstest.Small("moved"), t.TempDir()
	up(t, site.Write(t, dir))
	site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
	mine := &run{t: t, out: site.Write(t, dir), ask: true}
	mine.answer = func() bool {
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v2", "v3", 1)
		up(t, site.Write(t, dir))
		return true
	}
	err := mine.up()
	if err == nil {
		t.Fatal("a plan was executed after the stack had moved on")
	}
	wantCode(t, err, outcome.Failed, "run deploy up again")
}

func TestANestedPlanThatFailsNamesItsOwnReason(t *testing.T) {
	localawstest.New(t).Use(t)
	site := localawstest.Small("unplanned")
	site.Stacks["App"] = "Parameters:\n  Missing:\n    Type: String\n" + site.Stacks["App"]
	out := site.Write(t, t.TempDir())
	r := &run{t: t, out: out}
	wantCode(t, r.up(), outcome.Failed, "CloudFormation can't plan unplanned/App", "Missing", "nothing was deployed")
	if got := stackStatus(t, out, "unplanned"); got != "" {
		t.Errorf("the stack is %s, want none", got)
	}
}

func TestARootTooLongForACallGoesThroughTheBucket(t *testing.T) {
	localawstest.New(t).Use(t)
	site := localawstest.Small("long")
	site.Comment = strings.Repeat("# a long story\n", 4000)
	out := site.Write(t, t.TempDir())
	up(t, out)
	wantWords(t, up(t, out).stderr.String(), "no changes")
}

func TestAnInterruptedWatchLeavesTheDeploymentAlone(t *testing.T) {
	aws := localawstest.New(t)
	aws.Use(t)
	aws.Set(t, map[string]any{"slow": map[string]int{"SlowVersion": 6000}})
	site := localawstest.Small("interrupted")
	site.Stacks["App"] = localawstest.Parameter("SlowVersion", "v1")
	out := site.Write(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	r := &run{t: t, out: out, ctx: ctx, onEvent: func(e events.Event) {
		if e.LogicalID == "Network" {
			cancel()
		}
	}}
	wantCode(t, r.up(), outcome.Interrupted, "continues in AWS", "deploy watch dev", "interrupted")
	if got := stackStatus(t, out, "interrupted"); got != "CREATE_IN_PROGRESS" {
		t.Errorf("the stack is %s", got)
	}
	again := &run{t: t, out: out}
	wantCode(t, again.up(), outcome.Failed, "is running (CREATE_IN_PROGRESS)", "wait")
	waitUntil(t, out, "interrupted", "CREATE_COMPLETE")
}

func TestThrottlesAreNoFailure(t *testing.T) {
	aws := localawstest.New(t)
	aws.Use(t)
	aws.Set(t, map[string]any{"throttle": map[string]int{"CreateChangeSet": 1, "DescribeChangeSet": 1, "DescribeStackEvents": 1, "ExecuteChangeSet": 1}})
	up(t, localawstest.Small("throttled").Write(t, t.TempDir()))
}

func TestAProductionSiteIsProtected(t *testing.T) {
	localawstest.New(t).Use(t)
	site := localawstest.Small("prod")
	site.Production = true
	out := site.Write(t, t.TempDir())
	wantCode(t, (&run{t: t, out: out}).up(), outcome.Refused, "the name was not typed")
	wantCode(t, (&run{t: t, out: out, meant: "dev"}).up(), outcome.Refused, "but this is prod")
	if err := (&run{t: t, out: out, meant: "prod"}).up(); err != nil {
		t.Fatal(err)
	}
	stack, err := stacks(t, out).Stack(t.Context(), "prod")
	if err != nil || !stack.Protected {
		t.Errorf("protected %v, %v", stack.Protected, err)
	}
	r := &run{t: t, out: out}
	wantCode(t, r.destroy(), outcome.Refused, "protected against deletion", "1. take production: true out of environments/dev.yaml",
		"2. aws cloudformation update-termination-protection --no-enable-termination-protection --region eu-central-1 --stack-name prod")
}

// A site that becomes a production site is protected, also when nothing else changes.
func TestProtectionIsTurnedOnWithoutAnyOtherChange(t *testing.T) {
	localawstest.New(t).Use(t)
	site, dir := localawstest.Small("grown"), t.TempDir()
	up(t, site.Write(t, dir))
	site.Production = true
	wantWords(t, up(t, site.Write(t, dir)).stderr.String(), "no changes", "turning on termination protection")
	stack, err := stacks(t, dir).Stack(t.Context(), "grown")
	if err != nil || !stack.Protected {
		t.Errorf("protected %v, %v", stack.Protected, err)
	}
}

func TestAnInterruptedPlanLeavesNothing(t *testing.T) {
	localawstest.New(t).Use(t)
	out := localawstest.Small("halfway").Write(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	r := &run{t: t, out: out, ctx: ctx, onStep: func(step string) {
		if step == "planning" {
			cancel()
		}
	}}
	if err := r.up(); err == nil {
		t.Error("it went on")
	}
	if got := stackStatus(t, out, "halfway"); got != "" {
		t.Errorf("the stack is %s, want none", got)
	}
}

func TestAStackThatOnlyHasTheNameIsLeftAlone(t *testing.T) {
	localawstest.New(t).Use(t)
	out := localawstest.Small("namesake").Write(t, t.TempDir())
	client := stacks(t, out)
	id, _, err := client.CreateChangeSet(t.Context(), cfn.ChangeSetRequest{
		Stack: "namesake", Create: true, Name: "theirs", Body: localawstest.Parameter("Theirs", "x"), Token: "theirs",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Execute(t.Context(), id, "theirs"); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, out, "namesake", "CREATE_COMPLETE")
	wantCode(t, (&run{t: t, out: out}).up(), outcome.Refused, "was not made by deploy", "another name")
}
