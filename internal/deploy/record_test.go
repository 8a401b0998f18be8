package deploy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/localawstest"
)

// Why a gate was passed stands whole in the site's bucket, and as much of it as CloudFormation takes in the change set's description.
func TestTheReasonForPassingAGateIsKept(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		theirs := cloudformation.NewFromConfig(m.account.ConfigOf("colleague"))
		_, err := theirs.CreateChangeSet(m.t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: aws.String("memory"), ChangeSetName: aws.String("theirs"), TemplateBody: aws.String(localawstest.Parameter("Other", "x")),
		})
		if err != nil {
			m.t.Fatal(err)
		}
		for made := ""; made != "AVAILABLE"; { // each look takes its time
			d, err := theirs.DescribeChangeSet(m.t.Context(), &cloudformation.DescribeChangeSetInput{StackName: aws.String("memory"), ChangeSetName: aws.String("theirs")})
			if err != nil {
				m.t.Fatal(err)
			}
			made = string(d.ExecutionStatus)
		}
		reason := "they know: " + strings.Repeat("für die Prüfung ", 100)
		r := m.run("v2")
		r.accepted = accepted(m.t, "pending-change-set/theirs="+reason)
		if err := r.up(); err != nil {
			m.t.Fatalf("%v\n%s", err, &r.stderr)
		}
		written := m.accepted()
		if len(written.Accepted) != 1 || written.Accepted[0].Reason != strings.TrimSpace(reason) || written.By == "" || written.Site != "memory" {
			m.t.Errorf("the bucket has %+v", written)
		}
		executed, err := cfn.New(m.account.Config()).ChangeSet(m.t.Context(), written.ChangeSet, false)
		if err != nil {
			m.t.Fatal(err)
		}
		text := aws.ToString(executed.Description)
		if len(text) > 1024 || len(text) < 1020 || !utf8.ValidString(text) || !strings.Contains(text, "accepted pending-change-set/theirs: they know: für") {
			m.t.Errorf("%d bytes of description: %s", len(text), text)
		}
	})
}

// entry is what the bucket keeps of a deployment that passed gates.
type entry struct {
	Site, By, ChangeSet string
	Accepted            []struct{ Code, Subject, Reason string }
}

// accepted reads the one entry that there is.
func (m *memory) accepted() (e entry) {
	m.t.Helper()
	for _, c := range m.account.Calls("PutObject") {
		bucket, key, _ := strings.Cut(c.Target, "/")
		if !strings.HasPrefix(key, "accepted/") {
			continue
		}
		content, there := m.account.Object(bucket, key)
		if err := json.Unmarshal(content, &e); err != nil || !there {
			m.t.Fatalf("%s: %v", key, err)
		}
		return e
	}
	m.t.Fatal("nothing was written down")
	return e
}
