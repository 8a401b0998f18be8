package history_test

import (
	"testing"
	"time"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/history"
)

// buckets is an operation in which buckets of a nested stack take some seconds each, beside a failure and what it takes back.
func buckets(took ...float64) []events.Event {
	s, in := &script{}, []string{"Data"}
	s.say(0, nil, "", "", "CREATE_IN_PROGRESS", "User Initiated")
	s.say(0, nil, "Data", events.StackType, "CREATE_IN_PROGRESS", "")
	for i, seconds := range took {
		id := string(rune('A' + i))
		s.say(0, in, id, "AWS::S3::Bucket", "CREATE_IN_PROGRESS", "")
		s.say(seconds, in, id, "AWS::S3::Bucket", "CREATE_COMPLETE", "")
	}
	s.say(0, in, "Bad", "AWS::S3::Bucket", "CREATE_IN_PROGRESS", "")
	s.say(900, in, "Bad", "AWS::S3::Bucket", "CREATE_FAILED", "taken")
	s.say(901, nil, "Data", events.StackType, "CREATE_FAILED", "taken")
	s.say(902, nil, "", "", "ROLLBACK_IN_PROGRESS", "")
	s.say(903, in, "A", "AWS::S3::Bucket", "DELETE_IN_PROGRESS", "")
	s.say(999, in, "A", "AWS::S3::Bucket", "DELETE_COMPLETE", "")
	return s.all
}

func TestTypicalIsTheMedianOfWhatWasDone(t *testing.T) {
	d := history.Typical(buckets(1, 5), buckets(3, 700), buckets(4))
	for _, c := range []struct {
		kind   string
		verb   status.Phase
		want   time.Duration
		source history.Source
	}{
		{"AWS::S3::Bucket", "CREATE", 4 * time.Second, history.Measured},
		{"AWS::S3::Bucket", "DELETE", 0, history.Unknown}, // only ever taken back
		{events.StackType, "CREATE", 0, history.Unknown},
		{"Custom::Thing", "CREATE", 0, history.Unknown},
	} {
		if got, source := d.Of(c.kind, c.verb); got != c.want || source != c.source {
			t.Errorf("%s %s takes %v (%q), want %v (%q)", c.kind, c.verb, got, source, c.want, c.source)
		}
	}
	if got, _ := history.Typical(buckets(2, 4)).Typical("AWS::S3::Bucket", "CREATE"); got != 3*time.Second {
		t.Errorf("of two: %v, want their mean", got)
	}
}

// Figures of others stand in until there are own ones.
func TestRoughFiguresStandIn(t *testing.T) {
	rough, source := history.Durations{}.Of("AWS::RDS::DBCluster", "CREATE")
	if source != history.Rough || rough < 30*time.Second || rough > time.Hour {
		t.Errorf("a database cluster takes %v (%q)", rough, source)
	}
	s := &script{}
	s.say(0, nil, "Database", "AWS::RDS::DBCluster", "CREATE_IN_PROGRESS", "")
	s.say(7, nil, "Database", "AWS::RDS::DBCluster", "CREATE_COMPLETE", "")
	if got, source := history.Typical(s.all).Of("AWS::RDS::DBCluster", "CREATE"); source != history.Measured || got != 7*time.Second {
		t.Errorf("measured: %v (%q)", got, source)
	}
}
