package account

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"distributed-moodle/internal/deploy/outcome"
)

// over are the codes with which services refuse credentials whose time is over, or that somebody has taken away.
var over = []string{
	"ExpiredToken",
	"ExpiredTokenException",
	"RequestExpired",
	"InvalidClientTokenId",
	"UnrecognizedClientException",
	"InvalidAccessKeyId",
}

// wordErrors has every client say in its errors what AWS said and nothing around it, and what to do when credentials
// have run out: that happens in the middle of a long deployment, at any call, and nothing else helps before.
func wordErrors(stack *middleware.Stack) error {
	return stack.Initialize.Add(
		middleware.InitializeMiddlewareFunc(
			"WordErrors",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
				out middleware.InitializeOutput, metadata middleware.Metadata, err error,
			) {
				out, metadata, err = next.HandleInitialize(ctx, in)
				if err == nil {
					return out, metadata, nil
				}
				if first := firstOf(err); first != "" {
					return out, metadata, &outcome.Error{Code: outcome.Failed, Err: worded{err}, First: first}
				}
				return out, metadata, worded{err}
			},
		),
		middleware.Before,
	)
}

// firstOf is what has to be done before any call can succeed: "" if that is nothing that credentials or the network
// decide.
func firstOf(err error) string {
	switch _, unreachable := errors.AsType[*net.OpError](err); {
	case strings.Contains(err.Error(), "no EC2 IMDS role found"):
		return "there are no credentials: sign in (aws sso login), choose a profile with AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
	case expired(err):
		return "these credentials are no longer valid: sign in again (aws sso login), or choose another profile with AWS_PROFILE"
	case unreachable && os.Getenv("AWS_ENDPOINT_URL") != "":
		return "nothing answers at " + os.Getenv("AWS_ENDPOINT_URL") + ", which AWS_ENDPOINT_URL names: unset it for AWS itself"
	case unreachable:
		return "AWS can't be reached: check the network, and HTTPS_PROXY if there is a proxy"
	}
	return ""
}

func expired(err error) bool {
	api, answered := errors.AsType[smithy.APIError](err)
	return answered && slices.Contains(over, api.ErrorCode()) ||
		strings.Contains(err.Error(), "failed to refresh cached credentials")
}

// worded is an error of an AWS client in AWS's own words: its code and message, without the SDK's report of the HTTP
// answer.
type worded struct{ error }

func (w worded) Unwrap() error { return w.error }

func (w worded) Error() string {
	api, answered := errors.AsType[smithy.APIError](w.error)
	if !answered || api.ErrorMessage() == "" || api.ErrorCode() == "UnknownError" {
		return w.error.Error()
	}
	text := api.ErrorCode() + ": " + api.ErrorMessage()
	if again, ok := errors.AsType[*retry.MaxAttemptsError](w.error); ok {
		text = fmt.Sprintf("%s (tried %d times)", text, again.Attempt)
	}
	return text
}
