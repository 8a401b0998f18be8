package localawstest

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"distributed-moodle/internal/manifest"
)

// Folder is a small site for tests of the deployer: templates linked by exports, with the manifest that a generator
// would write. A test can change it and write it again.
type Folder struct {
	Environment string // dev when empty
	Site        string
	Account     string
	Production  bool
	Tags        map[string]string
	Program     string            // the version of gen that made it; the templates do not say if empty
	Order       []string          // logical ids of the nested stacks, in the order in which they are created
	Stacks      map[string]string // their templates
	Stateful    []string          // what holds data: Stack/Resource
	Node        map[string]string // the node's files
	Archive     string            // checksum of the node's archive; the right one if empty
	Comment     string            // at the top of the root template
	Root        string            // the root template, for a site without nested stacks
	Staged      []manifest.Staged // the staged files
	Application *manifest.Application
}

// Small is a site of three linked stacks with four resources: Network/Vpc, Data/Database, App/Version and App/Uses.
func Small(site string) *Folder {
	return &Folder{
		Site: site, Tags: map[string]string{"Site": site}, Order: []string{"Network", "Data", "App"},
		Stacks: map[string]string{
			"Network": Parameter("Vpc", "one") + Export("VpcId", site+"-network-VpcId", "!Ref Vpc"),
			"Data":    Parameter("Database", "!ImportValue "+site+"-network-VpcId") + Export("Name", site+"-data-Name", "!Ref Database"),
			"App":     Parameter("Version", "v1") + more("Uses", "!ImportValue "+site+"-data-Name"),
		},
		Node: map[string]string{"boot.sh": "#!/bin/sh\necho boot\n"},
	}
}

// Parameter returns a template with one resource, the cheapest that there is.
func Parameter(id, value string) string { return "Resources:\n" + more(id, value) }

// more returns one more resource for the end of a template that has no outputs.
func more(id, value string) string {
	return fmt.Sprintf("  %s:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Type: String\n      Value: %s\n", id, value)
}

// Export returns a template's Outputs section with one export.
func Export(key, name, value string) string {
	return fmt.Sprintf("Outputs:\n  %s:\n    Value: %s\n    Export:\n      Name: %s\n", key, value, name)
}

// Write writes the folder under out and returns out.
func (f *Folder) Write(t testing.TB, out string) string {
	t.Helper()
	if err := f.WriteTo(out); err != nil {
		t.Fatal(err)
	}
	return out
}

// WriteTo writes the folder under out.
func (f *Folder) WriteTo(out string) error {
	environment := cmp.Or(f.Environment, "dev")
	m := &manifest.Manifest{
		Version: manifest.Version, Program: f.Program, Environment: environment,
		Source: "environments/" + environment + ".yaml",
		Site:   f.Site, Region: Region,
		Account: f.Account, Production: f.Production, Tags: f.Tags, Staged: f.Staged, Application: f.Application,
	}
	files := f.templates(m)
	if err := f.node(m, files); err != nil {
		return err
	}
	encoded, err := m.Encode()
	if err != nil {
		return err
	}
	files[manifest.FileName] = string(encoded)
	for path, content := range files {
		path = filepath.Join(out, environment, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// templates writes the nested stacks and their root, each depending on the one before.
func (f *Folder) templates(m *manifest.Manifest) map[string]string {
	files := map[string]string{}
	root := f.Comment + cmp.Or(f.Root, "Resources:\n")
	if f.Program != "" {
		root = "Description: " + manifest.MadeBy("a site", f.Program) + "\n" + root
	}
	for i, id := range f.Order {
		name := strings.ToLower(id)
		file := manifest.FileOf(name+".yaml", []byte(f.Stacks[id]))
		files[file.Path] = f.Stacks[id]
		m.Stacks = append(m.Stacks, manifest.Stack{Name: name, LogicalID: id, Template: file})
		root += fmt.Sprintf("  %s:\n    Type: AWS::CloudFormation::Stack\n", id)
		if i > 0 {
			root += "    DependsOn: " + f.Order[i-1] + "\n"
		}
		root += "    Properties:\n      TemplateURL: !Sub https://s3.${AWS::Region}.${AWS::URLSuffix}/" +
			manifest.BucketInTemplate(f.Site) + "/" + manifest.TemplateKey(file.SHA256) + "\n"
	}
	for _, s := range f.Stateful {
		stack, id, _ := strings.Cut(s, "/")
		m.Resources = append(m.Resources, manifest.Resource{Stack: strings.ToLower(stack), ID: id, Stateful: true})
	}
	m.Root = manifest.FileOf("site.yaml", []byte(root))
	files[m.Root.Path] = root
	return files
}

func (f *Folder) node(m *manifest.Manifest, files map[string]string) error {
	if f.Node == nil {
		return nil
	}
	m.Node = &manifest.Bundle{}
	packed := map[string][]byte{}
	for name, content := range f.Node {
		packed[name] = []byte(content)
		files["node/"+name] = content
		m.Node.Files = append(m.Node.Files, manifest.FileOf("node/"+name, []byte(content)))
	}
	archive, err := manifest.Pack(packed)
	if err != nil {
		return err
	}
	m.Node.SHA256 = cmp.Or(f.Archive, manifest.FileOf("", archive).SHA256)
	return nil
}
