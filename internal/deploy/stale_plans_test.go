package deploy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

// plant makes a change set for the root as a deployer that died would have left it.
func (m *memory) plant(name, body string) {
	m.t.Helper()
	_, err := cloudformation.NewFromConfig(m.account.ConfigOf("colleague")).CreateChangeSet(m.t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("memory"), ChangeSetName: &name, TemplateBody: &body, IncludeNestedStacks: aws.Bool(true), Description: aws.String("deploy-up dev by colleague"),
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

// planted are the names of change sets that the root still has, of those that a test planted.
func (m *memory) planted() (names []string) {
	m.t.Helper()
	all, err := cfn.New(m.account.Config()).ChangeSetsOf(m.t.Context(), "memory")
	if err != nil {
		m.t.Fatal(err)
	}
	for _, c := range all {
		if strings.Contains(c.Name, "planted") {
			names = append(names, c.Name)
		}
	}
	slices.Sort(names)
	return names
}

// unmade waits until every change set of the root has been made; each look takes its time.
func (m *memory) unmade() {
	for running := true; running; {
		all, err := cfn.New(m.account.Config()).ChangeSetsOf(m.t.Context(), "memory")
		if err != nil {
			m.t.Fatal(err)
		}
		running = slices.ContainsFunc(all, func(c cfn.ChangeSetSummary) bool {
			return strings.HasPrefix(string(c.Status), "CREATE_") && c.Status != "CREATE_COMPLETE"
		})
	}
}

// What can never be executed goes, with the next plan: one's own only. What waits is told, and what is somebody else's stays.
func TestStalePlansAreTidiedAway(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		same := m.account.Stack("memory").Template
		m.plant("deploy-20270101-000000-planted-nothing", same)
		m.plant("planted-nothing", same)
		m.plant("deploy-20270101-000000-planted-waits", localawstest.Parameter("Other", "x"))
		m.unmade()
		r := m.run("v2")
		if err := r.up(); err != nil {
			m.t.Fatalf("%v\n%s", err, &r.stderr)
		}
		wantWords(m.t, r.stderr.String(), "there is another plan, which becomes obsolete when this one is deployed: deploy-20270101-000000-planted-waits (deploy-up dev by colleague)")
		if got := m.planted(); !slices.Equal(got, []string{"deploy-20270101-000000-planted-waits", "planted-nothing"}) {
			m.t.Errorf("after the first deployment there are %v", got)
		}
		if r = m.run("v3"); r.up() != nil {
			m.t.Fatalf("%s", &r.stderr)
		}
		if strings.Contains(r.stderr.String(), "there is another plan") {
			m.t.Errorf("it is obsolete, and reported as another plan:\n%s", &r.stderr)
		}
		if got := m.planted(); !slices.Equal(got, []string{"planted-nothing"}) {
			m.t.Errorf("after the second deployment there are %v", got)
		}
	}, cfntest.OthersStayObsolete())
}

// Nobody knows at how many change sets CloudFormation makes no more: it is said well before any number that people have met.
func TestManyChangeSetsAreWarnedOf(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		same := m.account.Stack("memory").Template
		for i := range 100 {
			m.plant(fmt.Sprintf("planted-%d", i), same)
		}
		m.unmade()
		r := m.run("v2")
		if err := r.up(); err != nil {
			m.t.Fatalf("%v\n%s", err, &r.stderr)
		}
		wantWords(m.t, r.stderr.String(), "the root stack has 101 change sets; at some number CloudFormation makes no more", "stack App has 101 change sets")
	})
}

// What gates compared with was looked at before the change set was made: a deployment in between makes the plan void.
func TestADeploymentBetweenTheLookAndThePlanMakesItVoid(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		first, second := m.run("v2"), m.run("v3")
		var secondErr error
		m.account.Before("CreateChangeSet", 0, func() { secondErr = second.up() })
		wantCode(m.t, first.up(), outcome.Failed, "the plan for memory is obsolete")
		if secondErr != nil || m.version() != "v3" {
			m.t.Errorf("%q stands: %v", m.version(), secondErr)
		}
		if left := m.waiting(); left != nil {
			m.t.Errorf("plans are left: %v", left)
		}
	})
}
