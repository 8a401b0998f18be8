package template

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShortIntrinsicsAreUnfolded(t *testing.T) {
	got, err := Parse([]byte(`
A: !Ref X
B: !GetAtt X.Endpoint.Address
C: !Sub
  - text ${V}
  - V: !ImportValue other
D: !Select [0, !GetAZs ""]
E:
  Fn::Base64: !Sub |
    lines
F: "yes"
G: 1
H: !Ref 123
`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"A": map[string]any{"Ref": "X"},
		"B": map[string]any{"Fn::GetAtt": []any{"X", "Endpoint.Address"}},
		"C": map[string]any{"Fn::Sub": []any{"text ${V}", map[string]any{"V": map[string]any{"Fn::ImportValue": "other"}}}},
		"D": map[string]any{"Fn::Select": []any{0, map[string]any{"Fn::GetAZs": ""}}},
		"E": map[string]any{"Fn::Base64": map[string]any{"Fn::Sub": "lines\n"}},
		"F": "yes", "G": 1, "H": map[string]any{"Ref": "123"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsNoTemplateIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "it is empty",
		"- a":                       "not a mapping",
		"A: 1\nA: 2":                "line 2: A stands here for the second time",
		"A: {B: 1, B: 2}":           "B stands here for the second time",
		"A: &x 1\nB: *x":            "anchors and aliases",
		"A: [":                      "read template",
		"A: !Ref [x, {C: 1, C: 2}]": "C stands here",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("A: !Ref X\nB: [!Sub '${X}']"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if m, err := Parse(text); err == nil && m == nil {
			t.Error("neither a template nor an error")
		}
	})
}
