package manifest

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestFindNeedsOnlyWhichSiteItIs(t *testing.T) {
	whole := folder(t, func(m *Manifest) { m.Environment = "dev" })
	edited := folder(t, func(m *Manifest) { m.Environment = "dev" })
	edited["network.yaml"] = &fstest.MapFile{Data: []byte("nets")}
	text := func(manifest string) fstest.MapFS { return fstest.MapFS{FileName: {Data: []byte(manifest)}} }
	for name, c := range map[string]struct {
		folder     fstest.MapFS
		doubt, err string // parts of them
		production bool
	}{
		"as it was generated": {folder: whole},
		"edited":              {folder: edited, doubt: "network.yaml differs from its manifest"},
		"of a newer program": {
			folder: text(`{"version": 2, "new": 1, "environment": "dev", "site": "moodle", "region": "eu-central-1", "stacks": {"another": "shape"}}`),
			doubt:  "unknown field", production: true,
		},
		"with merge conflicts": {folder: text("<<<<<<< HEAD\n{}"), err: "invalid character"},
		"says too little":      {folder: text(`{"version": 2, "site": "moodle"}`), err: "its format is 2"},
		"no manifest":          {folder: fstest.MapFS{}, err: "read the manifest"},
	} {
		t.Run(name, func(t *testing.T) {
			m, doubt, err := Find(c.folder)
			if !contains(doubt, c.doubt) || !contains(err, c.err) {
				t.Fatalf("doubt %v, error %v; want %q, %q", doubt, err, c.doubt, c.err)
			}
			if err == nil && (m.Site != "moodle" || m.Region != "eu-central-1" || m.Production != c.production) {
				t.Errorf("found %+v", m)
			}
		})
	}
}

func contains(err error, part string) bool {
	if part == "" {
		return err == nil
	}
	return err != nil && strings.Contains(err.Error(), part)
}

func TestANamedSiteIsGivenToCommandsAsFlags(t *testing.T) {
	m := Named("moodle-prod", "eu-central-1")
	if m.Environment != "--site moodle-prod --region eu-central-1" || m.ToDeploy() != "ENVIRONMENT" || !m.Production {
		t.Errorf("got %+v, deployed by deploy up %s", m, m.ToDeploy())
	}
	if m := (&Manifest{Environment: "dev", Root: File{Path: "site.yaml"}}); m.ToDeploy() != "dev" {
		t.Errorf("deployed by deploy up %s", m.ToDeploy())
	}
}
