package environment

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is the least that a site needs; full is the same in production.
const (
	small = `site: moodle-dev
region: eu-central-1
network:
  zones: [eu-central-1a, eu-central-1b]
moodle:
  version: "5.3"
  archive:
    url: https://packaging.moodle.org/stable503/moodle-5.3.tgz
    sha256: 7e5edf110555956571f40e42acffde0eb23681ebebd212a2fec0fe7d795dd511
  siteName: Moodle
  administrator: moodle@example.edu
`
	full = small + `production: true
account: "111122223333"
domain: {name: moodle.example.edu, zone: Z0123456789ABCDEFGHIJ}
mail: {transport: ses, secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ses-AbCdEf", sender: moodle@example.edu}
`
)

// edit replaces a text that must be there once, or adds one at the end where old is empty.
func edit(t testing.TB, base, old, new string) string {
	t.Helper()
	if old == "" {
		return base + new + "\n"
	}
	if strings.Count(base, old) != 1 {
		t.Fatalf("%q is %d times in the base, not once", old, strings.Count(base, old))
	}
	return strings.Replace(base, old, new, 1)
}

func parse(t testing.TB, content string) *Environment {
	t.Helper()
	env, err := Parse("environments/test.yaml", []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func TestDefaults(t *testing.T) {
	schedule := "application: {schedules: [{name: Night, recurrence: \"0 22 * * *\", minimum: 1, maximum: 2}]}\n"
	for name, content := range map[string]string{"small": small + "cache: {type: valkey}\n" + schedule, "production": full} {
		got, err := json.MarshalIndent(parse(t, content), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/defaults-"+name+".json", string(got)+"\n")
	}
}

func TestFalseAndZeroAreNoDefaults(t *testing.T) {
	env := parse(t, edit(t, small, "", "filesystem: {backup: false, infrequentAccessDays: 0, archiveDays: 0}\ndatabase: {readers: 0, capacity: {minimum: 0}, autoPauseSeconds: 300}\napplication: {capacity: {minimum: 0}}"))
	if *env.Filesystem.Backup || env.Filesystem.InfrequentAccessDays != 0 || env.Filesystem.ArchiveDays != 0 {
		t.Errorf("filesystem: %+v", env.Filesystem)
	}
	if *env.Database.Readers != 0 || *env.Database.Capacity.Minimum != 0 || *env.Application.Capacity.Minimum != 0 {
		t.Errorf("database %+v, application %+v", env.Database, env.Application)
	}
}

// What is left out follows what is given.
func TestDerivedDefaults(t *testing.T) {
	amd := parse(t, edit(t, full, "", "application: {architecture: amd64}"))
	if diff := cmp.Diff([]string{"m7i.large"}, amd.Application.InstanceTypes); diff != "" {
		t.Error(diff)
	}
	if amd := parse(t, edit(t, small, "", "application: {architecture: amd64}")); amd.Application.InstanceTypes[0] != "t3.medium" {
		t.Error(amd.Application.InstanceTypes)
	}
	four := parse(t, edit(t, small, "network:", "network:\n  ip: ipv4"))
	if diff := cmp.Diff([]string{"0.0.0.0/0"}, four.Access.From); diff != "" {
		t.Error(diff)
	}
	for _, filesystem := range []string{"throughput: bursting", "infrequentAccessDays: 0", "infrequentAccessDays: 90", "type: oneZone, zone: eu-central-1a"} {
		if env := parse(t, edit(t, small, "", "filesystem: {"+filesystem+"}")); env.Filesystem.ArchiveDays != 0 {
			t.Errorf("%s: archiveDays %d", filesystem, env.Filesystem.ArchiveDays)
		}
	}
}

func TestLoadNamesTheEnvironment(t *testing.T) {
	t.Chdir("../../..")
	env, err := Load("./environments//dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if env.Name != "dev" || env.Path != "environments/dev.yaml" {
		t.Errorf("name %q, path %q", env.Name, env.Path)
	}
}

func TestLoadOfAFileThatIsNotThereNamesTheOthers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"prod.yaml", "dev.yaml", ".hidden.yaml", "schema.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Load(filepath.Join(dir, "prdo.yaml"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasSuffix(err.Error(), "; there are "+dir+"/dev.yaml, "+dir+"/prod.yaml") {
		t.Error(err)
	}
	if _, err := Load(dir); err == nil {
		t.Error("a folder was loaded")
	}
}

func TestDevFileIsShort(t *testing.T) {
	content, err := os.ReadFile(folder + "/dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(content), "\n"); lines >= 30 {
		t.Errorf("environments/dev.yaml has %d lines; want fewer than 30", lines)
	}
}
