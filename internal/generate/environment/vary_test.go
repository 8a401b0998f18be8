package environment

import (
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariations(t *testing.T) {
	content := []byte(`site: school
region: eu-central-1
network: {zones: [eu-central-1a, eu-central-1b]}
moodle: {version: "5.3", siteName: A, administrator: a@example.edu}
tags: {Owner: x}
`)
	env, err := Parse("environments/school.yaml", content)
	if err != nil {
		t.Fatal(err)
	}
	all := Variations(env, content)
	var keys []string
	seen := map[string]*Environment{}
	for _, v := range all {
		change := " changed"
		if v.LeftOut {
			change = " left out"
		}
		keys = append(keys, v.Key+change)
		seen[v.Key+change] = v.Environment
		if v.Key == "network.zones[1]" && (v.Line != 3 || v.Column != 34 || v.Text != "eu-central-1b") {
			t.Errorf("network.zones[1] is %q at %d:%d", v.Text, v.Line, v.Column)
		}
		if v.Section != slices.Contains([]string{"network", "moodle", "tags"}, v.Key) {
			t.Errorf("%s: a section = %t", v.Key, v.Section)
		}
	}
	want := []string{
		"site left out", "site changed", "region left out", "region changed", "network left out", "network.zones left out",
		"network.zones[0] left out", "network.zones[0] changed", "network.zones[1] left out", "network.zones[1] changed",
		"moodle left out", "moodle.version left out", "moodle.version changed", "moodle.siteName left out", "moodle.siteName changed",
		"moodle.administrator left out", "moodle.administrator changed", "tags left out", "tags.Owner left out", "tags.Owner changed",
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Fatalf("-want +got\n%s", diff)
	}
	for name, got := range map[string][2]any{
		"a text": {seen["site changed"].Site, "schook"}, "without it": {seen["site left out"].Site, ""},
		"an item less": {len(seen["network.zones[0] left out"].Network.Zones), 1},
		"a number":     {seen["moodle.version changed"].Moodle.Version, "5.2"},
		"a default":    {seen["moodle.siteName changed"].Moodle.ShortName, "B"},
		"other keys":   {seen["tags.Owner changed"].Site, "school"},
		"a table":      {len(seen["tags.Owner left out"].Tags), 0},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %v, want %v", name, got[0], got[1])
		}
	}
}

// TestVariationsOfEveryKey: whatever a file says, leaving it out or changing it can be tried, and the file's own environment stays.
func TestVariationsOfEveryKey(t *testing.T) {
	content, err := os.ReadFile("../../../environments/prod.yaml")
	if err != nil {
		t.Fatal(err)
	}
	env, err := Parse("environments/prod.yaml", content)
	if err != nil {
		t.Fatal(err)
	}
	before, err := Parse("environments/prod.yaml", content)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range Variations(env, content) {
		if !v.LeftOut && cmp.Equal(v.Environment, env) { // left out, a key may have the same value by default
			t.Errorf("%s says nothing", v.Key)
		}
	}
	if diff := cmp.Diff(before, env); diff != "" {
		t.Error(diff)
	}
}
