package deploy_test

import (
	"os"
	"path/filepath"
	"testing"

	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

// unreachable is an environment in which any call fails at once: what is refused must be refused without one.
func unreachable(t *testing.T) {
	(&localawstest.Account{URL: "http://127.0.0.1:1", ID: "123456789012"}).Use(t)
}

func TestAnEditedFolderIsRefused(t *testing.T) {
	unreachable(t)
	site := localawstest.Small("edited")
	site.Application = &manifest.Application{Advice: manifest.Advice{Generate: "make templates"}}
	out := site.Write(t, t.TempDir())
	path := filepath.Join(out, "dev", "network.yaml")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(content, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	wantCode(t, (&run{t: t, out: out}).up(), outcome.Refused, "network.yaml differs from its manifest", "generate the folder again (make templates) and review")
}

func TestAnUnknownEnvironmentNamesThoseThereAre(t *testing.T) {
	unreachable(t)
	out := t.TempDir()
	wantCode(t, (&run{t: t, out: out}).up(), outcome.Failed, `no environment "dev"`, "nothing has been generated there")
	localawstest.Small("known").Write(t, out)
	if err := os.Rename(filepath.Join(out, "dev"), filepath.Join(out, "prod")); err != nil {
		t.Fatal(err)
	}
	wantCode(t, (&run{t: t, out: out}).up(), outcome.Failed, `no environment "dev"`, "there are: prod")
}

func TestAnotherRegionIsRefused(t *testing.T) {
	unreachable(t)
	t.Setenv("AWS_REGION", "us-east-1")
	out := localawstest.Small("far").Write(t, t.TempDir())
	wantCode(t, (&run{t: t, out: out}).up(), outcome.Refused, "AWS_REGION is us-east-1, but far is in eu-central-1", "unset AWS_REGION")
	t.Setenv("AWS_REGION", localawstest.Region)
	t.Setenv("AWS_DEFAULT_REGION", "us-east-1")
	wantCode(t, (&run{t: t, out: out}).up(), outcome.Refused, "AWS_DEFAULT_REGION")
}

func TestAnotherAccountIsRefused(t *testing.T) {
	localawstest.New(t).Use(t)
	site := localawstest.Small("elsewhere")
	site.Account = "999999999999"
	out := site.Write(t, t.TempDir())
	for name, command := range map[string]func(*run) error{"up": (*run).up, "destroy": (*run).destroy} {
		wantCode(t, command(&run{t: t, out: out}), outcome.Refused, "are for account 1", "elsewhere is in account 999999999999", "AWS_PROFILE")
		t.Log(name)
	}
	_, err := outputs(t, out)
	wantCode(t, err, outcome.Refused)
}

// The archive's digest stands in the templates; a folder whose node files pack to another one would boot other nodes.
func TestANodeArchiveOfAnotherDigestIsRefused(t *testing.T) {
	localawstest.New(t).Use(t)
	site := localawstest.Small("packed")
	site.Archive = "0000"
	out := site.Write(t, t.TempDir())
	wantCode(t, (&run{t: t, out: out}).up(), outcome.Refused, "the node's files pack to", "0000")
}
