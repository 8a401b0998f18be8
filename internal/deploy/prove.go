package deploy

import (
	"context"
	"time"

	"github.com/google/renameio/v2/maybe"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/proof"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/verified"
)

// Prove asks a deployed site what nobody has shown on AWS yet, and writes the answers into a file. It changes nothing.
type Prove struct {
	Site     *manifest.Manifest
	Stacks   OwnStacks
	Identify func(context.Context) (account.Caller, error)
	Calls    proof.Calls
	Rows     []verified.Section
	Endpoint string // who is asked, if it is not AWS
	Program  string // its version
	File     string // "" is proof-<date>.json
	Now      func() time.Time
	Step     func(text string)
	Show     func(p *proof.Proof, file string) error
}

// Run writes a proof, whole or not at all. Its error is [outcome.ChangesWaiting] if something is not as it should be.
func (p *Prove) Run(ctx context.Context) error {
	if err := p.refused(); err != nil {
		return err
	}
	caller, err := p.Identify(ctx)
	if err != nil {
		return err
	}
	root, err := ownRoot(ctx, p.Stacks, p.Site)
	if err != nil {
		return err
	}
	if root.Protected {
		return p.production()
	}
	if _, err := operation.StateOf(root, p.Site.Environment); err != nil {
		return err
	}
	tree, err := cfn.Tree(ctx, p.Stacks, root.ID)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "read the stacks of %s: %w", p.Site.Site, err)
	}
	made, err := p.ask(ctx, caller, root, tree)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "ask about %s: %w", p.Site.Site, err).
			Advise("nothing was written; run it again")
	}
	file, err := p.save(made)
	if err != nil {
		return err
	}
	if err := p.Show(made, file); err != nil {
		return err
	}
	return judged(made, file)
}

// refused is why a site is not asked; nil if it may be. A proof says of which account it is, so that is written down
// beforehand.
func (p *Prove) refused() error {
	switch {
	case p.Site.Account == "":
		return outcome.Errorf(
			outcome.Refused, "%s does not name its account, so a proof might be of another one", p.Site.Environment,
		).Advise(
			"set account in %s (aws sts get-caller-identity shows it), and %s", p.Site.Source,
			p.Site.Application.Regenerate(),
		)
	case p.Site.Production:
		return p.production()
	}
	return nil
}

func (p *Prove) production() error {
	return outcome.Errorf(outcome.Refused, "%s is a production site, and nothing is tried out there", p.Site.Site).
		Advise(
			"copy %s under another name, with another site and without production, deploy that, and prove it",
			p.Site.Source,
		)
}

func (p *Prove) ask(
	ctx context.Context, caller account.Caller, root cfn.Stack, tree []cfn.StackRef,
) (*proof.Proof, error) {
	made := &proof.Proof{
		Version: proof.Version, Site: p.Site.Site, Environment: p.Site.Environment, Account: caller.Account,
		Region: p.Site.Region, Endpoint: p.Endpoint, By: caller.ARN, Program: p.Program,
		StackID: root.ID, Updated: root.Updated.UTC(), Began: p.now(),
	}
	asker := &proof.Asker{Calls: p.Calls, Tree: tree, Now: p.Now, Values: map[string]string{
		"account": caller.Account, "region": p.Site.Region, "site": p.Site.Site,
	}}
	var err error
	made.Rows, made.ToType, err = asker.Ask(ctx, p.Rows, func(r verified.Row) { p.Step("asking " + r.ID) })
	made.Ended = p.now()
	return made, err
}

func (p *Prove) now() time.Time { return p.Now().UTC().Truncate(time.Second) }

// save writes a file for its owner only: it names accounts and resources.
func (p *Prove) save(made *proof.Proof) (string, error) {
	file := p.File
	if file == "" {
		file = "proof-" + made.Began.Format("2006-01-02T150405Z") + ".json"
	}
	text, err := made.Encode()
	if err == nil {
		err = maybe.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return "", outcome.Errorf(outcome.Failed, "write the proof: %w", err).Advise("name a writable file with --out")
	}
	return file, nil
}

func judged(made *proof.Proof, file string) error {
	switch {
	case made.Count(proof.NotShown) > 0:
		return outcome.Errorf(
			outcome.ChangesWaiting, "%d of %d answers are not the expected ones", made.Count(proof.NotShown),
			len(made.Rows),
		).Advise("read them in %s: the templates are wrong there, or what was expected", file)
	case made.Failed():
		return outcome.Errorf(outcome.Failed, "some questions got no answer").
			Advise("%s says why; most often a permission to read is missing", file)
	}
	return nil
}
