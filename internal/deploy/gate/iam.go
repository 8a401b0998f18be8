package gate

import (
	"encoding/json"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/template"
)

// iamWidened finds permissions that a role or policy has afterwards and had not before, and refusals that it no longer
// has.
func iamWidened(f Facts) []Finding {
	var all []Finding
	for _, d := range f.differences() {
		if !strings.HasPrefix(d.Type, "AWS::IAM::") || !d.New.Exists() || !d.Old.Exists() {
			continue
		}
		before, after := grants(d.Old.Properties()), grants(d.New.Properties())
		for _, g := range after {
			if g.allow && !covered(g, before) {
				all = append(all, widened(d, "allows "+g.String(), Fact{"allow", "", g.canonical()}))
			}
		}
		for _, g := range before {
			if !g.allow && !slices.Contains(after, g) {
				all = append(all, widened(d, "no longer denies "+g.String(), Fact{"deny", g.canonical(), ""}))
			}
		}
	}
	return all
}

func widened(d difference, what string, fact Fact) Finding {
	return Finding{
		Code: IAMWidened, Subject: d.subject(), What: what, Facts: []Fact{fact},
		Steps:      []string{"if nobody meant it: undo it, generate again and run deploy plan"},
		LastResort: "or pass --accept with the reason",
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

// canonical returns the grant in JSON.
func (g grant) canonical() string {
	text, err := json.Marshal([]string{g.principal, g.action, g.resource, g.condition})
	if err != nil {
		return g.String()
	}
	return string(text)
}

// grants are all that the policy documents below v say, statement by statement, action by action.
func grants(v template.Value) []grant {
	var all []grant
	if v.IsList() {
		for _, item := range v.Items() {
			all = append(all, grants(item)...)
		}
		return all
	}
	if statements := v.Key("Statement"); statements.Exists() {
		for _, s := range statements.Items() {
			all = append(all, statementGrants(s)...)
		}
		return all
	}
	for _, key := range v.Keys() {
		all = append(all, grants(v.Key(key))...)
	}
	for _, arn := range v.Key("ManagedPolicyArns").Items() {
		all = append(all, grant{allow: true, action: "all of policy " + arn.String()})
	}
	return all
}

func statementGrants(s template.Value) []grant {
	var all []grant
	condition := ""
	if c := s.Key("Condition"); c.Exists() {
		text, err := json.Marshal(c) // sorts the keys
		if err != nil {
			text = []byte(c.String())
		}
		condition = string(text)
	}
	principal := s.Key("Principal").String()
	for _, action := range either(s, "Action", "NotAction") {
		for _, resource := range either(s, "Resource", "NotResource") {
			all = append(all, grant{s.Key("Effect").String() != "Deny", principal, action, resource, condition})
		}
	}
	return all
}

// either is the list under one of two keys, the second said with "not"; one empty text when there is none.
func either(s template.Value, key, not string) []string {
	var all []string
	for _, v := range s.Key(key).Items() {
		all = append(all, v.String())
	}
	for _, v := range s.Key(not).Items() {
		all = append(all, "anything but "+v.String())
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
func newlyPublic(d difference) []observation {
	before, after := grants(d.Old.Properties()), grants(d.New.Properties())
	var all []observation
	for _, g := range after {
		if g.allow && strings.Contains(g.principal, "*") && !covered(g, before) {
			all = append(all, observation{"everybody may " + g.String(), Fact{"allow", "", g.canonical()}})
		}
	}
	for _, g := range before {
		if !g.allow && !slices.Contains(after, g) {
			all = append(all, observation{"no longer denies " + g.String(), Fact{"deny", g.canonical(), ""}})
		}
	}
	return all
}
