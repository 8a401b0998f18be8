package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// enumerations are the lists of types in the wheel, by region.
var enumerations = []string{
	"aws_ec2_instance/instancetype_enum.json", "aws_elasticache_cachecluster/cachenodetype_enum.json",
}

// offered returns the file of what the environment's checker compares names with: the sizes of every family of instance
// and node types that any region of the partition aws offers, and the versions of Aurora PostgreSQL.
func offered(folder string) ([]byte, error) {
	wheel, err := openWheel(folder)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(
		&out,
		"# What AWS offers in any region, written by go generate ./internal/cfn/schema: the sizes of each family of\n"+
			"# instance types and of cache node types, and the versions of Aurora PostgreSQL.\n"+
			"# From cfn-lint %s, whose lists were taken on %s.\n", wheel.version, wheel.date,
	)
	families := map[string]map[string]bool{}
	for _, file := range enumerations {
		if err := wheel.addFamilies(file, families); err != nil {
			return nil, err
		}
	}
	for _, family := range slices.Sorted(maps.Keys(families)) {
		sizes := slices.Sorted(maps.Keys(families[family]))
		fmt.Fprintf(&out, "%s: %s\n", family, strings.Join(sizes, " "))
	}
	versions, err := wheel.engineVersions("aurora-postgresql")
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&out, "aurora-postgresql: %s\n", strings.Join(versions, " "))
	return out.Bytes(), nil
}

// addFamilies adds the families and sizes of one list of types.
func (w *wheel) addFamilies(file string, families map[string]map[string]bool) error {
	name := filepath.Join(w.schemas, "extensions", file)
	var regions map[string]json.RawMessage
	if err := readJSON(name, &regions); err != nil {
		return err
	}
	for region, text := range regions {
		if region == "description" || strings.HasPrefix(region, "cn-") || strings.HasPrefix(region, "us-gov-") {
			continue
		}
		var list struct {
			Enum []string `json:"enum"`
		}
		if err := json.Unmarshal(text, &list); err != nil {
			return fmt.Errorf("%s: %s: %w", name, region, err)
		}
		for _, each := range list.Enum {
			dot := strings.LastIndexByte(each, '.')
			if dot < 0 {
				return fmt.Errorf("%s: %s: %q is not a type", name, region, each)
			}
			if families[each[:dot]] == nil {
				families[each[:dot]] = map[string]bool{}
			}
			families[each[:dot]][each[dot+1:]] = true
		}
	}
	return nil
}

// engineVersions returns the full versions (17.11) of an Aurora engine, oldest first.
func (w *wheel) engineVersions(engine string) ([]string, error) {
	name := filepath.Join(w.schemas, "extensions/aws_rds_dbcluster/engine_version.json")
	var rules struct {
		AllOf []struct {
			If struct {
				Properties struct{ Engine struct{ Const string } }
			}
			Then struct {
				Properties struct{ EngineVersion struct{ Enum []string } }
			}
		}
	}
	if err := readJSON(name, &rules); err != nil {
		return nil, err
	}
	var versions []string
	for _, rule := range rules.AllOf {
		if rule.If.Properties.Engine.Const != engine {
			continue
		}
		for _, version := range rule.Then.Properties.EngineVersion.Enum {
			if _, err := strconv.ParseFloat(version, 64); err == nil && strings.Count(version, ".") == 1 {
				versions = append(versions, version)
			}
		}
	}
	if len(versions) == 0 {
		return nil, fmt.Errorf("%s: no version of %s: see where this version of cfn-lint lists them", name, engine)
	}
	slices.SortFunc(versions, compareVersions)
	return versions, nil
}

// compareVersions orders 17.9 before 17.11.
func compareVersions(a, b string) int {
	majorA, minorA, _ := strings.Cut(a, ".")
	majorB, minorB, _ := strings.Cut(b, ".")
	if majorA != majorB {
		return len(majorA) - len(majorB) + strings.Compare(majorA, majorB)
	}
	if len(minorA) != len(minorB) {
		return len(minorA) - len(minorB)
	}
	return strings.Compare(minorA, minorB)
}
