package stacks

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/servicerules"
	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/mistake"
)

// Refused returns what AWS's services would refuse of a site, as the mistakes of its environment file, and what they
// may refuse: a rule that nobody read again only warns. What no key of the file decides is an error of this program.
func (s *Site) Refused(env *environment.Environment) (warnings []servicerules.Violation, err error) {
	var refused []servicerules.Violation
	for _, v := range s.violations() {
		if v.Warns() {
			warnings = append(warnings, v)
		} else {
			refused = append(refused, v)
		}
	}
	if len(refused) == 0 {
		return warnings, nil
	}
	content, err := os.ReadFile(env.Path)
	if err != nil {
		return warnings, fmt.Errorf("find the key that decides what a service refuses: %w", err)
	}
	return warnings, explain(refused, environment.Variations(env, content), env.Path)
}

// violations checks the site's templates, with the tags that its stacks get.
func (s *Site) violations() []servicerules.Violation {
	site := &servicerules.Site{Tags: s.Manifest.Tags}
	for _, stack := range s.Stacks {
		site.Templates = append(site.Templates, servicerules.Template{Name: stack.Path, Values: stack.Values()})
	}
	return servicerules.Check(site)
}

// explain returns the mistakes of the file: each broken rule at the key that decides it.
func explain(refused []servicerules.Violation, variations []environment.Variation, path string) error {
	deciders := make([][]decider, len(refused))
	for _, variation := range variations {
		left, ok := remainsOf(variation.Environment)
		for i, v := range refused {
			if ok && !left[identity(v)] {
				deciders[i] = append(deciders[i], decider{variation, !left[resourceOf(v)]})
			}
		}
	}
	var mistakes mistake.Mistakes
	seen := map[string]bool{}
	for i, v := range refused {
		if len(deciders[i]) == 0 {
			return fmt.Errorf("no key of %s decides it, so it is a fault of this program: AWS would refuse %s", path, v)
		}
		m := mistakeAt(path, v, deciders[i])
		if at := m.Key + " " + v.Rule.ID; !seen[at] {
			seen[at] = true
			mistakes = append(mistakes, m)
		}
	}
	mistakes.Sort()
	return mistakes
}

// decider is a key that decides whether a rule is broken.
type decider struct {
	environment.Variation
	without bool // the resource does not exist in the variation
}

// identity names a violation, whatever else is before it in a list. A list or an object as a whole is left out.
func identity(v servicerules.Violation) string {
	switch v.Value.(type) {
	case []any, map[string]any:
		v.Value = nil
	}
	return fmt.Sprint(v.Rule.ID, " ", v.Template, " ", v.Resource, " ", v.Value)
}

func resourceOf(v servicerules.Violation) string { return v.Template + " " + v.Resource }

// remainsOf returns the violations and the resources of a variation. One that nobody can build is not ok.
func remainsOf(env *environment.Environment) (all map[string]bool, ok bool) {
	defer func() {
		if recover() != nil { // builders rely on checks that a variation has not passed
			all, ok = nil, false
		}
	}()
	site, err := Generate(env)
	if err != nil {
		return nil, false
	}
	all = map[string]bool{}
	for _, v := range site.violations() {
		all[identity(v)] = true
	}
	for _, stack := range site.Stacks {
		for _, r := range stack.Template.Resources() {
			all[stack.Path+" "+r.ID] = true
		}
	}
	return all, true
}

// mistakeAt returns the mistake at the key that decides most directly, and names the others.
func mistakeAt(path string, v servicerules.Violation, deciders []decider) mistake.Mistake {
	slices.SortStableFunc(deciders, func(a, b decider) int {
		return distance(a, v) - distance(b, v)
	})
	at := deciders[0]
	var others []string
	for _, d := range deciders[1:] {
		if !related(d.Key, at.Key) && !slices.Contains(others, d.Key) && !d.Section {
			others = append(others, d.Key)
		}
	}
	message := fmt.Sprintf(
		"AWS would refuse %s: %s. It would answer %q (%s)", place(v), v.Rule.Rule, v.Words(), v.Rule.Page,
	)
	if len(others) > 0 {
		message += "; this depends on " + strings.Join(others, ", ") + " too"
	}
	return mistake.Mistake{Path: path, Line: at.Line, Column: at.Column, Key: at.Key, Message: message}
}

// place names the value in the templates.
func place(v servicerules.Violation) string {
	return strings.TrimSuffix(v.Resource+"."+v.Path, ".") + " of " + v.Template
}

// related reports whether one key is in the other.
func related(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

// distance orders the keys that decide: one whose text is in the value, one whose change is enough, one that must go,
// one without which there is no such resource, a section that must go.
func distance(d decider, v servicerules.Violation) int {
	switch {
	case d.Section:
		return 4
	case d.without:
		return 3
	case len(d.Text) > 2 && strings.Contains(fmt.Sprint(v.Value), d.Text):
		return 0
	case !d.LeftOut:
		return 1
	}
	return 2
}
