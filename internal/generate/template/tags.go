package template

import "github.com/awslabs/goformation/v7/cloudformation/tags"

// Name is the tag that AWS's console shows as a thing's name. All other tags are the stack's, which CloudFormation hands down.
func Name(name string) []tags.Tag { return []tags.Tag{{Key: "Name", Value: name}} }
