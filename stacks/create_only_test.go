package stacks_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn/schema"
	"distributed-moodle/internal/generate/environment"
)

// another are the keys whose change replaces a resource under its own logical id, with the reason why it may
// (docs/decisions/004-logical-ids.md).
var another = map[string]string{
	"site":                              "another site",
	"region":                            "another site",
	"network.cidr":                      "another site: a range cannot grow or move while it is in use",
	"domain.name":                       "the certificate of another name; inside one stack, so the new one is there before the old one goes",
	"domain.zone":                       "records in another zone, as above",
	"filesystem.zone":                   "files in another zone: by way of a regional file system, which has its own logical id",
	"database.version to another major": "the parameters of another family, which hold nothing",
}

// TestWhatCannotChangeHasAnotherLogicalID changes each key of the environment file: where that changes a property which CloudFormation
// cannot change, the resource must have another logical id, so that the new one can exist next to the old one.
func TestWhatCannotChangeHasAnotherLogicalID(t *testing.T) {
	changes := map[string]func(*environment.Environment){
		"database.snapshot, left out":       func(e *environment.Environment) { e.Database.Snapshot = "" },
		"database.version to another major": func(e *environment.Environment) { e.Database.Version = "16.6" },
		"network.zones, one more": func(e *environment.Environment) {
			e.Network.Zones = append(slices.Clone(e.Network.Zones), "eu-central-1d")
		},
	}
	for key, value := range values {
		changes[key] = value.change
	}
	before := resourcesByID(t, everything(t))
	for key, change := range changes {
		env := everything(t)
		change(env)
		replaced := replacements(t, before, resourcesByID(t, env))
		switch _, known := another[key]; {
		case len(replaced) > 0 && !known:
			t.Errorf("%s replaces under the same logical id: %s", key, strings.Join(replaced, ", "))
		case len(replaced) == 0 && known:
			t.Errorf("%s replaces nothing (any more): its row says it does", key)
		}
	}
	for key := range another {
		if changes[key] == nil {
			t.Errorf("%s is changed by nothing here", key)
		}
	}
}

func resourcesByID(t *testing.T, env *environment.Environment) map[string]resource {
	t.Helper()
	all := map[string]resource{}
	for path, content := range generate(t, env).Files {
		if strings.HasSuffix(path, ".yaml") {
			for _, r := range resourcesOf(t, path, content) {
				all[r.where+" "+r.id] = r
			}
		}
	}
	return all
}

// replacements names the properties that differ and that CloudFormation cannot change. Properties of the root's stacks are none.
func replacements(t *testing.T, before, after map[string]resource) []string {
	t.Helper()
	var found []string
	for id, old := range before {
		now, still := after[id]
		if !still {
			continue
		}
		kind, known := schema.Of(old.body["Type"].(string))
		if !known {
			t.Fatalf("%s: no schema of %v", id, old.body["Type"])
		}
		for _, path := range kind.CreateOnly {
			property, _, _ := strings.Cut(path, ".")
			if !reflect.DeepEqual(old.properties()[property], now.properties()[property]) {
				found = append(found, id+"."+property)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// TestAnotherChoiceHasItsOwnIDsAndExports: two file systems, or two clusters, could not be in one stack if they shared a name.
func TestAnotherChoiceHasItsOwnIDsAndExports(t *testing.T) {
	plain := load(t, "prod")
	oneZone, restored, again := load(t, "prod"), load(t, "prod"), load(t, "prod")
	oneZone.Filesystem.Type, oneZone.Filesystem.Zone, oneZone.Filesystem.ArchiveDays = "oneZone", "eu-central-1a", 0
	restored.Database.Snapshot = "arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:a"
	again.Database.Snapshot = "arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:b"
	for _, pair := range []struct {
		name     string
		one, two *environment.Environment
		types    []string
		exports  []string
		ids      []string
	}{
		{"file systems", plain, oneZone, []string{"AWS::EFS::FileSystem", "AWS::EFS::MountTarget", "AWS::EFS::AccessPoint"}, []string{"FileSystem", "MoodleData"}, []string{"FileSystem", "FileSystemOneZone"}},
		{"a restored cluster", plain, restored, []string{"AWS::RDS::DBCluster", "AWS::RDS::DBInstance"}, []string{"DatabaseAddress", "DatabaseReader", "DatabaseMaster", "DatabaseFromSnapshot"}, []string{"Database", "DatabaseFromSnapshot7eaee660"}},
		{"two restored clusters", restored, again, []string{"AWS::RDS::DBCluster", "AWS::RDS::DBInstance"}, []string{"DatabaseFromSnapshot"}, nil},
	} {
		one, two := named(t, pair.one, pair.types, pair.exports), named(t, pair.two, pair.types, pair.exports)
		if len(one) == 0 || len(two) == 0 {
			t.Errorf("%s: nothing of theirs was found", pair.name)
		}
		for _, name := range one {
			if slices.Contains(two, name) {
				t.Errorf("%s: both have %s", pair.name, name)
			}
		}
		if both := append(slices.Clone(one), two...); len(pair.ids) == 2 && (!slices.Contains(one, pair.ids[0]) || !slices.Contains(two, pair.ids[1])) {
			t.Errorf("%s: none of %v is the protected id, %v", pair.name, both, pair.ids)
		}
	}
}

// named are the logical ids of some types in the data stack, and its exports that start with one of some words.
func named(t *testing.T, env *environment.Environment, types, words []string) []string {
	t.Helper()
	site := generate(t, env)
	var names []string
	for _, r := range site.Manifest.Resources {
		if slices.Contains(types, r.Type) {
			names = append(names, r.ID)
		}
	}
	for _, s := range site.Manifest.Stacks {
		for _, export := range s.Exports {
			key, _ := strings.CutPrefix(export, env.Site+"-data-")
			if slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(key, word) }) {
				names = append(names, key)
			}
		}
	}
	return names
}
