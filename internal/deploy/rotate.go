package deploy

import (
	"context"
	"time"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/rotation"
	"distributed-moodle/internal/manifest"
)

// RotateView shows a rotation to whoever runs it.
type RotateView interface {
	Done(text string)
	CanAsk(instead string) error
	Confirm(ctx context.Context, question string) (bool, error)
}

// Rotate gives a site's database a new password; see package rotation.
type Rotate struct {
	Site     *manifest.Manifest
	Stacks   OwnStacks
	Identify func(context.Context) (account.Caller, error)
	Secrets  rotation.Secrets
	View     RotateView
	Yes      bool   // ask nothing
	Token    string // unique for this run, 32 to 64 characters
}

// Run writes the secret once somebody has agreed.
func (r *Rotate) Run(ctx context.Context) error {
	if _, err := r.Identify(ctx); err != nil {
		return err
	}
	secret, err := r.secret(ctx)
	if err != nil {
		return err
	}
	current, err := rotation.Read(ctx, r.Secrets, secret, r.Site.Application.OrDefaults().RoleEndings, time.Now())
	if err != nil {
		return err
	}
	if err := r.agree(ctx, current.Next); err != nil {
		return err
	}
	if err := current.Write(ctx, r.Secrets, r.Token); err != nil {
		return err
	}
	r.View.Done("the database's password is changed\n" + current.After())
	return nil
}

// secret returns the database's secret, from the outputs of the site's own stacks.
func (r *Rotate) secret(ctx context.Context) (string, error) {
	root, err := ownRoot(ctx, r.Stacks, r.Site)
	if err != nil {
		return "", err
	}
	outputs, err := cfn.OutputsOf(ctx, r.Stacks, root.ID)
	if err != nil {
		return "", err
	}
	return rotation.SecretOf(r.Site, outputs)
}

// agree asks, and returns an error unless the answer is yes.
func (r *Rotate) agree(ctx context.Context, role string) error {
	if r.Yes {
		return nil
	}
	if err := r.View.CanAsk("--yes"); err != nil {
		return err
	}
	yes, err := r.View.Confirm(ctx, "Give role "+role+" of "+r.Site.Site+" a new password and have the nodes use it?")
	if err == nil && !yes {
		return outcome.Errorf(outcome.Refused, "not done: you answered no")
	}
	return err
}
