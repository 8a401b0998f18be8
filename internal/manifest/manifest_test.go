package manifest

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func folder(t *testing.T, change func(*Manifest)) fstest.MapFS {
	t.Helper()
	m := &Manifest{Version: Version, Site: "moodle", Region: "eu-central-1", Root: FileOf("site.yaml", []byte("root")),
		Stacks: []Stack{{Name: "network", Template: FileOf("network.yaml", []byte("net"))}},
		Node:   &Bundle{Files: []File{FileOf("node/boot.sh", []byte("boot"))}}}
	change(m)
	encoded, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{
		FileName: {Data: encoded}, "site.yaml": {Data: []byte("root")}, "network.yaml": {Data: []byte("net")},
		"node/boot.sh": {Data: []byte("boot")}, "foreign": {Data: []byte("x")},
	}
}

func TestReadGivesWhatTheManifestVouchesFor(t *testing.T) {
	site, err := Read(folder(t, func(*Manifest) {}))
	if err != nil {
		t.Fatal(err)
	}
	if len(site.Content) != 3 || string(site.Content["network.yaml"]) != "net" {
		t.Errorf("content is %v", site.Content)
	}
	if got, want := site.BucketName("111122223333"), "moodle-artifacts-111122223333-eu-central-1"; got != want {
		t.Errorf("bucket %s, want %s", got, want)
	}
}

func isEdited(err error) bool {
	edited, is := errors.AsType[*EditedError](err)
	return is && edited.Manifest.Site == "moodle"
}

func TestReadRefuses(t *testing.T) {
	same := func(*Manifest) {}
	for _, test := range []struct {
		name   string
		folder func() fstest.MapFS
		edited bool
		want   string
	}{
		{"an edited template", func() fstest.MapFS {
			f := folder(t, same)
			f["network.yaml"] = &fstest.MapFile{Data: []byte("nets")}
			return f
		}, true, "network.yaml differs from its manifest"},
		{"a file that is missing", func() fstest.MapFS {
			f := folder(t, same)
			delete(f, "node/boot.sh")
			return f
		}, true, "node/boot.sh differs"},
		{"a pipe in the place of a template", func() fstest.MapFS {
			f := folder(t, same)
			f["network.yaml"] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
			return f
		}, true, "network.yaml differs from its manifest"},
		{"a template that is much too large", func() fstest.MapFS {
			f := folder(t, same)
			f["network.yaml"] = &fstest.MapFile{Data: make([]byte, 1<<20)}
			return f
		}, true, "network.yaml differs from its manifest"},
		{"a pipe in the place of the manifest", func() fstest.MapFS {
			return fstest.MapFS{FileName: {Mode: fs.ModeNamedPipe}}
		}, false, "site.json is not a regular file"},
		{"a manifest that is much too large", func() fstest.MapFS {
			return fstest.MapFS{FileName: {Data: make([]byte, largestManifest+1)}}
		}, false, "more than 16777216"},
		{"no manifest", func() fstest.MapFS { return fstest.MapFS{} }, false, "read the manifest"},
		{"another format", func() fstest.MapFS { return folder(t, func(m *Manifest) { m.Version = 9 }) }, false, "its format is 9, this program reads 1"},
		{"a field that nobody knows", func() fstest.MapFS {
			f := folder(t, same)
			f[FileName] = &fstest.MapFile{Data: []byte(`{"version": 1, "surprise": true}`)}
			return f
		}, false, "surprise"},
		{"no JSON", func() fstest.MapFS { return fstest.MapFS{FileName: {Data: []byte("x")}} }, false, "read site.json"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Read(test.folder())
			if err == nil || !strings.Contains(err.Error(), test.want) || isEdited(err) != test.edited {
				t.Errorf("error is %v, want %q (edited: %v)", err, test.want, test.edited)
			}
		})
	}
}

// The account's other buckets have names of people's own: only that of a site says where it is.
func TestRegionOfBucket(t *testing.T) {
	const account = "111122223333"
	for name, want := range map[string]string{
		BucketOf("moodle-dev", account, "eu-central-1"): "eu-central-1", BucketOf("m", account, "ap-southeast-2"): "ap-southeast-2",
		BucketOf("m", account, "eu-central-1") + "-backup": "", BucketOf("m", "444455556666", "eu-central-1"): "",
		BucketOf("", account, "eu-central-1"): "", BucketOf("m", account, ""): "", "moodle-dev-artifacts": "",
	} {
		if got, ok := RegionOfBucket(name, account); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q, %v, want %q", name, got, ok, want)
		}
	}
}
