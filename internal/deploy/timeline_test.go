package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
)

func TestTimelineReplacesOnlyItsOwnPages(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		t := m.t
		file, done := filepath.Join(t.TempDir(), "last.html"), ""
		timeline := &deploy.Timeline{History: past(t, m.account, m.run("v1").out), Number: 1, File: file, Done: func(text string) { done = text }}
		for range 2 {
			if err := timeline.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode() != 0o600 || !strings.Contains(done, "is drawn in "+file) {
			t.Errorf("%v, said %q (%v)", info, done, err)
		}
		if err := os.WriteFile(file, []byte("a letter"), 0o644); err != nil {
			t.Fatal(err)
		}
		wantCode(t, timeline.Run(t.Context()), outcome.Refused, "is not a timeline of deploy history")
		if text, err := os.ReadFile(file); err != nil || string(text) != "a letter" {
			t.Errorf("the file is %q now (%v)", text, err)
		}
		timeline.File, timeline.Number = file+".new", 9
		wantCode(t, timeline.Run(t.Context()), outcome.Failed, "there is no operation 9")
	})
}

func TestASavedPlanIsReadAsItWasWritten(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		t := m.t
		_, saved, err := m.run("v2").plan(true)
		if outcome.CodeOf(err) != outcome.ChangesWaiting {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "dev.plan")
		_, err = deploy.LoadPlan(file)
		wantCode(t, err, outcome.Failed, "read the plan", "deploy plan ENVIRONMENT --out "+file)
		if err := deploy.SavePlan(file, saved); err != nil {
			t.Fatal(err)
		}
		read, err := deploy.LoadPlan(file)
		if err != nil || read.Changes.ChangeSetID != saved.Changes.ChangeSetID {
			t.Errorf("%+v (%v)", read, err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
			t.Errorf("%v (%v)", info, err)
		}
		wantCode(t, deploy.SavePlan(filepath.Join(file, "x"), saved), outcome.Failed, "save the plan", "--out")
	})
}
