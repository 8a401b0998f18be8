package deploy

import "testing"

func TestSameTemplate(t *testing.T) {
	const a = "# why\nResources:\n  A: {Type: X, Value: !Ref B}\n"
	for b, want := range map[string]bool{
		a: true, "Resources:\n  A:\n    Type: X # here\n    Value: !Ref B\n": true,
		"Resources:\n  A: {Type: X, Value: !Sub B}\n": false, "Resources:\n  A: {Type: X, Value: B}\n": false,
		"Resources:\n  A: {Type: X}\n": false, "": false, ": not yaml {": false,
	} {
		if got := sameTemplate(a, b); got != want {
			t.Errorf("the same as %q is %v", b, got)
		}
	}
}
