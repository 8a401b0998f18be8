package changeset

import (
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/stateful"
)

// Holds reports whether a resource holds data, by its stack's path, its logical id and its type; known is false for a
// resource that it does not know.
type Holds func(path []string, logicalID, resourceType string) (holds, known bool)

// Data reports whether a resource may hold data: if h says so or every resource of its type does, and by its type alone
// if h does not know it. A nested stack always may.
func (h Holds) Data(path address.Path, logicalID, resourceType string) bool {
	if h != nil && resourceType != stateful.NestedStack {
		if holds, known := h(path, logicalID, resourceType); known {
			return holds || stateful.Always(resourceType)
		}
	}
	return stateful.Possibly(resourceType)
}
