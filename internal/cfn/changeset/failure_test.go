package changeset

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

func TestLimits(t *testing.T) {
	for reason, want := range map[string]Limit{
		"No export named moodle-data-Endpoint found":                                                                         {Export: "moodle-data-Endpoint"},
		"No export named moodle-data-Endpoint found. Rollback requested by user.":                                            {Export: "moodle-data-Endpoint"},
		"Usage of {{IntrinsicFunction:site//Fn::ImportValue}} is not allowed.":                                               {},
		"Usage of {{IntrinsicFunction:site/Network.Outputs.VpcId/Fn::GetAtt}} is not allowed":                                {},
		"Unable to fetch parameters [{{IntrinsicFunction:a/B.Outputs.C/Fn::GetAtt}}] from parameter store for this account.": {},
		"Parameter 'Subnets' must match pattern subnet-.+":                                                                   {Parameter: "Subnets"},
		"Each value of parameter 'PolicyArns' must match pattern arn:.+":                                                     {Parameter: "PolicyArns"},
		"Parameter Size failed to satisfy constraint: small or large":                                                        {Parameter: "Size"},
	} {
		got, ok := Failure{Path: []string{"App"}, Reason: reason}.Limit()
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%s: %v\n%s", reason, ok, diff)
		}
		if _, ok := (Failure{Reason: reason}).Limit(); ok {
			t.Errorf("%s is a fault of the root", reason)
		}
	}
}

// A template that is wrong is never planned around.
func TestFaultsAreNoLimits(t *testing.T) {
	for _, reason := range []string{
		"Template format error: Unresolved resource dependencies [Vpc] in the Resources block of the template",
		"Template error: resource Vpc does not support attribute type Nonsense in Fn::GetAtt",
		"Parameters: [Size] must have values",
		"TemplateURL must be a supported URL.",
		"Update of resource type is not permitted. The new template modifies resource type of the following resources: [Vpc]",
		"Requires capabilities : [CAPABILITY_NAMED_IAM]",
		"ChangeSet limit exceeded for stack arn:aws:cloudformation:eu-central-1:1:stack/site/1",
		"The following hook(s) failed: [Guard]",
		"Properties validation failed for resource Vpc with message: extraneous key [Nonsense] is not permitted",
		"",
	} {
		if limit, ok := (Failure{Path: []string{"App"}, Reason: reason}).Limit(); ok {
			t.Errorf("%q is held for a limit: %+v", reason, limit)
		}
	}
}

func TestFailuresAreTheOwnReasonsOfTheTree(t *testing.T) {
	broken := func(reason string, children map[string]*Description) *Description {
		d := &Description{Plain: description(), Children: children}
		d.Plain.Status, d.Plain.StatusReason = types.ChangeSetStatusFailed, aws.String(reason)
		return d
	}
	const nested = "Nested change set arn was not successfully created: Currently in FAILED."
	root := broken(nested, map[string]*Description{
		"Data": broken(nested, map[string]*Description{"Inner": broken("deep", nil)}),
		"App":  broken("No export named x found", nil),
		"Same": broken("The submitted information didn't contain changes.", nil),
	})
	want := []Failure{{Path: []string{"App"}, Reason: "No export named x found"}, {Path: []string{"Data", "Inner"}, Reason: "deep"}}
	if diff := cmp.Diff(want, Failures(root)); diff != "" {
		t.Error(diff)
	}
	if all := Failures(&Description{Plain: description()}); len(all) > 0 {
		t.Errorf("a good one: %v", all)
	}
}

// SHARED's recordings: a missing export that CloudFormation only warns of is no failure at all.
func TestRecordedMissingExportIsNoFailure(t *testing.T) {
	answers := recorded(t, "import-missing-export.json", "TestChangeSetImportExport::test_describe_change_set_import_non_existent_export")
	if all := Failures(&Description{Plain: described(t, answers["describe_with_values"])}); len(all) > 0 {
		t.Errorf("failures %v", all)
	}
}
