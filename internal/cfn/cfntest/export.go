package cfntest

import (
	"slices"
	"strings"
)

// export returns the stack that exports a name, and the value.
func (a *Account) export(name string) (by *stack, value string, ok bool) {
	for _, s := range a.stacks {
		for _, o := range s.outputs {
			if o.export == name && name != "" {
				return s, o.value, true
			}
		}
	}
	return nil, "", false
}

// importers are the names of the other stacks that import a name. A stack whose update may still be rolled back also
// keeps its previous imports.
func (a *Account) importers(name string, except *stack) []string {
	var all []string
	for _, s := range a.stacks {
		before := s.before != nil && slices.Contains(s.before.imports, name)
		if s != except && (before || slices.Contains(s.imports, name)) {
			all = append(all, s.name)
		}
	}
	slices.Sort(all)
	return all
}

// scope is where the values of a stack's template come from during an operation.
func (a *Account) scope(s *stack) *scope {
	return &scope{
		account: a, stack: s, template: s.template, parameters: s.parameters,
		resource: func(id, attribute string) (any, error) {
			r := s.resources[id]
			switch {
			case r == nil:
				return nil, invalid("Template error: instance of Fn::GetAtt references undefined resource %s", id)
			case attribute == "":
				return r.physicalID, nil
			}
			return a.attribute(r, attribute)
		},
	}
}

// prepare finds out which resources a stack's template wants, and what it imports. An export that nobody gives is an error of
// the stack itself, not of a resource: "No export named X found."
func (a *Account) prepare(s *stack) (map[string]map[string]any, error) {
	scope := a.scope(s)
	wanted, err := scope.wanted()
	if err != nil {
		return nil, err
	}
	s.imports = nil
	for _, id := range sortedKeys(wanted) {
		for _, expression := range importsIn(propertiesOf(wanted[id])) {
			name, err := scope.text(expression)
			if err != nil {
				return nil, err
			}
			if _, _, ok := a.export(name); !ok {
				return nil, invalid("No export named %s found.", name)
			}
			s.imports = append(s.imports, name)
		}
	}
	return wanted, nil
}

// importsIn finds the arguments of Fn::ImportValue.
func importsIn(v any) []any {
	var all []any
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			all = append(all, importsIn(item)...)
		}
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if key == "Fn::ImportValue" {
				all = append(all, v[key])
				continue
			}
			all = append(all, importsIn(v[key])...)
		}
	}
	return all
}

// giveOut evaluates a stack's outputs and registers its exports, unless that would break another stack.
func (a *Account) giveOut(s *stack) error {
	scope := a.scope(s)
	wanted, err := scope.conditional(s.template.outputs)
	if err != nil {
		return err
	}
	var outputs []output
	for _, key := range sortedKeys(wanted) {
		o := output{key: key, description: text(wanted[key], "Description")}
		if o.value, err = scope.text(wanted[key]["Value"]); err != nil {
			return err
		}
		if export, ok := wanted[key]["Export"].(map[string]any); ok {
			if o.export, err = scope.text(export["Name"]); err != nil {
				return err
			}
		}
		outputs = append(outputs, o)
	}
	if err := a.checkExports(s, outputs); err != nil {
		return err
	}
	s.outputs = outputs
	return nil
}

func (a *Account) checkExports(s *stack, outputs []output) error {
	next := map[string]string{}
	for _, o := range outputs {
		if by, _, taken := a.export(o.export); taken && by != s {
			return invalid("Export with name %s is already exported by stack %s.", o.export, by.name)
		}
		next[o.export] = o.value
	}
	for _, o := range s.outputs {
		value, stays := next[o.export]
		users := a.importers(o.export, s)
		switch {
		case o.export == "" || len(users) == 0:
		case !stays:
			return invalid("Export %s cannot be deleted as it is in use by %s", o.export, and(users))
		case value != o.value:
			return invalid("Export %s cannot be updated as it is in use by %s", o.export, and(users))
		}
	}
	return nil
}

// inUse returns why a stack can't be deleted: another stack imports from it.
func (a *Account) inUse(s *stack) string {
	for _, o := range s.outputs {
		if users := a.importers(o.export, s); o.export != "" && len(users) > 0 {
			return "Delete canceled. Cannot delete export " + o.export + " as it is in use by " + and(users) + "."
		}
	}
	return ""
}

func and(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
