package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/diff"

	"distributed-moodle/internal/acceptfile"
	"distributed-moodle/internal/cfn/servicerules"
	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/generate/outdir"
	"distributed-moodle/internal/lockfile"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/stacks"
)

// run generates everything before it writes anything, so that a mistake in one environment leaves all of out/
// unchanged.
func (o *options) run(stdout, stderr io.Writer) (int, error) {
	if err := o.strays(); err != nil {
		return exitError, err
	}
	all, err := environment.List(o.environments)
	if err != nil {
		return exitError, err
	}
	sites, err := o.generate(all)
	if err != nil {
		return exitError, err
	}
	if err := sameSite(all, sites); err != nil {
		return exitError, err
	}
	gone, err := o.gone(all)
	if err != nil {
		return exitError, err
	}
	switch {
	case o.list:
		return exitDone, list(stdout, sites)
	case o.check:
		return o.checkFresh(stdout, sites, gone)
	}
	code, err := o.write(stdout, sites, gone)
	if err == nil {
		unlocked(stderr, sites)
		doubtful(stderr, sites)
	}
	return code, err
}

// site is a generated site and its folder.
type site struct {
	*stacks.Site
	environment *environment.Environment
	folder      string
	lock        string // path of its lock

	warnings []servicerules.Violation // what a service may refuse
}

// generate generates all sites concurrently, and reports the mistakes of all of them in the files' order.
func (o *options) generate(all []string) ([]site, error) {
	files, err := o.files(all)
	if err != nil {
		return nil, err
	}
	sites, mistakes := make([]site, len(files)), make([]error, len(files))
	var running sync.WaitGroup
	running.Go(func() { servicerules.Rules() }) // to read them takes as long as to build a site
	for i, file := range files {
		running.Go(func() { sites[i], mistakes[i] = o.generateOne(file) })
	}
	running.Wait()
	return sites, errors.Join(mistakes...)
}

func (o *options) generateOne(file string) (site, error) {
	env, err := environment.Load(file)
	if err != nil {
		return site{}, err
	}
	s, err := stacks.Generate(env)
	if err != nil {
		return site{}, err
	}
	folder := filepath.Join(o.out, env.Name)
	warnings, refused := s.Refused(env)
	return site{s, env, folder, env.Lock.Path, warnings}, errors.Join(refused, keepLogicalIDs(folder, s))
}

// keepLogicalIDs checks that a site still has the logical ids that its folder protects.
func keepLogicalIDs(folder string, s *stacks.Site) error {
	previous, err := os.ReadFile(filepath.Join(folder, manifest.LogicalIDsName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the protected logical ids: %w", err)
	}
	return s.KeepLogicalIDs(previous)
}

// files returns those of all environment files that were named, or all of them.
func (o *options) files(all []string) ([]string, error) {
	if len(o.names) == 0 {
		if len(all) == 0 {
			return nil, fmt.Errorf(
				"%s contains no environment file: write one, such as %s", o.environments,
				filepath.Join(o.environments, "dev.yaml"),
			)
		}
		return all, nil
	}
	var files []string
	for _, name := range o.names {
		file := filepath.ToSlash(filepath.Join(o.environments, name+".yaml"))
		if !slices.Contains(all, file) {
			return nil, fmt.Errorf(
				"there is no environment %s in %s; there are %s", name, o.environments, strings.Join(all, ", "),
			)
		}
		files = append(files, file)
	}
	return files, nil
}

// strays reports files that a person takes for part of an environment and that nothing reads: one that ends in .yml,
// and the lock or the accept file of an environment file that is not there.
func (o *options) strays() error {
	if len(o.names) > 0 {
		return nil
	}
	entries, err := os.ReadDir(o.environments)
	if err != nil {
		return fmt.Errorf("list the environment files: %w", err)
	}
	var wrong []error
	for _, entry := range entries {
		path := filepath.ToSlash(filepath.Join(o.environments, entry.Name()))
		name := strings.TrimSuffix(path, filepath.Ext(path))
		switch extension := strings.ToLower(filepath.Ext(path)); extension {
		case ".yml":
			wrong = append(wrong, fmt.Errorf("%s is not read: rename it to %s.yaml", path, name))
		case lockfile.Extension, acceptfile.Extension:
			kind := map[string]string{lockfile.Extension: "lock", acceptfile.Extension: "accept file"}[extension]
			if _, err := os.Stat(filepath.FromSlash(name + ".yaml")); errors.Is(err, fs.ErrNotExist) {
				wrong = append(wrong, fmt.Errorf(
					"%s is the %s of %s.yaml, which is not there: rename it as its environment file, or delete it",
					path, kind, name,
				))
			}
		}
	}
	return errors.Join(wrong...)
}

// gone returns the generated folders whose environment file no longer exists, if no environment was named.
func (o *options) gone(all []string) ([]string, error) {
	if len(o.names) > 0 {
		return nil, nil
	}
	generated, err := outdir.Generated(o.out)
	return slices.DeleteFunc(generated, func(name string) bool {
		return slices.Contains(all, filepath.ToSlash(filepath.Join(o.environments, name+".yaml")))
	}), err
}

func (o *options) write(stdout io.Writer, sites []site, gone []string) (int, error) {
	for _, s := range sites {
		changes, err := outdir.Write(s.folder, s.Files)
		if err != nil {
			return exitError, err
		}
		report(stdout, s.folder, changes)
	}
	for _, name := range gone {
		folder := filepath.Join(o.out, name)
		changes, err := outdir.Remove(folder)
		if err != nil {
			return exitError, err
		}
		report(stdout, folder, changes)
	}
	return exitDone, nil
}

func report(stdout io.Writer, folder string, changes []outdir.Change) {
	if len(changes) == 0 {
		fmt.Fprintf(stdout, "%s: up to date\n", folder)
	}
	for _, c := range changes {
		fmt.Fprintf(stdout, "%s %s\n", verb(c), filepath.ToSlash(filepath.Join(folder, c.Path)))
	}
}

func verb(c outdir.Change) string {
	switch {
	case c.New == nil:
		return "removed"
	case c.Old == nil:
		return "created"
	}
	return "changed"
}

// checkFresh shows how out/ differs from what would be generated.
func (o *options) checkFresh(stdout io.Writer, sites []site, gone []string) (int, error) {
	stale := false
	compare := func(folder string, files map[string][]byte) error {
		changes, err := outdir.Compare(folder, files)
		for _, c := range changes {
			stale = true
			name := filepath.ToSlash(filepath.Join(folder, c.Path))
			fmt.Fprintf(
				stdout, "%s is stale: would be %s\n%s", name, verb(c), diff.Diff(name, c.Old, "generated", c.New),
			)
		}
		return err
	}
	for _, s := range sites {
		if err := compare(s.folder, s.Files); err != nil {
			return exitError, err
		}
	}
	for _, name := range gone {
		if err := compare(filepath.Join(o.out, name), nil); err != nil {
			return exitError, err
		}
	}
	if stale {
		return exitStale, errors.New("out/ is stale: run make templates and commit what it changes")
	}
	return exitDone, nil
}

// doubtful names what a service may refuse, by a rule that nobody has read again. It stops nothing.
func doubtful(stderr io.Writer, sites []site) {
	for _, s := range sites {
		for _, v := range s.warnings {
			fmt.Fprintf(stderr, "%s: AWS may refuse %s\n", s.folder, v)
		}
	}
}
