package cfntest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn/cfntest"
)

// answers are what the calls of an action were answered with.
func (s *site) answers(action string) []string {
	var all []string
	for _, c := range s.account.Calls(action) {
		all = append(all, c.Error)
	}
	return all
}

func TestFaultsThatPass(t *testing.T) {
	for name, effect := range map[string]cfntest.Effect{
		"Throttling": cfntest.Throttled, "InternalFailure": cfntest.InternalFailure, "ServiceUnavailable": cfntest.Unavailable,
		"reset": cfntest.ResetBefore, "reset ": cfntest.ResetAfter,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t)
				s.account.Inject(cfntest.Fault{Action: "DescribeStacks", Times: 2, Effect: effect})
				if _, err := s.client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}); err != nil {
					t.Error(err)
				}
				want := strings.TrimSpace(name)
				if diff := cmp.Diff([]string{want, want, ""}, s.answers("DescribeStacks")); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestFaultsThatStay(t *testing.T) {
	for name, effect := range map[string]cfntest.Effect{
		"ExpiredToken": cfntest.Expired, "AccessDenied": cfntest.Denied("sts:GetCallerIdentity"),
		"LimitExceededException": cfntest.Refused(http.StatusBadRequest, "LimitExceededException", "too many"),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t)
				s.account.Inject(cfntest.Fault{Effect: effect})
				client := sts.NewFromConfig(s.account.Config())
				_, err := client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
				if err == nil || !strings.Contains(err.Error(), name) {
					t.Errorf("got %v", err)
				}
				s.account.Heal()
				if _, err := client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestFaultIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.Inject(cfntest.Fault{Action: "ListStacks", Skip: 1, From: time.Minute, Until: time.Hour, Effect: cfntest.Denied("x")})
		call := func() bool {
			_, err := s.client.ListStacks(t.Context(), &cloudformation.ListStacksInput{})
			return err == nil
		}
		got := []bool{call()}
		time.Sleep(2 * time.Minute)
		got = append(got, call(), call(), call())
		time.Sleep(time.Hour)
		got = append(got, call())
		if diff := cmp.Diff([]bool{true, true, false, false, true}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestExecuteIsDoneOnce(t *testing.T) {
	for name, effect := range map[string]cfntest.Effect{"before": cfntest.ResetBefore, "after": cfntest.ResetAfter} {
		t.Run("reset "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t)
				id := s.plan("first")
				s.account.Inject(cfntest.Fault{Action: "ExecuteChangeSet", Times: 1, Effect: effect})
				s.execute(id)
				s.wantStatus("", "CREATE_COMPLETE")
				if diff := cmp.Diff([]string{"reset", ""}, s.answers("ExecuteChangeSet")); diff != "" {
					t.Error(diff)
				}
				begun := 0
				for _, line := range s.history("") {
					if strings.HasPrefix(line, "site CREATE_IN_PROGRESS") {
						begun++
					}
				}
				if begun != 1 {
					t.Errorf("the creation began %d times", begun)
				}
			})
		})
	}
}

func TestCutOffAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.Inject(cfntest.Fault{Action: "ListStacks", Times: 1, Effect: cfntest.CutOff})
		_, err := s.client.ListStacks(t.Context(), &cloudformation.ListStacksInput{}, func(o *cloudformation.Options) { o.RetryMaxAttempts = 1 })
		if err == nil || s.answers("ListStacks")[0] != "cut off" {
			t.Errorf("got %v, %q", err, s.answers("ListStacks"))
		}
	})
}

func TestCallerWhoGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, cfntest.Latency(time.Second))
		for _, patience := range []time.Duration{100 * time.Millisecond, 700 * time.Millisecond} {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			_, err := s.client.ListStacks(ctx, &cloudformation.ListStacksInput{})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("after %v: %v", patience, err)
			}
		}
		if got := len(s.account.Calls()); got != 1 {
			t.Errorf("%d calls reached the server, want 1: the first caller gave up on the way there, the second on the way back", got)
		}
	})
}

func TestResetIsAConnectionError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.Inject(cfntest.Fault{Effect: cfntest.ResetBefore})
		if _, err := s.client.ListStacks(t.Context(), &cloudformation.ListStacksInput{}); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v", err)
		}
	})
}

func TestStaleReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, cfntest.StaleAfterExecute(3*time.Second))
		s.start(s.plan("first"))
		look := func() (status string, events int) {
			out, err := s.client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &s.name})
			if err != nil {
				t.Fatal(err)
			}
			history, err := s.client.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &s.name})
			if err != nil {
				t.Fatal(err)
			}
			return string(out.Stacks[0].StackStatus), len(history.StackEvents)
		}
		if status, events := look(); status != "REVIEW_IN_PROGRESS" || events != 1 {
			t.Errorf("at once: %s, %d events", status, events)
		}
		time.Sleep(4 * time.Second)
		if status, events := look(); status != "CREATE_IN_PROGRESS" || events < 3 {
			t.Errorf("later: %s, %d events", status, events)
		}
	})
}

func TestSomebodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		s.edit("App", "v1", "v2")
		mine := s.plan("mine")
		other := cloudformation.NewFromConfig(s.account.ConfigOf("colleague"))
		s.account.Before("ExecuteChangeSet", 0, func() {
			body := "Resources:\n  Only:\n    Type: AWS::SSM::Parameter\n    Properties: {Type: String, Value: x}\n"
			if _, err := other.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: &s.name, TemplateBody: &body}); err != nil {
				t.Error(err)
			}
		})
		_, err := s.client.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &mine})
		if err == nil || !strings.Contains(err.Error(), "cannot be executed in its current execution status of [OBSOLETE]") {
			t.Errorf("got %v", err)
		}
		calls := s.account.Calls("UpdateStack")
		if len(calls) != 1 || calls[0].By != "colleague" {
			t.Errorf("%+v", calls)
		}
		identity, err := sts.NewFromConfig(s.account.ConfigOf("colleague")).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if err != nil || aws.ToString(identity.Arn) != "arn:aws:iam::123456789012:user/colleague" {
			t.Errorf("%v %v", identity, err)
		}
	})
}

func TestWhatAResetLeavesDone(t *testing.T) {
	for name, effect := range map[string]cfntest.Effect{"CREATE_COMPLETE": cfntest.ResetBefore, "DELETE_IN_PROGRESS": cfntest.ResetAfter} {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t)
			s.deploy("first")
			s.account.Inject(cfntest.Fault{Action: "DeleteStack", Effect: effect})
			_, err := s.client.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &s.name}, func(o *cloudformation.Options) { o.RetryMaxAttempts = 1 })
			if !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("got %v", err)
			}
			s.wantStatus("", name)
		})
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.start(s.plan("first"))
		group, ctx := errgroup.WithContext(t.Context())
		for range 8 {
			group.Go(func() error {
				for range 20 {
					if _, err := s.client.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &s.name}); err != nil {
						return err
					}
					s.account.Stacks()
					s.account.Calls("ExecuteChangeSet")
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
		s.wait()
		s.wantStatus("", "CREATE_COMPLETE")
	})
}
