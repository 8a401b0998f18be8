package deploy

import (
	"context"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/compare"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/templatefile"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/manifest"
)

// templates pairs the deployed and the new template of every stack of the tree. One whose digest the deployed root names is the
// folder's own and is not asked for.
func (r reader) templates(ctx context.Context, current currentState, ids map[string]string) ([]gate.Stack, error) {
	root := gate.Stack{}
	var err error
	if root.New, err = parsed(r.root()); err != nil {
		return nil, err
	}
	if current.template != "" {
		if root.Old, err = parsed(current.template); err != nil {
			return nil, err
		}
	}
	deployed := nestedOf(root.Old)
	all, err := r.newTemplates(root)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(deployed)) {
		if !slices.ContainsFunc(all, func(s gate.Stack) bool { return s.Path == id }) {
			all = append(all, gate.Stack{Path: id})
		}
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(cfn.ConcurrentCalls)
	for i := 1; i < len(all); i++ {
		s := &all[i]
		address, there := deployed[s.Path]
		switch {
		case !there: // it is new
		case r.sameTemplateAddress(s.Path, address):
			s.Old = s.New
		default:
			group.Go(func() (err error) {
				s.Old, err = r.deployedTemplate(groupCtx, ids[s.Path])
				return err
			})
		}
	}
	return all, group.Wait()
}

func (r reader) newTemplates(root gate.Stack) ([]gate.Stack, error) {
	all := []gate.Stack{root}
	for _, s := range r.Site.Stacks {
		next, err := parsed(string(r.Site.Content[s.Template.Path]))
		if err != nil {
			return nil, err
		}
		all = append(all, gate.Stack{Path: s.LogicalID, New: next})
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

func (r reader) deployedTemplate(ctx context.Context, id string) (compare.Template, error) {
	if id == "" {
		return compare.Template{}, nil
	}
	body, err := r.Stacks.Template(ctx, id)
	if cfn.IsNotFound(err) || err == nil && body == "" {
		return compare.Template{}, nil
	}
	if err != nil {
		return nil, err
	}
	return parsed(body)
}

func parsed(text string) (compare.Template, error) {
	return templatefile.Parse([]byte(text))
}

// nestedOf gives the address of each nested stack's template in a root, by logical id.
func nestedOf(root compare.Template) map[string]string {
	all := map[string]string{}
	for _, r := range compare.Resources(root, nil) {
		if r.Type != events.StackType {
			continue
		}
		properties, _ := r.Old["Properties"].(map[string]any)
		all[r.ID] = strings.TrimPrefix(compare.Text(properties["TemplateURL"]), "!Sub ")
	}
	return all
}
