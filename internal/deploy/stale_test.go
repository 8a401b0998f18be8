package deploy_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/localawstest"
)

// savedSite is a site with a saved plan, to which something happens before it is applied.
type savedSite struct {
	t       *testing.T
	account *cfntest.Account
	site    *localawstest.Folder
	dir     string
	saved   *plan.Plan
	apply   *run
}

// afterSaving deploys a small site, saves a plan that changes its App, lets something happen, and applies.
func afterSaving(t *testing.T, happens func(*savedSite)) error {
	p := &savedSite{t: t, account: cfntest.New(t), site: localawstest.Small("site"), dir: t.TempDir()}
	p.deploy("v1")
	p.site.Stacks["App"] = strings.Replace(p.site.Stacks["App"], "v1", "v2", 1)
	_, saved, err := p.run().plan(true)
	wantCode(t, err, outcome.ChangesWaiting)
	p.saved, p.apply = saved, &run{t: t, options: p.account.LoadOptions()}
	happens(p)
	return p.apply.apply(saved)
}

func (s *savedSite) run() *run {
	return &run{t: s.t, out: s.site.Write(s.t, s.dir), options: s.account.LoadOptions()}
}

// deploy brings the App to another version, as somebody else would.
func (s *savedSite) deploy(version string) {
	s.site.Stacks["App"] = strings.NewReplacer("v1", version, "v2", version).Replace(s.site.Stacks["App"])
	s.run().mustUp()
}

func (s *savedSite) destroy() {
	if err := s.run().destroy(); err != nil {
		s.t.Fatal(err)
	}
}

// told changes what is said of one change set of the tree, by its stack's name; "site" is the root's.
func (s *savedSite) told(stack string, change func(*cloudformation.DescribeChangeSetOutput)) {
	s.apply.lies = func(d *cloudformation.DescribeChangeSetOutput) {
		if name := aws.ToString(d.StackName); name == stack || strings.HasPrefix(name, stack+"-") && stack != "site" {
			change(d)
		}
	}
}

func TestASavedPlanThatNoLongerHoldsIsRefusedWithTheReason(t *testing.T) {
	for _, test := range []struct {
		name    string
		happens func(*savedSite)
		want    string
	}{
		{"the stack is gone", (*savedSite).destroy, "stack site does not exist any more"},
		{"the stack was made anew", func(p *savedSite) {
			p.destroy()
			p.deploy("v1")
		}, "stack site was deleted and made again"},
		{"somebody deployed something else", func(p *savedSite) { p.deploy("v3") }, "stack site was updated at 20"},
		{"it was applied before", func(p *savedSite) {
			if err := (&run{t: p.t, options: p.account.LoadOptions()}).apply(p.saved); err != nil {
				p.t.Fatal(err)
			}
		}, "it has been executed already (EXECUTE_COMPLETE)"},
		{"it is being executed", func(p *savedSite) {
			p.account.Hangs("Version")
			p.execute()
		}, "it has been executed already (EXECUTE_IN_PROGRESS)"},
		{"its execution failed", func(p *savedSite) {
			p.account.Fails("Version", cfntest.Updating, "no")
			wantCode(p.t, (&run{t: p.t, options: p.account.LoadOptions()}).apply(p.saved), outcome.RolledBack)
		}, "stack site was updated at 20"},
		{"the change set was deleted", func(p *savedSite) {
			if err := p.stacks().DeleteChangeSet(p.saved.Changes.ChangeSetID); err != nil {
				p.t.Fatal(err)
			}
			time.Sleep(time.Minute) // of the bubble: it is deleted in its own time
		}, "its change set is gone: it was deleted, or another one was executed"},
		{"the change set is being deleted", func(p *savedSite) {
			p.told("site", func(d *cloudformation.DescribeChangeSetOutput) { d.Status = types.ChangeSetStatusDeleteInProgress })
		}, "its change set is DELETE_IN_PROGRESS"},
		{"the change set is obsolete", func(p *savedSite) {
			p.told("site", func(d *cloudformation.DescribeChangeSetOutput) { d.ExecutionStatus = types.ExecutionStatusObsolete })
		}, "its change set is OBSOLETE: the stack has changed since"},
		{"a nested change set is obsolete", func(p *savedSite) {
			p.told("site-App", func(d *cloudformation.DescribeChangeSetOutput) { d.ExecutionStatus = types.ExecutionStatusObsolete })
		}, "the change set of nested stack App is OBSOLETE: that stack has changed since"},
		{"a nested change set has failed", func(p *savedSite) {
			p.told("site-App", func(d *cloudformation.DescribeChangeSetOutput) {
				d.Status, d.StatusReason = types.ChangeSetStatusFailed, aws.String("a hook said no")
			})
		}, "CloudFormation can't plan site/App: a hook said no"},
		{"a nested change set changes something else", func(p *savedSite) {
			p.told("site-App", func(d *cloudformation.DescribeChangeSetOutput) {
				d.Changes[0].ResourceChange.Replacement = types.ReplacementTrue
			})
		}, "CloudFormation now says something else about what would change"},
		{"other credentials", func(p *savedSite) { p.account.ID = "999999999999" },
			"it was made in account 123456789012, and these credentials are of account 999999999999"},
		{"the folder is another one", func(p *savedSite) {
			p.site.Stacks["App"] = localawstest.Parameter("Version", "v9")
			p.apply.out = p.site.Write(p.t, p.dir)
		}, "is not the folder that was planned"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := afterSaving(t, test.happens)
				wantCode(t, err, outcome.Refused, "the saved plan is no longer valid: ", test.want, "make a new plan")
			})
		})
	}
}

