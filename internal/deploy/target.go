package deploy

import (
	"context"
	"path"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
)

// Target is a site and the account that it goes to: what planning, checking and executing work on.
type Target struct {
	Site     *manifest.Site
	Stacks   UpStacks
	Bucket   func(account.Caller) Keeper
	Identify func(context.Context) (account.Caller, error)
	Logs     LogRetention
	View     UpView
	Token    string // unique for this run
}

// UpStacks is what planning and deploying need of CloudFormation.
type UpStacks interface {
	Discarding
	operation.Stacks
	operation.Canceller
	Template(ctx context.Context, stack string) (string, error)
	PlannedTemplate(ctx context.Context, changeSet string) (string, error)
	Resources(ctx context.Context, stack string) ([]cfn.Resource, error)
	Importers(ctx context.Context, export string) ([]string, error)
	CreateChangeSet(ctx context.Context, r cfn.ChangeSetRequest) (id, stackID string, err error)
	PlanDetails(ctx context.Context, changeSet string) ([]events.Detail, error)
	Execute(ctx context.Context, id, token string) error
	Protect(ctx context.Context, stack string) error
}

// Keeper keeps objects for CloudFormation and nodes to read.
type Keeper interface {
	Keep(ctx context.Context, objects []bucket.Object, mayBeThere bool) (bucket.Kept, error)
	Has(ctx context.Context, key, sha256 string) (bool, error)
	Get(ctx context.Context, key, sha256 string) ([]byte, error)
	URL(key, urlSuffix string) string
}

// UpView shows a deployment to whoever runs it.
type UpView interface {
	operation.View
	NoChanges(m *manifest.Manifest)
	// Plan shows a plan to whoever carries it out.
	Plan(p *plan.Plan, as account.Caller)
	// Type asks to have a word typed, and reports whether it was; its error names what to pass instead.
	Type(ctx context.Context, question, word, instead string) (bool, error)
}

func (t *Target) root() string { return string(t.Site.Content[t.Site.Root.Path]) }

func (t *Target) tags() map[string]string {
	if t.Site.Tags == nil {
		return map[string]string{}
	}
	return t.Site.Tags
}

// bodyLimit is how many bytes of a template may be in a call itself.
const bodyLimit = 51200

// templateFiles are the templates that CloudFormation reads from the bucket: the nested ones, and the root when it is
// too long for a call.
func (t *Target) templateFiles() []manifest.File {
	files := make([]manifest.File, 0, len(t.Site.Stacks)+1)
	if t.Site.Root.Bytes > bodyLimit {
		files = append(files, t.Site.Root)
	}
	for _, s := range t.Site.Stacks {
		files = append(files, s.Template)
	}
	return files
}

// objects is what CloudFormation and the nodes read from the bucket: the templates and the node's archive.
func (t *Target) objects() ([]bucket.Object, error) {
	templates := t.templateFiles()
	objects := make([]bucket.Object, 0, len(templates)+1)
	for _, file := range templates {
		objects = append(
			objects,
			bucket.Object{
				Key:     manifest.TemplateKey(file.SHA256),
				Content: t.Site.Content[file.Path],
				Type:    "text/yaml",
			},
		)
	}
	if t.Site.Node == nil {
		return objects, nil
	}
	archive, err := packNode(t.Site)
	if err != nil {
		return nil, err
	}
	return append(
		objects,
		bucket.Object{Key: manifest.BundleKey(t.Site.Node.SHA256), Content: archive, Type: "application/x-tar"},
	), nil
}

// packNode packs the node's files as the generator did, and compares the archive with the checksum that the templates
// name.
func packNode(site *manifest.Site) ([]byte, error) {
	files := map[string][]byte{}
	for _, f := range site.Node.Files {
		files[strings.TrimPrefix(path.Clean(f.Path), "node/")] = site.Content[f.Path]
	}
	archive, err := manifest.Pack(files)
	if err != nil {
		return nil, err
	}
	if got := manifest.FileOf("", archive).SHA256; got != site.Node.SHA256 {
		return nil, outcome.Errorf(outcome.Refused, "the node's files pack to %s, but %s says %s", got, manifest.FileName, site.Node.SHA256).
			Advise("%s, with this version, and review the difference", site.Application.Regenerate())
	}
	return archive, nil
}

// protect turns on what keeps a production site from being deleted by mistake.
func (t *Target) protect(ctx context.Context, stack cfn.Stack) error {
	if !t.Site.Production || stack.Protected {
		return nil
	}
	t.View.Step("turning on termination protection")
	if err := t.Stacks.Protect(ctx, stack.ID); err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err).
			Advise("nothing protects the stack of this production site from being deleted; run deploy up again")
	}
	return nil
}

// sayClosed says which protections of the bucket somebody had turned off, and are turned on again.
func (t *Target) sayClosed(kept bucket.Kept) {
	for _, again := range kept.Closed {
		t.View.Step("somebody opened the site's bucket by hand: " + again)
	}
}
