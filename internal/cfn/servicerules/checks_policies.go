package servicerules

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
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

// statements returns the statements of a policy document.
func statements(document any) []map[string]any {
	policy, _ := document.(map[string]any)
	var all []map[string]any
	for _, item := range items(policy["Statement"]) {
		if statement, ok := item.(map[string]any); ok && !isFunction(item) {
			all = append(all, statement)
		}
	}
	return all
}

func keyPolicy(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, key := range all.of("AWS::KMS::Key") {
		policy := key.properties["KeyPolicy"]
		if policy == nil || isFunction(policy) {
			continue
		}
		mayChange := false
		for _, s := range statements(policy) {
			if s["Principal"] == nil {
				violations = append(violations, key.violation(rule, "KeyPolicy.Statement", s["Sid"]))
			}
			changes := slices.ContainsFunc([]string{"*", "kms:*", "kms:Put*", "kms:PutKeyPolicy"}, func(action string) bool {
				return has(s["Action"], action)
			})
			mayChange = mayChange || s["Effect"] == "Allow" && changes
		}
		if !mayChange {
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
		allowed := false
		for _, s := range statements(key.properties["KeyPolicy"]) {
			allowed = allowed || s["Effect"] == "Allow" && mentions(s["Principal"], "logs.")
		}
		if !allowed {
			violations = append(violations, group.violation(rule, "KmsKeyId", key.id))
		}
	}
	return violations
}