// stacks is CloudFormation as a colleague uses it.
func (s *savedSite) stacks() colleague {
	return colleague{s.t, cloudformation.NewFromConfig(s.account.ConfigOf("colleague"))}
}

type colleague struct {
	t   *testing.T
	api *cloudformation.Client
}

func (c colleague) DeleteChangeSet(id string) error {
	_, err := c.api.DeleteChangeSet(c.t.Context(), &cloudformation.DeleteChangeSetInput{ChangeSetName: &id})
	return err
}

// execute begins what was planned and does not wait for it.
func (s *savedSite) execute() {
	_, err := s.stacks().api.ExecuteChangeSet(s.t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: &s.saved.Changes.ChangeSetID})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestASavedPlanIsNotAppliedInAnotherRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		err := afterSaving(t, func(p *savedSite) { p.t.Setenv("AWS_REGION", "us-east-1") })
		wantCode(t, err, outcome.Refused, "AWS_REGION is us-east-1, but site is in eu-central-1")
	})
}

// Whatever is changed in the file's text, its digest no longer fits.
func TestASavedPlanThatWasEditedIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		err := afterSaving(t, func(p *savedSite) {
			text, err := plan.Encode(p.saved)
			if err != nil {
				t.Fatal(err)
			}
			for _, edit := range [][2]string{{"123456789012", "999999999999"}, {`"v2"`, `"v9"`}, {"eu-central-1", "us-east-1"}, {`"create": false`, `"create": true`}} {
				edited := bytes.Replace(text, []byte(edit[0]), []byte(edit[1]), 1)
				if bytes.Equal(edited, text) {
					t.Errorf("the file has no %s", edit[0])
				}
				if _, err := plan.Decode(edited); err == nil {
					t.Errorf("%s in the place of %s is not noticed", edit[1], edit[0])
				}
			}
		})
		if err != nil {
			t.Error("as it was written it is applied, but:", err)
		}
	})
}

// A plan of a creation only holds as long as the stack is still to be created.
func TestASavedCreationIsNotAppliedToASiteThatExists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		out := localawstest.Small("site").Write(t, t.TempDir())
		_, saved, err := (&run{t: t, out: out, options: a.LoadOptions()}).plan(true)
		wantCode(t, err, outcome.ChangesWaiting)
		(&run{t: t, out: out, options: a.LoadOptions()}).mustUp()
		wantCode(t, (&run{t: t, options: a.LoadOptions()}).apply(saved), outcome.Refused, "the saved plan is no longer valid: stack site is CREATE_COMPLETE now")
	})
}
