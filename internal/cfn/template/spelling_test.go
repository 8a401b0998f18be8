package template

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// speller writes a value as YAML's flow style or as JSON, each time in one of the spellings that mean the same.
type speller struct {
	t    *rapid.T
	json bool
}

// one draws one of the spellings.
func (s speller) one(spellings ...string) string {
	return rapid.SampledFrom(spellings).Draw(s.t, "spelling")
}

func (s speller) quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		s.t.Fatal(err)
	}
	quoted := string(b)
	if s.json || rapid.Bool().Draw(s.t, "escaped") {
		quoted = strings.NewReplacer("/", `\/`, "😀", `\ud83d\ude00`).Replace(quoted)
	}
	return quoted
}

func (s speller) spell(v any) string {
	switch v := v.(type) {
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok {
			return s.function(name, argument)
		}
		var items []string
		for _, key := range sortedKeys(v) {
			items = append(items, s.quoted(key)+": "+s.spell(v[key]))
		}
		return "{" + strings.Join(rapid.Permutation(items).Draw(s.t, "order"), ",\t") + "}"
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, s.spell(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case string:
		return s.quoted(v)
	case bool:
		all := []string{fmt.Sprint(v), s.quoted(fmt.Sprint(v))}
		if !s.json {
			all = append(all, map[bool][]string{true: {"yes", "On", "True"}, false: {"no", "OFF", "False"}}[v]...)
		}
		return s.one(all...)
	}
	return s.one(fmt.Sprint(v), s.quoted(fmt.Sprint(v)), fmt.Sprintf("%v.0", v))
}

// function writes an intrinsic function in its long or short form.
func (s speller) function(name string, argument any) string {
	long, short := "{"+s.quoted(name)+": %s}", "!"+strings.TrimPrefix(name, "Fn::")+" %s"
	forms := []string{long}
	if !s.json {
		forms = append(forms, short)
	}
	form := s.one(forms...)
	var arguments []string
	switch name {
	case "Fn::GetAtt":
		pair := argument.([]any)
		arguments = []string{s.quoted(fmt.Sprint(pair...)), s.spell(argument)}
		arguments[0] = s.quoted(pair[0].(string) + "." + pair[1].(string))
	case "Fn::Sub":
		arguments = []string{s.spell(argument)}
		if text, ok := argument.(string); ok {
			arguments = append(arguments, "["+s.quoted(text)+"]", "["+s.quoted(text)+", {}]")
		}
	default:
		arguments = []string{s.spell(argument)}
	}
	argumentText := s.one(arguments...)
	if form == short && strings.HasPrefix(argumentText, "!") { // YAML allows one tag
		form = long
	}
	return fmt.Sprintf(form, argumentText)
}

// values draws what may stand in a template.
func values() *rapid.Generator[any] {
	of := func(name string, argument any) any { return map[string]any{name: argument} }
	text := rapid.SampledFrom([]string{"a", "", "a/b", "😀 é", "5.10", "2024-01-01", `back\slash "quote"`, "tab\there", "a: b # c"})
	leaf := rapid.OneOf(
		rapid.Map(text, func(s string) any { return s }), rapid.Map(rapid.IntRange(0, 3), func(i int) any { return i }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.SampledFrom([]any{
			of("Ref", "A"), of("Fn::GetAtt", []any{"A", "Arn"}), of("Fn::GetAtt", []any{"A", "Outputs.B"}), of("Fn::Sub", "${A.Arn}/x"), of("Fn::ImportValue", "name"),
			of("Fn::GetAZs", ""), of("Fn::Sub", []any{"${V}", map[string]any{"V": of("Ref", "A")}}),
		}))
	inner := rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOfN(leaf, 0, 3), func(v []any) any { return v }),
		rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"k", "key two", "Fn"}), leaf, 0, 2), func(v map[string]any) any { return v }),
		rapid.Map(rapid.SliceOfN(leaf, 2, 2), func(v []any) any { return of("Fn::Select", v) }),
		rapid.Map(rapid.SliceOfN(leaf, 0, 3), func(v []any) any { return of("Fn::Join", []any{":", v}) }))
	return rapid.Map(rapid.SliceOfN(inner, 0, 3), func(v []any) any { return of("Fn::If", append([]any{"C"}, v...)) })
}

// However a template is spelled, it means the same: the comparison of two spellings finds nothing.
func TestSpellingsMeanTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		properties := map[string]any{"P": values().Draw(t, "P"), "Q": []any{values().Draw(t, "Q")}}
		whole := map[string]any{
			"Resources": map[string]any{"A": map[string]any{"Type": "AWS::SNS::Topic", "Properties": properties}},
			"Outputs":   map[string]any{"O": map[string]any{"Value": values().Draw(t, "O")}},
		}
		var read []*Template
		for _, s := range []speller{{t, false}, {t, false}, {t, true}} {
			text := s.one("", "\uFEFF", "\n\t\n") + s.spell(whole) + s.one("", "\n", "\r\n")
			if !s.json {
				text = strings.TrimPrefix(text, "\n\t")
			}
			parsed, err := Parse("t.yaml", []byte(text))
			if err != nil {
				t.Fatalf("%v:\n%s", err, text)
			}
			read = append(read, parsed)
		}
		for _, other := range read[1:] {
			if !read[0].Equal(other) || !SameOutputs(read[0], other) {
				t.Fatalf("%v\nis not\n%v", read[0].Values(), other.Values())
			}
			if items := (Pair{Old: read[0], New: other}).Changes(nil); len(items) != 0 {
				t.Fatalf("changes %+v", items)
			}
		}
	})
}

