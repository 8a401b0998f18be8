package deploy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"distributed-moodle/internal/acceptfile"
	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

// reviewed is an accept file with an entry of each finding, as a person has completed it.
func reviewed(t *testing.T, findings []gate.Finding) *acceptfile.File {
	t.Helper()
	var text strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&text, "- code: %s\n  subject: %s\n  digest: %s\n  reason: the head of IT agrees\n", f.Code, f.Subject, f.Checksum)
	}
	file, err := acceptfile.Parse("environments/dev.accept", []byte(text.String()), gate.Codes(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// What was reviewed is accepted for exactly what was found, by plan, up and apply, and no plan file has it.
func TestWhatWasReviewedIsAccepted(t *testing.T) {
	losing(t, false, "true", "DISABLED", false, func(t *testing.T, a *cfntest.Account, saved *plan.Plan) {
		accepts := reviewed(t, saved.Findings)
		text, err := plan.Encode(saved)
		if err != nil || strings.Contains(string(text), "the head of IT agrees") {
			t.Fatalf("%v\n%s", err, text)
		}
		other := reviewed(t, saved.Findings)
		other.Entries[0].Checksum = "0123456789ab"
		r := &run{t: t, options: a.LoadOptions(), reviewed: other}
		wantCode(t, r.apply(saved), outcome.Refused, "--accept protection-removed/Data/Fs=")
		wantWords(t, r.stderr.String(), "environments/dev.accept:1: protection-removed/Data/Fs is accepted as 0123456789ab, and what is found now is "+saved.Findings[0].Checksum+": it is not accepted")
		r = &run{t: t, options: a.LoadOptions(), reviewed: accepts}
		if err := r.apply(saved); err != nil {
			t.Fatalf("%v\n%s", err, &r.stderr)
		}
		wantWords(t, r.stderr.String(), "accepted: the head of IT agrees", "site is deployed")
	})
}

// An entry that fits nothing is said, and stops nothing.
func TestAnEntryThatFitsNothingIsANote(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		r := m.run("v2")
		r.reviewed = reviewed(m.t, []gate.Finding{{Code: gate.DataLoss, Subject: "Data/Gone", Checksum: "0123456789ab"}})
		const note = "environments/dev.accept:1: nothing in this plan is data-loss/Data/Gone; remove the entry"
		wantWords(m.t, r.mustUp(), note)
		r.stderr.Reset()
		wantWords(m.t, r.mustUp(), note) // now there is nothing to deploy
	})
}

// One plan made twice, of two folders in two accounts, finds the same under the same checksums.
func TestTheSamePlanHasTheSameChecksums(t *testing.T) {
	var checksums []string
	for account, comment := range map[string]string{"111122223333": "", "444455556666": "# in other words\n"} {
		synctest.Test(t, func(t *testing.T) {
			a, dir := cfntest.New(t), t.TempDir()
			a.ID = account
			site := localawstest.Small("site")
			data := func(days, version string) string {
				return comment + "Resources:\n  Db:\n    Type: AWS::RDS::DBCluster\n    DeletionPolicy: Snapshot\n    Properties:\n      Engine: aurora-postgresql\n      BackupRetentionPeriod: " +
					days + "\n      EngineVersion: \"" + version + "\"\n" + localawstest.Export("Name", "site-data-Name", "!Ref Db")
			}
			site.Stacks["Data"] = data("14", "16.4")
			(&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).mustUp()
			site.Stacks["Data"] = data("7", "17.5")
			shown, _, err := (&run{t: t, out: site.Write(t, dir), options: a.LoadOptions()}).plan(false)
			wantCode(t, err, outcome.Refused)
			text := ""
			for _, f := range shown.Findings {
				text += f.Key() + " " + f.Checksum + "\n"
			}
			checksums = append(checksums, text)
		})
	}
	if checksums[0] != checksums[1] || !strings.Contains(checksums[0], "protection-removed/Data/Db") || !strings.Contains(checksums[0], "one-way/Data/Db") {
		t.Errorf("the first time\n%s\nand the second\n%s", checksums[0], checksums[1])
	}
}

// The accept file is beside the environment file that the folder names. A plan file alone does not say where it is.
func TestWhereTheAcceptFileIs(t *testing.T) {
	localawstest.New(t).Use(t)
	t.Chdir(t.TempDir())
	entry := "- {code: drift, subject: Data/%s, digest: 0123456789ab, reason: known}\n"
	for path, subject := range map[string]string{"environments/dev.accept": "Usual", "planned/dev.accept": "Planned"} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, fmt.Appendf(nil, entry, subject), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, source := range []string{"environments/dev.yaml", "planned/dev.yaml"} {
		m := &manifest.Manifest{Version: manifest.Version, Environment: "dev", Source: source, Site: "site", Region: localawstest.Region}
		session, err := deploy.OpenSaved(t.Context(), "out", m)
		if err != nil {
			t.Fatal(err)
		}
		file, err := session.Reviewed()
		if err != nil || len(file.Entries) > 0 {
			t.Errorf("%s: a plan file alone has %d entries read: %v", source, len(file.Entries), err)
		}
	}
	small := localawstest.Small("site")
	session, err := deploy.Open(t.Context(), small.Write(t, "out"), "dev")
	if err != nil {
		t.Fatal(err)
	}
	if file, err := session.Reviewed(); err != nil || len(file.Entries) != 1 || file.Entries[0].Subject != "Data/Usual" {
		t.Errorf("beside the environment file: %+v, %v", file, err)
	}
	if session, err = deploy.OpenSaved(t.Context(), "out", session.Site.Manifest); err != nil {
		t.Fatal(err)
	}
	if file, err := session.Reviewed(); err != nil || len(file.Entries) != 1 {
		t.Errorf("a plan of the folder: %+v, %v", file, err)
	}
	if err := os.WriteFile("environments/dev.accept", []byte(strings.ReplaceAll(entry, "drift", "upgrade")), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = session.Reviewed()
	wantCode(t, err, outcome.Refused, "environments/dev.accept:1:10: upgrade: is not the code of a gate that a file can accept")
}
