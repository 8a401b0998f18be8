package spelling

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	known := []string{"network", "filesystem", "nat", "CidrBlock"}
	for word, want := range map[string]string{
		"netwrok": "network", "NETWORK": "network", "filesystm": "filesystem", "na": "nat", "CidrBlok": "CidrBlock",
		"something": "", "": "", "x": "", strings.Repeat("x", 10_000): "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("nearest to %.20q is %q, want %q", word, got, want)
		}
	}
}
