package recovery_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/recovery"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/localawstest"
)

// site is a small site in an account in memory.
type site struct {
	t       *testing.T
	account *cfntest.Account
	folder  *localawstest.Folder
	out     string

	typed  string
	no     bool
	asked  func() // what somebody else does while the question stands
	lifted []string

	yes, leftover bool
	dispose       *disposal
	ctx           context.Context // the test's when nil

	onEvent func(place string)
	stderr  bytes.Buffer
}

type view struct {
	*terminal.Progress
	s *site
}

func (v view) CanAsk(string) error { return nil }
func (v view) Confirm(context.Context, string) (bool, error) {
	if v.s.asked != nil {
		v.s.asked()
	}
	return !v.s.no, nil
}
func (v view) Type(_ context.Context, _, word, _ string) (bool, error) {
	return v.s.typed == word, nil
}

// in runs a test in a bubble with a site that is not deployed.
func in(t *testing.T, test func(*site)) {
	synctest.Test(t, func(t *testing.T) {
		s := &site{t: t, account: cfntest.New(t), folder: localawstest.Small("site"), out: t.TempDir()}
		test(s)
	})
}

func (s *site) session() *deploy.Session {
	s.t.Helper()
	s.folder.Write(s.t, s.out)
	session, err := deploy.Open(s.t.Context(), s.out, "dev", s.account.LoadOptions()...)
	if err != nil {
		s.t.Fatal(err)
	}
	return session
}

func (s *site) view() view {
	return view{&terminal.Progress{Terminal: &terminal.Terminal{Out: &s.stderr, Err: &s.stderr}}, s}
}

func (s *site) planner(session *deploy.Session) deploy.Planner {
	return deploy.Planner{
		Target: session.Target(s.view(), strings.ToLower(rand.Text())), Revision: func() string { return "" },
	}
}

func (s *site) up() error {
	return (&deploy.Up{Planner: s.planner(s.session()), Consent: deploy.Consent{Yes: true}}).Run(s.context())
}

func (s *site) recover(skip ...string) error {
	session := s.session()
	s.stderr.Reset()
	var dispose recovery.LeftoverService
	if s.dispose != nil {
		dispose = s.dispose
	}
	return (&recovery.Recover{
		Leftovers: dispose, DeleteLeftovers: s.leftover, Yes: s.yes,
		Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: s.view(), Skip: skip, Token: rand.Text(),
		Unprotect: func(_ context.Context, p recovery.Protection) error {
			s.lifted = append(s.lifted, p.Name)
			s.account.StopsFailing(p.Name)
			return nil
		},
	}).Run(s.context())
}

func (s *site) context() context.Context {
	if s.ctx != nil {
		return s.ctx
	}
	return s.t.Context()
}

func (v view) Event(e events.Event) {
	v.Progress.Event(e)
	if v.s.onEvent != nil {
		v.s.onEvent(strings.Join(append(append([]string{}, e.Path...), e.LogicalID), "/"))
	}
}

func (s *site) succeed(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%v (%s)\n%s", err, outcome.AdviceOf(err), &s.stderr)
	}
}

// fails holds an error, its advice and what was shown against an exit code and words.
func (s *site) fails(err error, code outcome.Code, words ...string) {
	s.t.Helper()
	if got := outcome.CodeOf(err); got != code {
		s.t.Fatalf("exit code %d, want %d: %v\n%s", got, code, err, &s.stderr)
	}
	s.shows(words...)
}

func (s *site) shows(words ...string) {
	s.t.Helper()
	for _, word := range words {
		if !strings.Contains(s.stderr.String(), word) {
			s.t.Errorf("%q is not in:\n%s", word, &s.stderr)
		}
	}
}

func (s *site) wants(status string) {
	s.t.Helper()
	got := ""
	for _, stack := range s.account.Stacks() {
		if stack.Name == "site" {
			got = stack.Status
		}
	}
	if got != status {
		s.t.Errorf("the stack is %s, want %s", got, status)
	}
}

// client is CloudFormation as a colleague has it.
func (s *site) client() *cloudformation.Client {
	return cloudformation.NewFromConfig(s.account.ConfigOf("colleague"))
}

