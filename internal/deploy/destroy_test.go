package deploy_test

import (
	"strings"
	"testing"

	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

func TestDestroyTakesAllAway(t *testing.T) {
	localawstest.New(t).Use(t)
	site := localawstest.Small("gone")
	site.Stacks["App"] += "  Kept:\n    Type: AWS::SSM::Parameter\n    DeletionPolicy: Retain\n    Properties:\n      Type: String\n      Value: x\n"
	site.Stateful = []string{"App/Kept", "App/Version"}
	out := site.Write(t, t.TempDir())
	up(t, out)
	r := &run{t: t, out: out}
	if err := r.destroy(); err != nil {
		t.Fatal(err)
	}
	wantWords(t, r.stderr.String(),
		"gone: 4 stacks with 5 resources", "! deleted, with the data in it:\n  App/Version", "stays in the account, without a stack, and costs money:\n  App/Kept",
		"deleted besides: 3 resources without data", "DELETE_SKIPPED", "gone is destroyed", "the bucket gone-artifacts-1", "stays")
	if got := stackStatus(t, out, "gone"); got != "" {
		t.Errorf("the stack is %s, want none", got)
	}
	again := &run{t: t, out: out}
	if err := again.destroy(); err != nil {
		t.Fatal(err)
	}
	wantWords(t, again.stderr.String(), "there is nothing to destroy")
	up(t, out)
}

func TestDestroyNamesWhoUsesTheSitesExports(t *testing.T) {
	localawstest.New(t).Use(t)
	out := localawstest.Small("used").Write(t, t.TempDir())
	up(t, out)
	guest := localawstest.Small("guest")
	guest.Order, guest.Node = []string{"App"}, nil
	guest.Stacks = map[string]string{"App": localawstest.Parameter("Borrowed", "!ImportValue used-network-VpcId")}
	guestOut := guest.Write(t, t.TempDir())
	up(t, guestOut)

	wantCode(t, (&run{t: t, out: out}).destroy(), outcome.Refused, "other stacks use exports of used", "used-network-VpcId (by guest-App-")
	if err := (&run{t: t, out: guestOut}).destroy(); err != nil {
		t.Fatal(err)
	}
	if err := (&run{t: t, out: out}).destroy(); err != nil {
		t.Fatal(err)
	}
}

func TestDestroyAsksForTheName(t *testing.T) {
	localawstest.New(t).Use(t)
	out := localawstest.Small("named").Write(t, t.TempDir())
	up(t, out)
	for _, typed := range []string{"nmaed", "yes", ""} {
		wantCode(t, (&run{t: t, out: out, ask: true, typed: typed}).destroy(), outcome.Refused, "the name was not typed")
	}
	if err := (&run{t: t, out: out, ask: true, typed: "named"}).destroy(); err != nil {
		t.Fatal(err)
	}
}

// A production site whose protection was lifted by hand still wants its name, whatever flags are given.
func TestDestroyInProductionAsksInSpiteOfYes(t *testing.T) {
	localawstest.New(t).Use(t)
	site, dir := localawstest.Small("careful"), t.TempDir()
	out := site.Write(t, dir)
	up(t, out)
	site.Production = true
	site.Write(t, dir)
	r := &run{t: t, out: out, typed: "something else"}
	wantCode(t, r.destroy(), outcome.Refused, "the name was not typed")
	if r.asked == 0 {
		t.Error("nobody was asked")
	}
}

func TestADeletionThatFailsNamesItsCause(t *testing.T) {
	aws := localawstest.New(t)
	aws.Use(t)
	site := localawstest.Small("stubborn")
	site.Stacks["App"] = localawstest.Parameter("StubbornVersion", "v1")
	out := site.Write(t, t.TempDir())
	up(t, out)
	aws.Set(t, map[string]any{"fail_delete": map[string]int{"StubbornVersion": 1}})
	r := &run{t: t, out: out}
	wantCode(t, r.destroy(), outcome.NeedsRecovery, "stubborn is DELETE_FAILED", "Injected by localaws", "deploy destroy again")
	wantWords(t, r.stderr.String(), "stack     App", "resource  StubbornVersion")
	wantCode(t, (&run{t: t, out: out}).up(), outcome.NeedsRecovery, "its deletion failed: not everything could be deleted")
	if err := (&run{t: t, out: out}).destroy(); err != nil {
		t.Fatal(err)
	}
}

func TestDestroyOfAPlanSparesWhatSomebodyElsePlanned(t *testing.T) {
	localawstest.New(t).Use(t)
	out := localawstest.Small("planned").Write(t, t.TempDir())
	r := &run{t: t, out: out, ask: true}
	r.answer = func() bool {
		foreign(t, out, "planned", "console-plan")
		wantCode(t, (&run{t: t, out: out}).destroy(), outcome.Refused, "console-plan", "somebody else's")
		return false
	}
	wantCode(t, r.up(), outcome.Refused)
	if got := stackStatus(t, out, "planned"); got != "REVIEW_IN_PROGRESS" {
		t.Errorf("the stack is %q", got)
	}
}

func TestOutputsOfATree(t *testing.T) {
	localawstest.New(t).Use(t)
	out := localawstest.Small("giving").Write(t, t.TempDir())
	_, err := outputs(t, out)
	wantCode(t, err, outcome.Failed, "giving is not deployed in eu-central-1", "deploy up dev")
	up(t, out)
	all, err := outputs(t, out)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range all {
		for _, o := range s.Outputs {
			got = append(got, strings.Join(s.Path, "/")+"."+o.Key+" "+o.Export)
		}
	}
	if want := "Network.VpcId giving-network-VpcId, Data.Name giving-data-Name"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}
