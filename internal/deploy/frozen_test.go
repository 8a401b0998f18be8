package deploy_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy"
)

// What deploy writes into an account is how it later knows its own: change sets that wait, stacks that it made, who began an operation.
// Accounts hold what older versions have written, so none of these ever changes.
var frozen = map[string]*regexp.Regexp{
	"name of a change set":          regexp.MustCompile(`^deploy-\d{8}-\d{6}-abc1234-[a-z0-9]{4}$`),
	"description":                   regexp.MustCompile(`^deploy-up dev by administrator, git abc1234$`),
	"description, stacks unchecked": regexp.MustCompile(`^deploy-nested stacks not checked by CloudFormation; up dev by administrator, git abc1234$`),
	"token of up":                   regexp.MustCompile(`^deploy-up-administrator-[a-z0-9]+$`),
	"token of destroy":              regexp.MustCompile(`^deploy-destroy-administrator-[a-z0-9]+$`),
	"template in the bucket":        regexp.MustCompile(`^memory-artifacts-\d{12}-eu-central-1/templates/[0-9a-f]{64}\.yaml$`),
	"node's files in the bucket":    regexp.MustCompile(`^memory-artifacts-\d{12}-eu-central-1/node/[0-9a-f]{64}\.tar$`),
	"record of gates in the bucket": regexp.MustCompile(`^memory-artifacts-\d{12}-eu-central-1/accepted/\d{8}-\d{6}-[a-z0-9]+\.json$`),
}

func TestWhatStandsInTheAccountIsFrozen(t *testing.T) {
	got := map[string]string{}
	inMemory(t, "v1", func(m *memory) {
		got["name of a change set"], got["description"] = m.executed()
		if err := m.run("v1").destroy(); err != nil {
			t.Fatal(err)
		}
		got["token of up"] = m.account.Calls("ExecuteChangeSet")[0].Token
		got["token of destroy"] = m.account.Calls("DeleteStack")[0].Token
	})
	inMemory(t, "", func(m *memory) {
		m.account.ChangeSetFails("App", strings.Replace(limits["an export"], "site-", "memory-", 1))
		r := m.run("v1")
		r.fallback = deploy.FallbackAlways
		r.mustUp()
		_, got["description, stacks unchecked"] = m.executed()
		for _, c := range m.account.Calls("PutObject") {
			_, key, _ := strings.Cut(c.Target, "/")
			folder, _, _ := strings.Cut(key, "/")
			kinds := map[string]string{"templates": "template", "node": "node's files", "accepted": "record of gates"}
			got[kinds[folder]+" in the bucket"] = c.Target
		}
	})
	for what, pattern := range frozen {
		if !pattern.MatchString(got[what]) {
			t.Errorf("%s: %q is not as it was: %s", what, got[what], pattern)
		}
	}
	if len(got) != len(frozen) {
		t.Errorf("there is more than is frozen: %q", got)
	}
}

// executed is the name and the description of the change set that the site's stack stands by.
func (m *memory) executed() (name, description string) {
	m.t.Helper()
	api := cfn.New(m.account.Config())
	stack, err := api.Stack(m.t.Context(), "memory")
	if err != nil {
		m.t.Fatal(err)
	}
	d, err := api.ChangeSet(m.t.Context(), stack.ChangeSet, false)
	if err != nil {
		m.t.Fatal(err)
	}
	return aws.ToString(d.ChangeSetName), aws.ToString(d.Description)
}
