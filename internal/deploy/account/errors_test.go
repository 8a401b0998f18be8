package account_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// answer is what AWS answers to everything.
type answer struct {
	status int
	body   string
}

func (a answer) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

func TestErrorsSayWhatAWSSays(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "")
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	for body, want := range map[string][2]string{
		`<ErrorResponse><Error><Code>AccessDenied</Code><Message>You may not.</Message></Error></ErrorResponse>`:          {"operation error STS: GetCallerIdentity, AccessDenied: You may not.", ""},
		`<ErrorResponse><Error><Code>ExpiredToken</Code><Message>The token is expired.</Message></Error></ErrorResponse>`: {"operation error STS: GetCallerIdentity, ExpiredToken: The token is expired.", "sign in again"},
		`not XML at all`: {"operation error STS: GetCallerIdentity, https response error StatusCode: 403", ""},
	} {
		cfg, err := account.Config(t.Context(), &manifest.Manifest{Region: "eu-central-1"}, config.WithHTTPClient(answer{http.StatusForbidden, body}),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("a", "b", "")), config.WithSharedConfigFiles([]string{}))
		if err != nil {
			t.Fatal(err)
		}
		_, err = sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		if err == nil || !strings.HasPrefix(err.Error(), want[0]) || (outcome.AdviceOf(err) == "") != (want[1] == "") || !strings.Contains(outcome.AdviceOf(err), want[1]) {
			t.Errorf("%v (%s), want %v", err, outcome.AdviceOf(err), want)
		}
	}
}

// Who has no credentials signs in; who reaches nobody looks at the network.
func TestWhatHasToBeDoneFirst(t *testing.T) {
	for _, name := range []string{"AWS_CA_BUNDLE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	known := config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("a", "b", ""))
	once := config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} })
	nobody := config.WithBaseEndpoint("http://127.0.0.1:1")
	for name, c := range map[string]struct {
		endpoint string
		options  []func(*config.LoadOptions) error
		want     string
	}{
		"no credentials":   {"", []func(*config.LoadOptions) error{once, nobody}, "there are no credentials"},
		"no network":       {"", []func(*config.LoadOptions) error{once, nobody, known}, "AWS can't be reached"},
		"a double is gone": {"http://127.0.0.1:1", []func(*config.LoadOptions) error{once, nobody, known}, "nothing answers at http://127.0.0.1:1, which AWS_ENDPOINT_URL names"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_ENDPOINT_URL", c.endpoint)
			cfg, err := account.Config(t.Context(), &manifest.Manifest{Region: "eu-central-1"}, append(c.options, config.WithSharedConfigFiles([]string{}), config.WithSharedCredentialsFiles([]string{}))...)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
			_, err = account.Identify(t.Context(), sts.NewFromConfig(cfg), &manifest.Manifest{})
			if err == nil || !strings.Contains(outcome.AdviceOf(err), c.want) {
				t.Errorf("%v (%s), want %s", err, outcome.AdviceOf(err), c.want)
			}
		})
	}
}
