package deploy_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	groups "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

// machines are two nodes of one group, which logged one line at a time.
type machines struct{ logged time.Time }

func (machines) DescribeAutoScalingGroups(_ context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	var all []groups.Instance
	for id, state := range map[string]groups.LifecycleState{"i-1": groups.LifecycleStatePending, "i-2": groups.LifecycleStateInService} {
		all = append(all, groups.Instance{InstanceId: &id, AvailabilityZone: aws.String("a"), LifecycleState: state})
	}
	return &autoscaling.DescribeAutoScalingGroupsOutput{AutoScalingGroups: []groups.AutoScalingGroup{{AutoScalingGroupName: &in.AutoScalingGroupNames[0], Instances: all}}}, nil
}

func (m machines) FilterLogEvents(_ context.Context, in *cloudwatchlogs.FilterLogEventsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	if m.logged.UnixMilli() < *in.StartTime {
		return &cloudwatchlogs.FilterLogEventsOutput{}, nil
	}
	return &cloudwatchlogs.FilterLogEventsOutput{Events: []logs.FilteredLogEvent{{EventId: aws.String("1"), LogStreamName: aws.String("i-2"), Message: aws.String("hello"), Timestamp: aws.Int64(m.logged.UnixMilli())}}}, nil
}

// fleet is a deployed site with nodes, or without, and its session.
func fleet(t *testing.T, with bool) *deploy.Session {
	site := localawstest.Small("memory")
	if with {
		site.Stacks["App"] += "  NodeLogs:\n    Type: AWS::Logs::LogGroup\n  Group:\n    Type: AWS::AutoScaling::AutoScalingGroup\n" +
			"    Properties: {MinSize: '0', MaxSize: '1'}\n"
	}
	r := &run{t: t, out: site.Write(t, t.TempDir()), options: cfntest.New(t).LoadOptions()}
	r.mustUp()
	session, err := deploy.Open(t.Context(), r.out, "dev", r.options...)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func TestShellBecomesTheCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := fleet(t, true)
		var executed []string
		missing := ""
		shell := &deploy.Shell{
			Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, Groups: machines{}, Step: func(string) {},
			Look: func(program string) (string, error) {
				if program == missing {
					return "", errors.New("not found")
				}
				return "/bin/" + program, nil
			},
			Exec: func(path string, command []string) error { executed = append([]string{path}, command...); return nil },
		}
		if err := shell.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := "/bin/aws aws ssm start-session --region eu-central-1 --target i-2"; strings.Join(executed, " ") != want {
			t.Errorf("executed %q", executed)
		}
		executed, missing = nil, "session-manager-plugin"
		wantCode(t, shell.Run(t.Context()), outcome.Failed, "session-manager-plugin is not installed")
		shell.Node = "i-9"
		wantCode(t, shell.Run(t.Context()), outcome.Failed, "i-9 is not a node", "i-1 (Pending)")
		shell.Node = "i-1"
		shown := ""
		shell.Show = func(node nodes.Node, command []string) error {
			shown = node.ID + " " + command[len(command)-1]
			return nil
		}
		if err := shell.Run(t.Context()); err != nil || shown != "i-1 i-1" || executed != nil {
			t.Errorf("shown %q, executed %q (%v)", shown, executed, err)
		}
	})
}

func TestLogsShowEachLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := fleet(t, true)
		var lines, done []string
		l := &deploy.Logs{
			Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, API: machines{time.Now()}, Since: time.Hour,
			Line: func(l nodes.Line) { lines = append(lines, l.Text) }, Done: func(text string) { done = append(done, text) },
		}
		if err := l.Run(t.Context()); err != nil || !slices.Equal(lines, []string{"hello"}) || done != nil {
			t.Errorf("%q, %q (%v)", lines, done, err)
		}
		l.API, lines = machines{}, nil
		if err := l.Run(t.Context()); err != nil || lines != nil || !slices.Equal(done, []string{"the nodes logged nothing in the last 1h0m0s"}) {
			t.Errorf("%q, %q (%v)", lines, done, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		l.API, l.Follow = machines{time.Now()}, true
		if err := l.Run(ctx); !errors.Is(err, context.DeadlineExceeded) || !slices.Equal(lines, []string{"hello"}) {
			t.Errorf("%q (%v)", lines, err)
		}
	})
}

func TestLogsOfASiteWithoutNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := fleet(t, false)
		l := &deploy.Logs{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}
		wantCode(t, l.Run(t.Context()), outcome.Failed, "no stack of memory has both nodes and a log group")
	})
}
