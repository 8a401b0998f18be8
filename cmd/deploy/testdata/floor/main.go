// Command floor deploys a generated folder with the fewest calls that CloudFormation needs, and with nothing that makes
// a deployment safe. BenchmarkUp measures deploy against it.
package main

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"distributed-moodle/internal/manifest"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: floor FOLDER BUCKET create|update")
	}
	ctx := context.Background()
	site, err := manifest.Read(os.DirFS(os.Args[1]))
	must(err)
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(site.Region))
	must(err)
	objects := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	for _, s := range site.Stacks {
		body, err := os.ReadFile(filepath.Join(os.Args[1], s.Template.Path))
		must(err)
		_, err = objects.PutObject(ctx, &s3.PutObjectInput{
			Bucket: &os.Args[2], Key: aws.String(manifest.TemplateKey(s.Template.SHA256)),
			Body: strings.NewReader(string(body)),
		})
		must(err)
	}
	change(ctx, cloudformation.NewFromConfig(cfg), site, os.Args[3] == "create")
}

// change makes a change set and executes it, if there is anything to change.
func change(ctx context.Context, api *cloudformation.Client, site *manifest.Site, create bool) {
	in := &cloudformation.CreateChangeSetInput{
		StackName: &site.Site, ChangeSetName: aws.String("floor"),
		TemplateBody:  aws.String(string(site.Content[site.Root.Path])),
		ChangeSetType: types.ChangeSetTypeCreate, IncludeNestedStacks: aws.Bool(true),
	}
	for key, value := range site.Tags {
		in.Tags = append(in.Tags, types.Tag{Key: &key, Value: &value})
	}
	if !create {
		in.ChangeSetType = types.ChangeSetTypeUpdate
		_, err := api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: in.StackName})
		must(err)
	}
	made, err := api.CreateChangeSet(ctx, in)
	must(err)
	d, err := api.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id})
	must(err)
	if d.Status == types.ChangeSetStatusFailed {
		_, err := api.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{ChangeSetName: made.Id})
		must(err)
		return
	}
	_, err = api.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{ChangeSetName: made.Id})
	must(err)
	for {
		s, err := api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: made.StackId})
		must(err)
		if !strings.HasSuffix(string(s.Stacks[0].StackStatus), "_IN_PROGRESS") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
