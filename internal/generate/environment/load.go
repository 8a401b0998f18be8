package environment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"distributed-moodle/internal/lockfile"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/readfile"
)

// Load reads and checks an environment file and the lock beside it. Their mistakes come as [Mistakes], all of a file;
// anything else is an error of the file system.
func Load(path string) (*Environment, error) {
	content, err := readfile.Regular(path, mostBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read the environment file: %w%s", err, others(filepath.Dir(path)))
	case errors.Is(err, readfile.ErrNotRegular):
		return nil, fmt.Errorf("read the environment file: %s %w", path, err)
	case err != nil:
		return nil, fmt.Errorf("read the environment file: %w", err)
	}
	env, mistakes := Parse(path, content)
	lock, err := lockfile.Read(lockfile.PathOf(path))
	if mistakes != nil || err != nil {
		return nil, errors.Join(mistakes, err)
	}
	env.Lock, env.SHA256 = lock, manifest.Checksum(content)
	return env, nil
}

// List names the environment files of a folder, sorted, each as [Load] takes it.
func List(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("list the environment files: %w", err)
	}
	var files []string
	for _, entry := range entries {
		if name := entry.Name(); !entry.IsDir() && strings.HasSuffix(name, ".yaml") && !strings.HasPrefix(name, ".") {
			files = append(files, filepath.ToSlash(filepath.Join(folder, name)))
		}
	}
	slices.Sort(files)
	return files, nil
}

// others returns the files of the folder, for the message about a name that does not exist.
func others(folder string) string {
	files, err := List(folder)
	if err != nil || len(files) == 0 {
		return ""
	}
	return "; there are " + list(files)
}

// Parse reads and checks the content of an environment file; the path names it in messages and gives the environment
// its name. The error is of type [Mistakes]. A result has every default filled in and is consistent in itself.
func Parse(file string, content []byte) (*Environment, error) {
	file = path.Clean(filepath.ToSlash(file))
	c := newChecker(file, &Environment{Name: strings.TrimSuffix(path.Base(file), ".yaml"), Path: file})
	c.checkFileName(c.env.Name)
	if root := c.document(content); root != nil {
		c.section(root, reflect.ValueOf(c.env).Elem(), "", "")
		c.fill()
		c.check()
		at := c.places["site"]
		c.env.SiteAt = Position{at.line, at.column}
	}
	if len(c.mistakes) > 0 {
		c.mistakes.Sort()
		return nil, c.mistakes
	}
	return c.env, nil
}

// fileName is what an environment can be called: it becomes the folder out/<name>.
const fileName = `^[a-z][a-z0-9]*(-[a-z0-9]+)*$`

func (c *checker) checkFileName(name string) {
	if path.Ext(c.path) != ".yaml" || len(name) > 40 || !compiled(fileName).MatchString(name) {
		c.report(
			"", place{line: 1},
			"the file's name is not a valid environment name; use lower-case letters, digits and hyphens, and .yaml, e.g. prod.yaml",
		)
	}
}
