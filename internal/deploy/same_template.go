package deploy

import "gopkg.in/yaml.v3"

// sameTemplate reports whether two templates say the same: equal bytes, or equal once parsed (comments and layout do not count).
func sameTemplate(a, b string) bool {
	if a == b {
		return true
	}
	var x, y yaml.Node
	if yaml.Unmarshal([]byte(a), &x) != nil || yaml.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return sameNode(&x, &y)
}

func sameNode(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.ShortTag() != b.ShortTag() || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !sameNode(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}
