package cfntest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/schema"
)

// recreates reports whether a change at a path of a resource's properties replaces the resource. Types that
// internal/cfn/schema does not know have what the test says, and their name.
func (a *Account) recreates(kind string, path []string) types.RequiresRecreation {
	if a.rules.createOnly[kind+" "+path[0]] {
		return types.RequiresRecreationAlways
	}
	t, known := schema.Of(kind)
	if !known {
		last := kind[strings.LastIndex(kind, ":")+1:]
		if path[0] == "Name" || path[0] == last+"Name" {
			return types.RequiresRecreationAlways
		}
		return types.RequiresRecreationNever
	}
	dotted := dotted(path)
	touches := func(other string) bool {
		return dotted == other || strings.HasPrefix(dotted, other+".") || strings.HasPrefix(other, dotted+".")
	}
	switch {
	case slices.ContainsFunc(t.CreateOnly, touches):
		return types.RequiresRecreationAlways
	case slices.ContainsFunc(t.ConditionalCreateOnly, touches):
		return types.RequiresRecreationConditionally
	}
	return types.RequiresRecreationNever
}

// dotted is a path as internal/cfn/schema writes it, the places in lists left out.
func dotted(path []string) string {
	var names []string
	for _, step := range path {
		if _, err := strconv.Atoi(step); err != nil {
			names = append(names, step)
		}
	}
	return strings.Join(names, ".")
}

// deletionPolicy is what becomes of a resource that its stack lets go. A database is copied first when its template
// says nothing
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html).
func deletionPolicy(r *resource) string {
	if policy := text(r.definition, "DeletionPolicy"); policy != "" {
		return policy
	}
	_, ofCluster := propertiesOf(r.definition)["DBClusterIdentifier"]
	if r.kind == "AWS::RDS::DBCluster" || r.kind == "AWS::RDS::DBInstance" && !ofCluster {
		return "Snapshot"
	}
	return "Delete"
}

// recreation is the strongest consequence of a change of properties.
func (a *Account) recreation(kind string, before, after map[string]any) types.RequiresRecreation {
	strongest := types.RequiresRecreationNever
	for _, path := range differences(before, after, nil) {
		switch r := a.recreates(kind, path); {
		case r == types.RequiresRecreationAlways:
			return r
		case r == types.RequiresRecreationConditionally:
			strongest = r
		}
	}
	return strongest
}

// differences are the paths of the values that differ.
func differences(before, after any, at []string) [][]string {
	b, isMap := before.(map[string]any)
	c, bothMaps := after.(map[string]any)
	if isMap && bothMaps {
		var all [][]string
		names := slices.Concat(sortedKeys(b), sortedKeys(c))
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			all = append(all, differences(b[name], c[name], below(at, name))...)
		}
		return all
	}
	l, isList := before.([]any)
	m, bothLists := after.([]any)
	if isList && bothLists && len(l) == len(m) {
		var all [][]string
		for i := range l {
			all = append(all, differences(l[i], m[i], below(at, fmt.Sprint(i)))...)
		}
		return all
	}
	if same(before, after) {
		return nil
	}
	return [][]string{at}
}
