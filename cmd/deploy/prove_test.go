//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"

	"distributed-moodle/internal/localawstest"
)

// An interrupt between two questions ends the command, and leaves no half of a proof.
func TestAnInterruptedProofLeavesNoFile(t *testing.T) {
	t.Parallel()
	account := localawstest.New(t)
	site := localawstest.Small("interrupted")
	site.Account = account.ID
	site.Stacks["Data"] = "Resources:\n  Database:\n    Type: AWS::RDS::DBCluster\n    Properties:\n      Engine: aurora-postgresql\n      MasterUsername: master\n      ManageMasterUserPassword: true\n" +
		localawstest.Export("Name", "interrupted-data-Name", "!Ref Database")
	out, folder := site.Write(t, t.TempDir()), t.TempDir()
	deploys(t, account, "up", "dev", "--yes", "--folder", out)
	said, err := in(
		t, account, moment{"GetResource 1", false}, func(p *os.Process) { send(t, p, os.Interrupt) }, "prove", "dev",
		"--folder", out, "--out", filepath.Join(folder, "proof.json"),
	)
	interrupted(t, said, err, "nothing was written")
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("it left %v (%v)", left, err)
	}
}
