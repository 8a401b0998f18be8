// Package account is whose AWS account a command works in: the credentials that every SDK program finds (profiles, SSO,
// roles, AWS_ENDPOINT_URL), the region that the manifest names, and the proof that both are the ones that were meant.
package account

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// attempts is how often the SDK's standard retry mode tries one call before it gives up: 8 instead of 3, since a
// deployment that dies of a throttle or of a hiccup of the network has done nothing wrong.
const attempts = 8

// Retryer is the SDK's standard one with more patience, which also tries again when an answer broke off in its middle:
// the SDK itself takes that for an error of the service. Whatever is not to be done twice is sent with a token.
func Retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		// OperationAborted is S3's: two requests set up one bucket at the same time.
		o.Retryables = append(
			o.Retryables,
			retry.RetryableErrorCode{Codes: map[string]struct{}{"OperationAborted": {}}},
			retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
				if errors.Is(err, io.ErrUnexpectedEOF) {
					return aws.TrueTernary
				}
				return aws.UnknownTernary
			}),
		)
	})
}

// Caller is who runs the command, as AWS sees it.
type Caller struct {
	Account  string // 12 digits
	ARN      string // of the user or of the role's session
	Endpoint string // what was asked instead of AWS (AWS_ENDPOINT_URL), such as a local double; "" for AWS
}

// Partition is aws, aws-cn or aws-us-gov.
func (c Caller) Partition() string {
	if parts := strings.SplitN(c.ARN, ":", 3); len(parts) == 3 && parts[1] != "" {
		return parts[1]
	}
	return "aws"
}

// URLSuffix is the domain of the partition's services: AWS::URLSuffix of a template.
func (c Caller) URLSuffix() string {
	if c.Partition() == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// Config is the SDK's configuration for a site. A region in the environment that is not the manifest's is an error: the
// person believes to be somewhere else than where the site is. The region of a profile is no such belief and is passed
// over. Options are for tests, which have an HTTP client of their own.
func Config(ctx context.Context, m *manifest.Manifest, options ...func(*config.LoadOptions) error) (aws.Config, error) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if set := os.Getenv(name); set != "" && set != m.Region {
			return aws.Config{}, outcome.Errorf(outcome.Refused, "%s is %s, but %s is in %s", name, set, m.Site, m.Region).
				Advise("unset %s, or set it to %s, the site's region", name, m.Region)
		}
	}
	options = append(
		options,
		config.WithRegion(m.Region),
		config.WithRetryer(Retryer),
		config.WithAppID("deploy"),
		config.WithLogger(
			logging.Nop{},
		),
	) // the SDK's own warnings are of its connections, and nothing that a person can act on
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, outcome.Errorf(outcome.Failed, "read the AWS configuration: %w", err).
			Advise("check AWS_PROFILE and ~/.aws/config")
	}
	cfg.APIOptions = append(cfg.APIOptions, wordErrors)
	cfg.HTTPClient = PlainBodies(cfg.HTTPClient)
	return cfg, nil
}

// STS is what [Identify] calls.
type STS interface {
	GetCallerIdentity(
		context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options),
	) (*sts.GetCallerIdentityOutput, error)
}

// Identify asks AWS who is calling, and refuses when the manifest names another account.
func Identify(ctx context.Context, api STS, m *manifest.Manifest) (Caller, error) {
	out, err := api.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		failed := outcome.Errorf(outcome.Failed, "ask AWS whose credentials these are: %w", err)
		if outcome.AdviceOf(err) == "" {
			failed = failed.Advise("sign in (aws sso login), or choose another profile with AWS_PROFILE")
		}
		return Caller{}, failed
	}
	caller := Caller{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn)}
	if m.Account != "" && m.Account != caller.Account {
		return Caller{}, outcome.Errorf(outcome.Refused, "these credentials are for account %s, but %s is in account %s", caller.Account, m.Site, m.Account).
			Advise("choose a profile for account %s with AWS_PROFILE", m.Account)
	}
	return caller, nil
}

// Name is who the caller is, short enough for a line: a user's name, a role with the name of its session, or root.
func (c Caller) Name() string {
	parts := strings.SplitN(c.ARN, ":", 6)
	resource := parts[len(parts)-1]
	if _, name, ok := strings.Cut(resource, "/"); ok {
		return name
	}
	return resource
}
