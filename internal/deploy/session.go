// Package deploy brings a generated folder into an AWS account and takes it away again.
//
// A command of the deployer is a struct of what it needs and a Run method: [Up], [Destroy], [Outputs]. What they need
// of AWS is an interface beside each; what they show goes through a view that the terminal, a log or a test implements.
// Nothing here knows what a site is made of: the folder's manifest says all that a deployment has to know.
package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/bucket"
	"distributed-moodle/internal/deploy/download"
	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/deploy/preflight"
	"distributed-moodle/internal/manifest"
)

// Session is a site's folder and the clients for the account that it goes to. Nothing has been asked of AWS yet.
type Session struct {
	Site   *manifest.Site
	Stacks *cfn.Client

	config aws.Config
	folder bool // the generated folder is here, and says what the site is
}

// Environments lists the environments that were generated into a folder, by name.
func Environments(out string) []string {
	files, _ := filepath.Glob(filepath.Join(out, "*", manifest.FileName))
	names := make([]string, 0, len(files))
	for _, path := range files {
		names = append(names, filepath.Base(filepath.Dir(path)))
	}
	slices.Sort(names)
	return names
}

// ReadSite reads out/<environment>/ and holds every file in it against the manifest.
func ReadSite(out, environment string) (*manifest.Site, error) {
	folder := filepath.Join(out, environment)
	site, err := manifest.Read(os.DirFS(folder))
	if edited, is := errors.AsType[*manifest.EditedError](err); is {
		if edited.Manifest.Environment != environment {
			return nil, copied(folder, environment, edited.Manifest)
		}
		return nil, outcome.Errorf(outcome.Refused, "%s: %w", folder, err).
			Advise("what is deployed is what was reviewed: %s and review the difference", edited.Manifest.Application.Regenerate())
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, unknownEnvironment(out, environment)
	case err != nil:
		return nil, outcome.Errorf(outcome.Failed, "%s: %w", folder, err).Advise("generate the folder again")
	case site.Environment != environment:
		return nil, copied(folder, environment, site.Manifest)
	}
	return site, nil
}

// copied refuses a folder whose manifest is that of another environment.
func copied(folder, environment string, m *manifest.Manifest) error {
	return outcome.Errorf(outcome.Refused, "%s is the generated folder of %s, not of %s", folder, m.Environment, environment).
		Advise("a copied folder would deploy the site that it was copied from: copy %s instead, give it another site, and generate", m.Source)
}

func unknownEnvironment(out, environment string) error {
	err := outcome.Errorf(outcome.Failed, "there is no environment %q in %s", environment, out)
	if names := Environments(out); len(names) > 0 {
		return err.Advise("there are: %s", strings.Join(names, ", "))
	}
	return err.Advise(
		"nothing has been generated there: generate the folder of %s first, or name the folder that contains it with --folder; what deploys nothing takes the name and region of a deployed site, too (--site, --region)",
		environment,
	)
}

// Open reads a site's folder and the AWS configuration. Options are those of [account.Config].
func Open(ctx context.Context, out, environment string, options ...func(*config.LoadOptions) error) (*Session, error) {
	site, err := ReadSite(out, environment)
	if err != nil {
		return nil, err
	}
	session, err := openManifest(ctx, site.Manifest, options...)
	if err != nil {
		return nil, err
	}
	session.Site, session.folder = site, true
	return session, nil
}

// OpenDeployed opens a site for a command that deploys nothing. The folder may be edited, half merged or of another
// version: doubt is what is wrong with it, nil for nothing.
func OpenDeployed(ctx context.Context, out, environment string) (session *Session, doubt, err error) {
	folder := filepath.Join(out, environment)
	m, doubt, err := manifest.Find(os.DirFS(folder))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, unknownEnvironment(out, environment)
	case err != nil:
		return nil, nil, outcome.Errorf(outcome.Failed, "%s: %w", folder, err).
			Advise("generate the folder again, or name the deployed site with --site and --region")
	case m.Environment != environment:
		return nil, nil, copied(folder, environment, m)
	}
	if doubt != nil {
		doubt = fmt.Errorf("%s: %w", folder, doubt)
	}
	session, err = openManifest(ctx, m)
	return session, doubt, err
}

// OpenNamed opens a deployed site of which there is no folder, for a command that deploys nothing.
func OpenNamed(ctx context.Context, site, region string) (*Session, error) {
	return openManifest(ctx, manifest.Named(site, region))
}

