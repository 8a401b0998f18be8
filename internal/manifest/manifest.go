// Package manifest is the interface between the generator and the deployer: out/<environment>/site.json.
//
// The generator writes it next to the templates; the deployer reads nothing else about a site. It contains what a
// deployer needs and no more: names, checksums, which stack imports from which, which resources hold data. It
// contains nothing that changes with unrelated edits: no time, no line number, no absolute path. An edit of the
// environment file that changes nothing else, such as a comment, changes one line: that file's checksum.
package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// FileName is the manifest's name inside out/<environment>/.
const FileName = "site.json"

// LogicalIDsName is the list of the protected logical ids, those of resources that hold data, beside the manifest. It
// is for the generator and for people; the deployer does not read it.
const LogicalIDsName = "logical-ids.txt"

// Version is the manifest's format that this program writes and reads.
const Version = 1

// Manifest describes one generated site.
type Manifest struct {
	Version      int    `json:"version"`                // format, see [Version]
	Program      string `json:"program,omitempty"`      // the released version of gen that made it, v1.2.3, or dev; never a revision
	Environment  string `json:"environment"`            // dev: the folder's name
	Source       string `json:"source"`                 // environments/dev.yaml: the file it was generated from
	SourceSHA256 string `json:"sourceSha256,omitempty"` // of that file's bytes

	Site       string            `json:"site"` // name of the root stack, first part of each export name
	Region     string            `json:"region"`
	Account    string            `json:"account,omitempty"` // 12 digits; when given, no other account is deployed to
	Production bool              `json:"production"`
	Tags       map[string]string `json:"tags"` // stack tags; CloudFormation hands them down to every resource

	Root      File       `json:"root"`             // the root template
	Stacks    []Stack    `json:"stacks"`           // the nested stacks in the order they are created
	Node      *Bundle    `json:"node,omitempty"`   // the node's files
	Staged    []Staged   `json:"staged,omitempty"` // what nodes fetch from the site's bucket at their start
	Resources []Resource `json:"resources"`        // every resource of every stack, in the templates' order

	Application *Application `json:"application,omitempty"` // what messages and some commands have to know of it
}

// File is one generated file: its path relative to out/<environment>/ with forward slashes, its SHA-256 in lower-case
// hexadecimal, and its size in bytes.
type File struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes"`
}

// Stack is one nested stack. The root template refers to it by the checksum of its content; see [Manifest.TemplateKey].
type Stack struct {
	Name      string   `json:"name"`      // network
	LogicalID string   `json:"logicalId"` // Network: the AWS::CloudFormation::Stack in the root template
	Template  File     `json:"template"`
	Imports   []string `json:"imports,omitempty"` // names of the stacks whose exports it imports
	Exports   []string `json:"exports,omitempty"` // the export names it offers, in the template's order
}

// Bundle is the archive of the node's files. The deployer packs it from Files (see [Pack]) and checks SHA256.
type Bundle struct {
	SHA256 string `json:"sha256"` // of the packed archive
	Files  []File `json:"files"`
}

// Staged is a file from outside that nodes need at their start, so that a boot depends on nobody else. The lock
// (package lockfile) says which file it is: without an entry there, URL and SHA256 are empty and it is not staged. The
// deployer downloads it once, checks its checksum, and puts it into the site's bucket.
type Staged struct {
	Name   string `json:"name"`            // moodle, efs-utils, database-certificates, plugin mod/attendance, language de
	URL    string `json:"url"`             // https, or a path relative to the folder of Source; empty if it is not known yet
	SHA256 string `json:"sha256"`          // of the file; empty if it is not known yet
	Bytes  int64  `json:"bytes,omitempty"` // of the file; 0 if it is not known yet

	Version      string `json:"version,omitempty"` // that is wanted: 5.3, or 3.* for the newest 3
	Architecture string `json:"architecture,omitempty"`
	Region       string `json:"region,omitempty"`

	Origin *Origin `json:"origin,omitempty"` // where its maker publishes it; nil if the environment file gives URL and SHA256

	Certificates []Authority `json:"certificates,omitempty"` // that the file consists of, if it is one of certificates
}

