package changeset

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"distributed-moodle/internal/stateful"
)

const cluster = "AWS::RDS::DBCluster"

func description(changes ...types.ResourceChange) *cloudformation.DescribeChangeSetOutput {
	d := &cloudformation.DescribeChangeSetOutput{StackName: aws.String("site"), Status: types.ChangeSetStatusCreateComplete}
	for _, c := range changes {
		d.Changes = append(d.Changes, types.Change{ResourceChange: &c})
	}
	return d
}

func change(action types.ChangeAction, id, kind string, details ...types.ResourceChangeDetail) types.ResourceChange {
	return types.ResourceChange{Action: action, LogicalResourceId: &id, ResourceType: &kind, Details: details}
}

// modify is a change of one property that makes a new resource, or may, or not.
func modify(id, kind string, replacement types.Replacement, policy types.PolicyAction, details ...types.ResourceChangeDetail) types.ResourceChange {
	c := change(types.ChangeActionModify, id, kind, details...)
	c.Replacement, c.PolicyAction = replacement, policy
	return c
}

func detail(path, before, after string, recreation types.RequiresRecreation, evaluation types.EvaluationType) types.ResourceChangeDetail {
	t := &types.ResourceTargetDefinition{Attribute: types.ResourceAttributeProperties, RequiresRecreation: recreation}
	if path != "" {
		t.Path = aws.String("/Properties/" + path)
	}
	if before != "" || after != "" {
		t.BeforeValue, t.AfterValue = &before, &after
	}
	return types.ResourceChangeDetail{Target: t, Evaluation: evaluation}
}

