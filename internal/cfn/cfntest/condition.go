package cfntest

// holds evaluates a condition.
func (s *scope) holds(v any) (bool, error) {
	m, _ := v.(map[string]any)
	name, argument, ok := intrinsic(m)
	list, _ := argument.([]any)
	switch {
	case ok && name == "Condition":
		return s.holds(s.template.conditions[textOf(argument)])
	case ok && name == "Fn::Equals" && len(list) == 2:
		a, err := s.text(list[0])
		if err != nil {
			return false, err
		}
		b, err := s.text(list[1])
		return a == b, err
	case ok && name == "Fn::Not" && len(list) == 1:
		inner, err := s.holds(list[0])
		return !inner, err
	case ok && (name == "Fn::And" || name == "Fn::Or"):
		for _, item := range list {
			inner, err := s.holds(item)
			if err != nil || inner == (name == "Fn::Or") {
				return inner, err
			}
		}
		return name == "Fn::And", nil
	}
	return false, invalid("Template error: not a condition: %v", v)
}

func (s *scope) choose(argument any) (any, error) {
	branch, err := s.branch(argument)
	if err != nil {
		return nil, err
	}
	return s.value(branch)
}

// branch is the argument of Fn::If that counts.
func (s *scope) branch(argument any) (any, error) {
	list, _ := argument.([]any)
	if len(list) != 3 {
		return nil, invalid("Template error: Fn::If requires a list of 3 arguments")
	}
	holds, err := s.holds(map[string]any{"Condition": list[0]})
	if err != nil {
		return nil, err
	}
	if holds {
		return list[1], nil
	}
	return list[2], nil
}

// wanted returns the resources of the template whose conditions are true.
func (s *scope) wanted() (map[string]map[string]any, error) {
	return s.conditional(s.template.resources)
}

func (s *scope) conditional(members map[string]map[string]any) (map[string]map[string]any, error) {
	all := map[string]map[string]any{}
	for id, member := range members {
		if name, ok := member["Condition"]; ok {
			holds, err := s.holds(map[string]any{"Condition": name})
			if err != nil {
				return nil, err
			}
			if !holds {
				continue
			}
		}
		all[id] = member
	}
	return all, nil
}
