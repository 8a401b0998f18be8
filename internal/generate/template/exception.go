package template

import "strings"

// exception is a linter's rule that a resource breaks on purpose.
type exception struct{ rule, reason string }

// Accept takes one linter's rule off the resource, with the reason why breaking it is right here. checkov reads its own
// (CKV_…) with the reason from the metadata, cfn-lint its own (E…, W…, I…) without; the reason is then a comment beside it.
func (r *Resource) Accept(rule, reason string) *Resource {
	r.exceptions = append(r.exceptions, exception{rule, reason})
	return r
}

func (e exception) isCheckov() bool { return strings.HasPrefix(e.rule, "CKV") }
