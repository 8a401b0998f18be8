package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/verified"
)

// Call asks AWS one thing about a resource of a type, and changes nothing. Its answer is an object as JSON has it.
type Call func(ctx context.Context, typeName, argument string) (any, error)

// Calls are those that a question may name, by service:Operation.
type Calls map[string]Call

// listStackResources is answered from the site's tree of stacks, which has been read before.
const listStackResources = "cloudformation:ListStackResources"

// NewCalls returns the calls in an account. None needs more than read access.
func NewCalls(cfg aws.Config) Calls {
	calls := Calls{verified.GetResource: getResource(cloudcontrol.NewFromConfig(cfg))}
	calls.ofNodes(autoscaling.NewFromConfig(cfg), cloudwatchlogs.NewFromConfig(cfg))
	certificates, objects := acm.NewFromConfig(cfg), bucket.NewClient(cfg)
	calls["acm:DescribeCertificate"] = func(ctx context.Context, _, arn string) (any, error) {
		out, err := certificates.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
		if err != nil {
			return nil, err
		}
		return out.Certificate, nil
	}
	calls["s3:ListObjectsV2"] = func(ctx context.Context, _, path string) (any, error) {
		name, prefix, _ := strings.Cut(path, "/")
		return objects.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &name, Prefix: &prefix})
	}
	return calls
}

func (c Calls) ofNodes(groups *autoscaling.Client, logs *cloudwatchlogs.Client) {
	c["autoscaling:DescribeAutoScalingGroups"] = func(ctx context.Context, _, name string) (any, error) {
		out, err := groups.DescribeAutoScalingGroups(
			ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{name}},
		)
		if err != nil {
			return nil, err
		}
		return only(out.AutoScalingGroups, name)
	}
	c["logs:DescribeLogGroups"] = func(ctx context.Context, _, prefix string) (any, error) {
		return logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &prefix})
	}
	c["logs:DescribeLogStreams"] = func(ctx context.Context, _, group string) (any, error) {
		return logs.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{
			LogGroupName: &group, OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true),
		})
	}
}

// only returns the one thing that was asked for by its name.
func only[T any](all []T, name string) (any, error) {
	if len(all) != 1 {
		return nil, fmt.Errorf("AWS answered with %d of the name %s", len(all), name)
	}
	return all[0], nil
}

// getResource reads a resource's properties through Cloud Control.
func getResource(api *cloudcontrol.Client) Call {
	return func(ctx context.Context, typeName, id string) (any, error) {
		out, err := api.GetResource(ctx, &cloudcontrol.GetResourceInput{TypeName: &typeName, Identifier: &id})
		if err != nil {
			return nil, err
		}
		var properties map[string]any
		err = json.Unmarshal([]byte(aws.ToString(out.ResourceDescription.Properties)), &properties)
		return properties, err
	}
}

// document asks, and returns the answer with the resource's name in it.
func (c Calls) document(
	ctx context.Context, ask *verified.Ask, argument, name string, r cfn.Resource,
) (map[string]any, error) {
	var answer any = map[string]any{"Status": r.Status, "Reason": r.Reason, "Type": r.Type}
	if ask.Call != listStackResources {
		call := c[ask.Call]
		if call == nil {
			return nil, errors.New("this program has no such call")
		}
		var err error
		if answer, err = call(ctx, r.Type, argument); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	document := map[string]any{}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	document["Resource"] = name
	return document, nil
}
