// Package cfn contains thin adapters over the SDK's CloudFormation client: they turn pages into lists, pointers into values, and errors
// that have only a text into distinct ones.
//
// There is no interface here. A package that uses a [Client] declares the few methods that it needs.
package cfn

import (
	"errors"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"
)

// Client is CloudFormation in one account and region.
type Client struct {
	api *cloudformation.Client
}

// New makes a client. Calls are tried again as the configuration says, those of [Client.Events] never.
func New(cfg aws.Config) *Client { return &Client{api: cloudformation.NewFromConfig(cfg)} }

// ErrNotFound is in the chain of an error about a stack or a change set that does not exist.
var ErrNotFound = errors.New("does not exist")

// notFound recognizes what CloudFormation says of a stack that is not there: a ValidationError like any other, distinguished by
// its text alone ("Stack with id X does not exist", "Stack [X] does not exist").
func notFound(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	return api.ErrorCode() == "ChangeSetNotFound" ||
		api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist")
}

// Message is what AWS itself says in an error, without the SDK's wrapping; the error's whole text when it is not AWS's.
func Message(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorMessage() != "" {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return err.Error()
}

// passes reports whether an error is one that the same call may not meet later: a throttle, a server's fault, the network's, an answer
// that broke off.
func passes(err error) bool {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	for _, check := range retry.DefaultRetryables {
		if check.IsErrorRetryable(err) == aws.TrueTernary {
			return true
		}
	}
	return false
}

// Rejected reports whether CloudFormation itself said no to a call: nothing was done. Of other errors nobody knows.
func Rejected(err error) bool {
	_, answered := errors.AsType[smithy.APIError](err)
	return answered && !passes(err)
}
