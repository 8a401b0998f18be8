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

// The names of what every site takes from outside AWS.
const (
	moodleName       = "moodle"
	efsUtilsName     = "efs-utils"
	certificatesName = "database-certificates"
)

// The kinds of what the environment file adds to Moodle; the name of each has its folder or code too.
const (
	pluginKind   = "plugin"
	languageKind = "language"
)

// certificatesFile is the path in the node's bundle of the certificates that the database is checked with.
const certificatesFile = "database-certificates.pem"

// wanted returns the files that the nodes of a site take from outside AWS, as the environment file alone describes
// them.
func wanted(env *environment.Environment) []manifest.Staged {
	m := env.Moodle
	moodle := manifest.Staged{Name: moodleName, Version: m.Version, Origin: moodleOrigin(m.Version)}
	if m.Archive.URL != "" {
		moodle.URL, moodle.SHA256, moodle.Origin = m.Archive.URL, m.Archive.SHA256, nil
	}
	things := []manifest.Staged{moodle}
	for _, p := range m.Plugins {
		things = append(things, manifest.Staged{Name: pluginKind + " " + p.Path, URL: p.URL, SHA256: p.SHA256})
	}
	for _, l := range m.Languages {
		things = append(things, manifest.Staged{Name: languageKind + " " + l.Code, URL: l.URL, SHA256: l.SHA256})
	}
	return append(things, efsUtils(env.Application.Architecture), certificates(env.Region))
}

// moodleOrigin returns where moodle.org publishes a release: 5.3 as stable503/moodle-5.3.tgz, 4.5.2 as
// stable405/moodle-4.5.2.tgz (https://download.moodle.org/releases/latest), with the checksum in a file beside it.
func moodleOrigin(version string) *manifest.Origin {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	if len(minor) == 1 {
		minor = "0" + minor
	}
	archive := fmt.Sprintf("https://packaging.moodle.org/stable%s%s/moodle-%s.tgz", major, minor, version)
	return &manifest.Origin{Kind: manifest.OriginFile, URL: archive, Checksum: archive + ".sha256"}
}

// efsUtils returns the newest amazon-efs-utils of the major version that the node's scripts are written for: the
// options of the mount in node/steps/filesystem.sh. AWS's apt repository is described by its own ParallelCluster
// cookbook (https://github.com/aws/aws-parallelcluster-cookbook, aws-parallelcluster-environment,
// _install_from_repo_debian.rb).
func efsUtils(architecture string) manifest.Staged {
	return manifest.Staged{
		Name: efsUtilsName, Version: "3.*", Architecture: architecture,
		Origin: &manifest.Origin{
			Kind: manifest.OriginApt, URL: "https://amazon-efs-utils.aws.com/repo/deb/ubuntu/24.04", Suite: "24.04",
			Component: "main", Package: "amazon-efs-utils",
		},
	}
}

// certificates returns RDS's authorities of a region
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html). The file behind the address is
// replaced when an authority is added, so the certificates themselves are in the lock.
func certificates(region string) manifest.Staged {
	return manifest.Staged{
		Name: certificatesName, Region: region,
		Origin: &manifest.Origin{
			Kind: manifest.OriginCertificates,
			URL:  fmt.Sprintf("https://truststore.pki.rds.amazonaws.com/%[1]s/%[1]s-bundle.pem", region),
		},
	}
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

// addOutside adds to the node's files what they need of the lock: staged.json lists the files that a node downloads,
// and the certificates of the database are a file themselves.
func addOutside(files map[string][]byte, env *environment.Environment) error {
	outside := Outside(env)
	var things []stagedThing
	for _, s := range outside.Staged {
		if s.Bundled() {
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
		case pluginKind:
			fmt.Fprintln(code, path, s.SHA256)
		}
	}
	return hex.EncodeToString(code.Sum(nil))[:12]
}
