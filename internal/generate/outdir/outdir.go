// Package outdir keeps out/<environment>/ equal to what is generated: files are written whole, files that are no longer
// generated are removed, and files of others stay.
package outdir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"distributed-moodle/internal/manifest"
)

// Change is one file that differs between the folder and what is generated. Old or New is nil when it is absent.
type Change struct {
	Path     string // inside the folder, with forward slashes
	Old, New []byte
}

// Compare lists what [Write] would change in folder, sorted by path. files are the generated ones by path; a file that
// the folder's manifest lists and that is no longer generated is to be removed.
func Compare(folder string, files map[string][]byte) ([]Change, error) {
	var changes []Change
	for name, content := range files {
		old, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("compare %s: %w", path.Join(folder, name), err)
		}
		if err != nil {
			old = nil
		}
		if err != nil || string(old) != string(content) {
			changes = append(changes, Change{name, old, content})
		}
	}
	for _, name := range listed(folder) {
		if _, generated := files[name]; generated {
			continue
		}
		if old, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name))); err == nil {
			changes = append(changes, Change{Path: name, Old: old})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return changes, nil
}

// Write writes files into folder. Each is written under another name and then renamed, the manifest last: a folder that
// was only half written does not match its manifest, so that the deployer refuses it.
func Write(folder string, files map[string][]byte) ([]Change, error) {
	changes, err := Compare(folder, files)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return rank(a) - rank(b) })
	for _, c := range changes {
		if err := apply(folder, c); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

func rank(c Change) int {
	if c.Path == manifest.FileName {
		return 1
	}
	return 0
}

func apply(folder string, c Change) error {
	file := filepath.Join(folder, filepath.FromSlash(c.Path))
	if c.New == nil {
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("remove %s, which is no longer generated: %w", file, err)
		}
		removeEmpty(folder, filepath.Dir(file))
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	mode := fs.FileMode(0o644)
	if path.Ext(c.Path) == ".sh" {
		mode = 0o755
	}
	if err := writeFile(file, c.New, mode); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}

// removeEmpty removes folders that have become empty, from dir up to and with top. One that holds a foreign file stays.
func removeEmpty(top, dir string) {
	for strings.HasPrefix(dir, top) && os.Remove(dir) == nil {
		dir = filepath.Dir(dir)
	}
}

// Remove removes the generated files of an environment that is gone: those that its manifest lists, and the manifest.
func Remove(folder string) ([]Change, error) { return Write(folder, nil) }

// Generated lists the folders below root that hold a manifest, by name.
func Generated(root string) ([]string, error) {
	manifests, err := filepath.Glob(filepath.Join(root, "*", manifest.FileName))
	if err != nil {
		return nil, fmt.Errorf("list the generated folders: %w", err)
	}
	var names []string
	for _, f := range manifests {
		names = append(names, filepath.Base(filepath.Dir(f)))
	}
	return names, nil
}

// listed returns the files that were generated into the folder the last time. A manifest that cannot be read lists
// nothing: it is better to leave a file too many than to remove somebody else's.
func listed(folder string) []string {
	raw, err := os.ReadFile(filepath.Join(folder, manifest.FileName))
	var m manifest.Manifest
	if err != nil || json.Unmarshal(raw, &m) != nil {
		return nil
	}
	names := []string{manifest.FileName, manifest.LogicalIDsName}
	for _, f := range m.Files() {
		if filepath.IsLocal(filepath.FromSlash(f.Path)) {
			names = append(names, f.Path)
		}
	}
	return names
}
