package preflight_test

import (
	"slices"
	"testing"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
)

func TestAgain(t *testing.T) {
	w := world{limit: 5, there: map[string]int{"AWS::EC2::VPC": 5}, drifted: []cfn.ResourceDrift{{LogicalID: "Database", Status: "MODIFIED"}}}
	o := w.observer()
	for name, test := range map[string]struct {
		action   changeset.Action
		deployed map[string]string
		want     []string
	}{
		"a creation":       {changeset.Add, nil, []string{"quota/Network/Vpc"}},
		"a VPC is added":   {changeset.Add, map[string]string{"": "arn:root", "Data": "arn:data"}, []string{"quota/Network/Vpc", "drift/Data/Database"}},
		"a VPC is changed": {changeset.Change, map[string]string{"Data": "arn:data"}, []string{"drift/Data/Database"}},
	} {
		network := &changeset.Stack{Path: []string{"Network"}, Items: []changeset.Item{{LogicalID: "Vpc", Type: "AWS::EC2::VPC", Action: test.action}}}
		report := o.Recheck(t.Context(), &changeset.Stack{Children: []*changeset.Stack{network}}, test.deployed, func(name, _ string) bool { return name == "Data/Database" })
		var got []string
		for _, f := range report.Findings {
			got = append(got, f.Key())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
