package deploy_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/acceptfile"
	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/localawstest"
)

// run is one run of a command against the local AWS, and what it printed.
type run struct {
	t        testing.TB
	out      string // folder of the environments
	ask      bool   // instead of --yes
	meant    string // --yes-i-mean
	accepted []gate.Acceptance
	reviewed *acceptfile.File // instead of the one beside the environment file
	fallback deploy.Fallback
	nobody   bool // is there to answer
	answer   func() bool
	question string // the last that was asked
	typed    string
	asked    int
	onEvent  func(events.Event)
	onStep   func(string)
	ctx      context.Context
	options  []func(*config.LoadOptions) error
	lies     func(*cloudformation.DescribeChangeSetOutput) // changes what apply is told of change sets

	stdout, stderr bytes.Buffer
}

// view is the terminal's, with answers of the test's own.
type view struct {
	*terminal.Progress
	run *run
}

func (v view) CanAsk(string) error {
	if v.run.nobody {
		return outcome.Errorf(outcome.Refused, "cannot ask for confirmation")
	}
	return nil
}

func (v view) Confirm(_ context.Context, question string) (bool, error) {
	v.run.question = question
	return v.run.answer(), nil
}

func (v view) Type(_ context.Context, _, word, _ string) (bool, error) {
	v.run.asked++
	return v.run.typed == word, nil
}

func (v view) Step(text string) {
	v.Progress.Step(text)
	if v.run.onStep != nil {
		v.run.onStep(text)
	}
}

func (v view) Event(e events.Event) {
	v.Progress.Event(e)
	if v.run.onEvent != nil {
		v.run.onEvent(e)
	}
}

// lying is CloudFormation that describes change sets otherwise than they are.
type lying struct {
	deploy.UpStacks
	lies func(*cloudformation.DescribeChangeSetOutput)
}

func (l lying) ChangeSet(ctx context.Context, id string, values bool) (*cloudformation.DescribeChangeSetOutput, error) {
	d, err := l.UpStacks.ChangeSet(ctx, id, values)
	if err == nil {
		l.lies(d)
	}
	return d, err
}

func (r *run) view() view {
	return view{&terminal.Progress{Terminal: &terminal.Terminal{Out: &r.stdout, Err: &r.stderr}}, r}
}

func (r *run) context() context.Context {
	if r.ctx != nil {
		return r.ctx
	}
	return r.t.Context()
}

func (r *run) planner() (deploy.Planner, error) {
	session, err := deploy.Open(r.context(), r.out, "dev", r.options...)
	if err != nil {
		return deploy.Planner{}, err
	}
	return deploy.Planner{
		Target:   session.Target(r.view(), strings.ToLower(rand.Text())),
		Revision: func() string { return "abc1234" }, Accepted: r.accepted, Reviewed: r.reviewed, Fallback: r.fallback,
	}, nil
}

func (r *run) up() error {
	r.t.Helper()
	planner, err := r.planner()
	if err != nil {
		return err
	}
	return (&deploy.Up{Planner: planner, Consent: deploy.Consent{Yes: !r.ask, Meant: r.meant}}).Run(r.context())
}

// plan plans, keeps what is shown, and saves the plan when it is asked to.
func (r *run) plan(save bool) (shown *plan.Plan, saved *plan.Plan, err error) {
	r.t.Helper()
	planner, err := r.planner()
	if err != nil {
		return shown, nil, err
	}
	preview := &deploy.Preview{Planner: planner, Show: func(p *plan.Plan) error {
		shown = p
		return nil
	}}
	if save {
		preview.Save = func(p *plan.Plan) error {
			saved = p
			return nil
		}
	}
	err = preview.Run(r.context())
	return shown, saved, err
}

