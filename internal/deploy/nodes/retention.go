package nodes

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// LogGroups is what [Retention] needs of CloudWatch Logs.
type LogGroups interface {
	DescribeLogGroups(
		context.Context, *logs.DescribeLogGroupsInput, ...func(*logs.Options),
	) (*logs.DescribeLogGroupsOutput, error)
	CreateLogGroup(
		context.Context, *logs.CreateLogGroupInput, ...func(*logs.Options),
	) (*logs.CreateLogGroupOutput, error)
	PutRetentionPolicy(
		context.Context, *logs.PutRetentionPolicyInput, ...func(*logs.Options),
	) (*logs.PutRetentionPolicyOutput, error)
}

// Retention is for how long log groups are kept that services make.
type Retention struct{ API LogGroups }

// Kept is for how long a log group is kept.
type Kept struct {
	Exists bool
	Days   int // 0 is for ever
}

func (k Kept) String() string {
	if k.Days == 0 {
		return "for ever"
	}
	return fmt.Sprintf("for %d days", k.Days)
}

// Kept returns for how long a log group is kept.
func (r Retention) Kept(ctx context.Context, group string) (Kept, error) {
	// The answer is sorted by name, so a group comes before all whose names begin with its own
	// (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html).
	in := &logs.DescribeLogGroupsInput{LogGroupNamePrefix: &group, Limit: aws.Int32(1)}
	out, err := r.API.DescribeLogGroups(ctx, in)
	if err != nil {
		return Kept{}, err
	}
	for _, g := range out.LogGroups {
		if aws.ToString(g.LogGroupName) == group {
			return Kept{Exists: true, Days: int(aws.ToInt32(g.RetentionInDays))}, nil
		}
	}
	return Kept{}, nil
}

// Keep sets for how many days a log group is kept, which was as now says. A group that does not exist yet is created:
// the service then uses it.
func (r Retention) Keep(ctx context.Context, group string, now Kept, days int) error {
	if !now.Exists {
		_, err := r.API.CreateLogGroup(ctx, &logs.CreateLogGroupInput{LogGroupName: &group})
		if _, made := errors.AsType[*types.ResourceAlreadyExistsException](err); err != nil && !made {
			return err
		}
	}
	in := &logs.PutRetentionPolicyInput{LogGroupName: &group, RetentionInDays: aws.Int32(int32(days))}
	_, err := r.API.PutRetentionPolicy(ctx, in)
	return err
}
