package deploy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/manifest"
)

// templates pairs the deployed and the new template of every stack of the tree. One whose checksum the deployed root
// names is the folder's own and is not asked for.
func (r reader) templates(ctx context.Context, current currentState, ids map[string]string) ([]gate.Stack, error) {
	root := gate.Stack{}
	var err error
	if root.New, err = r.folderTemplate(r.Site.Root); err != nil {
		return nil, err
	}
	if current.template != "" {
		if root.Old, err = template.ParseDeployed(current.template); err != nil {
			return nil, err
		}
	}
	deployed := nestedOf(root.Old)
	all, err := r.newTemplates(root)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(deployed)) {
		if !slices.ContainsFunc(all, func(s gate.Stack) bool { return s.Path.LogicalID() == id }) {
			all = append(all, gate.Stack{Path: address.Path{id}})
		}
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cfn.ConcurrentCalls)
	for i := 1; i < len(all); i++ {
		s := &all[i]
		address, there := deployed[s.Path.LogicalID()]
		switch {
		case !there: // it is new
		case r.sameTemplateAddress(s.Path.LogicalID(), address):
			s.Old = s.New
		default:
			group.Go(func() (err error) {
				s.Old, err = r.deployedTemplate(groupCtx, ids[s.Path.String()])
				return err
			})
		}
	}
	return all, group.Wait()
}

func (r reader) newTemplates(root gate.Stack) ([]gate.Stack, error) {
	all := []gate.Stack{root}
	for _, s := range r.Site.Stacks {
		next, err := r.folderTemplate(s.Template)
		if err != nil {
			return nil, err
		}
		all = append(all, gate.Stack{Path: address.Path{s.LogicalID}, New: next})
	}
	return all, nil
}

// sameTemplateAddress reports whether a deployed nested stack's address names the very template of the folder.
func (r reader) sameTemplateAddress(logicalID, address string) bool {
	for _, s := range r.Site.Stacks {
		if s.LogicalID == logicalID {
			return strings.HasSuffix(address, manifest.TemplateKey(s.Template.SHA256))
		}
	}
	return false
}

func (r reader) deployedTemplate(ctx context.Context, id string) (*template.Template, error) {
	if id == "" {
		return &template.Template{}, nil
	}
	body, err := r.Stacks.Template(ctx, id)
	if cfn.IsNotFound(err) || err == nil && body == "" {
		return &template.Template{}, nil
	}
	if err != nil {
		return nil, err
	}
	deployed, err := template.ParseDeployed(body)
	if err != nil {
		return nil, fmt.Errorf("stack %s: %w", id, err)
	}
	return deployed, nil
}

// nestedOf returns the address of each nested stack's template in a root, by logical id.
func nestedOf(root *template.Template) map[string]string {
	all := map[string]string{}
	for _, r := range root.Resources() {
		if r.NestedStack() {
			all[r.LogicalID] = r.TemplateAddress()
		}
	}
	return all
}