func openManifest(ctx context.Context, m *manifest.Manifest, options ...func(*config.LoadOptions) error) (*Session, error) {
	cfg, err := account.Config(ctx, m, options...)
	if err != nil {
		return nil, err
	}
	return &Session{Site: &manifest.Site{Manifest: m}, Stacks: cfn.New(cfg), config: cfg}, nil
}

// Identify asks AWS who is calling and refuses the wrong account.
func (s *Session) Identify(ctx context.Context) (account.Caller, error) {
	caller, err := account.Identify(ctx, sts.NewFromConfig(s.config), s.Site.Manifest)
	if endpoint := aws.ToString(s.config.BaseEndpoint); !strings.HasSuffix(endpoint, ".amazonaws.com") {
		caller.Endpoint = endpoint
	}
	return caller, err
}

// Bucket is the site's bucket in the caller's account.
func (s *Session) Bucket(caller account.Caller) Keeper {
	return &bucket.Bucket{
		API: bucket.NewClient(s.config), Name: s.Site.BucketName(caller.Account), Owner: caller.Account,
		Region: s.Site.Region, Partition: caller.Partition(), Site: s.Site.Site, Tags: s.Site.Tags,
	}
}

// Outside is where the site's staged files come from: a folder if one is named, the buckets of the account's other
// sites, and their addresses. A path instead of an address is relative to the folder of the environment file.
func (s *Session) Outside(from string) *bucket.Source {
	return &bucket.Source{
		Folder: filepath.Dir(filepath.FromSlash(s.Site.Source)), From: from, Get: download.New().Get,
		Others: &bucket.Others{
			API: bucket.NewClient(s.config), Own: s.Site.BucketName,
			Account: func(ctx context.Context) (string, error) {
				caller, err := s.Identify(ctx)
				return caller.Account, err
			},
		},
	}
}

// Target is the site in its account, for a run whose token is unique.
func (s *Session) Target(view UpView, token string) *Target {
	return &Target{
		Site: s.Site, Stacks: s.Stacks, Bucket: s.Bucket, Identify: s.Identify, View: view, Token: token,
		Logs: nodes.Retention{API: cloudwatchlogs.NewFromConfig(s.config)},
	}
}

// Observe looks at the account and at the DNS; see package preflight.
func (s *Session) Observe() Observe { return preflight.New(s.config, s.Stacks).Observe }

// Again looks once more at the account, for a saved plan; see package preflight.
func (s *Session) Again() Again { return preflight.New(s.config, s.Stacks).Recheck }

// OpenSaved opens the site of a saved plan. The generated folder is not needed; where it is, it must be the one that
// was planned.
func OpenSaved(
	ctx context.Context, out string, m *manifest.Manifest, options ...func(*config.LoadOptions) error,
) (*Session, error) {
	folder := slices.Contains(Environments(out), m.Environment)
	if folder {
		now, err := ReadSite(out, m.Environment)
		if err != nil {
			return nil, err
		}
		if !sameManifest(now.Manifest, m) {
			return nil, stale("%s is not the folder that was planned", filepath.Join(out, m.Environment))
		}
	}
	session, err := openManifest(ctx, m, options...)
	if err != nil {
		return nil, err
	}
	session.folder = folder
	return session, nil
}

func sameManifest(a, b *manifest.Manifest) bool {
	x, errX := a.Encode()
	y, errY := b.Encode()
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// Own refuses, for commands that look at no stack themselves, when the stack of the site's name is not the site's.
func (s *Session) Own(ctx context.Context) error {
	if _, err := s.Identify(ctx); err != nil {
		return err
	}
	stack, err := s.Stacks.Stack(ctx, s.Site.Site)
	switch {
	case cfn.IsNotFound(err):
		return nil
	case err != nil:
		return outcome.Errorf(outcome.Failed, "%w", err)
	}
	return ownership.Check(ctx, s.Stacks, s.Site.Manifest, stack)
}

// Endpoint is the address that answers in AWS's place; "" where it is AWS.
func (s *Session) Endpoint() string {
	if s.config.BaseEndpoint != nil {
		return *s.config.BaseEndpoint
	}
	for _, variable := range os.Environ() {
		if name, address, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_ENDPOINT_URL_") {
			return address
		}
	}
	return ""
}

// Config is the AWS configuration of the site's account, for clients of other services than CloudFormation.
func (s *Session) Config() aws.Config { return s.config }
