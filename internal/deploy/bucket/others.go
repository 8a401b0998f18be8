package bucket

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"distributed-moodle/internal/deploy/download"
	"distributed-moodle/internal/manifest"
)

// OthersAPI is what is asked of S3 about the buckets of other sites.
type OthersAPI interface {
	s3.ListBucketsAPIClient
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Others are the buckets of the account's other sites, by their names. A file that one of them has need not be
// reachable at its address any more.
type Others struct {
	API     OthersAPI
	Account func(context.Context) (string, error)
	Own     func(account string) string // the name of the site's own bucket, which was asked before

	list sync.Mutex
	all  []foreign
	done bool
}

// foreign is the bucket of another site.
type foreign struct{ name, region string }

// buckets returns the buckets of other sites. They are listed once.
func (o *Others) buckets(ctx context.Context, account string) ([]foreign, error) {
	o.list.Lock()
	defer o.list.Unlock()
	if o.done {
		return o.all, nil
	}
	var all []foreign
	for pages := s3.NewListBucketsPaginator(o.API, &s3.ListBucketsInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the buckets of the account's other sites: %w", err)
		}
		for _, b := range page.Buckets {
			name := aws.ToString(b.Name)
			if region, ok := manifest.RegionOfBucket(name, account); ok && name != o.Own(account) {
				all = append(all, foreign{name, region})
			}
		}
	}
	o.all, o.done = all, true
	return all, nil
}

// fetch returns a file from the first bucket that has it, whole and with the reviewed checksum.
func (o *Others) fetch(ctx context.Context, f manifest.Staged, say func(string)) ([]byte, error) {
	account, err := o.Account(ctx)
	if err != nil {
		return nil, err
	}
	buckets, err := o.buckets(ctx, account)
	if err != nil {
		return nil, err
	}
	var failures []error
	for _, b := range buckets {
		content, err := o.read(ctx, b, account, f, say)
		switch {
		case err == nil:
			return content, nil
		case !errors.Is(err, errElsewhere):
			failures = append(failures, fmt.Errorf("fetch %s from bucket %s: %w", f.Name, b.name, err))
		}
	}
	if len(failures) > 0 {
		return nil, errors.Join(failures...)
	}
	return nil, errElsewhere
}

func (o *Others) read(
	ctx context.Context, b foreign, account string, f manifest.Staged, say func(string),
) ([]byte, error) {
	sum, err := hex.DecodeString(f.SHA256)
	if err != nil {
		return nil, fmt.Errorf("%q is not a SHA-256 checksum", f.SHA256)
	}
	key, there := manifest.StagedKey(f.SHA256), func(options *s3.Options) { options.Region = b.region }
	head, err := o.API.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &b.name, Key: &key, ExpectedBucketOwner: &account, ChecksumMode: types.ChecksumModeEnabled,
	}, there)
	switch {
	case status(err) == http.StatusNotFound:
		return nil, errElsewhere
	case err != nil:
		return nil, err
	case aws.ToString(head.ChecksumSHA256) != base64.StdEncoding.EncodeToString(sum):
		return nil, errElsewhere
	}
	say("taking " + f.Name + " from bucket " + b.name)
	out, err := o.API.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &b.name, Key: &key, ExpectedBucketOwner: &account,
	}, there)
	if err != nil {
		return nil, err
	}
	defer out.Body.Close()
	content, err := download.All(out.Body, aws.ToInt64(out.ContentLength), manifest.LargestStaged)
	if err != nil {
		return nil, err
	}
	if got := manifest.Checksum(content); got != f.SHA256 {
		return nil, fmt.Errorf("it is not the reviewed file: its SHA-256 is %s, expected %s", got, f.SHA256)
	}
	return content, nil
}
