//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"distributed-moodle/internal/localawstest"
)

// Two administrators deploy the same site in the same night. In any moment of the first one's deployment the second one's runs
// whole: it wins, or is told that an operation runs. Nothing is lost, and no plan is left behind.
func TestTwoDeployersAtOnce(t *testing.T) {
	for _, existing := range []string{"", "v1"} {
		for _, m := range []moment{
			{"GetCallerIdentity 1", false}, {"PUT-bucket 1", false}, {"PUT-object 1", true}, {"CreateChangeSet 1", false}, {"CreateChangeSet 1", true},
			{"DescribeChangeSet 1", false}, {"DescribeChangeSet 4", false}, {"ExecuteChangeSet 1", false}, {"ExecuteChangeSet 1", true},
			{"DescribeStackEvents 2", true},
		} {
			if m.call == "PUT-bucket 1" && existing != "" {
				continue // the bucket is there
			}
			t.Run(strings.TrimPrefix(existing+" "+m.String(), " "), func(t *testing.T) {
				t.Parallel()
				account := localawstest.New(t)
				if existing != "" {
					deploys(t, account, toUp(folder(t, existing, true))...)
				}
				first, second, met := folder(t, "v2", true), folder(t, "v3", true), false
				var secondSaid string
				var secondErr error
				firstSaid, firstErr := in(t, account, m, func(*os.Process) {
					met = true
					said, err := deployer(t, account, account.URL, toUp(second)...).CombinedOutput()
					secondSaid, secondErr = string(said), err
				}, toUp(first)...)
				if !met {
					t.Fatalf("it never came to that:\n%s", firstSaid)
				}
				oneWins(t, firstErr, firstSaid, secondErr, secondSaid)
				noPlanIsLeft(t, account)
				stands := latest(t, account)
				if firstErr == nil && secondErr != nil && stands != "v2" || secondErr == nil && firstErr != nil && stands != "v3" {
					t.Errorf("%s is deployed, first: %v, second: %v", stands, firstErr, secondErr)
				}
				standsAsGenerated(t, account, toUp(second))
			})
		}
	}
}

// oneWins holds how two deployers ended against what a person must be told.
func oneWins(t *testing.T, firstErr error, firstSaid string, secondErr error, secondSaid string) {
	t.Helper()
	if firstErr != nil && secondErr != nil {
		t.Errorf("nobody wins:\n%s\n%s", firstSaid, secondSaid)
	}
	for said, err := range map[string]error{firstSaid: firstErr, secondSaid: secondErr} {
		refused := regexp.MustCompile(`(?m)^deploy: (the plan for killed is obsolete: somebody else has deployed|an operation on stack killed is running|create change set .* already exists)`)
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != 1 || !refused.MatchString(said)) {
			t.Errorf("%v, and not for being second:\n%s", err, said)
		}
	}
}

// latest is the version of the site that stands.
func latest(t *testing.T, account *localawstest.Account) string {
	t.Helper()
	api := client(account)
	resources, err := api.Resources(t.Context(), "killed")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resources {
		if r.LogicalID == "App" {
			body, err := api.Template(t.Context(), r.PhysicalID)
			if err != nil {
				t.Fatal(err)
			}
			return regexp.MustCompile(`v\d`).FindString(body)
		}
	}
	return ""
}
