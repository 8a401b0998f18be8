package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reasons says why each direct dependency is there. One without a reason has no place, nor has a reason without its dependency.
var reasons = map[string]string{
	"github.com/awslabs/goformation/v7":                   "the vocabulary of the builders: a Go struct for each resource type",
	"gopkg.in/yaml.v3":                                    "reads environment files with their places, and writes the templates",
	"github.com/google/jsonschema-go":                     "makes the environment file's JSON Schema from the Go types, and checks it",
	"github.com/google/renameio/v2":                       "whole files or nothing: out/ is never half written",
	"github.com/spf13/cobra":                              "deploy's commands, help and completion for four shells",
	"github.com/spf13/pflag":                              "one set of flags given to several commands: cobra's own flags are these",
	"github.com/rogpeppe/go-internal":                     "testscript for the commands' tests; its diff for gen --check",
	"github.com/google/go-cmp":                            "readable differences in tests",
	"pgregory.net/rapid":                                  "properties over generated cases that shrink to the smallest failure",
	"pault.ag/go/debian":                                  "the order of Debian's versions: which package of an index is the newest",
	"golang.org/x/term":                                   "is a person looking, and how wide is their terminal",
	"golang.org/x/time":                                   "one poll budget for all stacks of a deployment",
	"golang.org/x/net":                                    "dnsmessage: who may issue certificates (CAA), which the standard resolver can't ask; html: the timeline's page as a browser reads it, in tests",
	"golang.org/x/sync":                                   "uploads and descriptions side by side, the first error wins",
	"github.com/chromedp/chromedp":                        "the timeline's page is looked at in a real browser by a test",
	"github.com/chromedp/cdproto":                         "what chromedp speaks with the browser",
	"github.com/charmbracelet/x/ansi":                     "the width of what a terminal shows, colours left out",
	"github.com/aws/aws-sdk-go-v2":                        "AWS",
	"github.com/aws/aws-sdk-go-v2/config":                 "profiles, SSO, roles and endpoints as in every program for AWS",
	"github.com/aws/aws-sdk-go-v2/credentials":            "fixed credentials in tests",
	"github.com/aws/aws-sdk-go-v2/service/acm":            "is the certificate that a listener names issued",
	"github.com/aws/aws-sdk-go-v2/service/servicequotas":  "how many VPCs, addresses, gateways, databases and vCPUs the account may have",
	"github.com/aws/aws-sdk-go-v2/service/ec2":            "which zones and instance types the account is offered: Cloud Control has no type for them. The linker keeps the three calls alone",
	"github.com/aws/aws-sdk-go-v2/service/route53":        "which records a hosted zone has, which Cloud Control does not list, and whether it is public",
	"github.com/aws/aws-sdk-go-v2/service/autoscaling":    "which nodes run: deploy shell",
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs": "what nodes wrote: deploy logs (v1.80, since later ones hold the schemas of every operation: 300 kB of the program)",
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol":   "one small client for a switch or a list of any service, by the names of its CloudFormation type",
	"github.com/aws/aws-sdk-go-v2/service/cloudformation": "change sets, stacks, events",
	"github.com/aws/aws-sdk-go-v2/service/rds":            "a snapshot of the database before Moodle upgrades it, which no other API takes",
	"github.com/aws/aws-sdk-go-v2/service/s3":             "the site's bucket of templates and bundles",
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager": "deploy rotate writes the new password of the database role",
	"github.com/aws/aws-sdk-go-v2/service/sts":            "which account are we in",
	"github.com/jmespath/go-jmespath":                     "deploy prove compares answers by JMESPath, which people know from the AWS CLI's --query",
	"github.com/aws/smithy-go":                            "the codes of AWS's errors, which the SDK leaves untyped where it matters most",
}

func TestEachDependencyHasItsReason(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	direct := map[string]bool{}
	for line := range strings.Lines(string(mod)) {
		required, remark, _ := strings.Cut(line, "//")
		if strings.TrimSpace(remark) == "indirect" {
			continue
		}
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(required), "require "))
		if len(fields) == 2 && strings.HasPrefix(fields[1], "v") {
			direct[fields[0]] = true
			if reasons[fields[0]] == "" {
				t.Errorf("go.mod requires %s, and nobody says why: give the reason in this file, or do without", fields[0])
			}
		}
	}
	for name := range reasons {
		if !direct[name] {
			t.Errorf("%s has a reason and is not required (any more)", name)
		}
	}
}
