// Package stacks generates a whole site from an environment: three nested stacks, their root, the node's files and the
// manifest.
//
// Data flows in one direction: what a stack exports is a value that the next one's Build takes, so the order of the
// stacks is derived from their imports and never written down.
package stacks

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/awslabs/goformation/v7/cloudformation/cloudformation"

	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/generate/template"
	"distributed-moodle/internal/lockfile"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/release"
	"distributed-moodle/stacks/app"
	"distributed-moodle/stacks/data"
	"distributed-moodle/stacks/network"
)

// rootName is the short name of the root stack.
const rootName = "site"

// Site holds everything that is generated for one environment.
type Site struct {
	Manifest *manifest.Manifest
	Outside  *lockfile.Match   // what nodes take from outside AWS, and what the lock lacks of it
	Files    map[string][]byte // by path inside out/<environment>/, the manifest among them
	Stacks   []Stack           // root first, then the children in the order they are created
}

// Stack is one template of a site with its size.
type Stack struct {
	Template *template.Template
	*template.Rendered
	Path string // inside out/<environment>/
}

// Generate returns the site of an environment. The same environment gives the same bytes on every machine.
func Generate(env *environment.Environment) (*Site, error) {
	outside := app.Outside(env)
	if len(outside.Unused) > 0 {
		return nil, outside.Unused
	}
	files, node, err := nodeBundle(env)
	if err != nil {
		return nil, fmt.Errorf("generate %s: %w", env.Name, err)
	}
	children, err := build(env, node.SHA256)
	if err != nil {
		return nil, fmt.Errorf("generate %s: %w", env.Name, err)
	}
	root, err := rootOf(env, children)
	if err != nil {
		return nil, fmt.Errorf("generate %s: %w", env.Name, err)
	}
	site := &Site{Outside: outside, Files: files, Stacks: append([]Stack{root}, children...)}
	site.Manifest = manifestOf(env, site.Stacks, node)
	site.Manifest.Staged = outside.Staged
	for _, s := range site.Stacks {
		site.Files[s.Path] = s.YAML
	}
	site.Files[manifest.FileName], err = site.Manifest.Encode()
	return site, err
}

// build builds the nested stacks. Each takes the exports of those before it; an export that a builder forgot is an
// error with its name.
func build(env *environment.Environment, bundle string) ([]Stack, error) {
	net, netExports := network.Build(env)
	if err := template.Complete(net.Name, netExports); err != nil {
		return nil, err
	}
	store, storeExports := data.Build(env, netExports)
	if err := template.Complete(store.Name, storeExports); err != nil {
		return nil, err
	}
	return render(net, store, app.Build(env, netExports, storeExports, bundle))
}

// render renders templates concurrently.
func render(templates ...*template.Template) ([]Stack, error) {
	stacks, faults := make([]Stack, len(templates)), make([]error, len(templates))
	var all sync.WaitGroup
	for i, t := range templates {
		all.Go(func() {
			var r *template.Rendered
			r, faults[i] = t.Render()
			stacks[i] = Stack{t, r, t.Name + ".yaml"}
		})
	}
	all.Wait()
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return inOrder(stacks)
}

// inOrder sorts stacks so that each comes after those it imports from.
func inOrder(stacks []Stack) ([]Stack, error) {
	var sorted []Stack
	placed := map[string]bool{}
	for len(sorted) < len(stacks) {
		before := len(sorted)
		for _, s := range stacks {
			if !placed[s.Template.Name] &&
				!slices.ContainsFunc(s.Imports, func(name string) bool { return !placed[name] }) {
				placed[s.Template.Name] = true
				sorted = append(sorted, s)
			}
		}
		if len(sorted) == before {
			return nil, fmt.Errorf("the stacks import from each other in a cycle")
		}
	}
	return sorted, nil
}

// rootOf returns the root template. It refers to each nested template by the checksum of its content, with pseudo
// parameters only: what runs is exactly what was reviewed.
func rootOf(env *environment.Environment, children []Stack) (Stack, error) {
	t := template.New(env.Site, rootName, manifest.MadeBy("Moodle site "+env.Site+", one stack after another as they need each other", release.Version()))
	handles := map[string]*template.Resource{}
	for _, child := range children {
		file := manifest.FileOf(child.Path, child.YAML)
		r := t.Add(logicalID(child.Template.Name), child.Template.Description, &cloudformation.Stack{
			TemplateURL: template.Sub(
				"https://s3.${AWS::Region}.${AWS::URLSuffix}/" + manifest.BucketInTemplate(
					env.Site,
				) + "/" + manifest.TemplateKey(
					file.SHA256,
				),
			),
		})
		for _, name := range child.Imports {
			r.DependsOn(handles[name])
		}
		handles[child.Template.Name] = r
	}
	t.Output(app.AddressOutput, "Where the site answers", handles["app"].GetAtt("Outputs."+app.AddressOutput))
	// Named in the root too, whose outputs the deployer reads in its first call.
	t.Output(data.LogGroupOutput, data.LogGroupDescription, handles["data"].GetAtt("Outputs."+data.LogGroupOutput))
	t.Output(data.LogDaysOutput, data.LogDaysDescription, handles["data"].GetAtt("Outputs."+data.LogDaysOutput))
	r, err := t.Render()
	if err != nil {
		return Stack{}, err
	}
	return Stack{t, r, rootName + ".yaml"}, nil
}

func logicalID(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// nodeBundle returns the node's files as they are in out/<environment>/node/, and the archive that the deployer packs
// from them.
func nodeBundle(env *environment.Environment) (map[string][]byte, *manifest.Bundle, error) {
	node, err := app.NodeFiles(env)
	if err != nil {
		return nil, nil, err
	}
	archive, err := manifest.Pack(node)
	if err != nil {
		return nil, nil, err
	}
	b := &manifest.Bundle{SHA256: manifest.Checksum(archive)}
	files := map[string][]byte{}
	for name, content := range node {
		files[path.Join("node", name)] = content
		b.Files = append(b.Files, manifest.FileOf(path.Join("node", name), content))
	}
	slices.SortFunc(b.Files, func(x, y manifest.File) int { return strings.Compare(x.Path, y.Path) })
	return files, b, nil
}

func manifestOf(env *environment.Environment, stacks []Stack, node *manifest.Bundle) *manifest.Manifest {
	m := &manifest.Manifest{
		Version: manifest.Version, Program: release.Version(), Environment: env.Name, Source: env.Path,
		SourceSHA256: env.SHA256,
		Site:         env.Site, Region: env.Region, Account: env.Account, Production: env.Production, Tags: env.Tags,
		Root: manifest.FileOf(stacks[0].Path, stacks[0].YAML),
		Node: node, Application: applicationOf(env),
	}
	for _, s := range stacks {
		if s.Template.Name != rootName {
			m.Stacks = append(m.Stacks, manifest.Stack{
				Name: s.Template.Name, LogicalID: logicalID(s.Template.Name), Template: manifest.FileOf(s.Path, s.YAML),
				Imports: s.Imports, Exports: s.Template.Exports(),
			})
		}
		for _, r := range s.Template.Resources() {
			m.Resources = append(
				m.Resources,
				manifest.Resource{
					Stack:    s.Template.Name,
					ID:       r.ID,
					Type:     r.Type,
					Builder:  r.Builder(),
					Stateful: r.Stateful(),
				},
			)
		}
	}
	return m
}
