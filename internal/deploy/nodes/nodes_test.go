package nodes_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	groups "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/deploy/outcome"
)

// tree is CloudFormation with three stacks: nodes run in one, and two write logs.
type tree struct{}

func (tree) Resources(_ context.Context, stack string) ([]cfn.Resource, error) {
	r := func(kind, id string) cfn.Resource {
		return cfn.Resource{LogicalID: id, PhysicalID: id, Type: kind, Status: "CREATE_COMPLETE"}
	}
	switch stack {
	case "root":
		return []cfn.Resource{r("AWS::CloudFormation::Stack", "network"), r("AWS::CloudFormation::Stack", "app")}, nil
	case "network":
		return []cfn.Resource{r("AWS::Logs::LogGroup", "flow")}, nil
	}
	return []cfn.Resource{r("AWS::AutoScaling::AutoScalingGroup", "group"), r("AWS::Logs::LogGroup", "node")}, nil
}

func TestNodesAndTheirLogsAreFoundInTheTree(t *testing.T) {
	got, err := nodes.Find(t.Context(), tree{}, "root")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(nodes.Fleet{Groups: []string{"group"}, Logs: []string{"node"}}, got); d != "" {
		t.Error(d)
	}
}

// scaling has two pages of one instance each, the second in service.
type scaling struct{}

func (scaling) DescribeAutoScalingGroups(_ context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	id, state, next := "i-1", groups.LifecycleStatePending, aws.String("2")
	if in.NextToken != nil {
		id, state, next = "i-2", groups.LifecycleStateInService, nil
	}
	return &autoscaling.DescribeAutoScalingGroupsOutput{NextToken: next, AutoScalingGroups: []groups.AutoScalingGroup{
		{Instances: []groups.Instance{{InstanceId: &id, LifecycleState: state, AvailabilityZone: aws.String("a"), HealthStatus: aws.String("Healthy")}}},
	}}, nil
}

func TestTheShellGoesToANodeInService(t *testing.T) {
	all, err := nodes.Fleet{Groups: []string{"group"}}.Nodes(t.Context(), scaling{})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"": "i-2", "i-1": "i-1"} {
		got, err := nodes.Choose(all, id)
		if err != nil || got.ID != want {
			t.Errorf("%q: %v, %v", id, got, err)
		}
	}
	if _, err := nodes.Choose(all, "i-9"); outcome.AdviceOf(err) != "there are: i-2 (InService), i-1 (Pending)" {
		t.Error(err, outcome.AdviceOf(err))
	}
	if _, err := nodes.Choose(nil, ""); err == nil {
		t.Error("no node, no error")
	}
	if got := strings.Join(nodes.Session(all[0], "eu-central-1"), " "); got != "aws ssm start-session --region eu-central-1 --target i-2" {
		t.Error(got)
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	err := nodes.Missing(func(program string) (string, error) {
		if program == "aws" {
			return "/bin/aws", nil
		}
		return "", errors.New("no")
	})
	if err == nil || !strings.Contains(err.Error(), "session-manager-plugin") || !strings.Contains(outcome.AdviceOf(err), "--print") {
		t.Error(err)
	}
}

// book is CloudWatch Logs: lines that can be read from a time on, one a page.
type book struct {
	began time.Time
	lines []entry
}

type entry struct {
	written, readable time.Duration
	stream, text      string
}

func (b book) FilterLogEvents(_ context.Context, in *cloudwatchlogs.FilterLogEventsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	out := &cloudwatchlogs.FilterLogEventsOutput{}
	skip := len(aws.ToString(in.NextToken))
	for _, l := range b.lines {
		at := b.began.Add(l.written).UnixMilli()
		if time.Since(b.began) < l.readable || at < *in.StartTime {
			continue
		}
		if skip--; skip >= 0 {
			continue
		}
		if len(out.Events) == 1 {
			out.NextToken = aws.String(aws.ToString(in.NextToken) + "n")
			break
		}
		out.Events = append(out.Events, types.FilteredLogEvent{EventId: aws.String(l.text), Timestamp: &at, LogStreamName: &l.stream, Message: &l.text})
	}
	return out, nil
}

func TestLogsAreMergedByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := book{time.Now(), []entry{{3 * time.Second, 0, "i-2", "third"}, {4 * time.Second, 0, "i-2", "fourth"}, {2 * time.Second, 0, "i-1", "second"}, {0, 0, "i-1", "first"}}}
		lines, err := nodes.Fleet{Logs: []string{"node"}}.Read(t.Context(), b, b.began)
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(lines); got != "first second third fourth" {
			t.Error(got)
		}
	})
}

// A line that shows up late is told, and none is told twice.
func TestFollowing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := book{time.Now(), []entry{
			{0, 0, "i-1", "a"}, {10 * time.Second, 11 * time.Second, "i-1", "b"}, {11 * time.Second, 30 * time.Second, "i-2", "late"}, {time.Minute, time.Minute, "i-1", "c"},
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		var got []nodes.Line
		err := nodes.Fleet{Logs: []string{"node"}}.Follow(ctx, b, b.began, func(l nodes.Line) { got = append(got, l) })
		if !errors.Is(err, context.DeadlineExceeded) || texts(got) != "a b late c" {
			t.Errorf("%q, %v", texts(got), err)
		}
	})
}

func texts(lines []nodes.Line) string {
	var all []string
	for _, l := range lines {
		all = append(all, l.Text)
	}
	return strings.Join(all, " ")
}
