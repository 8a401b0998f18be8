package template

import (
	"testing"
)

func TestLinks(t *testing.T) {
	b := parse(t, before)
	if e := b.Exports()["site-VpcId"]; e.Key != "VpcId" || !e.Value.RefersTo("Vpc") || e.Value.RefersTo("Group") {
		t.Errorf("export is %+v", e)
	}
	if !b.Output("Address").RefersTo("Vpc") {
		t.Error("a !Sub of a resource's attribute does not refer to it")
	}
	if v, ok := b.Output("Version").Literal(); !ok || v != "5.3" {
		t.Errorf("Version is %q, %v", v, ok)
	}
	if _, ok := b.Output("VpcId").Literal(); ok {
		t.Error("a !Ref is said to be literal")
	}
	importer := parse(t, `{Resources: {A: {Type: T, Properties: {X: [!ImportValue site-VpcId, {Fn::Sub: ["${V}", {V: !ImportValue other}]}]}}}}`)
	for name, want := range map[string]bool{"site-VpcId": true, "other": true, "third": false} {
		if importer.Imports(name) != want {
			t.Errorf("imports %s: %v", name, !want)
		}
	}
}

// Each spelling of the same link is seen: an export's value, its name, and what imports it.
func TestLinksInEverySpelling(t *testing.T) {
	for _, value := range []string{"!GetAtt Vpc.VpcId", "{Fn::GetAtt: Vpc.VpcId}", "{Fn::GetAtt: [Vpc, VpcId]}", "!GetAtt [Vpc, VpcId]", "!Ref Vpc",
		"{Ref: Vpc}", "!Sub '${Vpc.VpcId}'", "{Fn::Sub: ['${Vpc.VpcId}']}", "{Fn::Sub: ['${Vpc.VpcId}', {}]}", "!Join ['', [!Ref Vpc]]"} {
		for _, name := range []string{"site-VpcId", "!Sub site-VpcId", "{Fn::Sub: [site-VpcId]}"} {
			e, ok := parse(t, "Outputs: {VpcId: {Value: "+value+", Export: {Name: "+name+"}}}").Exports()["site-VpcId"]
			if !ok || !e.Value.RefersTo("Vpc") {
				t.Errorf("%s as %s: %+v", value, name, e)
			}
		}
	}
	for _, own := range []string{"!Sub ['${Vpc}', {Vpc: a}]", "!Sub '${!Vpc}'", "Vpc"} {
		if parse(t, "Outputs: {A: {Value: "+own+"}}").Output("A").RefersTo("Vpc") {
			t.Errorf("%s refers to no resource", own)
		}
	}
	if !parse(t, "Resources: {A: {Type: T, Properties: {P: {Fn::ImportValue: !Sub site-VpcId}}}}").Imports("site-VpcId") {
		t.Error("an import by a !Sub without variables is not seen")
	}
}
