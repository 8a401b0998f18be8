package bucket_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

// fresh is a bucket of an empty account that does not exist yet, and a client to look at it.
func fresh(t *testing.T) (*bucket.Bucket, *s3.Client) {
	t.Helper()
	account := localawstest.New(t)
	client := bucket.NewClient(account.Config())
	return &bucket.Bucket{
		API: client, Name: "site-artifacts-" + account.ID, Owner: account.ID, Region: localawstest.Region, Partition: "aws", Site: "site",
		Tags: map[string]string{"Owner": "jane"},
	}, client
}

var objects = []bucket.Object{
	{Key: "templates/a.yaml", Content: []byte("a: 1\n"), Type: "text/yaml"},
	{Key: "node/b.tar", Content: []byte("archive"), Type: "application/x-tar"},
}

func TestKeepSetsUpAndSendsOnlyWhatIsMissing(t *testing.T) {
	site, client := fresh(t)
	for i, want := range []bucket.Kept{
		{Created: true, Uploaded: []string{"templates/a.yaml", "node/b.tar"}},
		{},
	} {
		kept, err := site.Keep(t.Context(), objects, true)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, kept); diff != "" {
			t.Errorf("round %d (-want +got):\n%s", i, diff)
		}
	}
	if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &site.Name, Key: &objects[0].Key, Body: strings.NewReader("other"), ChecksumAlgorithm: types.ChecksumAlgorithmSha256}); err != nil {
		t.Fatal(err)
	}
	kept, err := site.Keep(t.Context(), objects, true)
	if err != nil || !slices.Equal(kept.Uploaded, []string{"templates/a.yaml"}) {
		t.Errorf("what lay under the key was something else, but sent was %v (%v)", kept.Uploaded, err)
	}
}

func TestTheBucketIsClosed(t *testing.T) {
	site, client := fresh(t)
	if _, err := site.Keep(t.Context(), objects, false); err != nil {
		t.Fatal(err)
	}
	name, ctx := &site.Name, t.Context()
	access, err := client.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: name})
	if err != nil {
		t.Fatal(err)
	}
	if c := access.PublicAccessBlockConfiguration; !aws.ToBool(c.BlockPublicAcls) || !aws.ToBool(c.BlockPublicPolicy) || !aws.ToBool(c.IgnorePublicAcls) || !aws.ToBool(c.RestrictPublicBuckets) {
		t.Errorf("public access is not blocked: %+v", c)
	}
	ownership, err := client.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: name})
	if err != nil || ownership.OwnershipControls.Rules[0].ObjectOwnership != types.ObjectOwnershipBucketOwnerEnforced {
		t.Errorf("access lists are not disabled: %v", err)
	}
	encryption, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: name})
	if err != nil || encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != types.ServerSideEncryptionAes256 {
		t.Errorf("it is not encrypted: %v", err)
	}
	versioning, err := client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: name})
	if err != nil || versioning.Status != types.BucketVersioningStatusEnabled {
		t.Errorf("it keeps no versions: %v", err)
	}
	policy, err := client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: name})
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Statement []struct {
			Effect    string
			Resource  []string
			Condition map[string]map[string]string
		}
	}
	if err := json.Unmarshal([]byte(aws.ToString(policy.Policy)), &document); err != nil {
		t.Fatal(err)
	}
	if s := document.Statement[0]; s.Effect != "Deny" || s.Condition["Bool"]["aws:SecureTransport"] != "false" || len(s.Resource) != 2 {
		t.Errorf("plain HTTP is not refused: %+v", s)
	}
}

// A stack refers to its templates as long as it stands, so nothing whole ever expires.
func TestNothingExpires(t *testing.T) {
	site, client := fresh(t)
	if _, err := site.Keep(t.Context(), nil, false); err != nil {
		t.Fatal(err)
	}
	lifecycle, err := client.GetBucketLifecycleConfiguration(t.Context(), &s3.GetBucketLifecycleConfigurationInput{Bucket: &site.Name})
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range lifecycle.Rules {
		if rule.Expiration != nil || rule.NoncurrentVersionExpiration != nil || rule.Transitions != nil || rule.AbortIncompleteMultipartUpload == nil {
			t.Errorf("a rule that does more than abort uploads: %+v", rule)
		}
	}
}

