package bucket

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"distributed-moodle/internal/deploy/outcome"
)

// marker is the tag that is set last: a bucket that has it has been set up to the end.
const marker = "deploy:artifacts-of"

// ready reports whether the bucket is there and set up. Tags are asked for instead of the bucket's head, since one
// answer tells all three: whether it exists, whose it is, and whether an earlier set-up came to its end.
func (b *Bucket) ready(ctx context.Context) (bool, error) {
	out, err := b.API.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: &b.Name, ExpectedBucketOwner: &b.Owner})
	switch {
	case err != nil && (status(err) == http.StatusNotFound): // NoSuchBucket, or NoSuchTagSet: made but not set up
		return false, nil
	case err != nil:
		return false, b.refused("look at it", err)
	}
	for _, tag := range out.TagSet {
		if aws.ToString(tag.Key) != marker {
			continue
		}
		if of := aws.ToString(tag.Value); of != b.Site {
			return false, outcome.Errorf(outcome.Refused, "bucket %s belongs to the site %s, as its tag %s says", b.Name, of, marker).
				Advise("nothing was uploaded; find out who changed the tag, or give this site another name before its first deployment")
		}
		return true, nil
	}
	return false, outcome.Errorf(outcome.Refused, "bucket %s exists and was not created by deploy", b.Name).
		Advise("rename or delete that bucket, or give the site another name before its first deployment")
}

// setUp makes the bucket and closes it, step by step in an order in which it is never open. Each step can be done
// again, so a set-up that was cut off is completed by the next deployment.
func (b *Bucket) setUp(ctx context.Context) error {
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"create it", b.create},
		{"block public access", b.blockPublicAccess},
		{"disable access lists", b.disableAccessLists},
		{"refuse plain HTTP", b.requireTLS},
		{"encrypt it", b.encrypt},
		{"keep old versions", b.keepVersions},
		{"abort unfinished uploads", b.abortUnfinished},
		{"tag it", b.tag},
	}
	for _, step := range steps {
		if err := step.do(ctx); err != nil {
			return b.refused(step.name, err)
		}
	}
	return nil
}

func (b *Bucket) create(ctx context.Context) error {
	in := &s3.CreateBucketInput{Bucket: &b.Name, ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}
	if b.Region != "us-east-1" { // the one region that must not be named
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(b.Region)}
	}
	_, err := b.API.CreateBucket(ctx, in)
	if code(err) == "BucketAlreadyOwnedByYou" {
		return nil
	}
	return err
}

func (b *Bucket) blockPublicAccess(ctx context.Context) error {
	_, err := b.API.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
		Bucket: &b.Name, ExpectedBucketOwner: &b.Owner,
		PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
			BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true),
			IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
		},
	})
	return err
}

func (b *Bucket) disableAccessLists(ctx context.Context) error {
	_, err := b.API.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{
		Bucket: &b.Name, ExpectedBucketOwner: &b.Owner,
		OwnershipControls: &types.OwnershipControls{
			Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}},
		},
	})
	return err
}

// onlyTLS names the statement of the policy that refuses plain HTTP.
const onlyTLS = "OnlyTLS"

func (b *Bucket) requireTLS(ctx context.Context) error {
	return b.putPolicy(ctx, map[string]any{"Version": "2012-10-17", "Statement": []map[string]any{b.tlsStatement()}})
}

func (b *Bucket) tlsStatement() map[string]any {
	arn := fmt.Sprintf("arn:%s:s3:::%s", b.Partition, b.Name)
	return map[string]any{
		"Sid": onlyTLS, "Effect": "Deny", "Principal": "*", "Action": "s3:*",
		"Resource":  []string{arn, arn + "/*"},
		"Condition": map[string]any{"Bool": map[string]string{"aws:SecureTransport": "false"}},
	}
}

func (b *Bucket) putPolicy(ctx context.Context, document any) error {
	policy, err := json.Marshal(document)
	if err != nil {
		return err
	}
	_, err = b.API.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{
		Bucket: &b.Name, ExpectedBucketOwner: &b.Owner, Policy: aws.String(string(policy)),
	})
	return err
}

func (b *Bucket) encrypt(ctx context.Context) error {
	_, err := b.API.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{
		Bucket: &b.Name, ExpectedBucketOwner: &b.Owner,
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256},
			}},
		},
	})
	return err
}

func (b *Bucket) keepVersions(ctx context.Context) error {
	_, err := b.API.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: &b.Name, ExpectedBucketOwner: &b.Owner,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	return err
}

// abortUnfinished is the one lifecycle rule: parts of uploads that never ended cost money and are of no use. Whole
// objects are never expired, since a stack refers to them as long as it exists.
func (b *Bucket) abortUnfinished(ctx context.Context) error {
	_, err := b.API.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: &b.Name, ExpectedBucketOwner: &b.Owner,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
			ID: aws.String("abort-unfinished-uploads"), Status: types.ExpirationStatusEnabled,
			Filter:                         &types.LifecycleRuleFilter{Prefix: aws.String("")},
			AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(1)},
		}}},
	})
	return err
}

func (b *Bucket) tag(ctx context.Context) error {
	tags := map[string]string{}
	maps.Copy(tags, b.Tags)
	tags[marker] = b.Site
	set := make([]types.Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		set = append(set, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	_, err := b.API.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{
		Bucket: &b.Name, ExpectedBucketOwner: &b.Owner, Tagging: &types.Tagging{TagSet: set},
	})
	return err
}

// refused words an error of S3. The name is taken, or the bucket is another account's, when S3 answers 403 to its
// expected owner or says that the name exists.
func (b *Bucket) refused(doing string, err error) error {
	if code(err) == "BucketAlreadyExists" {
		return outcome.Errorf(outcome.Refused, "bucket %s exists and belongs to another AWS account: %w", b.Name, err).
			Advise("bucket names are global; give the site another name before its first deployment")
	}
	wrapped := outcome.Errorf(outcome.Failed, "bucket %s: %s: %w", b.Name, doing, err)
	if status(err) == http.StatusForbidden && outcome.AdviceOf(err) == "" {
		return wrapped.Advise("either these credentials lack the permission, or the bucket does not belong to account %s", b.Owner)
	}
	return wrapped
}
