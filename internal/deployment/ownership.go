package deployment

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/events"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/outcome"
	"distributed-moodle/internal/templatefile"
)

// OwnerStacks is what [Owned] needs of CloudFormation.
type OwnerStacks interface {
	events.Source
	Template(ctx context.Context, stack string) (string, error)
}

// Owned refuses a stack that only happens to have the site's name. Every command that changes something asks it before it writes, deletes,
// lifts or asks anything.
//
// A stack in review holds nothing yet: whose plans wait for it is what its change sets tell.
func Owned(ctx context.Context, api OwnerStacks, m *manifest.Manifest, stack cfn.Stack) error {
	if stack.Status == "" || stack.Status == inReview {
		return nil
	}
	template, err := api.Template(ctx, stack.ID)
	if err != nil && !cfn.IsNotFound(err) {
		return outcome.Errorf(outcome.Failed, "find out who made stack %s: %w", stack.Name, err)
	}
	return owned(ctx, api, m, stack, template)
}

// owned decides by what CloudFormation keeps of a stack in every status, a failed creation's and a failed deletion's too: its template, and
// the names that this program gives to change sets and operations.
func owned(ctx context.Context, api events.Source, m *manifest.Manifest, stack cfn.Stack, template string) error {
	switch whose(template, m.Site) {
	case own:
		return nil
	case others:
		return notOurs(m, stack, "its template nests stacks, and none of them from a bucket of the site's (%s-artifacts-…)", m.Site)
	}
	made, err := madeHere(ctx, api, stack)
	switch {
	case err != nil:
		return outcome.Errorf(outcome.Failed, "find out who made stack %s: %w", stack.Name, err)
	case !made:
		return notOurs(m, stack, "its template nests no stacks, and neither its last change set nor its creation has a name that deploy gives")
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
	silent word = iota // it nests no stack
	own                // it nests stacks from the site's own bucket
	others             // it nests stacks, from elsewhere
)

// whose looks at where a root's nested stacks come from: a site's come from the bucket that has its name.
func whose(template, site string) word {
	parsed, err := templatefile.Parse([]byte(template))
	if err != nil {
		return silent
	}
	says := silent
	resources, _ := parsed["Resources"].(map[string]any)
	for _, r := range resources {
		definition, _ := r.(map[string]any)
		if definition["Type"] != events.StackType {
			continue
		}
		properties, _ := definition["Properties"].(map[string]any)
		if names(properties["TemplateURL"], "/"+site+"-artifacts-") {
			return own
		}
		says = others
	}
	return says
}

// names reports whether a text is somewhere in a value of a template.
func names(v any, text string) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, text)
	case []any:
		for _, item := range v {
			if names(item, text) {
				return true
			}
		}
	case map[string]any:
		for _, item := range v {
			if names(item, text) {
				return true
			}
		}
	}
	return false
}

// ourChangeSet is how [changeSetName] names change sets, in the id of one.
var ourChangeSet = regexp.MustCompile(`(^|:changeSet/)` + prefix + `\d{8}-\d{6}-[a-z0-9-]+(/|$)`)

// madeHere reports whether this program made a stack without nested ones. CloudFormation forgets the change set of a creation that failed,
// not the token of the execution, which stands on the stack's events for 90 days.
func madeHere(ctx context.Context, api events.Source, stack cfn.Stack) (bool, error) {
	if ourChangeSet.MatchString(stack.ChangeSet) {
		return true, nil
	}
	made := false
	err := events.Each(ctx, api, stack.ID, func(e events.Event) {
		if e.OfStack() && strings.HasPrefix(e.Status, "CREATE_") {
			m := token.FindStringSubmatch(e.Token)
			made = made || m != nil && m[1] == "up"
		}
	})
	return made, err
}

// Own refuses, for commands that look at no stack themselves, when the stack of the site's name is not the site's.
func (s *Session) Own(ctx context.Context) error {
	stack, err := s.Stacks.Stack(ctx, s.Site.Site)
	switch {
	case cfn.IsNotFound(err):
		return nil
	case err != nil:
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	return Owned(ctx, s.Stacks, s.Site.Manifest, stack)
}
