package template

import "distributed-moodle/internal/cfn/changeset"

// DeletionOf is [Deletion] of a resource of a template by its logical id.
func DeletionOf(t Template, id string) changeset.Fate {
	return Deletion(mapOf(section(t, "Resources")[id]))
}

// Deletion is what becomes of a resource that its stack lets go, by its DeletionPolicy. Without one a database is copied first,
// everything else is deleted (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html).
func Deletion(resource map[string]any) changeset.Fate {
	policy, _ := resource["DeletionPolicy"].(string)
	if policy != "" {
		return fate(policy)
	}
	kind := typeOf(resource, nil)
	_, inCluster := mapOf(resource["Properties"])["DBClusterIdentifier"]
	if kind == "AWS::RDS::DBCluster" || kind == "AWS::RDS::DBInstance" && !inCluster {
		return changeset.Snapshot
	}
	return changeset.Deleted
}

// replacement is what becomes of the old one of a resource that is replaced: the worse of what the two templates say. The default of
// UpdateReplacePolicy is to delete, for databases too.
func replacement(old, new map[string]any) changeset.Fate {
	a, b := replaced(old), replaced(new)
	for _, worst := range []changeset.Fate{changeset.Deleted, changeset.Snapshot} {
		if a == worst || b == worst {
			return worst
		}
	}
	return changeset.Retained
}

func replaced(resource map[string]any) changeset.Fate {
	policy, _ := resource["UpdateReplacePolicy"].(string)
	return fate(policy)
}

func fate(policy string) changeset.Fate {
	switch policy {
	case "Retain", "RetainExceptOnCreate":
		return changeset.Retained
	case "Snapshot":
		return changeset.Snapshot
	}
	return changeset.Deleted
}
