package bucket_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
)

// The marker is how deploy knows a bucket as its own, set up to the end: with another one it would refuse every site's bucket.
func TestTheMarkerIsFrozen(t *testing.T) {
	bucket, client := fresh(t)
	if _, err := bucket.Keep(t.Context(), nil, false); err != nil {
		t.Fatal(err)
	}
	out, err := client.GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: &bucket.Name})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, tag := range out.TagSet {
		got[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	want := map[string]string{"deploy:artifacts-of": "site", "Owner": "jane"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the bucket's tags are others (-want +got):\n%s", diff)
	}
}
