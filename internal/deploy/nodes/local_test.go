package nodes_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/localawstest"
)

func TestLogsOnTheLocalAWS(t *testing.T) {
	cfg := localawstest.New(t).Config()
	api, now := cloudwatchlogs.NewFromConfig(cfg), time.Now()
	if _, err := api.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("node")}); err != nil {
		t.Fatal(err)
	}
	for stream, texts := range map[string][]string{"i-1/php": {"first", "third"}, "i-2/php": {"too-old", "second"}} {
		if _, err := api.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("node"), LogStreamName: &stream}); err != nil {
			t.Fatal(err)
		}
		var all []types.InputLogEvent
		for _, text := range texts {
			age := map[string]time.Duration{"too-old": time.Hour, "first": 3 * time.Minute, "second": 2 * time.Minute, "third": time.Minute}[text]
			all = append(all, types.InputLogEvent{Message: aws.String(text), Timestamp: aws.Int64(now.Add(-age).UnixMilli())})
		}
		if _, err := api.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String("node"), LogStreamName: &stream, LogEvents: all}); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := nodes.Fleet{Logs: []string{"node"}}.Read(t.Context(), api, now.Add(-30*time.Minute))
	if err != nil || texts(lines) != "first second third" || lines[1].Stream != "i-2/php" {
		t.Errorf("%+v, %v", lines, err)
	}
}
