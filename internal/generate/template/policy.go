package template

// Policy is an IAM policy document, for a role, a key, a bucket or a file system. Its parts are written in the order in
// which people read them.
type Policy struct {
	Version   string
	Statement []Statement
}

// Statement is one statement of a [Policy]. Action and Resource are a string or a list of strings, which may be intrinsics.
type Statement struct {
	Sid       string         `json:",omitempty"`
	Effect    string         // Allow or Deny
	Principal any            `json:",omitempty"` // "*", or {"Service": …} or {"AWS": …}
	Action    any            // what
	Resource  any            `json:",omitempty"` // on what; a role's trust policy has none
	Condition map[string]any `json:",omitempty"` // {"Bool": {"aws:SecureTransport": "false"}}
}

// PolicyOf is the policy document of statements, in the language version that has been current since 2012
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html).
func PolicyOf(statements ...Statement) Policy {
	return Policy{Version: "2012-10-17", Statement: statements}
}

// TrustService is the trust policy of a role that an AWS service takes on: "ec2.amazonaws.com".
func TrustService(service string) Policy {
	return PolicyOf(Statement{Effect: "Allow", Principal: map[string]string{"Service": service}, Action: "sts:AssumeRole"})
}