// apply executes a saved plan, from its text as another job would.
func (r *run) apply(saved *plan.Plan) error {
	r.t.Helper()
	text, err := plan.Encode(saved)
	if err != nil {
		return err
	}
	if saved, err = plan.Decode(text); err != nil {
		return err
	}
	session, err := deploy.OpenSaved(r.context(), cmp.Or(r.out, r.t.TempDir()), saved.Manifest, r.options...)
	if err != nil {
		return err
	}
	target := session.Target(r.view(), strings.ToLower(rand.Text()))
	if r.lies != nil {
		target.Stacks = lying{target.Stacks, r.lies}
	}
	return (&deploy.Apply{Target: target, Accepted: r.accepted, Reviewed: r.reviewed, Consent: deploy.Consent{Yes: !r.ask, Meant: r.meant}, Plan: saved}).Run(r.context())
}

func (r *run) destroy() error {
	r.t.Helper()
	session, err := deploy.Open(r.context(), r.out, "dev", r.options...)
	if err != nil {
		return err
	}
	return (&deploy.Destroy{
		Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: r.view(), Yes: !r.ask, Token: strings.ToLower(rand.Text()),
	}).Run(r.context())
}

// up deploys a folder as with --yes; it must succeed.
func up(t testing.TB, out string) *run {
	t.Helper()
	r := &run{t: t, out: out}
	r.mustUp()
	return r
}

// mustUp deploys and gives what was said.
func (r *run) mustUp() string {
	r.t.Helper()
	if err := r.up(); err != nil {
		r.t.Fatalf("up: %v (%s)\n%s", err, outcome.AdviceOf(err), &r.stderr)
	}
	return r.stderr.String()
}

func outputs(t testing.TB, out string) ([]cfn.StackOutputs, error) {
	t.Helper()
	session, err := deploy.Open(t.Context(), out, "dev")
	if err != nil {
		t.Fatal(err)
	}
	return (&deploy.Outputs{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}).Run(t.Context())
}

// foreign makes a change set for a stack that does not exist yet, as somebody else would.
func foreign(t testing.TB, out, stack, name string) {
	t.Helper()
	_, _, err := stacks(t, out).CreateChangeSet(t.Context(), cfn.ChangeSetRequest{
		Stack: stack, Create: true, Name: name, Description: "by hand", Body: localawstest.Parameter("Other", "x"), Token: strings.ToLower(rand.Text()),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantCode holds an error against an exit code and words that it or its advice must have.
func wantCode(t testing.TB, err error, code outcome.Code, words ...string) {
	t.Helper()
	if got := outcome.CodeOf(err); got != code {
		t.Fatalf("exit code %d, want %d: %v", got, code, err)
	}
	wantWords(t, err.Error()+"\n"+outcome.AdviceOf(err), words...)
}

func wantWords(t testing.TB, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is not in:\n%s", word, text)
		}
	}
}

// stacks is CloudFormation as the session of a folder sees it.
func stacks(t testing.TB, out string) *cfn.Client {
	t.Helper()
	session, err := deploy.Open(t.Context(), out, "dev")
	if err != nil {
		t.Fatal(err)
	}
	return session.Stacks
}

// stackStatus is a stack's status, "" when there is none.
func stackStatus(t testing.TB, out, stack string) status.Status {
	t.Helper()
	s, err := stacks(t, out).Stack(t.Context(), stack)
	if err != nil && !errors.Is(err, cfn.ErrNotFound) {
		t.Fatal(err)
	}
	return s.Status
}

// waitUntil looks until a stack has a status.
func waitUntil(t testing.TB, out, stack string, want status.Status) {
	t.Helper()
	client, looks := stacks(t, out), time.NewTicker(20*time.Millisecond)
	defer looks.Stop()
	for {
		s, err := client.Stack(t.Context(), stack)
		if err != nil {
			t.Fatal(err)
		}
		if s.Status == want {
			return
		}
		<-looks.C
	}
}

// accepted reads what --accept is given.
func accepted(t testing.TB, texts ...string) []gate.Acceptance {
	t.Helper()
	var all []gate.Acceptance
	for _, text := range texts {
		a, err := gate.ParseAcceptance(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}
