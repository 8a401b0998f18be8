// Package bucket keeps what a deployment reads in the site's own bucket: templates, the node's archive, and files from
// outside that nodes need, each under a key made of its content.
//
// A key never means two contents, so nothing that was uploaded is ever changed, and nothing is ever expired: a stack
// may refer to a template for years. The bucket belongs to one site in one account and region; every call but its
// creation names the account that must own it.
package bucket

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"distributed-moodle/internal/manifest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"
)

// Object is one thing to keep.
type Object struct {
	Key     string
	Content []byte
	Type    string // media type
}

func (o Object) checksum() string {
	sum := sha256.Sum256(o.Content)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Bucket is a site's bucket.
type Bucket struct {
	API       API
	Name      string
	Owner     string // account id; nobody else's bucket is ever touched
	Region    string
	Partition string // aws, aws-cn, aws-us-gov
	Site      string
	Tags      map[string]string // of the bucket, besides one that says whose it is
}

// API is what a [Bucket] calls.
type API interface {
	GetPublicAccessBlock(context.Context, *s3.GetPublicAccessBlockInput, ...func(*s3.Options)) (*s3.GetPublicAccessBlockOutput, error)
	GetBucketPolicy(context.Context, *s3.GetBucketPolicyInput, ...func(*s3.Options)) (*s3.GetBucketPolicyOutput, error)
	GetBucketTagging(context.Context, *s3.GetBucketTaggingInput, ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error)
	CreateBucket(context.Context, *s3.CreateBucketInput, ...func(*s3.Options)) (*s3.CreateBucketOutput, error)
	PutPublicAccessBlock(context.Context, *s3.PutPublicAccessBlockInput, ...func(*s3.Options)) (*s3.PutPublicAccessBlockOutput, error)
	PutBucketPolicy(context.Context, *s3.PutBucketPolicyInput, ...func(*s3.Options)) (*s3.PutBucketPolicyOutput, error)
	PutBucketEncryption(context.Context, *s3.PutBucketEncryptionInput, ...func(*s3.Options)) (*s3.PutBucketEncryptionOutput, error)
	PutBucketVersioning(context.Context, *s3.PutBucketVersioningInput, ...func(*s3.Options)) (*s3.PutBucketVersioningOutput, error)
	PutBucketOwnershipControls(context.Context, *s3.PutBucketOwnershipControlsInput, ...func(*s3.Options)) (*s3.PutBucketOwnershipControlsOutput, error)
	PutBucketLifecycleConfiguration(context.Context, *s3.PutBucketLifecycleConfigurationInput, ...func(*s3.Options)) (*s3.PutBucketLifecycleConfigurationOutput, error)
	PutBucketTagging(context.Context, *s3.PutBucketTaggingInput, ...func(*s3.Options)) (*s3.PutBucketTaggingOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// NewClient makes the S3 client for buckets. With an address of its own (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3) a
// bucket's name is in the path, since such a server has no name for each bucket.
func NewClient(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
}

// Kept says what [Bucket.Keep] did.
type Kept struct {
	Created  bool     // the bucket was made, or its set-up completed
	Closed   []string // what somebody had turned off by hand and is turned on again, each in a sentence
	Uploaded []string // keys
}

// Keep ensures that the bucket exists, is set up, and has every object. An object that exists already is recognized by
// its checksum and not sent again. What keeps the bucket closed is turned on again if somebody turned it off. Both
// checks are skipped if the caller knows that there can be nothing yet.
func (b *Bucket) Keep(ctx context.Context, objects []Object, mayBeThere bool) (Kept, error) {
	missing := make([]bool, len(objects))
	var ready bool
	var current protections
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		ready, err = b.ready(groupCtx)
		return err
	})
	if mayBeThere {
		group.Go(func() error { return current.publicAccess(groupCtx, b) })
		group.Go(func() error { return current.plainHTTP(groupCtx, b) })
	}
	for i, o := range objects {
		if missing[i] = !mayBeThere; missing[i] {
			continue
		}
		group.Go(func() (err error) {
			missing[i], err = b.missing(groupCtx, o)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Kept{}, err
	}
	kept := Kept{Created: !ready}
	var err error
	switch {
	case !ready:
		err = b.setUp(ctx)
	case mayBeThere:
		kept.Closed, err = b.close(ctx, current)
	}
	if err != nil {
		return Kept{}, err
	}
	group, groupCtx = errgroup.WithContext(ctx)
	for i, o := range objects {
		if missing[i] {
			kept.Uploaded = append(kept.Uploaded, o.Key)
			group.Go(func() error { return b.put(groupCtx, o) })
		}
	}
	if err := group.Wait(); err != nil {
		return Kept{}, err
	}
	return kept, nil
}

// missing reports whether an object must be sent: it is not there, or what is there is something else.
func (b *Bucket) missing(ctx context.Context, o Object) (bool, error) {
	has, err := b.Has(ctx, o.Key, manifest.Checksum(o.Content))
	return !has, err
}

func (b *Bucket) put(ctx context.Context, o Object) error {
	_, err := b.API.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.Name, Key: &o.Key, ExpectedBucketOwner: &b.Owner, Body: bytes.NewReader(o.Content),
		ContentType: &o.Type, ChecksumSHA256: aws.String(o.checksum()),
	})
	if err != nil {
		return b.refused("upload "+o.Key, err)
	}
	return nil
}

// URL is where CloudFormation reads an object.
func (b *Bucket) URL(key, urlSuffix string) string {
	return fmt.Sprintf("https://s3.%s.%s/%s/%s", b.Region, urlSuffix, b.Name, key)
}

func status(err error) int {
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return response.HTTPStatusCode()
	}
	return 0
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}
