package deployment

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/changeset"
)

// sameTemplate says whether two templates say the same: equal bytes, or equal once parsed (comments and layout do not count).
func sameTemplate(a, b string) bool {
	if a == b {
		return true
	}
	var x, y yaml.Node
	if yaml.Unmarshal([]byte(a), &x) != nil || yaml.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return sameNode(&x, &y)
}

func sameNode(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.ShortTag() != b.ShortTag() || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !sameNode(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// policies are what a deployed template says about the end of a resource.
type policies struct {
	DeletionPolicy string `yaml:"DeletionPolicy"`
	Properties     struct {
		DBClusterIdentifier yaml.Node `yaml:"DBClusterIdentifier"`
	} `yaml:"Properties"`
}

// fate is what becomes of a resource when its stack is deleted. Without a policy a database is copied first, everything else
// is deleted (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html).
func (p policies) fate(resourceType string) changeset.Fate {
	switch p.DeletionPolicy {
	case "Retain", "RetainExceptOnCreate":
		return changeset.Retained
	case "Snapshot":
		return changeset.Snapshot
	case "":
		alone := resourceType == "AWS::RDS::DBInstance" && p.Properties.DBClusterIdentifier.IsZero()
		if alone || resourceType == "AWS::RDS::DBCluster" {
			return changeset.Snapshot
		}
	}
	return changeset.Deleted
}

// resourcesOf reads the resources of a template, whatever their intrinsics.
func resourcesOf(body string) (map[string]policies, error) {
	var template struct {
		Resources map[string]policies `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(body), &template); err != nil {
		return nil, fmt.Errorf("read the deployed template: %w", err)
	}
	return template.Resources, nil
}
