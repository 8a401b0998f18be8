package conformance

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

const (
	creation = types.ChangeSetTypeCreate
	update   = types.ChangeSetTypeUpdate
)

// parameter is a resource of a template: its value changes in place, its name by a replacement.
func parameter(id, value string, more ...string) string {
	return fmt.Sprintf(
		"  %s:\n    Type: AWS::SSM::Parameter\n%s    Properties:\n      Type: String\n      Value: %s\n", id,
		lines(more, "    "), value,
	)
}

func lines(all []string, indent string) string {
	var b strings.Builder
	for _, line := range all {
		b.WriteString(indent + line + "\n")
	}
	return b.String()
}

func topic(id, name, display string) string {
	return fmt.Sprintf(
		"  %s:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: %s\n      DisplayName: %s\n", id, name,
		display,
	)
}

func resources(all ...string) string { return "Resources:\n" + strings.Join(all, "") }

func export(key, value, name string) string {
	return fmt.Sprintf("  %s:\n    Value: %s\n    Export:\n      Name: %s\n", key, value, name)
}

func outputs(all ...string) string { return "Outputs:\n" + strings.Join(all, "") }

// nested is one nested stack of a root.
type nested struct {
	id, template, after string
}

// root is a template with nested stacks.
func (j *journey) root(children ...nested) string {
	j.t.Helper()
	text := "Resources:\n"
	for _, c := range children {
		text += "  " + c.id + ":\n    Type: AWS::CloudFormation::Stack\n"
		if c.after != "" {
			text += "    DependsOn: " + c.after + "\n"
		}
		text += "    Properties:\n      TemplateURL: " + j.upload(c.template) + "\n"
	}
	return text
}

// site is the root that most journeys deploy: App imports from Data what Data exports. The version is App's alone, the
// database's value is Data's.
func (j *journey) site(version, database string) string {
	j.t.Helper()
	return j.root(
		nested{
			id: "Data",
			template: resources(
				parameter("Database", database),
			) + outputs(
				export("Name", "!Ref Database", j.stack+"-data-Name"),
			),
		},
		nested{
			id:       "App",
			after:    "Data",
			template: resources(parameter("Version", version), parameter("Uses", "!ImportValue "+j.stack+"-data-Name")),
		},
	)
}

// change is a resource's change as text: the action, the logical id, whether it is replaced, what becomes of the old
// one.
func change(c types.Change) string {
	r := c.ResourceChange
	text := fmt.Sprintf("%s %s", r.Action, *r.LogicalResourceId)
	if r.Replacement != "" && r.Action == types.ChangeActionModify {
		text += " replacement " + string(r.Replacement)
	}
	if r.PolicyAction != "" {
		text += " policy " + string(r.PolicyAction)
	}
	for _, scope := range r.Scope {
		text += " " + string(scope)
	}
	return text
}

func summaries(changes []types.Change) []string {
	all := []string{}
	for _, c := range changes {
		all = append(all, change(c))
	}
	return all
}

// details of a change as text.
func details(c types.Change) []string {
	all := []string{}
	for _, d := range c.ResourceChange.Details {
		t := d.Target
		text := fmt.Sprintf("%s %s %s %s", t.Attribute, aws.ToString(t.Name), t.RequiresRecreation, d.Evaluation)
		text += " " + string(d.ChangeSource)
		if d.CausingEntity != nil {
			text += " of " + *d.CausingEntity
		}
		if t.Path != nil {
			text += fmt.Sprintf(" %s %q to %q", *t.Path, aws.ToString(t.BeforeValue), aws.ToString(t.AfterValue))
		}
		all = append(all, text)
	}
	return all
}

// final is the state of a change set as text.
func final(status types.ChangeSetStatus, execution types.ExecutionStatus, reason *string) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", status, execution, aws.ToString(reason)))
}

// parsed is JSON without its layout.
func parsed(text *string) any {
	var v any
	if err := json.Unmarshal([]byte(aws.ToString(text)), &v); err != nil {
		return err.Error()
	}
	return v
}
