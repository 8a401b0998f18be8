package cfntest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/cfntest"
)

// status is the HTTP status of an error of S3.
func status(err error) int {
	var answered *awshttp.ResponseError
	if errors.As(err, &answered) {
		return answered.HTTPStatusCode()
	}
	return 0
}

// wantCalls compares the calls so far: the action and its error.
func wantCalls(t *testing.T, account *cfntest.Account, want ...string) {
	t.Helper()
	var got []string
	for _, c := range account.Calls() {
		got = append(got, strings.TrimSpace(c.Action+" "+c.Error))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := cfntest.New(t)
		client, bucket := s3.NewFromConfig(account.Config()), aws.String("site-artifacts")
		_, err := client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: bucket})
		if status(err) != 404 {
			t.Errorf("a bucket that is not there: %v", err)
		}
		for range 2 {
			_, err = client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket})
		}
		var owned *types.BucketAlreadyOwnedByYou
		if !errors.As(err, &owned) {
			t.Errorf("the bucket a second time: %v", err)
		}
		_, err = client.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: bucket})
		if err == nil || !strings.Contains(err.Error(), "NoSuchTagSet") {
			t.Errorf("no tags: %v", err)
		}
		set := []types.Tag{{Key: aws.String("Site"), Value: aws.String("a & b")}}
		if _, err := client.PutBucketTagging(t.Context(), &s3.PutBucketTaggingInput{Bucket: bucket, Tagging: &types.Tagging{TagSet: set}}); err != nil {
			t.Fatal(err)
		}
		tags, err := client.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: bucket})
		if err != nil || *tags.TagSet[0].Value != "a & b" {
			t.Errorf("tags: %v %v", tags, err)
		}
		wantCalls(t, account, "HeadBucket NoSuchBucket", "CreateBucket", "CreateBucket BucketAlreadyOwnedByYou",
			"GetBucketTagging NoSuchTagSet", "PutBucketTagging", "GetBucketTagging")
	})
}

func TestObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := cfntest.New(t)
		account.PutObject("site-artifacts", "other", nil)
		client, bucket, key := s3.NewFromConfig(account.Config()), aws.String("site-artifacts"), aws.String("templates/a b.yaml")
		if _, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: key}); status(err) != 404 {
			t.Errorf("an object that is not there: %v", err)
		}
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("Resources: {}")}); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte("Resources: {}"))
		head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: key, ChecksumMode: types.ChecksumModeEnabled})
		if err != nil || aws.ToString(head.ChecksumSHA256) != base64.StdEncoding.EncodeToString(sum[:]) {
			t.Errorf("checksum: %v %v", head, err)
		}
		object, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		if content, err := io.ReadAll(object.Body); err != nil || string(content) != "Resources: {}" {
			t.Errorf("%q %v", content, err)
		}
		_, err = client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: key, ExpectedBucketOwner: aws.String("999999999999")})
		if status(err) != 403 {
			t.Errorf("somebody else's bucket: %v", err)
		}
		wantCalls(t, account, "HeadObject NoSuchKey", "PutObject", "HeadObject", "GetObject", "HeadObject AccessDenied")
	})
}
