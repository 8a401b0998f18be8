package template

import "github.com/awslabs/goformation/v7/cloudformation/tags"

// Name returns the tag that AWS's console shows as a resource's name. All other tags are the stack's, which CloudFormation passes on to its resources.
func Name(name string) []tags.Tag { return []tags.Tag{{Key: "Name", Value: name}} }
