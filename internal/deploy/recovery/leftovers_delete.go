package recovery

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	control "github.com/aws/aws-sdk-go-v2/service/cloudcontrol/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

const bucketType = "AWS::S3::Bucket"

// LeftoverDeleter is a [LeftoverService] in an account: buckets through S3, since only that empties them; snapshots
// through RDS; all else through Cloud Control, which deletes as CloudFormation does. A key is scheduled for deletion.
type LeftoverDeleter struct {
	Control *cloudcontrol.Client
	S3      *s3.Client
	RDS     *rds.Client
}

// NewLeftoverDeleter is a [LeftoverDeleter] for an account.
func NewLeftoverDeleter(cfg aws.Config) LeftoverDeleter {
	path := func(o *s3.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil }
	return LeftoverDeleter{cloudcontrol.NewFromConfig(cfg), s3.NewFromConfig(cfg, path), rds.NewFromConfig(cfg)}
}

// Exists asks the service.
func (d LeftoverDeleter) Exists(ctx context.Context, l Leftover) (bool, error) {
	var err error
	switch l.Type {
	case snapshotType: // it was listed a moment ago
	case bucketType:
		_, err = d.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &l.PhysicalID})
	default:
		_, err = d.Control.GetResource(
			ctx, &cloudcontrol.GetResourceInput{TypeName: &l.Type, Identifier: &l.PhysicalID},
		)
	}
	if missing(err) {
		return false, nil
	}
	return true, err
}

// missing reports whether a service says that there is no such thing.
func missing(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	switch api.ErrorCode() {
	case "NotFound", "NoSuchBucket", "ResourceNotFoundException", "DBClusterSnapshotNotFoundFault":
		return true
	}
	return false
}

// Snapshots lists what is kept of a cluster: manual ones, as RDS calls them, CloudFormation's among them, in contrast
// to its own automated ones.
func (d LeftoverDeleter) Snapshots(ctx context.Context, cluster string) ([]string, error) {
	var all []string
	pages := rds.NewDescribeDBClusterSnapshotsPaginator(d.RDS, &rds.DescribeDBClusterSnapshotsInput{
		DBClusterIdentifier: &cluster, SnapshotType: aws.String("manual"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if _, gone := errors.AsType[*rdstypes.DBClusterNotFoundFault](err); gone {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list the snapshots of %s: %w", cluster, err)
		}
		for _, s := range page.DBClusterSnapshots {
			if aws.ToString(s.DBClusterIdentifier) == cluster {
				all = append(all, aws.ToString(s.DBClusterSnapshotIdentifier))
			}
		}
	}
	return all, nil
}

// Delete deletes a leftover and waits until that is done. What is not there any more is not an error.
func (d LeftoverDeleter) Delete(ctx context.Context, l Leftover) error {
	var err error
	switch l.Type {
	case snapshotType:
		_, err = d.RDS.DeleteDBClusterSnapshot(
			ctx, &rds.DeleteDBClusterSnapshotInput{DBClusterSnapshotIdentifier: &l.PhysicalID},
		)
	case bucketType:
		err = d.deleteBucket(ctx, l.PhysicalID)
	default:
		err = d.deleteResource(ctx, l)
	}
	if missing(err) {
		return nil
	}
	return err
}

// deleteBucket deletes every version and delete marker, a page at a time from the beginning, and then the bucket.
func (d LeftoverDeleter) deleteBucket(ctx context.Context, bucket string) error {
	for {
		page, err := d.S3.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &bucket})
		if err != nil {
			return err
		}
		var all []s3types.ObjectIdentifier
		for _, v := range page.Versions {
			all = append(all, s3types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			all = append(all, s3types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if len(all) == 0 {
			break
		}
		out, err := d.S3.DeleteObjects(
			ctx, &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &s3types.Delete{Objects: all, Quiet: aws.Bool(true)}},
		)
		if err != nil {
			return err
		}
		if len(out.Errors) > 0 {
			e := out.Errors[0]
			return fmt.Errorf(
				"%d objects can't be deleted, such as %s: %s %s", len(out.Errors), aws.ToString(e.Key),
				aws.ToString(e.Code), aws.ToString(e.Message),
			)
		}
	}
	_, err := d.S3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket})
	return err
}

func (d LeftoverDeleter) deleteResource(ctx context.Context, l Leftover) error {
	out, err := d.Control.DeleteResource(
		ctx, &cloudcontrol.DeleteResourceInput{TypeName: &l.Type, Identifier: &l.PhysicalID},
	)
	if err != nil {
		return err
	}
	progress, err := finished(ctx, d.Control, out.ProgressEvent)
	if err != nil {
		return err
	}
	if progress == nil ||
		progress.OperationStatus != control.OperationStatusSuccess &&
			progress.ErrorCode != control.HandlerErrorCodeNotFound {
		return fmt.Errorf("AWS did not do it: %s", reason(progress))
	}
	return nil
}

// command deletes a leftover by hand.
func (l Leftover) command(region string) string {
	switch l.Type {
	case snapshotType:
		return fmt.Sprintf(
			"aws rds delete-db-cluster-snapshot --region %s --db-cluster-snapshot-identifier %s", region, l.PhysicalID,
		)
	case bucketType:
		return fmt.Sprintf(
			"aws s3api delete-bucket --region %s --bucket %s   (once it is empty, old versions too)", region,
			l.PhysicalID,
		)
	}
	return fmt.Sprintf(
		"aws cloudcontrol delete-resource --region %s --type-name %s --identifier %s", region, l.Type, l.PhysicalID,
	)
}
