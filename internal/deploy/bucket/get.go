package bucket

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"distributed-moodle/internal/deploy/download"
	"distributed-moodle/internal/manifest"
)

// largestRead is the largest object that is read whole: the largest template that CloudFormation takes has 1 MB
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
const largestRead = 1 << 20

// Get returns an object of a content, given as SHA-256 in hexadecimal. Another content is an error.
func (b *Bucket) Get(ctx context.Context, key, sha256 string) ([]byte, error) {
	out, err := b.API.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &key, ExpectedBucketOwner: &b.Owner})
	if err != nil {
		return nil, b.refused("read "+key, err)
	}
	defer out.Body.Close()
	content, err := download.All(out.Body, aws.ToInt64(out.ContentLength), largestRead)
	if err != nil {
		return nil, b.refused("read "+key, err)
	}
	if got := manifest.Checksum(content); got != sha256 {
		return nil, b.refused("read "+key, fmt.Errorf("its SHA-256 is %s, expected %s: somebody has replaced it", got, sha256))
	}
	return content, nil
}
