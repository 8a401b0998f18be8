package changeset

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// properties combines the details of both descriptions by path: the same property may be listed for itself and for what
// it follows from.
func properties(b descriptions) []Property {
	var all []Property
	at := map[string]int{}
	for _, r := range b.each() {
		for _, detail := range r.Details {
			p, ok := property(detail)
			if !ok {
				continue
			}
			i, known := at[p.Path]
			if !known {
				at[p.Path] = len(all)
				all = append(all, p)
				continue
			}
			all[i] = all[i].with(p)
		}
	}
	return withoutParents(all)
}

func (p Property) with(q Property) Property {
	if q.HasValues && !p.HasValues {
		p.Before, p.After, p.HasValues = q.Before, q.After, true
	}
	p.Recreation = max(p.Recreation, q.Recreation)
	p.Dynamic = p.Dynamic && q.Dynamic
	p.Cause = cmp.Or(p.Cause, q.Cause)
	return p
}

// withoutParents drops the plain description's "Properties/Tags" if the one with values has "Properties/Tags/0/Value";
// what the parent says about a replacement is kept at the children.
func withoutParents(all []Property) []Property {
	isParent := func(p, q Property) bool { return strings.HasPrefix(q.Path, p.Path+"/") }
	for i := range all {
		for _, p := range all {
			if isParent(p, all[i]) {
				all[i].Recreation = max(all[i].Recreation, p.Recreation)
			}
		}
	}
	return slices.DeleteFunc(all, func(p Property) bool {
		return slices.ContainsFunc(all, func(q Property) bool { return isParent(p, q) })
	})
}

var recreations = map[types.RequiresRecreation]Recreation{
	types.RequiresRecreationConditionally: Conditionally, types.RequiresRecreationAlways: Always,
}

func property(d types.ResourceChangeDetail) (Property, bool) {
	t := d.Target
	if t == nil {
		return Property{}, false
	}
	path := strings.TrimPrefix(aws.ToString(t.Path), "/")
	if path == "" {
		path = string(t.Attribute)
		if name := aws.ToString(t.Name); name != "" {
			path += "/" + name
		}
	}
	unknown := strings.Contains(aws.ToString(t.AfterValue), knownAfterApply)
	return Property{
		Path: path, Before: shown(path, aws.ToString(t.BeforeValue)), After: shown(path, aws.ToString(t.AfterValue)),
		HasValues: t.BeforeValue != nil || t.AfterValue != nil, Recreation: recreations[t.RequiresRecreation],
		Dynamic: unknown || d.Evaluation == types.EvaluationTypeDynamic, Cause: aws.ToString(d.CausingEntity),
	}, true
}
