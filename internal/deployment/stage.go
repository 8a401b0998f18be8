package deployment

import (
	"context"
	"strings"

	"distributed-moodle/internal/account"
	"distributed-moodle/internal/artifact"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/outcome"
)

// Shelf is a [Keeper] that can say what it holds.
type Shelf interface {
	Keeper
	Has(ctx context.Context, key, sha256 string) (bool, error)
}

// StageView shows what is being staged.
type StageView interface {
	Step(text string)
	Done(text string)
}

// Stage puts what nodes need from outside into the site's bucket, so that a node's start depends on nobody but AWS and Ubuntu's
// mirrors. What is there already is left alone.
type Stage struct {
	Site     *manifest.Manifest
	Identify func(context.Context) (account.Caller, error)
	Bucket   func(account.Caller) Shelf
	Fetch    func(context.Context, manifest.Staged) ([]byte, error)
	View     StageView
}

// Run stages everything whose digest is known, and fails in the end when that is not everything.
func (s *Stage) Run(ctx context.Context) error {
	caller, err := s.Identify(ctx)
	if err != nil {
		return err
	}
	bucket := s.Bucket(caller)
	if _, err := bucket.Keep(ctx, nil, true); err != nil {
		return err
	}
	var unknown []string
	for _, thing := range s.Site.Staged {
		if thing.SHA256 == "" {
			unknown = append(unknown, thing.Name)
			continue
		}
		if err := s.stage(ctx, bucket, thing); err != nil {
			return err
		}
	}
	if len(unknown) > 0 {
		return outcome.Errorf(outcome.Failed, "not staged, since nobody has looked up their digest: %s", strings.Join(unknown, ", ")).
			Advise("nodes cannot start without them; docs/verified.md says where they come from and where their digest is written")
	}
	s.View.Done("everything that nodes need from outside is in " + s.Site.BucketName(caller.Account))
	return nil
}

func (s *Stage) stage(ctx context.Context, bucket Shelf, thing manifest.Staged) error {
	key := manifest.StagedKey(thing.SHA256)
	has, err := bucket.Has(ctx, key, thing.SHA256)
	if err != nil || has {
		return err
	}
	s.View.Step("fetching " + thing.Name)
	content, err := s.Fetch(ctx, thing)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "%w", err).Advise("correct the address or the digest in %s, generate and review", s.Site.Source)
	}
	_, err = bucket.Keep(ctx, []artifact.Object{{Key: key, Content: content, Type: "application/octet-stream"}}, false)
	return err
}

// Shelf is the site's bucket in the caller's account, for [Stage].
func (s *Session) Shelf(caller account.Caller) Shelf { return s.Bucket(caller).(*artifact.Bucket) }
