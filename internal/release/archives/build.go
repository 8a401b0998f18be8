package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"distributed-moodle/internal/manifest"
)

// build is the programs of one release for one platform.
type build struct {
	version, system, machine string
	work                     string // folder for what is not packed
}

const windows = "windows"

// notRun is in the archive for Windows.
const notRun = "These programs were compiled and vetted for Windows, but not run by us; use WSL, and the archive for linux there.\n"

// programs are the commands of the module.
var programs = []string{"gen", "deploy"}

func (b *build) name() string {
	return fmt.Sprintf("distributed-moodle_%s_%s_%s", b.version, b.system, b.machine)
}

func (b *build) ending() string {
	if b.system == windows {
		return ".zip"
	}
	return ".tar.gz"
}

// archive writes the archive into a folder and returns its checksum.
func (b *build) archive(folder string) (sha256 string, err error) {
	files, err := b.files()
	if err != nil {
		return "", err
	}
	pack := tarball
	if b.system == windows {
		pack = zipped
	}
	packed, err := pack(b.name(), files)
	if err != nil {
		return "", err
	}
	return manifest.Checksum(packed), write(folder, b.name()+b.ending(), packed)
}

// file is one file of an archive.
type file struct {
	name    string
	content []byte
	runs    bool
}

// files returns what is packed, in the archive's order.
func (b *build) files() ([]file, error) {
	var all []file
	for _, name := range []string{"CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md"} {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, file{name: name, content: content})
	}
	if b.system == windows {
		all = append(all, file{name: "NOT-RUN-BY-US.txt", content: []byte(notRun)})
	}
	if err := b.command("vet", "-trimpath", "./cmd/..."); err != nil {
		return nil, err
	}
	for _, name := range programs {
		made, err := b.program(name)
		if err != nil {
			return nil, err
		}
		all = append(all, made...)
	}
	slices.SortFunc(all, func(x, y file) int { return strings.Compare(x.name, y.name) })
	return all, nil
}

// program builds one program, and lists the modules that it consists of.
func (b *build) program(name string) ([]file, error) {
	binary := name
	if b.system == windows {
		binary += ".exe"
	}
	path := filepath.Join(b.work, binary)
	linked := "-s -w -buildid= -X distributed-moodle/internal/release.version=" + b.version
	if err := b.command("build", "-trimpath", "-ldflags", linked, "-o", path, "./cmd/"+name); err != nil {
		return nil, err
	}
	list := filepath.Join(b.work, name+".cdx.json")
	err := command(
		nil, "tool", "-modfile=tools/go.mod", "cyclonedx-gomod", "bin", "-json", "-noserial", "-notimestamp",
		"-version", b.version, "-output", list, path,
	)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	modules, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	return []file{{name: binary, content: content, runs: true}, {name: name + ".cdx.json", content: modules}}, nil
}

// command runs go for the platform, with nothing of the caller's own settings that would change what is built.
func (b *build) command(args ...string) error {
	return command(
		[]string{
			"CGO_ENABLED=0", "GOOS=" + b.system, "GOARCH=" + b.machine, "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=",
			"GOFIPS140=off",
			"GOFLAGS=-buildvcs=false",
		}, args...,
	)
}

func command(env []string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

func write(folder, name string, content []byte) error {
	return os.WriteFile(filepath.Join(folder, name), content, 0o644)
}
