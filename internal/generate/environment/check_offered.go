package environment

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// offeredFile lists, a line each, the families of types and the engine that AWS offers in any region, with their sizes
// or versions. internal/cfn/schema/generate writes it.
//
//go:embed offered.txt
var offeredFile string

// offers are the names that AWS offers as far as the program knows, and the date of that knowledge.
type offers struct {
	instanceTypes, nodeTypes, databaseVersions []string
	date                                       string
}

var offered = sync.OnceValue(func() offers {
	var known offers
	for line := range strings.Lines(offeredFile) {
		line = strings.TrimSpace(line)
		if comment, ok := strings.CutPrefix(line, "#"); ok {
			if _, date, dated := strings.Cut(comment, "taken on "); dated {
				known.date = strings.TrimSuffix(date, ".")
			}
			continue
		}
		family, kinds, _ := strings.Cut(line, ": ")
		for kind := range strings.FieldsSeq(kinds) {
			switch {
			case family == "aurora-postgresql":
				known.databaseVersions = append(known.databaseVersions, kind)
			case strings.HasPrefix(family, "cache."):
				known.nodeTypes = append(known.nodeTypes, family+"."+kind)
			default:
				known.instanceTypes = append(known.instanceTypes, family+"."+kind)
			}
		}
	}
	return known
})

// The codes, under accept, of what AWS has begun to offer since the list was made.
const (
	newInstanceType    = "new-instance-type"
	newNodeType        = "new-node-type"
	newDatabaseVersion = "new-database-version"
)

func hasNewInstanceType(e *Environment) bool {
	return slices.ContainsFunc(e.Application.InstanceTypes, func(name string) bool {
		return !slices.Contains(offered().instanceTypes, name)
	})
}

func hasNewNodeType(e *Environment) bool {
	return e.Cache.NodeType != "" && !slices.Contains(offered().nodeTypes, e.Cache.NodeType)
}

func hasNewDatabaseVersion(e *Environment) bool {
	return !slices.Contains(offered().databaseVersions, e.Database.Version)
}

// unlessNew reports a name that AWS does not offer anywhere as far as the program knows, unless the file says that it
// is new. Whether AWS offers it in the site's region, only AWS knows.
func (c *checker) unlessNew(key, code, what, name string, known []string) {
	if _, accepted := c.env.Accept[code]; accepted || slices.Contains(known, name) {
		return
	}
	hint := guess(name, known)
	kin := slices.DeleteFunc(slices.Clone(known), func(other string) bool {
		return !strings.HasPrefix(other, name[:strings.LastIndexByte(name, '.')+1])
	})
	if len(kin) > 0 {
		hint = "; of this kind it knows " + list(kin)
	}
	c.reject(
		key,
		"%s is not among the %s that the program knows%s; if AWS offers it since %s, accept it with a reason: accept: {%s: \"your reason\"}",
		name, what, hint, offered().date, code,
	)
}

// checkNodeType reports node types that a new cache can't have: types that do not exist; families that ElastiCache
// keeps for caches of old only; and those with a disk, which want data tiering: it moves what is seldom read to that
// disk, more than sessions and caches need. CacheNodeType and DataTieringEnabled in
// https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html.
func (c *checker) checkNodeType(name string) {
	const key = "cache.nodeType"
	if name == "" || !c.valid(key) {
		return
	}
	switch family := strings.Split(name, ".")[1]; {
	case slices.Contains([]string{"t1", "m1", "m2", "m3", "c1", "r3"}, family):
		c.reject(
			key, "%s is of a family that AWS keeps for old caches only; use e.g. cache.t4g.small, cache.m7g.large",
			name,
		)
	case strings.HasSuffix(family, "gd"):
		c.reject(
			key, "%s works only with data tiering, which the site's cache does not use; use e.g. %s", name,
			strings.Replace(name, "gd.", "g.", 1),
		)
	default:
		c.unlessNew(key, newNodeType, "node types", name, offered().nodeTypes)
	}
}

// checkDatabaseVersion reports versions that do not exist, and those without the capacity that the file asks for
// (Aurora User Guide, "Requirements and limitations for Aurora serverless").
func (c *checker) checkDatabaseVersion(db Database) {
	const key, maximum = "database.version", "database.capacity.maximum"
	if !c.valid(key) {
		return
	}
	if !since(db.Version, 13, 6, 14, 3, 15, 2, 16, 1) {
		c.reject(
			key,
			"%s has no Serverless v2, on which the site's database runs; use 17, 16.1, 15.2, 14.3, 13.6 or a later one of each",
			db.Version,
		)
		return
	}
	c.unlessNew(key, newDatabaseVersion, "versions of Aurora PostgreSQL", db.Version, offered().databaseVersions)
	if c.valid(maximum) && *db.Capacity.Maximum > 128 && !since(db.Version, 13, 13, 14, 10, 15, 5, 16, 1) {
		c.reject(maximum, "version %s has at most 128; use that, or a later version", db.Version)
	}
}
