package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
)

// engine is a database that is to be made or moved to another version.
type engine struct {
	name           string // Data/Database
	kind, version  string
	class          string   // of its instances; "" for none
	zones          []string // of its subnets
	versionChanges bool
}

// engines looks whether RDS offers the database's version, and its instances in the site's zones.
func (o *Observer) engines(ctx context.Context, r *Report, stacks []gate.Stack) {
	if o.Databases == nil {
		return
	}
	var looks []func(*Report)
	for _, e := range enginesOf(stacks) {
		looks = append(looks, func(r *Report) { o.engine(ctx, r, e) })
	}
	r.add(concurrently(looks...))
}

func enginesOf(stacks []gate.Stack) []engine {
	var all []engine
	for _, s := range stacks {
		for _, m := range madeBy([]gate.Stack{s}) {
			kind, _ := m.Property("Engine").Literal()
			version, known := m.Property("EngineVersion").Literal()
			if m.Type != "AWS::RDS::DBCluster" || !known {
				continue
			}
			e := engine{
				name: m.name, kind: kind, version: version,
				zones: zonesOfDatabase(stacks, s.New, m.Resource), versionChanges: m.changes("Engine", "EngineVersion"),
			}
			class, changes := instancesOf(s, m.LogicalID)
			if e.class = class; e.versionChanges || changes {
				all = append(all, e)
			}
		}
	}
	return all
}

// instancesOf returns the class of a cluster's instances, and whether one of them is new or of another class than
// before.
func instancesOf(s gate.Stack, cluster string) (class string, changes bool) {
	for _, m := range madeBy([]gate.Stack{s}) {
		if m.Type == "AWS::RDS::DBInstance" && m.Property("DBClusterIdentifier").RefersTo(cluster) {
			class, _ = m.Property("DBInstanceClass").Literal()
			changes = changes || m.changes("DBInstanceClass")
		}
	}
	return class, changes
}

// zonesOfDatabase returns the zones of a cluster's subnets.
func zonesOfDatabase(stacks []gate.Stack, t *template.Template, cluster template.Resource) []string {
	for _, r := range t.Resources() {
		if r.Type == "AWS::RDS::DBSubnetGroup" && cluster.Property("DBSubnetGroupName").RefersTo(r.LogicalID) {
			return zonesOfSubnets(stacks, newTemplate, t, r.Property("SubnetIds"))
		}
	}
	return nil
}

// engine asks for the versions and for the instances at once.
func (o *Observer) engine(ctx context.Context, r *Report, e engine) {
	var versions, zones []string
	var errs [2]error
	var group sync.WaitGroup
	group.Go(func() { versions, errs[0] = o.versions(ctx, e.kind) })
	group.Go(func() { zones, errs[1] = o.orderable(ctx, e) })
	group.Wait()
	if errs[0] != nil {
		r.notef("whether RDS offers %s %s could not be read%s", e.kind, e.version, reasonOf(errs[0]))
	} else if e.versionChanges && !hasVersion(versions, e.version) {
		r.engineNotOffered(
			e, gate.Kind(e.kind, e.version), fmt.Sprintf("RDS does not offer %s %s in this region", e.kind, e.version),
			"change database.version in the environment file; there are "+nearest(versions, e.version),
			"see all: aws rds describe-db-engine-versions --engine "+e.kind+" --query DBEngineVersions[].EngineVersion",
		)
		return
	}
	switch {
	case e.class == "" || len(e.zones) == 0:
	case errs[1] != nil:
		r.notef("whether RDS offers %s with %s could not be read%s", e.class, e.kind, reasonOf(errs[1]))
	case !slices.ContainsFunc(e.zones, func(z string) bool { return slices.Contains(zones, z) }):
		r.engineNotOffered(
			e, gate.Kind(e.kind+" "+e.version, e.class),
			fmt.Sprintf("RDS offers no %s with %s %s in %s", e.class, e.kind, e.version, strings.Join(e.zones, ", ")),
			"change database.version or network.zones in the environment file",
			"see where it is offered: aws rds describe-orderable-db-instance-options --engine "+e.kind+
				" --engine-version "+e.version+" --db-instance-class "+e.class,
		)
	}
}

func (r *Report) engineNotOffered(e engine, facts []gate.Fact, what string, steps ...string) {
	r.Findings = append(
		r.Findings,
		gate.Finding{Code: gate.NotOffered, Subject: e.name, What: what, Facts: facts, Fails: true, Steps: steps},
	)
}

// versions lists the versions of an engine with which RDS makes databases.
func (o *Observer) versions(ctx context.Context, kind string) ([]string, error) {
	var all []string
	pages := rds.NewDescribeDBEngineVersionsPaginator(o.Databases, &rds.DescribeDBEngineVersionsInput{Engine: &kind})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, v := range page.DBEngineVersions {
			all = append(all, aws.ToString(v.EngineVersion))
		}
	}
	return all, nil
}

// orderable lists the zones in which RDS offers instances of a class for a version. Of a version that there is not it
// says "Cannot find version", which is an answer.
func (o *Observer) orderable(ctx context.Context, e engine) ([]string, error) {
	var all []string
	pages := rds.NewDescribeOrderableDBInstanceOptionsPaginator(
		o.Databases, &rds.DescribeOrderableDBInstanceOptionsInput{
			Engine: &e.kind, EngineVersion: &e.version, DBInstanceClass: &e.class,
		},
	)
	for e.class != "" && pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil && strings.Contains(cfn.Message(err), "Cannot find version") {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, option := range page.OrderableDBInstanceOptions {
			for _, z := range option.AvailabilityZones {
				all = append(all, aws.ToString(z.Name))
			}
		}
	}
	return all, nil
}

// hasVersion reports whether a version is in a list, also as the beginning of one: 17 stands for the newest 17.
func hasVersion(all []string, version string) bool {
	return slices.ContainsFunc(all, func(v string) bool { return v == version || strings.HasPrefix(v, version+".") })
}

// nearest lists the versions of the same major version; all when there is none.
func nearest(all []string, version string) string {
	major, _, _ := strings.Cut(version, ".")
	same := slices.DeleteFunc(slices.Clone(all), func(v string) bool { return !strings.HasPrefix(v, major+".") })
	if len(same) == 0 {
		same = slices.Clone(all)
	}
	if len(same) == 0 {
		return "none"
	}
	return strings.Join(slices.Compact(same), ", ")
}
