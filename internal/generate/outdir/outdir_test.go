package outdir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/manifest"
)

// files are a generated folder with a manifest that vouches for them.
func files(t *testing.T, contents map[string]string) map[string][]byte {
	t.Helper()
	m := &manifest.Manifest{Version: manifest.Version, Node: &manifest.Bundle{}}
	all := map[string][]byte{}
	for path, text := range contents {
		all[path] = []byte(text)
		m.Node.Files = append(m.Node.Files, manifest.FileOf(path, all[path]))
	}
	encoded, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	all[manifest.FileName] = encoded
	return all
}

// look returns the files of a folder, by path; directories are left out.
func look(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(folder, path)
		found[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	delete(found, manifest.FileName)
	return found
}

func TestWriteKeepsTheFolderEqualAndForeignFilesUntouched(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "dev")
	if _, err := Write(folder, files(t, map[string]string{"a.yaml": "1", "node/boot.sh": "x", "node/old/b": "y"})); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "mine.txt"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	changes, err := Write(folder, files(t, map[string]string{"a.yaml": "2", "node/boot.sh": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, c := range changes {
		paths = append(paths, c.Path)
	}
	// The manifest comes last: a run that ends before leaves a folder that does not match it.
	if diff := cmp.Diff([]string{"a.yaml", "node/old/b", manifest.FileName}, paths); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"a.yaml": "2", "node/boot.sh": "x", "mine.txt": "mine"}, look(t, folder)); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(folder, "node", "old")); !os.IsNotExist(err) {
		t.Errorf("an empty folder is left: %v", err)
	}
}

func TestCompareWritesNothing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "dev")
	changes, err := Compare(folder, files(t, map[string]string{"a.yaml": "1"}))
	if err != nil || len(changes) != 2 || changes[0].Old != nil || string(changes[0].New) != "1" {
		t.Errorf("changes %+v, %v", changes, err)
	}
	if got := look(t, folder); len(got) > 0 {
		t.Errorf("wrote %v", got)
	}
}

func TestAManifestNeverMakesUsRemoveFilesElsewhere(t *testing.T) {
	top := t.TempDir()
	folder := filepath.Join(top, "dev")
	if err := os.WriteFile(filepath.Join(top, "precious"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(folder, files(t, map[string]string{"a": "1"})); err != nil {
		t.Fatal(err)
	}
	evil := `{"version": 1, "node": {"files": [{"path": "../precious"}, {"path": "/etc/hosts"}]}}`
	if err := os.WriteFile(filepath.Join(folder, manifest.FileName), []byte(evil), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Remove(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(top, "precious")); err != nil {
		t.Error(err)
	}
}

func TestScriptsAreExecutable(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "dev")
	if _, err := Write(folder, files(t, map[string]string{"node/boot.sh": "x", "a.yaml": "y"})); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{"node/boot.sh": 0o755, "a.yaml": 0o644} {
		info, err := os.Stat(filepath.Join(folder, path))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v (%v), want %v", path, info.Mode(), err, want)
		}
	}
}

// TestAFailureInTheMiddleLeavesTheOldManifest puts a dangling link where a folder should be made: what was written before is
// written whole, nothing half is left beside it, and the manifest is the old one, which the folder does not match any more.
func TestAFailureInTheMiddleLeavesTheOldManifest(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "dev")
	if _, err := Write(folder, files(t, map[string]string{"a.yaml": "old"})); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(folder, manifest.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(folder, "node")); err != nil {
		t.Fatal(err)
	}
	generated := files(t, map[string]string{"a.yaml": "new", "node/boot.sh": "new", "z.yaml": "new"})
	if _, err := Write(folder, generated); err == nil || !strings.Contains(err.Error(), "boot.sh") {
		t.Errorf("error is %v, want one that names boot.sh", err)
	}
	after, err := os.ReadFile(filepath.Join(folder, manifest.FileName))
	if err != nil || string(after) != string(before) {
		t.Errorf("the manifest is not the old one (%v):\n%s", err, after)
	}
	if err := os.Remove(filepath.Join(folder, "node")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a.yaml": "new"}, look(t, folder)); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
}

func TestAManifestThatCannotBeReadVouchesForNothing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "dev")
	if _, err := Write(folder, files(t, map[string]string{"a.yaml": "1"})); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, manifest.FileName), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if changes, err := Remove(folder); err != nil || len(changes) > 0 {
		t.Errorf("removes %v (%v)", changes, err)
	}
	if diff := cmp.Diff(map[string]string{"a.yaml": "1"}, look(t, folder)); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
}

func TestGeneratedNamesFoldersWithAManifest(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"dev", "prod"} {
		if _, err := Write(filepath.Join(root, name), files(t, map[string]string{"a.yaml": "1"})); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := Generated(root)
	if diff := cmp.Diff([]string{"dev", "prod"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
