package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
)

// besideOneWay finds what shares a deployment with a one-way change, one finding for each stack. When any of it fails,
// CloudFormation rolls everything back, and the one-way change cannot go back.
func besideOneWay(f Facts) []Finding {
	changes := f.oneWayChanges()
	if len(changes) == 0 || f.Changes == nil {
		return nil
	}
	alone := changes[0]
	differing := f.differing()
	var all []Finding
	f.Changes.Walk(func(s *changeset.Stack) {
		var others []string
		for _, item := range s.Items {
			if what := alone.other(s.Path, item, differing); what != "" {
				others = append(others, what)
			}
		}
		if len(others) == 0 {
			return
		}
		slices.Sort(others)
		facts := make([]Fact, len(others))
		for i, other := range others {
			facts[i] = Fact{Path: "beside " + alone.subject(), After: other}
		}
		names := strings.Join(others, ", ")
		all = append(all, Finding{
			Code: OneWay, Subject: cmp.Or(s.Path.String(), s.Name), Facts: facts,
			What: fmt.Sprintf(
				"%s would change in the same deployment as %s: if one fails, both are rolled back, "+
					"and %[2]s cannot go back", names, alone.subject(),
			),
			Steps: []string{
				fmt.Sprintf(
					"take the change of %s out of %s, generate, and deploy that of %s alone", names, f.source(),
					alone.subject(),
				),
				"put it in again, generate, and deploy",
			},
			LastResort: "or pass --accept with the reason",
		})
	})
	return all
}

// differing are the resources whose templates differ, by address.
func (f Facts) differing() map[address.Resource]difference {
	all := map[address.Resource]difference{}
	for _, d := range f.differences() {
		all[d.path.Resource(d.LogicalID)] = d
	}
	return all
}

// other names what an item changes beside the one-way change; "" for what belongs to that, or only may follow from it.
func (c oneWayChange) other(path address.Path, item changeset.Item, differing map[address.Resource]difference) string {
	d, differs := differing[path.Resource(item.LogicalID)]
	switch {
	case item.Action == changeset.Sync, item.Uncertain, onlyFollows(item):
		return ""
	case item.NestedStack() && item.Action != changeset.Add && item.Action != changeset.Remove:
		return "" // what changes in it is listed there
	case differs && d.subject() == c.subject():
		return c.more(item.LogicalID, d)
	case differs && c.belongs(d):
		return ""
	}
	return item.LogicalID
}

// onlyFollows reports whether every change of an item is one that CloudFormation derives from another resource, and may
// come to nothing.
func onlyFollows(item changeset.Item) bool {
	return item.Action == changeset.Change && len(item.Properties) > 0 &&
		!slices.ContainsFunc(item.Properties, func(p changeset.Property) bool { return !p.Dynamic })
}

// more names the properties of the resource itself that change too.
func (c oneWayChange) more(logicalID string, d difference) string {
	var all []string
	for _, p := range d.Properties {
		part := func(with string) bool { return p.Path == with || strings.HasPrefix(p.Path, with+".") }
		if !slices.ContainsFunc(c.kind.with, part) {
			all = append(all, p.Path)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return logicalID + " (" + strings.Join(all, ", ") + ")"
}

// families are the types of parameter groups that follow an engine, and the property that names its family.
var families = map[string]string{
	"AWS::RDS::DBClusterParameterGroup": "Family",
	"AWS::RDS::DBParameterGroup":        "Family",
	"AWS::ElastiCache::ParameterGroup":  "CacheParameterGroupFamily",
}

// belongs reports whether a difference is part of the one-way change: a parameter group of the new family, an instance
// of the cluster that gets the new version.
func (c oneWayChange) belongs(d difference) bool {
	if c.kind.path != "EngineVersion" && c.kind.path != "Engine" {
		return false
	}
	if family := families[d.Type]; family != "" {
		return ofOneService(d.Type, c.Type) && !d.Old.Property(family).Equal(d.New.Property(family))
	}
	more := func(p template.PropertyDifference) bool { return !slices.Contains(engineParts, p.Path) }
	return d.Type == "AWS::RDS::DBInstance" && c.Type == "AWS::RDS::DBCluster" &&
		len(d.Attributes) == 0 && !slices.ContainsFunc(d.Properties, more)
}

func ofOneService(a, b string) bool { return strings.HasPrefix(b, a[:strings.LastIndex(a, "::")]+"::") }
