package observe_test

import (
	"slices"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/changeset"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/observe"
)

// site is one with a VPC in Network and a database in Data.
func site() *manifest.Site {
	return &manifest.Site{
		Manifest: &manifest.Manifest{
			Root:      manifest.File{Path: "site.yaml"},
			Stacks:    []manifest.Stack{{Name: "network", LogicalID: "Network", Template: manifest.File{Path: "network.yaml"}}, {Name: "data", LogicalID: "Data", Template: manifest.File{Path: "data.yaml"}}},
			Resources: []manifest.Resource{{Stack: "data", ID: "Database", Stateful: true}},
		},
		Content: map[string][]byte{"site.yaml": []byte("Resources: {}"), "network.yaml": []byte(vpc), "data.yaml": []byte("Resources: {Database: {Type: AWS::RDS::DBCluster}}")},
	}
}

func TestPlan(t *testing.T) {
	w := world{limit: 5, there: map[string]int{"AWS::EC2::VPC": 5}, drifted: []cfn.Resource{{LogicalID: "Database", Status: "MODIFIED"}}}
	network := func(action changeset.Action, items ...changeset.Item) *changeset.Stack {
		return &changeset.Stack{Path: []string{"Network"}, Action: action, Items: items}
	}
	for name, test := range map[string]struct {
		changes *changeset.Stack
		want    []string
	}{
		"a creation": {
			&changeset.Stack{StackID: "arn:root", Action: changeset.Add, Children: []*changeset.Stack{network(changeset.Add)}}, []string{"quota/Network/Vpc"},
		},
		"nothing of it changes": {&changeset.Stack{StackID: "arn:root", Action: changeset.Sync}, []string{"drift/Data/Database"}},
		"a VPC is added": {
			&changeset.Stack{StackID: "arn:root", Action: changeset.Sync, Children: []*changeset.Stack{network(changeset.Change, changeset.Item{LogicalID: "Vpc", Action: changeset.Add})}},
			[]string{"quota/Network/Vpc", "drift/Data/Database"},
		},
		"a VPC is changed": {
			&changeset.Stack{StackID: "arn:root", Action: changeset.Sync, Children: []*changeset.Stack{network(changeset.Change, changeset.Item{LogicalID: "Vpc", Action: changeset.Change})}},
			[]string{"drift/Data/Database"},
		},
	} {
		o := observe.Observer{DNS: w, Control: w, Quotas: w, Certificates: w, Drifts: w}
		var got []string
		for _, f := range o.Plan(t.Context(), site(), test.changes).Findings {
			got = append(got, f.Key())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %s, want %s", name, strings.Join(got, ", "), strings.Join(test.want, ", "))
		}
	}
}
