package account

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"distributed-moodle/internal/outcome"
)

// over are the codes with which services refuse credentials whose time is over, or that somebody has taken away.
var over = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"}

// sayExpired adds to the errors of every client what to do when credentials have run out: that happens in the middle of a long
// deployment, at any call, and nothing else helps before.
func sayExpired(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("SayExpired", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		out middleware.InitializeOutput, metadata middleware.Metadata, err error,
	) {
		out, metadata, err = next.HandleInitialize(ctx, in)
		if err != nil && expired(err) {
			err = &outcome.Error{Code: outcome.Failed, Err: err, First: "these credentials are not valid any more: sign in again (aws sso login), or choose another profile with AWS_PROFILE"}
		}
		return out, metadata, err
	}), middleware.Before)
}

func expired(err error) bool {
	api, answered := errors.AsType[smithy.APIError](err)
	return answered && slices.Contains(over, api.ErrorCode()) || strings.Contains(err.Error(), "failed to refresh cached credentials")
}
