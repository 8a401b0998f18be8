package servicerules

import (
	"fmt"
	"slices"
	"strings"
)

// checks are the rules that relate several resources or need more than conditions, by the name that rules.yaml calls
// them by. Each returns what is certain to break the rule: what an intrinsic function hides is never reported.
var checks = map[string]func(*Rule, resources) []Violation{
	"rolling-update":       rollingUpdate,
	"one-action-at-a-time": oneActionAtATime,
	"actions-in-turn":      actionsInTurn,
	"alarm-span":           alarmSpan,
	"permission-once":      permissionOnce,
	"rules-per-group":      rulesPerGroup,
	"after-the-vpcs-range": afterTheVPCsRange,
	"after-the-attachment": afterTheAttachment,
	"endpoint-dns":         endpointDNS,
	"flow-log-permissions": flowLogPermissions,
	"user-data":            userData,
	"file-lifecycle":       fileLifecycle,
	"policy-size":          policySize,
	"mount-targets":        mountTargets,
	"cache-windows":        cacheWindows,
	"cache-family":         cacheFamily,
	"logs-permission":      logsPermission,
	"after-the-policy":     afterThePolicy,
	"logs-stay":            logsStay,
	"port-once":            portOnce,
	"priority-once":        priorityOnce,
	"inline-size":          inlineSize,
	"key-policy":           keyPolicy,
	"logs-key":             logsKey,
	"serverless-range":     serverlessRange,
	"cluster-family":       clusterFamily,
	"database-windows":     databaseWindows,
}

// resources are those of a site.
type resources []resource

// of returns the resources of a type.
func (all resources) of(kind string) resources {
	var matches resources
	for _, r := range all {
		if r.kind == kind {
			matches = append(matches, r)
		}
	}
	return matches
}

// named returns the resource that a value refers to by Ref or Fn::GetAtt, in the template of another one.
func (all resources) named(from resource, value any) (resource, bool) {
	id := target(value)
	for _, r := range all {
		if id != "" && r.template == from.template && r.id == id {
			return r, true
		}
	}
	return resource{}, false
}

// target returns the logical id in {Ref: ID} and {Fn::GetAtt: [ID, …]}.
func target(value any) string {
	name, argument := function(value)
	switch a := argument.(type) {
	case string:
		id, _, _ := strings.Cut(a, ".")
		if name == "Ref" || name == "Fn::GetAtt" {
			return id
		}
	case []any:
		if name == "Fn::GetAtt" && len(a) > 0 {
			return scalar(a[0])
		}
	}
	return ""
}

// violation is a place of the resource that breaks the rule.
func (r resource) violation(rule *Rule, path string, value any) Violation {
	return Violation{rule, r.template, r.id, path, value, r.properties}
}

// at returns the values at a path of the resource's properties.
func (r resource) at(path string) []place {
	return follow(place{value: any(r.properties)}, mustSteps(path))
}

// value returns the one value at a path, nil if there is none or nobody knows it.
func (r resource) value(path string) any {
	if places := r.at(path); len(places) == 1 && !places[0].unknown {
		return places[0].value
	}
	return nil
}

// known returns the text at a path, "" if there is none or nobody knows it.
func (r resource) known(path string) string {
	value := r.value(path)
	if value == nil || !isKnown(value) {
		return ""
	}
	return scalar(value)
}

// waitsFor reports whether CloudFormation makes the resource after another one of its template.
func (all resources) waitsFor(r resource, id string) bool {
	seen := map[string]bool{}
	var reaches func(resource) bool
	reaches = func(at resource) bool {
		for _, next := range at.dependencies() {
			if next == id {
				return true
			}
			if seen[next] {
				continue
			}
			seen[next] = true
			if one, ok := all.named(at, map[string]any{"Ref": next}); ok && reaches(one) {
				return true
			}
		}
		return false
	}
	return reaches(r)
}

// dependencies are the logical ids that the resource names in DependsOn or refers to.
func (r resource) dependencies() []string {
	var ids []string
	switch after := r.body["DependsOn"].(type) {
	case string:
		ids = append(ids, after)
	case []any:
		for _, id := range after {
			ids = append(ids, scalar(id))
		}
	}
	walk(r.properties, func(value any) {
		if id := target(value); id != "" {
			ids = append(ids, id)
		}
		if name, argument := function(value); name == "Fn::Sub" {
			ids = append(ids, placeholders(argument)...)
		}
	})
	return ids
}

// walk visits a value and all values in it.
func walk(value any, visit func(any)) {
	visit(value)
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			walk(inner, visit)
		}
	case []any:
		for _, inner := range v {
			walk(inner, visit)
		}
	}
}

// placeholders are the logical ids that the text of Fn::Sub names.
func placeholders(argument any) []string {
	text, _ := argument.(string)
	if list, ok := argument.([]any); ok && len(list) > 0 {
		text, _ = list[0].(string)
	}
	var ids []string
	for part := range strings.SplitSeq(text, "${") {
		if name, _, ok := strings.Cut(part, "}"); ok {
			id, _, _ := strings.Cut(name, ".")
			ids = append(ids, id)
		}
	}
	return ids
}

// twice returns the resources whose key another one has before them.
func twice(all resources, key func(resource) string) resources {
	seen := map[string]bool{}
	var again resources
	for _, r := range all {
		k := key(r)
		if k != "" && seen[k] {
			again = append(again, r)
		}
		seen[k] = true
	}
	return again
}

// mentions reports whether a value contains a text anywhere.
func mentions(value any, text string) bool {
	return strings.Contains(fmt.Sprint(value), text)
}

// items returns the items of a list, or the one value that is used instead of a list.
func items(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}

func has(value any, text string) bool {
	return slices.ContainsFunc(items(value), func(item any) bool { return scalar(item) == text })
}
