package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"distributed-moodle/internal/deploy/gate"
)

// exports looks whether another stack of the account and region has an export of a name that is to be made: names are
// unique there (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html).
func (o *Observer) exports(ctx context.Context, r *Report, s Site) {
	fresh := map[string]string{} // subject by name
	for _, stack := range s.Stacks {
		before := stack.Old.Exports()
		for name, export := range stack.New.Exports() {
			if _, there := before[name]; !there {
				fresh[name] = inStack(stack, export.Key)
			}
		}
	}
	if o.Stacks == nil || len(fresh) == 0 {
		return
	}
	taken, err := o.Stacks.Exporters(ctx)
	if err != nil {
		r.note("whether another stack has exports of the same names could not be read" + reasonOf(err))
		return
	}
	own := slices.Collect(maps.Values(s.Deployed))
	for _, name := range slices.Sorted(maps.Keys(fresh)) {
		stack, is := taken[name]
		if !is || slices.Contains(own, stack) {
			continue
		}
		r.Findings = append(r.Findings, gate.Finding{
			Code: gate.ExportTaken, Subject: fresh[name], Fails: true, Facts: gate.Kind("taken", name),
			What: fmt.Sprintf("stack %s of this account and region exports %s already", nameOf(stack), name),
			Steps: []string{
				"give the site another name: site in the environment file",
				"or, if nobody needs that stack: aws cloudformation delete-stack --stack-name " + nameOf(stack),
			},
		})
	}
}

// nameOf returns the name of a stack in its id: arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/ID.
func nameOf(id string) string {
	_, path, is := strings.Cut(id, ":stack/")
	name, _, _ := strings.Cut(path, "/")
	if !is {
		return id
	}
	return name
}
