// Package ownership knows what this program has made: the names, descriptions and tokens that it gives to change sets
// and operations, and whether a stack of the site's name is the site's.
package ownership

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// Stacks is what [Check] needs of CloudFormation.
type Stacks interface {
	events.Source
	Template(ctx context.Context, stack string) (string, error)
}

// Check refuses a stack that only happens to have the site's name. Every command that changes something asks it before
// it writes, deletes, lifts or asks anything.
//
// A stack in review holds nothing yet: whose plans wait for it is what its change sets tell.
func Check(ctx context.Context, api Stacks, m *manifest.Manifest, stack cfn.Stack) error {
	if stack.Status == "" || stack.Status == status.ReviewInProgress {
		return nil
	}
	template, err := api.Template(ctx, stack.ID)
	if err != nil && !cfn.IsNotFound(err) {
		return outcome.Errorf(outcome.Failed, "find out who made stack %s: %w", stack.Name, err)
	}
	return CheckTemplate(ctx, api, m, stack, template)
}

// CheckTemplate is [Check] for who has read the template already. It decides by what CloudFormation keeps of a stack in
// every status, a failed creation's and a failed deletion's too: its template, and the names that this program gives to
// change sets and operations.
func CheckTemplate(
	ctx context.Context, api events.Source, m *manifest.Manifest, stack cfn.Stack, template string,
) error {
	switch says, url := ownerOf(template, m, stack.ID); says {
	case own:
		return nil
	case foreign:
		return notOurs(
			m, stack, "its template nests a stack whose template does not come from the site's bucket: %s", url,
		)
	}
	made, err := madeHere(ctx, api, stack)
	switch {
	case err != nil:
		return outcome.Errorf(outcome.Failed, "find out who made stack %s: %w", stack.Name, err)
	case !made:
		return notOurs(
			m, stack,
			"its template nests no stacks, and neither its last change set nor its creation has a name that deploy gives",
		)
	}
	return nil
}

func notOurs(m *manifest.Manifest, stack cfn.Stack, why string, args ...any) error {
	return outcome.Errorf(outcome.Refused, "a stack named %s exists and was not made by deploy: %s", stack.Name, fmt.Sprintf(why, args...)).
		Advise("nothing was done to it. Find out whose it is: aws cloudformation describe-stacks --region %s --stack-name %s\n"+
			"if it is somebody else's, give this site another name (site in %s) and generate", m.Region, stack.Name, m.Source)
}

// word is what a template says about who made its stack.
type word int

const (
	silent  word = iota // it nests no stack
	own                 // it nests stacks from the site's own bucket
	foreign             // it nests stacks, from elsewhere
)

// ownerOf looks at where a root's nested stacks come from: a site's come, all of them, from its own bucket in its own
// account, under the checksum of their content. A name alone proves nothing: another team's bucket may begin like the
// site's. Of one that is another it returns the address, too.
func ownerOf(text string, m *manifest.Manifest, stackID string) (says word, url string) {
	parsed, err := template.ParseDeployed(text)
	if err != nil {
		return silent, ""
	}
	says = silent
	for _, r := range parsed.Resources() {
		if !r.NestedStack() {
			continue
		}
		if _, is := TemplateKey(r.TemplateAddress(), m, stackID); !is {
			return foreign, r.TemplateAddress()
		}
		says = own
	}
	return says, ""
}

// TemplateKey returns the key of a template by its address; own reports whether the address is that of a template in
// the site's bucket, once its pseudo parameters are put in.
func TemplateKey(url string, m *manifest.Manifest, stackID string) (key string, own bool) {
	id, err := arn.Parse(stackID)
	if err != nil {
		return "", false
	}
	suffix := account.Caller{ARN: stackID}.URLSuffix()
	url = strings.NewReplacer("${AWS::AccountId}", id.AccountID, "${AWS::Region}", id.Region, "${AWS::Partition}", id.Partition, "${AWS::URLSuffix}", suffix).
		Replace(url)
	key, own = strings.CutPrefix(url, "https://s3."+id.Region+"."+suffix+"/"+m.BucketName(id.AccountID)+"/")
	return key, own && manifest.IsTemplateKey(key)
}

// IsOwnChangeSet reports whether this program made a change set: it has the name that [ChangeSetName] gives, and the
// description.
func IsOwnChangeSet(c cfn.ChangeSetSummary) bool {
	return ourChangeSet.MatchString(c.Name) && strings.HasPrefix(c.Description, Prefix)
}

// uncheckedNote begins, after the Prefix, the description of a plan whose nested stacks CloudFormation did not check.
const uncheckedNote = "nested stacks not checked by CloudFormation; "

// maker is who a description names as a plan's maker: "deploy-up dev by anna, git abc1234; accepted …". A session's
// name may hold commas, but no space.
var maker = regexp.MustCompile(
	`(?s)^` + Prefix + `(?:` + regexp.QuoteMeta(uncheckedNote) + `)?up \S+ by (\S+?)(?:[,;]? .*)?$`,
)

// EnvironmentOf returns the environment that the description of a change set names; false if deploy did not word it.
func EnvironmentOf(description string) (environment string, ok bool) {
	match := planned.FindStringSubmatch(description)
	if match == nil {
		return "", false
	}
	return match[1], true
}

var planned = regexp.MustCompile(`^` + Prefix + `(?:` + regexp.QuoteMeta(uncheckedNote) + `)?up (\S+) by `)

// PlannedBy reports whether a change set was made with this program by a caller, who may give it up: its description
// names its maker.
func PlannedBy(c cfn.ChangeSetSummary, caller string) bool {
	by := maker.FindStringSubmatch(c.Description)
	return IsOwnChangeSet(c) && by != nil && by[1] == caller
}

// ourChangeSet is how [ChangeSetName] names change sets, by itself or in the id of one.
var ourChangeSet = regexp.MustCompile(`(^|:changeSet/)` + Prefix + `\d{8}-\d{6}-[a-z0-9-]+(/|$)`)

// madeHere reports whether this program made a stack without nested ones. CloudFormation forgets the change set of a
// creation that failed, not the token of the execution, which is on the stack's events for 90 days.
func madeHere(ctx context.Context, api events.Source, stack cfn.Stack) (bool, error) {
	if ourChangeSet.MatchString(stack.ChangeSet) {
		return true, nil
	}
	made := false
	err := events.Each(ctx, api, stack.ID, func(e events.Event) {
		if e.OfStack() && e.Status.Phase() == status.Create {
			what, _, ok := ParseToken(e.Token)
			made = made || ok && what == "up"
		}
	})
	return made, err
}
