package nodes_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	groups "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"distributed-moodle/internal/deploy/nodes"
)

// activities are those of a group that is gone: three launches, the newest first, and one that failed.
type activities struct {
	asked *autoscaling.DescribeScalingActivitiesInput
}

func (a *activities) DescribeScalingActivities(_ context.Context, in *autoscaling.DescribeScalingActivitiesInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeScalingActivitiesOutput, error) {
	a.asked = in
	activity := func(description string, status groups.ScalingActivityStatusCode, message string) groups.Activity {
		return groups.Activity{Description: &description, StatusCode: status, StatusMessage: &message}
	}
	return &autoscaling.DescribeScalingActivitiesOutput{Activities: []groups.Activity{
		activity("Terminating EC2 instance: i-00000000000000001", "Successful", ""),
		activity("Launching a new EC2 instance.  Status Reason: no capacity", "Failed", "We currently do not have sufficient t4g.large capacity"),
		activity("Launching a new EC2 instance: i-00000000000000003", "Successful", ""),
		activity("Launching a new EC2 instance: i-00000000000000002", "Successful", ""),
		activity("Launching a new EC2 instance: i-00000000000000001", "Successful", ""),
	}}, nil
}

func TestLastWordsOfTheNewestMachines(t *testing.T) {
	api := &activities{}
	words, err := nodes.Witness{Activities: api, Console: func(_ context.Context, id string) (string, error) {
		if id == "i-00000000000000002" {
			return "", nil
		}
		var text strings.Builder
		for i := range 40 {
			fmt.Fprintf(&text, "\x1b[1;32mline %d\x1b[0m\r\n", i)
		}
		return text.String() + "cloud-init: database refused\x07\r\n", nil
	}}.LastWords(t.Context(), "group")
	if err != nil || len(words) != 3 || !aws.ToBool(api.asked.IncludeDeletedGroups) {
		t.Fatalf("%d words, %v", len(words), err)
	}
	if words[0].Kind != "SCALING_ACTIVITY" || !strings.Contains(words[0].Reason, "sufficient t4g.large capacity") {
		t.Errorf("why none was launched: %+v", words[0])
	}
	said := words[1].Reason
	if words[1].Name != "i-00000000000000003" || strings.Count(said, "\n") != 15 || !strings.HasSuffix(said, "\n    line 39\n    cloud-init: database refused\\u0007") || strings.ContainsAny(said, "\x1b\r\x07") {
		t.Errorf("%s %q", words[1].Name, said)
	}
	if words[2].Name != "i-00000000000000002" || words[2].Reason != "wrote nothing to its console" {
		t.Errorf("%+v", words[2])
	}
}

func TestAConsoleThatCannotBeReadKeepsTheRest(t *testing.T) {
	words, err := nodes.Witness{Activities: &activities{}, Console: func(context.Context, string) (string, error) {
		return "", errors.New("not authorized")
	}}.LastWords(t.Context(), "group")
	if err == nil || len(words) != 1 {
		t.Errorf("%v, %v", words, err)
	}
}

func TestTheConsoleIsAskedAsEC2Wants(t *testing.T) {
	fails := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		if r.Form.Get("Action") != "GetConsoleOutput" || r.Form.Get("InstanceId") != "i-1" || r.Form.Get("Latest") != "true" || !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/ec2/aws4_request") {
			t.Errorf("asked %v, %s", r.Form, r.Header.Get("Authorization"))
		}
		if fails {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors></Response>`)
			return
		}
		fmt.Fprintf(w, `<GetConsoleOutputResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><instanceId>i-1</instanceId><output>%s</output></GetConsoleOutputResponse>`, base64.StdEncoding.EncodeToString([]byte("booted\n")))
	}))
	defer server.Close()
	console := nodes.Console{Config: aws.Config{Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}}
	if text, err := console.Output(t.Context(), "i-1"); err != nil || text != "booted\n" {
		t.Errorf("%q, %v", text, err)
	}
	fails = true
	if _, err := console.Output(t.Context(), "i-1"); err == nil || !strings.Contains(err.Error(), "You are not authorized") {
		t.Error(err)
	}
}
