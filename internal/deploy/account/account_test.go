package account_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

func TestCallers(t *testing.T) {
	for arn, want := range map[string][3]string{
		"arn:aws:sts::123456789012:assumed-role/Admin/jane": {"Admin/jane", "aws", "amazonaws.com"},
		"arn:aws:iam::123456789012:user/jane":               {"jane", "aws", "amazonaws.com"},
		"arn:aws:iam::123456789012:root":                    {"root", "aws", "amazonaws.com"},
		"arn:aws-cn:iam::123456789012:user/jane":            {"jane", "aws-cn", "amazonaws.com.cn"},
	} {
		c := account.Caller{Account: "123456789012", ARN: arn}
		if got := [3]string{c.Name(), c.Partition(), c.URLSuffix()}; got != want {
			t.Errorf("%s is %v, want %v", arn, got, want)
		}
	}
}

// who answers for STS.
type who struct{ err error }

func (w who) GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{Account: aws.String("123456789012"), Arn: aws.String("arn:aws:iam::123456789012:user/jane")}, w.err
}

func TestIdentify(t *testing.T) {
	for _, test := range []struct {
		wanted string
		err    error
		code   outcome.Code
	}{
		{"", nil, outcome.Done}, {"123456789012", nil, outcome.Done}, {"999999999999", nil, outcome.Refused}, {"", errors.New("expired"), outcome.Failed},
	} {
		_, err := account.Identify(t.Context(), who{test.err}, &manifest.Manifest{Account: test.wanted})
		if outcome.CodeOf(err) != test.code || err != nil && outcome.AdviceOf(err) == "" {
			t.Errorf("account %q: %v (%s)", test.wanted, err, outcome.AdviceOf(err))
		}
	}
}

// A region in the environment is what the person believes; one in a profile is only a default.
func TestTheRegionIsTheManifests(t *testing.T) {
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_CA_BUNDLE", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	m := &manifest.Manifest{Site: "moodle", Region: "eu-central-1", Source: "environments/dev.yaml"}
	for set, code := range map[string]outcome.Code{"": outcome.Done, "eu-central-1": outcome.Done, "us-east-1": outcome.Refused} {
		t.Setenv("AWS_REGION", set)
		cfg, err := account.Config(t.Context(), m)
		if outcome.CodeOf(err) != code || err == nil && cfg.Region != "eu-central-1" {
			t.Errorf("AWS_REGION=%q: %s, %v", set, cfg.Region, err)
		}
	}
}
