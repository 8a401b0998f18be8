package recovery

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol/types"

	"distributed-moodle/internal/poll"
)

// Control is what [Unprotector] calls: Cloud Control, which changes a resource of any type by CloudFormation's own
// names for its properties, so that no service's whole client is needed for one switch.
type Control interface {
	UpdateResource(
		context.Context, *cloudcontrol.UpdateResourceInput, ...func(*cloudcontrol.Options),
	) (*cloudcontrol.UpdateResourceOutput, error)
	requests
}

// requests returns the status of a request of Cloud Control.
type requests interface {
	GetResourceRequestStatus(
		context.Context, *cloudcontrol.GetResourceRequestStatusInput, ...func(*cloudcontrol.Options),
	) (*cloudcontrol.GetResourceRequestStatusOutput, error)
}

// Unprotector turns deletion protection off.
type Unprotector struct{ API Control }

// Unprotect turns the deletion protection of a resource off and waits until that is done.
func (l Unprotector) Unprotect(ctx context.Context, p Protection) error {
	out, err := l.API.UpdateResource(ctx, &cloudcontrol.UpdateResourceInput{
		TypeName: &p.Type, Identifier: &p.Identifier, PatchDocument: aws.String(patch(p.Type)),
	})
	if err != nil {
		return err
	}
	progress, err := finished(ctx, l.API, out.ProgressEvent)
	if err != nil {
		return err
	}
	if progress == nil || progress.OperationStatus != types.OperationStatusSuccess {
		return fmt.Errorf("AWS did not do it: %s", reason(progress))
	}
	return nil
}

// finished waits until a request of Cloud Control has ended, and returns what it says then.
func finished(ctx context.Context, api requests, progress *types.ProgressEvent) (*types.ProgressEvent, error) {
	for progress != nil && (progress.OperationStatus == types.OperationStatusPending || progress.OperationStatus == types.OperationStatusInProgress) {
		if err := poll.Sleep(ctx, time.Second); err != nil {
			return nil, err
		}
		status, err := api.GetResourceRequestStatus(
			ctx, &cloudcontrol.GetResourceRequestStatusInput{RequestToken: progress.RequestToken},
		)
		if err != nil {
			return nil, err
		}
		progress = status.ProgressEvent
	}
	return progress, nil
}

func reason(p *types.ProgressEvent) string {
	if p == nil {
		return "no answer"
	}
	return fmt.Sprintf("%s %s", p.OperationStatus, aws.ToString(p.StatusMessage))
}

// patch is the JSON patch that turns deletion protection off, by type.
func patch(kind string) string {
	if kind == "AWS::ElasticLoadBalancingV2::LoadBalancer" {
		return `[{"op":"add","path":"/LoadBalancerAttributes","value":[{"Key":"deletion_protection.enabled","Value":"false"}]}]`
	}
	return `[{"op":"add","path":"/DeletionProtection","value":false}]`
}

// NewUnprotector is a [Unprotector] for an account.
func NewUnprotector(cfg aws.Config) Unprotector {
	return Unprotector{API: cloudcontrol.NewFromConfig(cfg)}
}
