package template

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIntrinsicFunctionsHaveOneForm(t *testing.T) {
	got := parse(t, `
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
I: {Fn::GetAtt: X.Endpoint.Address}
J: !GetAtt [X, Outputs.Y]
K: {Fn::Sub: [text]}
L: {Fn::GetAtt: [X, !Ref Y]}
M: {Ref: 5}
N: !Condition C
O: [!GetAZs "", !GetAZs , !GetAZs {Ref: AWS::Region}, Fn::GetAZs: !Ref "AWS::Region", {Fn::GetAZs: }]
`)
	zones := map[string]any{"Fn::GetAZs": ""}
	want := map[string]any{
		"A": map[string]any{"Ref": "X"},
		"B": map[string]any{"Fn::GetAtt": []any{"X", "Endpoint.Address"}},
		"C": map[string]any{"Fn::Sub": []any{"text ${V}", map[string]any{"V": map[string]any{"Fn::ImportValue": "other"}}}},
		"D": map[string]any{"Fn::Select": []any{0, map[string]any{"Fn::GetAZs": ""}}},
		"E": map[string]any{"Fn::Base64": map[string]any{"Fn::Sub": "lines\n"}},
		"F": "yes", "G": 1, "H": map[string]any{"Ref": "123"},
		"I": map[string]any{"Fn::GetAtt": []any{"X", "Endpoint.Address"}},
		"J": map[string]any{"Fn::GetAtt": []any{"X", "Outputs.Y"}},
		"K": map[string]any{"Fn::Sub": "text"},
		"L": map[string]any{"Fn::GetAtt": []any{"X", map[string]any{"Ref": "Y"}}},
		"M": map[string]any{"Ref": "5"},
		"N": map[string]any{"Condition": "C"},
		"O": []any{zones, zones, zones, zones, zones},
	}
	if diff := cmp.Diff(want, got.Values()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// CloudFormation reads YAML 1.1 without its dates.
func TestPlainScalars(t *testing.T) {
	for text, want := range map[string]any{
		"2024-01-01": "2024-01-01", "2001-12-14t21:59:43.10-05:00": "2001-12-14t21:59:43.10-05:00", "yes": true, "Off": false, "TRUE": true, "y": "y", "N": "N",
		"0": 0, "-5": -5, "5.10": 5.1, "1e3": 1000.0, "012345678901": "012345678901", "0777": "0777", "0x1A": "0x1A", "1:30": "1:30", "1_000": "1_000",
		"123456789012345678901": "123456789012345678901", ".inf": ".inf", "-": "-", ".": ".", "'5'": "5", `"yes"`: "yes", "!!str 5": "5", "!!int 5": 5,
		"text # comment": "text", "'a#b'": "a#b", `""`: "",
	} {
		if text == "-" {
			continue // a list's bullet
		}
		got := parse(t, "A: "+text+"\n").Values()["A"]
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestFormsThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "t.yaml: the template is empty",
		"# only a comment":                   "t.yaml: the template is empty",
		"- a":                                "t.yaml:1:1: a template is a mapping with the key Resources",
		"text":                               "t.yaml:1:1: a template is a mapping with the key Resources",
		"A: 1\nB: 2\nA: 2":                   `t.yaml:3:1: "A" is given twice, first in line 1`,
		"A: {B: 1, B: 2}":                    `t.yaml:1:11: "B" is given twice`,
		"A: !Sub [x, {C: 1, C: 2}":           "t.yaml:1: this is neither YAML nor JSON",
		"A: !Sub\n  - x\n  - C: 1\n    C: 2": `t.yaml:4:5: "C" is given twice, first in line 3`,
		"A: !If [a, {C: !Ref B, C: 2}, b]":   `t.yaml:1:24: "C" is given twice`,
		"{\n  \"A\": {\n\t\"B\": \"\\ud83d\\ude00\", \"B\": 2}\n}": `t.yaml:3:23: "B" is given twice, first in line 3`,
		"{\"A\": {\"Fn::Sub\": [\"x\", {\"C\": 1,\n \"C\": 2}]}}":  `t.yaml:2:2: "C" is given twice, first in line 1`,
		"A: &x 1\nB: *x":                   "t.yaml:2:4: CloudFormation does not support YAML aliases: write the value of *x out",
		"A: &x {B: 1}\nC:\n  <<: *x\n":     "t.yaml:3:3: CloudFormation does not support YAML merges (<<)",
		"A: [":                             "t.yaml:",
		"A: 1\nB: \"x\n":                   "t.yaml:",
		"A: !GetAt X.Y":                    "t.yaml:1:4: CloudFormation has no function !GetAt; did you mean !GetAtt?",
		"A: !Whatever X":                   "t.yaml:1:4: CloudFormation has no function !Whatever",
		"A: !<tag:example.com,2000:x> X":   "CloudFormation has no function tag:example.com,2000:x",
		"A: !!binary aGk=":                 "t.yaml:1:4: CloudFormation does not support the YAML type !!binary",
		"A: !!set {a, b}":                  "CloudFormation does not support the YAML type !!set",
		"A: !!timestamp 2024-01-01":        "CloudFormation does not support the YAML type !!timestamp",
		"A: !GetAtt X":                     "t.yaml:1:4: Fn::GetAtt takes the logical id of a resource and the name of an attribute: Resource.Attribute",
		"A:\n  Fn::GetAtt: .X":             "t.yaml:2:3: Fn::GetAtt takes",
		"A: {Fn::GetAtt: [X]}":             "Fn::GetAtt takes the logical id",
		"A: {Fn::GetAtt: [X, Outputs, Y]}": "Fn::GetAtt takes two items; write the attribute as one text: Outputs.Y",
		`{"A": {"Fn::GetAtt": ["X"]}}`:     "t.yaml:1:7: Fn::GetAtt takes",
		"A: !Ref [X, Y]":                   "t.yaml:1:4: Ref takes one name",
		"A: !Ref":                          "t.yaml:1:4: Ref takes one name",
		"A: {Ref: {B: C}}":                 "t.yaml:1:4: Ref takes one name",
		"A: !Sub {V: x}":                   "t.yaml:1:4: Fn::Sub takes a text",
		"A: !Sub [a, b]":                   "Fn::Sub takes a text",
		"A: !Sub [a, {}, c]":               "Fn::Sub takes a text",
		"A: {80: x}":                       `t.yaml:1:5: the key 80 is not a text: CloudFormation refuses it; quote it: "80"`,
		"A:\n  123456789012: {a: b}":       "t.yaml:2:3: the key 123456789012 is not a text",
		"A: {~: x}":                        "the key ~ is not a text",
		"A: {[a]: x}":                      "t.yaml:1:5: a key is a text, not a list, mapping or function",
		"A: {!Ref b : x}":                  "a key is a text, not a list, mapping or function",
		"A:\nB: 1":                         "t.yaml:1:3: a value is missing here: CloudFormation accepts no null",
		`{"A": [1, null]}`:                 "t.yaml:1:11: a value is missing here",
		"A: 1\n---\nB: 2\n":                "t.yaml:2:1: a second YAML document begins here",
		"A: 1\n--- {B: 2, B: 3}\n":         "a second YAML document begins here",
		"A: {B: 1, B: 2}\nC: !GetAt X.Y":   "t.yaml:2:4: CloudFormation has no function !GetAt",
		"{\"A\": 1,}x":                     "t.yaml:1: this is neither YAML nor JSON",
	} {
		if _, err := Parse("t.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestEachFaultHasItsLine(t *testing.T) {
	text := "A: {B: 1, B: 2}\nC: !GetAt X.Y\nD: *x\n"
	_, err := Parse("t.yaml", []byte("E: &x 1\n"+text))
	if err == nil || strings.Count(err.Error(), "\nt.yaml:") != 2 {
		t.Errorf("three faults: %v", err)
	}
	_, err = Parse("t.yaml", []byte(strings.Repeat("A: 1\n", 30)))
	if err == nil || !strings.HasSuffix(err.Error(), "t.yaml: and 9 more of the kind") || strings.Count(err.Error(), "\n") != maxFaults {
		t.Errorf("29 faults: %v", err)
	}
}

// Nobody can correct what is deployed: each form that is refused in a folder is read there.
func TestDeployedTemplatesAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"A: 1\nB: 2\nA: 3":                          "A: 3\nB: 2",
		`{"A": {"B": 1, "B": 2}}`:                   "A: {B: 2}",
		"A: &x {a: 1}\nB: *x":                       "A: {a: 1}\nB: {a: 1}",
		"A: &x {a: 1, b: 1}\nB: {<<: *x, b: 2}":     "A: {a: 1, b: 1}\nB: {a: 1, b: 2}",
		"A: {80: x, true: y}":                       "A: {'80': x, 'true': y}",
		"A: !GetStackOutputs x":                     "A: {Fn::GetStackOutputs: x}",
		"A: {Fn::GetAtt: [X, Outputs, Y]}":          "A: !GetAtt X.Outputs.Y",
		"A: !!timestamp 2024-01-01":                 "A: '2024-01-01'",
		"A: 1\n---\nB: 2":                           "A: 1",
		"A: {[a, b]: x}":                            "A: {'[a, b]': x}",
		"A: \"a\\/b \\ud83d\\ude00 \\\\/ \\u00e9\"": "A: \"a/b 😀 \\\\/ é\"",
	} {
		got, err := ParseDeployed(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if want := parse(t, want); !got.Equal(want) {
			t.Errorf("%q is %v, want %v", text, got.Values(), want.Values())
		}
	}
	for _, text := range []string{"", "A: [", "text", "A: &x [*x"} {
		if got, err := ParseDeployed(text); err == nil || got != nil {
			t.Errorf("%q is %v", text, got.Values())
		}
	}
}

// An alias that holds itself, and aliases of aliases, do no harm.
func TestAliasesThatGrow(t *testing.T) {
	if _, err := ParseDeployed("A: &x {B: *x}"); err != nil {
		t.Error(err)
	}
	bomb := "A0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 12 {
		bomb += strings.ReplaceAll("AN: &aN ["+strings.TrimSuffix(strings.Repeat("*aM, ", 10), ", ")+"]\n", "N", string(rune('b'+i)))
		bomb = strings.ReplaceAll(bomb, "M", map[bool]string{true: "0", false: string(rune('a' + i))}[i == 0])
	}
	if _, faults := Read([]byte(bomb)); len(faults) == 0 {
		t.Error("nothing is said about a billion values")
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"A: !Ref X\nB: [!Sub '${X}']", `{"A": {"Fn::GetAtt": "X.Y"}, "A": "\ud83d\ude00\/"}`, "A: &x 1\nB: *x\n---\n", "A: \"\\/\\ud83d\\ude00\"", "<<: {a: 1}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		template, faults := Read(text)
		if template == nil && len(faults) == 0 {
			t.Error("neither a template nor a fault")
		}
		if _, err := Parse("t.yaml", text); (err == nil) != (len(faults) == 0) {
			t.Errorf("faults %v, error %v", faults, err)
		}
	})
}
