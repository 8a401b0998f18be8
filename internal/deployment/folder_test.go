package deployment_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"distributed-moodle/internal/bundle"
	"distributed-moodle/internal/localaws"
	"distributed-moodle/internal/manifest"
)

// folder is a small generated site: nested templates by logical id, in the order in which they are created.
type folder struct {
	site       string
	account    string
	production bool
	tags       map[string]string
	order      []string
	stacks     map[string]string
	stateful   []string // Stack/Resource
	node       map[string]string
	archive    string // digest of the node's archive, the right one when empty
	comment    string // at the top of the root template
}

// small is a site of three linked stacks.
func small(site string) *folder {
	return &folder{
		site: site, tags: map[string]string{"Site": site}, order: []string{"Network", "Data", "App"},
		stacks: map[string]string{
			"Network": parameter("Vpc", "one") + output("VpcId", site+"-network-VpcId", "!Ref Vpc"),
			"Data":    parameter("Database", "!ImportValue "+site+"-network-VpcId") + output("Name", site+"-data-Name", "!Ref Database"),
			"App":     parameter("Version", "v1") + "  Uses:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Type: String\n      Value: !ImportValue " + site + "-data-Name\n",
		},
		node: map[string]string{"boot.sh": "#!/bin/sh\necho boot\n"},
	}
}

func parameter(id, value string) string {
	return fmt.Sprintf("Resources:\n  %s:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Type: String\n      Value: %s\n", id, value)
}

func output(key, export, value string) string {
	return fmt.Sprintf("Outputs:\n  %s:\n    Value: %s\n    Export:\n      Name: %s\n", key, value, export)
}

// write writes out/dev under a folder and gives out.
func (f *folder) write(t testing.TB, out string) string {
	t.Helper()
	m := &manifest.Manifest{
		Version: manifest.Version, Environment: "dev", Source: "environments/dev.yaml", Site: f.site, Region: localaws.Region,
		Account: f.account, Production: f.production, Tags: f.tags,
	}
	files := map[string]string{}
	root := f.comment + "Resources:\n"
	for i, id := range f.order {
		name := strings.ToLower(id)
		body := f.stacks[id]
		file := manifest.FileOf(name+".yaml", []byte(body))
		files[file.Path] = body
		m.Stacks = append(m.Stacks, manifest.Stack{Name: name, LogicalID: id, Template: file})
		root += fmt.Sprintf("  %s:\n    Type: AWS::CloudFormation::Stack\n", id)
		if i > 0 {
			root += "    DependsOn: " + f.order[i-1] + "\n"
		}
		root += "    Properties:\n      TemplateURL: !Sub https://s3.${AWS::Region}.${AWS::URLSuffix}/" + f.site +
			"-artifacts-${AWS::AccountId}-${AWS::Region}/" + manifest.TemplateKey(file.SHA256) + "\n"
	}
	for _, s := range f.stateful {
		stack, id, _ := strings.Cut(s, "/")
		m.Resources = append(m.Resources, manifest.Resource{Stack: strings.ToLower(stack), ID: id, Stateful: true})
	}
	m.Root = manifest.FileOf("site.yaml", []byte(root))
	files["site.yaml"] = root
	f.addNode(t, m, files)
	folder := filepath.Join(out, "dev")
	encoded, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	files[manifest.FileName] = string(encoded)
	for path, content := range files {
		path = filepath.Join(folder, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func (f *folder) addNode(t testing.TB, m *manifest.Manifest, files map[string]string) {
	if f.node == nil {
		return
	}
	node := &manifest.Bundle{}
	packed := map[string][]byte{}
	for name, content := range f.node {
		packed[name] = []byte(content)
		files["node/"+name] = content
		node.Files = append(node.Files, manifest.FileOf("node/"+name, []byte(content)))
	}
	slices.SortFunc(node.Files, func(a, b manifest.File) int { return strings.Compare(a.Path, b.Path) })
	archive, err := bundle.Pack(packed)
	if err != nil {
		t.Fatal(err)
	}
	node.SHA256 = manifest.FileOf("", archive).SHA256
	node.SHA256 = cmp.Or(f.archive, node.SHA256)
	m.Node = node
}