// LargestStaged is how many bytes a file from outside may have. Moodle's own archive has some 80 MB, and programs hold
// one such file in memory at a time.
const LargestStaged = 512 << 20

// Given reports whether the environment file gives address and checksum.
func (s *Staged) Given() bool { return s.Origin == nil }

// Bundled reports whether the node's bundle contains the thing, so that it is not staged.
func (s *Staged) Bundled() bool { return s.Origin != nil && s.Origin.Kind == OriginCertificates }

// OriginKind is how a maker publishes a file.
type OriginKind string

// The kinds of origins.
const (
	OriginFile         OriginKind = "file"         // at one address, with its checksum at another
	OriginApt          OriginKind = "apt"          // as a package in an apt repository
	OriginCertificates OriginKind = "certificates" // certificates at one address, whose content changes from time to time
)

// Origin is where the maker of a file publishes it.
type Origin struct {
	Kind      OriginKind `json:"kind"`
	URL       string     `json:"url"`                 // of the file, the repository or the certificates; https
	Checksum  string     `json:"checksum,omitempty"`  // file: the address of its checksum
	Suite     string     `json:"suite,omitempty"`     // apt: the folder below dists
	Component string     `json:"component,omitempty"` // apt: the folder below the suite
	Package   string     `json:"package,omitempty"`   // apt: the package's name
}

// Resource is one resource of a template and where it came from.
type Resource struct {
	Stack    string `json:"stack"` // short name of its stack; "site" is the root
	ID       string `json:"id"`    // logical id
	Type     string `json:"type"`
	Builder  string `json:"builder"`            // stacks/network/vpc.go addVPC
	Stateful bool   `json:"stateful,omitempty"` // it holds data
}

// RootName is the root stack's short name in [Resource.Stack].
const RootName = "site"

// HoldsData reports from the manifest whether a resource holds data; known is false for one that the manifest does
// not have. The path is that of its stack: logical ids from the root.
func (m *Manifest) HoldsData(path []string, logicalID, _ string) (holds, known bool) {
	stack, known := m.stackName(path)
	if !known {
		return false, false
	}
	for _, r := range m.Resources {
		if r.Stack == stack && r.ID == logicalID {
			return r.Stateful, true
		}
	}
	return false, false
}

// stackName returns a stack's short name by its path.
func (m *Manifest) stackName(path []string) (name string, known bool) {
	if len(path) == 0 {
		return RootName, true
	}
	for _, s := range m.Stacks {
		if len(path) == 1 && s.LogicalID == path[0] {
			return s.Name, true
		}
	}
	return "", false
}

// BucketName returns the name of the site's own bucket for templates and bundles in an account: one per site, so that
// two sites in one account never share one.
func (m *Manifest) BucketName(account string) string { return BucketOf(m.Site, account, m.Region) }

// BucketOf returns the name of a site's bucket, for a known account and region, or for the pseudo parameters of a
// template.
func BucketOf(site, account, region string) string {
	return fmt.Sprintf("%s-artifacts-%s-%s", site, account, region)
}

// RegionOfBucket returns the region in the name of a bucket that [BucketOf] returns for some site of an account.
func RegionOfBucket(name, account string) (region string, ok bool) {
	site, region, ok := strings.Cut(name, "-artifacts-"+account+"-")
	return region, ok && site != "" && regionForm.MatchString(region)
}