// changed makes the next deployment an update in Data and App.
func (s *site) changed() {
	s.folder.Stacks["Data"] = strings.Replace(s.folder.Stacks["Data"], "Type: String\n", "Type: String\n      Description: changed\n", 1)
	s.folder.Stacks["App"] = strings.Replace(s.folder.Stacks["App"], "v1", "v2", 1)
}

func TestHealthyAndAbsentNeedNothing(t *testing.T) {
	in(t, func(s *site) {
		s.succeed(s.recover())
		s.shows("not there", "needs no recovery")
		s.succeed(s.up())
		s.succeed(s.recover())
		s.shows("CREATE_COMPLETE", "needs no recovery")
	})
}

func TestACreationThatWasTakenBackIsClearedAway(t *testing.T) {
	in(t, func(s *site) {
		s.account.Fails("Version", cfntest.Creating, "no")
		if s.up() == nil {
			s.t.Fatal("it was to fail")
		}
		s.wants("ROLLBACK_COMPLETE")
		s.no = true
		s.fails(s.recover(), outcome.Refused, "nothing of it runs")
		s.wants("ROLLBACK_COMPLETE")
		s.no = false
		s.succeed(s.recover())
		s.shows("the stack site is gone", "deploy up dev")
		s.account.StopsFailing("Version")
		s.succeed(s.up())
	})
}

func TestAPlanOfSomebodyElseIsLeftAlone(t *testing.T) {
	in(t, func(s *site) {
		_, err := s.client().CreateChangeSet(s.t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: aws.String("site"), ChangeSetName: aws.String("deploy-20270101-000000-abcd"), Description: aws.String("deploy-up dev by colleague"),
			ChangeSetType: "CREATE", TemplateBody: aws.String(localawstest.Parameter("X", "y")),
		})
		s.succeed(err)
		s.fails(s.recover(), outcome.Refused, "change sets of others:", "deploy-20270101-000000-abcd", "by colleague")
		s.wants("REVIEW_IN_PROGRESS")
		_, err = s.client().DeleteChangeSet(s.t.Context(), &cloudformation.DeleteChangeSetInput{StackName: aws.String("site"), ChangeSetName: aws.String("deploy-20270101-000000-abcd")})
		s.succeed(err)
		s.succeed(s.recover())
		s.wants("DELETE_COMPLETE")
	})
}

// plan makes a change set as deploy does, and gives its name.
func (s *site) plan(by string) string {
	s.t.Helper()
	client, name := cloudformation.NewFromConfig(s.account.ConfigOf(by)), "deploy-20270101-000000-"+strings.ToLower(rand.Text())
	_, err := client.CreateChangeSet(s.t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("site"), ChangeSetName: &name, Description: aws.String("deploy-up dev by " + by + " at abc1234"),
		ChangeSetType: "CREATE", TemplateBody: aws.String(localawstest.Parameter("X", "y")),
	})
	s.succeed(err)
	return name
}

func TestOnesOwnPlanIsGivenUp(t *testing.T) {
	in(t, func(s *site) {
		name := s.plan("administrator")
		s.succeed(s.recover())
		s.shows("1. delete your own change set " + name)
		s.wants("DELETE_COMPLETE")
	})
}

// While the question stands, a colleague plans too, or the very plan is executed: what was agreed to is no longer what would happen.
func TestWhatMovedInTheMeantimeIsLeftAlone(t *testing.T) {
	in(t, func(s *site) {
		s.plan("administrator")
		s.asked = func() { s.plan("colleague") }
		s.fails(s.recover(), outcome.Refused)
		s.wants("REVIEW_IN_PROGRESS")
		s.asked = nil
		s.fails(s.recover(), outcome.Refused, "change sets of others:")
	})
}

