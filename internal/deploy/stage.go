package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// Fetch gets a file from outside, whole, with the checksum that was reviewed. It says first where the file comes from.
type Fetch func(ctx context.Context, file manifest.Staged, say func(string)) ([]byte, error)

// StageView shows what is being staged.
type StageView interface {
	Step(text string)
	Done(text string)
}

// Stage puts what nodes need from outside into the site's bucket, so that a node's start depends on nobody but AWS
// and Ubuntu's mirrors. What is there already is left alone.
type Stage struct {
	Site     *manifest.Manifest
	Identify func(context.Context) (account.Caller, error)
	Bucket   func(account.Caller) Keeper
	Fetch    Fetch
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
	var failures []error
	for _, thing := range missing {
		if err := s.Fetch.into(ctx, bucket, thing, s.View.Step); err != nil {
			failures = append(failures, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if len(failures) > 0 {
		return outcome.Errorf(outcome.Failed, "%w", errors.Join(failures...)).
			Advise(
				"run deploy stage %[1]s where the address can be reached, or with --from and a folder that has the file; a file that was replaced needs deploy lock %[1]s and a review",
				s.Site.Environment,
			)
	}
	if len(unknown) > 0 {
		return outcome.Errorf(outcome.Failed, "not staged, because their checksums are not known yet: %s", namesOf(unknown)).
			Advise("nodes cannot start without them: %s", lockAdvice(s.Site))
	}
	s.View.Done("everything that nodes need from outside is in " + s.Site.BucketName(caller.Account))
	return nil
}

// lockAdvice is how a checksum becomes known that is not.
func lockAdvice(m *manifest.Manifest) string {
	return fmt.Sprintf("run deploy lock %s, review the lock, and %s", m.Environment, m.Application.Regenerate())
}

// missingFiles returns what of some things a bucket does not hold, and of which nobody knows the checksum.
func missingFiles(ctx context.Context, bucket Keeper, things []manifest.Staged) (missing, unknown []manifest.Staged, err error) {
	keys := map[string]string{}
	for _, thing := range things {
		if thing.SHA256 != "" && !thing.Bundled() {
			keys[manifest.StagedKey(thing.SHA256)] = thing.SHA256
		}
	}
	absent, err := absentFrom(ctx, bucket, keys)
	if err != nil {
		return nil, nil, err
	}
	for _, thing := range things {
		switch {
		case thing.SHA256 == "":
			unknown = append(unknown, thing)
		case slices.Contains(absent, manifest.StagedKey(thing.SHA256)):
			missing = append(missing, thing)
		}
	}
	return missing, unknown, nil
}

// absentFrom returns, sorted, which keys of a bucket hold no object of the checksum that is given for each.
func absentFrom(ctx context.Context, bucket Keeper, checksums map[string]string) ([]string, error) {
	var absent []string
	var lock sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cfn.ConcurrentCalls)
	for key, checksum := range checksums {
		group.Go(func() error {
			has, err := bucket.Has(groupCtx, key, checksum)
			if err == nil && !has {
				lock.Lock()
				defer lock.Unlock()
				absent = append(absent, key)
			}
			return err
		})
	}
	err := group.Wait()
	slices.Sort(absent)
	return absent, err
}

// into fetches a thing and puts it where nodes look for it.
func (f Fetch) into(ctx context.Context, keeper Keeper, thing manifest.Staged, say func(string)) error {
	content, err := f(ctx, thing, say)
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
