package servicerules

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// shortest is how many characters a value has at least that is known at the deployment only.
const shortest = 8

var placeholder = regexp.MustCompile(`\$\{[^!}][^}]*\}`)

// least returns a value with every function replaced by the shortest text that it may stand for.
func least(value any) any {
	name, argument := function(value)
	switch name {
	case "":
	case "Fn::Base64":
		return least(argument)
	case "Fn::Sub":
		if list, ok := argument.([]any); ok && len(list) > 0 {
			argument = list[0]
		}
		return placeholder.ReplaceAllLiteralString(fmt.Sprint(argument), strings.Repeat("x", shortest))
	default:
		return strings.Repeat("x", shortest)
	}
	switch v := value.(type) {
	case map[string]any:
		filled := make(map[string]any, len(v))
		for key, inner := range v {
			filled[key] = least(inner)
		}
		return filled
	case []any:
		filled := make([]any, len(v))
		for i, inner := range v {
			filled[i] = least(inner)
		}
		return filled
	}
	return value
}

// leastBytes returns how many bytes a text, or the JSON of a document, has at least.
func leastBytes(value any) int {
	filled := least(value)
	if text, ok := filled.(string); ok {
		return len(text)
	}
	text := new(strings.Builder)
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(filled); err != nil {
		return 0 // a value that JSON lacks, which the schema's check reports
	}
	return text.Len() - len("\n")
}

// policySizes are the rules about the size of one policy.
var policySizes = map[string]struct {
	kind, property string
	most           int
}{
	"efs-policy-size": {"AWS::EFS::FileSystem", "FileSystemPolicy", 20000},
	"iam-trust-size":  {"AWS::IAM::Role", "AssumeRolePolicyDocument", 2048},
	"kms-policy-size": {"AWS::KMS::Key", "KeyPolicy", 32768},
	"s3-policy-size":  {"AWS::S3::BucketPolicy", "PolicyDocument", 20480},
}

func policySize(rule *Rule, all resources) []Violation {
	limit := policySizes[rule.ID]
	var violations []Violation
	for _, r := range all.of(limit.kind) {
		if n := leastBytes(r.properties[limit.property]); r.properties[limit.property] != nil && n > limit.most {
			violations = append(violations, r.violation(rule, limit.property, fmt.Sprint(n, " bytes")))
		}
	}
	return violations
}

// inlineSizeQuota is of all inline policies of a role together, white space not counted.
const inlineSizeQuota = 10240

func inlineSize(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, role := range all.of("AWS::IAM::Role") {
		n := 0
		for _, p := range role.at("Policies[].PolicyDocument") {
			if !p.unknown {
				n += leastBytes(p.value)
			}
		}
		for _, policy := range all.of("AWS::IAM::Policy") {
			for _, name := range items(policy.properties["Roles"]) {
				if policy.template == role.template && target(name) == role.id {
					n += leastBytes(policy.properties["PolicyDocument"])
				}
			}
		}
		if n > inlineSizeQuota {
			violations = append(violations, role.violation(rule, "Policies", fmt.Sprint(n, " bytes")))
		}
	}
	return violations
}

// statements returns the statements of a policy document, and whether they are all that it has.
func statements(document any) ([]map[string]any, bool) {
	var all []map[string]any
	policy, whole := document.(map[string]any) // it may also be the text of one
	whole = whole && !isFunction(document)
	for _, item := range items(policy["Statement"]) {
		if statement, ok := item.(map[string]any); ok && !isFunction(item) {
			all = append(all, statement)
		} else {
			whole = false
		}
	}
	return all, whole
}

// allows reports whether a policy has a statement that allows what a test says, unknown where a function may hide one.
func allows(document any, test func(statement map[string]any) truth) truth {
	all, whole := statements(document)
	best := no
	if !whole {
		best = unknown
	}
	for _, s := range all {
		effect := truthOf(s["Effect"] == "Allow")
		if isFunction(s["Effect"]) {
			effect = unknown
		}
		best = max(best, min(effect, test(s)))
	}
	return best
}

// says reports whether a value contains a text, unknown where a function other than Fn::Sub may contain it.
func says(value any, text string) truth {
	if mentions(value, text) {
		return yes
	}
	answer := no
	walk(value, func(inner any) {
		if name, _ := function(inner); name != "" && name != "Fn::Sub" {
			answer = unknown
		}
	})
	return answer
}

// does reports whether a statement is about an action, which it may name with wildcards.
func does(statement map[string]any, wanted string) truth {
	best := no
	if statement["NotAction"] != nil {
		best = unknown
	}
	for _, action := range items(statement["Action"]) {
		matches, err := path.Match(strings.ToLower(scalar(action)), strings.ToLower(wanted))
		if isFunction(action) || err != nil {
			best = max(best, unknown)
		} else if matches {
			best = yes
		}
	}
	return best
}

func keyPolicy(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, key := range all.of("AWS::KMS::Key") {
		policy := key.properties["KeyPolicy"]
		if policy == nil {
			continue
		}
		all, _ := statements(policy)
		for _, s := range all {
			if s["Principal"] == nil && s["NotPrincipal"] == nil {
				violations = append(violations, key.violation(rule, "KeyPolicy.Statement", s["Sid"]))
			}
		}
		changes := allows(policy, func(s map[string]any) truth { return does(s, "kms:PutKeyPolicy") })
		bypass := key.properties["BypassPolicyLockoutSafetyCheck"]
		if changes == no && (bypass == nil || key.known("BypassPolicyLockoutSafetyCheck") == "false") {
			violations = append(violations, key.violation(rule, "KeyPolicy", "nobody may change it"))
		}
	}
	return violations
}

func logsKey(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, group := range all.of("AWS::Logs::LogGroup") {
		key, ok := all.named(group, group.properties["KmsKeyId"])
		if !ok || key.kind != "AWS::KMS::Key" {
			continue // a key of another template or account
		}
		if allows(key.properties["KeyPolicy"], func(s map[string]any) truth {
			return says(s["Principal"], "logs.")
		}) == no {
			violations = append(violations, group.violation(rule, "KmsKeyId", key.id))
		}
	}
	return violations
}
