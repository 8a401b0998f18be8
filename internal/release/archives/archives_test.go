package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sources are what a release is built from.
var sources = []string{
	"CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "Makefile", "go.mod", "go.sum", "cmd", "internal", "stacks", "tools",
}

// copied copies the sources to another path, with other times.
func copied(t *testing.T, to string) string {
	t.Helper()
	for _, name := range sources {
		from := filepath.Join(clone, name)
		info, err := os.Stat(from)
		if err != nil {
			t.Fatal(err)
		}
		if info.IsDir() {
			err = os.CopyFS(filepath.Join(to, name), os.DirFS(from))
		} else {
			var content []byte
			if content, err = os.ReadFile(from); err == nil {
				err = os.WriteFile(filepath.Join(to, name), content, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func ran(t *testing.T, folder string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// unpacked returns the files of a tarball, and checks that nothing in it says who packed it and when.
func unpacked(t *testing.T, packed []byte) map[string][]byte {
	t.Helper()
	plain, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if plain.Name != "" || !plain.ModTime.IsZero() {
		t.Errorf("the compressed file has a name or a time: %+v", plain.Header)
	}
	files := map[string][]byte{}
	for archive := tar.NewReader(plain); ; {
		h, err := archive.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(packedAt) || h.Uid != 0 || h.Gid != 0 || h.Uname+h.Gname != "" {
			t.Errorf("%s has a time or an owner: %+v", h.Name, h)
		}
		if files[h.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
}

// A release has the same bytes wherever it is built. Other platforms than this one would compile for minutes.
func TestAReleaseIsTheSameFromAnyPath(t *testing.T) {
	platform := runtime.GOOS + "/" + runtime.GOARCH
	name := "distributed-moodle_v9.8.7_" + runtime.GOOS + "_" + runtime.GOARCH
	built := map[string]map[string][]byte{}
	for _, folder := range []string{"a", "somewhere else/b"} {
		at := filepath.Join(t.TempDir(), folder)
		if err := os.MkdirAll(at, 0o755); err != nil {
			t.Fatal(err)
		}
		ran(t, copied(t, at), []string{"TZ=Asia/Tokyo", "GOFLAGS=-buildvcs=false"}, "go", "run", "./internal/release/archives", "--version", "v9.8.7", "--platforms", platform)
		built[folder] = map[string][]byte{}
		if _, err := exec.LookPath("sha256sum"); err == nil { // as SECURITY.md says, and not on macOS
			ran(t, filepath.Join(at, "dist"), nil, "sha256sum", "--check", "--ignore-missing", "SHA256SUMS")
		}
		for _, file := range []string{name + ".tar.gz", "SHA256SUMS"} {
			content, err := os.ReadFile(filepath.Join(at, "dist", file))
			if err != nil {
				t.Fatal(err)
			}
			built[folder][file] = content
		}
	}
	if a, b := built["a"], built["somewhere else/b"]; !bytes.Equal(a[name+".tar.gz"], b[name+".tar.gz"]) || !bytes.Equal(a["SHA256SUMS"], b["SHA256SUMS"]) {
		t.Errorf("two paths give different bytes: %s and %s", a["SHA256SUMS"], b["SHA256SUMS"])
	}
	files := unpacked(t, built["a"][name+".tar.gz"])
	var names []string
	for path, content := range files {
		names = append(names, strings.TrimPrefix(path, name+"/"))
		if strings.HasSuffix(path, ".cdx.json") {
			isListOfModules(t, path, content)
		}
	}
	slices.Sort(names)
	want := []string{"CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "deploy", "deploy.cdx.json", "gen", "gen.cdx.json"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("other files are packed (-want +got):\n%s", diff)
	}
	for _, name := range programs {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, files["distributed-moodle_v9.8.7_"+runtime.GOOS+"_"+runtime.GOARCH+"/"+name], 0o755); err != nil {
			t.Fatal(err)
		}
		if said := ran(t, t.TempDir(), nil, file, "--version"); !strings.HasPrefix(said, name+" version v9.8.7 (") {
			t.Errorf("%s says %s", name, said)
		}
	}
}

func isListOfModules(t *testing.T, name string, content []byte) {
	t.Helper()
	var list struct {
		BomFormat, SerialNumber string
		Metadata                struct{ Timestamp string }
		Components              []struct{ Name, Version string }
	}
	if err := json.Unmarshal(content, &list); err != nil {
		t.Fatal(err)
	}
	if list.BomFormat != "CycloneDX" || list.SerialNumber+list.Metadata.Timestamp != "" || len(list.Components) < 3 {
		t.Errorf("%s is not a list of modules that is the same each time: %.300s", name, content)
	}
}

func TestWhatIsNoVersionIsRefused(t *testing.T) {
	for _, version := range []string{"", "v1", "1.2.3", "v1.2.3+changed"} {
		if err := run(version, t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "make release VERSION=v1.2.3") {
			t.Errorf("%q: %v", version, err)
		}
	}
}

// Archives for Windows are zip files.
func TestAZipFileIsTheSameEachTime(t *testing.T) {
	files := []file{{name: "NOT-RUN-BY-US.txt", content: []byte(notRun)}, {name: "gen.exe", content: []byte("program"), runs: true}}
	first, err := zipped("folder", files)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := zipped("folder", files); err != nil || !bytes.Equal(first, second) {
		t.Errorf("the second one differs: %v", err)
	}
	archive, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range archive.File {
		if f.Name != "folder/"+files[i].name || !f.Modified.Equal(packedAt) || f.Mode() != files[i].mode() {
			t.Errorf("%+v", f.FileHeader)
		}
	}
}

// inReadme returns the commands that a section of README shows.
func inReadme(t *testing.T, section string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(clone, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "\n## "+section+"\n")
	after, _, _ = strings.Cut(after, "\n## ")
	var all []string
	for line := range strings.Lines(after) {
		if command, shown := strings.CutPrefix(line, "    "); shown {
			all = append(all, strings.TrimSpace(command))
		}
	}
	return all
}

var clone = filepath.Join("..", "..", "..")

// README's commands, as they are written, in a home of their own: the programs run from an empty folder, and are removed without a
// trace.
func TestInstall(t *testing.T) {
	home, empty := filepath.Join(t.TempDir(), "a home"), t.TempDir()
	bin := filepath.Join(home, ".local", "bin")
	env := []string{"HOME=" + home, "VERSION=v9.8.7"}
	for _, cache := range []string{"GOCACHE", "GOMODCACHE"} {
		env = append(env, cache+"="+strings.TrimSpace(ran(t, clone, nil, "go", "env", cache)))
	}
	if said := ran(t, clone, env, "make", "install"); !strings.Contains(said, "add it to PATH") {
		t.Errorf("the folder is not in PATH, and it does not say so:\n%s", said)
	}
	env = append(env, "PATH="+bin+":"+os.Getenv("PATH"))
	var said strings.Builder
	for _, command := range inReadme(t, "Install, upgrade, leave") {
		said.WriteString(ran(t, clone, env, "sh", "-c", command))
	}
	for _, name := range programs {
		if !strings.Contains(said.String(), "\n"+name+" version v9.8.7 (") {
			t.Errorf("README's commands do not show the version of %s:\n%s", name, &said)
		}
		if said := ran(t, empty, env, filepath.Join(bin, name), "--help"); !strings.Contains(said, "Usage:") {
			t.Errorf("%s says %s", name, said)
		}
	}
	if strings.Contains(said.String(), "add it to PATH") {
		t.Errorf("the folder is in PATH:\n%s", &said)
	}
	generate(t, empty, filepath.Join(bin, "gen"))
	ran(t, clone, env, "make", "uninstall")
	err := filepath.WalkDir(home, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.Contains(path, "telemetry") { // Go's own
			t.Errorf("%s stays", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// generate generates an environment in a folder that has nothing else.
func generate(t *testing.T, folder, gen string) {
	t.Helper()
	dev, err := os.ReadFile(filepath.Join(clone, "environments", "dev.yaml"))
	if err == nil {
		err = os.Mkdir(filepath.Join(folder, "environments"), 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "environments", "dev.yaml"), dev, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	ran(t, folder, nil, gen)
	made, err := os.ReadFile(filepath.Join(folder, "out", "dev", "site.json"))
	if err != nil || !strings.Contains(string(made), "\n  \"program\": \"v9.8.7\",\n") {
		t.Errorf("the folder does not say which release made it: %v", err)
	}
}