func TestAStackThatRunsByNowIsNotDeleted(t *testing.T) {
	in(t, func(s *site) {
		name := s.plan("administrator")
		s.asked = func() {
			api := s.session().Stacks
			for {
				_, err := s.client().ExecuteChangeSet(s.t.Context(), &cloudformation.ExecuteChangeSetInput{StackName: aws.String("site"), ChangeSetName: &name})
				if err == nil {
					break
				}
				_, err = api.Stack(s.t.Context(), "site") // time passes with each call until the change set is made
				s.succeed(err)
			}
		}
		err := s.recover()
		s.fails(err, outcome.Refused)
		if !strings.Contains(err.Error(), "has changed in the meantime") {
			s.t.Error(err)
		}
		s.wants("CREATE_IN_PROGRESS")
	})
}

// keep makes a deployment fail and stay as it was.
func (s *site) keep() {
	s.t.Helper()
	s.account.Fails("Version", cfntest.Creating, "no")
	s.account.Fails("Version", cfntest.Updating, "no")
	s.deploy(true)
}

// deploy executes a plan of the site's, as somebody does who wants a failure taken back, or kept to look at it.
func (s *site) deploy(keepFailure bool) {
	s.t.Helper()
	session, id := s.session(), ""
	preview := &deploy.Preview{
		Planner: s.planner(session), Show: func(*plan.Plan) error { return nil },
		Save: func(p *plan.Plan) error { id = p.Changes.ChangeSetID; return nil },
	}
	if err := preview.Run(s.t.Context()); outcome.CodeOf(err) != outcome.ChangesWaiting {
		s.t.Fatal(err)
	}
	_, err := s.client().ExecuteChangeSet(s.t.Context(), &cloudformation.ExecuteChangeSetInput{
		ChangeSetName: &id, DisableRollback: &keepFailure, ClientRequestToken: aws.String("deploy-up-colleague-x"),
	})
	s.succeed(err)
	s.settled()
}

// planOf are the changes of a plan for the site that is void.
func (s *site) planOf() *changeset.Stack {
	return &changeset.Stack{Name: "site", ChangeSetID: "arn:aws:cloudformation:eu-central-1:123456789012:changeSet/deploy-20270101-000000-abcd/x"}
}

// settle waits for the end of what runs.
func (s *site) settle(api *cfn.Client) {
	for {
		stack, err := api.Stack(s.t.Context(), "site")
		s.succeed(err)
		if !stack.Running() {
			return
		}
	}
}

func TestWhatRunsIsLeftAlone(t *testing.T) {
	in(t, func(s *site) {
		s.account.Hangs("Version")
		ctx, cancel := context.WithCancel(s.t.Context())
		s.ctx, s.onEvent = ctx, func(place string) {
			if place == "App/Version" {
				cancel()
			}
		}
		s.fails(s.up(), outcome.Interrupted)
		s.ctx, s.onEvent = nil, nil
		s.fails(s.recover(), outcome.Failed, "an operation is running")
	})
}

func TestACreationThatWasKeptIsTakenBack(t *testing.T) {
	in(t, func(s *site) {
		s.keep()
		s.wants("CREATE_FAILED")
		s.succeed(s.recover())
		s.shows("RetainExceptOnCreate", "the stack site is gone")
		s.wants("DELETE_COMPLETE")
	})
}

func TestAnUpdateThatWasKeptIsTakenBack(t *testing.T) {
	in(t, func(s *site) {
		s.succeed(s.up())
		s.changed()
		s.keep()
		s.wants("UPDATE_FAILED")
		s.succeed(s.recover())
		s.wants("UPDATE_ROLLBACK_COMPLETE")
	})
}

// A production site's first creation that fails ends like this: its database is protected and can't be deleted again.
func TestProtectionIsLiftedOnlyAfterTheNameWasTyped(t *testing.T) {
	in(t, func(s *site) {
		s.folder.Stacks["Data"] = "Resources:\n  Database:\n    Type: AWS::RDS::DBCluster\n    Properties:\n      Engine: aurora-postgresql\n      DeletionProtection: true\n" +
			localawstest.Export("Name", "site-data-Name", "!Ref Database")
		s.account.Fails("Version", cfntest.Creating, "no")
		s.account.Fails("Data/Database", cfntest.Deleting, "Cannot delete protected Cluster")
		if s.up() == nil {
			s.t.Fatal("it was to fail")
		}
		s.wants("ROLLBACK_FAILED")
		s.typed = "sight"
		s.fails(s.recover(), outcome.Refused, "blocked by:\n  Data/Database", "Cannot delete protected Cluster", "1. turn off the deletion protection of Data/Database")
		if len(s.lifted) > 0 {
			s.t.Fatal("lifted without being told to")
		}
		s.typed = "site"
		s.succeed(s.recover())
		if len(s.lifted) != 1 {
			s.t.Errorf("lifted %v", s.lifted)
		}
		s.wants("DELETE_COMPLETE")
	})
}