// What means something else stays something else.
func TestOtherMeanings(t *testing.T) {
	for _, pair := range [][2]string{
		{"'5.1'", "'5.10'"}, {"!Ref X", "X"}, {"!GetAtt X.Y", "!Sub X.Y"}, {"!GetAtt X.Y.Z", "!GetAtt Y.X.Z"}, {"[a, b]", "[b, a]"}, {"[a]", "a"}, {"true", "1"},
		{"'y'", "true"}, {"0", "''"}, {"!Select [0, [a]]", "!Select [1, [a]]"}, {"!Sub ['${V}', {V: a}]", "!Sub '${V}'"}, {"012", "12"}, {"{a: b}", "{a: b, c: d}"},
	} {
		a, b := parse(t, "A: "+pair[0]), parse(t, "A: "+pair[1])
		if a.Equal(b) || b.Equal(a) || SameText("A: "+pair[0], "A: "+pair[1]) {
			t.Errorf("%s is taken for %s", pair[0], pair[1])
		}
	}
	if none, empty := (*Template)(nil), parse(t, "{}"); none.Equal(empty) || !none.Equal(nil) || !empty.Equal(empty) {
		t.Error("no template is another than an empty one")
	}
}

func TestTextsOfNumbers(t *testing.T) {
	for text, want := range map[string]string{"8": "8", "8.0": "8.0", "0.50": "0.5", "1e3": "1000.0", "-1": "-1"} {
		if got := (Value{parse(t, "A: "+text).Values()["A"]}).String(); got != want {
			t.Errorf("%s reads %s", text, got)
		}
	}
}

func TestSameText(t *testing.T) {
	const a = "# why\nResources:\n  A: {Type: X, Value: !Ref B, At: !GetAtt C.D}\n"
	for b, want := range map[string]bool{
		a: true, "Resources:\n  A:\n    Type: X # here\n    Value: !Ref B\n    At: {Fn::GetAtt: C.D}\n": true,
		`{"Resources": {"A": {"Type": "X", "Value": {"Ref": "B"}, "At": {"Fn::GetAtt": ["C", "D"]}}}}`: true,
		"Resources:\n  A: {Type: X, Value: !Sub B, At: !GetAtt C.D}\n":                                 false, "Resources:\n  A: {Type: X, Value: B, At: !GetAtt C.D}\n": false,
		"Resources:\n  A: {Type: X}\n": false, "": false, ": not yaml {": false,
	} {
		if got := SameText(a, b); got != want {
			t.Errorf("the same as %q is %v", b, got)
		}
	}
}

func TestResourceAccessors(t *testing.T) {
	template := parse(t, `
Resources:
  Balancer: {Type: T, Properties: {LoadBalancerAttributes: [{Key: a, Value: b}, {Key: deletion_protection.enabled, Value: "true"}]}}
  Open: {Type: T, Properties: {LoadBalancerAttributes: [{Key: deletion_protection.enabled, Value: false}]}}
  Database: {Type: T, Properties: {DeletionProtection: yes, List: [{A.B: 1}, x]}}
  Child: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: {Fn::Sub: ["https://${AWS::Region}"]}}}
  NoMapping: text
`)
	for id, want := range map[string]bool{"Balancer": true, "Open": false, "Database": true, "Child": false, "Other": false} {
		if template.Resource(id).DeletionProtected() != want {
			t.Errorf("%s is protected: %v", id, !want)
		}
	}
	database := template.Resource("Database")
	if got := database.Property("List.0").Key("A.B").String() + database.Property("List.1").String(); got != "1x" {
		t.Errorf("list is %q", got)
	}
	for _, path := range []string{"List.2", "List.-1", "List.x", "None.A", "List.1.A"} {
		if v := database.Property(path); v.Exists() {
			t.Errorf("%s is %v", path, v)
		}
	}
	child := template.Resource("Child")
	if !child.NestedStack() || child.TemplateAddress() != "https://${AWS::Region}" || template.Resource("NoMapping").Exists() {
		t.Errorf("child %+v", child)
	}
	if n := len(template.Resources()); n != 4 || !template.Mentions("deletion_prot") || template.Mentions("nobody") {
		t.Errorf("%d resources", n)
	}
}

// The project's own templates are the same as their JSON in which each number and truth value is a text.
func TestTheProjectsTemplatesAsJSONOfTexts(t *testing.T) {
	files, err := filepath.Glob("../../../out/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		yaml := parse(t, string(text))
		asJSON, err := json.MarshalIndent(asTexts(any(yaml.Values())), "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		again := parse(t, string(asJSON))
		if items := (Pair{Old: yaml, New: again}).Changes(nil); len(items) > 0 || !yaml.Equal(again) || !SameOutputs(yaml, again) {
			t.Errorf("%s: changes %+v", file, items)
		}
	}
}

func asTexts(v any) any {
	switch v := v.(type) {
	case map[string]any:
		all := map[string]any{}
		for key, item := range v {
			all[key] = asTexts(item)
		}
		return all
	case []any:
		var all []any
		for _, item := range v {
			all = append(all, asTexts(item))
		}
		return all
	}
	return fmt.Sprint(v)
}
