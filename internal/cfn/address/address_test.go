package address_test

import (
	"testing"

	"pgregory.net/rapid"

	"distributed-moodle/internal/cfn/address"
)

// Every path and address is read back as it was written, and a child never changes the path that it was made from.
func TestAddressesComeBackAsWritten(t *testing.T) {
	id := rapid.StringMatching(`[A-Za-z0-9]{1,8}`)
	rapid.Check(t, func(t *rapid.T) {
		path := address.Path(rapid.SliceOfN(id, 0, 3).Draw(t, "path"))
		text, name := path.String(), id.Draw(t, "id")
		if got := address.ParsePath(text); !got.Equal(path) || got.IsRoot() != (text == "") {
			t.Fatalf("%q is read as %q", text, got)
		}
		resource := path.Resource(name)
		if got := address.ParseResource(resource.String()); got != resource || !got.Path().Equal(path) {
			t.Fatalf("%q is read as %+v", resource, got)
		}
		one, other := path.Child(name), path.Child("Other")
		if one.LogicalID() != name || other.LogicalID() != "Other" || !one.Parent().Equal(path) || path.String() != text {
			t.Fatalf("the children of %q are %q and %q", text, one, other)
		}
	})
}

func TestTheRoot(t *testing.T) {
	var root address.Path
	if root.String() != "" || !root.IsRoot() || root.LogicalID() != "" || !root.Parent().IsRoot() || root.Resource("A").String() != "A" {
		t.Errorf("the root is %q in %q", root, root.Parent())
	}
}
