package deploy

import (
	"context"
	"strings"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// Fetch gets a file from outside, whole, with the checksum that was reviewed.
type Fetch func(context.Context, manifest.Staged) ([]byte, error)

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
	Bucket   func(account.Caller) Keeper
	Fetch    Fetch
	Digest   func(context.Context, manifest.Staged) (string, error) // of what lies at an address now
	View     StageView
}

// Run stages everything whose checksum is known, and fails in the end when that is not everything.
func (s *Stage) Run(ctx context.Context) error {
	caller, err := s.Identify(ctx)
	if err != nil {
		return err
	}
	bucket := s.Bucket(caller)
	if _, err := bucket.Keep(ctx, nil, true); err != nil {
		return err
	}
	missing, unknown, err := missingFiles(ctx, bucket, s.Site.Staged)
	if err != nil {
		return err
	}
	for _, thing := range missing {
		s.View.Step("fetching " + thing.Name + " from " + thing.URL)
		if err := s.Fetch.into(ctx, bucket, thing); err != nil {
			return outcome.Errorf(outcome.Failed, "%w", err).Advise("correct the address or the checksum in %s, generate and review", s.Site.Source)
		}
	}
	if len(unknown) > 0 {
		return s.unreviewed(ctx, unknown)
	}
	s.View.Done("everything that nodes need from outside is in " + s.Site.BucketName(caller.Account))
	return nil
}

// unreviewed names what has no checksum in the site's files, with the one that it has now: to be compared with its maker's word and written down,
// by a person. Nothing is staged on the word of the address itself.
func (s *Stage) unreviewed(ctx context.Context, things []manifest.Staged) error {
	var seen []string
	for _, thing := range things {
		s.View.Step("looking at " + thing.Name + " at " + thing.URL)
		digest, err := s.Digest(ctx, thing)
		if err != nil {
			seen = append(seen, "  "+err.Error())
			continue
		}
		seen = append(seen, "  "+thing.URL+" has the SHA-256 "+digest)
	}
	return outcome.Errorf(outcome.Failed, "not staged, because their checksums are not known yet: %s", namesOf(things)).
		Advise("nodes cannot start without them: %s, generate and review:\n%s", s.Site.Application.OrDefaults().Advice.Checksums, strings.Join(seen, "\n"))
}

// missingFiles returns what of some things a bucket does not hold, and of which nobody knows the checksum.
func missingFiles(ctx context.Context, bucket Keeper, things []manifest.Staged) (missing, unknown []manifest.Staged, err error) {
	has := make([]bool, len(things))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cfn.ConcurrentCalls)
	for i, thing := range things {
		if thing.SHA256 == "" {
			continue
		}
		group.Go(func() (err error) {
			has[i], err = bucket.Has(groupCtx, manifest.StagedKey(thing.SHA256), thing.SHA256)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	for i, thing := range things {
		switch {
		case thing.SHA256 == "":
			unknown = append(unknown, thing)
		case !has[i]:
			missing = append(missing, thing)
		}
	}
	return missing, unknown, nil
}

// into fetches a thing and puts it where nodes look for it.
func (f Fetch) into(ctx context.Context, keeper Keeper, thing manifest.Staged) error {
	content, err := f(ctx, thing)
	if err != nil {
		return err
	}
	object := bucket.Object{Key: manifest.StagedKey(thing.SHA256), Content: content, Type: "application/octet-stream"}
	_, err = keeper.Keep(ctx, []bucket.Object{object}, false)
	return err
}

func namesOf(things []manifest.Staged) string {
	var all []string
	for _, thing := range things {
		all = append(all, thing.Name)
	}
	return strings.Join(all, ", ")
}
