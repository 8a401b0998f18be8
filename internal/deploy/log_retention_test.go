package deploy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

const logGroup = "/aws/rds/cluster/c/postgresql"

// logged is a site whose database has a log group of its own, kept for some days.
func logged(site string, days int) *localawstest.Folder {
	f := localawstest.Small(site)
	f.Application = &manifest.Application{Outputs: manifest.Outputs{LogGroup: "Log", LogDays: "Days"}}
	f.Stacks["Data"] += fmt.Sprintf("  Log: {Value: %s}\n  Days: {Value: '%d'}\n", logGroup, days)
	f.Root = "Outputs: {Log: {Value: !GetAtt Data.Outputs.Log}, Days: {Value: !GetAtt Data.Outputs.Days}}\nResources:\n"
	return f
}

// logCalls is a transport that does something before a call of CloudWatch Logs, or refuses it.
// Calls are made side by side, so they are looked up one after the other.
type logCalls map[string]func() error

var logCallsLock sync.Mutex

func (c logCalls) RoundTrip(r *http.Request) (*http.Response, error) {
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	logCallsLock.Lock()
	do := c[action]
	delete(c, action)
	logCallsLock.Unlock()
	if do == nil {
		return http.DefaultTransport.RoundTrip(r)
	}
	err := do()
	if err == nil {
		return http.DefaultTransport.RoundTrip(r)
	}
	body := fmt.Appendf(nil, `{"__type": "AccessDeniedException", "message": %q}`, err)
	return &http.Response{
		StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(bytes.NewReader(body)), Request: r,
	}, nil
}

// A service makes the log group, and keeps it for ever; the next up says for how long it is kept, and no up asks twice.
func TestUpKeepsTheLogGroupsOfServicesForTheirDays(t *testing.T) {
	account := localawstest.New(t)
	account.Use(t)
	logs := cloudwatchlogs.NewFromConfig(account.Config())
	create := func() error {
		_, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(logGroup)})
		return err
	}
	set := func(days int32) {
		_, err := logs.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(logGroup), RetentionInDays: &days})
		if err != nil {
			t.Fatal(err)
		}
	}
	remove := func() {
		if _, err := logs.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(logGroup)}); err != nil {
			t.Fatal(err)
		}
	}
	denied := errors.New("User is not authorized to perform: logs")
	deny := func() error { return denied }
	dir := t.TempDir()
	out := logged("logged", 14).Write(t, dir)
	for _, step := range []struct {
		name   string
		before func()
		calls  logCalls
		says   string // "" is silent
		kept   nodes.Kept
	}{
		{"first deployment", func() {}, nil, "keeping the log group " + logGroup + " for 14 days …", nodes.Kept{Exists: true, Days: 14}},
		{"no change", func() {}, nil, "", nodes.Kept{Exists: true, Days: 14}},
		{"other days", func() { set(30) }, nil, "keeping the log group " + logGroup + " for 14 days; it was kept for 30 days", nodes.Kept{Exists: true, Days: 14}},
		{"made by the service", func() {
			remove()
			if err := create(); err != nil {
				t.Fatal(err)
			}
		}, nil, "it was kept for ever", nodes.Kept{Exists: true, Days: 14}},
		{"not there", remove, nil, "for 14 days …", nodes.Kept{Exists: true, Days: 14}},
		{"made in between", remove, logCalls{"CreateLogGroup": create}, "for 14 days …", nodes.Kept{Exists: true, Days: 14}},
		{
			"may not look", func() { set(30) }, logCalls{"DescribeLogGroups": deny},
			"note: the log group " + logGroup + " may be kept for ever", nodes.Kept{Exists: true, Days: 30},
		},
		{
			"may not set", func() {}, logCalls{"PutRetentionPolicy": deny},
			"aws logs put-retention-policy --region eu-central-1 --log-group-name " + logGroup + " --retention-in-days 14", nodes.Kept{Exists: true, Days: 30},
		},
		{"may not make", remove, logCalls{"CreateLogGroup": deny}, "User is not authorized to perform: logs", nodes.Kept{}},
		{"a changed key", func() { logged("logged", 7).Write(t, dir) }, nil, "for 7 days …", nodes.Kept{Exists: true, Days: 7}},
	} {
		t.Run(step.name, func(t *testing.T) {
			step.before()
			r := &run{t: t, out: out, options: []func(*config.LoadOptions) error{config.WithHTTPClient(&http.Client{Transport: step.calls})}}
			text := r.mustUp()
			if silent := !strings.Contains(text, "log group"); silent != (step.says == "") || !strings.Contains(text, step.says) {
				t.Errorf("want %q in:\n%s", step.says, text)
			}
			if len(step.calls) > 0 {
				t.Errorf("it never came to %v", step.calls)
			}
			kept, err := nodes.Retention{API: logs}.Kept(t.Context(), logGroup)
			if err != nil || kept != step.kept {
				t.Errorf("it is kept %+v, %v", kept, err)
			}
		})
	}
	t.Run("destroy lists it", func(t *testing.T) {
		r := &run{t: t, out: out}
		if err := r.destroy(); err != nil {
			t.Fatal(err)
		}
		_, left, _ := strings.Cut(r.stderr.String(), "stays in the account")
		if strings.Count(left, logGroup) != 1 {
			t.Errorf("the log group is not listed once:\n%s", &r.stderr)
		}
	})
}

// A group whose name begins with the name of another one is not that one.
func TestALogGroupIsFoundByItsWholeName(t *testing.T) {
	logs := cloudwatchlogs.NewFromConfig(localawstest.New(t).Config())
	if _, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(logGroup + "-2")}); err != nil {
		t.Fatal(err)
	}
	if kept, err := (nodes.Retention{API: logs}).Kept(t.Context(), logGroup); err != nil || kept.Exists {
		t.Errorf("%+v, %v", kept, err)
	}
}
