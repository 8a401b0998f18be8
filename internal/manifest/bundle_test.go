package manifest

import (
	"archive/tar"
	"bytes"
	"io"
	"testing"
)

func TestPackIsTheSameBytesWithoutClockOrOwner(t *testing.T) {
	files := map[string][]byte{"boot.sh": []byte("x"), "php/a.php": []byte("y"), "b": nil}
	first, err := Pack(files)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Pack(files)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("two archives of the same files differ (%v)", err)
	}
	modes := map[string]int64{"b": 0o644, "boot.sh": 0o755, "php/a.php": 0o644}
	r := tar.NewReader(bytes.NewReader(first))
	for n := 0; ; n++ {
		h, err := r.Next()
		if err == io.EOF {
			if n != len(files) {
				t.Errorf("%d files in the archive, want %d", n, len(files))
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		// A file of 1970 is never cached by PHP's opcache.
		if h.ModTime.Year() < 1980 || h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Mode != modes[h.Name] {
			t.Errorf("%+v", h)
		}
		if text, err := io.ReadAll(r); err != nil || string(text) != string(files[h.Name]) {
			t.Errorf("%s is %q (%v)", h.Name, text, err)
		}
	}
}

func TestPackRefusesPathsThatLeaveTheFolder(t *testing.T) {
	for _, name := range []string{"../x", "/etc/passwd", "a/../../b", "", ".", "a//b"} {
		if _, err := Pack(map[string][]byte{name: nil}); err == nil {
			t.Errorf("packs %q", name)
		}
	}
}
