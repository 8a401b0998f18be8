package deploy

import (
	"context"
	"maps"
	"path"
	"strings"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/bundle"
	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/artifact"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// Keeper keeps objects for CloudFormation and nodes to read.
type Keeper interface {
	Keep(ctx context.Context, objects []artifact.Object, mayBeThere bool) (artifact.Kept, error)
	Has(ctx context.Context, key, sha256 string) (bool, error)
	URL(key, urlSuffix string) string
}

// UpView shows a deployment to whoever runs it.
type UpView interface {
	Watching
	Step(text string) // what is being done now, for the impatient
	NoChanges(m *manifest.Manifest)
	Plan(p Plan)
	// CanAsk is an error, naming what to pass instead, when there is nobody to ask.
	CanAsk(instead string) error
	// Confirm asks a question that only a yes answers with yes.
	Confirm(ctx context.Context, question string) (bool, error)
	// Type asks to have a word typed, and reports whether it was; its error names what to pass instead.
	Type(ctx context.Context, question, word, instead string) (bool, error)
}

// Up deploys a site: it creates it, or brings it to what its folder says.
type Up struct {
	Planner
	Yes   bool   // do not ask; not enough for a production site
	Meant string // a site's name: do not ask about that one, production or not
}

// Run deploys. Its error says with which exit code the command ends; nil is done, or nothing to do.
func (u *Up) Run(ctx context.Context) error {
	if err := checkSiteName(u.Site.Manifest, u.Meant); err != nil {
		return err
	}
	f, err := u.readCurrent(ctx)
	if err != nil {
		return err
	}
	if u.unchanged(f) {
		u.View.NoChanges(u.Site.Manifest)
		return u.protect(ctx, f.stack)
	}
	plan, err := u.plan(ctx, f)
	if err != nil {
		return err
	}
	if plan == nil {
		u.View.Done("CloudFormation finds nothing to change in " + u.Site.Site)
		return u.protect(ctx, f.stack)
	}
	u.View.Plan(*plan)
	if err := plan.refused(); err != nil {
		return u.discard(ctx, plan, err)
	}
	if err := u.confirm(ctx, plan); err != nil {
		return u.discard(ctx, plan, err)
	}
	return u.execute(ctx, plan)
}

// readCurrent asks who is calling and what is there, side by side: looking does no harm in a wrong account.
func (u *Planner) readCurrent(ctx context.Context) (currentState, error) {
	var f currentState
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		f.caller, err = u.Identify(groupCtx)
		return err
	})
	var stackErr error
	group.Go(func() error {
		f.stack, stackErr = u.Stacks.Stack(groupCtx, u.Site.Site)
		if stackErr == nil && f.stack.Status != status.ReviewInProgress {
			f.template, stackErr = u.Stacks.Template(groupCtx, f.stack.ID)
		}
		if cfn.IsNotFound(stackErr) {
			stackErr = nil
		}
		return nil
	})
	// Whose credentials these are comes first: with wrong ones, what the stack's calls say is beside the point.
	if err := group.Wait(); err != nil {
		return currentState{}, err
	}
	if stackErr != nil || f.stack.Status == "" {
		return f, stackErr
	}
	if f.stack.Status != status.ReviewInProgress {
		if err := owned(ctx, u.Stacks, u.Site.Manifest, f.stack, f.template); err != nil {
			return currentState{}, err
		}
	}
	var err error
	f.status, err = classify(f.stack, u.Site.Environment)
	return f, err
}

// unchanged reports whether the folder is deployed already. The deployed root template holds the digest of every nested one, and
// those hold the digest of the node's files, so the root and the tags say it all.
func (u *Planner) unchanged(f currentState) bool {
	return f.status == updatable && maps.Equal(f.stack.Tags, u.tags()) && sameTemplate(f.template, u.root())
}

func (u *Planner) root() string { return string(u.Site.Content[u.Site.Root.Path]) }

func (u *Planner) tags() map[string]string {
	if u.Site.Tags == nil {
		return map[string]string{}
	}
	return u.Site.Tags
}

// bodyLimit is how many bytes of a template may stand in a call itself.
const bodyLimit = 51200

// objects is what CloudFormation and the nodes read from the bucket: the nested templates, the root when it is too long for a
// call, the node's archive.
func (u *Planner) objects() ([]artifact.Object, error) {
	templates := make([]manifest.File, 0, len(u.Site.Stacks)+1)
	if u.Site.Root.Bytes > bodyLimit {
		templates = append(templates, u.Site.Root)
	}
	for _, s := range u.Site.Stacks {
		templates = append(templates, s.Template)
	}
	objects := make([]artifact.Object, 0, len(templates)+1)
	for _, t := range templates {
		objects = append(objects, artifact.Object{Key: manifest.TemplateKey(t.SHA256), Content: u.Site.Content[t.Path], Type: "text/yaml"})
	}
	if u.Site.Node == nil {
		return objects, nil
	}
	archive, err := packNode(u.Site)
	if err != nil {
		return nil, err
	}
	return append(objects, artifact.Object{Key: manifest.BundleKey(u.Site.Node.SHA256), Content: archive, Type: "application/x-tar"}), nil
}

// packNode packs the node's files as the generator did, and holds the archive against the digest that the templates name.
func packNode(site *manifest.Site) ([]byte, error) {
	files := map[string][]byte{}
	for _, f := range site.Node.Files {
		files[strings.TrimPrefix(path.Clean(f.Path), "node/")] = site.Content[f.Path]
	}
	archive, err := bundle.Pack(files)
	if err != nil {
		return nil, err
	}
	if got := manifest.FileOf("", archive).SHA256; got != site.Node.SHA256 {
		return nil, outcome.Errorf(outcome.Refused, "the node's files pack to %s, but %s says %s", got, manifest.FileName, site.Node.SHA256).
			Advise("generate the folder again with this version (make templates) and review the difference")
	}
	return archive, nil
}

// confirm asks, unless it was told not to. A production site's name is typed: a yes is given too fast.
func (u *Up) confirm(ctx context.Context, plan *Plan) error {
	site := plan.Manifest.Site
	if u.Meant == site {
		return nil
	}
	if plan.Manifest.Production {
		typed, err := u.View.Type(ctx, "This is a production site. To deploy these changes, type its name ("+site+"):", site, "--yes-i-mean "+site)
		if err == nil && !typed {
			err = outcome.Errorf(outcome.Refused, "not deployed: the name was not typed")
		}
		return err
	}
	if u.Yes {
		return nil
	}
	if err := u.View.CanAsk("--yes"); err != nil {
		return err
	}
	question := "Deploy these changes to " + site + "?"
	if plan.Create {
		question = "Create " + site + "?"
	}
	yes, err := u.View.Confirm(ctx, question)
	if err == nil && !yes {
		err = outcome.Errorf(outcome.Refused, "not deployed: the answer was no")
	}
	return err
}

// checkSiteName refuses when the site that somebody means is another one.
func checkSiteName(m *manifest.Manifest, name string) error {
	if name == "" || name == m.Site {
		return nil
	}
	return outcome.Errorf(outcome.Refused, "--yes-i-mean %s, but this is %s", name, m.Site).Advise("look which of the two you mean")
}

// protect turns on what keeps a production site from being deleted by mistake.
func (u *Planner) protect(ctx context.Context, stack cfn.Stack) error {
	if !u.Site.Production || stack.Protected {
		return nil
	}
	u.View.Step("turning on termination protection")
	if err := u.Stacks.Protect(ctx, stack.ID); err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err).Advise("the site is deployed; run deploy up again to turn the protection on")
	}
	return nil
}
