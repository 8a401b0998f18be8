package recovery_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/localawstest"
)

// verbs are the commands that change a stack. Each is sure of what it does: nothing is asked.
var verbs = map[string]func(s *site) error{
	"up": (*site).up,
	"plan": func(s *site) error {
		preview := &deploy.Preview{Planner: s.planner(s.session()), Show: func(*plan.Plan) error { return nil }}
		return preview.Run(s.t.Context())
	},
	"apply": func(s *site) error {
		session := s.session()
		stack, err := session.Stacks.Stack(s.t.Context(), "site")
		s.succeed(err)
		changes := s.planOf()
		changes.StackID = stack.ID
		saved := &plan.Plan{Account: s.account.ID, Region: session.Site.Region, Manifest: session.Site.Manifest, StackID: stack.ID, Updated: stack.Updated, Changes: changes}
		return (&deploy.Apply{Target: s.planner(session).Target, Consent: deploy.Consent{Yes: true}, Plan: saved}).Run(s.t.Context())
	},
	"destroy": (*site).destroy,
	"recover": func(s *site) error { return s.recover() },
	"watch --cancel-on-interrupt": func(s *site) error {
		session := s.session()
		view := s.view()
		view.Terminal.Cancels = true
		return (&deploy.Watch{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: view}).Run(s.t.Context())
	},
	"stage": func(s *site) error { return s.session().Own(s.t.Context()) },
	"rotate": func(s *site) error {
		session := s.session()
		return (&deploy.Rotate{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: s.view(), Yes: true}).Run(s.t.Context())
	},
	"shell": func(s *site) error {
		session := s.session()
		return (&deploy.Shell{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}).Run(s.t.Context())
	},
}

func (s *site) destroy() error {
	session := s.session()
	return (&deploy.Destroy{
		Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: s.view(), Yes: true, Token: strings.ToLower(rand.Text()),
	}).Run(s.t.Context())
}

// foreign are stacks of another team's that have the site's name.
var foreign = map[string]func(s *site) string{
	"flat": func(*site) string { return localawstest.Parameter("Version", "v1") },
	"with nested stacks": func(s *site) string {
		theirs, out := localawstest.Small("theirs"), s.t.TempDir()
		theirs.Write(s.t, out)
		session, err := deploy.Open(s.t.Context(), out, "dev", s.account.LoadOptions()...)
		s.succeed(err)
		s.succeed((&deploy.Up{Planner: s.planner(session), Consent: deploy.Consent{Yes: true}}).Run(s.t.Context()))
		destroy := &deploy.Destroy{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, View: s.view(), Yes: true, Token: "x"}
		s.succeed(destroy.Run(s.t.Context()))
		root, err := os.ReadFile(filepath.Join(out, "dev", "site.yaml"))
		s.succeed(err)
		return "# site-artifacts-\n" + string(root) // a comment proves nothing
	},
	"nested from a bucket with a name that begins the same":       nesting("site-artifacts-shop/templates/" + anyDigest + ".yaml"),
	"nested from the site's bucket in another account":            nesting("site-artifacts-999999999999-eu-central-1/templates/" + anyDigest + ".yaml"),
	"nested from the site's bucket in another region":             nesting("site-artifacts-ACCOUNT-us-east-1/templates/" + anyDigest + ".yaml"),
	"nested from a key with the bucket's name":                    nesting("theirs/site-artifacts-ACCOUNT-eu-central-1/templates/" + anyDigest + ".yaml"),
	"nested from the site's bucket by another key":                nesting("site-artifacts-ACCOUNT-eu-central-1/c.yaml"),
	"nested from the site's bucket and, beside that, from theirs": nesting("site-artifacts-ACCOUNT-eu-central-1/templates/"+anyDigest+".yaml", "theirs/c.yaml"),
}

const anyDigest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// nesting is a template that nests stacks from paths at S3. One that nests its own child is updated by a resource of its own.
func nesting(paths ...string) func(s *site) string {
	return func(s *site) string {
		body := "Resources:\n"
		for i, path := range paths {
			path = strings.ReplaceAll(path, "ACCOUNT", s.account.ID)
			bucket, key, _ := strings.Cut(path, "/")
			s.put(bucket, key, localawstest.Parameter("Version", "v1"))
			body += fmt.Sprintf("  N%d:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: https://s3.eu-central-1.amazonaws.com/%s\n", i, path)
		}
		return body
	}
}

// put puts an object into a bucket of the account, as another team does.
func (s *site) put(bucket, key, body string) {
	s.t.Helper()
	api := s3.NewFromConfig(s.account.ConfigOf("colleague"), func(o *s3.Options) { o.UsePathStyle = true })
	_, err := api.CreateBucket(s.t.Context(), &s3.CreateBucketInput{Bucket: &bucket})
	if _, exists := errors.AsType[*types.BucketAlreadyOwnedByYou](err); !exists {
		s.succeed(err)
	}
	_, err = api.PutObject(s.t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(body)})
	s.succeed(err)
}

