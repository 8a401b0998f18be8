package app

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"distributed-moodle/internal/generate/environment"
)

// outside lists the files that every boot needs and that neither AWS's APIs nor Ubuntu's mirrors have. An empty checksum is not known yet
// (docs/verified.md); neither the deployer nor a node accepts such a file.
//
//go:embed outside.json
var outside []byte

// StagedThing is one file that the deployer downloads from URL, checks, and stores under manifest.StagedKey.
type StagedThing struct {
	Name         string `json:"name"`                   // moodle, plugin, language, efs-utils, database-certificates
	Path         string `json:"path,omitempty"`         // a plugin's folder, a language's code
	Architecture string `json:"architecture,omitempty"` // arm64 or amd64; empty for both
	URL          string `json:"url"`                    // https, or a path relative to the environment file
	SHA256       string `json:"sha256"`
}

// staged returns staged.json of the bundle: the files that the nodes of this site download.
func staged(env *environment.Environment) ([]byte, error) {
	things, err := Staged(env)
	if err != nil {
		return nil, err
	}
	return indented("staged.json", things)
}

// Staged returns the files that the nodes of a site download from its bucket.
func Staged(env *environment.Environment) ([]StagedThing, error) {
	var all []StagedThing
	if err := json.Unmarshal(outside, &all); err != nil {
		return nil, fmt.Errorf("read outside.json: %w", err)
	}
	m := env.Moodle
	things := []StagedThing{{Name: "moodle", URL: m.Archive.URL, SHA256: m.Archive.SHA256}}
	for _, p := range m.Plugins {
		things = append(things, StagedThing{Name: "plugin", Path: p.Path, URL: p.URL, SHA256: p.SHA256})
	}
	for _, l := range m.Languages {
		things = append(things, StagedThing{Name: "language", Path: l.Code, URL: l.URL, SHA256: l.SHA256})
	}
	for _, thing := range all {
		if thing.Architecture == "" || thing.Architecture == env.Application.Architecture {
			things = append(things, thing)
		}
	}
	return things, nil
}

// codeOf returns a checksum of the code that determines the database schema: Moodle and its plugins, each with its folder and checksum.
func codeOf(env *environment.Environment) string {
	code := sha256.New()
	fmt.Fprintln(code, env.Moodle.Archive.SHA256)
	for _, p := range env.Moodle.Plugins {
		fmt.Fprintln(code, p.Path, p.SHA256)
	}
	return hex.EncodeToString(code.Sum(nil))[:12]
}
