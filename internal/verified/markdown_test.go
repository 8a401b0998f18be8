package verified

import (
	"fmt"
	"strings"
)

const head = `# What has been shown, and what has not

<!-- Written from internal/verified/rows.yaml: change that file, then go test ./internal/verified -update -->

## Shown here, on every ` + "`make test`" + `

- Templates: each property, required key, attribute and limit against CloudFormation's schemas, and against the rules of the services that
  ` + "`internal/cfn/servicerules/rules.yaml`" + ` lists; cfn-lint, checkov and cloudformation-validate
  without a finding; the project's own checks over every branch of the builders.
- Deployments: create, no change, change in place, failure and destroy on the local AWS, whose answers are compared with the service
  model that botocore ships and with answers recorded from real AWS.

## Not yet shown on AWS

Nobody has run this against a real account yet. Each row says how somebody with an account can show it.

` + "`deploy prove NAME`" + ` asks the rows marked ● of a deployed site, and writes the answers into a file. It changes nothing, so it only prints the
commands of all other rows. It takes no production site: show it on one like it. NAME, SITE, ID, ARN and the like stand for your own; a command without
` + "`deploy`" + ` or ` + "`aws`" + ` is typed on a node (` + "`deploy shell NAME`" + `). Costs and minutes are rough, and come on top of a site that runs anyway.
`

// Markdown returns the document of all rows.
func Markdown(all []Section) string {
	var b strings.Builder
	b.WriteString(head)
	for _, s := range all {
		fmt.Fprintf(&b, "\n### %s\n\n| | what | needs | costs | command | expected |\n| --- | --- | --- | --- | --- | --- |\n", s.Title)
		for _, r := range s.Rows {
			fmt.Fprintf(
				&b, "| %s`%s` | %s | %s | %s | %s | %s |\n", mark(r), r.ID, cell(r.What), cell(r.Needs), costs(r),
				code(r.Command), cell(r.Expect),
			)
		}
	}
	return b.String()
}

func mark(r Row) string {
	if r.Ask == nil {
		return ""
	}
	return "● "
}

func costs(r Row) string {
	if r.Cost == 0 {
		return fmt.Sprintf("%d min", r.Minutes)
	}
	return fmt.Sprintf("%d min, %v $", r.Minutes, r.Cost)
}

// cell escapes what would end a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// code shows a command, which may have backticks itself.
func code(text string) string {
	fence := "`"
	if strings.Contains(text, fence) {
		fence = "``"
	}
	return fence + cell(text) + fence
}
