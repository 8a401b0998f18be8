package changeset

import "distributed-moodle/internal/stateful"

// Holds reports whether a resource holds data, by its stack's path, its logical id and its type; known is false for a resource that it
// has never heard of.
type Holds func(path []string, logicalID, resourceType string) (holds, known bool)

// Data reports whether a resource may hold data: by h where that knows it, else by its type. The manifest marks what a site keeps data
// in; the type speaks for resources that a new template no longer has, which no manifest of it can know. A nested stack always may.
func (h Holds) Data(path []string, logicalID, resourceType string) bool {
	if h != nil && resourceType != stateful.NestedStack {
		if holds, known := h(path, logicalID, resourceType); known {
			return holds
		}
	}
	return stateful.Possibly(resourceType)
}
