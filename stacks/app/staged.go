package app

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/lockfile"
	"distributed-moodle/internal/manifest"
)

// The names of what every site takes from outside AWS; deploy lock knows where each of them is published.
const (
	moodleName       = "moodle"
	efsUtilsName     = "efs-utils"
	certificatesName = "database-certificates"
)

// efsUtilsVersion is the line of amazon-efs-utils that the node's scripts are written for: the options of the mount in
// node/steps/filesystem.sh.
const efsUtilsVersion = "3.*"

// certificatesFile is the path in the node's bundle of the certificates that the database is checked with.
const certificatesFile = "database-certificates.pem"

// wanted returns the files that the nodes of a site take from outside AWS, as the environment file alone describes them.
func wanted(env *environment.Environment) []manifest.Staged {
	m := env.Moodle
	moodle := manifest.Staged{Name: moodleName, Version: m.Version}
	if m.Archive.URL != "" {
		moodle.URL, moodle.SHA256, moodle.Given = m.Archive.URL, m.Archive.SHA256, true
	}
	things := []manifest.Staged{moodle}
	for _, p := range m.Plugins {
		things = append(things, manifest.Staged{Name: "plugin " + p.Path, URL: p.URL, SHA256: p.SHA256, Given: true})
	}
	for _, l := range m.Languages {
		things = append(things, manifest.Staged{Name: "language " + l.Code, URL: l.URL, SHA256: l.SHA256, Given: true})
	}
	return append(
		things,
		manifest.Staged{Name: efsUtilsName, Version: efsUtilsVersion, Architecture: env.Application.Architecture},
		manifest.Staged{Name: certificatesName, Region: env.Region, Bundled: true},
	)
}

// Outside returns the files that the nodes of a site take from outside AWS, with what the site's lock says about each.
func Outside(env *environment.Environment) *lockfile.Match {
	return cmp.Or(env.Lock, &lockfile.Lock{}).Match(wanted(env))
}

// stagedThing is what a node knows of a file that it downloads from the site's bucket, at manifest.StagedKey.
type stagedThing struct {
	Name         string `json:"name"`                   // moodle, plugin, language, efs-utils
	Path         string `json:"path,omitempty"`         // a plugin's folder, a language's code
	Architecture string `json:"architecture,omitempty"` // arm64 or amd64; empty for both
	URL          string `json:"url"`
	SHA256       string `json:"sha256"`
}

// addOutside adds to the node's files what they need of the lock: staged.json lists the files that a node downloads, and
// the certificates of the database are a file themselves.
func addOutside(files map[string][]byte, env *environment.Environment) error {
	outside := Outside(env)
	var things []stagedThing
	for _, s := range outside.Staged {
		if s.Bundled {
			continue
		}
		name, path, _ := strings.Cut(s.Name, " ")
		things = append(things, stagedThing{
			Name: name, Path: path, Architecture: s.Architecture, URL: s.URL, SHA256: s.SHA256,
		})
	}
	if outside.Certificates != nil {
		files[certificatesFile] = outside.Certificates
	}
	list, err := indented("staged.json", things)
	files["staged.json"] = list
	return err
}

// codeOf returns a checksum of the code that determines the database schema: Moodle and its plugins, each with its
// folder and checksum.
func codeOf(env *environment.Environment) string {
	code := sha256.New()
	for _, s := range Outside(env).Staged {
		switch name, path, _ := strings.Cut(s.Name, " "); name {
		case moodleName:
			fmt.Fprintln(code, s.SHA256)
		case "plugin":
			fmt.Fprintln(code, path, s.SHA256)
		}
	}
	return hex.EncodeToString(code.Sum(nil))[:12]
}
