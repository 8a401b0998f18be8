package nodes

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/charmbracelet/x/ansi"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/printable"
)

// Activities is what is asked of EC2 Auto Scaling about machines that may be gone by now.
type Activities interface {
	DescribeScalingActivities(
		context.Context, *autoscaling.DescribeScalingActivitiesInput, ...func(*autoscaling.Options),
	) (*autoscaling.DescribeScalingActivitiesOutput, error)
}

// Witness tells what machines of a group said last.
type Witness struct {
	Activities Activities
	Console    func(ctx context.Context, instance string) (string, error)
}

// How much is shown: all machines boot alike, and the error is at the end.
const (
	witnesses = 2
	lastLines = 15
)

var launched = regexp.MustCompile(`\bi-[0-9a-f]{8,17}\b`)

// LastWords gives what the newest machines of a group wrote last to their consoles, and where Auto Scaling itself could
// not launch one, why. The group may be gone: a creation that failed takes it along.
func (w Witness) LastWords(ctx context.Context, group string) ([]events.Detail, error) {
	out, err := w.Activities.DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{
		AutoScalingGroupName: &group, IncludeDeletedGroups: aws.Bool(true), MaxRecords: aws.Int32(50),
	})
	if err != nil {
		return nil, fmt.Errorf("list the machines that %s launched: %w", group, err)
	}
	var all []events.Detail
	var seen []string
	for _, a := range out.Activities { // the newest first
		if a.StatusCode == "Failed" && len(all) == 0 {
			all = append(
				all, events.Detail{Kind: events.ScalingActivity, Name: group, Reason: aws.ToString(a.StatusMessage)},
			)
		}
		id := launched.FindString(aws.ToString(a.Description))
		if id == "" || !strings.HasPrefix(aws.ToString(a.Description), "Launching") || len(seen) == witnesses ||
			slices.Contains(seen, id) {
			continue
		}
		seen = append(seen, id)
		text, err := w.Console(ctx, id)
		if err != nil {
			return all, err
		}
		all = append(all, events.Detail{Kind: events.ConsoleOutput, Name: id, Reason: tail(text)})
	}
	return all, nil
}

// tail returns the end of what a machine wrote, indented below its heading.
func tail(text string) string {
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r", ""), "\n "), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return "wrote nothing to its console"
	}
	lines = lines[max(0, len(lines)-lastLines):]
	for i, line := range lines {
		lines[i] = "\n    " + printable.Line(ansi.Strip(line))
	}
	return "wrote last to its console:" + strings.Join(lines, "")
}
