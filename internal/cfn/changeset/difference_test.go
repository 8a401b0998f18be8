package changeset_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"distributed-moodle/internal/cfn/changeset"
)

func TestDifferencesNameThePlace(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		want          []changeset.Difference
	}{
		"text":            {"a", "b", []changeset.Difference{{Before: "a", After: "b"}}},
		"number":          {"30", "60", []changeset.Difference{{Before: "30", After: "60"}}},
		"nothing before":  {"", `{"A":1}`, []changeset.Difference{{After: `{"A":1}`}}},
		"deep":            {`{"A":{"B":"x","C":1}}`, `{"A":{"B":"y","C":1}}`, []changeset.Difference{{".A.B", "x", "y"}}},
		"key added":       {`{"A":1}`, `{"A":1,"B":{"C":2}}`, []changeset.Difference{{".B", "", `{"C":2}`}}},
		"element added":   {`["a","b"]`, `["a","c","b"]`, []changeset.Difference{{"[1]", "", "c"}}},
		"element removed": {`[{"Cidr":"10.0.0.0/8"},{"Cidr":"0.0.0.0/0"}]`, `[{"Cidr":"10.0.0.0/8"}]`, []changeset.Difference{{"[1]", `{"Cidr":"0.0.0.0/0"}`, ""}}},
		"element changed": {`[{"P":1},{"P":2}]`, `[{"P":1},{"P":3}]`, []changeset.Difference{{"[1].P", "2", "3"}}},
		"twice":           {`["a"]`, `["a","a"]`, []changeset.Difference{{"[1]", "", "a"}}},
		"other kind":      {`{"A":[1]}`, `{"A":"1"}`, []changeset.Difference{{".A", "[1]", "1"}}},
		"order":           {`["a","b"]`, `["b","a"]`, []changeset.Difference{{"", `["a","b"]`, `["b","a"]`}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, changeset.Property{Before: c.before, After: c.after}.Differences()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDifferencesNeverPassAnythingOver holds that values which differ always show one, and a place that differs is never one that does not.
func TestDifferencesNeverPassAnythingOver(t *testing.T) {
	value := rapid.OneOf(rapid.Just(any("a")), rapid.Just(any("b")), rapid.Just(any(1.0)), rapid.Just(any(true)))
	for range 2 {
		inner := value
		value = rapid.OneOf(inner,
			rapid.Custom(func(t *rapid.T) any {
				list := []any{}
				return append(list, rapid.SliceOfN(inner, 0, 3).Draw(t, "list")...)
			}),
			rapid.Custom(func(t *rapid.T) any {
				return rapid.MapOfN(rapid.SampledFrom([]string{"X", "Y", "Z"}), inner, 0, 3).Draw(t, "object")
			}))
	}
	rapid.Check(t, func(t *rapid.T) {
		before, _ := json.Marshal(value.Draw(t, "before"))
		after, _ := json.Marshal(value.Draw(t, "after"))
		found := changeset.Property{Before: string(before), After: string(after)}.Differences()
		if len(found) == 0 {
			t.Fatalf("%s and %s: nothing is said", before, after)
		}
		for _, d := range found {
			if string(before) != string(after) && d.Before == d.After {
				t.Fatalf("%s and %s: %+v is no difference", before, after, d)
			}
		}
	})
}
