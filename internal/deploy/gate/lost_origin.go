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
			what := f.takesItsPlace(d, path)
			if !was.Exists() || what == "" {
				continue
			}
			all = append(all, Finding{
				Code: DataLoss, Subject: d.subject(),
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

// takesItsPlace says what comes instead of a restored database; "" when nothing does.
func (f Facts) takesItsPlace(d difference, path string) string {
	if d.New.Exists() {
		return instead(d.Old.Property(path), d.New.Property(path))
	}
	for _, other := range f.differences() {
		if other.path.Equal(d.path) && !other.Old.Exists() && other.New.Type == d.Old.Type {
			return instead(d.Old.Property(path), firstOrigin(other.New))
		}
	}
	return ""
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
