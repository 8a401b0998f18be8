package stacks

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn/servicerules"
	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/mistake"
)

// described is the environment of dev.yaml with lines behind it, as a file that nobody checked: what the checks of an environment file let
// through today, those of the services find.
func described(t *testing.T, lines string) *environment.Environment {
	t.Helper()
	dev, err := environment.Load("../environments/dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile("../environments/dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dev.Path = filepath.Join(t.TempDir(), "dev.yaml")
	content = append(content, "accept: {last: key}\n"+lines+"\n"...)
	if err := os.WriteFile(dev.Path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, v := range environment.Variations(dev, content) {
		if v.Key == "accept.last" && v.LeftOut {
			return v.Environment
		}
	}
	t.Fatal("the file has no key accept.last")
	return nil
}

func TestWhatServicesRefuseIsSaidAtItsKey(t *testing.T) {
	for _, row := range []struct {
		name, lines string
		want        []string // each mistake: its place and key, and a part of it
	}{
		{"nothing", "cache: {type: valkey}", nil},
		{"a word", "cache: {type: valkey, nodeType: cache.m3.medium}",
			[]string{`dev.yaml:15:33: cache.nodeType: AWS would refuse Cache.CacheNodeType of data.yaml: New caches are not of the families`}},
		{"a tag of every resource", "tags:\n  Other: fine\n  Owner: 3×4",
			[]string{`dev.yaml:17:10: tags.Owner: AWS would refuse `}},
		{"a combination", "filesystem: {type: oneZone, zone: eu-central-1a, archiveDays: 90}",
			[]string{`dev.yaml:15:63: filesystem.archiveDays: AWS would refuse FileSystemOneZone.LifecyclePolicies[1].TransitionToArchive of data.yaml: A file system in one zone`}},
		{"two items", "access:\n  from:\n    - 192.0.2.0/24\n    - 10.0.0.0/8\n    - 10.0.0.0/8",
			[]string{`dev.yaml:18:7: access.from[1]: AWS would refuse LoadBalancerSecurityGroup.SecurityGroupIngress[2] of network.yaml: No group has two rules`}},
		{"several at once", "tags: {Owner: 3×4}\ncache: {type: valkey, nodeType: cache.r6gd.xlarge}\ndatabase: {capacity: {minimum: 0.7}}",
			[]string{`dev.yaml:15:15: tags.Owner: `, `dev.yaml:16:33: cache.nodeType: `, `dev.yaml:17:32: database.capacity.minimum: `}},
	} {
		t.Run(row.name, func(t *testing.T) {
			env := described(t, row.lines)
			site, err := Generate(env)
			if err != nil {
				t.Fatal(err)
			}
			_, err = site.Refused(env)
			var mistakes mistake.Mistakes
			if err != nil && !errors.As(err, &mistakes) {
				t.Fatal(err)
			}
			if len(mistakes) != len(row.want) {
				t.Fatalf("said %v, want %d mistakes", err, len(row.want))
			}
			for i, m := range mistakes {
				if got := strings.TrimPrefix(m.String(), filepath.Dir(env.Path)+"/"); !strings.HasPrefix(got, row.want[i]) {
					t.Errorf("said %s\nwant %s", got, row.want[i])
				}
			}
		})
	}
}

// TestARuleFromMemoryOnlyWarns takes one that a site can break: certificates are not for addresses.
func TestARuleFromMemoryOnlyWarns(t *testing.T) {
	env := described(t, "domain: {name: 192.0.2.10, zone: Z0123456789ABCDEFGHIJ}")
	site, err := Generate(env)
	if err != nil {
		t.Fatal(err)
	}
	warnings, err := site.Refused(env)
	if err != nil || len(warnings) != 1 || warnings[0].Rule.ID != "acm-no-address" {
		t.Errorf("warns of %v, refuses %v", warnings, err)
	}
}

// TestWhatNoKeyDecidesIsAFaultOfTheProgram: nobody should look for it in the file.
func TestWhatNoKeyDecidesIsAFaultOfTheProgram(t *testing.T) {
	env := described(t, "tags: {Owner: school}")
	content, err := os.ReadFile(env.Path)
	if err != nil {
		t.Fatal(err)
	}
	rule := servicerules.Rules()[0]
	v := servicerules.Violation{Rule: &rule, Template: "data.yaml", Resource: "FileSystem", Path: "FileSystemTags[0].Key", Value: "?"}
	variations := environment.Variations(env, content)
	for i := range variations {
		variations[i].Environment = nil // nobody can build it, so it decides nothing
	}
	err = explain([]servicerules.Violation{v}, variations, env.Path)
	if err == nil || !strings.Contains(err.Error(), "it is a fault of this program") || !strings.Contains(err.Error(), "FileSystem.FileSystemTags[0].Key") {
		t.Errorf("said %v", err)
	}
}
