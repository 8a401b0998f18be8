package gate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/compare"
)

// iamWidened finds permissions that a role or policy has afterwards and had not before, and refusals that it no longer has.
func iamWidened(f Facts) []Finding {
	var all []Finding
	for _, d := range f.differences() {
		if !strings.HasPrefix(d.Type, "AWS::IAM::") || d.New == nil || d.Old == nil {
			continue
		}
		before, after := grants(d.Old["Properties"]), grants(d.New["Properties"])
		for _, g := range after {
			if g.allow && !covered(g, before) {
				all = append(all, widened(d, "allows "+g.String()))
			}
		}
		for _, g := range before {
			if !g.allow && !slices.Contains(after, g) {
				all = append(all, widened(d, "no longer refuses "+g.String()))
			}
		}
	}
	return all
}

func widened(d difference, what string) Finding {
	return Finding{
		Code: IAMWidened, Subject: d.subject(), What: what,
		Steps: []string{"name the actions and resources that are needed, no more"}, LastResort: "or accept it by name, with the reason",
	}
}

// grant is one action on one resource, for a principal, under a condition.
type grant struct {
	allow                                  bool
	principal, action, resource, condition string
}

func (g grant) String() string {
	text := g.action
	if g.resource != "" {
		text += " on " + g.resource
	}
	if g.principal != "" {
		text += " to " + g.principal
	}
	if g.condition != "" {
		text += " if " + g.condition
	}
	return text
}

// grants are all that the policy documents below v say, statement by statement, action by action.
func grants(v any) []grant {
	var all []grant
	switch v := v.(type) {
	case map[string]any:
		if statements, ok := v["Statement"]; ok {
			for _, s := range asList(statements) {
				all = append(all, statementGrants(mapOf(s))...)
			}
			return all
		}
		for _, key := range sortedKeys(v) {
			all = append(all, grants(v[key])...)
		}
		for _, arn := range asList(v["ManagedPolicyArns"]) {
			all = append(all, grant{allow: true, action: "all of policy " + compare.Text(arn)})
		}
	case []any:
		for _, item := range v {
			all = append(all, grants(item)...)
		}
	}
	return all
}

func statementGrants(s map[string]any) []grant {
	var all []grant
	condition := ""
	if c := s["Condition"]; c != nil {
		text, err := json.Marshal(c) // sorts the keys
		if err != nil {
			text = fmt.Append(nil, c)
		}
		condition = string(text)
	}
	principal := ""
	if p := s["Principal"]; p != nil {
		principal = compare.Text(p)
	}
	for _, action := range either(s, "Action", "NotAction") {
		for _, resource := range either(s, "Resource", "NotResource") {
			all = append(all, grant{s["Effect"] != "Deny", principal, action, resource, condition})
		}
	}
	return all
}

// either is the list under one of two keys, the second said with "not"; one empty text when there is none.
func either(s map[string]any, key, not string) []string {
	var all []string
	for _, v := range asList(s[key]) {
		all = append(all, compare.Text(v))
	}
	for _, v := range asList(s[not]) {
		all = append(all, "anything but "+compare.Text(v))
	}
	if len(all) == 0 {
		return []string{""}
	}
	return all
}

// covered reports whether something that was allowed before allows the grant as well.
func covered(g grant, before []grant) bool {
	return slices.ContainsFunc(before, func(b grant) bool {
		return b.allow && (b.condition == "" || b.condition == g.condition) && b.principal == g.principal &&
			matches(b.action, g.action) && matches(b.resource, g.resource)
	})
}

// matches reports whether a pattern with * takes in a text, itself perhaps a pattern.
func matches(pattern, text string) bool {
	head, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	if !strings.HasPrefix(text, head) {
		return false
	}
	text = text[len(head):]
	for i := range len(text) + 1 {
		if matches(rest, text[i:]) {
			return true
		}
	}
	return false
}

// newlyPublic finds statements of a resource's own policy that let everybody in, and refusals that are gone.
func newlyPublic(d difference) []string {
	before, after := grants(d.Old["Properties"]), grants(d.New["Properties"])
	var all []string
	for _, g := range after {
		if g.allow && strings.Contains(g.principal, "*") && !covered(g, before) {
			all = append(all, "everybody may "+g.String())
		}
	}
	for _, g := range before {
		if !g.allow && !slices.Contains(after, g) {
			all = append(all, "no longer refuses "+g.String())
		}
	}
	return all
}

func asList(v any) []any {
	if v == nil {
		return nil
	}
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}
