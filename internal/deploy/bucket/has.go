package bucket

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Has reports whether the bucket holds an object of a content, given as SHA-256 in hexadecimal.
func (b *Bucket) Has(ctx context.Context, key, sha256 string) (bool, error) {
	sum, err := hex.DecodeString(sha256)
	if err != nil {
		return false, fmt.Errorf("look for %s: %q is not a SHA-256 checksum", key, sha256)
	}
	out, err := b.API.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &b.Name, Key: &key, ExpectedBucketOwner: &b.Owner, ChecksumMode: types.ChecksumModeEnabled,
	})
	switch {
	case err == nil:
		return aws.ToString(out.ChecksumSHA256) == base64.StdEncoding.EncodeToString(sum), nil
	case status(err) == http.StatusNotFound:
		return false, nil
	}
	return false, b.refused("look for "+key, err)
}
