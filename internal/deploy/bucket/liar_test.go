package bucket

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// liar is an S3 whose only bucket claims to have "archive" and gives something else.
type liar struct{}

func (liar) ListBuckets(context.Context, *s3.ListBucketsInput, ...func(*s3.Options)) (*s3.ListBucketsOutput, error) {
	return &s3.ListBucketsOutput{Buckets: []types.Bucket{
		{Name: aws.String("photos")}, {Name: aws.String("a-artifacts-444455556666-eu-west-1")}, {Name: aws.String("a-artifacts-111122223333-eu-west-1")},
	}}, nil
}

func (liar) HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	sum := sha256.Sum256([]byte("archive"))
	return &s3.HeadObjectOutput{ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:]))}, nil
}

func (liar) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader("forged"))}, nil
}