func TestASetUpThatWasCutOffIsCompleted(t *testing.T) {
	site, client := fresh(t)
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: &site.Name, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: localawstest.Region},
	}); err != nil {
		t.Fatal(err)
	}
	kept, err := site.Keep(t.Context(), objects, true)
	if err != nil || !kept.Created {
		t.Fatalf("kept %+v, %v", kept, err)
	}
	if _, err := client.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &site.Name}); err != nil {
		t.Error(err)
	}
}

func TestABucketThatSomebodyElseMadeIsRefused(t *testing.T) {
	site, client := fresh(t)
	ctx := t.Context()
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: &site.Name, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: localawstest.Region},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: &site.Name, Tagging: &types.Tagging{
		TagSet: []types.Tag{{Key: aws.String("Purpose"), Value: aws.String("photos")}},
	}}); err != nil {
		t.Fatal(err)
	}
	_, err := site.Keep(ctx, objects, true)
	if outcome.CodeOf(err) != outcome.Refused || !strings.Contains(err.Error(), "was not created by deploy") {
		t.Errorf("got %v", err)
	}
}

func TestABucketOfAnotherSiteIsRefused(t *testing.T) {
	site, _ := fresh(t)
	if _, err := site.Keep(t.Context(), nil, true); err != nil {
		t.Fatal(err)
	}
	site.Site = "other"
	_, err := site.Keep(t.Context(), objects, true)
	if outcome.CodeOf(err) != outcome.Refused || !strings.Contains(err.Error(), "belongs to the site site") {
		t.Errorf("got %v", err)
	}
}

// What somebody turned off by hand is turned on again and said, and what else they wrote into the policy stays.
func TestABucketThatSomebodyOpenedIsClosedAgain(t *testing.T) {
	const theirs = `{"Version":"2012-10-17","Statement":[{"Sid":"Reader","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}]}`
	for name, c := range map[string]struct {
		open func(t *testing.T, client *s3.Client, bucket *string)
		want []string
	}{
		"public access block deleted": {func(t *testing.T, client *s3.Client, bucket *string) {
			_, err := client.DeletePublicAccessBlock(t.Context(), &s3.DeletePublicAccessBlockInput{Bucket: bucket})
			noError(t, err)
		}, []string{"public access is blocked again"}},
		"one of its four switches off": {func(t *testing.T, client *s3.Client, bucket *string) {
			_, err := client.PutPublicAccessBlock(t.Context(), &s3.PutPublicAccessBlockInput{Bucket: bucket, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
				BlockPublicAcls: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
			}})
			noError(t, err)
		}, []string{"public access is blocked again"}},
		"policy deleted": {func(t *testing.T, client *s3.Client, bucket *string) {
			_, err := client.DeleteBucketPolicy(t.Context(), &s3.DeleteBucketPolicyInput{Bucket: bucket})
			noError(t, err)
		}, []string{"plain HTTP is refused again"}},
		"policy exchanged": {func(t *testing.T, client *s3.Client, bucket *string) {
			_, err := client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(strings.ReplaceAll(theirs, "BUCKET", *bucket))})
			noError(t, err)
		}, []string{"plain HTTP is refused again"}},
	} {
		t.Run(name, func(t *testing.T) {
			site, client := fresh(t)
			_, err := site.Keep(t.Context(), objects, true)
			noError(t, err)
			c.open(t, client, &site.Name)
			for _, want := range [][]string{c.want, nil} {
				kept, err := site.Keep(t.Context(), objects, true)
				if err != nil || !slices.Equal(kept.Closed, want) {
					t.Errorf("closed %q, want %q (%v)", kept.Closed, want, err)
				}
			}
			policy, err := client.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: &site.Name})
			noError(t, err)
			if name == "policy exchanged" && !strings.Contains(*policy.Policy, "111122223333") {
				t.Errorf("what somebody else wrote into the policy is gone: %s", *policy.Policy)
			}
		})
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryCallNamesTheOwner(t *testing.T) {
	site, _ := fresh(t)
	if _, err := site.Keep(t.Context(), objects, true); err != nil {
		t.Fatal(err)
	}
	site.Owner = "999999999999"
	_, err := site.Keep(t.Context(), objects, true)
	if err == nil || !strings.Contains(outcome.AdviceOf(err), "does not belong to account 999999999999") {
		t.Errorf("another account's bucket was used: %v, %s", err, outcome.AdviceOf(err))
	}
}

func TestURL(t *testing.T) {
	site := &bucket.Bucket{Name: "b", Region: "cn-north-1"}
	if got, want := site.URL("templates/x.yaml", "amazonaws.com.cn"), "https://s3.cn-north-1.amazonaws.com.cn/b/templates/x.yaml"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
