package template

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// CloudFormation's limits of one template
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
const (
	MaxInlineBytes = 51_200    // passed in a request
	MaxBytes       = 1_000_000 // passed by URL; AWS says 1 MB
	MaxResources   = 500
	MaxOutputs     = 200
	maxDescription = 1_024
)

// Rendered is a template as it is written.
type Rendered struct {
	YAML      []byte
	Imports   []string // names of the stacks whose exports it imports, sorted
	Resources int
	Outputs   int

	bodies map[string]*yaml.Node // of the resources, by logical id
}

// Render is the template as YAML that a person reviews: short intrinsics, two spaces, resources in the builder's order,
// each under its reason. The same template gives the same bytes.
func (t *Template) Render() (*Rendered, error) {
	r := &renderer{template: t, imports: map[string]bool{}, bodies: map[string]*yaml.Node{}}
	var text strings.Builder
	text.WriteString(r.header())
	r.section(&text, "Resources", len(t.resources), func(i int) entry {
		e := r.resource(t.resources[i])
		r.bodies[e.key] = e.body
		return e
	})
	if len(t.outputs) > 0 {
		r.section(&text, "Outputs", len(t.outputs), func(i int) entry { return r.output(t.outputs[i]) })
	}
	r.checkReferences()
	r.checkLimits(text.Len())
	if len(r.faults) > 0 {
		return nil, fmt.Errorf("template %s: %w", t.Name, errors.Join(r.faults...))
	}
	rendered := &Rendered{
		YAML: []byte(text.String()), Resources: len(t.resources), Outputs: len(t.outputs), bodies: r.bodies,
	}
	for stack := range r.imports {
		rendered.Imports = append(rendered.Imports, stack)
	}
	slices.Sort(rendered.Imports)
	return rendered, nil
}

// renderer holds what is collected while a template is written.
type renderer struct {
	template *Template
	where    string // the resource or output being written, for faults
	imports  map[string]bool
	bodies   map[string]*yaml.Node // of the resources, by logical id
	refs     []reference
	faults   []error

	encoder *yaml.Encoder
	encoded int
	written bytes.Buffer
}

type reference struct{ where, id string }

func (r *renderer) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf(r.where+": "+format, args...))
}

// The header says that the YAML itself is not to be edited. It names no command or folder, since the generator can be
// run in other ways than this repository's.
const header = "# Generated from the site's environment file: change that file and generate it again, not this one.\n\n"

func (r *renderer) header() string {
	t := r.template
	r.where = "description"
	if len(t.Description) > maxDescription {
		r.fault("%d bytes, CloudFormation accepts %d", len(t.Description), maxDescription)
	}
	return header + r.encode(
		mapping("AWSTemplateFormatVersion", quoted("2010-09-09")),
	) + r.encode(
		mapping("Description", r.scalar(t.Description)),
	)
}

// entry is one resource or output: comment, key and body.
type entry struct {
	why, key string
	body     *yaml.Node
}

// section writes a top-level key and its entries, a blank line before each one that carries a comment.
func (r *renderer) section(text *strings.Builder, name string, n int, at func(int) entry) {
	text.WriteString("\n" + name + ":\n")
	seen := map[string]bool{}
	for i := range n {
		e := at(i)
		switch {
		case seen[e.key]:
			r.fault("declared twice in %s", name)
		case !logicalID.MatchString(e.key):
			r.fault("the logical id may contain letters and digits only")
		}
		seen[e.key] = true
		if i > 0 {
			text.WriteString("\n")
		}
		for _, line := range wrap(e.why, 110) {
			text.WriteString("  # " + line + "\n")
		}
		text.WriteString(indent(r.encode(mapping(e.key, e.body))))
	}
}

var logicalID = regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`)

func (r *renderer) output(o output) entry {
	r.where = "output " + o.key
	body := mapping("Description", r.scalar(o.why), "Value", r.text(o.value))
	if o.export != "" {
		body.Content = append(body.Content, mapping("Export", mapping("Name", r.scalar(o.export))).Content...)
	}
	return entry{key: o.key, body: body}
}

// checkReferences finds !Ref, !GetAtt and ${…} of what the template does not have; CloudFormation would say so only on
// upload.
func (r *renderer) checkReferences() {
	known := map[string]bool{}
	for _, res := range r.template.resources {
		known[res.ID] = true
	}
	for _, ref := range r.refs {
		if !known[ref.id] && !strings.HasPrefix(ref.id, "AWS::") {
			r.where = ref.where
			r.fault("refers to %s, which stack %s does not have", ref.id, r.template.Name)
		}
	}
}

func (r *renderer) checkLimits(bytes int) {
	r.where = "limits"
	if bytes > MaxBytes {
		r.fault("%d bytes, CloudFormation accepts %d", bytes, MaxBytes)
	}
	if n := len(r.template.resources); n > MaxResources {
		r.fault("%d resources, CloudFormation accepts %d: move some into another stack", n, MaxResources)
	}
	if n := len(r.template.outputs); n > MaxOutputs {
		r.fault("%d outputs, CloudFormation accepts %d", n, MaxOutputs)
	}
}
