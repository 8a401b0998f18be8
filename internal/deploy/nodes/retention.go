package nodes

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// LogGroups is what [Retain] asks of CloudWatch Logs.
type LogGroups interface {
	CreateLogGroup(context.Context, *cloudwatchlogs.CreateLogGroupInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.CreateLogGroupOutput, error)
	PutRetentionPolicy(context.Context, *cloudwatchlogs.PutRetentionPolicyInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.PutRetentionPolicyOutput, error)
}

// Retain sets for how many days a log group that a service makes is kept. A group that is not there yet is created: the
// service then uses it.
func Retain(ctx context.Context, api LogGroups, group string, days int) error {
	put := func() error {
		_, err := api.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: &group, RetentionInDays: aws.Int32(int32(days))})
		return err
	}
	err := put()
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); !missing {
		return err
	}
	_, err = api.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group})
	if _, there := errors.AsType[*types.ResourceAlreadyExistsException](err); err != nil && !there {
		return err
	}
	return put()
}