// The termination protection of a site that nobody has used yet is no reason to have its name typed.
func TestACreationThatNeverServedIsUnprotectedByItself(t *testing.T) {
	in(t, func(s *site) {
		s.folder.Production = true
		s.account.Fails("Version", cfntest.Creating, "no")
		up := &deploy.Up{Planner: s.planner(s.session()), Consent: deploy.Consent{Meant: "site"}}
		if up.Run(s.context()) == nil {
			s.t.Fatal("it was to fail")
		}
		s.wants("ROLLBACK_COMPLETE")
		s.yes = true
		s.succeed(s.recover())
		s.wants("DELETE_COMPLETE")
	})
}

// stuck brings a site to UPDATE_ROLLBACK_FAILED: App fails, and Data's database can't be sent back.
func stuck(t *testing.T, test func(*site)) {
	in(t, func(s *site) {
		s.succeed(s.up())
		s.changed()
		s.account.Fails("Version", cfntest.Updating, "no")
		s.account.Fails("Data/Database", cfntest.RollingBack, "it is stopped")
		if s.up() == nil {
			s.t.Fatal("it was to fail")
		}
		s.wants("UPDATE_ROLLBACK_FAILED")
		test(s)
	})
}

func TestARollbackGoesOnWhenItsCauseIsRemoved(t *testing.T) {
	stuck(t, func(s *site) {
		s.fails(s.recover(), outcome.NeedsRecovery, "blocked by:\n  Data/Database", "it is stopped", "--skip Data/Database")
		s.account.StopsFailing("Data/Database")
		s.succeed(s.recover())
		s.wants("UPDATE_ROLLBACK_COMPLETE")
	})
}

func TestARollbackSkipsWhatIsNamed(t *testing.T) {
	stuck(t, func(s *site) {
		s.fails(s.recover("App/Uses"), outcome.Failed)
		s.wants("UPDATE_ROLLBACK_FAILED")
		s.succeed(s.recover("Data/Database"))
		s.shows("skip Data/Database: it stays as the failed update left it", "deploy drift dev")
		s.wants("UPDATE_ROLLBACK_COMPLETE")
	})
}

func TestADeletionLeavesBehindWhatIsNamed(t *testing.T) {
	in(t, func(s *site) {
		s.succeed(s.up())
		s.account.Fails("Data/Database", cfntest.Deleting, "not empty")
		_, err := s.client().DeleteStack(s.t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("site")})
		s.succeed(err)
		s.settle(s.session().Stacks)
		s.wants("DELETE_FAILED")
		s.fails(s.recover(), outcome.NeedsRecovery, "blocked by:\n  Data/Database", "not empty")
		s.succeed(s.recover("Data/Database"))
		s.shows("retain Data/Database", "DELETE_SKIPPED")
		s.wants("DELETE_COMPLETE")
	})
}

// Ctrl-C ends the watching, not the rollback.
func TestInterruptedRecoveryGoesOn(t *testing.T) {
	stuck(t, func(s *site) {
		s.account.StopsFailing("Data/Database")
		s.account.Hangs("Data/Database", cfntest.RollingBack)
		ctx, cancel := context.WithCancel(s.t.Context())
		s.onEvent = func(path string) {
			if path == "Data/Database" {
				cancel()
			}
		}
		s.ctx = ctx
		err := s.recover()
		s.fails(err, outcome.Interrupted)
		s.ctx, s.onEvent = nil, nil
		s.wants("UPDATE_ROLLBACK_IN_PROGRESS")
		s.account.Release("Data/Database")
		s.settle(s.session().Stacks)
		s.wants("UPDATE_ROLLBACK_COMPLETE")
	})
}
