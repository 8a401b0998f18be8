// Package template builds CloudFormation templates, one at a time, from goformation's typed resources.
//
// Start with [New], add resources with [Template.Add], refer to them through the handle that Add returns, and offer a value to
// other templates with [Template.Export]. What comes back from Export is the only way to import it, so an import that nobody
// exports does not compile. [Template.Render] writes the YAML that a person reviews.
//
// A builder's mistake (a logical id used twice, an intrinsic as part of a string, stateful data without a policy that keeps it)
// is an error of Render that names the resource and the builder; no partial template is returned.
package template

import (
	"runtime"
	"strings"

	"distributed-moodle/internal/stateful"
)

// Properties is a goformation resource: a pointer to a typed struct that knows its CloudFormation type. Its fields' json tags are the
// names of the properties.
type Properties interface {
	AWSCloudFormationType() string
}

// Template is one CloudFormation template under construction. Resources keep the order in which they were added.
type Template struct {
	Site        string // first part of the name of each export
	Name        string // the stack's short name: network, data, app; "site" for the root
	Description string // at most 1024 bytes
	resources   []*Resource
	outputs     []output
}

// Resource is the handle of a resource that has been added to a template.
type Resource struct {
	ID   string // logical id
	Type string // AWS::EC2::VPC

	why        string
	builder    string
	properties Properties
	overrides  []override
	after      []string
	exceptions []exception
	keep       keep
}

type output struct{ key, why, value, export string }

type override struct {
	path  string
	value any
}

// keep is what happens to a resource's data when the resource is deleted or replaced: CloudFormation's DeletionPolicy and UpdateReplacePolicy.
type keep struct{ onDelete, onReplace string }

// New starts the template of one of a site's stacks.
func New(site, name, description string) *Template {
	return &Template{Site: site, Name: name, Description: description}
}

// Add declares a resource. The sentence why is written above it in the YAML: the reason for the resource, not a description.
func (t *Template) Add(id, why string, p Properties) *Resource {
	r := &Resource{ID: id, Type: p.AWSCloudFormationType(), why: why, properties: p, builder: caller()}
	t.resources = append(t.resources, r)
	return r
}

// Ref is the resource's !Ref, for any string property.
func (r *Resource) Ref() string { return intrinsic("Ref", r.ID) }

// GetAtt is the resource's !GetAtt of one attribute, for any string property. Attributes are those of CloudFormation's schema; a
// test checks each one against it.
func (r *Resource) GetAtt(attribute string) string { return intrinsic("GetAtt", r.ID+"."+attribute) }

// Set writes a property that goformation's struct lacks or types too narrowly; path is its dotted name, an index counts from 0
// (BlockDeviceMappings.0.Ebs.Throughput). The value is a literal, a value of one of this package's intrinsics, or a list or
// struct of them. A test checks each path against CloudFormation's schema.
func (r *Resource) Set(path string, value any) *Resource {
	r.overrides = append(r.overrides, override{path, value})
	return r
}

// DependsOn makes CloudFormation create the resource after others that no property of it refers to.
func (r *Resource) DependsOn(others ...*Resource) *Resource {
	for _, o := range others {
		r.after = append(r.after, o.ID)
	}
	return r
}

// Retain keeps the resource and its data when it is deleted or replaced.
func (r *Resource) Retain() *Resource { r.keep = keep{"Retain", "Retain"}; return r }

// RetainExceptOnCreate keeps the resource and its data when it is deleted or replaced, but leaves nothing behind when its own
// creation fails (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html).
func (r *Resource) RetainExceptOnCreate() *Resource {
	r.keep = keep{"RetainExceptOnCreate", "Retain"}
	return r
}

// Snapshot takes a last snapshot when the resource is deleted or replaced. Not every type can.
func (r *Resource) Snapshot() *Resource { r.keep = keep{"Snapshot", "Snapshot"}; return r }

// Disposable declares that the resource's data may be deleted with it, although its type usually holds important data.
func (r *Resource) Disposable() *Resource { r.keep = keep{"Delete", "Delete"}; return r }

// Stateful reports whether the loss of the resource would lose data.
func (r *Resource) Stateful() bool { return stateful.Always(r.Type) && r.keep.onDelete != "Delete" }

// Builder returns the function that added the resource: "stacks/network/vpc.go addVPC". It has no line number, so that it changes
// only when the resource moves.
func (r *Resource) Builder() string { return r.builder }

// Resources lists the template's resources in their order.
func (t *Template) Resources() []*Resource { return t.resources }

// Exports lists the names that other stacks can import, in the template's order.
func (t *Template) Exports() []string {
	var names []string
	for _, o := range t.outputs {
		if o.export != "" {
			names = append(names, o.export)
		}
	}
	return names
}

// caller returns the nearest function outside this package, as a path relative to the module.
func caller() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		pkg, fn := splitFunction(f.Function)
		if pkg != self || strings.HasSuffix(f.File, "_test.go") {
			_, rel, _ := strings.Cut(pkg, "/")
			return rel + "/" + f.File[strings.LastIndexByte(f.File, '/')+1:] + " " + fn
		}
		if !more {
			return ""
		}
	}
}

var self = func() string {
	pc, _, _, _ := runtime.Caller(0)
	pkg, _ := splitFunction(runtime.FuncForPC(pc).Name())
	return pkg
}()

// splitFunction splits "module/stacks/network.addVPC.func1" into its package's path and the function that a person wrote.
func splitFunction(name string) (pkg, fn string) {
	slash := strings.LastIndexByte(name, '/') + 1
	dot := strings.IndexByte(name[slash:], '.')
	if dot < 0 {
		return name, ""
	}
	fn, _, _ = strings.Cut(name[slash+dot+1:], ".func")
	if receiver := strings.LastIndex(fn, ")."); receiver >= 0 {
		fn = fn[receiver+2:] // (*builder).addVPC
	}
	return name[:slash+dot], fn
}
