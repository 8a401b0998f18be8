package gate

import (
	"fmt"
	"slices"

	"distributed-moodle/internal/cfn/template"
)

// origins are the properties that say what a database was restored from. An update without the same SnapshotIdentifier
// creates an empty cluster, one with another restores that, and both delete the original
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbcluster.html).
var origins = map[string][]string{
	"AWS::RDS::DBCluster":  {"SnapshotIdentifier", "SourceDBClusterIdentifier"},
	"AWS::RDS::DBInstance": {"DBSnapshotIdentifier", "DBClusterSnapshotIdentifier"},
}

// lostOrigins finds restored databases whose template no longer names what they were restored from, whether the
// resource keeps its logical id or another one takes its place. It reads the templates: a property that goes looks
// harmless in a plan.
func (f Facts) lostOrigins() []Finding {
	var all []Finding
	for _, d := range f.differences() {
		for _, path := range origins[d.Old.Type] {
			was := d.Old.Property(path)
			what, is := f.takesItsPlace(d, path)
			if !was.Exists() || what == "" {
				continue
			}
			all = append(all, Finding{
				Code: DataLoss, Subject: d.subject(),
				Facts: []Fact{fact(path, was, is)},
				What: fmt.Sprintf(
					"it was restored from %s, which the template no longer names: AWS %s, and deletes this one "+
						"with all that was written since", was, what,
				),
				Steps: []string{
					f.keepIt(d, path) + ": it stays for as long as the database lives",
					"to restore another snapshot, do it in a new site",
				},
				LastResort: acceptData,
			})
		}
	}
	return all
}

// takesItsPlace says what comes instead of a restored database, and from what that is restored; "" when nothing does.
func (f Facts) takesItsPlace(d difference, path string) (what string, is template.Value) {
	if d.New.Exists() {
		is = d.New.Property(path)
		return instead(d.Old.Property(path), is), is
	}
	for _, other := range f.differences() {
		if other.path.Equal(d.path) && !other.Old.Exists() && other.New.Type == d.Old.Type {
			is = firstOrigin(other.New)
			return instead(d.Old.Property(path), is), is
		}
	}
	return "", is
}

func instead(was, is template.Value) string {
	switch {
	case was.Equal(is):
		return ""
	case !is.Exists():
		return "makes a new, empty one"
	}
	return fmt.Sprintf("makes a new one from %s", is)
}

func firstOrigin(r template.Resource) template.Value {
	paths := origins[r.Type]
	if i := slices.IndexFunc(paths, func(path string) bool { return r.Property(path).Exists() }); i >= 0 {
		return r.Property(paths[i])
	}
	return template.Value{}
}
