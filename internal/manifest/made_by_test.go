package manifest

import "testing"

func TestARootTemplateSaysWhoMadeIt(t *testing.T) {
	for _, version := range []string{"dev", "v1.2.3", "v2.0.0-rc.1"} {
		if got := MakerIn(MadeBy("Moodle site (of a school)", version)); got != version {
			t.Errorf("got %q, want %q", got, version)
		}
	}
	for _, description := range []string{"", "Moodle site", "cut off (made by gen v1"} {
		if got := MakerIn(description); got != "" {
			t.Errorf("%q: got %q", description, got)
		}
	}
}