// statuses bring a stack into a status. The stack has a resource Version somewhere.
var statuses = map[string]func(s *site, m maker){
	"CREATE_COMPLETE": func(s *site, m maker) { m.create(false) },
	"CREATE_IN_PROGRESS": func(s *site, m maker) {
		s.account.Hangs("Version")
		m.create(false)
	},
	"CREATE_FAILED": func(s *site, m maker) {
		s.account.Fails("Version", cfntest.Creating, "no")
		m.create(true)
	},
	"ROLLBACK_COMPLETE": func(s *site, m maker) {
		s.account.Fails("Version", cfntest.Creating, "no")
		m.create(false)
	},
	"ROLLBACK_FAILED": func(s *site, m maker) {
		s.account.Fails("Version", cfntest.Creating, "no")
		s.account.Fails("*", cfntest.Deleting, "not empty")
		m.create(false)
	},
	"DELETE_FAILED": func(s *site, m maker) {
		m.create(false)
		s.account.Fails("Version", cfntest.Deleting, "not empty")
		_, err := s.client().DeleteStack(s.t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("site")})
		s.succeed(err)
		s.settle(cfn.New(s.account.Config()))
	},
	"UPDATE_COMPLETE": func(s *site, m maker) {
		m.create(false)
		m.update(false)
	},
	"UPDATE_FAILED": func(s *site, m maker) {
		m.create(false)
		s.account.Fails("Version", cfntest.Updating, "no")
		m.update(true)
	},
	"UPDATE_ROLLBACK_COMPLETE": func(s *site, m maker) {
		m.create(false)
		s.account.Fails("Version", cfntest.Updating, "no")
		m.update(false)
	},
	"UPDATE_ROLLBACK_FAILED": func(s *site, m maker) {
		m.create(false)
		s.account.Fails("Version", cfntest.Updating, "no")
		s.account.Fails("Version", cfntest.RollingBack, "no")
		m.update(false)
	},
}

// maker makes the stack named site: as another team does, or as this program does.
type maker interface {
	create(keepFailure bool)
	update(keepFailure bool)
}

type others struct {
	s    *site
	body string
}

func (o others) create(keep bool) {
	_, err := o.s.client().CreateStack(o.s.t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("site"), TemplateBody: &o.body, DisableRollback: &keep})
	o.s.succeed(err)
	o.s.settled()
}

func (o others) update(keep bool) {
	body := strings.Replace(o.body, "Value: v1", "Value: v2", 1)
	if body == o.body { // what changes is in a nested stack: its parameters are not to be had, so the root gets one more resource
		body += "  Version:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Type: String\n      Value: v2\n"
		o.s.account.Fails("Version", cfntest.Creating, "no")
	}
	_, err := o.s.client().UpdateStack(o.s.t.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("site"), TemplateBody: &body, DisableRollback: &keep})
	o.s.succeed(err)
	o.s.settled()
}

// ourselves deploys the site.
type ourselves struct{ s *site }

func (o ourselves) create(keep bool) { o.s.deploy(keep) }
func (o ourselves) update(keep bool) {
	o.s.changed()
	o.s.folder.Root = strings.Replace(o.s.folder.Root, "v1", "v2", 1)
	o.s.deploy(keep)
}

// settled waits for what does not hang.
func (s *site) settled() {
	for range 60 {
		stack, err := cfn.New(s.account.Config()).Stack(s.t.Context(), "site")
		s.succeed(err)
		if !stack.Running() {
			return
		}
		time.Sleep(time.Second)
	}
}

// changing are the calls that change something, whatever they are about.
func changing(calls []cfntest.Call) (all []string) {
	for _, c := range calls {
		for _, begin := range []string{"Create", "Delete", "Execute", "Update", "Continue", "Rollback", "Cancel", "Put"} {
			if strings.HasPrefix(c.Action, begin) {
				all = append(all, c.Action)
			}
		}
	}
	return all
}

func TestAStackOfOthersIsNeverTouched(t *testing.T) {
	for kind, body := range foreign {
		for status, bring := range statuses {
			t.Run(kind+" "+status, func(t *testing.T) {
				in(t, func(s *site) {
					bring(s, others{s, body(s)})
					got := s.account.Stack("site").Status
					if got != status && (kind == "flat" || !strings.HasPrefix(status, "UPDATE")) {
						s.t.Fatalf("it is %s", got)
					}
					s.typed = "site"
					for verb, do := range verbs {
						before := len(s.account.Calls())
						err := do(s)
						if outcome.CodeOf(err) != outcome.Refused || !strings.Contains(err.Error(), "a stack named site exists and was not made by deploy: its template nests ") ||
							!strings.Contains(outcome.AdviceOf(err), "give this site another name") {
							s.t.Errorf("%s: %v (%s)", verb, err, outcome.AdviceOf(err))
						}
						if made := changing(s.account.Calls()[before:]); made != nil {
							s.t.Errorf("%s calls %v", verb, made)
						}
					}
				})
			})
		}
	}
}

// What this program made is known in every status, with nested stacks and without, so that nobody is locked out of a broken site.
func TestAnOwnStackIsKnownInEveryStatus(t *testing.T) {
	for _, flat := range []bool{false, true} {
		for status, bring := range statuses {
			t.Run(map[bool]string{true: "flat ", false: "nested "}[flat]+status, func(t *testing.T) {
				in(t, func(s *site) {
					if flat {
						s.folder.Order, s.folder.Root = nil, localawstest.Parameter("Version", "v1")
					}
					bring(s, ourselves{s})
					if got := s.account.Stack("site").Status; got != status {
						s.t.Fatalf("it is %s", got)
					}
					s.account.Release("Version") // what runs may end: a watch follows it
					s.typed = "site"
					for verb, do := range verbs {
						if verb == "destroy" || verb == "recover" {
							continue // they end what there is: below
						}
						if err := do(s); err != nil && strings.Contains(err.Error(), "not made by deploy") {
							s.t.Errorf("%s: %v", verb, err)
						}
					}
					for _, verb := range []string{"recover", "destroy"} {
						if err := verbs[verb](s); err != nil && strings.Contains(err.Error(), "not made by deploy") {
							s.t.Errorf("%s: %v", verb, err)
						}
					}
				})
			})
		}
	}
}
