// Package address names the stacks of a tree and their resources by their logical ids.
package address

import (
	"slices"
	"strings"
)

// Path is the place of a stack in a tree: the logical ids from the root. The root's path is empty.
type Path []string

// ParsePath reads what [Path.String] writes. A logical id has no slash: it is alphanumeric
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html).
func ParsePath(text string) Path {
	if text == "" {
		return nil
	}
	return strings.Split(text, "/")
}

// String returns the path as people write it: Data/Inner, "" for the root. It serves as a key of maps.
func (p Path) String() string { return strings.Join(p, "/") }

// IsRoot reports whether the path is that of the root.
func (p Path) IsRoot() bool { return len(p) == 0 }

// Child returns the path of a stack that is nested in this one.
func (p Path) Child(logicalID string) Path { return append(slices.Clone(p), logicalID) }

// Parent returns the path of the stack in which this one is nested; the root's own is the root.
func (p Path) Parent() Path { return p[:max(0, len(p)-1)] }

// LogicalID returns the stack's logical id in its parent; "" for the root.
func (p Path) LogicalID() string {
	if p.IsRoot() {
		return ""
	}
	return p[len(p)-1]
}

// Equal reports whether two paths name the same stack.
func (p Path) Equal(other Path) bool { return slices.Equal(p, other) }

// Resource returns the address of one of the stack's resources.
func (p Path) Resource(logicalID string) Resource {
	return Resource{Stack: p.String(), LogicalID: logicalID}
}

// Resource is the address of a resource in a tree. It serves as a key of maps.
type Resource struct {
	Stack     string // the path of its stack
	LogicalID string
}

// ParseResource reads what [Resource.String] writes.
func ParseResource(text string) Resource {
	i := strings.LastIndex(text, "/")
	return Resource{Stack: text[:max(0, i)], LogicalID: text[i+1:]}
}

// Path returns the path of the resource's stack.
func (r Resource) Path() Path { return ParsePath(r.Stack) }

// String returns the address as people write it: Data/Database, or Database in the root.
func (r Resource) String() string {
	if r.Stack == "" {
		return r.LogicalID
	}
	return r.Stack + "/" + r.LogicalID
}