// regionForm tells a region from what somebody has added to the name of a bucket of their own.
var regionForm = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]$`)

// BucketInTemplate returns the same name for Fn::Sub in a template: in the account and region of its stack.
func BucketInTemplate(site string) string {
	return BucketOf(site, "${AWS::AccountId}", "${AWS::Region}")
}

// TemplateKey returns the key of a template in the site's bucket: by content, so that an upload never changes what
// was reviewed.
func TemplateKey(sha256 string) string { return "templates/" + sha256 + ".yaml" }

// IsTemplateKey reports whether a key is one that [TemplateKey] returns.
func IsTemplateKey(key string) bool {
	sum, inside := strings.CutPrefix(key, "templates/")
	sum, whole := strings.CutSuffix(sum, ".yaml")
	digest, err := hex.DecodeString(sum)
	return inside && whole && err == nil && len(digest) == sha256.Size && sum == strings.ToLower(sum)
}

// TemplateChecksum returns the checksum in a key that [TemplateKey] returns.
func TemplateChecksum(key string) string {
	return strings.TrimSuffix(strings.TrimPrefix(key, "templates/"), ".yaml")
}

// BundleKey returns the key of the node's archive in the site's bucket.
func BundleKey(sha256 string) string { return "node/" + sha256 + ".tar" }

// StagedKey returns the key of a staged file in the site's bucket.
func StagedKey(sha256 string) string { return "staged/" + sha256 }

// UpgradeKey returns the key of the object in the site's bucket that permits the nodes of a bundle to upgrade an
// older database; its content does not matter.
func UpgradeKey(bundle string) string { return "upgrade/" + bundle }

// Checksum returns the SHA-256 of a content, as 64 hexadecimal digits in lower case.
func Checksum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// FileOf returns the File of a path and its content.
func FileOf(path string, content []byte) File {
	return File{Path: path, SHA256: Checksum(content), Bytes: len(content)}
}

// Encode returns the manifest as it is written: two spaces, fields in the order above, one newline at the end.
func (m *Manifest) Encode() ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return nil, fmt.Errorf("encode %s: %w", FileName, err)
	}
	return buf.Bytes(), nil
}

// Files returns every file that the manifest lists, the root template first.
func (m *Manifest) Files() []File {
	files := []File{m.Root}
	for _, s := range m.Stacks {
		files = append(files, s.Template)
	}
	if m.Node != nil {
		files = append(files, m.Node.Files...)
	}
	return files
}

// EditedError is the error of [Read] if files are not those that were generated.
type EditedError struct {
	Manifest *Manifest
	Files    []string // their paths
}

func (e *EditedError) Error() string {
	return strings.Join(e.Files, ", ") + " differs from its manifest"
}

// Site is a generated folder that has been read and matches its manifest.
type Site struct {
	*Manifest
	Content map[string][]byte // by path, for every file of [Manifest.Files]
}

// largestManifest is a thousand times the size of a manifest of this project.
const largestManifest = 16 << 20

// readFile reads a file of at most so many bytes. It opens nothing but regular files: a pipe would never end.
func readFile(folder fs.FS, name string, most int64) ([]byte, error) {
	info, err := fs.Stat(folder, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", name)
	case info.Size() > most:
		return nil, fmt.Errorf("%s has %d bytes, more than %d", name, info.Size(), most)
	}
	return fs.ReadFile(folder, name)
}

// Read reads a generated folder: out/<environment>/. It checks every file's checksum; a folder that was edited by hand,
// or only half generated, is an [EditedError].
func Read(folder fs.FS) (*Site, error) {
	raw, err := readFile(folder, FileName, largestManifest)
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	m := new(Manifest)
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(m); err != nil {
		return nil, fmt.Errorf("read %s: %w", FileName, err)
	}
	if m.Version != Version {
		return nil, fmt.Errorf("read %s: its format is %d, this program reads %d; generate again with this version", FileName, m.Version, Version)
	}
	site := &Site{Manifest: m, Content: map[string][]byte{}}
	var wrong []string
	for _, f := range m.Files() {
		content, err := readFile(folder, f.Path, int64(f.Bytes))
		if err != nil || FileOf(f.Path, content) != f {
			wrong = append(wrong, f.Path)
			continue
		}
		site.Content[f.Path] = content
	}
	if len(wrong) > 0 {
		return nil, &EditedError{m, wrong}
	}
	return site, nil
}
