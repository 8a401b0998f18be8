package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/manifest"
)

// shelf is a bucket in memory.
type shelf map[string]string

func (s shelf) Keep(_ context.Context, objects []bucket.Object, _ bool) (bucket.Kept, error) {
	for _, o := range objects {
		s[o.Key] = string(o.Content)
	}
	return bucket.Kept{}, nil
}

func (s shelf) URL(key, _ string) string { return key }

func (s shelf) Has(_ context.Context, key, _ string) (bool, error) { return s[key] != "", nil }

func (s shelf) Get(_ context.Context, key, _ string) ([]byte, error) { return []byte(s[key]), nil }

func TestStageFetchesWhatIsMissingAndNamesWhatNobodyKnows(t *testing.T) {
	bucket, fetched := shelf{"staged/aa": "there"}, ""
	site := &manifest.Manifest{Site: "s", Source: "environments/dev.yaml", Staged: []manifest.Staged{
		{Name: "moodle", SHA256: "aa"}, {Name: "plugin mod/x", SHA256: "bb"}, {Name: "efs-utils", URL: "https://example.com/e"},
	}}
	var stderr bytes.Buffer
	s := &deploy.Stage{
		Site: site, View: &terminal.Progress{Terminal: &terminal.Terminal{Out: io.Discard, Err: &stderr}},
		Identify: func(context.Context) (account.Caller, error) { return account.Caller{}, nil },
		Bucket:   func(account.Caller) deploy.Keeper { return bucket },
		Fetch: func(_ context.Context, m manifest.Staged, _ func(string)) ([]byte, error) {
			fetched += m.Name
			return []byte("content"), nil
		},
	}
	wantCode(t, s.Run(t.Context()), outcome.Failed, "because their checksums are not known yet: efs-utils")
	if fetched != "plugin mod/x" || bucket["staged/bb"] != "content" || bucket["staged/aa"] != "there" {
		t.Errorf("fetched %q, the bucket holds %v", fetched, bucket)
	}
	site.Staged = site.Staged[:2]
	if err := s.Run(t.Context()); err != nil {
		t.Error(err)
	}
	wantWords(t, stderr.String(), "everything that nodes need from outside is in")
	s.Fetch = func(_ context.Context, m manifest.Staged, _ func(string)) ([]byte, error) {
		return nil, errors.New(m.Name + " is another file")
	}
	clear(bucket)
	wantCode(t, s.Run(t.Context()), outcome.Failed, "moodle is another file\nplugin mod/x is another file")
}