func TestActions(t *testing.T) {
	static, dynamic := types.EvaluationTypeStatic, types.EvaluationTypeDynamic
	always, never := types.RequiresRecreationAlways, types.RequiresRecreationNever
	for _, test := range []struct {
		name          string
		plain, values []types.ResourceChange
		want          Item
	}{
		{
			name:  "a certain replacement that loses data",
			plain: []types.ResourceChange{modify("Db", cluster, types.ReplacementTrue, types.PolicyActionReplaceAndDelete, detail("Engine", "a", "b", always, static))},
			want:  Item{Action: Replace, PolicyAction: PolicyDelete, Stateful: true},
		},
		{
			name:  "a replacement that hangs on a value nobody knows",
			plain: []types.ResourceChange{modify("Db", cluster, types.ReplacementTrue, types.PolicyActionReplaceAndSnapshot, detail("Key", "a", knownAfterApply, always, static))},
			want:  Item{Action: PerhapsReplace, PolicyAction: PolicySnapshot, Stateful: true},
		},
		{
			name:  "a replacement that hangs on whether a value changes",
			plain: []types.ResourceChange{modify("Db", cluster, types.ReplacementTrue, "", detail("Key", "", "", always, dynamic))},
			want:  Item{Action: PerhapsReplace, PolicyAction: PolicyUnknown, Stateful: true},
		},
		{
			name:  "a conditional replacement",
			plain: []types.ResourceChange{modify("Db", cluster, types.ReplacementConditional, types.PolicyActionReplaceAndRetain)},
			want:  Item{Action: PerhapsReplace, PolicyAction: PolicyRetain, Stateful: true},
		},
		{
			name:   "the two descriptions disagree",
			plain:  []types.ResourceChange{modify("Db", cluster, types.ReplacementConditional, types.PolicyActionReplaceAndDelete)},
			values: []types.ResourceChange{modify("Db", cluster, types.ReplacementFalse, "", detail("Name", "a", "b", never, static))},
			want:   Item{Action: PerhapsReplace, PolicyAction: PolicyDelete, Stateful: true},
		},
		{
			name:   "only the description without values has it",
			plain:  []types.ResourceChange{modify("Db", cluster, types.ReplacementFalse, "")},
			values: []types.ResourceChange{},
			want:   Item{Action: Change, Stateful: true, Uncertain: true},
		},
		{
			name:  "removed",
			plain: []types.ResourceChange{change(types.ChangeActionRemove, "Db", cluster)},
			want:  Item{Action: Remove, PolicyAction: PolicyUnknown, Stateful: true},
		},
		{
			name:  "nobody can say",
			plain: []types.ResourceChange{change(types.ChangeActionDynamic, "Db", cluster)},
			want:  Item{Action: Dynamic, PolicyAction: PolicyUnknown, Stateful: true},
		},
		{
			name:  "a nested stack goes with all that is in it",
			plain: []types.ResourceChange{change(types.ChangeActionRemove, "Db", stateful.NestedStack)},
			want:  Item{Action: Remove, PolicyAction: PolicyUnknown, Stateful: true},
		},
		{
			name:  "holds no data",
			plain: []types.ResourceChange{change(types.ChangeActionRemove, "Db", "AWS::EC2::Route")},
			want:  Item{Action: Remove, PolicyAction: PolicyUnknown},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := &Description{Plain: description(test.plain...)}
			if test.values != nil {
				d.Values = description(test.values...)
			}
			got := Build(d, nil).Items[0]
			got.LogicalID, got.Type, got.Properties = "", "", nil
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheManifestSaysWhatHoldsData(t *testing.T) {
	holds := func(path []string, id, _ string) (bool, bool) {
		return true, slices.Equal(path, []string{"Data"}) && id == "Table"
	}
	child := description(change(types.ChangeActionRemove, "Table", "Custom::Table"))
	root := description(modify("Data", stateful.NestedStack, types.ReplacementFalse, ""), change(types.ChangeActionRemove, "Table", "Custom::Table"))
	s := Build(&Description{Plain: root, Children: map[string]*Description{"Data": {Plain: child}}}, holds)
	found := s.Dangerous(TouchesData)
	if len(found) != 1 || found[0].Stack.LogicalID() != "Data" || !found[0].Item.LosesData() {
		t.Errorf("found %+v", found)
	}
}

func TestAnUnchangedNestedStackIsNoChange(t *testing.T) {
	unchanged := description()
	unchanged.Status = types.ChangeSetStatusFailed
	unchanged.StatusReason = aws.String("The submitted information didn't contain changes. Submit different information to create a change set.")
	s := Build(&Description{
		Plain:    description(modify("App", stateful.NestedStack, types.ReplacementFalse, "")),
		Children: map[string]*Description{"App": {Plain: unchanged}},
	}, nil)
	if s.Children[0].Changed() || len(s.Items) != 0 {
		t.Errorf("an unchanged nested stack is shown as %s", sketch(s))
	}
}

func TestStates(t *testing.T) {
	for _, test := range []struct {
		status types.ChangeSetStatus
		reason string
		want   State
	}{
		{types.ChangeSetStatusCreatePending, "", Pending},
		{types.ChangeSetStatusCreateInProgress, "", Pending},
		{types.ChangeSetStatusCreateComplete, "", Ready},
		{types.ChangeSetStatusCreateComplete, "Only executable from root change set", Ready},
		{types.ChangeSetStatusCreateComplete, "[WARN] something", Ready},
		{types.ChangeSetStatusFailed, "No updates are to be performed.", Unchanged},
		{types.ChangeSetStatusFailed, "Nested change set x was not successfully created: Currently in FAILED.", Broken},
		{types.ChangeSetStatusDeleteComplete, "", Gone},
	} {
		d := &cloudformation.DescribeChangeSetOutput{Status: test.status, StatusReason: &test.reason}
		if got := StateOf(d); got != test.want {
			t.Errorf("%s %q is %d, want %d", test.status, test.reason, got, test.want)
		}
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	never, static := types.RequiresRecreationNever, types.EvaluationTypeStatic
	s := Build(&Description{Plain: description(modify("Db", cluster, types.ReplacementFalse, "",
		detail("MasterUserPassword", "old-secret", "new-secret", never, static),
		detail("ProxyPassword", "{{resolve:secretsmanager:a}}", "{{resolve:secretsmanager:b}}", never, static),
		detail("MasterUserSecret/SecretArn", "arn:a", "arn:b", never, static),
		detail("Engine", "16", "17", never, static),
	))}, nil)
	want := []string{"(hidden)", "{{resolve:secretsmanager:b}}", "arn:b", "17"}
	var got []string
	for _, p := range s.Items[0].Properties {
		got = append(got, p.After)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever CloudFormation says, a resource with data that may be gone afterwards is among the dangerous.
func TestNothingWithDataGoesUnnoticed(t *testing.T) {
	actions := []types.ChangeAction{types.ChangeActionAdd, types.ChangeActionModify, types.ChangeActionRemove, types.ChangeActionDynamic, types.ChangeActionImport}
	replacements := append(types.Replacement("").Values(), "")
	policies := append(types.PolicyAction("").Values(), "")
	one := rapid.Custom(func(t *rapid.T) types.ResourceChange {
		id := rapid.SampledFrom([]string{"A", "B", "C", "D"}).Draw(t, "id")
		kind := map[string]string{"A": cluster, "B": cluster, "C": "AWS::EC2::Route", "D": stateful.NestedStack}[id]
		c := change(rapid.SampledFrom(actions).Draw(t, "action"), id, kind)
		c.Replacement = rapid.SampledFrom(replacements).Draw(t, "replacement")
		c.PolicyAction = rapid.SampledFrom(policies).Draw(t, "policy")
		if rapid.Bool().Draw(t, "detail") {
			c.Details = append(c.Details, detail("Engine", "a", rapid.SampledFrom([]string{"b", knownAfterApply}).Draw(t, "after"),
				rapid.SampledFrom(types.RequiresRecreation("").Values()).Draw(t, "recreation"), types.EvaluationTypeStatic))
		}
		return c
	})
	distinct := rapid.SliceOfNDistinct(one, 0, 4, func(c types.ResourceChange) string { return *c.LogicalResourceId })
	rapid.Check(t, func(t *rapid.T) {
		plain, values := distinct.Draw(t, "plain"), distinct.Draw(t, "values")
		s := Build(&Description{Plain: description(plain...), Values: description(values...)}, nil)
		for _, c := range slices.Concat(plain, values) {
			ends := c.Action == types.ChangeActionRemove || c.Action == types.ChangeActionDynamic ||
				c.Action == types.ChangeActionModify && (c.Replacement == types.ReplacementTrue || c.Replacement == types.ReplacementConditional)
			if !ends || *c.ResourceType == "AWS::EC2::Route" {
				continue
			}
			if !slices.ContainsFunc(s.Dangerous(TouchesData), func(f Located) bool { return f.Item.LogicalID == *c.LogicalResourceId }) {
				t.Fatalf("%s of %s goes unnoticed:\n%s", c.Action, *c.LogicalResourceId, sketch(s))
			}
		}
	})
}
