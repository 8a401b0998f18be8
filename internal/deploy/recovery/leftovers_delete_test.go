package recovery_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"distributed-moodle/internal/deploy/recovery"
	"distributed-moodle/internal/localawstest"
)

// A bucket goes with every version and every delete marker in it, however many pages they fill.
func TestABucketIsEmptiedFirst(t *testing.T) {
	config, ctx := localawstest.New(t).Config(), t.Context()
	api := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	name := aws.String("left-behind-by-a-test")
	check := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(api.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: name, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: localawstest.Region}}))
	check(api.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: name, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}}))
	for i := range 1010 { // more than a page
		check(api.PutObject(ctx, &s3.PutObjectInput{Bucket: name, Key: aws.String(fmt.Sprint("AWSLogs/", i%500)), Body: strings.NewReader("x")}))
	}
	check(api.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: name, Key: aws.String("AWSLogs/1")}))
	d, bucket := recovery.NewLeftoverDeleter(config), recovery.Leftover{Type: "AWS::S3::Bucket", PhysicalID: *name}
	for _, remains := range []bool{true, false} {
		if got, err := d.Exists(ctx, bucket); err != nil || got != remains {
			t.Fatalf("remains: want %v", remains)
		}
		check(nil, d.Delete(ctx, bucket)) // the second time there is nothing to delete, which is no error
	}
}

func TestOtherTypesGoThroughCloudControl(t *testing.T) {
	config, ctx := localawstest.New(t).Config(), t.Context()
	made, err := cloudcontrol.NewFromConfig(config).CreateResource(ctx, &cloudcontrol.CreateResourceInput{
		TypeName: aws.String("AWS::Logs::LogGroup"), DesiredState: aws.String(`{"Name": "left"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	d, group := recovery.NewLeftoverDeleter(config), recovery.Leftover{Type: "AWS::Logs::LogGroup", PhysicalID: *made.ProgressEvent.Identifier}
	for _, remains := range []bool{true, false} {
		if got, err := d.Exists(ctx, group); err != nil || got != remains {
			t.Fatalf("remains: want %v", remains)
		}
		if err := d.Delete(ctx, group); err != nil {
			t.Fatal(err)
		}
	}
	// Cloud Control does not know every type: nobody can tell.
	if _, err := d.Exists(ctx, recovery.Leftover{Type: "AWS::EC2::VPCGatewayAttachment", PhysicalID: "IGW|vpc-1"}); err == nil || !strings.Contains(err.Error(), "UnsupportedActionException") {
		t.Error(err)
	}
	if all, err := d.Snapshots(ctx, "no-such-cluster"); err != nil || all != nil {
		t.Errorf("%v, %v", all, err)
	}
}
