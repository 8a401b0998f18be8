package deploy_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/proof"
	"distributed-moodle/internal/release"
	"distributed-moodle/internal/verified"
)

// proving is a deployed site in an account in memory, and what asks it.
func proving(t *testing.T, calls proof.Calls) *deploy.Prove {
	t.Helper()
	cloud := cfntest.New(t)
	r := &run{t: t, out: moodle(t, t.TempDir(), "5.2"), options: cloud.LoadOptions()}
	r.mustUp()
	session, err := deploy.Open(t.Context(), r.out, "dev", r.options...)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := verified.All()
	if err != nil {
		t.Fatal(err)
	}
	caller, err := session.Identify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	session.Site.Account = caller.Account
	return &deploy.Prove{
		Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, Calls: calls, Rows: rows,
		Program: release.Build(), File: filepath.Join(t.TempDir(), "proof.json"), Now: time.Now,
		Step: func(string) {}, Show: func(*proof.Proof, string) error { return nil },
	}
}

// inABubble runs a test in which nothing waits in earnest.
func inABubble(t *testing.T, name string, test func(*testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// cluster answers of every database cluster, and of nothing else.
func cluster(version any) proof.Calls {
	return proof.Calls{
		verified.GetResource: func(_ context.Context, typeName, _ string) (any, error) {
			if typeName != "AWS::RDS::DBCluster" {
				return nil, errors.New("not asked here")
			}
			return map[string]any{"EngineVersion": version, "MasterUserPassword": "never"}, nil
		},
		"logs:DescribeLogGroups": func(context.Context, string, string) (any, error) {
			return map[string]any{"LogGroups": []any{map[string]any{"LogGroupName": "l", "RetentionInDays": 30}}}, nil
		},
	}
}

func TestAProofIsWrittenWithItsExitCode(t *testing.T) {
	for name, test := range map[string]struct {
		calls proof.Calls
		code  outcome.Code
		want  proof.Result
	}{
		"shown":     {cluster("17.11"), outcome.Done, proof.Shown},
		"not shown": {cluster(nil), outcome.ChangesWaiting, proof.NotShown},
		"unread":    {proof.Calls{}, outcome.Failed, proof.Unknown},
	} {
		inABubble(t, name, func(t *testing.T) {
			p := proving(t, test.calls)
			if err := p.Run(t.Context()); outcome.CodeOf(err) != test.code {
				t.Errorf("ended with %v, want code %d", err, test.code)
			}
			text, err := os.ReadFile(p.File)
			var made proof.Proof
			if err != nil || json.Unmarshal(text, &made) != nil {
				t.Fatalf("the file: %v\n%s", err, text)
			}
			for _, row := range made.Rows {
				if row.ID == "database-available" && row.Result != test.want {
					t.Errorf("the database is %q, want %q", row.Result, test.want)
				}
			}
			wantWords(t, string(text), `"account": "`+p.Site.Account+`"`, `"region": "eu-central-1"`, `"by": "arn:`, `"expected": "`, `"toType"`)
			if info, err := os.Stat(p.File); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the file's mode is %v (%v)", info.Mode(), err)
			}
		})
	}
}

// A site that may not be asked is not asked, and leaves no file.
func TestASiteThatIsNotProved(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*deploy.Prove)
		code    outcome.Code
		words   []string
	}{
		"without an account": {func(p *deploy.Prove) { p.Site.Account = "" }, outcome.Refused, []string{"does not name its account", "set account in"}},
		"in production":      {func(p *deploy.Prove) { p.Site.Production = true }, outcome.Refused, []string{"is a production site", "copy "}},
		"another account":    {func(p *deploy.Prove) { p.Site.Account = "999999999999" }, outcome.Refused, []string{"these credentials are for account"}},
		"not deployed":       {func(p *deploy.Prove) { p.Site.Site = "elsewhere" }, outcome.Failed, []string{"elsewhere is not deployed"}},
	} {
		inABubble(t, name, func(t *testing.T) {
			p := proving(t, proof.Calls{verified.GetResource: func(context.Context, string, string) (any, error) {
				t.Error("it was asked")
				return map[string]any{}, nil
			}})
			test.prepare(p)
			wantCode(t, p.Run(t.Context()), test.code, test.words...)
			if _, err := os.Stat(p.File); err == nil {
				t.Error("there is a file")
			}
		})
	}
}

// An interrupt in the middle leaves no half of a proof.
func TestAnInterruptLeavesNoProof(t *testing.T) { synctest.Test(t, interruptsAProof) }

func interruptsAProof(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := proving(t, proof.Calls{verified.GetResource: func(context.Context, string, string) (any, error) {
		cancel()
		return map[string]any{"EngineVersion": "17.11"}, nil
	}})
	wantCode(t, p.Run(ctx), outcome.Failed, "nothing was written")
	if files, err := filepath.Glob(filepath.Join(filepath.Dir(p.File), "*")); err != nil || len(files) > 0 {
		t.Errorf("there is %v (%v)", files, err)
	}
}
