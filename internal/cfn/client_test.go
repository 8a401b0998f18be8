package cfn_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
)

// replies is an HTTP client that answers by itself, one reply after another; the last one for ever.
type replies struct {
	list []reply
	seen []url.Values // the forms that were sent
}

type reply struct {
	status int
	body   string
	err    error
}

func (r *replies) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	r.seen = append(r.seen, form)
	next := r.list[min(len(r.seen), len(r.list))-1]
	if next.err != nil {
		return nil, next.err
	}
	return &http.Response{
		StatusCode: next.status, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(next.body)), Request: request,
	}, nil
}

func client(list ...reply) (*cfn.Client, *replies) {
	r := &replies{list: list}
	return cfn.New(aws.Config{
		Region: "eu-central-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: r,
		RetryMode: aws.RetryModeStandard, RetryMaxAttempts: 8,
	}), r
}

func refusal(status int, code, message string) reply {
	return reply{status: status, body: fmt.Sprintf("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", code, message)}
}

func answer(action, result string) reply {
	return reply{status: 200, body: fmt.Sprintf("<%sResponse><%sResult>%s</%sResult></%sResponse>", action, action, result, action, action)}
}

var (
	throttle = refusal(400, "Throttling", "Rate exceeded")
	noStack  = refusal(400, "ValidationError", "Stack with id site does not exist")
	denied   = refusal(403, "AccessDenied", "User is not authorized")
)

// Who watches has a budget of calls, which the SDK must not spend.
func TestEventsAreAskedForOnce(t *testing.T) {
	for name, test := range map[string]struct {
		reply reply
		later bool
	}{
		"throttle":             {throttle, true},
		"fault of the service": {refusal(503, "ServiceUnavailable", "try again"), true},
		"connection lost":      {reply{err: &url.Error{Op: "Post", URL: "x", Err: io.ErrUnexpectedEOF}}, true},
		"not there yet":        {noStack, true},
		"no permission":        {denied, false},
		"expired":              {refusal(403, "ExpiredToken", "The security token included in the request is expired"), false},
	} {
		t.Run(name, func(t *testing.T) {
			client, r := client(test.reply)
			_, _, err := client.Events(t.Context(), "site", "")
			if err == nil || errors.Is(err, events.ErrLater) != test.later {
				t.Errorf("later is %v, want %v: %v", !test.later, test.later, err)
			}
			if len(r.seen) != 1 {
				t.Errorf("asked %d times", len(r.seen))
			}
		})
	}
}

// A throttle is never a failure: it only takes longer.
func TestOtherCallsAreTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, r := client(throttle, throttle, throttle, throttle, answer("DescribeStacks",
			"<Stacks><member><StackId>arn:site</StackId><StackName>site</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2027-01-01T00:00:00Z</CreationTime></member></Stacks>"))
		stack, err := client.Stack(t.Context(), "site")
		if err != nil || stack.ID != "arn:site" || len(r.seen) != 5 {
			t.Errorf("%d calls, %+v, %v", len(r.seen), stack, err)
		}
		if want := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); !stack.Updated.Equal(want) {
			t.Errorf("updated %v", stack.Updated)
		}
	})
}

// Both ways in which CloudFormation says that there is no such stack are texts of a ValidationError, like any other's.
func TestNotFound(t *testing.T) {
	for message, want := range map[string]bool{
		"Stack with id site does not exist": true, "Stack [site] does not exist": true, "Template format error": false,
	} {
		client, _ := client(refusal(400, "ValidationError", message))
		if _, err := client.Stack(t.Context(), "site"); cfn.IsNotFound(err) != want {
			t.Errorf("%q: not found is %v", message, !want)
		}
	}
	gone, _ := client(refusal(404, "ChangeSetNotFound", "ChangeSet [x] does not exist"))
	if _, err := gone.ChangeSet(t.Context(), "x", false); !cfn.IsNotFound(err) {
		t.Errorf("got %v", err)
	}
	nobody, _ := client(refusal(400, "ValidationError", "Export 'x' is not imported by any stack."))
	if by, err := nobody.Importers(t.Context(), "x"); err != nil || by != nil {
		t.Errorf("got %v, %v", by, err)
	}
}

func TestChangeSetIsReadToItsLastPage(t *testing.T) {
	page := func(id, next string) reply {
		return answer("DescribeChangeSet", "<Status>CREATE_COMPLETE</Status><Changes><member><Type>Resource</Type><ResourceChange><Action>Add</Action><LogicalResourceId>"+
			id+"</LogicalResourceId></ResourceChange></member></Changes>"+next)
	}
	client, r := client(page("A", "<NextToken>2</NextToken>"), page("B", "<NextToken>3</NextToken>"), page("C", ""))
	whole, err := client.ChangeSet(t.Context(), "x", true)
	if err != nil || len(whole.Changes) != 3 {
		t.Fatalf("%d changes, %v", len(whole.Changes), err)
	}
	if r.seen[2].Get("NextToken") != "3" || r.seen[0].Get("IncludePropertyValues") != "true" {
		t.Errorf("sent %v", r.seen)
	}
}

func TestAChangeSetAsksForNothingButWhatItNeeds(t *testing.T) {
	client, r := client(answer("CreateChangeSet", "<Id>arn:cs</Id><StackId>arn:site</StackId>"))
	id, stack, err := client.CreateChangeSet(t.Context(), cfn.ChangeSetRequest{Stack: "site", Create: true, Name: "n", Body: "Resources: {}", Tags: map[string]string{"b": "2", "a": "1"}, Token: "tok"})
	if err != nil || id != "arn:cs" || stack != "arn:site" {
		t.Fatal(id, stack, err)
	}
	form := r.seen[0]
	for key, want := range map[string]string{
		"ChangeSetType": "CREATE", "IncludeNestedStacks": "true", "Capabilities.member.1": "CAPABILITY_IAM", "Capabilities.member.2": "",
		"Tags.member.1.Key": "a", "Tags.member.2.Value": "2", "ClientToken": "tok", "TemplateURL": "", "Parameters.member.1.ParameterKey": "",
	} {
		if got := form.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

func TestRejected(t *testing.T) {
	for name, test := range map[string]struct {
		reply reply
		want  bool
	}{
		"refused": {refusal(400, "InvalidChangeSetStatus", "cannot be executed in its current status of [OBSOLETE]"), true}, "denied": {denied, true},
		"throttled": {throttle, false}, "lost": {reply{err: io.ErrUnexpectedEOF}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			client, _ := client(test.reply)
			if err := client.Execute(t.Context(), "x", "t"); cfn.Rejected(err) != test.want {
				t.Errorf("%s: rejected is %v: %v", name, !test.want, err)
			}
		})
	}
}
